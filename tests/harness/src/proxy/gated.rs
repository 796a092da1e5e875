//! A call that a gate decides on.

use super::gate::{Altered, Fate, Gate, Passage, kill};
use super::{Call, Cause, Hop, LARGEST};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use waybill_partners::Switch;

/// No caller waits longer: Lambda ends every function before.
const FOREVER: Duration = Duration::from_mins(15);

/// A partner's call as it comes in: `/_partner/{name}/{process}/{path}`.
pub(super) struct Partner {
    pub(super) name: String,
    process: u32,
    pub(super) path: String,
}

impl Partner {
    pub(super) fn read(path: &str) -> Option<Self> {
        let mut parts = path.strip_prefix("/_partner/")?.splitn(3, '/');
        let (name, process) = (parts.next()?.to_owned(), parts.next()?.parse().ok()?);
        Some(Self { name, process, path: format!("/{}", parts.next().unwrap_or_default()) })
    }

    pub(super) fn call(self, parts: &Parts) -> Call {
        let key = parts.headers.get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
        Call {
            service: self.name,
            operation: format!("{} {}", parts.method, self.path),
            access_key: String::new(),
            trace: String::new(),
            process: self.process,
            key: key.to_owned(),
            is_json: false,
        }
    }
}

/// The process that a caller of the SDK gave as its application: `… app/4711`.
pub(super) fn process_of(user_agent: &str) -> u32 {
    let told = user_agent.split(' ').find_map(|part| part.strip_prefix("app/"));
    told.and_then(|told| told.parse().ok()).unwrap_or_default()
}

/// A call with all that is needed to pass it on, now or later.
pub(super) struct Gated {
    pub(super) hop: Hop,
    pub(super) gate: Arc<dyn Gate>,
    pub(super) call: Call,
    pub(super) parts: Parts,
    pub(super) body: Bytes,
}

impl Gated {
    pub(super) async fn go(mut self, switch: &Switch) -> Result<Response, Cause> {
        if let Some(Altered { body, keyless }) = self.gate.alter(&self.call.passage(&self.body)) {
            self.body = body.into();
            if keyless {
                self.parts.headers.remove("idempotency-key");
                self.call.key.clear();
            }
        }
        let process = self.call.process;
        match self.gate.call(&self.call.passage(&self.body)) {
            Fate::Pass => self.forward().await,
            Fate::Refuse => Ok(cut(switch)),
            Fate::Lose => {
                self.forward().await?;
                Ok(cut(switch))
            }
            Fate::Kill => {
                self.forward().await?;
                kill(process);
                Ok(cut(switch))
            }
            Fate::Answer(status, body) => Ok(said(status, &body)),
            Fate::Hang => {
                // Dropped as soon as the caller hangs up.
                tokio::time::sleep(FOREVER).await;
                Ok(cut(switch))
            }
            Fate::Stall(time) => {
                // A task of its own: it goes on when the caller is no more.
                let later = tokio::spawn(async move {
                    tokio::time::sleep(time).await;
                    self.forward().await
                });
                later.await?
            }
        }
    }

    /// Passes it on and shows the gate the answer.
    async fn forward(self) -> Result<Response, Cause> {
        let Self { hop, gate, call, parts, body } = self;
        let shown = call.clone();
        let answer = hop.exchange(call, Request::from_parts(parts, Body::from(body.clone()))).await?;
        let (parts, answered) = answer.into_parts();
        let answered = to_bytes(answered, LARGEST).await?;
        gate.answered(&shown.passage(&body), parts.status.as_u16(), &answered);
        Ok(Response::from_parts(parts, Body::from(answered)))
    }
}

fn cut(switch: &Switch) -> Response {
    switch.cut();
    StatusCode::BAD_GATEWAY.into_response()
}

fn said(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(CONTENT_TYPE, "application/x-amz-json-1.0")], body.to_string()).into_response()
}

impl Call {
    fn passage<'a>(&'a self, body: &'a [u8]) -> Passage<'a> {
        let Self { service, operation, process, key, .. } = self;
        Passage { process: *process, service, operation, key, body }
    }
}

impl Hop {
    /// Where a partner's call goes.
    pub(super) fn partner(&self, partner: &Partner, uri: &Uri) -> Result<Uri, Cause> {
        let known = self.partners.read().ok().and_then(|known| known.get(&partner.name).cloned());
        let base = known.ok_or_else(|| format!("no partner {}", partner.name))?;
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        Ok(format!("{base}{}{query}", partner.path).parse()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partners_call_tells_who_makes_it() {
        let partner = Partner::read("/_partner/stripe/4711/v1/refunds").unwrap();
        assert_eq!((partner.name.as_str(), partner.process, partner.path.as_str()), ("stripe", 4711, "/v1/refunds"));
        assert!(Partner::read("/v1/refunds").is_none());
    }

    #[test]
    fn the_sdk_tells_the_process_as_its_application() {
        assert_eq!(process_of("aws-sdk-rust/1.3 ua/2.1 api/dynamodb#1 app/4711 m/E"), 4711);
        assert_eq!(process_of("aws-sdk-rust/1.3"), 0);
    }
}
