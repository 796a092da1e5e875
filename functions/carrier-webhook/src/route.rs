//! The webhook over HTTP.

use crate::handle;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::StatusCode;
use std::sync::Arc;
use utoipa::OpenApi;
use waybill_domain::id::TenantId;
use waybill_domain::ports::Orders;
use waybill_gateways::{Secret, webhook};
use waybill_lambda::http::{AboutOrder, FieldError, MAX_BODY_BYTES, Problem, read};
use waybill_lambda::now;

/// What the route needs.
#[derive(Debug)]
pub struct App<O> {
    /// Where orders are kept.
    pub orders: O,
    /// Every signing secret that is live.
    pub secrets: Vec<Secret>,
}

/// The route of this function, as it is documented.
#[derive(Debug, OpenApi)]
#[openapi(paths(hear), components(schemas(Problem, FieldError)))]
pub struct Api;

/// The route of this function.
pub fn router<O: Orders + Send + 'static>(app: App<O>) -> Router {
    Router::new().route("/webhooks/carrier/{tenant}", post(hear::<O>)).with_state(Arc::new(app))
}

/// News of a shipment from the carrier's partner.
#[utoipa::path(post, path = "/webhooks/carrier/{tenant}", tag = "webhooks", operation_id = "carrierNews",
    params(("tenant" = String, Path, description = "Whose shipment"), ("X-Hmac-Signature" = String, Header, description = "hmac-sha256-hex= over the raw body")),
    request_body(content = Object, description = "EasyPost's Event"),
    responses((status = 200, description = "Heard"), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
async fn hear<O: Orders + Send + 'static>(
    State(app): State<Arc<App<O>>>,
    Path(tenant): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = read(request).await?;
    if body.len() > MAX_BODY_BYTES {
        return Err(Problem::too_large(MAX_BODY_BYTES));
    }
    let signature = parts.headers.get(webhook::HEADER).and_then(|value| value.to_str().ok());
    let signature = signature.ok_or_else(Problem::unauthorized)?;
    webhook::verify(&app.secrets, signature, &body).map_err(|_| Problem::unauthorized())?;
    let tenant: TenantId = tenant.parse().map_err(|_| Problem::not_found("tenant"))?;
    let news = webhook::parse(&body).map_err(|error| Problem::unreadable(error.to_string()))?;
    // Signed, well formed, and about something else than a shipment: heard, and nothing to do.
    let Some(news) = news else { return Ok(StatusCode::OK.into_response()) };
    let order = handle(&app.orders, &tenant, &news, now()).await?;
    let mut response = StatusCode::OK.into_response();
    response.extensions_mut().insert(AboutOrder(order.to_string()));
    Ok(response)
}
