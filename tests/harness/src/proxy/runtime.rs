//! Between a function's process and the runtime interface that gives it its events.
//!
//! Lambda's runtime interface (the "Lambda runtime API" of the AWS documentation, version 2018-06-01) is a loop of two calls:
//! the process asks for the next event, and posts what became of it. A gate may deliver an event late, twice or not at
//! all, or have the process die right before its answer.

use super::gate::{Event, Gate, Turn, kill};
use super::tokens::Tokens;
use super::{Cause, LARGEST};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const ID: &str = "lambda-runtime-aws-request-id";
const INJECTED: &str = r#"{"errorType":"Runtime.ExitError","errorMessage":"injected before the function"}"#;

/// Where the runtime interface of a process is, read from the path the process was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Door {
    process: u32,
    function: String,
    /// What follows the prefix, with the port in front of it.
    rest: String,
}

impl Door {
    /// Reads `/_runtime/{process}/{function}/{port}/2018-06-01/…`.
    pub(super) fn read(path: &str) -> Option<Self> {
        let mut parts = path.strip_prefix("/_runtime/")?.splitn(3, '/');
        let (process, function, rest) = (parts.next()?.parse().ok()?, parts.next()?, parts.next()?);
        Some(Self { process, function: function.to_owned(), rest: rest.to_owned() })
    }
}

/// What a process has to get again, or to die of.
#[derive(Clone, Debug)]
enum Pending {
    /// This event again, once it has been answered.
    Again(HeaderMap, Bytes),
    /// The next answer does not pass.
    Death,
}

/// The events under way, by process.
#[derive(Clone)]
pub(super) struct Runtime {
    client: Client<HttpConnector, Body>,
    gate: Arc<dyn Gate>,
    tokens: Tokens,
    pending: Arc<Mutex<BTreeMap<u32, Pending>>>,
    again: Arc<Mutex<BTreeMap<u32, (HeaderMap, Bytes)>>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Runtime {
    pub(super) fn new(client: Client<HttpConnector, Body>, gate: Arc<dyn Gate>, tokens: Tokens) -> Self {
        Self { client, gate, tokens, pending: Arc::default(), again: Arc::default() }
    }

    pub(super) async fn pass(&self, door: Door, request: Request) -> Result<Response, Cause> {
        if request.method() == Method::GET && door.rest.ends_with("/invocation/next") {
            return self.next(&door).await;
        }
        let is_answer = door.rest.ends_with("/response") || door.rest.ends_with("/error");
        if is_answer && door.rest.contains("/invocation/") {
            return self.answer(&door, request).await;
        }
        let (parts, body) = request.into_parts();
        self.send(parts.method, &door.rest, Some(&parts.headers), to_bytes(body, LARGEST).await?).await
    }

    /// The next event, as the gate lets it through.
    async fn next(&self, door: &Door) -> Result<Response, Cause> {
        let repeated = locked(&self.again).remove(&door.process);
        if let Some((headers, body)) = repeated {
            return Ok(event_of(headers, body));
        }
        loop {
            let given = self.send(Method::GET, &door.rest, None, Bytes::new()).await?;
            let (parts, body) = given.into_parts();
            let body = to_bytes(body, LARGEST).await?;
            if parts.status != StatusCode::OK {
                return Ok((parts.status, body).into_response());
            }
            match self.turn(&Event { process: door.process, function: &door.function, body: &body }).await {
                Turn::Deliver | Turn::Held(_) => {}
                Turn::Late(time) => tokio::time::sleep(time).await,
                Turn::Twice => {
                    let again = Pending::Again(parts.headers.clone(), body.clone());
                    locked(&self.pending).insert(door.process, again);
                }
                Turn::Die => {
                    locked(&self.pending).insert(door.process, Pending::Death);
                }
                Turn::Fail => {
                    self.fail(door, &parts.headers).await?;
                    self.tokens.failed(&body).await;
                    continue;
                }
            }
            self.tokens.begin(door.process, &body);
            return Ok(event_of(parts.headers, body));
        }
    }

    /// What becomes of an event once it is held no longer.
    async fn turn(&self, event: &Event<'_>) -> Turn {
        loop {
            match self.gate.event(event) {
                Turn::Held(time) => tokio::time::sleep(time).await,
                turn @ (Turn::Deliver | Turn::Late(_) | Turn::Twice | Turn::Die | Turn::Fail) => return turn,
            }
        }
    }

    /// Tells the sender that the event failed, in the function's place.
    async fn fail(&self, door: &Door, headers: &HeaderMap) -> Result<(), Cause> {
        let id = headers.get(ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
        let path = door.rest.replace("/invocation/next", &format!("/invocation/{id}/error"));
        self.send(Method::POST, &path, None, Bytes::from_static(INJECTED.as_bytes())).await?;
        self.gate.finished(door.process);
        Ok(())
    }

    /// What became of an event; it passes unless the event comes again or the process is to die.
    async fn answer(&self, door: &Door, request: Request) -> Result<Response, Cause> {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, LARGEST).await?;
        let pending = locked(&self.pending).remove(&door.process);
        match pending {
            Some(Pending::Again(headers, event)) => {
                locked(&self.again).insert(door.process, (headers, event));
                return Ok(StatusCode::ACCEPTED.into_response());
            }
            Some(Pending::Death) => {
                self.gate.finished(door.process);
                kill(door.process);
                return Ok(StatusCode::ACCEPTED.into_response());
            }
            None => self.gate.finished(door.process),
        }
        let answered = self.send(parts.method, &door.rest, Some(&parts.headers), body.clone()).await?;
        self.tokens.answered(door.process, door.rest.ends_with("/error").then_some(&body)).await;
        Ok(answered)
    }

    async fn send(
        &self,
        method: Method,
        rest: &str,
        headers: Option<&HeaderMap>,
        body: Bytes,
    ) -> Result<Response, Cause> {
        let mut request = Request::builder().method(method).uri(format!("http://127.0.0.1:{rest}"));
        let kept =
            |name: &str| name == "content-type" || name.starts_with("lambda-runtime") || name.starts_with("x-amzn-");
        for (name, value) in headers.into_iter().flatten().filter(|(name, _)| kept(name.as_str())) {
            request = request.header(name, value);
        }
        let answer = self.client.request(request.body(Body::from(body))?).await?;
        Ok(answer.map(Body::new))
    }
}

/// An event as the runtime interface gives it.
fn event_of(headers: HeaderMap, body: Bytes) -> Response {
    let mut answer = Response::new(Body::from(body));
    for (name, value) in headers {
        if let Some(name) = name.filter(|name| name.as_str().starts_with("lambda-runtime") || name == "content-type") {
            answer.headers_mut().append(name, value);
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_tells_process_function_and_the_interface_behind_it() {
        let door = Door::read("/_runtime/4711/waybill-pick/40001/2018-06-01/runtime/invocation/next").unwrap();
        assert_eq!((door.process, door.function.as_str()), (4711, "waybill-pick"));
        assert_eq!(door.rest, "40001/2018-06-01/runtime/invocation/next");
        assert_eq!(Door::read("/orders"), None);
        assert_eq!(Door::read("/_runtime/x/f/1/next"), None);
    }
}
