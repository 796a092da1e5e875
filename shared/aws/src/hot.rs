//! Hot items: what this process knows of them, the holds of orders on their shards, and the spreading of their units.
//!
//! What is known is a little old: every write is conditional, so that old knowledge costs a request and never a unit.

mod holds;
mod shards;
mod spreading;

pub(crate) use holds::{Hold, Holding, hold, release, shards_told};
pub(crate) use shards::shards_of;

use jiff::SignedDuration;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use waybill_domain::id::{Sku, TenantId};
use waybill_domain::stock::hot::{COLLISIONS, HEAT_WINDOW};

/// How long an item is taken to be hot, or not to be, without asking.
const HOT_FOR: Duration = Duration::from_secs(30);
/// Items remembered; beyond it everything is forgotten, which costs requests only.
const MOST: usize = 10_000;

type Key = (TenantId, Sku);

/// What this process knows of hot and sold-out items. Clones know the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heat {
    known: Arc<Mutex<Known>>,
    /// How old a sold-out answer may be; nothing: none is kept.
    sold_out_for: Duration,
}

#[derive(Debug, Default)]
struct Known {
    /// Number of shards.
    hot: HashMap<Key, (Instant, u16)>,
    /// So many units were not there.
    sold_out: HashMap<Key, (Instant, i64)>,
    /// Transactions that ran into others.
    collisions: HashMap<Key, VecDeque<Instant>>,
}

impl Heat {
    /// Sold-out answers are repeated without a request for `age`: nobody is refused a unit for longer than that.
    pub(crate) fn remembering(age: SignedDuration) -> Self {
        Self { known: Arc::default(), sold_out_for: age.unsigned_abs() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Nothing in it is ever half done.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The shards of an item that is known to be hot.
    pub(crate) fn shards(&self, tenant: &TenantId, sku: &Sku) -> Option<u16> {
        let known = self.known();
        let (since, shards) = known.hot.get(&(tenant.clone(), sku.clone()))?;
        (since.elapsed() < HOT_FOR).then_some(*shards)
    }

    /// The item is hot, with so many shards; or, with none, it is not.
    pub(crate) fn learn(&self, tenant: &TenantId, sku: &Sku, shards: u16) {
        let (mut known, key) = (self.known(), (tenant.clone(), sku.clone()));
        if known.hot.len() >= MOST {
            known.hot.clear();
        }
        match shards {
            0 => drop(known.hot.remove(&key)),
            _ => drop(known.hot.insert(key, (Instant::now(), shards))),
        }
    }

    /// Were `units` not there, so short a time ago that it need not be asked again?
    pub(crate) fn is_sold_out(&self, tenant: &TenantId, sku: &Sku, units: i64) -> bool {
        let known = self.known();
        let found = known.sold_out.get(&(tenant.clone(), sku.clone()));
        found.is_some_and(|(since, missing)| units >= *missing && since.elapsed() < self.sold_out_for)
    }

    /// `units` of the item were not there.
    pub(crate) fn was_short(&self, tenant: &TenantId, sku: &Sku, units: i64) {
        if self.sold_out_for.is_zero() {
            return;
        }
        let mut known = self.known();
        if known.sold_out.len() >= MOST {
            known.sold_out.clear();
        }
        known.sold_out.insert((tenant.clone(), sku.clone()), (Instant::now(), units));
    }

    /// A transaction on the item's counter ran into another one. Has that happened so often that the item is hot?
    pub(crate) fn collided(&self, tenant: &TenantId, sku: &Sku) -> bool {
        let mut known = self.known();
        if known.collisions.len() >= MOST {
            known.collisions.clear();
        }
        let seen = known.collisions.entry((tenant.clone(), sku.clone())).or_default();
        seen.push_back(Instant::now());
        seen.retain(|at| at.elapsed() < HEAT_WINDOW.unsigned_abs());
        let is_hot = seen.len() >= COLLISIONS;
        if is_hot {
            seen.clear();
        }
        is_hot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> (TenantId, Sku) {
        ("acme".parse().unwrap(), "A".parse().unwrap())
    }

    #[test]
    fn a_sold_out_answer_is_of_as_many_units_or_more_and_is_not_kept_unless_asked() {
        let (tenant, sku) = key();
        let heat = Heat::remembering(SignedDuration::from_mins(1));
        heat.was_short(&tenant, &sku, 3);
        assert_eq!([2, 3, 4].map(|units| heat.is_sold_out(&tenant, &sku, units)), [false, true, true]);
        let forgetful = Heat::default();
        forgetful.was_short(&tenant, &sku, 1);
        assert!(!forgetful.is_sold_out(&tenant, &sku, 1));
    }

    #[test]
    fn an_item_is_hot_by_the_third_collision() {
        let (tenant, sku) = key();
        let heat = Heat::default();
        assert_eq!([(); 3].map(|()| heat.collided(&tenant, &sku)), [false, false, true]);
        assert!(!heat.collided(&tenant, &sku));
    }
}
