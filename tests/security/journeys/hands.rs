//! What the tests change by hand: time that passes, heat, and numbers that nobody should have changed.

use crate::world::{PATIENCE, stored};
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use waybill_aws::DynamoStock;
use waybill_domain::ports::HotItems as _;
use waybill_domain::stock::hot::SHARDS;
use waybill_harness::Local;
use waybill_harness::api::poll_until;

/// Every item of a table whose partition key has `mark` in it and whose sort key begins with `sort`.
async fn items(local: &Local, table: &str, mark: &str, sort: &str) -> Vec<Value> {
    let all = stored(local).await.into_iter();
    let ours = all.filter(|((output, pk, sk), _)| output == table && pk.contains(mark) && sk.starts_with(sort));
    let found: Vec<Value> = ours.map(|(_, item)| item).collect();
    assert!(!found.is_empty(), "{table} has no {sort} of {mark}");
    found
}

/// Changes such items.
pub(super) async fn edit(local: &Local, table: &str, (mark, sort): (&str, &str), change: impl Fn(&mut Value)) {
    for mut item in items(local, table, mark, sort).await {
        change(&mut item);
        local.aws.put_item(local.stack.output(table).unwrap(), &item).await.unwrap();
    }
}

/// Everything about the order happened `by` earlier, and the sweeper's time to look at it has come.
pub(super) async fn aged(local: &Local, order: &str, by: SignedDuration) {
    edit(local, "OrdersTableName", (order, "EVENT#"), |item| {
        let mut body: Value = serde_json::from_str(item["body"]["S"].as_str().unwrap()).unwrap();
        earlier(&mut body, by);
        item["body"]["S"] = body.to_string().into();
    })
    .await;
    due(local, order).await;
}

/// The sweeper's time to look at the order has come.
pub(super) async fn due(local: &Local, order: &str) {
    let long_ago = json!({"S": "2020-01-01T00:00:00Z#"});
    edit(local, "OrdersTableName", (order, "STATE"), |head| head["due_sk"] = long_ago.clone()).await;
}

fn earlier(value: &mut Value, by: SignedDuration) {
    match value {
        Value::String(text) => {
            if let Ok(at) = text.parse::<Timestamp>() {
                *text = at.checked_sub(by).unwrap().to_string();
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|one| earlier(one, by)),
        Value::Object(fields) => fields.values_mut().for_each(|one| earlier(one, by)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Spreads the units of an item over shards, as the adapter does where transactions on it collide.
pub(super) async fn heat(local: &Local, sku: &str) {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(local.aws.endpoint());
    let client = aws_sdk_dynamodb::Client::from_conf(config.build());
    let stock = DynamoStock::new(client, local.stack.output("StockTableName").unwrap());
    let (tenant, sku) = (local.tenant.parse().unwrap(), sku.parse().unwrap());
    assert!(stock.spread(&tenant, &sku, SHARDS, Timestamp::now()).await.unwrap(), "it was hot before");
}

/// Waits until a function has made a call of that operation.
pub(super) async fn until_called(local: &Local, function: &str, operation: &str) {
    let before = calls(local, function, operation);
    let look = async || {
        let now = calls(local, function, operation);
        Ok(if now > before { Ok(()) } else { Err(format!("{now} of them")) })
    };
    let what = format!("{operation} of {function}");
    poll_until(PATIENCE, &what, look).await.unwrap_or_else(|error| panic!("{error}"));
}

fn calls(local: &Local, function: &str, operation: &str) -> usize {
    let calls = local.meter.calls().into_iter();
    calls.filter(|call| call.function == function && call.operation == operation).count()
}
