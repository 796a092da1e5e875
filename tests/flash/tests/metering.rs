//! What the meter counts is what the database says, request by request.

#![expect(clippy::unwrap_used, reason = "a call that fails here has failed the test")]

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use waybill_flash::{Database, Meter, Reach, STOCK, Units};

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// A database, a client that is counted, and its meter.
async fn counted() -> (Database, Client, Meter) {
    let (database, meter) = (Database::start(Reach::Http).await.unwrap(), Meter::default());
    let client = database.client(Some(meter.clone()), false);
    (database, client, meter)
}

async fn put(client: &Client, sk: &str, body: &str) -> bool {
    let put = client.put_item().table_name(STOCK).item("pk", text("A")).item("sk", text(sk)).item("body", text(body));
    put.condition_expression("attribute_not_exists(pk)").send().await.is_ok()
}

#[tokio::test]
async fn a_write_costs_a_unit_for_each_kilobyte_and_so_does_one_that_is_refused() {
    let (_database, client, meter) = counted().await;
    assert!(put(&client, "small", "x").await);
    assert_eq!(meter.units(), Units { requests: 1, written: 1_000, ..Units::default() });
    assert!(put(&client, "large", &"x".repeat(2_500)).await);
    assert_eq!(meter.units(), Units { requests: 2, written: 4_000, ..Units::default() });
    assert!(!put(&client, "small", "x").await);
    assert_eq!(meter.units(), Units { requests: 3, written: 4_000, refused: 1_000, read: 0 });
}

#[tokio::test]
async fn a_read_costs_a_unit_and_half_of_it_where_it_may_be_old() {
    let (_database, client, meter) = counted().await;
    assert!(put(&client, "small", "x").await);
    for (consistent, read) in [(true, 1_000), (false, 1_500)] {
        let get = client.get_item().table_name(STOCK).key("pk", text("A")).key("sk", text("small"));
        assert!(get.consistent_read(consistent).send().await.unwrap().item.is_some());
        assert_eq!(meter.units().read, read);
    }
}

#[tokio::test]
async fn a_transaction_costs_two_units_an_item() {
    let (_database, client, meter) = counted().await;
    let put = |name| Put::builder().table_name(STOCK).item("pk", text(name)).item("sk", text("ATP")).build().unwrap();
    let items = ["A", "B"].map(|name| TransactWriteItem::builder().put(put(name)).build());
    client.transact_write_items().set_transact_items(Some(items.to_vec())).send().await.unwrap();
    assert_eq!(meter.units(), Units { requests: 1, written: 4_000, ..Units::default() });
}
