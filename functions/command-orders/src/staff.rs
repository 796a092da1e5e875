//! What stores and support do to an order as a whole, and to its exceptions.

use crate::asked::{Answered, Asked, carry_out, number};
use crate::command::Changed;
use crate::route::Ports;
use crate::schema::{CancelBody, Decision, NoteBody, ReviewBody};
use axum::extract::{Path, State};
use std::sync::Arc;
use waybill_domain::catalog::Role;
use waybill_domain::order::CancelReason;
use waybill_lambda::http::{KeyHeader, OrderPath, PartPath, Refusals};

/// Calls the order off, at every point before any of it is handed over.
#[utoipa::path(post, path = "/orders/{id}/cancel", tag = "orders", operation_id = "cancelOrder",
    params(OrderPath, KeyHeader), request_body = CancelBody, responses((status = 200, body = Changed), Refusals),
    security(("oauth2" = ["waybill/store"]), ("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/admin"])))]
pub async fn cancel<P: Ports>(State(app): State<Arc<P>>, Path(id): Path<String>, asked: Asked<CancelBody>) -> Answered {
    let by_store = asked.caller.client.role == Role::Store;
    let reason = if by_store { CancelReason::Customer } else { CancelReason::Merchant };
    let note = asked.body.reason.as_str();
    carry_out(&*app, &id, &asked, |order| order.decide_cancelled(reason, note.to_owned())).await
}

/// Approves or rejects an order that waits for a person.
#[utoipa::path(post, path = "/orders/{id}/review", tag = "support", operation_id = "reviewOrder",
    params(OrderPath, KeyHeader), request_body = ReviewBody, responses((status = 200, body = Changed), Refusals),
    security(("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/admin"])))]
pub async fn review<P: Ports>(State(app): State<Arc<P>>, Path(id): Path<String>, asked: Asked<ReviewBody>) -> Answered {
    let (approved, note) = (asked.body.decision == Decision::Approve, asked.body.note.as_str());
    carry_out(&*app, &id, &asked, |order| order.decide_reviewed(approved, note.to_owned())).await
}

/// Settles an exception by looking at it.
#[utoipa::path(post, path = "/orders/{id}/exceptions/{n}/resolve", tag = "support", operation_id = "resolveException",
    params(PartPath, KeyHeader), request_body = NoteBody, responses((status = 200, body = Changed), Refusals),
    security(("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/admin"])))]
pub async fn resolve<P: Ports>(
    State(app): State<Arc<P>>,
    Path((id, n)): Path<(String, String)>,
    asked: Asked<NoteBody>,
) -> Answered {
    let (n, note) = (number(&n)?, asked.body.note.as_str());
    carry_out(&*app, &id, &asked, |order| order.decide_resolved(n, note.to_owned())).await
}

/// Settles an exception by running the workflow again: every stage finds what is done and does the rest.
#[utoipa::path(post, path = "/orders/{id}/exceptions/{n}/retry", tag = "support", operation_id = "retryException",
    params(PartPath, KeyHeader), request_body = NoteBody, responses((status = 200, body = Changed), Refusals),
    security(("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/admin"])))]
pub async fn retry<P: Ports>(
    State(app): State<Arc<P>>,
    Path((id, n)): Path<(String, String)>,
    asked: Asked<NoteBody>,
) -> Answered {
    let n = number(&n)?;
    carry_out(&*app, &id, &asked, |order| order.decide_redriven(n)).await
}
