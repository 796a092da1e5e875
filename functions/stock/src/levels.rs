//! What there is of an item, and setting it outright.

use crate::asked::{Answered, Question, settled};
use crate::documents::READERS;
use crate::route::Ports;
use crate::schema::OnHandBody;
use crate::view::StockLevels;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use std::sync::Arc;
use waybill_domain::catalog::{Item, Role, Site};
use waybill_domain::id::{DocumentId, Sku, TenantId};
use waybill_domain::order::Actor;
use waybill_domain::ports::{Catalog, Stock};
use waybill_domain::stock::filing::{Ask, Origin};
use waybill_lambda::filing::Desk;
use waybill_lambda::http::{Problem, ReadingRefusals, Refusals, parse};
use waybill_lambda::now;

async fn levels<P: Ports>(app: &P, tenant: &TenantId, sku: &Sku) -> Answered {
    let levels = app.stock().levels(tenant, sku).await?;
    let announced = app.stock().announced(tenant, sku).await?;
    Ok(Json(StockLevels::new(sku.to_string(), levels, announced)).into_response())
}

/// Sets the units on hand at a site, by the adjustment that leads there.
///
/// For an item whose units are all alike. What is allocated to orders stays; what is promised to them and not there waits
/// for the next receipt.
#[utoipa::path(put, path = "/stock/{sku}/{site}", tag = "stock", operation_id = "putStock",
    params(("sku" = String, Path, description = "An item of the catalog"), ("site" = String, Path, description = "A site of the catalog")),
    request_body = OnHandBody, responses((status = 200, body = StockLevels), Refusals),
    security(("oauth2" = ["waybill/admin"])))]
pub async fn put<P: Ports>(
    State(app): State<Arc<P>>,
    Path((sku, site)): Path<(String, String)>,
    question: Question,
) -> Answered {
    question.caller.must_be(&[Role::Admin])?;
    let tenant = question.caller.tenant();
    let OnHandBody { on_hand } = parse(&question.raw)?;
    let item = app.catalog().find::<Item>(tenant, &sku).await?.ok_or_else(|| Problem::not_found("item"))?;
    let site = app.catalog().find::<Site>(tenant, &site).await?.ok_or_else(|| Problem::not_found("site"))?;
    let ask = Ask::SetOnHand { sku: item.sku.clone(), site: site.id, on_hand };
    // The call has no key and needs none: said again, it changes nothing.
    let (at, actor) = (now(), Actor(question.caller.actor.clone()));
    let id = DocumentId::derive(tenant, &format!("PUT /stock/{sku} by {}", actor.0), &format!("{ask:?} at {at}"));
    let desk = Desk { catalog: app.catalog(), stock: app.stock(), tenant };
    settled(&ask, desk.file(&Origin { id, at, actor }, &ask, |_| None).await?)?;
    levels(&*app, tenant, &item.sku).await
}

/// What is available of an item, what each site holds, and what is to come in.
#[utoipa::path(get, path = "/stock/{sku}", tag = "stock", operation_id = "getStock",
    params(("sku" = String, Path, description = "An item of the catalog")),
    responses((status = 200, body = StockLevels), ReadingRefusals),
    security(("oauth2" = ["waybill/admin"]), ("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/warehouse"])))]
pub async fn show<P: Ports>(State(app): State<Arc<P>>, Path(sku): Path<String>, question: Question) -> Answered {
    question.caller.must_be(&READERS)?;
    let tenant = question.caller.tenant();
    let item = app.catalog().find::<Item>(tenant, &sku).await?.ok_or_else(|| Problem::not_found("item"))?;
    levels(&*app, tenant, &item.sku).await
}
