//! The routes: which command is where, and what they need.

use crate::command::Changed;
use crate::money_schema::{MethodBody, PaidBody, PreviewBody, RefundBody, RefundLineBody, RetryBody};
use crate::schema::{CancelBody, Decision, HandOverBody, NoteBody, PackBody, PickBody, PickLine, ReviewBody};
use crate::{money, staff, warehouse};
use axum::Router;
use axum::routing::post;
use std::sync::Arc;
use utoipa::OpenApi;
use waybill_domain::ports::{Catalog, Orders};
use waybill_lambda::http::{FieldError, Problem, RefundPartView, RefundView};

/// What the routes need.
#[derive(Debug)]
pub struct App<O, C> {
    /// Where orders are kept.
    pub orders: O,
    /// Master data.
    pub catalog: C,
}

/// What the routes need, whatever keeps it: the handlers' one bound.
pub trait Ports: Send + Sync + 'static {
    /// Where orders are kept.
    type Orders: Orders;
    /// Master data.
    type Catalog: Catalog;

    /// Where orders are kept.
    fn orders(&self) -> &Self::Orders;
    /// Master data.
    fn catalog(&self) -> &Self::Catalog;
}

impl<O: Orders + Send + 'static, C: Catalog + Send + 'static> Ports for App<O, C> {
    type Orders = O;
    type Catalog = C;

    fn orders(&self) -> &O {
        &self.orders
    }

    fn catalog(&self) -> &C {
        &self.catalog
    }
}

/// The routes of this function, as they are documented.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(
        staff::cancel,
        staff::review,
        staff::resolve,
        staff::retry,
        warehouse::pick,
        warehouse::pack,
        warehouse::hand_over,
        money::refund,
        money::preview,
        money::retry_refund,
        money::name_method,
        money::paid
    ),
    components(schemas(
        CancelBody,
        ReviewBody,
        Decision,
        PickBody,
        PickLine,
        PackBody,
        HandOverBody,
        NoteBody,
        RefundBody,
        PreviewBody,
        RefundLineBody,
        RetryBody,
        MethodBody,
        PaidBody,
        Changed,
        money::Refunding,
        money::Preview,
        RefundView,
        RefundPartView,
        Problem,
        FieldError
    ))
)]
pub struct Api;

/// The routes of this function.
pub fn router<P: Ports>(app: P) -> Router {
    Router::new()
        .route("/orders/{id}/cancel", post(staff::cancel::<P>))
        .route("/orders/{id}/review", post(staff::review::<P>))
        .route("/orders/{id}/exceptions/{n}/resolve", post(staff::resolve::<P>))
        .route("/orders/{id}/exceptions/{n}/retry", post(staff::retry::<P>))
        .route("/orders/{id}/fulfillments/{n}/pick", post(warehouse::pick::<P>))
        .route("/orders/{id}/fulfillments/{n}/pack", post(warehouse::pack::<P>))
        .route("/orders/{id}/fulfillments/{n}/hand-over", post(warehouse::hand_over::<P>))
        .route("/orders/{id}/refunds", post(money::refund::<P>))
        .route("/orders/{id}/refunds/preview", post(money::preview::<P>))
        .route("/orders/{id}/refunds/{n}/retry", post(money::retry_refund::<P>))
        .route("/orders/{id}/payments/{n}/method", post(money::name_method::<P>))
        .route("/orders/{id}/payments/{n}/paid", post(money::paid::<P>))
        .with_state(Arc::new(app))
}
