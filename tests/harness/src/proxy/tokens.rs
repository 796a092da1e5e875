//! What the local AWS lacks: a task that waits for a token fails when its function does.
//!
//! On AWS such a task fails with the function's error, and the state's `Retry` takes it on. The local AWS drops the error and
//! waits for the token until the state's time-out, which is hours. So whoever stands at the runtime interface tells the
//! workflow service in the function's place.

use super::Cause;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often it is looked whether a process is still there.
const LOOK: Duration = Duration::from_millis(100);
/// No function works longer on one event.
const LONGEST: Duration = Duration::from_mins(15);
/// What a function whose process has ended fails with.
const ENDED: &str = "Runtime.ExitError";

/// The tokens of the tasks whose functions are at work, by process.
#[derive(Clone)]
pub(super) struct Tokens {
    client: Client<HttpConnector, Body>,
    upstream: Arc<AtomicU16>,
    at_work: Arc<Mutex<BTreeMap<u32, String>>>,
}

impl Tokens {
    pub(super) fn new(client: Client<HttpConnector, Body>, upstream: Arc<AtomicU16>) -> Self {
        Self { client, upstream, at_work: Arc::default() }
    }

    /// A process takes an event. If a task waits for its token, the task fails when the process ends before it answers.
    pub(super) fn begin(&self, process: u32, event: &Bytes) {
        let Some(token) = token_of(event) else { return };
        self.with(|at_work| at_work.insert(process, token.clone()));
        let tokens = self.clone();
        tokio::spawn(async move {
            let (begun, alive) = (Instant::now(), PathBuf::from(format!("/proc/{process}")));
            while alive.exists() && begun.elapsed() < LONGEST {
                tokio::time::sleep(LOOK).await;
                if tokens.with(|at_work| at_work.get(&process) != Some(&token)) {
                    return;
                }
            }
            if tokens.with(|at_work| at_work.remove(&process)).is_some() {
                tokens.fail(&token, ENDED).await;
            }
        });
    }

    /// The process has answered, with an error or without one.
    pub(super) async fn answered(&self, process: u32, error: Option<&Bytes>) {
        let Some(token) = self.with(|at_work| at_work.remove(&process)) else { return };
        if let Some(error) = error {
            let told: Value = serde_json::from_slice(error).unwrap_or_default();
            self.fail(&token, told["errorType"].as_str().unwrap_or("Lambda.Unknown")).await;
        }
    }

    /// The event of this body fails before any process takes it.
    pub(super) async fn failed(&self, event: &Bytes) {
        if let Some(token) = token_of(event) {
            self.fail(&token, ENDED).await;
        }
    }

    async fn fail(&self, token: &str, error: &str) {
        if let Err(cause) = self.send(token, error).await {
            eprintln!("the proxy could not tell a task that its function failed: {cause}");
        }
    }

    async fn send(&self, token: &str, error: &str) -> Result<(), Cause> {
        let body = json!({"taskToken": token, "error": error, "cause": "told by the proxy in the function's place"});
        let request = Request::builder()
            .method("POST")
            .uri(format!("http://127.0.0.1:{}/", self.upstream.load(Ordering::SeqCst)))
            .header("authorization", crate::aws::credential("states"))
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", "AWSStepFunctions.SendTaskFailure")
            .body(Body::from(body.to_string()))?;
        self.client.request(request).await?;
        Ok(())
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<u32, String>) -> T) -> T {
        work(&mut self.at_work.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn token_of(event: &Bytes) -> Option<String> {
    let event: Value = serde_json::from_slice(event).ok()?;
    event["taskToken"].as_str().map(str::to_owned)
}
