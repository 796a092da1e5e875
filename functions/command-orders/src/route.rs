//! The commands over HTTP.

use crate::command::{Answer, Call, Changed, handle};
use crate::schema::{CancelBody, Decision, HandOverBody, NoteBody, PackBody, PickBody, PickLine, ReviewBody};
use crate::station;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use utoipa::OpenApi;
use waybill_domain::catalog::{Carton, Role};
use waybill_domain::order::{CancelReason, Decided, Order};
use waybill_domain::ports::{Catalog, Orders};
use waybill_lambda::http::{AboutOrder, Caller, FieldError, Problem, caller, idempotency_key, parse, read};
use waybill_lambda::now;

/// What the routes need.
#[derive(Debug)]
pub struct App<O, C> {
    /// Where orders are kept.
    pub orders: O,
    /// Master data.
    pub catalog: C,
}

/// The routes of this function, as they are documented.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(cancel, review, pick, pack, hand_over, resolve, retry),
    components(schemas(
        CancelBody,
        ReviewBody,
        Decision,
        PickBody,
        PickLine,
        PackBody,
        HandOverBody,
        NoteBody,
        Changed,
        Problem,
        FieldError
    ))
)]
pub struct Api;

/// The routes of this function.
pub fn router<O, C>(app: App<O, C>) -> Router
where
    O: Orders + Send + 'static,
    C: Catalog + Send + 'static,
{
    Router::new()
        .route("/orders/{id}/cancel", post(cancel::<O, C>))
        .route("/orders/{id}/review", post(review::<O, C>))
        .route("/orders/{id}/fulfillments/{n}/pick", post(pick::<O, C>))
        .route("/orders/{id}/fulfillments/{n}/pack", post(pack::<O, C>))
        .route("/orders/{id}/fulfillments/{n}/hand-over", post(hand_over::<O, C>))
        .route("/orders/{id}/exceptions/{n}/resolve", post(resolve::<O, C>))
        .route("/orders/{id}/exceptions/{n}/retry", post(retry::<O, C>))
        .with_state(Arc::new(app))
}

/// A request read and understood.
struct Asked<B> {
    caller: Caller,
    key: String,
    route: String,
    raw: axum::body::Bytes,
    body: B,
}

async fn asked<O, C: Catalog, B: DeserializeOwned>(app: &App<O, C>, request: Request) -> Result<Asked<B>, Problem> {
    let (parts, raw) = read(request).await?;
    let caller = caller(&app.catalog, &parts).await?;
    let key = idempotency_key(&parts.headers)?.to_owned();
    let body = parse(&raw)?;
    Ok(Asked { caller, key, route: format!("POST {}", parts.uri.path()), raw, body })
}

/// Carries a command out and answers.
async fn carry_out<O: Orders, B>(
    orders: &O,
    id: &str,
    asked: &Asked<B>,
    decide: impl Fn(&Order) -> Decided,
) -> Result<Response, Problem> {
    let order = id.parse().map_err(|_| Problem::not_found("order"))?;
    let Asked { caller, key, route, raw, .. } = asked;
    let Answer { status, body } =
        handle(orders, &Call { caller, order: &order, route, key, body: raw }, now(), decide).await?;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut response = (status, [(CONTENT_TYPE, "application/json")], body).into_response();
    response.extensions_mut().insert(AboutOrder(order.to_string()));
    Ok(response)
}

/// Calls the order off, at every point before any of it is handed over.
#[utoipa::path(post, path = "/orders/{id}/cancel", tag = "orders", operation_id = "cancelOrder",
    params(("id" = String, Path, description = "The order's id"), ("Idempotency-Key" = String, Header, description = "1 to 255 characters, scoped to tenant and route")),
    request_body = CancelBody,
    responses((status = 200, body = Changed), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")),
    security(("oauth2" = ["waybill/store"]), ("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/admin"])))]
async fn cancel<O, C>(
    State(app): State<Arc<App<O, C>>>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem>
where
    O: Orders + Send + 'static,
    C: Catalog + Send + 'static,
{
    let asked = asked::<O, C, CancelBody>(&app, request).await?;
    let by_store = asked.caller.client.role == Role::Store;
    let reason = if by_store { CancelReason::Customer } else { CancelReason::Merchant };
    let note = asked.body.reason.as_str();
    carry_out(&app.orders, &id, &asked, |order| order.decide_cancelled(reason, note.to_owned())).await
}

/// Approves or rejects an order that waits for a person.
#[utoipa::path(post, path = "/orders/{id}/review", tag = "support", operation_id = "reviewOrder",
    params(("id" = String, Path, description = "The order's id"), ("Idempotency-Key" = String, Header, description = "1 to 255 characters, scoped to tenant and route")),
    request_body = ReviewBody,
    responses((status = 200, body = Changed), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")),
    security(("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/admin"])))]
async fn review<O, C>(
    State(app): State<Arc<App<O, C>>>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem>
where
    O: Orders + Send + 'static,
    C: Catalog + Send + 'static,
{
    let asked = asked::<O, C, ReviewBody>(&app, request).await?;
    let (approved, note) = (asked.body.decision == Decision::Approve, asked.body.note.as_str());
    carry_out(&app.orders, &id, &asked, |order| order.decide_reviewed(approved, note.to_owned())).await
}

/// Completes a pick; fewer units than wanted is a short pick.
#[utoipa::path(post, path = "/orders/{id}/fulfillments/{n}/pick", tag = "warehouse", operation_id = "pick",
    params(("id" = String, Path, description = "The order's id"), ("n" = u16, Path, description = "The fulfillment order's number"), ("Idempotency-Key" = String, Header, description = "1 to 255 characters, scoped to tenant and route")),
    request_body = PickBody,
    responses((status = 200, body = Changed), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")),
    security(("oauth2" = ["waybill/warehouse"])))]
async fn pick<O, C>(
    State(app): State<Arc<App<O, C>>>,
    Path((id, n)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem>
where
    O: Orders + Send + 'static,
    C: Catalog + Send + 'static,
{
    let n = number(&n)?;
    let asked = asked::<O, C, PickBody>(&app, request).await?;
    let body = &asked.body;
    carry_out(&app.orders, &id, &asked, |order| order.decide_picked(n, station::picked(order, n, body)?)).await
}

/// Completes a pack: carton and weight.
#[utoipa::path(post, path = "/orders/{id}/fulfillments/{n}/pack", tag = "warehouse", operation_id = "pack",
    params(("id" = String, Path, description = "The order's id"), ("n" = u16, Path, description = "The fulfillment order's number"), ("Idempotency-Key" = String, Header, description = "1 to 255 characters, scoped to tenant and route")),
    request_body = PackBody,
    responses((status = 200, body = Changed), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")),
    security(("oauth2" = ["waybill/warehouse"])))]
async fn pack<O, C>(
    State(app): State<Arc<App<O, C>>>,
    Path((id, n)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem>
where
    O: Orders + Send + 'static,
    C: Catalog + Send + 'static,
{
    let n = number(&n)?;
    let asked = asked::<O, C, PackBody>(&app, request).await?;
    let carton = app.catalog.find::<Carton>(asked.caller.tenant(), asked.body.carton.as_str()).await?;
    let carton = carton.ok_or_else(|| Problem::invalid("/carton", "is not in the catalog"))?;
    let packing = station::packing(&carton, &asked.body).ok_or_else(|| {
        Problem::invalid("/weight_grams", "must be at least the empty carton and at most what it may hold")
    })?;
    carry_out(&app.orders, &id, &asked, |order| order.decide_packed(n, packing.clone())).await
}

/// Hands a labeled parcel to the carrier, on a manifest.
#[utoipa::path(post, path = "/orders/{id}/fulfillments/{n}/hand-over", tag = "warehouse", operation_id = "handOver",
    params(("id" = String, Path, description = "The order's id"), ("n" = u16, Path, description = "The fulfillment order's number"), ("Idempotency-Key" = String, Header, description = "1 to 255 characters, scoped to tenant and route")),
    request_body = HandOverBody,
    responses((status = 200, body = Changed), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")),
    security(("oauth2" = ["waybill/warehouse"])))]
async fn hand_over<O, C>(
    State(app): State<Arc<App<O, C>>>,
    Path((id, n)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem>
where
    O: Orders + Send + 'static,
    C: Catalog + Send + 'static,
{
    let n = number(&n)?;
    let asked = asked::<O, C, HandOverBody>(&app, request).await?;
    let manifest = asked.body.manifest.as_str();
    carry_out(&app.orders, &id, &asked, |order| order.decide_handed_over(n, manifest.to_owned())).await
}

/// Settles an exception by looking at it.
#[utoipa::path(post, path = "/orders/{id}/exceptions/{n}/resolve", tag = "support", operation_id = "resolveException",
    params(("id" = String, Path, description = "The order's id"), ("n" = u16, Path, description = "The exception's number"), ("Idempotency-Key" = String, Header, description = "1 to 255 characters, scoped to tenant and route")),
    request_body = NoteBody,
    responses((status = 200, body = Changed), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json")),
    security(("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/admin"])))]
async fn resolve<O, C>(
    State(app): State<Arc<App<O, C>>>,
    Path((id, n)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem>
where
    O: Orders + Send + 'static,
    C: Catalog + Send + 'static,
{
    let n = number(&n)?;
    let asked = asked::<O, C, NoteBody>(&app, request).await?;
    let note = asked.body.note.as_str();
    carry_out(&app.orders, &id, &asked, |order| order.decide_resolved(n, note.to_owned())).await
}

/// Settles an exception by running the workflow again: every stage finds what is done and does the rest.
#[utoipa::path(post, path = "/orders/{id}/exceptions/{n}/retry", tag = "support", operation_id = "retryException",
    params(("id" = String, Path, description = "The order's id"), ("n" = u16, Path, description = "The exception's number"), ("Idempotency-Key" = String, Header, description = "1 to 255 characters, scoped to tenant and route")),
    request_body = NoteBody,
    responses((status = 200, body = Changed), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")),
    security(("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/admin"])))]
async fn retry<O, C>(
    State(app): State<Arc<App<O, C>>>,
    Path((id, n)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem>
where
    O: Orders + Send + 'static,
    C: Catalog + Send + 'static,
{
    let n = number(&n)?;
    let asked = asked::<O, C, NoteBody>(&app, request).await?;
    carry_out(&app.orders, &id, &asked, |order| order.decide_redriven(n)).await
}

fn number(text: &str) -> Result<u16, Problem> {
    text.parse().map_err(|_| Problem::not_found("part of the order"))
}
