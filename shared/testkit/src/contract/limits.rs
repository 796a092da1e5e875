//! What DynamoDB takes in one transaction, and what it does not.

use super::{Keeper, counters, place, receive};
use crate::{bulky, first_of, id, of_skus};
use waybill_domain::id::TenantId;
use waybill_domain::order::{MAX_ITEMS, Placed};
use waybill_domain::ports::{Committed, Stock, StoreError};

/// An order of one unit each of so many items, all in stock.
async fn many(stock: &impl Stock, tenant: &TenantId, items: usize) -> Placed {
    let names: Vec<String> = (0..items).map(|n| format!("ITEM-{n:03}")).collect();
    receive(stock, tenant, &names.iter().map(|name| (name.as_str(), 1)).collect::<Vec<_>>()).await;
    of_skus(&names.iter().map(|name| (name.as_str(), 1)).collect::<Vec<_>>())
}

/// As many as the door lets in.
pub async fn ninety_items_are_one_transaction(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("ninety");
    let first = first_of(&tenant, "k", many(stock, &tenant, MAX_ITEMS).await);
    assert_eq!(place(orders, &first).await.unwrap(), Committed::Stored);
    assert_eq!(orders.load(&tenant, &first.0.id).await.unwrap(), Some(first.0));
    assert_eq!(counters(stock, &tenant, "ITEM-000").await.0, 0);
    assert_eq!(counters(stock, &tenant, "ITEM-089").await.0, 0);
}

/// Event, head, reservation and 97 counters are 100 writes; one more is refused as our own mistake.
pub async fn more_than_a_hundred_writes_are_broken_and_store_nothing(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("hundred");
    let all = many(stock, &tenant, 98).await;
    let mut most = all.clone();
    most.lines.truncate(97);
    let over = first_of(&tenant, "over", all);
    assert!(matches!(place(orders, &over).await, Err(StoreError::Broken(_))));
    assert_eq!(orders.load(&tenant, &over.0.id).await.unwrap(), None);
    assert_eq!(counters(stock, &tenant, "ITEM-000").await.0, 1);
    let most = first_of(&tenant, "most", most);
    assert_eq!(place(orders, &most).await.unwrap(), Committed::Stored);
}

/// An event is one item.
pub async fn an_item_of_more_than_400_kb_is_broken_and_stores_nothing(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("bulky");
    receive(stock, &tenant, &[("A", 2)]).await;
    let over = bulky(&tenant, "over", of_skus(&[("A", 1)]), 400 * 1024);
    assert!(matches!(place(orders, &over).await, Err(StoreError::Broken(_))));
    assert_eq!(orders.load(&tenant, &over.0.id).await.unwrap(), None);
    assert_eq!(counters(stock, &tenant, "A").await.0, 2);
    let under = bulky(&tenant, "under", of_skus(&[("A", 1)]), 390 * 1024);
    assert_eq!(place(orders, &under).await.unwrap(), Committed::Stored);
    assert_eq!(orders.load(&tenant, &under.0.id).await.unwrap(), Some(under.0));
}
