//! The rules of lines, sites and sizes.

use super::{Ask, Facts, Line, MAX_TOUCHED, MAX_UNITS, Refusal};
use crate::catalog::Item;
use crate::id::{LotId, SiteId, Sku};
use crate::stock::counter::{Place, Shelf, changes};
use crate::stock::document::{Body, Seen};
use crate::stock::movement::{Kind, Movement};
use crate::stock::stow::Stow;
use std::collections::{BTreeMap, BTreeSet};

/// A line that breaks no rule, and the stow its units are told apart by.
pub struct Checked<'a> {
    pub line: &'a Line,
    pub stow: Option<Stow>,
}

/// Every site named exists.
pub fn sites(ask: &Ask, facts: &Facts) -> Result<(), Refusal> {
    match ask.sites().into_iter().find(|(_, site)| !facts.sites.contains(*site)) {
        Some((pointer, _)) => Err(Refusal::invalid(pointer, "is not in the catalog")),
        None => Ok(()),
    }
}

/// The item, if it has stock of its own.
pub fn item<'a>(sku: &Sku, pointer: &str, facts: &'a Facts) -> Result<&'a Item, Refusal> {
    let item = facts.items.get(sku).ok_or_else(|| Refusal::invalid(pointer, "is not in the catalog"))?;
    if item.components.is_empty() {
        return Ok(item);
    }
    Err(Refusal::invalid(pointer, "is a bundle, which has no stock: name its parts"))
}

/// The lines, each of `least` units or more, in the order given.
pub fn lines<'a>(lines: &'a [Line], least: i64, facts: &Facts) -> Result<Vec<Checked<'a>>, Refusal> {
    some(lines)?;
    let mut units = BTreeSet::new();
    let mut serials = BTreeSet::new();
    let mut checked = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let at = |field: &str| format!("/lines/{number}/{field}");
        let item = item(&line.sku, &at("sku"), facts)?;
        quantity(line.quantity, least, at("quantity"))?;
        let stow = item.tracking.check(line.stow.clone()).map_err(|(field, rule)| Refusal::invalid(at(field), rule))?;
        if let Some(serial) = stow.as_ref().and_then(|stow| stow.serial.clone()) {
            if line.quantity.abs() > 1 {
                return Err(Refusal::invalid(at("quantity"), "must be 1: each unit has a serial number of its own"));
            }
            if !serials.insert((line.sku.clone(), serial)) {
                return Err(Refusal::invalid(at("serial"), "is on an earlier line already"));
            }
        }
        if !units.insert((line.sku.clone(), stow.clone())) {
            return Err(Refusal::invalid(at("sku"), "is on an earlier line already"));
        }
        checked.push(Checked { line, stow });
    }
    Ok(checked)
}

/// The lines of an announcement: nobody knows yet which units will come.
pub fn announced(lines: &[Line], facts: &Facts) -> Result<(), Refusal> {
    some(lines)?;
    let mut skus = BTreeSet::new();
    for (number, line) in lines.iter().enumerate() {
        let at = |field: &str| format!("/lines/{number}/{field}");
        item(&line.sku, &at("sku"), facts)?;
        quantity(line.quantity, 1, at("quantity"))?;
        if !skus.insert(&line.sku) {
            return Err(Refusal::invalid(at("sku"), "is on an earlier line already"));
        }
    }
    Ok(())
}

fn some(lines: &[Line]) -> Result<(), Refusal> {
    if lines.is_empty() {
        return Err(Refusal::invalid("/lines", "must have at least one line"));
    }
    Ok(())
}

fn quantity(quantity: i64, least: i64, pointer: String) -> Result<(), Refusal> {
    if !(least..=MAX_UNITS).contains(&quantity) {
        return Err(Refusal::invalid(pointer, format!("must be {least} to {MAX_UNITS}")));
    }
    Ok(())
}

/// The counters that say that none of the serial numbers that come in is there already.
pub fn serials_that_come_in(lines: &[Checked<'_>], site: &SiteId, facts: &Facts) -> Result<Vec<Seen>, Refusal> {
    let mut seen = BTreeMap::new();
    for (number, Checked { line, stow }) in lines.iter().enumerate().filter(|(_, checked)| checked.line.quantity > 0) {
        let Some(serial) = stow.as_ref().and_then(|stow| stow.serial.as_ref()) else { continue };
        if let Some(there) = whereabouts(&line.sku, serial, facts) {
            let rule = format!("is on hand already, at {there}");
            return Err(Refusal::invalid(format!("/lines/{number}/serial"), rule));
        }
        seen.extend(everywhere(&line.sku, site, facts));
    }
    Ok(seen.into_iter().map(|(shelf, units)| Seen { shelf, units }).collect())
}

/// The site where a serial number of an item is on hand.
pub fn whereabouts<'a>(sku: &Sku, serial: &LotId, facts: &'a Facts) -> Option<&'a SiteId> {
    facts.levels.iter().find_map(|(shelf, level)| match &shelf.place {
        Place::Stow(there, stow) if shelf.sku == *sku && stow.serial.as_ref() == Some(serial) && level.on_hand > 0 => {
            Some(there)
        }
        Place::Stow(..) | Place::Site(_) | Place::Network | Place::Announced(_) => None,
    })
}

/// Units on hand of an item at every site: while they stay, no serial number of it comes in anywhere.
pub fn everywhere(sku: &Sku, site: &SiteId, facts: &Facts) -> BTreeMap<Shelf, i64> {
    let units = |shelf: &Shelf| facts.levels.get(shelf).map_or(0, |level| level.on_hand);
    let sites = facts.sites.iter().chain([site]).map(|site| Shelf::site(sku.clone(), site.clone()));
    let known = facts.levels.keys().filter(|shelf| shelf.sku == *sku && matches!(shelf.place, Place::Site(_)));
    sites.chain(known.cloned()).map(|shelf| (shelf.clone(), units(&shelf))).collect()
}

/// A document touches no more items than one transaction holds; nor does what it proposes.
pub fn limits(body: &Body, movements: &[Movement], seen: &[Seen]) -> Result<(), Refusal> {
    let mut touched: BTreeSet<Shelf> = shelves(movements);
    touched.extend(seen.iter().map(|one| one.shelf.clone()));
    let proposed = match body {
        Body::Count { proposal, .. } => shelves(proposal).len(),
        Body::Announcement { .. }
        | Body::Withdrawal { .. }
        | Body::Receipt { .. }
        | Body::Transfer { .. }
        | Body::Adjustment { .. }
        | Body::Decision { .. } => 0,
    };
    let most = touched.len().max(proposed);
    if most > MAX_TOUCHED {
        let rule = format!("touch {most} counters, and one document touches at most {MAX_TOUCHED}: send several");
        return Err(Refusal::invalid("/lines", rule));
    }
    Ok(())
}

fn shelves(movements: &[Movement]) -> BTreeSet<Shelf> {
    let counted = movements.iter().filter(|movement| movement.kind == Kind::Counted);
    let stamped = counted.filter_map(|one| Some(Shelf::site(one.sku.clone(), one.site.clone()?)));
    changes(movements).into_iter().map(|change| change.shelf).chain(stamped).collect()
}
