//! Routing: which site ships what.

use crate::id::{SiteId, Sku};
use crate::stock::{Picked, Stocked, fefo};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Allocations of one event: each may touch the counters of a site and of a stow and open a fulfillment order, and a
/// DynamoDB transaction holds 100 items.
const CHUNK: usize = 30;

/// Units of one order line that one site ships.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Which site.
    pub site: SiteId,
    /// Index into the demand.
    pub line: usize,
    /// How many units.
    pub quantity: u32,
    /// Which units exactly, of an item that is kept by stow: together all of them.
    pub stows: Vec<Picked>,
}

/// What is free of the items at the sites.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Free {
    /// Units per site and item.
    pub units: BTreeMap<(SiteId, Sku), i64>,
    /// Of items that are kept by stow, which units: what may go, in any order.
    pub stows: BTreeMap<(SiteId, Sku), Vec<Stocked>>,
}

impl Free {
    /// An item at a site is kept by these stows. What has expired by `today` is not free.
    pub fn stowed(&mut self, site: SiteId, sku: Sku, stows: Vec<Stocked>, today: Date) {
        let fit: Vec<Stocked> =
            stows.into_iter().filter(|one| one.free > 0 && one.stow.expires.is_none_or(|day| day > today)).collect();
        let units = fit.iter().map(|one| one.free).sum();
        self.units.insert((site.clone(), sku.clone()), units);
        self.stows.insert((site, sku), fit);
    }

    /// Units are taken, first expired first out.
    fn take(&mut self, site: &SiteId, sku: &Sku, wanted: u32, today: Date) -> Option<(u32, Vec<Picked>)> {
        let key = (site.clone(), sku.clone());
        let there = self.units.get_mut(&key)?;
        let taken = u32::try_from((*there).max(0)).unwrap_or(u32::MAX).min(wanted);
        *there -= i64::from(taken);
        let Some(stows) = self.stows.get_mut(&key) else { return Some((taken, Vec::new())) };
        let picked = fefo(stows, taken, today)?;
        for one in stows.iter_mut() {
            let gone = picked.iter().filter(|picked| picked.stow == one.stow).map(|picked| i64::from(picked.quantity));
            one.free -= gone.sum::<i64>();
        }
        Some((taken, picked))
    }
}

/// Which site ships what, and what no site has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routed {
    /// What sites ship.
    pub shares: Vec<Share>,
    /// Units that no site has, of each line in the demand that misses some.
    pub missing: Vec<(usize, u32)>,
}

/// Divides `demand` (SKU and units per line) over sites in order of rank: the first site that can ship
/// everything ships everything; failing that, each line is filled from the sites in order.
#[must_use]
pub fn route(demand: &[(Sku, u32)], ranked: &[SiteId], free: &Free, today: Date) -> Routed {
    let whole = ranked.iter().map(|site| fill(demand, std::slice::from_ref(site), free.clone(), today));
    let mut whole = whole.filter(|routed| routed.missing.is_empty());
    whole.next().unwrap_or_else(|| fill(demand, ranked, free.clone(), today))
}

fn fill(demand: &[(Sku, u32)], sites: &[SiteId], mut free: Free, today: Date) -> Routed {
    let mut routed = Routed::default();
    for (line, (sku, quantity)) in demand.iter().enumerate() {
        let mut wanted = *quantity;
        for site in sites {
            let Some((quantity, stows)) = free.take(site, sku, wanted, today) else { continue };
            if quantity > 0 {
                wanted -= quantity;
                routed.shares.push(Share { site: site.clone(), line, quantity, stows });
            }
        }
        if wanted > 0 {
            routed.missing.push((line, wanted));
        }
    }
    routed
}

/// Splits `shares` into what fits one event and the rest. A share of many stows may be split itself.
#[must_use]
pub fn chunk(shares: &[Share]) -> (Vec<Share>, Vec<Share>) {
    let (mut now, mut later) = (Vec::new(), Vec::new());
    let mut room = CHUNK;
    for share in shares {
        let cost = share.stows.len().max(1);
        if cost <= room {
            room -= cost;
            now.push(share.clone());
            continue;
        }
        let (first, rest) = share.stows.split_at(room.min(share.stows.len()));
        let of = |stows: &[Picked]| {
            let quantity = stows.iter().map(|picked| picked.quantity).sum();
            Share { stows: stows.to_vec(), quantity, ..share.clone() }
        };
        if first.is_empty() {
            later.push(share.clone());
        } else {
            now.push(of(first));
            later.push(of(rest));
        }
        room = 0;
    }
    (now, later)
}

#[cfg(test)]
mod tests;
