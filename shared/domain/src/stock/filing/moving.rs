//! What comes in, leaves, and is put right.

use super::check::{self, Checked};
use super::{Action, Decided, Facts, Line, Refusal};
use crate::id::{DocumentId, SiteId, Sku};
use crate::stock::counter::{Place, Shelf};
use crate::stock::document::{Body, Document, Seen};
use crate::stock::movement::{Kind, Movement, Reason};
use crate::text::Text;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// The number that people outside know a document by.
type Reference = Option<Text<64>>;

pub fn announce(
    (site, due, reference): (&SiteId, Date, &Reference),
    lines: &[Line],
    id: &DocumentId,
    facts: &Facts,
) -> Decided {
    check::announced(lines, facts)?;
    let expected =
        |line: &Line| Movement::network(Kind::Expected, line.sku.clone(), line.quantity).announced(id.clone());
    let body = Body::Announcement { site: site.clone(), due, reference: reference.clone() };
    Ok((body, lines.iter().map(expected).collect(), Vec::new()))
}

/// What a document announced, as the kind it comes in as, and where.
fn promised(document: &Document) -> Option<(Kind, &SiteId)> {
    match &document.body {
        Body::Announcement { site, .. } => Some((Kind::Arrived, site)),
        Body::Transfer { to, .. } => Some((Kind::TransferredIn, to)),
        Body::Withdrawal { .. }
        | Body::Receipt { .. }
        | Body::Adjustment { .. }
        | Body::Count { .. }
        | Body::Decision { .. } => None,
    }
}

fn announced_skus(document: &Document) -> BTreeSet<&Sku> {
    document.movements.iter().map(|movement| &movement.sku).collect()
}

fn still_to_come(sku: &Sku, announcement: &DocumentId, facts: &Facts) -> Seen {
    let shelf = Shelf { sku: sku.clone(), place: Place::Announced(announcement.clone()) };
    Seen { shelf, units: facts.remaining.get(sku).copied().unwrap_or(0) }
}

pub fn withdraw(announcement: &DocumentId, note: &Text<300>, facts: &Facts) -> Decided {
    let document = facts.document.as_ref().filter(|document| promised(document).is_some());
    let document = document.ok_or(Refusal::Unknown("announcement"))?;
    let left = announced_skus(document).into_iter().map(|sku| still_to_come(sku, announcement, facts));
    let seen: Vec<Seen> = left.filter(|seen| seen.units > 0).collect();
    if seen.is_empty() {
        return Err(Refusal::NotNow("nothing is to come in any more"));
    }
    let gone = |seen: &Seen| {
        Movement::network(Kind::Expected, seen.shelf.sku.clone(), -seen.units).announced(announcement.clone())
    };
    let body = Body::Withdrawal { announcement: announcement.clone(), note: note.clone() };
    Ok((body, seen.iter().map(gone).collect(), seen))
}

pub fn receive(
    (site, announcement, reference): (&SiteId, Option<&DocumentId>, &Reference),
    lines: &[Line],
    facts: &Facts,
) -> Decided {
    let lines = check::lines(lines, 1, facts)?;
    let mut seen = check::serials_that_come_in(&lines, site, facts)?;
    let mut movements = Vec::new();
    match announcement {
        None => {
            movements.extend(lines.iter().map(|checked| came(checked, Kind::Received, checked.line.quantity, site)));
        }
        Some(id) => {
            let wrong = || Refusal::invalid("/announcement", "is no announcement and no transfer");
            let document = facts.document.as_ref().ok_or_else(wrong)?;
            let (kind, to) = promised(document).ok_or_else(wrong)?;
            if to != site {
                return Err(Refusal::invalid("/site", format!("must be {to}, for which they were announced")));
            }
            let ours = lines.iter().map(|checked| &checked.line.sku).collect::<BTreeSet<_>>();
            let known = announced_skus(document);
            seen.extend(ours.intersection(&known).map(|sku| still_to_come(sku, id, facts)));
            movements.extend(as_announced(&lines, kind, (id, site), facts));
        }
    }
    movements.extend(
        lines
            .iter()
            .filter(|checked| checked.line.is_damaged)
            .map(|checked| came(checked, Kind::Withheld, checked.line.quantity, site).because(Reason::Damage)),
    );
    let body = Body::Receipt { site: site.clone(), announcement: announcement.cloned(), reference: reference.clone() };
    Ok((body, movements, seen))
}

fn came(checked: &Checked<'_>, kind: Kind, quantity: i64, site: &SiteId) -> Movement {
    Movement::at(kind, checked.line.sku.clone(), site.clone(), quantity).of(checked.stow.clone())
}

/// What was announced comes in as announced; what exceeds it, unannounced.
fn as_announced(
    lines: &[Checked<'_>],
    kind: Kind,
    (announcement, site): (&DocumentId, &SiteId),
    facts: &Facts,
) -> Vec<Movement> {
    let mut remaining = facts.remaining.clone();
    let mut movements = Vec::new();
    for checked in lines {
        let left = remaining.entry(checked.line.sku.clone()).or_default();
        let expected = checked.line.quantity.min(*left);
        let excess = checked.line.quantity - expected;
        *left -= expected;
        if expected > 0 {
            movements.push(came(checked, kind, expected, site).announced(announcement.clone()));
        }
        if excess > 0 {
            movements.push(came(checked, Kind::Received, excess, site));
        }
    }
    movements
}

pub fn transfer(
    (from, to, due, reference): (&SiteId, &SiteId, Date, &Reference),
    lines: &[Line],
    id: &DocumentId,
    facts: &Facts,
) -> Decided {
    if from == to {
        return Err(Refusal::invalid("/to", "must be another site"));
    }
    let lines = check::lines(lines, 1, facts)?;
    let out =
        |checked: &Checked<'_>| came(checked, Kind::TransferredOut, checked.line.quantity, from).announced(id.clone());
    let (from, to) = (from.clone(), to.clone());
    let movements = lines.iter().map(out).collect();
    Ok((Body::Transfer { from, to, due, reference: reference.clone() }, movements, Vec::new()))
}

pub fn adjust((site, action, note): (&SiteId, Action, &Option<Text<300>>), lines: &[Line], facts: &Facts) -> Decided {
    let (kind, least) = match action {
        Action::Adjust => (Kind::Adjusted, -super::MAX_UNITS),
        Action::Withhold => (Kind::Withheld, 1),
        Action::Restore => (Kind::Restored, 1),
        Action::WriteOff => (Kind::WrittenOff, 1),
    };
    let lines = check::lines(lines, least, facts)?;
    let seen = match action {
        Action::Adjust => check::serials_that_come_in(&lines, site, facts)?,
        Action::Withhold | Action::Restore | Action::WriteOff => Vec::new(),
    };
    let mut movements = Vec::new();
    for (number, checked) in lines.iter().enumerate() {
        if checked.line.quantity == 0 {
            return Err(Refusal::invalid(format!("/lines/{number}/quantity"), "must be more or less than nothing"));
        }
        if checked.line.reason.is_none() && action != Action::Restore {
            return Err(Refusal::invalid(format!("/lines/{number}/reason"), "is needed"));
        }
        let moved = came(checked, kind, checked.line.quantity, site);
        movements.push(Movement { reason: checked.line.reason, ..moved });
    }
    Ok((Body::Adjustment { site: site.clone(), note: note.clone() }, movements, seen))
}

pub fn set_on_hand(sku: &Sku, site: &SiteId, on_hand: u32, facts: &Facts) -> Decided {
    let item = check::item(sku, "/sku", facts)?;
    if !item.tracking.is_none() {
        let rule = "does not say which units: the item is kept by bin, lot, serial number or expiry, so count it";
        return Err(Refusal::invalid("/on_hand", rule));
    }
    let shelf = Shelf::site(sku.clone(), site.clone());
    let was = facts.levels.get(&shelf);
    let reason = if was.is_some() { Reason::Correction } else { Reason::Opening };
    let units = was.map_or(0, |level| level.on_hand);
    let difference = i64::from(on_hand) - units;
    let moved = Movement::at(Kind::Adjusted, sku.clone(), site.clone(), difference).because(reason);
    let movements = if difference == 0 { Vec::new() } else { vec![moved] };
    Ok((Body::Adjustment { site: site.clone(), note: None }, movements, vec![Seen { shelf, units }]))
}
