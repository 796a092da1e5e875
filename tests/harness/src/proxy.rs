//! Stands between the functions and the local AWS, and shows every call to an observer.
//!
//! The local AWS hands the proxy's address to its Lambdas as `AWS_ENDPOINT_URL`. Bytes and headers
//! pass unchanged, but for one thing: a function's `DynamoDB` request is made to ask for its consumed
//! capacity and signed again in its name, and the answer loses the capacity again when the function
//! had not asked.
//!
//! With a [`Gate`] it also stands between the functions and the partners, and between the functions' processes and the
//! runtime interface; then the gate decides what becomes of every call and event.
//!
//! The proxy has a thread and a runtime of its own, so that it outlives the test that started it.

mod gate;
mod gated;
mod runtime;
mod tokens;

use crate::error::{Error, Result};
use crate::signature::sign_again;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
pub use gate::{Altered, Event, Fate, Gate, Open, Passage, Turn};
use gated::{Gated, Partner, process_of};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use runtime::{Door, Runtime};
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};
use tokens::Tokens;
use tokio::sync::oneshot;
use waybill_partners::{CuttableListener, Switch};

/// More than any request or answer of the services that are recorded.
const LARGEST: usize = 64 << 20;
const CAPACITY: &str = "ReturnConsumedCapacity";

/// One call that a function made and the answer it got.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The service's target prefix or signing name, such as `DynamoDB_20120810` or `s3`.
    pub service: String,
    /// The operation, or the method and path of a REST call.
    pub operation: String,
    /// Whose credential signed it.
    pub access_key: String,
    /// The invocation it was made in, as the SDK passes it on; empty when untraced.
    pub trace: String,
    /// The body that was forwarded; null when it was streamed or is no JSON.
    pub request: Value,
    /// The status answered.
    pub status: u16,
    /// The body that was answered, consumed capacity included.
    pub answer: Value,
    /// How long the local AWS took.
    pub took: Duration,
}

/// Sees every exchange before its answer reaches the caller.
pub trait Observer: Send + Sync + 'static {
    /// Called once for each exchange.
    fn saw(&self, exchange: &Exchange);
}

/// A running proxy; stops when dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    upstream: Arc<AtomicU16>,
    secrets: Secrets,
    partners: Partners,
    _stop: oneshot::Sender<()>,
}

/// Where the partners answer, by name.
type Partners = Arc<RwLock<BTreeMap<String, String>>>;

/// What callers sign with, by access key.
type Secrets = Arc<RwLock<BTreeMap<String, String>>>;

impl Proxy {
    /// Listens on a free port. Calls fail until [`Proxy::forward_to`] says where they go.
    ///
    /// # Errors
    /// When no port or thread is to be had.
    pub fn start(observer: Arc<dyn Observer>, gate: Option<Arc<dyn Gate>>) -> Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(Error::io("bind the proxy"))?;
        listener.set_nonblocking(true).map_err(Error::io("bind the proxy"))?;
        let address = listener.local_addr().map_err(Error::io("bind the proxy"))?;
        let upstream = Arc::new(AtomicU16::new(0));
        let secrets = Secrets::default();
        let (stop, stopped) = oneshot::channel();
        let partners = Partners::default();
        let client = Client::builder(hyper_util::rt::TokioExecutor::new()).build(HttpConnector::new());
        let hop = Hop {
            runtime: gate
                .clone()
                .map(|gate| Runtime::new(client.clone(), gate, Tokens::new(client.clone(), upstream.clone()))),
            client,
            upstream: Arc::clone(&upstream),
            secrets: Arc::clone(&secrets),
            partners: Arc::clone(&partners),
            observer,
            gate,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(Error::io("start the proxy"))?;
        let serve = async move {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            let router = axum::Router::new().fallback(pass).with_state(hop);
            let router = router.into_make_service_with_connect_info::<Switch>();
            let serving = axum::serve(CuttableListener::new(listener), router);
            tokio::select! { served = async { serving.await } => served, _ = stopped => Ok(()) }
        };
        std::thread::Builder::new()
            .name("proxy".into())
            .spawn(move || runtime.block_on(serve))
            .map_err(Error::io("start the proxy"))?;
        Ok(Self { address, upstream, secrets, partners, _stop: stop })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Signs for these callers, by access key: only their calls can be asked for their capacity.
    pub fn sign_for(&self, secrets: BTreeMap<String, String>) {
        if let Ok(mut known) = self.secrets.write() {
            *known = secrets;
        }
    }

    /// Sends a partner's calls there from now on; they come in under `/_partner/{name}/{process}`.
    pub fn forward_partner(&self, name: &str, base: &str) {
        if let Ok(mut known) = self.partners.write() {
            known.insert(name.to_owned(), base.to_owned());
        }
    }

    /// Sends calls to this port from now on.
    pub fn forward_to(&self, port: u16) {
        self.upstream.store(port, Ordering::SeqCst);
    }
}

#[derive(Clone)]
struct Hop {
    client: Client<HttpConnector, Body>,
    upstream: Arc<AtomicU16>,
    secrets: Secrets,
    partners: Partners,
    observer: Arc<dyn Observer>,
    gate: Option<Arc<dyn Gate>>,
    runtime: Option<Runtime>,
}

async fn pass(State(hop): State<Hop>, ConnectInfo(switch): ConnectInfo<Switch>, request: Request) -> Response {
    let answered = match (&hop.runtime, Door::read(request.uri().path())) {
        (Some(runtime), Some(door)) => runtime.pass(door, request).await,
        (_, None) | (None, Some(_)) => hop.take(request, &switch).await,
    };
    match answered {
        Ok(answer) => answer,
        Err(cause) => {
            let said = format!("the proxy could not pass the call on: {cause}");
            (StatusCode::BAD_GATEWAY, said).into_response()
        }
    }
}

type Cause = Box<dyn std::error::Error + Send + Sync>;

impl Hop {
    /// A call, by the gate if there is one.
    async fn take(&self, request: Request, switch: &Switch) -> std::result::Result<Response, Cause> {
        let (mut parts, body) = request.into_parts();
        let call = if let Some(partner) = Partner::read(parts.uri.path()) {
            parts.uri = self.partner(&partner, &parts.uri)?;
            partner.call(&parts)
        } else {
            let call = Call::of(&parts.headers, parts.method.as_str(), parts.uri.path());
            parts.uri = self.address(&parts.uri)?;
            call
        };
        let Some(gate) = &self.gate else {
            return self.exchange(call, Request::from_parts(parts, body)).await;
        };
        let body = to_bytes(body, LARGEST).await?;
        let gated = Gated { hop: self.clone(), gate: Arc::clone(gate), call, parts, body };
        gated.go(switch).await
    }

    /// Passes a call on.
    async fn exchange(&self, call: Call, request: Request) -> std::result::Result<Response, Cause> {
        let (mut parts, body) = request.into_parts();
        // The body's framing is the next connection's own affair.
        for name in [header::CONNECTION, header::TRANSFER_ENCODING, header::EXPECT] {
            parts.headers.remove(name);
        }
        let started = Instant::now();
        if !call.is_json {
            let answer = self.client.request(Request::from_parts(parts, body)).await?;
            self.observer.saw(&call.streamed(answer.status(), started.elapsed()));
            return Ok(answer.map(Body::new));
        }
        let sent = to_bytes(body, LARGEST).await?;
        let (forwarded, asked) = match self.secret(&call.access_key) {
            Some(secret) => call.ask(&sent, &mut parts.headers, &secret),
            None => (None, Asked::ByCaller),
        };
        let body = forwarded.unwrap_or_else(|| sent.clone());
        let answer = self.client.request(Request::from_parts(parts, Body::from(body.clone()))).await?;
        let (mut parts, body_answered) = answer.into_parts();
        let answered = to_bytes(Body::new(body_answered), LARGEST).await?;
        let exchange = call.whole(&body, parts.status, &answered, started.elapsed());
        self.observer.saw(&exchange);
        let Some(stripped) = strip(exchange.answer, asked) else {
            return Ok(Response::from_parts(parts, Body::from(answered)));
        };
        parts.headers.remove(HeaderName::from_static("x-amz-crc32"));
        parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(stripped.len()));
        Ok(Response::from_parts(parts, Body::from(stripped)))
    }

    fn secret(&self, access_key: &str) -> Option<String> {
        self.secrets.read().ok()?.get(access_key).cloned()
    }

    fn address(&self, uri: &Uri) -> std::result::Result<Uri, Cause> {
        let port = self.upstream.load(Ordering::SeqCst);
        let path = uri.path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str);
        Ok(format!("http://127.0.0.1:{port}{path}").parse()?)
    }
}

/// What the headers alone tell about a call.
#[derive(Clone)]
struct Call {
    service: String,
    operation: String,
    access_key: String,
    trace: String,
    process: u32,
    key: String,
    is_json: bool,
}

/// Whether the caller itself wanted the consumed capacity.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    ByCaller,
    ByUs,
}

impl Call {
    fn of(headers: &HeaderMap, method: &str, path: &str) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let credential = text("authorization").split_once("Credential=").map_or("", |(_, rest)| rest);
        let mut scope = credential.split(['/', ',']);
        let access_key = scope.next().unwrap_or_default().to_owned();
        let signed_for = scope.nth(2).unwrap_or_default().to_owned();
        let trace = text("x-amzn-trace-id").to_owned();
        let (service, operation, is_json) = match text("x-amz-target").rsplit_once('.') {
            Some((service, operation)) => (service.to_owned(), operation.to_owned(), true),
            None => (signed_for, format!("{method} {path}"), false),
        };
        let key = text("idempotency-key").to_owned();
        Self { service, operation, access_key, trace, process: process_of(text("x-amz-user-agent")), key, is_json }
    }

    /// The body to forward instead, when the consumed capacity must be asked for; the headers are made to fit it.
    fn ask(&self, sent: &Bytes, headers: &mut HeaderMap, secret: &str) -> (Option<Bytes>, Asked) {
        if !self.service.starts_with("DynamoDB_") || !crate::meter::is_metered(&self.operation) {
            return (None, Asked::ByCaller);
        }
        let Ok(Value::Object(mut fields)) = serde_json::from_slice(sent) else {
            return (None, Asked::ByCaller);
        };
        let asked = match fields.get(CAPACITY).and_then(Value::as_str) {
            Some("INDEXES") => return (None, Asked::ByCaller),
            Some("TOTAL") => Asked::ByCaller,
            Some(_) | None => Asked::ByUs,
        };
        fields.insert(CAPACITY.into(), "INDEXES".into());
        let changed = Bytes::from(Value::Object(fields).to_string());
        let length = headers.insert(header::CONTENT_LENGTH, HeaderValue::from(changed.len()));
        if sign_again(headers, &changed, secret).is_some() {
            return (Some(changed), asked);
        }
        if let Some(length) = length {
            headers.insert(header::CONTENT_LENGTH, length);
        }
        (None, Asked::ByCaller)
    }

    fn streamed(self, status: StatusCode, took: Duration) -> Exchange {
        let Self { service, operation, access_key, trace, process: _, key: _, is_json: _ } = self;
        let (request, answer) = (Value::Null, Value::Null);
        Exchange { service, operation, access_key, trace, request, status: status.as_u16(), answer, took }
    }

    fn whole(self, request: &[u8], status: StatusCode, answer: &[u8], took: Duration) -> Exchange {
        Exchange {
            request: serde_json::from_slice(request).unwrap_or_default(),
            answer: serde_json::from_slice(answer).unwrap_or_default(),
            ..self.streamed(status, took)
        }
    }
}

/// The answer without what only we asked for; `None` when it is to pass as it came.
fn strip(answer: Value, asked: Asked) -> Option<Bytes> {
    if asked == Asked::ByCaller {
        return None;
    }
    let Value::Object(mut fields) = answer else {
        return None;
    };
    fields.remove("ConsumedCapacity")?;
    Some(Value::Object(fields).to_string().into())
}

#[cfg(test)]
mod gate_tests;
#[cfg(test)]
mod tests;
