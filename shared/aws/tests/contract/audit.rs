//! Pages of the audit that end anywhere, and records that are damaged.

use crate::tables::{self, ORDERS, STOCK};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::BTreeMap;
use waybill_aws::{DynamoOrders, DynamoStock};
use waybill_domain::id::OrderId;
use waybill_domain::order::{Corrupt, Order, Wait};
use waybill_domain::ports::{Audit, Commit, Committed, Orders, Stock, StoreError};
use waybill_testkit::{Step, at, bring_to, first_of, of_skus, receipt, tenant};

async fn orders(client: &Client, keys: &[&str]) -> Vec<Order> {
    let orders = DynamoOrders::new(client.clone(), ORDERS, STOCK);
    let stock = DynamoStock::new(client.clone(), STOCK);
    stock.file(&tenant(), &receipt(&tenant(), "receipt", "reno", &[("A", 100)]), &[]).await.unwrap();
    let mut placed = Vec::new();
    for key in keys {
        let (order, first) = first_of(&tenant(), key, of_skus(&[("A", 1)]));
        let commit = Commit { before: None, after: &order, recorded: &first };
        assert_eq!(orders.commit(commit).await.unwrap(), Committed::Stored);
        placed.push(bring_to(&orders, order, Step::Closed).await.unwrap());
    }
    placed
}

/// Every page: its size in orders, and their outcomes.
async fn scanned(orders: &impl Audit) -> (Vec<usize>, BTreeMap<OrderId, Result<Order, Corrupt>>) {
    let (mut sizes, mut found, mut after) = (Vec::new(), BTreeMap::new(), None);
    loop {
        let page = orders.scan(after.as_deref()).await.unwrap();
        sizes.push(page.orders.len());
        for (_, id, order) in page.orders {
            assert!(found.insert(id, order).is_none(), "an order on two pages");
        }
        after = page.next;
        if after.is_none() {
            return (sizes, found);
        }
    }
}

#[tokio::test]
async fn every_order_is_found_whole_and_once_wherever_a_page_ends() {
    let client = tables::database().await;
    let placed = orders(&client, &["k", "l", "m"]).await;
    let all = DynamoOrders::new(client.clone(), ORDERS, STOCK);
    for order in &placed {
        all.claim(&tenant(), &order.id, "authorize-1-0", at(1)).await.unwrap();
        all.keep_token(&tenant(), &order.id, Wait::Delivery, "token", at(1)).await.unwrap();
    }
    let expected: BTreeMap<_, _> = placed.into_iter().map(|order| (order.id.clone(), Ok(order))).collect();
    for items in [1, 2, 3, 5, 7, 11, 13, 14, 15, 16, 17, 31, 100] {
        let (_, found) = scanned(&all.clone().with_page(items)).await;
        assert_eq!(found, expected, "{items} items a page");
    }
}

#[tokio::test]
async fn an_order_larger_than_a_page_is_told_whole_and_its_other_pages_are_empty() {
    let client = tables::database().await;
    let placed = orders(&client, &["k", "l"]).await;
    let (sizes, found) = scanned(&DynamoOrders::new(client, ORDERS, STOCK).with_page(4)).await;
    assert!(sizes.len() > 6 && sizes.iter().all(|orders| *orders <= 1), "{sizes:?}");
    assert_eq!(found, placed.into_iter().map(|order| (order.id.clone(), Ok(order))).collect());
}

#[tokio::test]
async fn a_page_costs_what_dynamodb_says() {
    let client = tables::database().await;
    orders(&client, &["k", "l"]).await;
    let orders = DynamoOrders::new(client, ORDERS, STOCK);
    let whole = orders.scan(None).await.unwrap();
    // An eventually consistent read of 4 KB is half a unit; two closed orders are less than 40 KB.
    assert!((2..=10).contains(&whole.half_units), "{}", whole.half_units);
    assert!(matches!(orders.scan(Some("somewhere")).await, Err(StoreError::Broken(_))));
}

#[tokio::test]
async fn a_damaged_record_is_told_and_does_not_hide_the_others() {
    let client = tables::database().await;
    let placed = orders(&client, &["whole", "unread", "gap", "headless"]).await;
    let key = |order: &Order, version: u32| {
        let pk = AttributeValue::S(format!("T#{}#ORDER#{}", order.tenant, order.id));
        [("pk".to_owned(), pk), ("sk".to_owned(), AttributeValue::S(format!("EVENT#{version:06}")))]
    };
    let mut unread = BTreeMap::from(key(&placed[1], 12));
    unread.insert("body".to_owned(), AttributeValue::S("{}".to_owned()));
    let put = client.put_item().table_name(ORDERS).set_item(Some(unread.into_iter().collect()));
    put.send().await.unwrap();
    for (order, version) in [(&placed[2], 3), (&placed[3], 1)] {
        let delete = client.delete_item().table_name(ORDERS).set_key(Some(key(order, version).into()));
        delete.send().await.unwrap();
    }
    let (_, found) = scanned(&DynamoOrders::new(client, ORDERS, STOCK).with_page(5)).await;
    let of = |n: usize| &found[&placed[n].id];
    assert_eq!(of(0).as_ref().unwrap(), &placed[0]);
    assert_eq!(of(1), &Err(Corrupt::Gap { expected: 12, found: 0 }));
    assert_eq!(of(2), &Err(Corrupt::Gap { expected: 3, found: 4 }));
    assert_eq!(of(3), &Err(Corrupt::NoBeginning));
}
