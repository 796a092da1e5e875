//! Claims, task tokens, tracking codes.

use super::{Keeper, receive, stored};
use crate::{Step, at, bring_to, id, of_skus};
use std::collections::BTreeSet;
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::order::Wait;
use waybill_domain::ports::{Claim, Stock};

/// The first run goes on; every later one is told when that was, until its effect is known not to have happened.
pub async fn an_effect_is_claimed_once_until_it_is_taken_back(orders: &impl Keeper, _stock: &impl Stock) {
    let tenant: TenantId = id("claims");
    let order = OrderId::derive(&tenant, "r", "k");
    assert_eq!(orders.claimed(&tenant, &order, "authorize").await.unwrap(), None);
    assert_eq!(orders.claim(&tenant, &order, "authorize", at(1)).await.unwrap(), Claim::Ours);
    for seconds in [2, 3] {
        let again = orders.claim(&tenant, &order, "authorize", at(seconds)).await.unwrap();
        assert_eq!(again, Claim::Earlier(at(1)));
    }
    assert_eq!(orders.claimed(&tenant, &order, "authorize").await.unwrap(), Some(at(1)));
    assert_eq!(orders.claim(&tenant, &order, "capture-1", at(4)).await.unwrap(), Claim::Ours);
    assert_eq!(orders.claim(&id("others"), &order, "authorize", at(4)).await.unwrap(), Claim::Ours);

    orders.unclaim(&tenant, &order, "authorize").await.unwrap();
    orders.unclaim(&tenant, &order, "authorize").await.unwrap();
    assert_eq!(orders.claimed(&tenant, &order, "authorize").await.unwrap(), None);
    assert_eq!(orders.claim(&tenant, &order, "authorize", at(5)).await.unwrap(), Claim::Ours);
    assert_eq!(orders.claimed(&tenant, &order, "capture-1").await.unwrap(), Some(at(4)));
    // A claim is no part of the order.
    assert_eq!(orders.load(&tenant, &order).await.unwrap(), None);
}

/// A state entered again has a new token, and the old one may still be waited on; the same one twice is one.
pub async fn every_token_of_a_wait_is_kept(orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("tokens");
    receive(stock, &tenant, &[("A", 1)]).await;
    let order = stored(orders, &tenant, "k", of_skus(&[("A", 1)])).await;
    // Tokens can have 2,048 characters on AWS.
    let long = "AQ".repeat(1024);
    let kept = [
        (Wait::Review, "one"),
        (Wait::Payment, "zero"),
        (Wait::Pick(1), "two"),
        (Wait::Pick(1), &long),
        (Wait::Pick(12), "three"),
        (Wait::HandOver(1), "four"),
        (Wait::Delivery, "five"),
    ];
    for (wait, token) in kept.iter().chain(&kept[..3]) {
        orders.keep_token(&tenant, &order.id, *wait, token, at(1)).await.unwrap();
    }
    let found = orders.tokens(&tenant, &order.id).await.unwrap();
    assert_eq!(found.len(), kept.len());
    let found: BTreeSet<_> = found.into_iter().map(|(wait, token)| (wait.key(), token)).collect();
    assert_eq!(found, kept.iter().map(|(wait, token)| (wait.key(), (*token).to_owned())).collect());
    assert_eq!(orders.load(&tenant, &order.id).await.unwrap(), Some(order));
    assert_eq!(orders.tokens(&tenant, &OrderId::derive(&tenant, "r", "other")).await.unwrap(), vec![]);
}

/// From the label on, for its own tenant.
pub async fn a_shipment_is_found_by_its_tracking_code(orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("tracked");
    receive(stock, &tenant, &[("A", 1)]).await;
    let order = stored(orders, &tenant, "k", of_skus(&[("A", 1)])).await;
    let order = bring_to(orders, order, Step::Labeled).await.unwrap();
    let code = order.fulfillments[0].shipment.as_ref().unwrap().label.tracking_code.clone();
    assert_eq!(orders.tracked(&tenant, &code).await.unwrap(), Some(order.id));
    assert_eq!(orders.tracked(&tenant, "9400").await.unwrap(), None);
    assert_eq!(orders.tracked(&id("others"), &code).await.unwrap(), None);
}
