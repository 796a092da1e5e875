//! Counts: what was found, who decides where it disagrees, and what is to be counted.

use crate::asked::{Answered, Asked, Question, file};
use crate::documents::{DocumentPath, HANDLERS, READERS, document_id};
use crate::route::Ports;
use crate::schema::{CountBody, CountDecision, CountDecisionBody};
use crate::view::{CaseView, DocumentView};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use futures::future::try_join_all;
use jiff::Timestamp;
use serde::Serialize;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use waybill_domain::catalog::{CountClass, Item, Role, Site};
use waybill_domain::id::{SiteId, Sku, TenantId};
use waybill_domain::ports::{Catalog, Stock, StoreError};
use waybill_domain::stock::count_due;
use waybill_domain::stock::filing::Ask;
use waybill_lambda::http::{KeyHeader, Problem, ReadingRefusals, Refusals, cursor};
use waybill_lambda::now;

/// Cases of a page.
const CASES: usize = 25;
/// Items looked at for a page of what is due.
const LOOKED_AT: usize = 100;
/// Items read at once.
const AT_ONCE: usize = 20;

/// Records a count. Where it agrees, that is all; where it does not, a person decides.
#[utoipa::path(post, path = "/stock/counts", tag = "stock", operation_id = "countStock",
    params(KeyHeader), request_body = CountBody, responses((status = 201, body = DocumentView), Refusals),
    security(("oauth2" = ["waybill/warehouse"]), ("oauth2" = ["waybill/admin"])))]
pub async fn count<P: Ports>(State(app): State<Arc<P>>, asked: Asked<CountBody>) -> Answered {
    asked.caller.must_be(&HANDLERS)?;
    file(&*app, &asked, &asked.body.ask()).await
}

/// Decides on a count that disagrees: approved, what it proposes is moved; rejected, nothing is.
///
/// Nobody but an admin approves a count of their own.
#[utoipa::path(post, path = "/stock/counts/{id}/decision", tag = "stock", operation_id = "decideCount",
    params(DocumentPath, KeyHeader), request_body = CountDecisionBody, responses((status = 201, body = DocumentView), Refusals),
    security(("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/admin"])))]
pub async fn decide<P: Ports>(
    State(app): State<Arc<P>>,
    Path(id): Path<String>,
    asked: Asked<CountDecisionBody>,
) -> Answered {
    asked.caller.must_be(&[Role::Support, Role::Admin])?;
    let (count, note) = (document_id(&id, "count")?, asked.body.note.clone());
    let approved = asked.body.decision == CountDecision::Approve;
    let is_admin = asked.caller.client.role == Role::Admin;
    file(&*app, &asked, &Ask::Decide { count, approved, note, is_admin }).await
}

/// Where a page of a list begins.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documentation only")]
pub(crate) struct CursorQuery {
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A page of counts that wait for a decision, oldest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseList {
    cases: Vec<CaseView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Counts that disagree and wait for a decision.
#[utoipa::path(get, path = "/stock/cases", tag = "stock", operation_id = "listStockCases",
    params(CursorQuery), responses((status = 200, body = CaseList), ReadingRefusals),
    security(("oauth2" = ["waybill/admin"]), ("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/warehouse"])))]
pub async fn cases<P: Ports>(State(app): State<Arc<P>>, question: Question) -> Answered {
    question.caller.must_be(&READERS)?;
    let query = question.query(&["cursor"])?;
    let after = cursor(query.first().map(|(_, cursor)| cursor.as_str()))?;
    let (tenant, stock) = (question.caller.tenant(), app.stock());
    let page = stock.cases(tenant, after, CASES).await?;
    let found = try_join_all(page.rows.iter().map(|id| stock.document(tenant, id))).await?;
    let cases = found.into_iter().flatten().filter_map(|document| CaseView::of(&document)).collect();
    Ok(Json(CaseList { cases, next: page.next }).into_response())
}

/// Which items are asked for.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documentation only")]
struct DueQuery {
    /// The site.
    site: String,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Items to be counted at a site. A page looks at 100 items in the order of their SKUs: it may show none and yet not be
/// the last.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DueList {
    site: String,
    /// Those never counted first, then those counted longest ago.
    items: Vec<DueRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// An item to be counted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DueRow {
    sku: String,
    title: String,
    /// `A` every 30 days, `B` every 90, `C` every 180.
    class: &'static str,
    /// Units by the counters, those held back included.
    on_hand: i64,
    /// When it was last counted, UTC; absent: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    counted_at: Option<String>,
}

/// What is to be counted at a site: items it has had, whose last count is older than their class allows.
#[utoipa::path(get, path = "/stock/counts/due", tag = "stock", operation_id = "listDueCounts",
    params(DueQuery), responses((status = 200, body = DueList), ReadingRefusals),
    security(("oauth2" = ["waybill/admin"]), ("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/warehouse"])))]
pub async fn due<P: Ports>(State(app): State<Arc<P>>, question: Question) -> Answered {
    question.caller.must_be(&READERS)?;
    let query = question.query(&["site", "cursor"])?;
    let of = |wanted: &str| query.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    // This list goes by SKU: so do its pages.
    let after = of("cursor").map(str::parse::<Sku>).transpose();
    let after = after.map_err(|_| Problem::bad_request("query/cursor", "is no `next` of a page"))?;
    let site = of("site").ok_or_else(|| Problem::bad_request("query/site", "is required"))?;
    let tenant = question.caller.tenant();
    let site = app.catalog().find::<Site>(tenant, site).await?.ok_or_else(|| Problem::not_found("site"))?;
    let mut items = app.catalog().all::<Item>(tenant).await?;
    items.retain(|item| item.components.is_empty() && after.as_ref().is_none_or(|after| item.sku > *after));
    items.sort_by(|a, b| a.sku.cmp(&b.sku));
    let is_last = items.len() <= LOOKED_AT;
    items.truncate(LOOKED_AT);
    let next = items.last().filter(|_| !is_last).map(|item| item.sku.to_string());
    let items = due_of(&*app, (tenant, &site.id), &items, now()).await?;
    Ok(Json(DueList { site: site.id.to_string(), items, next }).into_response())
}

async fn due_of<P: Ports>(
    app: &P,
    (tenant, site): (&TenantId, &SiteId),
    items: &[Item],
    now: Timestamp,
) -> Result<Vec<DueRow>, StoreError> {
    let mut found = Vec::new();
    for some in items.chunks(AT_ONCE) {
        let levels = try_join_all(some.iter().map(|item| app.stock().levels(tenant, &item.sku))).await?;
        for (item, levels) in some.iter().zip(levels) {
            let here = levels.sites.into_iter().find(|stock| stock.site == *site);
            let here = here.filter(|stock| count_due(item.count_class, stock.counted_at, now));
            found.extend(here.map(|stock| (stock.counted_at, item, stock.level.on_hand)));
        }
    }
    found.sort_by_key(|(counted_at, item, _)| (*counted_at, item.sku.clone()));
    Ok(found.into_iter().map(|(counted_at, item, on_hand)| row(item, on_hand, counted_at)).collect())
}

fn row(item: &Item, on_hand: i64, counted_at: Option<Timestamp>) -> DueRow {
    DueRow {
        sku: item.sku.to_string(),
        title: item.title.as_str().to_owned(),
        class: class(item.count_class),
        on_hand,
        counted_at: counted_at.map(|at| at.to_string()),
    }
}

fn class(class: CountClass) -> &'static str {
    match class {
        CountClass::A => "A",
        CountClass::B => "B",
        CountClass::C => "C",
    }
}
