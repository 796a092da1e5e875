//! Conditions cannot do arithmetic on DynamoDB, though local stand-ins let it pass: no request of these tests may try.

use crate::tables;
use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use waybill_testkit::contract;

/// Every condition sent by this process.
static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Fails a request with a condition that DynamoDB would refuse.
#[derive(Debug)]
pub struct NoArithmetic;

impl Intercept for NoArithmetic {
    fn name(&self) -> &'static str {
        "NoArithmetic"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.request().body().bytes().ok_or("a request without a body")?;
        let found = conditions(&serde_json::from_slice(body)?);
        SEEN.lock().unwrap().extend(found.iter().cloned());
        match found.iter().find(|condition| condition.contains(['+', '-'])) {
            Some(condition) => Err(format!("a condition with arithmetic: {condition}").into()),
            None => Ok(()),
        }
    }
}

/// The conditions anywhere in a request. Only updates may compute.
fn conditions(request: &Value) -> Vec<String> {
    match request {
        Value::Object(fields) => {
            let own = fields.iter().flat_map(|(name, value)| match value.as_str() {
                Some(text) if name.ends_with("ConditionExpression") || name == "FilterExpression" => {
                    vec![text.to_owned()]
                }
                _ => conditions(value),
            });
            own.collect()
        }
        Value::Array(parts) => parts.iter().flat_map(conditions).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

#[tokio::test]
async fn the_guard_sees_the_conditions_of_counters_versions_money_leases_and_lists() {
    let (orders, stock, _) = tables::world().await;
    Box::pin(contract::advancing::a_called_off_allocation_is_available_again(&orders, &stock)).await;
    Box::pin(contract::stocking::units_that_are_allocated_cannot_be_taken_away(&orders, &stock)).await;
    Box::pin(contract::listing::lists_show_what_an_order_has_become(&orders, &stock)).await;
    Box::pin(contract::paying::no_more_is_given_back_than_was_taken(&orders, &stock)).await;
    Box::pin(contract::paying::no_more_is_taken_than_is_held(&orders, &stock)).await;
    Box::pin(contract::paying::a_payment_belongs_to_one_order(&orders, &stock)).await;
    Box::pin(contract::requesting::a_lease_ends(&orders, &stock)).await;
    let seen = SEEN.lock().unwrap().clone();
    let parts = [
        "available >= :",
        "free >= :",
        "allocated >= :",
        "#version = :",
        "on_hand = :",
        "attribute_not_exists(",
        "#available >= :least",
        "#capturable_1 >= :",
        "#refundable_1 >= :",
        "order_id = :me",
        "leased_until < :now",
    ];
    for part in parts {
        assert!(seen.iter().any(|condition| condition.contains(part)), "no condition has `{part}`: {seen:?}");
    }
}

#[test]
fn a_condition_is_found_wherever_it_stands() {
    let request = serde_json::json!({"TransactItems": [{"Update": {
        "UpdateExpression": "SET a = a + :n", "ConditionExpression": "a - b >= :n",
    }}]});
    assert_eq!(conditions(&request), ["a - b >= :n"]);
}

#[tokio::test]
async fn a_request_with_arithmetic_in_its_condition_is_not_sent() {
    let client = tables::database().await;
    let update = |condition: &str| {
        let update = client.update_item().table_name(tables::STOCK).update_expression("ADD a :n");
        let update = update.key("pk", AttributeValue::S("p".to_owned())).key("sk", AttributeValue::S("s".to_owned()));
        let update = update.condition_expression(condition);
        update.expression_attribute_values(":n", AttributeValue::N("1".to_owned())).send()
    };
    assert!(update("attribute_not_exists(b) OR a >= :n").await.is_ok());
    let refused = update("a - b >= :n").await.unwrap_err();
    assert!(refused.as_service_error().is_none(), "{refused:?}");
}

/// Also those no test sends.
#[test]
fn no_source_line_computes_with_a_placeholder() {
    let mut lines = 0;
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            for line in std::fs::read_to_string(&path).unwrap().lines() {
                lines += 1;
                let texts = line.split('"').skip(1).step_by(2);
                for text in texts {
                    let computes = ["+ :", "- :", "+ #", "- #"].iter().any(|sign| text.contains(sign));
                    assert!(!computes, "{}: {line}", path.display());
                }
            }
        }
    }
    assert!(lines > 500, "only {lines} lines read");
}
