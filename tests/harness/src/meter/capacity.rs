//! What a `DynamoDB` call costs, in AWS's units.
//!
//! The arithmetic (`AWS`'s "Read and write requests" page):
//! - a write costs one unit for each started KB of the larger of the item's images, twice that in a
//!   transaction (condition checks included), and as much again for each index entry it adds,
//!   removes or changes (two when the entry's key moves; index entries are never doubled);
//! - a read costs one unit for each started 4 KB, half that when eventually consistent, twice that
//!   in a transaction; a page of a query is summed before it is rounded;
//! - a write refused by its condition is billed as well.
//!
//! The local AWS reports writes exactly so. It reports every read at the flat price of 4 KB, and
//! refused writes not at all: both are put right here from what was answered. The units of a
//! transaction come as one sum a table: puts are told apart by their size, every other part counts
//! two, and what is then left goes to the first part that is no put. Sums are exact in any case.

use super::items::{kind, size};
use super::units::Units;
use serde_json::Value;

/// One row of an order's bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The kind of item (`EVENT`, `STATE`, `HOLD`, …) or `index <name>`.
    pub item: String,
    /// Write units.
    pub write: Units,
    /// Read units.
    pub read: Units,
}

/// Whether `DynamoDB` reports the consumed capacity of this operation.
#[must_use]
pub fn is_metered(operation: &str) -> bool {
    is_read(operation) || is_write(operation)
}

fn is_read(operation: &str) -> bool {
    matches!(operation, "GetItem" | "BatchGetItem" | "Query" | "Scan" | "TransactGetItems")
}

fn is_write(operation: &str) -> bool {
    matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" | "TransactWriteItems")
}

/// The charges of one call.
#[must_use]
pub fn charges(operation: &str, request: &Value, status: u16, answer: &Value) -> Vec<Charge> {
    match (status, is_write(operation), is_read(operation)) {
        (200, true, _) => written(operation, request, answer),
        (200, _, true) => read(operation, request, answer),
        (400, true, _) => refused(operation, request, answer),
        _ => Vec::new(),
    }
}

/// One part of a write: its table, its kind, what it costs at least.
struct Part {
    table: String,
    item: String,
    least: Units,
    is_put: bool,
}

fn written(operation: &str, request: &Value, answer: &Value) -> Vec<Charge> {
    let parts = parts(operation, request);
    let mut charges = Vec::new();
    for table in reported(answer) {
        let name = table["TableName"].as_str().unwrap_or_default();
        let indexes = index_units(table);
        let in_table = Units::read(&table["CapacityUnits"]).less(indexes.iter().map(|(_, units)| *units).sum());
        // A replayed transaction token is billed as a read.
        if table.get("ReadCapacityUnits").is_some() {
            charges.push(Charge { item: "replay".into(), write: Units::ZERO, read: in_table });
            continue;
        }
        let mine: Vec<&Part> = parts.iter().filter(|part| is_table(name, &part.table)).collect();
        charges.extend(told_apart(&mine, in_table));
        charges.extend(indexes.into_iter().map(|(index, write)| Charge {
            item: format!("index {index}"),
            write,
            read: Units::ZERO,
        }));
    }
    charges
}

/// A request may name a table by its ARN.
fn is_table(name: &str, asked: &str) -> bool {
    asked == name || asked.ends_with(&format!("/{name}"))
}

/// The sum of one table among its parts.
fn told_apart(parts: &[&Part], total: Units) -> Vec<Charge> {
    let least: Units = parts.iter().map(|part| part.least).sum();
    let mut left = total.less(least);
    let open = parts.iter().position(|part| !part.is_put).unwrap_or_default();
    let charge = |(at, part): (usize, &&Part)| {
        let extra = if at == open { std::mem::take(&mut left) } else { Units::ZERO };
        Charge { item: part.item.clone(), write: part.least + extra, read: Units::ZERO }
    };
    parts.iter().enumerate().map(charge).collect()
}

fn reported(answer: &Value) -> Vec<&Value> {
    match &answer["ConsumedCapacity"] {
        Value::Array(tables) => tables.iter().collect(),
        one @ Value::Object(_) => vec![one],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

fn index_units(table: &Value) -> Vec<(String, Units)> {
    let kinds = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"];
    let indexes = kinds.iter().filter_map(|kind| table[*kind].as_object()).flatten();
    indexes.map(|(name, used)| (name.clone(), Units::read(&used["CapacityUnits"]))).collect()
}

fn parts(operation: &str, request: &Value) -> Vec<Part> {
    let single = |body: &Value, factor: u64, table: &str| {
        let item = body.get("Item");
        let kb = item.map_or(1, |item| size(item).div_ceil(1024).max(1));
        Part {
            table: body["TableName"].as_str().unwrap_or(table).to_owned(),
            item: kind(item.or_else(|| body.get("Key")).unwrap_or(body)),
            least: Units::whole(kb * factor),
            is_put: item.is_some(),
        }
    };
    match operation {
        "TransactWriteItems" => {
            let items = request["TransactItems"].as_array().into_iter().flatten();
            let bodies = items.filter_map(|item| item.as_object()?.values().next());
            bodies.map(|body| single(body, 2, "")).collect()
        }
        "BatchWriteItem" => {
            let tables = request["RequestItems"].as_object().into_iter().flatten();
            let writes = tables.flat_map(|(table, list)| {
                let bodies = list.as_array().into_iter().flatten();
                bodies.filter_map(|body| body.as_object()?.values().next()).map(move |body| (table, body))
            });
            writes.map(|(table, body)| single(body, 1, table)).collect()
        }
        _ => vec![single(request, 1, "")],
    }
}

fn refused(operation: &str, request: &Value, answer: &Value) -> Vec<Charge> {
    let error = answer["__type"].as_str().unwrap_or_default();
    let is_billed = ["ConditionalCheckFailedException", "TransactionCanceledException"];
    if !is_billed.iter().any(|name| error.ends_with(name)) {
        return Vec::new();
    }
    let charge = |part: Part| Charge { item: format!("{} (refused)", part.item), write: part.least, read: Units::ZERO };
    parts(operation, request).into_iter().map(charge).collect()
}

fn read(operation: &str, request: &Value, answer: &Value) -> Vec<Charge> {
    let reported: Units = reported(answer).iter().map(|table| Units::read(&table["CapacityUnits"])).sum();
    let (item, counted) = match operation {
        "GetItem" => (kind(&request["Key"]), rate(request).times(pages(size(&answer["Item"])))),
        "TransactGetItems" => ("transaction".to_owned(), transaction_read(answer)),
        "BatchGetItem" => ("batch".to_owned(), batch_read(request, answer)),
        _ => {
            let bytes = answer["Items"].as_array().into_iter().flatten().map(size).sum();
            (target(request), rate(request).times(pages(bytes)))
        }
    };
    vec![Charge { item, write: Units::ZERO, read: reported.max(counted) }]
}

fn rate(request: &Value) -> Units {
    if request["ConsistentRead"] == Value::Bool(true) { Units::whole(1) } else { Units::HALF }
}

fn pages(bytes: u64) -> u64 {
    bytes.div_ceil(4096).max(1)
}

fn transaction_read(answer: &Value) -> Units {
    let items = answer["Responses"].as_array().into_iter().flatten();
    items.map(|found| Units::whole(2).times(pages(size(&found["Item"])))).sum()
}

/// Each item found by its size, each missing one at the least.
fn batch_read(request: &Value, answer: &Value) -> Units {
    let tables = request["RequestItems"].as_object().into_iter().flatten();
    let table_units = tables.map(|(table, asked)| {
        let keys = asked["Keys"].as_array().map_or(0, Vec::len);
        let found = answer["Responses"][table].as_array();
        let missing = keys.saturating_sub(found.map_or(0, Vec::len));
        let found: Units = found.into_iter().flatten().map(|item| rate(asked).times(pages(size(item)))).sum();
        found + rate(asked).times(missing as u64)
    });
    table_units.sum()
}

/// What a query or scan reads: an index, or the kind of item its partition holds.
fn target(request: &Value) -> String {
    if let Some(index) = request["IndexName"].as_str() {
        return format!("index {index}");
    }
    let values = request["ExpressionAttributeValues"].as_object().into_iter().flatten();
    let mut texts = values.filter_map(|(_, value)| value["S"].as_str());
    let partition = texts.find(|text| text.starts_with("T#"));
    partition.map_or_else(|| "scan".to_owned(), |pk| format!("query {}", pk.split('#').nth(2).unwrap_or(pk)))
}

#[cfg(test)]
#[path = "capacity_tests.rs"]
mod tests;
