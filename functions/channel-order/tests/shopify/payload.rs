//! Messages of the channel queue.

use serde_json::{Value, json};
use std::path::PathBuf;

/// The project's own sample: two items, 49.68 USD.
pub fn sample() -> Value {
    serde_json::from_str(include_str!("../../../../tests/events/shopify-order.json")).unwrap()
}

/// Shopify's own example, where it lies beside the checkout.
pub fn shopifys_own() -> Option<Value> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures/shopify/order.json");
    let Ok(text) = std::fs::read_to_string(&file) else {
        println!("SKIPPED: {} is not there", file.display());
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

/// The sample with `value` at the JSON pointer `at`, a missing last step added.
pub fn with(at: &str, value: Value) -> Value {
    let mut payload = sample();
    set(&mut payload, at, value);
    payload
}

pub fn set(payload: &mut Value, at: &str, value: Value) {
    let (parent, name) = at.rsplit_once('/').unwrap();
    payload.pointer_mut(parent).unwrap()[name] = value;
}

/// The sample without what is at the JSON pointer `at`.
pub fn without(at: &str) -> Value {
    let mut payload = sample();
    let (parent, name) = at.rsplit_once('/').unwrap();
    payload.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
    payload
}

/// The sample with these lines, 1.00 USD each.
pub fn of_lines(skus: impl Iterator<Item = String>) -> Value {
    let line = |sku| json!({"sku": sku, "title": "T", "quantity": 1, "price": "1.00"});
    with("/order/line_items", skus.map(line).collect())
}

/// A message of the demo's channel.
pub fn message(order: &Value) -> String {
    json!({"tenant": "acme", "channel": "shopify-demo", "order": order}).to_string()
}
