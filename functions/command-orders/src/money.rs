//! Giving money back, and the payments of an order.

use crate::asked::{Answered, Asked, Question, carry_out, command, number, order_id};
use crate::command::{Answer, Changed, Command};
use crate::money_schema::{MethodBody, PaidBody, PreviewBody, RefundBody, RetryBody};
use crate::route::Ports;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;
use waybill_domain::catalog::Role;
use waybill_domain::order::Order;
use waybill_domain::ports::Orders;
use waybill_lambda::http::{KeyHeader, OrderPath, PartPath, Problem, RefundView, Refusals, about};

/// Who may give money back.
const REFUNDERS: [Role; 2] = [Role::Support, Role::Admin];

/// The order after a refund was requested, and the refund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Refunding {
    #[serde(flatten)]
    order: Changed,
    /// What is given back: it is on its way once this is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    refund: Option<RefundView>,
}

impl Refunding {
    /// The last refund is the one just requested.
    fn answer(order: &Order) -> Answer {
        let refund = order.payment.refunds.last().map(|refund| RefundView::of(refund, false));
        Answer::of(201, &Self { order: Changed::from(order), refund })
    }
}

/// What a refund would come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Preview {
    /// The order.
    id: String,
    /// The number of its last event, which the preview is of.
    version: u32,
    /// What would be given back, and to which tenders.
    refund: RefundView,
}

/// Gives money back: units that were shipped, shipping, goodwill, and what was overcharged.
///
/// `total` must be what the refund comes to, as the preview said: what is given back is what was seen.
#[utoipa::path(post, path = "/orders/{id}/refunds", tag = "support", operation_id = "refundOrder",
    params(OrderPath, KeyHeader), request_body = RefundBody, responses((status = 201, body = Refunding), Refusals),
    security(("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/admin"])))]
pub async fn refund<P: Ports>(State(app): State<Arc<P>>, Path(id): Path<String>, asked: Asked<RefundBody>) -> Answered {
    asked.caller.must_be(&REFUNDERS)?;
    let (wish, total) = (asked.body.wish(), asked.body.total);
    let decide = |order: &Order| order.decide_refund(&wish, Some(total));
    command(&*app, &id, &asked, Command { decide, answer: Refunding::answer }).await
}

/// What a refund would come to, to the cent, and which tenders it would go back to. Changes nothing.
#[utoipa::path(post, path = "/orders/{id}/refunds/preview", tag = "support", operation_id = "previewRefund",
    params(OrderPath), request_body = PreviewBody, responses((status = 200, body = Preview), Refusals),
    security(("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/admin"])))]
pub async fn preview<P: Ports>(
    State(app): State<Arc<P>>,
    Path(id): Path<String>,
    asked: Question<PreviewBody>,
) -> Answered {
    asked.caller.must_be(&REFUNDERS)?;
    let order = app.orders().load(asked.caller.tenant(), &order_id(&id)?).await?;
    let order = order.ok_or_else(|| Problem::not_found("order"))?;
    let refund = RefundView::preview(&order.quote_refund(&asked.body.wish())?);
    let preview = Preview { id: order.id.to_string(), version: order.version, refund };
    Ok(about(&order.id, Json(preview).into_response()))
}

/// Tries again what failed of a refund.
#[utoipa::path(post, path = "/orders/{id}/refunds/{n}/retry", tag = "support", operation_id = "retryRefund",
    params(PartPath, KeyHeader), request_body = RetryBody, responses((status = 200, body = Changed), Refusals),
    security(("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/admin"])))]
pub async fn retry_refund<P: Ports>(
    State(app): State<Arc<P>>,
    Path((id, n)): Path<(String, String)>,
    asked: Asked<RetryBody>,
) -> Answered {
    asked.caller.must_be(&REFUNDERS)?;
    let n = number(&n)?;
    carry_out(&*app, &id, &asked, |order| order.decide_refund_retried(n)).await
}

/// Names another payment method for a payment that was declined or waits for the shopper. It is tried at once.
#[utoipa::path(post, path = "/orders/{id}/payments/{n}/method", tag = "orders", operation_id = "namePaymentMethod",
    params(PartPath, KeyHeader), request_body = MethodBody, responses((status = 200, body = Changed), Refusals),
    security(("oauth2" = ["waybill/store"]), ("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/admin"])))]
pub async fn name_method<P: Ports>(
    State(app): State<Arc<P>>,
    Path((id, n)): Path<(String, String)>,
    asked: Asked<MethodBody>,
) -> Answered {
    asked.caller.must_be(&[Role::Store, Role::Support, Role::Admin])?;
    let (n, with) = (number(&n)?, asked.body.tender(asked.caller.tenant())?);
    carry_out(&*app, &id, &asked, |order| order.decide_method_named(n, with.clone())).await
}

/// Records that an invoice (net terms) was paid, or a part of it: the credit is available again.
#[utoipa::path(post, path = "/orders/{id}/payments/{n}/paid", tag = "orders", operation_id = "recordInvoicePaid",
    params(PartPath, KeyHeader), request_body = PaidBody, responses((status = 200, body = Changed), Refusals),
    security(("oauth2" = ["waybill/admin"])))]
pub async fn paid<P: Ports>(
    State(app): State<Arc<P>>,
    Path((id, n)): Path<(String, String)>,
    asked: Asked<PaidBody>,
) -> Answered {
    asked.caller.must_be(&[Role::Admin])?;
    let (n, PaidBody { amount, reference }) = (number(&n)?, &asked.body);
    carry_out(&*app, &id, &asked, |order| order.decide_invoice_paid(n, *amount, reference.as_str().to_owned())).await
}
