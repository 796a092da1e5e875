//! What is promised to orders: out of what is here, and out of what is expected.

use super::{Keeper, counters, go_on, next, place, receive, stored, stores, went_on};
use crate::{at, document, document_id, first_at, first_of, id, of_skus, receipt};
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::order::{CancelReason, Order, Placed};
use waybill_domain::ports::{Committed, Stock};
use waybill_domain::stock::{Body, Document, Kind, Movement, Network};

/// So many units of `A` will come in.
fn announcement(tenant: &TenantId, units: i64) -> Document {
    let expected = Movement::network(Kind::Expected, id("A"), units).announced(document_id(tenant, "announced"));
    let body = Body::Announcement { site: id("reno"), due: "2026-12-24".parse().unwrap(), reference: None };
    document(tenant, "announced", body, vec![expected])
}

fn arrival(tenant: &TenantId, key: &str, units: i64) -> Document {
    let announcement = document_id(tenant, "announced");
    let arrived = Movement::at(Kind::Arrived, id("A"), id("reno"), units).announced(announcement.clone());
    let body = Body::Receipt { site: id("reno"), announcement: Some(announcement), reference: None };
    document(tenant, key, body, vec![arrived])
}

/// An order of units of `A`, of which so many are expected.
fn backorder(quantity: u32, backordered: u32) -> Placed {
    let mut placed = of_skus(&[("A", quantity)]);
    placed.lines[0].backordered = backordered;
    placed
}

fn leaving(quantity: u32, backordered: u32, leave: u32) -> Placed {
    let mut placed = backorder(quantity, backordered);
    placed.lines[0].leave = leave;
    placed
}

async fn network(stock: &impl Stock, tenant: &TenantId) -> [i64; 3] {
    let Network { available, promisable, fillable } = stock.levels(tenant, &id("A")).await.unwrap().network;
    [available, promisable, fillable]
}

/// Who waits for `A`, and for how many units; the first so many.
async fn queue(stock: &impl Stock, tenant: &TenantId, limit: usize) -> Vec<(OrderId, i64)> {
    let waiting = stock.waiting(tenant, &id("A"), limit).await.unwrap();
    assert!(waiting.is_sorted_by_key(|one| one.since));
    waiting.into_iter().map(|one| (one.order, one.units)).collect()
}

/// Safety stock, and what is kept for other channels.
pub async fn units_left_to_others_are_not_promised(orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("buffer");
    receive(stock, &tenant, &[("A", 5)]).await;
    let short = Committed::Short(vec![id("A")]);
    assert_eq!(place(orders, &first_of(&tenant, "k", leaving(3, 0, 3))).await.unwrap(), short);
    assert_eq!(network(stock, &tenant).await, [5, 5, 5]);
    stored(orders, &tenant, "l", leaving(3, 0, 2)).await;
    assert_eq!(place(orders, &first_of(&tenant, "m", leaving(1, 0, 2))).await.unwrap(), short);
    stored(orders, &tenant, "n", leaving(2, 0, 0)).await;
    assert_eq!(network(stock, &tenant).await, [0, 0, 0]);
}

/// And not twice.
pub async fn backorders_are_promised_out_of_what_is_announced(orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("backorder");
    receive(stock, &tenant, &[("A", 1)]).await;
    stores(stock, &tenant, &announcement(&tenant, 5)).await;
    let short = Committed::Short(vec![id("A")]);
    assert_eq!(place(orders, &first_of(&tenant, "k", backorder(7, 7))).await.unwrap(), short);
    // One is here, the others are not.
    stored(orders, &tenant, "l", backorder(5, 4)).await;
    assert_eq!(network(stock, &tenant).await, [-4, 1, 0]);
    assert_eq!(place(orders, &first_of(&tenant, "m", backorder(1, 0))).await.unwrap(), short);
    assert_eq!(place(orders, &first_of(&tenant, "n", backorder(2, 2))).await.unwrap(), short);
    assert_eq!(place(orders, &first_of(&tenant, "o", leaving(1, 1, 1))).await.unwrap(), short);
    stored(orders, &tenant, "p", backorder(1, 1)).await;
    assert_eq!(network(stock, &tenant).await, [-5, 0, 0]);
    assert_eq!(counters(stock, &tenant, "A").await, (-5, [1, 0, 1, 0]));
}

/// A newcomer cannot take units that come in for others.
pub async fn who_waits_longest_is_first(orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("queue");
    stores(stock, &tenant, &announcement(&tenant, 10)).await;
    let mut waiting = Vec::new();
    for (key, seconds, units) in [("second", 20, 2), ("first", 10, 3), ("third", 30, 4)] {
        let first = first_at(&tenant, key, backorder(units, units), at(seconds));
        assert_eq!(place(orders, &first).await.unwrap(), Committed::Stored);
        waiting.push(first.0);
    }
    let [second, first, third] = waiting.try_into().unwrap();
    let line = |order: &Order, units| (order.id.clone(), units);
    assert_eq!(queue(stock, &tenant, 9).await, [line(&first, 3), line(&second, 2), line(&third, 4)]);
    assert_eq!(queue(stock, &tenant, 2).await, [line(&first, 3), line(&second, 2)]);
    assert_eq!(stock.waiting(&id("others"), &id("A"), 9).await.unwrap(), []);

    stores(stock, &tenant, &arrival(&tenant, "some", 4)).await;
    assert_eq!(network(stock, &tenant).await, [-5, 1, 4]);
    let newcomer = first_of(&tenant, "newcomer", backorder(1, 0));
    assert_eq!(place(orders, &newcomer).await.unwrap(), Committed::Short(vec![id("A")]));
    let filled = went_on(orders, &first, first.decide_filled(&id("A"), 3).unwrap().unwrap(), 40).await;
    assert_eq!(filled.waits_for(), [].into());
    let partly = went_on(orders, &second, second.decide_filled(&id("A"), 1).unwrap().unwrap(), 41).await;
    assert_eq!(queue(stock, &tenant, 9).await, [line(&second, 1), line(&third, 4)]);
    assert_eq!(network(stock, &tenant).await, [-5, 1, 0]);

    let cancel = third.decide_cancelled(CancelReason::Customer, "no".to_owned()).unwrap().unwrap();
    let gone = went_on(orders, &third, cancel, 42).await;
    went_on(orders, &gone, gone.decide_stock_released().unwrap().unwrap(), 43).await;
    assert_eq!(queue(stock, &tenant, 9).await, [line(&partly, 1)]);
    assert_eq!(network(stock, &tenant).await, [-1, 5, 0]);
}

/// Whoever says so.
pub async fn a_backorder_is_filled_with_units_that_are_here_only(orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("filled");
    stores(stock, &tenant, &announcement(&tenant, 4)).await;
    let order = stored(orders, &tenant, "k", backorder(4, 4)).await;
    stores(stock, &tenant, &arrival(&tenant, "some", 3)).await;
    let all = next(&order, order.decide_filled(&id("A"), 4).unwrap().unwrap(), 5);
    assert_eq!(go_on(orders, &order, &all).await.unwrap(), Committed::Short(vec![id("A")]));
    assert_eq!(queue(stock, &tenant, 9).await, [(order.id.clone(), 4)]);
    let order = went_on(orders, &order, order.decide_filled(&id("A"), 3).unwrap().unwrap(), 6).await;
    assert_eq!(queue(stock, &tenant, 9).await, [(order.id.clone(), 1)]);
    assert_eq!(network(stock, &tenant).await, [-1, 0, 0]);
    // What comes in unannounced fills as well.
    stores(stock, &tenant, &receipt(&tenant, "found", "reno", &[("A", 1)])).await;
    let order = went_on(orders, &order, order.decide_filled(&id("A"), 1).unwrap().unwrap(), 7).await;
    assert_eq!((order.waits_for(), queue(stock, &tenant, 9).await), ([].into(), vec![]));
    assert_eq!(network(stock, &tenant).await, [0, 1, 0]);
}

/// It may be taken by others meanwhile, and made again where it was not.
pub async fn a_reservation_that_lapsed_is_made_again(orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("lapsed");
    receive(stock, &tenant, &[("A", 3)]).await;
    let order = stored(orders, &tenant, "k", of_skus(&[("A", 2)])).await;
    let until = order.reserved_until().unwrap();
    let seconds = until.as_second() - at(0).as_second();
    let order = went_on(orders, &order, order.decide_timer(until).unwrap().unwrap(), seconds).await;
    assert_eq!(network(stock, &tenant).await, [3, 3, 3]);
    let other = stored(orders, &tenant, "other", of_skus(&[("A", 2)])).await;
    let again = next(&order, order.decide_reconfirmed(&[]).unwrap().unwrap(), seconds + 1);
    assert_eq!(go_on(orders, &order, &again).await.unwrap(), Committed::Short(vec![id("A")]));
    let cancel = other.decide_cancelled(CancelReason::Customer, "no".to_owned()).unwrap().unwrap();
    let other = went_on(orders, &other, cancel, 2).await;
    went_on(orders, &other, other.decide_stock_released().unwrap().unwrap(), 3).await;
    assert_eq!(go_on(orders, &order, &again).await.unwrap(), Committed::Stored);
    assert_eq!(network(stock, &tenant).await, [1, 1, 1]);
}
