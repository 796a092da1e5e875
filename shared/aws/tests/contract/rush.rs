//! Many clients at once, on threads of their own.

use crate::tables::{self, ORDERS, STOCK};
use tokio::task::JoinSet;
use waybill_aws::{DynamoOrders, DynamoStock};
use waybill_domain::id::TenantId;
use waybill_domain::ports::{Commit, Committed, Orders, Stock};
use waybill_testkit::{at, first_of, id, of_skus};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_clients_sell_ten_units_once() {
    let client = tables::database().await;
    let tenant: TenantId = id("rush");
    let stock = DynamoStock::new(client.clone(), STOCK);
    stock.set_on_hand(&tenant, &id("A"), &id("reno"), 10, "receipt", at(0)).await.unwrap();
    let mut clients = JoinSet::new();
    for n in 0..30 {
        let (orders, tenant) = (DynamoOrders::new(client.clone(), ORDERS, STOCK), tenant.clone());
        clients.spawn(async move {
            let (order, first) = first_of(&tenant, &format!("k{n}"), of_skus(&[("A", 1)]));
            let committed = orders.commit(Commit { before: None, after: &order, recorded: &first }).await.unwrap();
            let stored = orders.load(&tenant, &order.id).await.unwrap().is_some();
            assert_eq!(stored, committed == Committed::Stored);
            committed
        });
    }
    let outcomes = clients.join_all().await;
    let sold = outcomes.iter().filter(|outcome| **outcome == Committed::Stored).count();
    let short = outcomes.iter().filter(|outcome| **outcome == Committed::Short(vec![id("A")])).count();
    assert_eq!((sold, short), (10, 20));
    let (available, sites) = stock.levels(&tenant, &id("A")).await.unwrap();
    assert_eq!((available, sites[0].1.on_hand), (0, 10));
}
