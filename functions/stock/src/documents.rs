//! Documents that staff make: what comes in, what is announced, what leaves for another site, what is put right.

use crate::asked::{Answered, Asked, Question, file};
use crate::route::Ports;
use crate::schema::{AnnouncementBody, ReceiptBody, StockAdjustmentBody, TransferBody, WithdrawalBody};
use crate::view::DocumentView;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use std::sync::Arc;
use utoipa::IntoParams;
use waybill_domain::catalog::Role;
use waybill_domain::id::DocumentId;
use waybill_domain::ports::Stock;
use waybill_domain::stock::filing::Ask;
use waybill_lambda::http::{KeyHeader, Problem, ReadingRefusals, Refusals};

/// Who works with goods.
pub const HANDLERS: [Role; 2] = [Role::Warehouse, Role::Admin];
/// Who sees what there is.
pub const READERS: [Role; 3] = [Role::Warehouse, Role::Support, Role::Admin];

/// The path of a document.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "documentation only")]
pub struct DocumentPath {
    /// The document's id.
    id: String,
}

/// The id in a path.
pub fn document_id(text: &str, what: &'static str) -> Result<DocumentId, Problem> {
    text.parse().map_err(|_| Problem::not_found(what))
}

/// Takes units in: as announced, or unannounced.
#[utoipa::path(post, path = "/stock/receipts", tag = "stock", operation_id = "receiveStock",
    params(KeyHeader), request_body = ReceiptBody, responses((status = 201, body = DocumentView), Refusals),
    security(("oauth2" = ["waybill/warehouse"]), ("oauth2" = ["waybill/admin"])))]
pub async fn receive<P: Ports>(State(app): State<Arc<P>>, asked: Asked<ReceiptBody>) -> Answered {
    asked.caller.must_be(&HANDLERS)?;
    file(&*app, &asked, &asked.body.ask()).await
}

/// Announces units: backorders and preorders are promised out of them.
#[utoipa::path(post, path = "/stock/announcements", tag = "stock", operation_id = "announceStock",
    params(KeyHeader), request_body = AnnouncementBody, responses((status = 201, body = DocumentView), Refusals),
    security(("oauth2" = ["waybill/admin"])))]
pub async fn announce<P: Ports>(State(app): State<Arc<P>>, asked: Asked<AnnouncementBody>) -> Answered {
    asked.caller.must_be(&[Role::Admin])?;
    file(&*app, &asked, &asked.body.ask()).await
}

/// Withdraws what has not come in of an announcement or a transfer.
#[utoipa::path(post, path = "/stock/announcements/{id}/withdrawal", tag = "stock", operation_id = "withdrawAnnouncement",
    params(DocumentPath, KeyHeader), request_body = WithdrawalBody, responses((status = 201, body = DocumentView), Refusals),
    security(("oauth2" = ["waybill/admin"])))]
pub async fn withdraw<P: Ports>(
    State(app): State<Arc<P>>,
    Path(id): Path<String>,
    asked: Asked<WithdrawalBody>,
) -> Answered {
    asked.caller.must_be(&[Role::Admin])?;
    let (announcement, note) = (document_id(&id, "announcement")?, asked.body.note.clone());
    file(&*app, &asked, &Ask::Withdraw { announcement, note }).await
}

/// Takes units out of one site and announces them at another.
#[utoipa::path(post, path = "/stock/transfers", tag = "stock", operation_id = "transferStock",
    params(KeyHeader), request_body = TransferBody, responses((status = 201, body = DocumentView), Refusals),
    security(("oauth2" = ["waybill/warehouse"]), ("oauth2" = ["waybill/admin"])))]
pub async fn transfer<P: Ports>(State(app): State<Arc<P>>, asked: Asked<TransferBody>) -> Answered {
    asked.caller.must_be(&HANDLERS)?;
    file(&*app, &asked, &asked.body.ask()).await
}

/// Puts right what is there: more, fewer, held back, restored, written off.
#[utoipa::path(post, path = "/stock/adjustments", tag = "stock", operation_id = "adjustStock",
    params(KeyHeader), request_body = StockAdjustmentBody, responses((status = 201, body = DocumentView), Refusals),
    security(("oauth2" = ["waybill/admin"])))]
pub async fn adjust<P: Ports>(State(app): State<Arc<P>>, asked: Asked<StockAdjustmentBody>) -> Answered {
    asked.caller.must_be(&[Role::Admin])?;
    file(&*app, &asked, &asked.body.ask()).await
}

/// A document, with what it moved.
#[utoipa::path(get, path = "/stock/documents/{id}", tag = "stock", operation_id = "getStockDocument",
    params(DocumentPath), responses((status = 200, body = DocumentView), ReadingRefusals),
    security(("oauth2" = ["waybill/admin"]), ("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/warehouse"])))]
pub async fn show<P: Ports>(State(app): State<Arc<P>>, Path(id): Path<String>, question: Question) -> Answered {
    question.caller.must_be(&READERS)?;
    let found = app.stock().document(question.caller.tenant(), &document_id(&id, "document")?).await?;
    let found = found.ok_or_else(|| Problem::not_found("document"))?;
    Ok(Json(DocumentView::from(&found)).into_response())
}
