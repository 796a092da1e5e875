//! Master data over HTTP.

use axum::extract::{Path, Request, State};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};
use waybill_domain::catalog::{Carrier, Carton, Channel, Item, Kind, Policy, Site, Store};
use waybill_domain::id::TenantId;
use waybill_domain::ports::{Catalog, StoreError};
use waybill_lambda::http::{FieldError, Problem, caller, read};
use waybill_lambda::record::check;

/// What the routes need.
#[derive(Debug)]
pub struct App<C> {
    /// Master data.
    pub catalog: C,
}

/// Records of one kind.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecordList {
    /// The records.
    records: Vec<Value>,
}

/// The routes of this function, as they are documented.
#[derive(Debug, OpenApi)]
#[openapi(paths(put_record, get_record, list_records), components(schemas(RecordList, Problem, FieldError)))]
pub struct Api;

/// The routes of this function.
pub fn router<C: Catalog + Send + 'static>(app: App<C>) -> Router {
    Router::new()
        .route("/catalog/{kind}", get(list_records::<C>))
        .route("/catalog/{kind}/{id}", get(get_record::<C>).put(put_record::<C>))
        .with_state(Arc::new(app))
}

fn kind_of(name: &str) -> Result<Kind, Problem> {
    Kind::of_staff(name).ok_or_else(|| Problem::not_found("kind of record"))
}

/// All records of `kind`, as JSON.
async fn records(catalog: &impl Catalog, tenant: &TenantId, kind: Kind) -> Result<Vec<Value>, StoreError> {
    async fn all<R: waybill_domain::catalog::Record>(
        catalog: &impl Catalog,
        tenant: &TenantId,
    ) -> Result<Vec<Value>, StoreError> {
        let records = catalog.all::<R>(tenant).await?;
        let json = records.iter().map(serde_json::to_value).collect::<Result<_, _>>();
        json.map_err(|error| StoreError::Broken(error.into()))
    }
    match kind {
        Kind::Item => all::<Item>(catalog, tenant).await,
        Kind::Site => all::<Site>(catalog, tenant).await,
        Kind::Carton => all::<Carton>(catalog, tenant).await,
        Kind::Carrier => all::<Carrier>(catalog, tenant).await,
        Kind::Store => all::<Store>(catalog, tenant).await,
        Kind::Channel => all::<Channel>(catalog, tenant).await,
        Kind::Policy => all::<Policy>(catalog, tenant).await,
        Kind::Client => Ok(Vec::new()),
    }
}

/// The record of `kind` and `id`, as JSON.
async fn record(catalog: &impl Catalog, tenant: &TenantId, kind: Kind, id: &str) -> Result<Option<Value>, StoreError> {
    async fn one<R: waybill_domain::catalog::Record>(
        catalog: &impl Catalog,
        tenant: &TenantId,
        id: &str,
    ) -> Result<Option<Value>, StoreError> {
        let found = catalog.find::<R>(tenant, id).await?;
        let json = found.map(serde_json::to_value).transpose();
        json.map_err(|error| StoreError::Broken(error.into()))
    }
    match kind {
        Kind::Item => one::<Item>(catalog, tenant, id).await,
        Kind::Site => one::<Site>(catalog, tenant, id).await,
        Kind::Carton => one::<Carton>(catalog, tenant, id).await,
        Kind::Carrier => one::<Carrier>(catalog, tenant, id).await,
        Kind::Store => one::<Store>(catalog, tenant, id).await,
        Kind::Channel => one::<Channel>(catalog, tenant, id).await,
        Kind::Policy => one::<Policy>(catalog, tenant, id).await,
        Kind::Client => Ok(None),
    }
}

/// Creates or replaces a record.
#[utoipa::path(put, path = "/catalog/{kind}/{id}", tag = "catalog", operation_id = "putRecord",
    params(("kind" = String, Path, description = "items, sites, cartons, carriers, stores, channels or policies"), ("id" = String, Path, description = "The record's id; an item's SKU")),
    request_body(content = Object, description = "The record; see docs/catalog.md for the fields of each kind"),
    responses((status = 200, description = "As stored", body = Object), (status = 404, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")),
    security(("oauth2" = ["waybill/admin"])))]
async fn put_record<C: Catalog + Send + 'static>(
    State(app): State<Arc<App<C>>>,
    Path((kind, id)): Path<(String, String)>,
    request: Request,
) -> Result<Json<Value>, Problem> {
    let (parts, body) = read(request).await?;
    let caller = caller(&app.catalog, &parts).await?;
    let kind = kind_of(&kind)?;
    let (own, record) = check(kind, &body)?;
    if own != id {
        return Err(Problem::invalid(format!("/{}", kind.id_field()), "must be the id in the path"));
    }
    app.catalog.put(caller.tenant(), kind, &id, &record).await?;
    Ok(Json(record))
}

/// One record.
#[utoipa::path(get, path = "/catalog/{kind}/{id}", tag = "catalog", operation_id = "getRecord",
    params(("kind" = String, Path, description = "items, sites, cartons, carriers, stores, channels or policies"), ("id" = String, Path, description = "The record's id; an item's SKU")),
    responses((status = 200, body = Object), (status = 404, body = Problem, content_type = "application/problem+json")),
    security(("oauth2" = ["waybill/admin"]), ("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/warehouse"])))]
async fn get_record<C: Catalog + Send + 'static>(
    State(app): State<Arc<App<C>>>,
    Path((kind, id)): Path<(String, String)>,
    request: Request,
) -> Result<Json<Value>, Problem> {
    let (parts, _) = read(request).await?;
    let caller = caller(&app.catalog, &parts).await?;
    let kind = kind_of(&kind)?;
    let found = record(&app.catalog, caller.tenant(), kind, &id).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("record"))
}

/// All records of a kind.
#[utoipa::path(get, path = "/catalog/{kind}", tag = "catalog", operation_id = "listRecords",
    params(("kind" = String, Path, description = "items, sites, cartons, carriers, stores, channels or policies")),
    responses((status = 200, body = RecordList), (status = 404, body = Problem, content_type = "application/problem+json")),
    security(("oauth2" = ["waybill/admin"]), ("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/warehouse"])))]
async fn list_records<C: Catalog + Send + 'static>(
    State(app): State<Arc<App<C>>>,
    Path(kind): Path<String>,
    request: Request,
) -> Result<Json<RecordList>, Problem> {
    let (parts, _) = read(request).await?;
    let caller = caller(&app.catalog, &parts).await?;
    let records = records(&app.catalog, caller.tenant(), kind_of(&kind)?).await?;
    Ok(Json(RecordList { records }))
}
