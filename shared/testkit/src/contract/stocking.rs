//! Levels, and what they are told by.

use super::{Keeper, counters, file, receive, stored, stores};
use crate::{Step, bring_to, document, id, of_skus, receipt};
use std::collections::{BTreeMap, BTreeSet};
use waybill_domain::id::{SiteId, Sku, TenantId};
use waybill_domain::ports::{Filed, Levels, SiteStock, Stock};
use waybill_domain::stock::{Body, Document, Kind, Level, Movement, Network, Reason, Shelf};

/// Staff found more or fewer units of `A` at `reno`.
fn adjustment(tenant: &TenantId, key: &str, quantity: i64) -> Document {
    let movement = Movement::at(Kind::Adjusted, id("A"), id("reno"), quantity).because(Reason::Loss);
    document(tenant, key, Body::Adjustment { site: id("reno"), note: None }, vec![movement])
}

fn reno() -> Shelf {
    Shelf::site(id("A"), id("reno"))
}

/// Whatever it says the second time.
pub async fn a_document_is_stored_once_and_answered_with_the_first_afterwards(
    _orders: &impl Keeper,
    stock: &impl Stock,
) {
    let tenant = id("once");
    let first = receipt(&tenant, "one", "reno", &[("A", 10)]);
    assert_eq!(stock.document(&tenant, &first.id).await.unwrap(), None);
    stores(stock, &tenant, &first).await;
    for again in [first.clone(), receipt(&tenant, "one", "reno", &[("A", 3)]), adjustment(&tenant, "one", -50)] {
        assert_eq!(file(stock, &tenant, &again).await, Filed::Exists(Box::new(first.clone())));
    }
    assert_eq!(stock.document(&tenant, &first.id).await.unwrap(), Some(first));
    assert_eq!(counters(stock, &tenant, "A").await, (10, [10, 0, 10, 0]));
    stores(stock, &tenant, &adjustment(&tenant, "two", -6)).await;
    assert_eq!(counters(stock, &tenant, "A").await, (4, [4, 0, 4, 0]));
}

/// Promised network-wide, allocated nowhere yet: that they are gone is a fact, whoever was promised them.
pub async fn a_loss_of_promised_units_is_recorded(orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("promised");
    receive(stock, &tenant, &[("A", 10)]).await;
    stored(orders, &tenant, "k", of_skus(&[("A", 8)])).await;
    stores(stock, &tenant, &adjustment(&tenant, "loss", -5)).await;
    assert_eq!(counters(stock, &tenant, "A").await, (-3, [5, 0, 5, 0]));
    let network = stock.levels(&tenant, &id("A")).await.unwrap().network;
    assert_eq!(network, Network { available: -3, promisable: -3, fillable: -3 });
    assert_eq!(stock.networks(&tenant, &[id("A")].into()).await.unwrap(), [(id("A"), network)].into());
    stores(stock, &tenant, &adjustment(&tenant, "found", 4)).await;
    assert_eq!(counters(stock, &tenant, "A").await, (1, [9, 0, 9, 0]));
}

/// Even while other sites have units.
pub async fn units_that_are_allocated_cannot_be_taken_away(orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("allocated");
    receive(stock, &tenant, &[("A", 10)]).await;
    stores(stock, &tenant, &receipt(&tenant, "far", "columbus", &[("A", 50)])).await;
    let order = stored(orders, &tenant, "k", of_skus(&[("A", 8)])).await;
    bring_to(orders, order, Step::Routed).await.unwrap();
    let too_many = adjustment(&tenant, "loss", -3);
    assert_eq!(file(stock, &tenant, &too_many).await, Filed::Short(vec![reno()]));
    assert_eq!(stock.document(&tenant, &too_many.id).await.unwrap(), None);
    assert_eq!(counters(stock, &tenant, "A").await, (52, [10, 8, 2, 0]));
    stores(stock, &tenant, &adjustment(&tenant, "loss", -2)).await;
    assert_eq!(counters(stock, &tenant, "A").await, (50, [8, 8, 0, 0]));
}

/// Absent where there never was any.
pub async fn levels_and_free_units_are_told_per_site(orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("sites");
    receive(stock, &tenant, &[("A", 10), ("B", 1)]).await;
    stores(stock, &tenant, &receipt(&tenant, "far", "columbus", &[("A", 5)])).await;
    let order = stored(orders, &tenant, "k", of_skus(&[("A", 3)])).await;
    bring_to(orders, order, Step::Routed).await.unwrap();

    let level = |on_hand, allocated, free| Level { on_hand, allocated, free, held: 0 };
    let site = |name, level| SiteStock { site: id(name), level, counted_at: None, stows: Vec::new() };
    let network = Network { available: 12, promisable: 12, fillable: 12 };
    let sites = vec![site("columbus", level(5, 0, 5)), site("reno", level(10, 3, 7))];
    assert_eq!(stock.levels(&tenant, &id("A")).await.unwrap(), Levels { network, sites });
    assert_eq!(stock.levels(&tenant, &id("C")).await.unwrap(), Levels::default());

    let skus: BTreeSet<Sku> = ["A", "B", "C"].map(id).into();
    let known = stock.networks(&tenant, &skus).await.unwrap();
    let b = Network { available: 1, promisable: 1, fillable: 1 };
    assert_eq!(known, [(id("A"), network), (id("B"), b)].into());
    let free = stock.free(&tenant, &skus, &[id("reno"), id("columbus"), id("nowhere")]).await.unwrap();
    let place = |site: &str, sku: &str| -> (SiteId, Sku) { (id(site), id(sku)) };
    let expected: BTreeMap<_, _> =
        [(place("columbus", "A"), 5), (place("reno", "A"), 7), (place("reno", "B"), 1)].into();
    assert_eq!(free, expected);
    // More places than one request may fetch.
    let many: BTreeSet<Sku> = (0..120).map(|n| id(&format!("X{n}"))).chain([id("A")]).collect();
    let free = stock.free(&tenant, &many, &[id("reno"), id("columbus")]).await.unwrap();
    assert_eq!(free.len(), 2);
    assert_eq!(stock.networks(&tenant, &many).await.unwrap().len(), 1);
    assert_eq!(stock.free(&tenant, &BTreeSet::new(), &[]).await.unwrap(), BTreeMap::new());
    assert_eq!(stock.networks(&tenant, &BTreeSet::new()).await.unwrap(), BTreeMap::new());
}
