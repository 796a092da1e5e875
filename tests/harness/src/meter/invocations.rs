//! Counts invocations from the line that every function logs at the end of each.

use crate::aws::{Aws, LOGS, Paging};
use crate::error::Result;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The workflow's stages, by their folders; every other function answers the API, a queue, a
/// stream or a clock, and is counted apart.
pub const STAGES: [&str; 17] = [
    "screen",
    "authorize",
    "await-payment",
    "review",
    "route",
    "await-stock",
    "pick",
    "pack",
    "ship",
    "hand-over",
    "dispatch",
    "complete",
    "open-exception",
    "abandon",
    "void-label",
    "void-payment",
    "release-stock",
];

/// What each function says when an invocation is over.
const DONE: &str = "invocation done";

/// One invocation that reached its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The function's folder.
    pub function: String,
    /// The orders it served.
    pub orders: BTreeSet<String>,
    /// How it ended.
    pub outcome: String,
}

impl Invocation {
    /// Whether it was a stage of the workflow.
    #[must_use]
    pub fn is_stage(&self) -> bool {
        STAGES.contains(&self.function.as_str())
    }

    /// Reads a log line; `None` when it says something else.
    #[must_use]
    pub fn read(line: &str) -> Option<Self> {
        let line: Value = serde_json::from_str(line).ok()?;
        // tracing's JSON puts an event's fields in an object of their own, unless flattened.
        let fields = if line["fields"].is_object() { &line["fields"] } else { &line };
        if fields["message"] != DONE {
            return None;
        }
        let mut orders = BTreeSet::new();
        orders.extend(fields["order_id"].as_str().filter(|id| !id.is_empty()).map(str::to_owned));
        orders.extend(list(&fields["order_ids"]));
        let text = |name: &str| fields[name].as_str().unwrap_or_default().to_owned();
        Some(Self { function: text("function"), orders, outcome: text("outcome") })
    }
}

/// A list, or the text of one: a log field holds no list.
fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::String(text) if text.starts_with('[') => serde_json::from_str(text).unwrap_or_default(),
        Value::String(text) => text.split([',', ' ']).filter(|id| !id.is_empty()).map(str::to_owned).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

/// Every invocation so far of every function whose log group begins with `prefix`.
///
/// # Errors
/// When the local AWS does not show its logs.
pub async fn invocations(aws: &Aws, prefix: &str) -> Result<Vec<Invocation>> {
    let paging = Paging { list: "logGroups", asked: "nextToken", answered: "nextToken" };
    let groups = aws.pages(LOGS, "DescribeLogGroups", json!({"logGroupNamePrefix": prefix}), paging).await?;
    let mut found = Vec::new();
    for group in groups {
        let asked = json!({"logGroupName": group["logGroupName"], "filterPattern": format!("\"{DONE}\"")});
        let paging = Paging { list: "events", asked: "nextToken", answered: "nextToken" };
        let events = aws.pages(LOGS, "FilterLogEvents", asked, paging).await?;
        found.extend(events.iter().filter_map(|event| Invocation::read(event["message"].as_str()?)));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orders(line: &str) -> Vec<String> {
        Invocation::read(line).unwrap().orders.into_iter().collect()
    }

    #[test]
    fn a_stage_names_its_order() {
        let line = r#"{"level":"INFO","message":"invocation done","function":"pick","tenant":"demo","order_id":"one","outcome":"ok"}"#;
        let read = Invocation::read(line).unwrap();
        assert!(read.is_stage());
        assert_eq!((read.outcome.as_str(), read.orders.len()), ("ok", 1));
    }

    #[test]
    fn a_batch_names_its_orders_as_a_list_or_as_the_text_of_one() {
        let line =
            |ids: &str| format!(r#"{{"fields":{{"message":"invocation done","function":"relay","order_ids":{ids}}}}}"#);
        assert_eq!(orders(&line(r#"["a","b"]"#)), ["a", "b"]);
        assert_eq!(orders(&line(r#""[\"a\",\"b\"]""#)), ["a", "b"]);
        assert_eq!(orders(&line(r#""a,b""#)), ["a", "b"]);
    }

    #[test]
    fn other_lines_are_no_invocations() {
        assert_eq!(Invocation::read("START RequestId: 1"), None);
        assert_eq!(Invocation::read(r#"{"message":"stock held"}"#), None);
    }
}
