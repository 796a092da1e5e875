//! The equations that tie the counters together, and to the orders.

use super::books::Books;
use std::collections::{BTreeMap, BTreeSet};
use waybill_domain::id::{SiteId, Sku, TenantId};
use waybill_domain::order::StockHold;
use waybill_domain::stock::{Counter, Level, Network, Place};

type Item = (TenantId, Sku);

/// What is known of an item, added up.
#[derive(Default)]
struct Sums {
    network: Network,
    on_hand: i64,
    allocated: i64,
    held: i64,
    remaining: i64,
    reserved: i64,
    waited_for: i64,
    /// Counters of each site, and of its stows together, where there are some.
    sites: BTreeMap<SiteId, (Level, Option<Level>)>,
    is_uneven: bool,
}

impl Sums {
    fn is_balanced(&self) -> bool {
        let Network { available, promisable, fillable } = self.network;
        let is_stowed = |(site, stows): &(Level, Option<Level>)| stows.is_none_or(|stows| stows == *site);
        !self.is_uneven
            && self.sites.values().all(is_stowed)
            && self.on_hand == self.reserved + self.allocated + available + self.held
            && fillable == available + self.waited_for
            && promisable == available + self.remaining
    }
}

fn sum(one: Level, other: Level) -> Level {
    Level {
        on_hand: one.on_hand + other.on_hand,
        allocated: one.allocated + other.allocated,
        free: one.free + other.free,
        held: one.held + other.held,
    }
}

impl Books {
    pub fn unbalanced(&self) -> Vec<Item> {
        let mut items: BTreeMap<Item, Sums> = BTreeMap::new();
        for (tenant, shelf) in self.counters.keys() {
            let sums = items.entry((tenant.clone(), shelf.sku.clone())).or_default();
            let level = self.level(tenant, shelf);
            sums.is_uneven |= level.on_hand != level.allocated + level.free + level.held;
            match &shelf.place {
                Place::Network => sums.network = self.network(tenant, &shelf.sku),
                Place::Site(site) => {
                    sums.on_hand += level.on_hand;
                    sums.allocated += level.allocated;
                    sums.held += level.held;
                    sums.sites.entry(site.clone()).or_default().0 = level;
                }
                Place::Stow(site, _) => {
                    let stowed = &mut sums.sites.entry(site.clone()).or_default().1;
                    *stowed = Some(sum(stowed.unwrap_or_default(), level));
                }
                Place::Announced(_) => {
                    sums.remaining += self.counter(tenant, shelf, Counter::Remaining).unwrap_or(0);
                }
            }
        }
        for ((tenant, _), held) in &self.holds {
            for (sku, units) in held {
                items.entry((tenant.clone(), sku.clone())).or_default().reserved += units;
            }
        }
        for ((tenant, sku, ..), units) in &self.waiting {
            items.entry((tenant.clone(), sku.clone())).or_default().waited_for += units;
        }
        let wrong = items.into_iter().filter(|(_, sums)| !sums.is_balanced()).map(|(item, _)| item);
        wrong.chain(self.unlike_their_orders()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Items whose reservations, or places among those that wait, are not what the orders say.
    fn unlike_their_orders(&self) -> Vec<Item> {
        let mut wrong = Vec::new();
        for (tenant, id) in self.events.keys() {
            let Ok(Some(order)) = self.order(tenant, id) else { continue };
            let is_reserved = order.stock == StockHold::Reserved;
            let promised = if is_reserved { order.reserved_units() } else { BTreeMap::new() };
            let held = self.holds.get(&(tenant.clone(), id.clone())).cloned();
            let places = self.waiting.iter().filter(|((whose, _, _, who), _)| (whose, who) == (tenant, id));
            let waiting: BTreeMap<Sku, i64> = places.map(|((_, sku, ..), units)| (sku.clone(), *units)).collect();
            for (ours, theirs) in [(promised, held.unwrap_or_default()), (order.waits_for(), waiting)] {
                if ours != theirs {
                    wrong.extend(ours.into_keys().chain(theirs.into_keys()).map(|sku| (tenant.clone(), sku)));
                }
            }
        }
        wrong
    }
}
