//! The routes: what is where, and what they need.

use crate::availability::{Availability, AvailabilityRow, Recent};
use crate::counts::{CaseList, DueList, DueRow};
use crate::lines::{
    AdjustmentLine, AdjustmentReason, AnnouncementLine, Condition, CountedLine, ReceiptLine, TransferLine,
};
use crate::schema::{
    AdjustmentAction, AnnouncementBody, CountBody, CountDecision, CountDecisionBody, OnHandBody, ReceiptBody,
    StockAdjustmentBody, TransferBody, WithdrawalBody,
};
use crate::statement::{DriftList, DriftView, StatementLine, StatementPage, StockChange, StockPlace, WrongCounter};
use crate::view::{
    AnnouncedView, CaseLine, CaseView, DocumentView, SiteLevel, StockLevels, StockMovement, StowLevel, StowView,
};
use crate::{availability, counts, documents, levels, statement};
use axum::Router;
use axum::routing::{get, post, put};
use std::sync::Arc;
use utoipa::OpenApi;
use waybill_domain::ports::{Catalog, Statements, Stock};
use waybill_lambda::http::{FieldError, Problem};

/// What the routes need.
#[derive(Debug)]
pub struct App<C, S, T> {
    /// Master data.
    pub catalog: C,
    /// Stock.
    pub stock: S,
    /// Statements of items, and drifts.
    pub statements: T,
    /// What stores were told a moment ago.
    pub recent: Recent,
}

/// What the routes need, whatever keeps it: the handlers' one bound.
pub trait Ports: Send + Sync + 'static {
    /// Master data.
    type Catalog: Catalog;
    /// Stock.
    type Stock: Stock;
    /// Statements of items, and drifts.
    type Statements: Statements;

    /// Master data.
    fn catalog(&self) -> &Self::Catalog;
    /// Stock.
    fn stock(&self) -> &Self::Stock;
    /// Statements of items, and drifts.
    fn statements(&self) -> &Self::Statements;
    /// What stores were told a moment ago.
    fn recent(&self) -> &Recent;
}

impl<C, S, T> Ports for App<C, S, T>
where
    C: Catalog + Send + 'static,
    S: Stock + Send + 'static,
    T: Statements + Send + 'static,
{
    type Catalog = C;
    type Stock = S;
    type Statements = T;

    fn catalog(&self) -> &C {
        &self.catalog
    }

    fn stock(&self) -> &S {
        &self.stock
    }

    fn statements(&self) -> &T {
        &self.statements
    }

    fn recent(&self) -> &Recent {
        &self.recent
    }
}

/// The routes of this function, as they are documented.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(
        documents::receive,
        documents::announce,
        documents::withdraw,
        documents::transfer,
        documents::adjust,
        documents::show,
        counts::count,
        counts::decide,
        counts::cases,
        counts::due,
        levels::put,
        levels::show,
        statement::entries,
        statement::drifts,
        availability::availability
    ),
    components(schemas(
        ReceiptBody,
        ReceiptLine,
        Condition,
        AnnouncementBody,
        AnnouncementLine,
        WithdrawalBody,
        TransferBody,
        TransferLine,
        StockAdjustmentBody,
        AdjustmentAction,
        AdjustmentLine,
        AdjustmentReason,
        CountBody,
        CountedLine,
        CountDecisionBody,
        CountDecision,
        OnHandBody,
        DocumentView,
        StockMovement,
        StowView,
        CaseList,
        CaseView,
        CaseLine,
        DueList,
        DueRow,
        StockLevels,
        SiteLevel,
        StowLevel,
        AnnouncedView,
        StatementPage,
        StatementLine,
        StockPlace,
        StockChange,
        DriftList,
        DriftView,
        WrongCounter,
        Availability,
        AvailabilityRow,
        Problem,
        FieldError
    ))
)]
pub struct Api;

/// The routes of this function.
pub fn router<P: Ports>(app: P) -> Router {
    Router::new()
        .route("/stock/receipts", post(documents::receive::<P>))
        .route("/stock/announcements", post(documents::announce::<P>))
        .route("/stock/announcements/{id}/withdrawal", post(documents::withdraw::<P>))
        .route("/stock/transfers", post(documents::transfer::<P>))
        .route("/stock/adjustments", post(documents::adjust::<P>))
        .route("/stock/documents/{id}", get(documents::show::<P>))
        .route("/stock/counts", post(counts::count::<P>))
        .route("/stock/counts/{id}/decision", post(counts::decide::<P>))
        .route("/stock/counts/due", get(counts::due::<P>))
        .route("/stock/cases", get(counts::cases::<P>))
        .route("/stock/drifts", get(statement::drifts::<P>))
        .route("/stock/{sku}/entries", get(statement::entries::<P>))
        .route("/stock/{sku}/{site}", put(levels::put::<P>))
        .route("/stock/{sku}", get(levels::show::<P>))
        .route("/availability", get(availability::availability::<P>))
        .with_state(Arc::new(app))
}
