//! Stock movements, and the counter changes each of them means.

use crate::id::{SiteId, Sku};
use serde::{Deserialize, Serialize};

/// What happened to some units of one SKU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Promised to an order, network-wide; no site yet.
    Reserved,
    /// A reservation given back.
    Released,
    /// The reservation became units at a site.
    Allocated,
    /// An allocation given back before it left.
    Deallocated,
    /// Allocated, but not found on the shelf: kept out of promises until it is counted.
    Shorted,
    /// Left the site.
    Shipped,
    /// Set by a person: a count, a receipt, a loss. May be negative.
    Adjusted,
}

/// An immutable record of units moving. `site` is absent only for `Reserved` and `Released`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// What happened.
    pub kind: Kind,
    /// To which item.
    pub sku: Sku,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteId>,
    /// How many units; negative only for `Adjusted`.
    pub quantity: i64,
}

/// A counter of one SKU. The number compared is always stored: DynamoDB conditions cannot do arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counter {
    /// Available to promise, network-wide.
    Available,
    /// Physically at the site.
    OnHand,
    /// At the site and spoken for.
    Allocated,
    /// At the site and not spoken for.
    Free,
    /// At the site and not to be promised (missing, damaged, under investigation).
    Held,
}

impl Counter {
    /// The attribute that keeps it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::OnHand => "on_hand",
            Self::Allocated => "allocated",
            Self::Free => "free",
            Self::Held => "held",
        }
    }
}

/// The item a counter change touches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shelf {
    /// Which SKU.
    pub sku: Sku,
    /// At a site, or network-wide.
    pub site: Option<SiteId>,
}

/// Changes to one shelf: all or none, and only if no guarded counter would fall below zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which counters.
    pub shelf: Shelf,
    /// Signed deltas, each counter once.
    pub deltas: Vec<(Counter, i64)>,
}

impl Change {
    /// The counters that fall, with the least value each must have before.
    pub fn guards(&self) -> impl Iterator<Item = (Counter, i64)> + '_ {
        self.deltas.iter().filter(|(_, delta)| *delta < 0).map(|(counter, delta)| (*counter, -delta))
    }
}

/// The counter changes of `movements`, merged so that each shelf is touched once
/// (DynamoDB refuses two writes of one item in a transaction).
#[must_use]
pub fn changes(movements: &[Movement]) -> Vec<Change> {
    let mut shelves: std::collections::BTreeMap<Shelf, std::collections::BTreeMap<Counter, i64>> =
        std::collections::BTreeMap::new();
    for movement in movements {
        for (network, counter, delta) in effect(movement) {
            let site = if network { None } else { movement.site.clone() };
            let shelf = Shelf { sku: movement.sku.clone(), site };
            *shelves.entry(shelf).or_default().entry(counter).or_default() += delta;
        }
    }
    let change = |(shelf, deltas): (Shelf, std::collections::BTreeMap<Counter, i64>)| Change {
        shelf,
        deltas: deltas.into_iter().filter(|(_, delta)| *delta != 0).collect(),
    };
    shelves.into_iter().map(change).filter(|change| !change.deltas.is_empty()).collect()
}

/// (network-wide?, counter, delta) of one movement. Σ `on_hand` = reserved + allocated + available + held
/// holds before and after each of them.
fn effect(movement: &Movement) -> Vec<(bool, Counter, i64)> {
    use Counter::{Allocated, Available, Free, Held, OnHand};
    let n = movement.quantity;
    match movement.kind {
        Kind::Reserved => vec![(true, Available, -n)],
        Kind::Released => vec![(true, Available, n)],
        Kind::Allocated => vec![(false, Free, -n), (false, Allocated, n)],
        Kind::Deallocated => vec![(false, Allocated, -n), (false, Free, n), (true, Available, n)],
        Kind::Shorted => vec![(false, Allocated, -n), (false, Held, n)],
        Kind::Shipped => vec![(false, Allocated, -n), (false, OnHand, -n)],
        Kind::Adjusted => vec![(false, OnHand, n), (false, Free, n), (true, Available, n)],
    }
}

/// What is known of one SKU at one site, in units.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

#[cfg(test)]
mod tests {
    use super::*;

    fn movement(kind: Kind, quantity: i64) -> Movement {
        let site = (!matches!(kind, Kind::Reserved | Kind::Released)).then(|| "main".parse().unwrap());
        Movement { kind, sku: "A".parse().unwrap(), site, quantity }
    }

    #[test]
    fn two_lines_of_one_item_touch_its_counter_once() {
        let merged = changes(&[movement(Kind::Reserved, 2), movement(Kind::Reserved, 3)]);
        assert_eq!(merged.len(), 1);
        assert_eq!(merged[0].deltas, vec![(Counter::Available, -5)]);
        assert_eq!(merged[0].guards().collect::<Vec<_>>(), vec![(Counter::Available, 5)]);
    }

    #[test]
    fn every_movement_keeps_the_equation() {
        // (kind, change of live reservations)
        let table = [
            (Kind::Reserved, 1),
            (Kind::Released, -1),
            (Kind::Allocated, -1),
            (Kind::Deallocated, 0),
            (Kind::Shorted, 0),
            (Kind::Shipped, 0),
            (Kind::Adjusted, 0),
        ];
        for (kind, reserved) in table {
            let sum = |wanted: Counter| -> i64 {
                effect(&movement(kind, 1)).iter().filter(|(_, c, _)| *c == wanted).map(|(_, _, d)| d).sum()
            };
            let right = reserved + sum(Counter::Allocated) + sum(Counter::Available) + sum(Counter::Held);
            assert_eq!(sum(Counter::OnHand), right, "{kind:?}");
            let at_site = sum(Counter::Allocated) + sum(Counter::Free) + sum(Counter::Held);
            assert_eq!(sum(Counter::OnHand), at_site, "{kind:?} at the site");
        }
    }
}
