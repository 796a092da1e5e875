//! Counters, and how movements change them.

use super::movement::Movement;
use super::stow::Stow;
use crate::id::{DocumentId, SiteId, Sku};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A counter of one SKU, in units. The number compared is always stored: DynamoDB conditions cannot do arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counter {
    /// Network-wide: here and promised to nobody. Less than nothing where more is promised than is here: by backorders, or
    /// because units were found missing.
    Available,
    /// Network-wide: `available` and what is announced and has not come in: what backorders are promised out of.
    Promisable,
    /// Network-wide: `available` and what backorders wait for: units that are here and that no filled reservation claims.
    Fillable,
    /// Physically at the site.
    OnHand,
    /// At the site and spoken for.
    Allocated,
    /// At the site and not spoken for.
    Free,
    /// At the site and not to be promised (missing, damaged, under investigation).
    Held,
    /// Of an announcement: units that have not come in.
    Remaining,
}

impl Counter {
    /// Every counter.
    pub const ALL: [Self; 8] = [
        Self::Available,
        Self::Promisable,
        Self::Fillable,
        Self::OnHand,
        Self::Allocated,
        Self::Free,
        Self::Held,
        Self::Remaining,
    ];

    /// The attribute that keeps it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Promisable => "promisable",
            Self::Fillable => "fillable",
            Self::OnHand => "on_hand",
            Self::Allocated => "allocated",
            Self::Free => "free",
            Self::Held => "held",
            Self::Remaining => "remaining",
        }
    }
}

/// What of a SKU an item of counters is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// All of it.
    Network,
    /// What is at a site.
    Site(SiteId),
    /// Units at a site that differ from others by bin, lot, serial number or expiry.
    Stow(SiteId, Stow),
    /// What a document announced.
    Announced(DocumentId),
}

/// The item of counters that a change touches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Shelf {
    /// Which SKU.
    pub sku: Sku,
    /// Which part of it.
    pub place: Place,
}

impl Shelf {
    /// The network-wide counters of a SKU.
    #[must_use]
    pub fn network(sku: Sku) -> Self {
        Self { sku, place: Place::Network }
    }

    /// The counters of a SKU at a site.
    #[must_use]
    pub fn site(sku: Sku, site: SiteId) -> Self {
        Self { sku, place: Place::Site(site) }
    }
}

/// Changes to one shelf: all or none, and only if each guarded counter has what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which counters.
    pub shelf: Shelf,
    /// Signed deltas, each counter once, none of zero.
    pub deltas: Vec<(Counter, i64)>,
    /// The least that counters must have before, each once.
    pub guards: Vec<(Counter, i64)>,
    /// None of the units may be there before: a serial number exists once.
    pub is_single: bool,
}

#[derive(Default)]
struct Tally {
    delta: i64,
    /// What guarded movements take.
    needed: i64,
    /// What all movements take.
    taken: i64,
    /// What they leave to others.
    left: i64,
    is_guarded: bool,
}

/// The counter changes of `movements`, merged so that each shelf is touched once
/// (DynamoDB refuses two writes of one item in a transaction).
#[must_use]
pub fn changes(movements: &[Movement]) -> Vec<Change> {
    let mut shelves: BTreeMap<Shelf, BTreeMap<Counter, Tally>> = BTreeMap::new();
    for movement in movements {
        for (place, counter, delta, is_guarded) in movement.effects() {
            let shelf = Shelf { sku: movement.sku.clone(), place };
            let tally = shelves.entry(shelf).or_default().entry(counter).or_default();
            tally.delta += delta;
            tally.taken -= delta.min(0);
            if is_guarded && delta < 0 {
                tally.is_guarded = true;
                tally.needed -= delta;
                tally.left = tally.left.max(movement.leave);
            }
        }
    }
    shelves.into_iter().map(|(shelf, tallies)| change(shelf, &tallies)).filter(|one| !one.deltas.is_empty()).collect()
}

fn change(shelf: Shelf, tallies: &BTreeMap<Counter, Tally>) -> Change {
    let deltas: Vec<_> = tallies.iter().map(|(counter, t)| (*counter, t.delta)).filter(|(_, d)| *d != 0).collect();
    let guarded = tallies.iter().filter(|(_, tally)| tally.is_guarded && tally.delta < 0);
    // A backorder takes no unit that is here. What an order takes of what is here, though, is not there to be promised out
    // of what is expected.
    let needs = |counter: Counter, tally: &Tally| {
        if counter == Counter::Promisable { tally.taken } else { tally.needed }
    };
    let guards = guarded.map(|(counter, tally)| (*counter, needs(*counter, tally) + tally.left)).collect();
    let is_serial = matches!(&shelf.place, Place::Stow(_, stow) if stow.serial.is_some());
    let is_single = is_serial && deltas.iter().any(|(counter, delta)| *counter == Counter::OnHand && *delta > 0);
    Change { shelf, deltas, guards, is_single }
}

/// What is known of one SKU at one site, or of one stow there, in units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// Physically there.
    pub on_hand: i64,
    /// Spoken for.
    pub allocated: i64,
    /// Not spoken for.
    pub free: i64,
    /// Kept out of promises.
    pub held: i64,
}

/// What is known of one SKU network-wide, in units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// Here and promised to nobody; less than nothing where more is promised than is here.
    pub available: i64,
    /// With what is announced.
    pub promisable: i64,
    /// Here and claimed by no filled reservation.
    pub fillable: i64,
}

impl Network {
    /// Units that backorders wait for.
    #[must_use]
    pub fn waited_for(&self) -> i64 {
        self.fillable - self.available
    }

    /// Units announced that have not come in.
    #[must_use]
    pub fn announced(&self) -> i64 {
        self.promisable - self.available
    }
}

#[cfg(test)]
mod tests;
