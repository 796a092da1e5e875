//! What the HTTP functions share: callers, bodies, problems, Idempotency-Key.

mod answer;
mod body;
mod caller;
mod cursor;
mod objects;
mod problem;
mod refund;

pub use answer::{AboutOrder, KeyHeader, OrderPath, PartPath, ReadingRefusals, Refusals, about, answered};
pub use body::{MAX_BODY_BYTES, MAX_KEY_BYTES, idempotency_key, parse, read};
pub use caller::{Caller, caller};
pub use cursor::cursor;
pub use problem::{FieldError, Problem};
pub use refund::{RefundPartView, RefundView};

use crate::report::Invocation;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{ALLOW, CONTENT_TYPE};

/// Serves an HTTP function behind API Gateway.
///
/// # Errors
/// The runtime could not be reached.
pub async fn serve_http(function: &'static str, router: Router) -> Result<(), lambda_http::Error> {
    lambda_http::tracing::init_default_subscriber();
    let reported =
        whole(router).layer(from_fn(async move |request: Request, next: Next| report(function, request, next).await));
    lambda_http::run(reported).await
}

/// `router` as it is served: whatever it refuses, it refuses with a problem.
pub fn whole(router: Router) -> Router {
    // Our own limit answers with a problem; axum's would not.
    let router = router.layer(DefaultBodyLimit::disable());
    router.fallback(async || Problem::not_found("route")).layer(map_response(in_our_words))
}

/// What axum itself refuses (a path that is no UTF-8, a method the path does not know) it refuses in plain text.
async fn in_our_words(response: Response) -> Response {
    let status = response.status();
    let ours = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json");
    if ours || !status.is_client_error() {
        return response;
    }
    if status != StatusCode::METHOD_NOT_ALLOWED {
        return Problem::bad_request("path", "must be UTF-8").into_response();
    }
    let mut problem = Problem::wrong_method().into_response();
    if let Some(methods) = response.headers().get(ALLOW) {
        problem.headers_mut().insert(ALLOW, methods.clone());
    }
    problem
}

async fn report(function: &str, request: Request, next: Next) -> Response {
    let invocation = Invocation::begin(function);
    let response = next.run(request).await;
    let orders: Vec<String> =
        response.extensions().get::<AboutOrder>().map(|about| about.0.clone()).into_iter().collect();
    let status = response.status();
    invocation.end(None, &orders, &format!("HTTP {}", status.as_u16()), status.is_server_error());
    response
}
