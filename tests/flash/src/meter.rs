//! Counts what requests cost in DynamoDB's units.
//!
//! A request that succeeds tells its units. One that fails tells none, so its units are computed by DynamoDB's rules: a
//! conditional write that is refused costs what it would have cost on the item there is, and a cancelled transaction
//! twice that for each of its items. Items here are smaller than 1 KB except an order's first event, so a refused update
//! costs 1 unit and a cancelled transaction 2 for each update and 2 for each KB of each put.

use aws_sdk_dynamodb::config::interceptors::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Milliunits, so that half a unit of a read is a whole number.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    requests: AtomicU64,
    written: AtomicU64,
    refused: AtomicU64,
    read: AtomicU64,
}

/// What was counted so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Units {
    /// Requests sent.
    pub requests: u64,
    /// Thousandths of write units of what succeeded.
    pub written: u64,
    /// Thousandths of write units of what was refused.
    pub refused: u64,
    /// Thousandths of read units.
    pub read: u64,
}

impl std::ops::Add for Units {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            requests: self.requests + other.requests,
            written: self.written + other.written,
            refused: self.refused + other.refused,
            read: self.read + other.read,
        }
    }
}

impl std::ops::Sub for Units {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            requests: self.requests - other.requests,
            written: self.written - other.written,
            refused: self.refused - other.refused,
            read: self.read - other.read,
        }
    }
}

impl Meter {
    /// What was counted so far.
    #[must_use]
    pub fn units(&self) -> Units {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let Counts { requests, written, refused, read } = &*self.0;
        Units { requests: of(requests), written: of(written), refused: of(refused), read: of(read) }
    }

    fn count(&self, target: &str, request: &Value, status: u16, answer: &Value) {
        let operation = target.rsplit('.').next().unwrap_or_default();
        let is_write = matches!(operation, "UpdateItem" | "PutItem" | "DeleteItem" | "TransactWriteItems");
        self.0.requests.fetch_add(1, Ordering::Relaxed);
        let (counter, units) = match (is_write, status) {
            (true, 200) => (&self.0.written, told(&answer["ConsumedCapacity"])),
            (true, _) => (&self.0.refused, of_refused(operation, request)),
            (false, _) => (&self.0.read, told(&answer["ConsumedCapacity"])),
        };
        counter.fetch_add(units, Ordering::Relaxed);
    }
}

/// Thousandths of the units that an answer tells of, of one table or several.
fn told(consumed: &Value) -> u64 {
    match consumed.as_array() {
        Some(tables) => tables.iter().map(told).sum(),
        None => thousandths(&consumed["CapacityUnits"].to_string()),
    }
}

/// A decimal in thousandths.
fn thousandths(text: &str) -> u64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    whole.parse::<u64>().unwrap_or(0) * 1_000 + part.parse::<u64>().unwrap_or(0)
}

/// Thousandths of the units of a refused write.
fn of_refused(operation: &str, request: &Value) -> u64 {
    match operation {
        "TransactWriteItems" => {
            let items = request["TransactItems"].as_array().map_or(&[][..], Vec::as_slice);
            items.iter().map(|item| 2_000 * kilobytes(&item["Put"]["Item"])).sum()
        }
        _ => 1_000 * kilobytes(&request["Item"]),
    }
}

/// Of an item that is put; what is updated is small.
fn kilobytes(item: &Value) -> u64 {
    let bytes = if item.is_null() { 1 } else { item.to_string().len() };
    u64::try_from(bytes.div_ceil(1_024)).unwrap_or(u64::MAX).max(1)
}

/// Counts a client's requests, which come one after the other.
#[derive(Debug)]
pub struct Metering {
    meter: Meter,
    /// Its operation and body, from when it is sent until it is answered.
    sent: Mutex<(String, Value)>,
}

impl Metering {
    /// Counts with `meter`.
    #[must_use]
    pub fn new(meter: Meter) -> Self {
        Self { meter, sent: Mutex::default() }
    }

    fn sent(&self) -> MutexGuard<'_, (String, Value)> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for Metering {
    fn name(&self) -> &'static str {
        "Metering"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.request().body().bytes().ok_or("a request without a body")?;
        let mut request: Value = serde_json::from_slice(body)?;
        let target = context.request().headers().get("x-amz-target").unwrap_or_default().to_owned();
        *self.sent() = (target, request.clone());
        request["ReturnConsumedCapacity"] = json!("TOTAL");
        let body = serde_json::to_vec(&request)?;
        let request = context.request_mut();
        request.headers_mut().insert("content-length", body.len().to_string());
        *request.body_mut() = body.into();
        Ok(())
    }

    /// Before this an answer's body is still on its way.
    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (response, (target, request)) = (context.response(), std::mem::take(&mut *self.sent()));
        let body = response.body().bytes().ok_or("an answer whose body was not read")?;
        let answer = serde_json::from_slice(body)?;
        self.meter.count(&target, &request, response.status().as_u16(), &answer);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_costs_what_the_rule_says() {
        let meter = Meter::default();
        let put = json!({"Put": {"Item": {"body": {"S": "x".repeat(1_500)}}}});
        let transaction = json!({"TransactItems": [put, {"Update": {"Key": {}}}, {"Update": {"Key": {}}}]});
        meter.count("DynamoDB_20120810.TransactWriteItems", &transaction, 400, &Value::Null);
        meter.count("DynamoDB_20120810.UpdateItem", &json!({"Key": {}}), 400, &Value::Null);
        assert_eq!(meter.units(), Units { requests: 2, refused: 9_000, ..Units::default() });
    }

    #[test]
    fn what_succeeds_costs_what_it_tells() {
        let meter = Meter::default();
        let two = json!({"ConsumedCapacity": [{"CapacityUnits": 2.0}, {"CapacityUnits": 4}]});
        meter.count("x.TransactWriteItems", &Value::Null, 200, &two);
        meter.count("x.GetItem", &Value::Null, 200, &json!({"ConsumedCapacity": {"CapacityUnits": 0.5}}));
        assert_eq!(meter.units(), Units { requests: 2, written: 6_000, refused: 0, read: 500 });
    }
}
