//! The sweeper's list.

use super::{Keeper, receive, stored, went_on};
use crate::{Step, at, bring_to, id, of_skus, usd};
use jiff::Timestamp;
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::order::{CancelReason, RefundWish};
use waybill_domain::ports::{Stock, Watch};

async fn is_due(orders: &impl Watch, tenant: &TenantId, order: &OrderId, now: Timestamp) -> bool {
    let due = orders.due(now, 1_000).await.unwrap();
    due.contains(&(tenant.clone(), order.clone()))
}

/// Five minutes after it was placed, then when the sweeper says, whatever happens to it meanwhile.
pub async fn an_order_is_looked_at_when_it_is_due_and_not_before(orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("due");
    receive(stock, &tenant, &[("A", 20)]).await;
    let order = stored(orders, &tenant, "k", of_skus(&[("A", 1)])).await;
    assert!(!is_due(orders, &tenant, &order.id, at(299)).await);
    assert!(is_due(orders, &tenant, &order.id, at(301)).await);
    let order = bring_to(orders, order, Step::Screened).await.unwrap();
    assert!(is_due(orders, &tenant, &order.id, at(301)).await);
    orders.look_again(&tenant, &order.id, Some(at(900))).await.unwrap();
    assert!(!is_due(orders, &tenant, &order.id, at(899)).await);
    assert!(is_due(orders, &tenant, &order.id, at(901)).await);
    for n in 0..9 {
        stored(orders, &tenant, &format!("k{n}"), of_skus(&[("A", 1)])).await;
    }
    assert_eq!(orders.due(at(901), 1_000).await.unwrap().len(), 10);
    // At most so many; a keeper may take as many from each part of its list, so that none waits for another.
    assert!((1..=4).contains(&orders.due(at(901), 4).await.unwrap().len()));
}

/// Closed, or cancelled with everything given back: the last event, too, may not have been relayed, so its mark stays until
/// the sweeper takes it away; and none comes back.
pub async fn a_finished_order_is_looked_at_once_more_and_never_again(orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("finished");
    let far = at(9_999_999);
    receive(stock, &tenant, &[("A", 10)]).await;
    let closed = stored(orders, &tenant, "closed", of_skus(&[("A", 1)])).await;
    let closed = bring_to(orders, closed, Step::Delivered).await.unwrap();
    assert!(is_due(orders, &tenant, &closed.id, far).await);
    let closed = bring_to(orders, closed, Step::Closed).await.unwrap();

    let ended = stored(orders, &tenant, "ended", of_skus(&[("A", 1)])).await;
    let cancel = ended.decide_cancelled(CancelReason::Customer, "no".to_owned()).unwrap().unwrap();
    let ended = went_on(orders, &ended, cancel, 1).await;
    assert!(is_due(orders, &tenant, &ended.id, far).await);
    let ended = went_on(orders, &ended, ended.decide_stock_released().unwrap().unwrap(), 2).await;

    let dropped = stored(orders, &tenant, "dropped", of_skus(&[("A", 1)])).await;
    orders.look_again(&tenant, &dropped.id, None).await.unwrap();

    for order in [&closed, &ended] {
        assert!(is_due(orders, &tenant, &order.id, far).await);
        orders.look_again(&tenant, &order.id, None).await.unwrap();
    }
    for order in [closed, ended, dropped] {
        assert!(!is_due(orders, &tenant, &order.id, far).await);
        orders.look_again(&tenant, &order.id, Some(at(0))).await.unwrap();
        assert!(!is_due(orders, &tenant, &order.id, far).await);
    }
    // Nor is an order that never was.
    let nobody = OrderId::derive(&tenant, "r", "k");
    orders.look_again(&tenant, &nobody, Some(at(0))).await.unwrap();
    assert!(!is_due(orders, &tenant, &nobody, far).await);
}

/// Money is given back of a closed order: until that is done it has a mark again, which a sweeper that looked before may not
/// take away.
pub async fn an_order_that_goes_on_after_its_end_is_looked_at_again(orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("reopened");
    receive(stock, &tenant, &[("A", 10)]).await;
    let order = stored(orders, &tenant, "k", of_skus(&[("A", 1)])).await;
    let order = bring_to(orders, order, Step::Closed).await.unwrap();
    orders.look_again(&tenant, &order.id, None).await.unwrap();
    assert!(!is_due(orders, &tenant, &order.id, at(9_999_999)).await);

    let reason = "late".to_owned().try_into().unwrap();
    let wish = RefundWish { lines: Vec::new(), shipping: None, goodwill: Some(usd(100)), overcharge: false, reason };
    let order = went_on(orders, &order, order.decide_refund(&wish, None).unwrap().unwrap(), 5_000).await;
    assert!(!is_due(orders, &tenant, &order.id, at(5_299)).await);
    assert!(is_due(orders, &tenant, &order.id, at(5_301)).await);
    orders.look_again(&tenant, &order.id, None).await.unwrap();
    assert!(is_due(orders, &tenant, &order.id, at(5_301)).await);
    orders.look_again(&tenant, &order.id, Some(at(6_000))).await.unwrap();
    assert!(!is_due(orders, &tenant, &order.id, at(5_999)).await);

    let refunded = order.decide_refunded(1, 1, "re_1".to_owned()).unwrap().unwrap();
    let order = went_on(orders, &order, refunded, 6_001).await;
    assert!(is_due(orders, &tenant, &order.id, at(6_002)).await);
    orders.look_again(&tenant, &order.id, None).await.unwrap();
    assert!(!is_due(orders, &tenant, &order.id, at(9_999_999)).await);
}
