//! Counting: what a count proposes, who decides, and when an item is counted again.

use super::counter::{Level, Place, Shelf};
use super::document::{Body, CountLine, Document, Seen};
use super::filing::{Decided, Facts, Line, Refusal, check};
use super::movement::{Kind, Movement, Reason};
use crate::catalog::CountClass;
use crate::id::{DocumentId, SiteId};
use crate::order::Actor;
use crate::text::Text;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// Is an item to be counted again at a site, where it was last counted then?
#[must_use]
pub fn count_due(class: CountClass, counted_at: Option<Timestamp>, now: Timestamp) -> bool {
    let every = SignedDuration::from_hours(24 * class.days());
    counted_at.is_none_or(|counted_at| now.duration_since(counted_at) >= every)
}

pub(super) fn count(site: &SiteId, lines: &[Line], write_off_held: bool, facts: &Facts) -> Decided {
    let (mut found, mut movements, mut proposal, mut seen) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for checked in check::lines(lines, 0, facts)? {
        let (sku, counted) = (checked.line.sku.clone(), checked.line.quantity);
        let place = match &checked.stow {
            Some(stow) => Place::Stow(site.clone(), stow.clone()),
            None => Place::Site(site.clone()),
        };
        let shelf = Shelf { sku: sku.clone(), place };
        let level = facts.levels.get(&shelf).copied().unwrap_or_default();
        let expected = level.on_hand - level.held;
        let moved = |kind, quantity| Movement::at(kind, sku.clone(), site.clone(), quantity).of(checked.stow.clone());
        proposal.extend(corrections(counted - expected, level, write_off_held).into_iter().map(|(kind, units)| {
            let moved = moved(kind, units);
            if kind == Kind::Restored { moved } else { moved.because(Reason::Count) }
        }));
        movements.push(moved(Kind::Counted, counted));
        seen.push(Seen { shelf, units: level.on_hand });
        found.push(CountLine { sku, stow: checked.stow, expected, counted });
    }
    Ok((Body::Count { site: site.clone(), lines: found, proposal }, movements, seen))
}

/// What makes a shelf agree that has `difference` units more, or fewer, than expected. Units that are spoken for and not
/// there are not taken off: the picker finds them missing, and the order they were for is told.
fn corrections(difference: i64, level: Level, write_off_held: bool) -> Vec<(Kind, i64)> {
    let missing = (-difference).clamp(0, level.free.max(0));
    let restored = difference.clamp(0, level.held.max(0));
    let more = difference.max(0) - restored;
    let gone = if write_off_held { level.held - restored } else { 0 };
    let all =
        [(Kind::Adjusted, -missing), (Kind::Restored, restored), (Kind::Adjusted, more), (Kind::WrittenOff, gone)];
    all.into_iter().filter(|(_, units)| *units != 0).collect()
}

pub(super) fn decide(
    (count, approved, note): (&DocumentId, bool, &Text<300>),
    is_admin: bool,
    actor: &Actor,
    facts: &Facts,
) -> Decided {
    let found = facts.document.as_ref().ok_or(Refusal::Unknown("count"))?;
    let proposal = proposal(found).ok_or(Refusal::Unknown("count"))?;
    if !found.opens_case() {
        return Err(Refusal::NotNow("the count agrees: there is nothing to decide"));
    }
    if approved && !is_admin && found.actor == *actor {
        return Err(Refusal::invalid("/decision", "must be another person's than the count"));
    }
    let movements = if approved { proposal.to_vec() } else { Vec::new() };
    let seen = serials_found(&movements, facts)?;
    Ok((Body::Decision { count: count.clone(), approved, note: note.clone() }, movements, seen))
}

/// What says that serial numbers that were found are on hand nowhere else.
fn serials_found(movements: &[Movement], facts: &Facts) -> Result<Vec<Seen>, Refusal> {
    let mut seen = BTreeMap::new();
    for found in movements.iter().filter(|movement| movement.kind == Kind::Adjusted && movement.quantity > 0) {
        let serial = found.stow.as_ref().and_then(|stow| stow.serial.as_ref());
        let (Some(serial), Some(site)) = (serial, &found.site) else { continue };
        if check::whereabouts(&found.sku, serial, facts).is_some() {
            return Err(Refusal::NotNow("a serial number that was found is on hand elsewhere"));
        }
        seen.extend(check::everywhere(&found.sku, site, facts));
    }
    Ok(seen.into_iter().map(|(shelf, units)| Seen { shelf, units }).collect())
}

fn proposal(document: &Document) -> Option<&[Movement]> {
    match &document.body {
        Body::Count { proposal, .. } => Some(proposal),
        Body::Announcement { .. }
        | Body::Withdrawal { .. }
        | Body::Receipt { .. }
        | Body::Transfer { .. }
        | Body::Adjustment { .. }
        | Body::Decision { .. } => None,
    }
}

#[cfg(test)]
mod tests;
