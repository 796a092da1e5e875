//! Counts what each order costs: every call through the proxy, every invocation, every transition.

mod bill;
mod capacity;
mod invocations;
mod items;
mod owners;
mod permissions;
mod transitions;
mod units;

use crate::proxy::{Exchange, Observer};
pub use bill::{Bill, Cost, Row};
pub use capacity::{Charge, is_metered};
pub use invocations::{Invocation, STAGES, invocations};
pub use permissions::{Permission, permissions};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
pub use transitions::transitions;
pub use units::Units;

/// One recorded call.
#[derive(Clone, Debug)]
pub struct Call {
    /// The function that made it, or the access key when no function owns it.
    pub function: String,
    /// The service, as the wire names it.
    pub service: String,
    /// The operation.
    pub operation: String,
    /// The status answered.
    pub status: u16,
    /// How long the local AWS took.
    pub took: Duration,
    /// The orders it served; empty when neither it nor its invocation names one.
    pub orders: BTreeSet<String>,
    /// What it cost in `DynamoDB`.
    pub charges: Vec<Charge>,
    /// What its function had to be allowed.
    pub permissions: BTreeSet<Permission>,
    trace: String,
}

/// Records what passes the proxy.
#[derive(Debug, Default)]
pub struct Meter {
    calls: Mutex<Vec<Call>>,
    functions: Mutex<BTreeMap<String, String>>,
    words: Mutex<Vec<Words>>,
}

/// What a function told another service: a message, an execution's input, a task's answer, an event.
#[derive(Clone, Debug)]
pub struct Words {
    /// The service, as the wire names it.
    pub service: String,
    /// The request.
    pub request: Value,
}

/// Services that hand on what they are told.
const TELLERS: [&str; 3] = ["AmazonSQS", "AWSStepFunctions", "AWSEvents"];

impl Observer for Meter {
    fn saw(&self, exchange: &Exchange) {
        let Exchange { operation, request, status, answer, .. } = exchange;
        let call = Call {
            function: exchange.access_key.clone(),
            service: exchange.service.clone(),
            operation: operation.clone(),
            status: *status,
            took: exchange.took,
            orders: owners::orders(operation, request),
            charges: capacity::charges(operation, request, *status, answer),
            permissions: permissions(exchange),
            trace: exchange.trace.clone(),
        };
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        if TELLERS.contains(&exchange.service.as_str()) {
            let words = Words { service: exchange.service.clone(), request: request.clone() };
            self.words.lock().unwrap_or_else(PoisonError::into_inner).push(words);
        }
    }
}

impl Meter {
    /// Tells which function each access key belongs to.
    pub fn name_functions(&self, functions: BTreeMap<String, String>) {
        *self.functions.lock().unwrap_or_else(PoisonError::into_inner) = functions;
    }

    /// Everything that functions told queues, workflows and buses so far.
    #[must_use]
    pub fn words(&self) -> Vec<Words> {
        self.words.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Every call so far, with its function's name. A call that names no order (a read of the
    /// catalog) takes the orders of the other calls of its invocation.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let functions = self.functions.lock().unwrap_or_else(PoisonError::into_inner);
        let mut traced: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for call in calls.iter().filter(|call| !call.trace.is_empty()) {
            traced.entry(call.trace.clone()).or_default().extend(call.orders.iter().cloned());
        }
        for call in &mut calls {
            if let Some(name) = functions.get(&call.function) {
                call.function.clone_from(name);
            }
            if call.orders.is_empty()
                && let Some(orders) = traced.get(&call.trace)
            {
                call.orders.clone_from(orders);
            }
        }
        calls
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn saw(meter: &Meter, operation: &str, trace: &str, request: Value, answer: Value) {
        meter.saw(&Exchange {
            service: "DynamoDB_20120810".into(),
            operation: operation.into(),
            access_key: "ASIA1".into(),
            trace: trace.into(),
            request,
            status: 200,
            answer,
            took: Duration::ZERO,
        });
    }

    #[test]
    fn a_call_without_an_order_belongs_to_its_invocations_orders() {
        let meter = Meter::default();
        let read = json!({"ConsumedCapacity": {"CapacityUnits": 0.5}});
        let item = |pk: &str| json!({"Key": {"pk": {"S": pk}, "sk": {"S": "STATE"}}});
        saw(&meter, "GetItem", "Root=1", item("T#demo#ITEM"), read.clone());
        saw(&meter, "GetItem", "Root=1", item("T#demo#ORDER#one"), read.clone());
        saw(&meter, "GetItem", "Root=2", item("T#demo#ITEM"), read.clone());
        saw(&meter, "GetItem", "", item("T#demo#ITEM"), read);
        meter.name_functions(BTreeMap::from([("ASIA1".into(), "screen".into())]));

        let calls = meter.calls();

        let orders: Vec<Vec<&str>> =
            calls.iter().map(|call| call.orders.iter().map(String::as_str).collect()).collect();
        assert_eq!(orders, [vec!["one"], vec!["one"], vec![], vec![]]);
        assert_eq!(calls[0].function, "screen");
    }
}
