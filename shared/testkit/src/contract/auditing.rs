//! The reconciler's pages.

use super::{Keeper, receive, stored};
use crate::{Step, at, bring_to, id, of_skus};
use jiff::SignedDuration;
use std::collections::BTreeMap;
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::order::{Order, Wait};
use waybill_domain::ports::{Audit, Stock};

/// Every order of every page, each once; and what the pages cost.
async fn all(orders: &impl Audit) -> (BTreeMap<(TenantId, OrderId), Order>, u64) {
    let (mut found, mut cost, mut after) = (BTreeMap::new(), 0, None);
    loop {
        let page = orders.scan(after.as_deref()).await.unwrap();
        cost += page.half_units;
        for (tenant, id, order) in page.orders {
            let earlier = found.insert((tenant, id), order.unwrap());
            assert_eq!(earlier, None, "an order on two pages, or a scan without end");
        }
        after = page.next;
        if after.is_none() {
            return (found, cost);
        }
    }
}

/// Of all tenants, at any point of their lives, whatever lies between them.
pub async fn a_scan_finds_every_order_whole_and_once(orders: &impl Keeper, stock: &impl Stock) {
    let (empty, _) = all(orders).await;
    assert_eq!(empty, BTreeMap::new());
    let mut expected = BTreeMap::new();
    for (n, step) in (0..).zip(Step::ALL) {
        let tenant: TenantId = id(if n % 2 == 0 { "one" } else { "two" });
        if n < 2 {
            receive(stock, &tenant, &[("A", 100)]).await;
        }
        let order = stored(orders, &tenant, &format!("k{n}"), of_skus(&[("A", 1)])).await;
        let order = bring_to(orders, order, step).await.unwrap();
        for effect in ["authorize-1-0", "notice-order_confirmed"] {
            orders.claim(&tenant, &order.id, effect, at(1)).await.unwrap();
        }
        orders.keep_token(&tenant, &order.id, Wait::Review, "token", at(1)).await.unwrap();
        orders.begin(&tenant, &format!("key-{n}"), "body", SignedDuration::from_mins(1), at(1)).await.unwrap();
        expected.insert((tenant, order.id.clone()), order);
    }
    let (found, cost) = all(orders).await;
    assert_eq!(found.len(), expected.len());
    assert_eq!(found, expected);
    assert!(cost > 0);
}
