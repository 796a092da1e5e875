//! The arithmetic of units, call by call.

use super::*;
use serde_json::json;

fn key(pk: &str, sk: &str) -> Value {
    json!({"pk": {"S": pk}, "sk": {"S": sk}})
}

fn rows(charges: &[Charge]) -> Vec<(&str, String, String)> {
    charges.iter().map(|row| (row.item.as_str(), row.write.to_string(), row.read.to_string())).collect()
}

fn row<'a>(item: &'a str, write: &str, read: &str) -> (&'a str, String, String) {
    (item, write.to_owned(), read.to_owned())
}

#[test]
fn a_transaction_is_told_apart_by_item_and_index() {
    let mut event = key("T#demo#ORDER#1", "EVENT#000001");
    event["body"] = json!({"S": "x".repeat(1500)});
    let request = json!({"TransactItems": [
        {"Put": {"TableName": "orders", "Item": event}},
        {"Put": {"TableName": "orders", "Item": key("T#demo#ORDER#1", "STATE")}},
        {"Update": {"TableName": "arn:aws:dynamodb:us-east-1:0:table/stock", "Key": key("T#demo#SKU#A", "ATP")}},
    ]});
    let answer = json!({"ConsumedCapacity": [
        {"TableName": "orders", "CapacityUnits": 8.0, "WriteCapacityUnits": 6.0,
         "GlobalSecondaryIndexes": {"by_day": {"CapacityUnits": 1.0}, "by_due": {"CapacityUnits": 1.0}}},
        {"TableName": "stock", "CapacityUnits": 2.0, "WriteCapacityUnits": 2.0},
    ]});
    assert_eq!(
        rows(&charges("TransactWriteItems", &request, 200, &answer)),
        [
            row("EVENT", "4", "0"),
            row("STATE", "2", "0"),
            row("index by_day", "1", "0"),
            row("index by_due", "1", "0"),
            row("ATP", "2", "0"),
        ]
    );
}

#[test]
fn what_puts_do_not_explain_belongs_to_the_first_other_part() {
    let request = json!({"TransactItems": [
        {"Put": {"TableName": "orders", "Item": key("T#demo#ORDER#1", "EVENT#000002")}},
        {"Update": {"TableName": "orders", "Key": key("T#demo#ORDER#1", "STATE")}},
    ]});
    let answer = json!({"ConsumedCapacity": [{"TableName": "orders", "CapacityUnits": 6.0}]});
    let charges = charges("TransactWriteItems", &request, 200, &answer);
    assert_eq!(rows(&charges), [row("EVENT", "2", "0"), row("STATE", "4", "0")]);
}

#[test]
fn a_single_write_has_its_index_entries_apart() {
    let request = json!({"TableName": "orders", "Key": key("T#demo#ORDER#1", "FULFILLMENT#1")});
    let answer = json!({"ConsumedCapacity": {"TableName": "orders", "CapacityUnits": 3.0, "Table": {"CapacityUnits": 1.0},
        "GlobalSecondaryIndexes": {"by_queue": {"CapacityUnits": 2.0}}}});
    let charges = charges("UpdateItem", &request, 200, &answer);
    assert_eq!(rows(&charges), [row("FULFILLMENT", "1", "0"), row("index by_queue", "2", "0")]);
}

#[test]
fn a_batch_of_writes_is_charged_by_table() {
    let request = json!({"RequestItems": {"stock": [
        {"PutRequest": {"Item": key("T#demo#SKU#A", "MOVEMENT#1")}},
        {"DeleteRequest": {"Key": key("T#demo#RESERVATION#1", "HOLD")}},
    ]}});
    let answer = json!({"ConsumedCapacity": [{"TableName": "stock", "CapacityUnits": 2.0}]});
    let charges = charges("BatchWriteItem", &request, 200, &answer);
    assert_eq!(rows(&charges), [row("MOVEMENT", "1", "0"), row("HOLD", "1", "0")]);
}

#[test]
fn a_read_costs_by_its_size_whatever_was_reported() {
    let request = json!({"TableName": "orders", "Key": key("T#demo#ORDER#1", "EVENT#000001"), "ConsistentRead": true});
    let answer = json!({"Item": {"body": {"S": "x".repeat(9000)}}, "ConsumedCapacity": {"TableName": "orders", "CapacityUnits": 1.0}});
    assert_eq!(rows(&charges("GetItem", &request, 200, &answer)), [row("EVENT", "0", "3")]);
}

#[test]
fn a_page_is_summed_before_it_is_rounded() {
    let items: Vec<Value> = (0..5).map(|_| json!({"b": {"S": "x".repeat(999)}})).collect();
    let request = json!({"TableName": "orders", "ExpressionAttributeValues": {":pk": {"S": "T#demo#ORDER#1"}}});
    let answer = json!({"Items": items, "ConsumedCapacity": {"TableName": "orders", "CapacityUnits": 0.5}});
    assert_eq!(rows(&charges("Query", &request, 200, &answer)), [row("query ORDER", "0", "1")]);
}

#[test]
fn a_transactional_read_is_doubled() {
    let answer = json!({"Responses": [{"Item": {"b": {"S": "x".repeat(5000)}}}, {}],
        "ConsumedCapacity": [{"TableName": "orders", "CapacityUnits": 4.0}]});
    assert_eq!(rows(&charges("TransactGetItems", &json!({}), 200, &answer)), [row("transaction", "0", "6")]);
}

#[test]
fn a_batch_reads_missing_items_at_the_least() {
    let request = json!({"RequestItems": {"catalog": {"Keys": [{}, {}, {}]}}});
    let answer = json!({"Responses": {"catalog": [{"b": {"S": "x".repeat(5000)}}]}});
    assert_eq!(rows(&charges("BatchGetItem", &request, 200, &answer)), [row("batch", "0", "2")]);
}

#[test]
fn a_refused_condition_is_billed_and_an_invalid_request_is_not() {
    let request = json!({"TransactItems": [
        {"Put": {"TableName": "orders", "Item": key("T#demo#ORDER#1", "STATE")}},
        {"ConditionCheck": {"TableName": "orders", "Key": key("T#demo#ORDER#1", "CLAIM#capture")}},
    ]});
    let cancelled = json!({"__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException"});
    let charges_of = |answer| charges("TransactWriteItems", &request, 400, answer);
    assert_eq!(rows(&charges_of(&cancelled)), [row("STATE (refused)", "2", "0"), row("CLAIM (refused)", "2", "0")]);
    assert_eq!(charges_of(&json!({"__type": "ValidationException"})), []);
}

#[test]
fn a_replayed_token_is_a_read() {
    let answer = json!({"ConsumedCapacity": [{"TableName": "orders", "CapacityUnits": 4.0, "ReadCapacityUnits": 4.0}]});
    assert_eq!(rows(&charges("TransactWriteItems", &json!({}), 200, &answer)), [row("replay", "0", "4")]);
}
