//! What every call passes before its endpoint: the secret key, a request id, and the memory of idempotency keys.

use super::Stripe;
use super::events::Cause;
use super::form::Params;
use super::idempotency::{Answer, Asked, Begin};
use super::refusal::{Refusal, Unsaved};
use crate::server::credentials;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::convert::Infallible;

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const ORIGINAL_REQUEST: HeaderName = HeaderName::from_static("original-request");
const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// No call of the processor's API comes near this.
const LARGEST_BODY: usize = 1 << 20;
const LONGEST_KEY: usize = 255;

/// The id of the request being answered.
#[derive(Clone, Debug)]
struct RequestId(String);

impl<S: Sync> FromRequestParts<S> for Cause {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let key = parts.headers.get(IDEMPOTENCY_KEY).map(|key| String::from_utf8_lossy(key.as_bytes()).into_owned());
        Ok(Self { request: parts.extensions.get::<RequestId>().map(|id| id.0.clone()), key })
    }
}

/// Gives every answer a `Request-Id`.
pub async fn stamp(State(stripe): State<Stripe>, mut request: Request, next: Next) -> Response {
    let id = stripe.books.lock().ids.mint("req");
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    set(&mut response, REQUEST_ID, &id);
    response
}

/// Lets only a caller with a test mode secret key in.
pub async fn authenticate(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let key = credentials::bearer(headers).or_else(|| credentials::basic_user(headers));
    let secret =
        |key: &str| ["sk_test_", "rk_test_"].iter().any(|prefix| key.len() > prefix.len() && key.starts_with(prefix));
    match key {
        Some(key) if secret(&key) => next.run(request).await,
        other => Refusal::unauthorized(other.as_deref()).into_response(),
    }
}

/// Answers a POST whose key was used before with what was answered then.
pub async fn remember(State(stripe): State<Stripe>, request: Request, next: Next) -> Response {
    let key = request.headers().get(IDEMPOTENCY_KEY).map(|key| String::from_utf8_lossy(key.as_bytes()).into_owned());
    let Some(key) = key.filter(|_| request.method() == Method::POST) else {
        return next.run(request).await;
    };
    if key.is_empty() || key.len() > LONGEST_KEY {
        let rule = format!("An Idempotency-Key must have between 1 and {LONGEST_KEY} characters.");
        return Refusal::invalid("idempotency_key", rule).into_response();
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return Refusal::failure(StatusCode::PAYLOAD_TOO_LARGE).into_response();
    };
    let path = parts.uri.path().to_owned();
    let request_id = parts.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let asked = Asked { path: path.clone(), params: Params::parse(&body) };
    let begin = stripe.keys.lock().begin(&key, asked, stripe.timestamp());
    match begin {
        Begin::Replay(answer) => replay(answer),
        Begin::Mismatch(first) => Refusal::key_reused(&key, &first, &path).into_response(),
        Begin::InUse => Refusal::key_in_use(&key).into_response(),
        Begin::Run => {
            let response = next.run(Request::from_parts(parts, Body::from(body))).await;
            save(&stripe, &key, request_id, response).await
        }
    }
}

async fn save(stripe: &Stripe, key: &str, request_id: String, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let saved = parts.extensions.get::<Unsaved>().is_none();
    let answer = saved.then(|| Answer { status: parts.status.as_u16(), body: body.to_vec(), request_id });
    stripe.keys.lock().finish(key, answer);
    let mut response = Response::from_parts(parts, Body::from(body));
    set(&mut response, IDEMPOTENCY_KEY, key);
    response
}

fn replay(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Bytes::from(answer.body)).into_response();
    set(&mut response, header::CONTENT_TYPE, "application/json");
    set(&mut response, IDEMPOTENT_REPLAYED, "true");
    set(&mut response, ORIGINAL_REQUEST, &answer.request_id);
    response
}

fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
