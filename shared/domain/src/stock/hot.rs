//! Hot items: one counter takes what one partition takes, so the units of an item that runs hot are spread over shards.
//!
//! A DynamoDB partition takes 1,000 write units a second. A transaction writes the counter at 2 units, and two
//! transactions on one item collide; so one counter gives at most 500 reservations a second, and far fewer under
//! contention. On a shard a plain conditional update (1 unit) holds the units for an order, a loser costs that unit and
//! collides with nobody, and the order's transaction (2 units) takes the hold with it. See docs/hot-items.md.

use crate::id::{OrderId, digest_of};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// Shards of an item that runs hot, where nobody says otherwise.
pub const SHARDS: u16 = 10;
/// The most: their units move in one transaction of at most 100 items.
pub const MOST_SHARDS: u16 = 90;
/// A hold that no order took with it is given back after this long: longer than a call of ours may last.
pub const HOLD_LASTS: SignedDuration = SignedDuration::from_secs(60);
/// So many transactions of one process that ran into others within [`HEAT_WINDOW`] make an item hot.
pub const COLLISIONS: usize = 3;
/// See [`COLLISIONS`].
pub const HEAT_WINDOW: SignedDuration = SignedDuration::from_secs(10);
/// An item of which fewer units a minute are taken is no longer hot.
pub const COOL_BELOW: i64 = 60;

/// Units that an order holds on a shard until its transaction takes them with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// How many.
    pub units: i64,
    /// Since when, UTC.
    pub since: Timestamp,
}

/// A shard of a hot item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shard {
    /// Units that may be promised.
    pub available: i64,
    /// Units held for orders that are being placed.
    pub holds: BTreeMap<OrderId, Held>,
    /// Units ever taken from it: what its heat is measured by.
    pub taken: i64,
}

impl Shard {
    /// Units held.
    #[must_use]
    pub fn held(&self) -> i64 {
        self.holds.values().map(|held| held.units).sum()
    }

    /// The holds that no order will take any more.
    pub fn abandoned(&self, now: Timestamp) -> impl Iterator<Item = (&OrderId, &Held)> {
        self.holds.iter().filter(move |(_, held)| now.duration_since(held.since) >= HOLD_LASTS)
    }
}

/// The shard an order tries first: always the same, so that a repeated call finds its hold.
#[must_use]
pub fn home(order: &OrderId, shards: u16) -> u16 {
    let digest = digest_of(&[order.as_str()]);
    let number = u64::from_str_radix(&digest[..8], 16).unwrap_or(0) % u64::from(shards.max(1));
    u16::try_from(number).unwrap_or(0)
}

/// `units` divided over `shards` as evenly as whole units go; nothing is lost.
#[must_use]
pub fn spread(units: i64, shards: u16) -> Vec<i64> {
    let (units, shards) = (units.max(0), i64::from(shards.max(1)));
    (0..shards).map(|number| units / shards + i64::from(number < units % shards)).collect()
}

/// What each shard leaves to others, where `leave` units are to remain of all of them.
#[must_use]
pub fn left_by_each(leave: i64, shards: u16) -> i64 {
    let shards = i64::from(shards.max(1));
    (leave.max(0) + shards - 1) / shards
}

/// Which shards give `units`: one where one has as many, else the fullest first. `available` is what each may give.
/// `None`: they have not so many together.
#[must_use]
pub fn plan(available: &BTreeMap<u16, i64>, units: i64) -> Option<Vec<(u16, i64)>> {
    let mut fullest: Vec<(u16, i64)> = available.iter().map(|(number, there)| (*number, (*there).max(0))).collect();
    fullest.sort_by_key(|(number, there)| (std::cmp::Reverse(*there), *number));
    let mut wanted = units;
    let mut taken = Vec::new();
    for (number, there) in fullest {
        let some = there.min(wanted);
        if some > 0 {
            wanted -= some;
            taken.push((number, some));
        }
    }
    (wanted == 0).then_some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_unit_is_lost_in_spreading() {
        for (units, shards) in [(10, 3), (0, 5), (7, 7), (3, 10), (1_000_001, 90)] {
            let spread = spread(units, shards);
            assert_eq!((spread.len(), spread.iter().sum::<i64>()), (usize::from(shards), units));
            assert!(spread.iter().max().unwrap() - spread.iter().min().unwrap() <= 1);
        }
    }

    #[test]
    fn one_shard_gives_all_where_it_can_and_several_where_they_must() {
        let there = |counts: &[i64]| (0_u16..).zip(counts.iter().copied()).collect::<BTreeMap<_, _>>();
        assert_eq!(plan(&there(&[1, 5, 3]), 4), Some(vec![(1, 4)]));
        assert_eq!(plan(&there(&[1, 2, -1]), 3), Some(vec![(1, 2), (0, 1)]));
        assert_eq!(plan(&there(&[1, 1]), 3), None);
        assert_eq!(plan(&there(&[]), 1), None);
    }

    #[test]
    fn an_order_has_one_home() {
        let homes: std::collections::BTreeSet<u16> = (0..100)
            .map(|n| {
                let order = OrderId::derive(&"acme".parse().unwrap(), "POST /orders", &n.to_string());
                assert_eq!(home(&order, 10), home(&order, 10));
                home(&order, 10)
            })
            .collect();
        assert_eq!(homes.len(), 10);
    }

    #[test]
    fn what_is_left_to_others_is_left_by_all_shards_together() {
        assert_eq!([(0, 10), (1, 10), (10, 10), (11, 10)].map(|(leave, n)| left_by_each(leave, n)), [0, 1, 1, 2]);
    }
}
