//! What the HTTP functions share: callers, bodies, problems, Idempotency-Key.

mod answer;
mod body;
mod caller;
mod problem;
mod refund;

pub use answer::{AboutOrder, KeyHeader, OrderPath, PartPath, ReadingRefusals, Refusals, about, answered};
pub use body::{MAX_BODY_BYTES, MAX_KEY_BYTES, idempotency_key, parse, read};
pub use caller::{Caller, caller};
pub use problem::{FieldError, Problem};
pub use refund::{RefundPartView, RefundView};

use crate::report::Invocation;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;

/// Serves an HTTP function behind API Gateway.
///
/// # Errors
/// The runtime could not be reached.
pub async fn serve_http(function: &'static str, router: Router) -> Result<(), lambda_http::Error> {
    lambda_http::tracing::init_default_subscriber();
    // Our own limit answers with a problem; axum's would not.
    let router = router.layer(DefaultBodyLimit::disable());
    let reported = router
        .fallback(async || Problem::not_found("route"))
        .layer(from_fn(async move |request: Request, next: Next| report(function, request, next).await));
    lambda_http::run(reported).await
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
