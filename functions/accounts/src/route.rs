//! Accounts over HTTP.

use crate::adjust::{Answer, Call, account_of, handle};
use crate::schema::{AccountView, AdjustmentBody, AdjustmentView};
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi};
use waybill_domain::catalog::Role;
use waybill_domain::ports::{Accounts, Catalog, Requests};
use waybill_lambda::http::{
    FieldError, KeyHeader, Problem, ReadingRefusals, Refusals, answered, caller, idempotency_key, read,
};
use waybill_lambda::now;

/// What the routes need.
#[derive(Debug)]
pub struct App<A, C> {
    /// Where accounts are kept, and the records of calls whose body names one.
    pub accounts: A,
    /// Master data.
    pub catalog: C,
}

/// The routes of this function, as they are documented.
#[derive(Debug, OpenApi)]
#[openapi(paths(show, adjust), components(schemas(AccountView, AdjustmentBody, AdjustmentView, Problem, FieldError)))]
pub struct Api;

/// The routes of this function.
pub fn router<A, C>(app: App<A, C>) -> Router
where
    A: Accounts + Requests + Send + 'static,
    C: Catalog + Send + 'static,
{
    Router::new()
        .route("/accounts/{kind}/{id}", get(show::<A, C>))
        .route("/accounts/{kind}/{id}/adjustments", post(adjust::<A, C>))
        .with_state(Arc::new(app))
}

/// The path of an account.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "documentation only")]
struct AccountPath {
    /// `net_terms`, `store_credit` or `gift_card`.
    kind: String,
    /// The account's id; of a gift card the digest of its code, or `by-code` for an adjustment whose body has the code.
    id: String,
}

/// What is available on an account.
#[utoipa::path(get, path = "/accounts/{kind}/{id}", tag = "accounts", operation_id = "getAccount",
    params(AccountPath), responses((status = 200, body = AccountView), ReadingRefusals),
    security(("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/admin"])))]
async fn show<A, C>(
    State(app): State<Arc<App<A, C>>>,
    Path((kind, id)): Path<(String, String)>,
    request: Request,
) -> Result<Json<AccountView>, Problem>
where
    A: Accounts + Requests + Send + 'static,
    C: Catalog + Send + 'static,
{
    let (parts, _) = read(request).await?;
    let caller = caller(&app.catalog, &parts).await?;
    caller.must_be(&[Role::Support, Role::Admin])?;
    let account = account_of(&kind, &id)?;
    let available = app.accounts.available(caller.tenant(), &account).await?;
    if available.is_empty() {
        return Err(Problem::not_found("account"));
    }
    Ok(Json(AccountView::new(&account, available)))
}

/// Makes more, or less, available on an account.
#[utoipa::path(post, path = "/accounts/{kind}/{id}/adjustments", tag = "accounts", operation_id = "adjustAccount",
    params(AccountPath, KeyHeader), request_body = AdjustmentBody,
    responses((status = 201, description = "Stored; the same call again gets the same bytes", body = AdjustmentView), Refusals),
    security(("oauth2" = ["waybill/admin"])))]
async fn adjust<A, C>(
    State(app): State<Arc<App<A, C>>>,
    Path((kind, id)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem>
where
    A: Accounts + Requests + Send + 'static,
    C: Catalog + Send + 'static,
{
    let (parts, raw) = read(request).await?;
    let caller = caller(&app.catalog, &parts).await?;
    caller.must_be(&[Role::Admin])?;
    let key = idempotency_key(&parts.headers)?;
    let call = Call { caller: &caller, kind: &kind, id: &id, key, body: &raw };
    let Answer { status, body } = handle(&app.accounts, &call, now()).await?;
    Ok(answered(status, body))
}
