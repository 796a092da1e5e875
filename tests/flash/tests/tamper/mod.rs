//! Clients whose requests are held up, or answered by somebody else.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::{
    BeforeTransmitInterceptorContextMut, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use axum::Router;
use axum::http::{StatusCode, header};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use waybill_flash::Database;

const TARGET: &str = "x-amz-target";

fn is_transaction(target: Option<&str>) -> bool {
    target.is_some_and(|target| target.ends_with(".TransactWriteItems"))
}

/// The first transactions run into others: they are answered by a stub and never reach the database.
#[derive(Clone, Debug)]
pub struct Colliding {
    left: Arc<AtomicUsize>,
    stub: String,
}

impl Colliding {
    pub async fn times(times: usize) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stub = format!("http://{}/", listener.local_addr().unwrap());
        let answer = || async {
            let reasons = json!([{"Code": "None"}, {"Code": "TransactionConflict"}]);
            let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
            let body = json!({"__type": kind, "message": "collided", "CancellationReasons": reasons}).to_string();
            (StatusCode::BAD_REQUEST, [(header::CONTENT_TYPE, "application/x-amz-json-1.0")], body)
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        Self { left: Arc::new(AtomicUsize::new(times)), stub }
    }

    pub fn client(&self, database: &Database) -> Client {
        let client = database.client(None, false);
        Client::from_conf(client.config().to_builder().interceptor(self.clone()).build())
    }
}

impl Intercept for Colliding {
    fn name(&self) -> &'static str {
        "Colliding"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if !is_transaction(context.request().headers().get(TARGET)) {
            return Ok(());
        }
        let take = |left: usize| left.checked_sub(1);
        if self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok() {
            context.request_mut().set_uri(self.stub.as_str())?;
        }
        Ok(())
    }
}

/// One transaction waits until it is let go.
#[derive(Clone, Debug)]
pub struct Pausing {
    seen: Arc<AtomicUsize>,
    at: usize,
    reached: mpsc::Sender<()>,
    go: Arc<Mutex<mpsc::Receiver<()>>>,
}

impl Pausing {
    /// The `at`th transaction; what tells that it waits, and what lets it go.
    pub fn at(at: usize) -> (Self, mpsc::Receiver<()>, mpsc::Sender<()>) {
        let ((reached, told), (go, gone)) = (mpsc::channel(), mpsc::channel());
        (Self { seen: Arc::default(), at, reached, go: Arc::new(Mutex::new(gone)) }, told, go)
    }

    pub fn client(&self, database: &Database) -> Client {
        let client = database.client(None, false);
        Client::from_conf(client.config().to_builder().interceptor(self.clone()).build())
    }
}

impl Intercept for Pausing {
    fn name(&self) -> &'static str {
        "Pausing"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let is_it = is_transaction(context.request().headers().get(TARGET))
            && self.seen.fetch_add(1, Ordering::SeqCst) + 1 == self.at;
        if is_it {
            self.reached.send(())?;
            tokio::task::block_in_place(|| self.go.lock().unwrap().recv())?;
        }
        Ok(())
    }
}
