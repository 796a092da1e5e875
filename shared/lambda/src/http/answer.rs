//! Answers that were kept as text and are given byte for byte, and what the documentation says of every route.

use super::problem::Problem;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header::CONTENT_TYPE};
use utoipa::{IntoParams, IntoResponses};
use waybill_domain::id::OrderId;

/// Which order an answer is about, for the invocation's log line: handlers put it on their response.
#[derive(Clone, Debug)]
pub struct AboutOrder(pub String);

/// The answer `body`, which is JSON, byte for byte.
#[must_use]
pub fn answered(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}

/// The answer, marked as one about `order`.
#[must_use]
pub fn about(order: &OrderId, mut response: Response) -> Response {
    response.extensions_mut().insert(AboutOrder(order.to_string()));
    response
}

/// The path of an order.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct OrderPath {
    /// The order's id.
    pub id: String,
}

/// The path of a part of an order.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct PartPath {
    /// The order's id.
    pub id: String,
    /// The number of the part: fulfillment order, exception, payment or refund.
    pub n: u16,
}

/// The header of every call that has an effect.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct KeyHeader {
    /// 1 to 255 characters, scoped to tenant and route.
    #[param(rename = "Idempotency-Key")]
    pub idempotency_key: String,
}

/// What any command on an order may be refused with.
#[derive(Debug, IntoResponses)]
pub enum Refusals {
    /// No Idempotency-Key, or no JSON.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// The caller may not do this.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
    /// No such order, or no such part of it.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// Not allowed in the present state, or changing right now.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(Problem),
    /// A field breaks a rule, or the key was used with another body.
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(Problem),
}

/// What any reading of an order may be refused with.
#[derive(Debug, IntoResponses)]
pub enum ReadingRefusals {
    /// The caller may not see this.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
    /// Not found.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
}
