//! An item's statement, line by line, and the drifts that the self-audit found.

use crate::asked::{Answered, Question};
use crate::counts::CursorQuery;
use crate::documents::READERS;
use crate::route::Ports;
use crate::view::{StockMovement, StowView};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;
use waybill_domain::catalog::Item;
use waybill_domain::ports::{Catalog, Statements};
use waybill_domain::stock::audit::{Counters, Drift, Entry, Wrong};
use waybill_domain::stock::{Movement, Place, Stow};
use waybill_lambda::http::{Problem, ReadingRefusals, cursor};

/// Lines or drifts of a page.
const ROWS: usize = 50;

/// A page of an item's statement, newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatementPage {
    sku: String,
    lines: Vec<StatementLine>,
    /// The cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A change of an item's counters at one place.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatementLine {
    /// When, UTC: as its cause says.
    at: String,
    place: StockPlace,
    /// What moved the units: `<order id>#<version>` of an order's event, or a document's id; of a hot item also `hold#…`
    /// and `heat#…`, by which units went between its own counters. Absent where nothing did.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    /// What the cause moved here.
    #[schema(value_type = Vec<StockMovement>)]
    movements: Vec<Movement>,
    /// By how many units counters changed, each that did.
    changes: Vec<StockChange>,
    /// What they say since.
    counters: Vec<StockChange>,
}

/// Units of a counter.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StockChange {
    /// `available`, `promisable`, `fillable`, `on_hand`, `allocated`, `free`, `held` or `remaining`.
    counter: &'static str,
    units: i64,
}

/// Which of an item's counters.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StockPlace {
    /// `network`, `site`, `stow` (units at a site that differ from others) or `announcement`.
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<StowView>)]
    stow: Option<Stow>,
    /// The document that announced the units.
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<String>,
    /// Of a hot item: which of its shards.
    #[serde(skip_serializing_if = "Option::is_none")]
    shard: Option<u16>,
}

/// A page of drifts, newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DriftList {
    drifts: Vec<DriftView>,
    /// The cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Counters that do not say what movements say.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DriftView {
    sku: String,
    place: StockPlace,
    /// When it came about, UTC; of the nightly audit, when the counters were last moved.
    at: String,
    /// What it came about with, as on the statement.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    /// What is wrong, in words.
    says: &'static str,
    /// Where, counter by counter.
    wrong: Vec<WrongCounter>,
}

/// A counter that does not say what it must.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WrongCounter {
    /// As on the statement.
    counter: &'static str,
    /// What it must say, in units, or the least it must say.
    expected: i64,
    /// What it says.
    found: i64,
}

/// An item's statement: every change of its counters, with what moved them.
#[utoipa::path(get, path = "/stock/{sku}/entries", tag = "stock", operation_id = "listStockEntries",
    params(("sku" = String, Path, description = "An item of the catalog"), CursorQuery),
    responses((status = 200, body = StatementPage), ReadingRefusals),
    security(("oauth2" = ["waybill/admin"]), ("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/warehouse"])))]
pub async fn entries<P: Ports>(State(app): State<Arc<P>>, Path(sku): Path<String>, question: Question) -> Answered {
    question.caller.must_be(&READERS)?;
    let query = question.query(&["cursor"])?;
    let after = cursor(query.first().map(|(_, cursor)| cursor.as_str()))?;
    let tenant = question.caller.tenant();
    let item = app.catalog().find::<Item>(tenant, &sku).await?.ok_or_else(|| Problem::not_found("item"))?;
    let page = app.statements().entries(tenant, &item.sku, after, ROWS).await?;
    let lines = page.rows.into_iter().map(StatementLine::from).collect();
    Ok(Json(StatementPage { sku: item.sku.to_string(), lines, next: page.next }).into_response())
}

/// What the self-audit found wrong: counters that do not say what movements say.
#[utoipa::path(get, path = "/stock/drifts", tag = "stock", operation_id = "listStockDrifts",
    params(CursorQuery), responses((status = 200, body = DriftList), ReadingRefusals),
    security(("oauth2" = ["waybill/admin"]), ("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/warehouse"])))]
pub async fn drifts<P: Ports>(State(app): State<Arc<P>>, question: Question) -> Answered {
    question.caller.must_be(&READERS)?;
    let query = question.query(&["cursor"])?;
    let after = cursor(query.first().map(|(_, cursor)| cursor.as_str()))?;
    let page = app.statements().drifts(question.caller.tenant(), after, ROWS).await?;
    let drifts = page.rows.into_iter().map(DriftView::from).collect();
    Ok(Json(DriftList { drifts, next: page.next }).into_response())
}

fn told(counters: Counters) -> Vec<StockChange> {
    counters.into_iter().map(|(counter, units)| StockChange { counter: counter.name(), units }).collect()
}

impl StockPlace {
    fn of(place: Place, shard: Option<u16>) -> Self {
        let (kind, site, stow, document) = match place {
            Place::Network => ("network", None, None, None),
            Place::Site(site) => ("site", Some(site.to_string()), None, None),
            Place::Stow(site, stow) => ("stow", Some(site.to_string()), Some(stow), None),
            Place::Announced(document) => ("announcement", None, None, Some(document.to_string())),
        };
        Self { kind, site, stow, document, shard }
    }
}

impl From<Entry> for StatementLine {
    fn from(entry: Entry) -> Self {
        Self {
            at: entry.at.to_string(),
            place: StockPlace::of(entry.shelf.place, entry.shard),
            cause: entry.cause,
            movements: entry.movements,
            changes: told(entry.deltas),
            counters: told(entry.counters),
        }
    }
}

impl From<Drift> for DriftView {
    fn from(drift: Drift) -> Self {
        let wrong = |Wrong { counter, expected, found }| WrongCounter { counter: counter.name(), expected, found };
        Self {
            sku: drift.shelf.sku.to_string(),
            place: StockPlace::of(drift.shelf.place, drift.shard),
            at: drift.at.to_string(),
            cause: drift.cause,
            says: drift.rule.words(),
            wrong: drift.wrong.into_iter().map(wrong).collect(),
        }
    }
}
