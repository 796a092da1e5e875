//! Every event after the first, and the stock it moves.

use super::{Keeper, counters, go_on, next, receive, stored, stores, went_on};
use crate::{Step, bring_to, id, of_skus, placed, receipt, story};
use waybill_domain::id::TenantId;
use waybill_domain::order::{CancelReason, Order, PickedLine};
use waybill_domain::ports::{Committed, Stock, StoreError};

/// An order of three mugs, of ten there are, brought to a step.
async fn mugs(orders: &impl Keeper, stock: &impl Stock, tenant: &TenantId, step: Step) -> Order {
    receive(stock, tenant, &[("MUG", 10)]).await;
    let order = stored(orders, tenant, "k", of_skus(&[("MUG", 3)])).await;
    bring_to(orders, order, step).await.unwrap()
}

async fn cancelled(orders: &impl Keeper, order: &Order) -> Order {
    let draft = order.decide_cancelled(CancelReason::Customer, "changed my mind".to_owned()).unwrap().unwrap();
    went_on(orders, order, draft, 100).await
}

async fn released(orders: &impl Keeper, order: &Order) -> Order {
    went_on(orders, order, order.decide_stock_released().unwrap().unwrap(), 101).await
}

/// Every kind of event of a life without trouble, from the store's own text.
pub async fn a_whole_life_reads_back_as_it_was_written(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("life");
    receive(stock, &tenant, &[("MUG-BLUE", 9), ("TEE-M-BLACK", 9)]).await;
    let order = stored(orders, &tenant, "k", placed()).await;
    let closed = bring_to(orders, order.clone(), Step::Closed).await.unwrap();
    assert_eq!(closed.version, 12);
    assert_eq!(orders.load(&tenant, &order.id).await.unwrap(), Some(closed));
}

/// One event per version: who was second decides again.
pub async fn of_two_events_of_one_version_the_second_is_a_conflict(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("race");
    let order = mugs(orders, stock, &tenant, Step::Screened).await;
    let cancel = order.decide_cancelled(CancelReason::Customer, "no".to_owned()).unwrap().unwrap();
    let (first, second) = (next(&order, cancel, 10), story(&order, Step::Authorized).pop().unwrap());
    assert_eq!(go_on(orders, &order, &first).await.unwrap(), Committed::Stored);
    for late in [&second, &first] {
        assert!(matches!(go_on(orders, &order, late).await, Err(StoreError::Conflict)));
    }
    assert_eq!(orders.load(&tenant, &order.id).await.unwrap(), Some(first.0));
}

/// A second run of routing finds neither the version nor the free units: it is told to decide again, not that
/// the goods are gone.
pub async fn somebody_elses_event_counts_before_missing_stock(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("both");
    receive(stock, &tenant, &[("MUG", 3)]).await;
    let order = stored(orders, &tenant, "k", of_skus(&[("MUG", 3)])).await;
    let order = bring_to(orders, order, Step::Authorized).await.unwrap();
    let routed = story(&order, Step::Routed).pop().unwrap();
    assert_eq!(go_on(orders, &order, &routed).await.unwrap(), Committed::Stored);
    assert!(matches!(go_on(orders, &order, &routed).await, Err(StoreError::Conflict)));
    assert_eq!(counters(stock, &tenant, "MUG").await, (0, [3, 3, 0, 0]));
}

/// Units are promised network-wide and then allocated somewhere; that place may have too few.
pub async fn a_site_that_has_too_little_is_named_and_nothing_is_stored(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("elsewhere");
    receive(stock, &tenant, &[("A", 1), ("B", 5)]).await;
    stores(stock, &tenant, &receipt(&tenant, "far", "columbus", &[("A", 2)])).await;
    let order = stored(orders, &tenant, "k", of_skus(&[("A", 3), ("B", 1)])).await;
    let order = bring_to(orders, order, Step::Authorized).await.unwrap();
    let routed = story(&order, Step::Routed).pop().unwrap();
    assert_eq!(go_on(orders, &order, &routed).await.unwrap(), Committed::Short(vec![id("A")]));
    assert_eq!(orders.load(&tenant, &order.id).await.unwrap(), Some(order));
    assert_eq!(counters(stock, &tenant, "A").await, (0, [1, 0, 1, 0]));
    assert_eq!(counters(stock, &tenant, "B").await, (4, [5, 0, 5, 0]));
}

/// Reserved, allocated, gone.
pub async fn routing_and_dispatch_move_what_the_event_says(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("moves");
    let order = mugs(orders, stock, &tenant, Step::Authorized).await;
    assert_eq!(counters(stock, &tenant, "MUG").await, (7, [10, 0, 10, 0]));
    let order = bring_to(orders, order, Step::Routed).await.unwrap();
    assert_eq!(counters(stock, &tenant, "MUG").await, (7, [10, 3, 7, 0]));
    let order = bring_to(orders, order, Step::HandedOver).await.unwrap();
    assert_eq!(counters(stock, &tenant, "MUG").await, (7, [10, 3, 7, 0]));
    bring_to(orders, order, Step::Dispatched).await.unwrap();
    assert_eq!(counters(stock, &tenant, "MUG").await, (7, [7, 0, 7, 0]));
}

/// Before any site was chosen.
pub async fn a_released_reservation_is_available_again_once(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("released");
    let order = mugs(orders, stock, &tenant, Step::Authorized).await;
    let order = cancelled(orders, &order).await;
    let again = next(&order, order.decide_stock_released().unwrap().unwrap(), 102);
    released(orders, &order).await;
    assert!(matches!(go_on(orders, &order, &again).await, Err(StoreError::Conflict)));
    assert_eq!(counters(stock, &tenant, "MUG").await, (10, [10, 0, 10, 0]));
}

/// After a site was chosen.
pub async fn a_called_off_allocation_is_available_again(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("deallocated");
    let order = mugs(orders, stock, &tenant, Step::Packed).await;
    let order = cancelled(orders, &order).await;
    assert_eq!(counters(stock, &tenant, "MUG").await, (7, [10, 3, 7, 0]));
    released(orders, &order).await;
    assert_eq!(counters(stock, &tenant, "MUG").await, (10, [10, 0, 10, 0]));
}

/// Out of promises until it is counted; and never given back with the rest.
pub async fn what_was_not_found_is_held_back(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("missing");
    let order = mugs(orders, stock, &tenant, Step::Routed).await;
    let found = vec![PickedLine { line: 1, picked: 1 }];
    let order = went_on(orders, &order, order.decide_picked(1, found).unwrap().unwrap(), 50).await;
    assert_eq!(counters(stock, &tenant, "MUG").await, (7, [10, 1, 7, 2]));
    let order = cancelled(orders, &order).await;
    released(orders, &order).await;
    assert_eq!(counters(stock, &tenant, "MUG").await, (8, [10, 0, 8, 2]));
}
