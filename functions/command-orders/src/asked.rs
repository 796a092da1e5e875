//! A call, read and understood, and its answer.

use crate::command::{Answer, Call, Changed, Command, handle};
use crate::route::Ports;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::response::Response;
use http::request::Parts;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use waybill_domain::id::OrderId;
use waybill_domain::order::{Decided, Order};
use waybill_lambda::http::{Caller, Problem, about, answered, caller, idempotency_key, parse, read};
use waybill_lambda::now;

/// What a handler answers.
pub type Answered = Result<Response, Problem>;

/// A call that has an effect, once per key.
pub struct Asked<B> {
    /// Who.
    pub caller: Caller,
    key: String,
    route: String,
    raw: Bytes,
    /// What they sent.
    pub body: B,
}

/// A call that has none.
pub struct Question<B> {
    /// Who.
    pub caller: Caller,
    /// What they sent.
    pub body: B,
}

async fn understood<P: Ports, B: DeserializeOwned>(
    app: &P,
    request: Request,
) -> Result<(Parts, Bytes, Question<B>), Problem> {
    let (parts, raw) = read(request).await?;
    let caller = caller(app.catalog(), &parts).await?;
    let body = parse(&raw)?;
    Ok((parts, raw, Question { caller, body }))
}

impl<P: Ports, B: DeserializeOwned> FromRequest<Arc<P>> for Question<B> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<P>) -> Result<Self, Problem> {
        let (_, _, question) = understood(&**app, request).await?;
        Ok(question)
    }
}

impl<P: Ports, B: DeserializeOwned> FromRequest<Arc<P>> for Asked<B> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<P>) -> Result<Self, Problem> {
        let (parts, raw, Question { caller, body }) = understood(&**app, request).await?;
        let key = idempotency_key(&parts.headers)?.to_owned();
        Ok(Self { caller, key, route: format!("POST {}", parts.uri.path()), raw, body })
    }
}

/// The id in a path.
pub fn order_id(text: &str) -> Result<OrderId, Problem> {
    text.parse().map_err(|_| Problem::not_found("order"))
}

/// The number of a part in a path.
pub fn number(text: &str) -> Result<u16, Problem> {
    text.parse().map_err(|_| Problem::not_found("part of the order"))
}

/// Carries a command out and answers the order as it then stands.
pub async fn carry_out<P: Ports, B>(
    app: &P,
    id: &str,
    asked: &Asked<B>,
    decide: impl Fn(&Order) -> Decided,
) -> Answered {
    command(app, id, asked, Command { decide, answer: Changed::answer }).await
}

/// Carries a command out and answers in its own way.
pub async fn command<P: Ports, B>(
    app: &P,
    id: &str,
    asked: &Asked<B>,
    command: Command<impl Fn(&Order) -> Decided, impl Fn(&Order) -> Answer>,
) -> Answered {
    let order = order_id(id)?;
    let Asked { caller, key, route, raw, .. } = asked;
    let call = Call { caller, order: &order, route, key, body: raw };
    let Answer { status, body } = handle(app.orders(), &call, now(), &command).await?;
    Ok(about(&order, answered(status, body)))
}
