//! Which permissions a call needs: the IAM actions, each with the resource that the call itself names.

use crate::proxy::Exchange;
use serde_json::Value;
use std::collections::BTreeSet;

/// An IAM action on a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// `dynamodb:PutItem`.
    pub action: String,
    /// As the call names it: a table, `table/index/name`, a queue's URL, a state machine's ARN, a secret, `bucket/key`, a
    /// bus. Empty where it names none.
    pub resource: String,
}

/// What a call needs to be let in. A transaction is let in as the calls on one item that it consists of.
#[must_use]
pub fn permissions(exchange: &Exchange) -> BTreeSet<Permission> {
    let Exchange { service, operation, request, .. } = exchange;
    let one = |action: &str, resource: &str| {
        BTreeSet::from([Permission { action: action.to_owned(), resource: resource.to_owned() }])
    };
    let named = |field: &str| request[field].as_str().unwrap_or_default();
    match service.as_str() {
        "DynamoDB_20120810" => of_tables(operation, request),
        "AmazonSQS" => one(&format!("sqs:{}", operation.trim_end_matches("Batch")), named("QueueUrl")),
        "AWSStepFunctions" => one(&format!("states:{operation}"), named("stateMachineArn")),
        "secretsmanager" => one(&format!("secretsmanager:{operation}"), named("SecretId")),
        "AWSEvents" => {
            let entries = request["Entries"].as_array().into_iter().flatten();
            let bus = |entry: &Value| Permission {
                action: format!("events:{operation}"),
                resource: entry["EventBusName"].as_str().unwrap_or_default().to_owned(),
            };
            entries.map(bus).collect()
        }
        "s3" => {
            let (method, path) = operation.split_once(' ').unwrap_or_default();
            let action = match method {
                "GET" => "s3:GetObject",
                "PUT" => "s3:PutObject",
                other => other,
            };
            one(action, path.trim_start_matches('/'))
        }
        "ses" if operation == "POST /v2/email/outbound-emails" => one("ses:SendEmail", ""),
        other => one(&format!("{other}:{operation}"), ""),
    }
}

fn of_tables(operation: &str, request: &Value) -> BTreeSet<Permission> {
    let on = |action: &str, table: &Value| Permission {
        action: format!("dynamodb:{action}"),
        resource: table.as_str().unwrap_or_default().to_owned(),
    };
    match operation {
        "TransactWriteItems" | "TransactGetItems" => {
            let items = request["TransactItems"].as_array().into_iter().flatten();
            let parts = items.filter_map(Value::as_object).flatten();
            let part = |(kind, part): (&String, &Value)| on(&item_action(kind), &part["TableName"]);
            parts.map(part).collect()
        }
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = request["RequestItems"].as_object().into_iter().flatten();
            tables.map(|(table, _)| on(operation, &Value::String(table.clone()))).collect()
        }
        _ => {
            let mut permission = on(operation, &request["TableName"]);
            if let Some(index) = request["IndexName"].as_str() {
                permission.resource.extend(["/index/", index]);
            }
            BTreeSet::from([permission])
        }
    }
}

/// `Put` is `PutItem`; `ConditionCheck`, `ConditionCheckItem`.
fn item_action(kind: &str) -> String {
    format!("{kind}Item")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    fn needed(service: &str, operation: &str, request: Value) -> Vec<String> {
        let exchange = Exchange {
            service: service.into(),
            operation: operation.into(),
            access_key: String::new(),
            trace: String::new(),
            request,
            status: 200,
            answer: Value::Null,
            took: Duration::ZERO,
        };
        permissions(&exchange).into_iter().map(|one| format!("{} {}", one.action, one.resource)).collect()
    }

    #[test]
    fn a_transaction_needs_what_its_parts_need() {
        let request = json!({"TransactItems": [
            {"Put": {"TableName": "o"}}, {"Put": {"TableName": "o"}}, {"Update": {"TableName": "s"}},
            {"ConditionCheck": {"TableName": "s"}}, {"Delete": {"TableName": "o"}},
        ]});
        let parts =
            ["dynamodb:ConditionCheckItem s", "dynamodb:DeleteItem o", "dynamodb:PutItem o", "dynamodb:UpdateItem s"];
        assert_eq!(needed("DynamoDB_20120810", "TransactWriteItems", request), parts);
    }

    #[test]
    fn an_index_a_batch_and_every_other_service_name_what_they_touch() {
        let index = json!({"TableName": "o", "IndexName": "by_day"});
        assert_eq!(needed("DynamoDB_20120810", "Query", index), ["dynamodb:Query o/index/by_day"]);
        let batch = json!({"RequestItems": {"a": {}, "b": {}}});
        assert_eq!(
            needed("DynamoDB_20120810", "BatchGetItem", batch),
            ["dynamodb:BatchGetItem a", "dynamodb:BatchGetItem b"]
        );
        assert_eq!(needed("AmazonSQS", "SendMessageBatch", json!({"QueueUrl": "q"})), ["sqs:SendMessage q"]);
        assert_eq!(needed("s3", "PUT /b/reports/1.json", Value::Null), ["s3:PutObject b/reports/1.json"]);
        assert_eq!(needed("kms", "POST /", Value::Null), ["kms:POST / "], "what nobody knows is not lost");
    }
}
