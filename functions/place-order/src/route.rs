//! `POST /orders` over HTTP.

use crate::schema::{CartLineSchema, CartSchema, MoneySchema};
use crate::{Answer, Confirmation, handle};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use std::sync::Arc;
use utoipa::OpenApi;
use waybill_domain::ports::{Catalog, Orders, Stock};
use waybill_lambda::http::{FieldError, KeyHeader, Problem, about, answered, caller, idempotency_key, read};
use waybill_lambda::now;

/// What the routes need.
#[derive(Debug)]
pub struct App<O, S, C> {
    /// Where orders are kept.
    pub orders: O,
    /// What is here and what is announced: looked at only where something is short.
    pub stock: S,
    /// Master data.
    pub catalog: C,
}

/// The routes of this function, as they are documented.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(place),
    components(schemas(CartSchema, CartLineSchema, MoneySchema, Confirmation, Problem, FieldError))
)]
pub struct Api;

/// The routes of this function.
pub fn router<O, S, C>(app: App<O, S, C>) -> Router
where
    O: Orders + Send + 'static,
    S: Stock + Send + 'static,
    C: Catalog + Send + 'static,
{
    Router::new().route("/orders", post(place::<O, S, C>)).with_state(Arc::new(app))
}

/// Places an order.
///
/// Parses, prices, checks and reserves stock, promises a delivery date and stores the order, in one transaction.
#[utoipa::path(
    post, path = "/orders", tag = "orders", operation_id = "placeOrder",
    params(KeyHeader),
    request_body = CartSchema,
    responses(
        (status = 201, description = "Placed; the same call again gets the same bytes", body = Confirmation),
        (status = 400, description = "No key, or no JSON", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Out of stock", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "More than 200 KB", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A field breaks a rule, or the key was used with another body", body = Problem, content_type = "application/problem+json"),
    ),
    security(("oauth2" = ["waybill/store"]))
)]
async fn place<O, S, C>(State(app): State<Arc<App<O, S, C>>>, request: Request) -> Result<Response, Problem>
where
    O: Orders + Send + 'static,
    S: Stock + Send + 'static,
    C: Catalog + Send + 'static,
{
    let (parts, body) = read(request).await?;
    let caller = caller(&app.catalog, &parts).await?;
    let key = idempotency_key(&parts.headers)?;
    let placed = handle(&app.orders, &app.stock, &app.catalog, &caller, key, &body, now()).await?;
    let Answer { order, status, body } = placed;
    Ok(about(&order, answered(status, body)))
}
