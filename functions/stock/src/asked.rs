//! A call, read and understood, and its answer.

use crate::route::Ports;
use crate::view::DocumentView;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::response::Response;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use waybill_domain::id::{DocumentId, digest_of};
use waybill_domain::order::{Actor, RequestRecord};
use waybill_domain::stock::Document;
use waybill_domain::stock::filing::{Ask, Origin, Refusal};
use waybill_lambda::filing::{Desk, Outcome};
use waybill_lambda::http::{Caller, Problem, answered, caller, idempotency_key, parse, read};
use waybill_lambda::{Fault, now};

/// What a handler answers.
pub type Answered = Result<Response, Problem>;

/// A call that makes a document, once per key.
pub struct Asked<B> {
    /// Who.
    pub caller: Caller,
    key: String,
    route: String,
    raw: Bytes,
    /// What they sent.
    pub body: B,
}

/// A call that only reads, or says how things are to be.
pub struct Question {
    /// Who.
    pub caller: Caller,
    /// What they sent.
    pub raw: Bytes,
    query: String,
}

impl Question {
    /// The values of the query's `names`, in the order sent.
    ///
    /// # Errors
    /// 400 for a name that is none of these.
    pub fn query(&self, names: &[&str]) -> Result<Vec<(String, String)>, Problem> {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(self.query.as_bytes()).into_owned().collect();
        match pairs.iter().find(|(name, _)| !names.contains(&name.as_str())) {
            Some((name, _)) => Err(Problem::bad_request(format!("query/{name}"), "is not known")),
            None => Ok(pairs),
        }
    }
}

impl<P: Ports> FromRequest<Arc<P>> for Question {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<P>) -> Result<Self, Problem> {
        let (parts, raw) = read(request).await?;
        let caller = caller(app.catalog(), &parts).await?;
        Ok(Self { caller, raw, query: parts.uri.query().unwrap_or_default().to_owned() })
    }
}

impl<P: Ports, B: DeserializeOwned> FromRequest<Arc<P>> for Asked<B> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<P>) -> Result<Self, Problem> {
        let (parts, raw) = read(request).await?;
        let caller = caller(app.catalog(), &parts).await?;
        let key = idempotency_key(&parts.headers)?.to_owned();
        Ok(Self { caller, key, route: format!("POST {}", parts.uri.path()), body: parse(&raw)?, raw })
    }
}

impl<B> Asked<B> {
    fn origin(&self) -> Origin {
        let id = DocumentId::derive(self.caller.tenant(), &self.route, &self.key);
        Origin { id, at: now(), actor: Actor(self.caller.actor.clone()) }
    }

    fn digest(&self) -> String {
        digest_of(&[&String::from_utf8_lossy(&self.raw)])
    }

    fn record(&self, document: &Document) -> RequestRecord {
        RequestRecord {
            key: digest_of(&[self.caller.tenant().as_str(), &self.route, &self.key]),
            body: self.digest(),
            status: 201,
            answer: serde_json::to_string(&DocumentView::from(document)).unwrap_or_default(),
        }
    }
}

/// Makes a call's question a document and answers it. The answer is kept in the document, so that the same call again
/// gets it byte for byte.
///
/// # Errors
/// 404 for what does not exist; 409 when units are missing, or not as things stand; 422 for a broken rule, or a key that
/// was used with another body.
pub async fn file<P: Ports, B>(app: &P, asked: &Asked<B>, ask: &Ask) -> Answered {
    let desk = Desk { catalog: app.catalog(), stock: app.stock(), tenant: asked.caller.tenant() };
    let outcome = desk.file(&asked.origin(), ask, |document| Some(asked.record(document))).await?;
    let document = settled(ask, outcome)?;
    let known = document.request.ok_or_else(|| Fault::defect("a document of a call keeps no answer"))?;
    if known.body == asked.digest() { Ok(answered(known.status, known.answer)) } else { Err(Problem::key_reused()) }
}

/// The document, or why there is none.
///
/// # Errors
/// As [`file`].
pub fn settled(ask: &Ask, outcome: Outcome) -> Result<Document, Problem> {
    match outcome {
        Outcome::Stored(document) | Outcome::Exists(document) => Ok(*document),
        Outcome::Refused(refusal) => Err(in_the_callers_words(ask, refusal).into()),
        Outcome::Short(missing) => Err(Problem::short(missing)),
        Outcome::Closed => Err(Problem::conflict("somebody has decided on it already")),
    }
}

/// What a count found is `counted` in its body.
fn in_the_callers_words(ask: &Ask, refusal: Refusal) -> Refusal {
    match (ask, refusal) {
        (Ask::Count { .. }, Refusal::Invalid { pointer, rule }) => {
            Refusal::Invalid { pointer: pointer.replace("/quantity", "/counted"), rule }
        }
        (_, refusal) => refusal,
    }
}
