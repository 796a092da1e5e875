//! The reading routes over HTTP.

use crate::list::{ListQuery, OrderList, OrderRow};
use crate::payments::{DisputeView, PaymentView, PendingView};
use crate::proof::{BalanceView, EntryView, EquationView, ProofView};
use crate::timeline::{Timeline, TimelineEvent};
use crate::view::{
    ExceptionView, FulfillmentLineView, FulfillmentView, LineView, OrderView, ShipmentView, ShippingView, WaitingView,
};
use crate::work::{ExceptionList, ExceptionQuery, ExceptionRow, WorkList, WorkQuery, WorkRow};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::request::Parts;
use std::sync::Arc;
use utoipa::OpenApi;
use waybill_domain::catalog::Role;
use waybill_domain::order::Order;
use waybill_domain::ports::{Catalog, Lists, Orders, Queue};
use waybill_lambda::http::{
    Caller, FieldError, OrderPath, Problem, ReadingRefusals, RefundPartView, RefundView, about, caller, cursor,
};
use waybill_lambda::{Fault, now};

/// What the routes need.
#[derive(Debug)]
pub struct App<O, C> {
    /// Where orders are kept, and their lists.
    pub orders: O,
    /// Master data.
    pub catalog: C,
}

/// The routes of this function, as they are documented.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(show, timeline, proof, list, work, exceptions),
    components(schemas(
        OrderView,
        LineView,
        WaitingView,
        ShippingView,
        PaymentView,
        PendingView,
        RefundView,
        RefundPartView,
        DisputeView,
        ProofView,
        EntryView,
        BalanceView,
        EquationView,
        FulfillmentView,
        FulfillmentLineView,
        ShipmentView,
        ExceptionView,
        Timeline,
        TimelineEvent,
        OrderList,
        OrderRow,
        WorkList,
        WorkRow,
        ExceptionList,
        ExceptionRow,
        Problem,
        FieldError
    ))
)]
pub struct Api;

/// The routes of this function.
pub fn router<O, C>(app: App<O, C>) -> Router
where
    O: Orders + Lists + Send + 'static,
    C: Catalog + Send + 'static,
{
    Router::new()
        .route("/orders", get(list::<O, C>))
        .route("/orders/{id}", get(show::<O, C>))
        .route("/orders/{id}/timeline", get(timeline::<O, C>))
        .route("/orders/{id}/proof", get(proof::<O, C>))
        .route("/fulfillment-orders", get(work::<O, C>))
        .route("/exceptions", get(exceptions::<O, C>))
        .with_state(Arc::new(app))
}

impl<O: Orders + Lists, C: Catalog> App<O, C> {
    async fn order(&self, caller: &Caller, id: &str) -> Result<Order, Problem> {
        let id = id.parse().map_err(|_| Problem::not_found("order"))?;
        self.orders.load(caller.tenant(), &id).await?.ok_or_else(|| Problem::not_found("order"))
    }
}

async fn who<O, C: Catalog>(app: &App<O, C>, request: Request) -> Result<(Caller, Parts), Problem> {
    let (parts, _) = request.into_parts();
    Ok((caller(&app.catalog, &parts).await?, parts))
}

/// Serde's words for a query it cannot read, without what the caller sent.
fn query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Problem> {
    let Query(query) = query.map_err(|_| Problem::bad_request("query", "has an unknown or malformed parameter"))?;
    Ok(query)
}

/// One order.
#[utoipa::path(get, path = "/orders/{id}", tag = "orders", operation_id = "getOrder",
    params(("id" = String, Path, description = "The order's id")),
    responses((status = 200, body = OrderView), (status = 404, body = Problem, content_type = "application/problem+json")),
    security(("oauth2" = ["waybill/store"]), ("oauth2" = ["waybill/warehouse"]), ("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/admin"])))]
async fn show<O, C>(
    State(app): State<Arc<App<O, C>>>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem>
where
    O: Orders + Lists + Send + 'static,
    C: Catalog + Send + 'static,
{
    let (caller, _) = who(&app, request).await?;
    let order = app.order(&caller, &id).await?;
    Ok(about(&order.id, Json(OrderView::new(&order, caller.sees_references())).into_response()))
}

/// What happened to an order.
#[utoipa::path(get, path = "/orders/{id}/timeline", tag = "orders", operation_id = "getTimeline",
    params(("id" = String, Path, description = "The order's id")),
    responses((status = 200, body = Timeline), (status = 404, body = Problem, content_type = "application/problem+json")),
    security(("oauth2" = ["waybill/store"]), ("oauth2" = ["waybill/warehouse"]), ("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/admin"])))]
async fn timeline<O, C>(
    State(app): State<Arc<App<O, C>>>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem>
where
    O: Orders + Lists + Send + 'static,
    C: Catalog + Send + 'static,
{
    let (caller, _) = who(&app, request).await?;
    let order = app.order(&caller, &id).await?;
    Ok(about(&order.id, Json(Timeline::new(&order, caller.sees_references())).into_response()))
}

/// The proof of an order's money: its entries, the chain that binds them, and the equations they satisfy.
///
/// docs/proof.md says how anyone computes it anew.
#[utoipa::path(get, path = "/orders/{id}/proof", tag = "support", operation_id = "getProof",
    params(OrderPath), responses((status = 200, body = ProofView), ReadingRefusals),
    security(("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/admin"])))]
async fn proof<O, C>(
    State(app): State<Arc<App<O, C>>>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem>
where
    O: Orders + Lists + Send + 'static,
    C: Catalog + Send + 'static,
{
    let (caller, _) = who(&app, request).await?;
    caller.must_be(&[Role::Support, Role::Admin])?;
    let order = app.order(&caller, &id).await?;
    let proof = ProofView::of(&order).map_err(|error| Fault::Defect(error.into()))?;
    Ok(about(&order.id, Json(proof).into_response()))
}

/// Orders, newest first.
#[utoipa::path(get, path = "/orders", tag = "orders", operation_id = "listOrders", params(ListQuery),
    responses((status = 200, body = OrderList), (status = 400, body = Problem, content_type = "application/problem+json")),
    security(("oauth2" = ["waybill/store"]), ("oauth2" = ["waybill/warehouse"]), ("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/admin"])))]
async fn list<O, C>(
    State(app): State<Arc<App<O, C>>>,
    asked: Result<Query<ListQuery>, QueryRejection>,
    request: Request,
) -> Result<Json<OrderList>, Problem>
where
    O: Orders + Lists + Send + 'static,
    C: Catalog + Send + 'static,
{
    let (caller, _) = who(&app, request).await?;
    let asked = query(asked)?;
    let (filter, limit) = (asked.filter(now())?, ListQuery::rows(asked.limit)?);
    let page = app.orders.orders(caller.tenant(), &filter, cursor(asked.cursor.as_deref())?, limit).await?;
    Ok(Json(page.into()))
}

/// Fulfillment orders that wait at a site.
#[utoipa::path(get, path = "/fulfillment-orders", tag = "warehouse", operation_id = "listFulfillmentOrders", params(WorkQuery),
    responses((status = 200, body = WorkList), (status = 400, body = Problem, content_type = "application/problem+json")),
    security(("oauth2" = ["waybill/warehouse"]), ("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/admin"])))]
async fn work<O, C>(
    State(app): State<Arc<App<O, C>>>,
    asked: Result<Query<WorkQuery>, QueryRejection>,
    request: Request,
) -> Result<Json<WorkList>, Problem>
where
    O: Orders + Lists + Send + 'static,
    C: Catalog + Send + 'static,
{
    let (caller, _) = who(&app, request).await?;
    let asked = query(asked)?;
    let site = asked.site.parse().map_err(|_| Problem::bad_request("query/site", "is no site"))?;
    if !["pick", "pack", "hand_over"].contains(&asked.queue.as_str()) {
        return Err(Problem::bad_request("query/queue", "must be pick, pack or hand_over"));
    }
    let (queue, limit) = (Queue::Site(site, asked.queue), ListQuery::rows(asked.limit)?);
    let page = app.orders.work(caller.tenant(), &queue, cursor(asked.cursor.as_deref())?, limit).await?;
    Ok(Json(WorkList::of(&app.orders, caller.tenant(), page).await?))
}

/// Exceptions that wait for staff.
#[utoipa::path(get, path = "/exceptions", tag = "support", operation_id = "listExceptions", params(ExceptionQuery),
    responses((status = 200, body = ExceptionList), (status = 400, body = Problem, content_type = "application/problem+json")),
    security(("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/admin"])))]
async fn exceptions<O, C>(
    State(app): State<Arc<App<O, C>>>,
    asked: Result<Query<ExceptionQuery>, QueryRejection>,
    request: Request,
) -> Result<Json<ExceptionList>, Problem>
where
    O: Orders + Lists + Send + 'static,
    C: Catalog + Send + 'static,
{
    let (caller, _) = who(&app, request).await?;
    let asked = query(asked)?;
    let limit = ListQuery::rows(asked.limit)?;
    let page = app.orders.work(caller.tenant(), &Queue::Exceptions, cursor(asked.cursor.as_deref())?, limit).await?;
    Ok(Json(ExceptionList::of(&app.orders, caller.tenant(), page).await?))
}
