//! What an event costs: a write unit per begun KB of every item, twice in a transaction.

use crate::tables::{self, ORDERS, STOCK};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;
use waybill_aws::{DynamoOrders, DynamoStock};
use waybill_domain::order::{AccountKind, Order, RequestRecord, Tender};
use waybill_domain::ports::{Accounts, Adjusted, Adjustment, Commit, Committed, Orders, Stock};
use waybill_testkit::{Step, account, at, bring_to, card, first_of, id, of_skus, placed, receipt, usd, with_tenders};

fn size(item: &HashMap<String, AttributeValue>) -> usize {
    // Two digits a byte, and one; true is one.
    let digits = |value: &AttributeValue| value.as_n().map_or(1, |digits| digits.len().div_ceil(2) + 1);
    let value = |value: &AttributeValue| value.as_s().map_or_else(|_| digits(value), String::len);
    item.iter().map(|(name, own)| name.len() + value(own)).sum()
}

/// Items of the table of orders whose sort key begins so, and their sizes.
async fn sizes(client: &Client, sk: &str) -> Vec<usize> {
    let items = client.scan().table_name(ORDERS).send().await.unwrap().items.unwrap_or_default();
    let ours = items.iter().filter(|item| item["sk"].as_s().unwrap().starts_with(sk));
    ours.map(size).collect()
}

/// An order with everything long that may be: four tenders, two of them on accounts.
fn longest() -> Order {
    let mut body = placed();
    body.reference = Some("R".repeat(64).try_into().unwrap());
    body.channel = id(&"c".repeat(32));
    let credit = |kind| Tender::Account(account(kind, &"a".repeat(64)));
    let tenders = [credit(AccountKind::GiftCard), credit(AccountKind::StoreCredit), card(), card()];
    let body = with_tenders(body, tenders.into_iter().zip([1_000, 1_000, 2_000, 2_499]).collect());
    first_of(&id(&"t".repeat(32)), "k", body).0
}

#[tokio::test]
async fn every_item_of_an_events_money_is_one_kilobyte_at_most() {
    let (client, order) = (tables::database().await, longest());
    let orders = DynamoOrders::new(client.clone(), ORDERS, STOCK);
    let tenant = &order.tenant;
    for line in &order.placed.lines {
        let stock = DynamoStock::new(client.clone(), STOCK);
        let sku = line.sku.as_str();
        stock.file(tenant, &receipt(tenant, sku, "reno", &[(sku, 9)]), &[]).await.unwrap();
    }
    for tender in order.placed.tenders.iter().filter_map(|part| part.tender.account()) {
        let request = RequestRecord { key: "k".repeat(64), body: "b".repeat(64), status: 200, answer: "{}".to_owned() };
        let (reason, actor) = ("r".repeat(200), "client:staff".to_owned());
        let adjustment = Adjustment { account: tender.clone(), amount: usd(1_000), reason, actor, request, at: at(0) };
        assert_eq!(orders.adjust(tenant, &adjustment).await.unwrap(), Adjusted::Stored);
    }
    let commit = Commit { before: None, after: &order, recorded: &order.history()[0] };
    assert_eq!(orders.commit(commit).await.unwrap(), Committed::Stored);
    let order = bring_to(&orders, order.clone(), Step::Authorized).await.unwrap();
    // Held on all of them, and marked for the sweeper: a head is never larger.
    let head = sizes(&client, "STATE").await[0];
    bring_to(&orders, order, Step::Captured).await.unwrap();
    let (balances, entries) = (sizes(&client, "BALANCE#").await, sizes(&client, "ENTRY#").await);
    let pointers = sizes(&client, "ORDER").await;
    println!("head {head}, balances {balances:?}, entries {entries:?}, pointers {pointers:?}");
    assert!(head <= 1_024, "{head}");
    assert_eq!((balances.len(), entries.len(), pointers.len()), (2, 2, 3));
    for bytes in balances.into_iter().chain(entries).chain(pointers) {
        assert!(bytes <= 1_024, "{bytes}");
    }
}

#[tokio::test]
async fn the_bounds_stand_in_the_head_only_while_there_is_something_to_take_or_give_back() {
    let client = tables::database().await;
    let orders = DynamoOrders::new(client.clone(), ORDERS, STOCK);
    let stock = DynamoStock::new(client.clone(), STOCK);
    stock.file(&id("acme"), &receipt(&id("acme"), "r", "reno", &[("A", 9)]), &[]).await.unwrap();
    let (order, first) = first_of(&id("acme"), "k", of_skus(&[("A", 1)]));
    orders.commit(Commit { before: None, after: &order, recorded: &first }).await.unwrap();
    let mut order = order;
    let table = [
        (Step::Screened, (None, None)),
        (Step::Authorized, (Some("1000"), None)),
        (Step::Dispatched, (Some("1000"), None)),
        (Step::Captured, (None, Some("1000"))),
        (Step::Closed, (None, Some("1000"))),
    ];
    for (step, (capturable, refundable)) in table {
        order = bring_to(&orders, order, step).await.unwrap();
        let items = client.scan().table_name(ORDERS).send().await.unwrap().items.unwrap();
        let head = items.iter().find(|item| item["sk"].as_s().is_ok_and(|sk| sk == "STATE")).unwrap();
        let minor = |name: &str| head.get(name).map(|value| value.as_n().unwrap().as_str());
        assert_eq!((minor("capturable_1"), minor("refundable_1")), (capturable, refundable), "{step:?}");
    }
}
