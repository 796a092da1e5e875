//! A deliberately broken adapter: what shows that the sale would notice an oversell.

use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use serde_json::Value;

/// Takes the conditions off every write of a counter.
#[derive(Debug)]
pub struct Unconditional;

impl Intercept for Unconditional {
    fn name(&self) -> &'static str {
        "Unconditional"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.request().body().bytes().ok_or("a request without a body")?;
        let mut request: Value = serde_json::from_slice(body)?;
        strip(&mut request);
        let body = serde_json::to_vec(&request)?;
        let request = context.request_mut();
        request.headers_mut().insert("content-length", body.len().to_string());
        *request.body_mut() = body.into();
        Ok(())
    }
}

/// No conditions on what has the sort key of a counter, nor the values that only they named.
fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if fields.get("Key").is_some_and(|key| key["sk"]["S"] == "ATP") {
                let condition = fields.remove("ConditionExpression").and_then(|text| text.as_str().map(str::to_owned));
                let rest = fields.get("UpdateExpression").and_then(Value::as_str).unwrap_or_default().to_owned();
                for name in ["ExpressionAttributeValues", "ExpressionAttributeNames"] {
                    let only_there = |alias: &String| condition.is_some() && !rest.contains(alias.as_str());
                    if let Some(named) = fields.get_mut(name).and_then(Value::as_object_mut) {
                        named.retain(|alias, _| !only_there(alias));
                    }
                }
            }
            fields.values_mut().for_each(strip);
        }
        Value::Array(parts) => parts.iter_mut().for_each(strip),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
