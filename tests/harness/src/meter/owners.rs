//! Which orders a call served, read from the ids that its body carries.

use serde_json::Value;
use std::collections::BTreeSet;

/// Every order named in `body`: by a table key, by a field `order_id` or `orderId`, or by an
/// execution's name. Strings that are JSON themselves (messages, inputs) are read as well.
#[must_use]
pub fn orders(operation: &str, body: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if operation == "StartExecution"
        && let Some((order, _attempt)) = body["name"].as_str().and_then(|name| name.rsplit_once('-'))
    {
        found.insert(order.to_owned());
    }
    walk(body, &mut found);
    found
}

fn walk(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => read_text(text, found),
        Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
        Value::Object(fields) => {
            for (name, field) in fields {
                match (name.as_str(), field) {
                    ("order_id" | "orderId", Value::String(id)) => {
                        found.insert(id.clone());
                    }
                    ("order_id" | "orderId", Value::Object(typed)) if typed.len() == 1 => {
                        found.extend(typed.get("S").and_then(Value::as_str).map(str::to_owned));
                    }
                    _ => walk(field, found),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn read_text(text: &str, found: &mut BTreeSet<String>) {
    for mark in ["#ORDER#", "#RESERVATION#"] {
        if let Some((_, rest)) = text.split_once(mark) {
            let id = rest.split('#').next().unwrap_or_default();
            if !id.is_empty() {
                found.insert(id.to_owned());
            }
        }
    }
    if text.starts_with('{')
        && let Ok(inner) = serde_json::from_str(text)
    {
        walk(&inner, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn named(operation: &str, body: &Value) -> Vec<String> {
        orders(operation, body).into_iter().collect()
    }

    #[test]
    fn table_keys_name_their_order() {
        let body = json!({"TransactItems": [
            {"Put": {"Item": {"pk": {"S": "T#demo#ORDER#one"}, "sk": {"S": "STATE"}}}},
            {"Update": {"Key": {"pk": {"S": "T#demo#SKU#A"}, "sk": {"S": "ATP"}}}},
            {"Put": {"Item": {"pk": {"S": "T#demo#RESERVATION#one"}, "sk": {"S": "HOLD"}}}},
        ]});
        assert_eq!(named("TransactWriteItems", &body), ["one"]);
    }

    #[test]
    fn messages_name_their_orders_inside_their_bodies() {
        let body = json!({"Entries": [
            {"Id": "1", "MessageBody": json!({"order_id": "one"}).to_string()},
            {"Id": "2", "MessageBody": json!({"orderId": "two"}).to_string()},
        ]});
        assert_eq!(named("SendMessageBatch", &body), ["one", "two"]);
    }

    #[test]
    fn an_execution_is_named_after_its_order_and_attempt() {
        let body = json!({"name": "01-ab-cd-2", "input": "{}"});
        assert_eq!(named("StartExecution", &body), ["01-ab-cd"]);
    }

    #[test]
    fn a_body_without_an_order_names_none() {
        assert_eq!(named("GetItem", &json!({"Key": {"pk": {"S": "T#demo#ITEM"}}})), Vec::<String>::new());
    }
}
