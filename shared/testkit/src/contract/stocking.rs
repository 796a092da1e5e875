//! Levels and their adjustment by staff.

use super::{Keeper, counters, receive, stored};
use crate::{Step, at, bring_to, id, of_skus};
use std::collections::{BTreeMap, BTreeSet};
use waybill_domain::id::{SiteId, Sku, TenantId};
use waybill_domain::ports::Stock;
use waybill_domain::stock::Level;

/// Units on hand at `reno`, if they were set.
async fn set(stock: &impl Stock, tenant: &TenantId, on_hand: i64, adjustment: &str) -> Option<i64> {
    let level = stock.set_on_hand(tenant, &id("A"), &id("reno"), on_hand, adjustment, at(0)).await.unwrap();
    level.map(|level| level.on_hand)
}

/// A repetition answers the level there is by now and moves nothing.
pub async fn units_on_hand_are_set_once_per_id(_orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("once");
    assert_eq!(set(stock, &tenant, 10, "one").await, Some(10));
    assert_eq!(set(stock, &tenant, 10, "one").await, Some(10));
    assert_eq!(set(stock, &tenant, 4, "two").await, Some(4));
    assert_eq!(set(stock, &tenant, 10, "one").await, Some(4));
    assert_eq!(counters(stock, &tenant, "A").await, (4, [4, 0, 4, 0]));
    assert_eq!(set(stock, &tenant, 0, "three").await, Some(0));
    assert_eq!(set(stock, &tenant, 6, "four").await, Some(6));
    assert_eq!(counters(stock, &tenant, "A").await, (6, [6, 0, 6, 0]));
}

/// Promised network-wide, allocated nowhere yet.
pub async fn units_that_are_promised_cannot_be_taken_away(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("promised");
    receive(stock, &tenant, &[("A", 10)]).await;
    stored(orders, &tenant, "k", of_skus(&[("A", 8)])).await;
    assert_eq!(set(stock, &tenant, 7, "count").await, None);
    assert_eq!(counters(stock, &tenant, "A").await, (2, [10, 0, 10, 0]));
    assert_eq!(set(stock, &tenant, 8, "count").await, Some(8));
    assert_eq!(counters(stock, &tenant, "A").await, (0, [8, 0, 8, 0]));
}

/// Even while other sites have units to promise.
pub async fn units_that_are_allocated_cannot_be_taken_away(orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("allocated");
    receive(stock, &tenant, &[("A", 10)]).await;
    stock.set_on_hand(&tenant, &id("A"), &id("columbus"), 50, "far", at(0)).await.unwrap();
    let order = stored(orders, &tenant, "k", of_skus(&[("A", 8)])).await;
    bring_to(orders, order, Step::Routed).await.unwrap();
    assert_eq!(set(stock, &tenant, 7, "count").await, None);
    assert_eq!(set(stock, &tenant, 8, "count").await, Some(8));
    assert_eq!(counters(stock, &tenant, "A").await, (50, [8, 8, 0, 0]));
}

/// Absent where there never was any.
pub async fn levels_and_free_units_are_told_per_site(orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("sites");
    receive(stock, &tenant, &[("A", 10), ("B", 1)]).await;
    stock.set_on_hand(&tenant, &id("A"), &id("columbus"), 5, "far", at(0)).await.unwrap();
    let order = stored(orders, &tenant, "k", of_skus(&[("A", 3)])).await;
    bring_to(orders, order, Step::Routed).await.unwrap();

    let level = |on_hand, allocated, free| Level { on_hand, allocated, free, held: 0 };
    let (available, sites) = stock.levels(&tenant, &id("A")).await.unwrap();
    let expected: Vec<(SiteId, Level)> = vec![(id("columbus"), level(5, 0, 5)), (id("reno"), level(10, 3, 7))];
    assert_eq!((available, sites), (12, expected));
    assert_eq!(stock.levels(&tenant, &id("C")).await.unwrap(), (0, vec![]));

    let skus: BTreeSet<Sku> = ["A", "B", "C"].map(id).into();
    let free = stock.free(&tenant, &skus, &[id("reno"), id("columbus"), id("nowhere")]).await.unwrap();
    let place = |site: &str, sku: &str| -> (SiteId, Sku) { (id(site), id(sku)) };
    let expected: BTreeMap<_, _> =
        [(place("columbus", "A"), 5), (place("reno", "A"), 7), (place("reno", "B"), 1)].into();
    assert_eq!(free, expected);
    // More places than one request may fetch.
    let many: BTreeSet<Sku> = (0..60).map(|n| id(&format!("X{n}"))).chain([id("A")]).collect();
    let free = stock.free(&tenant, &many, &[id("reno"), id("columbus")]).await.unwrap();
    assert_eq!(free.len(), 2);
    assert_eq!(stock.free(&tenant, &BTreeSet::new(), &[]).await.unwrap(), BTreeMap::new());
}
