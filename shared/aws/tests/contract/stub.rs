//! A DynamoDB that says what it is told to.

use crate::tables::{self, ORDERS, STOCK};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use waybill_aws::{DynamoOrders, DynamoStock};

/// The item of a cancelled transaction that nothing stood against.
pub const NONE: &str = "None";
/// Its condition failed.
pub const FAILED: &str = "ConditionalCheckFailed";
/// Another transaction was at it.
pub const COLLIDED: &str = "TransactionConflict";

/// A DynamoDB that says these things in turn, and the last of them for ever.
#[derive(Clone)]
pub struct Stub {
    says: Arc<Vec<Value>>,
    asked: Arc<AtomicUsize>,
}

impl Stub {
    /// It, and the adapters that ask it.
    pub async fn saying(says: Vec<Value>) -> (Self, DynamoOrders, DynamoStock) {
        let stub = Self { says: Arc::new(says), asked: Arc::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(stub.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let client = tables::client(&url);
        (stub, DynamoOrders::new(client.clone(), ORDERS, STOCK), DynamoStock::new(client, STOCK))
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

type Answer = (StatusCode, [(header::HeaderName, &'static str); 1], String);

async fn answer(State(stub): State<Stub>) -> Answer {
    let turn = stub.asked.fetch_add(1, Ordering::SeqCst);
    let says = stub.says.get(turn).or(stub.says.last()).unwrap();
    let status = if says.get("__type").is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.0")], says.to_string())
}

/// A failure with this code.
pub fn failure(code: &str) -> Value {
    json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "said by a stub"})
}

/// A cancelled transaction; a reason with a `Code` each, and an `Item` where one is.
pub fn cancelled(reasons: &[Value]) -> Value {
    let mut says = failure("TransactionCanceledException");
    says["CancellationReasons"] = reasons.iter().cloned().collect();
    says
}

/// A cancelled transaction with these codes.
pub fn codes<const N: usize>(codes: [&str; N]) -> Value {
    cancelled(&codes.map(|code| json!({"Code": code})))
}
