//! Both ways in over HTTP: the processor's webhook, and the shopper's return.

use crate::hear::hear as hear_news;
use crate::lease::Leased;
use crate::refresh::{Asked, Refreshed, RefreshedTender, refresh as ask_the_processor};
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::OpenApi;
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::ports::{Catalog, Orders, PaymentProcessor, Requests};
use waybill_gateways::{Secret, payment_webhook};
use waybill_lambda::http::{AboutOrder, FieldError, MAX_BODY_BYTES, Problem, caller, idempotency_key, parse, read};
use waybill_lambda::now;

/// Seconds after which a call that is being done is best repeated.
const SOON: HeaderValue = HeaderValue::from_static("5");

/// What the routes need.
#[derive(Debug)]
pub struct App<O, C, P> {
    /// Where orders are kept, and the records of calls.
    pub orders: O,
    /// Master data.
    pub catalog: C,
    /// Who holds and takes money.
    pub processor: P,
    /// Every signing secret that is live.
    pub secrets: Vec<Secret>,
}

/// The routes of this function, as they are documented.
#[derive(Debug, OpenApi)]
#[openapi(paths(hear, refresh), components(schemas(Refreshed, RefreshedTender, Problem, FieldError)))]
pub struct Api;

/// The routes of this function.
pub fn router<O, C, P>(app: App<O, C, P>) -> Router
where
    O: Orders + Requests + Send + 'static,
    C: Catalog + Send + 'static,
    P: PaymentProcessor + Send + 'static,
{
    Router::new()
        .route("/webhooks/payment/{tenant}", post(hear::<O, C, P>))
        .route("/orders/{id}/payments/{n}/refresh", post(refresh::<O, C, P>))
        .with_state(Arc::new(app))
}

/// News of a payment, a refund or a dispute from the processor. Of an event only what it is about is read: how that
/// stands is asked of the processor, so events may come late, twice and in any order.
#[utoipa::path(post, path = "/webhooks/payment/{tenant}", tag = "webhooks", operation_id = "paymentNews",
    params(("tenant" = String, Path, description = "Whose payment"), ("Stripe-Signature" = String, Header, description = "t=seconds,v1=hex of HMAC-SHA256 over time, a dot and the raw body; 300 s tolerance")),
    request_body(content = Object, description = "Stripe's Event"),
    responses((status = 200, description = "Heard"), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The same event is being heard: send it again", body = Problem, content_type = "application/problem+json")))]
async fn hear<O, C, P>(
    State(app): State<Arc<App<O, C, P>>>,
    Path(tenant): Path<String>,
    request: Request,
) -> Result<Response, Problem>
where
    O: Orders + Requests + Send + 'static,
    C: Catalog + Send + 'static,
    P: PaymentProcessor + Send + 'static,
{
    let (parts, body) = read(request).await?;
    if body.len() > MAX_BODY_BYTES {
        return Err(Problem::too_large(MAX_BODY_BYTES));
    }
    let signature = parts.headers.get(payment_webhook::HEADER).and_then(|value| value.to_str().ok());
    let signature = signature.ok_or_else(Problem::unauthorized)?;
    payment_webhook::verify(&app.secrets, signature, &body, now()).map_err(|_| Problem::unauthorized())?;
    let tenant: TenantId = tenant.parse().map_err(|_| Problem::not_found("tenant"))?;
    let news = payment_webhook::parse(&body).map_err(|error| Problem::unreadable(error.to_string()))?;
    // Signed, well formed, and about something else than our money: heard, and nothing to do.
    let Some(news) = news else { return Ok(StatusCode::OK.into_response()) };
    match hear_news(&app.orders, &app.processor, &tenant, &news, now()).await? {
        Leased::Now(Some(order)) => Ok(about(StatusCode::OK.into_response(), &order)),
        Leased::Now(None) | Leased::Before { .. } => Ok(StatusCode::OK.into_response()),
        Leased::Running | Leased::Reused => Ok(busy("the same event is being heard: send it again")),
    }
}

/// There is nothing to say but which payment, which the path does.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Asks the processor how a payment stands: when the shopper is back from 3-D Secure, or where a webhook is missed.
#[utoipa::path(post, path = "/orders/{id}/payments/{n}/refresh", tag = "orders", operation_id = "refreshPayment",
    params(("id" = String, Path, description = "The order's id"), ("n" = u16, Path, description = "The tender's number"), ("Idempotency-Key" = String, Header, description = "1 to 255 characters, scoped to tenant and route")),
    responses((status = 200, body = Refreshed), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Nothing of it is at the processor; or the same call is being done: repeat it after Retry-After", body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json")),
    security(("oauth2" = ["waybill/store"]), ("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/admin"])))]
async fn refresh<O, C, P>(
    State(app): State<Arc<App<O, C, P>>>,
    Path((id, n)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem>
where
    O: Orders + Requests + Send + 'static,
    C: Catalog + Send + 'static,
    P: PaymentProcessor + Send + 'static,
{
    let (parts, body) = read(request).await?;
    let caller = caller(&app.catalog, &parts).await?;
    let key = idempotency_key(&parts.headers)?;
    if !body.is_empty() {
        let Nothing {} = parse(&body)?;
    }
    let order: OrderId = id.parse().map_err(|_| Problem::not_found("order"))?;
    let tender: u16 = n.parse().map_err(|_| Problem::not_found("payment"))?;
    let route = format!("POST {}", parts.uri.path());
    let asked = Asked { caller: &caller, order: &order, tender, route: &route, key, body: &body };
    match ask_the_processor(&app.orders, &app.processor, &asked, now()).await? {
        Leased::Now(answer) => Ok(about(json(StatusCode::OK, answer), &order)),
        Leased::Before { status, answer } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
            Ok(about(json(status, answer), &order))
        }
        Leased::Running => Ok(busy("the same call is being done: repeat it for its answer")),
        Leased::Reused => Err(Problem::key_reused()),
    }
}

fn json(status: StatusCode, body: String) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}

fn about(mut response: Response, order: &OrderId) -> Response {
    response.extensions_mut().insert(AboutOrder(order.to_string()));
    response
}

fn busy(detail: &str) -> Response {
    let mut response = Problem::conflict(detail).into_response();
    response.headers_mut().insert(RETRY_AFTER, SOON);
    response
}
