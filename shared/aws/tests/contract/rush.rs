//! Many clients at once, on threads of their own.

use crate::tables::{self, ORDERS, STOCK};
use tokio::task::JoinSet;
use waybill_aws::{DynamoOrders, DynamoStock};
use waybill_domain::id::TenantId;
use waybill_domain::order::{AccountKind, RequestRecord, Tender};
use waybill_domain::ports::{Accounts, Adjusted, Adjustment, Begun, Commit, Committed, Orders, Requests, Stock};
use waybill_testkit::{Step, account, at, bring_to, first_of, id, of_skus, receipt, story, usd, with_tenders};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_clients_sell_ten_units_once() {
    let client = tables::database().await;
    let tenant: TenantId = id("rush");
    let stock = DynamoStock::new(client.clone(), STOCK);
    stock.file(&tenant, &receipt(&tenant, "receipt", "reno", &[("A", 10)]), &[]).await.unwrap();
    let mut clients = JoinSet::new();
    for n in 0..50 {
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
    assert_eq!((sold, short), (10, 40));
    let levels = stock.levels(&tenant, &id("A")).await.unwrap();
    assert_eq!((levels.network.available, levels.sites[0].level.on_hand), (0, 10));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_orders_draw_five_times_on_what_pays_for_five() {
    let client = tables::database().await;
    let (tenant, credit): (TenantId, _) = (id("rush"), account(AccountKind::GiftCard, "card"));
    let orders = DynamoOrders::new(client.clone(), ORDERS, STOCK);
    let stock = DynamoStock::new(client.clone(), STOCK);
    stock.file(&tenant, &receipt(&tenant, "receipt", "reno", &[("A", 20)]), &[]).await.unwrap();
    let request = RequestRecord { key: "k".to_owned(), body: "b".to_owned(), status: 200, answer: "{}".to_owned() };
    let (account, reason, actor) = (credit.clone(), "sold".to_owned(), "client:staff".to_owned());
    let adjustment = Adjustment { account, amount: usd(5_500), reason, actor, request, at: at(0) };
    assert_eq!(orders.adjust(&tenant, &adjustment).await.unwrap(), Adjusted::Stored);
    let mut clients = JoinSet::new();
    for n in 0..20 {
        let (orders, tenant, tender) = (orders.clone(), tenant.clone(), Tender::Account(credit.clone()));
        clients.spawn(async move {
            let body = with_tenders(of_skus(&[("A", 1)]), vec![(tender, 1_000)]);
            let (order, first) = first_of(&tenant, &format!("k{n}"), body);
            let placed = orders.commit(Commit { before: None, after: &order, recorded: &first }).await.unwrap();
            assert_eq!(placed, Committed::Stored);
            let before = bring_to(&orders, order, Step::Screened).await.unwrap();
            let (after, recorded) = story(&before, Step::Authorized).pop().unwrap();
            orders.commit(Commit { before: Some(&before), after: &after, recorded: &recorded }).await.unwrap()
        });
    }
    let outcomes = clients.join_all().await;
    let drawn = outcomes.iter().filter(|outcome| **outcome == Committed::Stored).count();
    let refused = outcomes.iter().filter(|outcome| **outcome == Committed::Overdrawn(credit.clone())).count();
    assert_eq!((drawn, refused), (5, 15));
    assert_eq!(orders.available(&tenant, &credit).await.unwrap(), [usd(500)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_calls_with_one_key_begin_once() {
    let orders = DynamoOrders::new(tables::database().await, ORDERS, STOCK);
    let mut clients = JoinSet::new();
    for _ in 0..50 {
        let orders = orders.clone();
        let lease = jiff::SignedDuration::from_mins(1);
        clients.spawn(async move { orders.begin(&id("rush"), "key", "body", lease, at(0)).await.unwrap() });
    }
    let begun = clients.join_all().await;
    assert_eq!(begun.iter().filter(|begun| **begun == Begun::Ours).count(), 1);
    assert_eq!(begun.iter().filter(|begun| **begun == Begun::Running).count(), 49);
}
