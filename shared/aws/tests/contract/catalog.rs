//! Master data on the embedded DynamoDB: the demo's, as the in-memory catalog has it.

use crate::tables::{self, CATALOG};
use waybill_aws::DynamoCatalog;
use waybill_domain::catalog::{Client, Item, Kind, Policy, Record, Site};
use waybill_domain::ports::Catalog;
use waybill_testkit::{MemoryCatalog, id, seed, tenant};

async fn seeded() -> DynamoCatalog {
    let catalog = DynamoCatalog::new(tables::database().await, CATALOG);
    for (kind, id, record) in seed().records {
        catalog.put(&tenant(), kind, &id, &record).await.unwrap();
    }
    catalog
}

async fn same<R: Record + PartialEq + std::fmt::Debug>(catalog: &DynamoCatalog, known: &str) {
    let memory = MemoryCatalog::seeded(&tenant());
    let all: Vec<R> = catalog.all(&tenant()).await.unwrap();
    assert_eq!(all, memory.all::<R>(&tenant()).await.unwrap());
    assert!(catalog.find::<R>(&tenant(), known).await.unwrap().is_some());
    assert_eq!(catalog.find::<R>(&tenant(), "unheard-of").await.unwrap(), None);
    assert_eq!(catalog.all::<R>(&id("others")).await.unwrap(), vec![]);
}

#[tokio::test]
async fn both_catalogs_say_the_same() {
    let catalog = seeded().await;
    same::<Item>(&catalog, "MUG-BLUE").await;
    same::<Site>(&catalog, "reno").await;
    same::<Policy>(&catalog, "default").await;
}

#[tokio::test]
async fn what_is_put_is_seen_at_once_though_the_old_record_was_in_memory() {
    let catalog = seeded().await;
    let mut item = catalog.find::<Item>(&tenant(), "MUG-BLUE").await.unwrap().unwrap();
    let before = catalog.all::<Item>(&tenant()).await.unwrap();
    item.fragile = true;
    let record = serde_json::to_value(&item).unwrap();
    catalog.put(&tenant(), Kind::Item, "MUG-BLUE", &record).await.unwrap();
    assert_eq!(catalog.find::<Item>(&tenant(), "MUG-BLUE").await.unwrap(), Some(item.clone()));
    let after = catalog.all::<Item>(&tenant()).await.unwrap();
    assert!(after.contains(&item) && after.len() == before.len());
}

#[tokio::test]
async fn a_client_is_found_without_knowing_its_tenant() {
    let catalog = seeded().await;
    assert_eq!(catalog.client("abc").await.unwrap(), None);
    let record = serde_json::json!({"id": "abc", "tenant": "acme", "store": "demo", "role": "store"});
    catalog.put(&tenant(), Kind::Client, "abc", &record).await.unwrap();
    let client: Client = serde_json::from_value(record).unwrap();
    assert_eq!(catalog.client("abc").await.unwrap(), Some(client));
}
