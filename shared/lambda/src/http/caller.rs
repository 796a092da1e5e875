//! Who calls: the app client of a verified token, looked up in the catalog.

use super::problem::Problem;
use http::request::Parts;
use lambda_http::request::RequestContext;
use std::collections::HashMap;
use waybill_domain::catalog::{Client, Role};
use waybill_domain::id::TenantId;
use waybill_domain::ports::Catalog;

/// A caller whose token API Gateway has verified.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The app client: tenant, role, store.
    pub client: Client,
    /// Who is behind it, for timelines: `client:<id>`, or `user:<name>` for a person.
    pub actor: String,
}

impl Caller {
    /// Whose data the caller sees.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        &self.client.tenant
    }

    /// Refuses everybody but these: behind the gateway's scopes a second lock, for what moves money.
    ///
    /// # Errors
    /// 403.
    pub fn must_be(&self, roles: &[Role]) -> Result<(), Problem> {
        if roles.contains(&self.client.role) {
            return Ok(());
        }
        Err(Problem::forbidden("it is not for this role"))
    }

    /// May the caller see the processor's ids of payments and refunds?
    #[must_use]
    pub fn sees_references(&self) -> bool {
        matches!(self.client.role, Role::Support | Role::Admin)
    }
}

/// The caller of a request.
///
/// # Errors
/// 401 without verified claims, or for an app client the catalog does not know; 503 when the catalog is not available.
pub async fn caller(catalog: &impl Catalog, parts: &Parts) -> Result<Caller, Problem> {
    let claims = claims(parts).ok_or_else(Problem::unauthorized)?;
    let id = claims.get("client_id").ok_or_else(Problem::unauthorized)?;
    let client = catalog.client(id).await?.ok_or_else(Problem::unauthorized)?;
    let actor = match claims.get("username") {
        Some(user) => format!("user:{user}"),
        None => format!("client:{id}"),
    };
    Ok(Caller { client, actor })
}

fn claims(parts: &Parts) -> Option<&HashMap<String, String>> {
    match parts.extensions.get::<RequestContext>()? {
        RequestContext::ApiGatewayV2(context) => {
            let authorizer = context.authorizer.as_ref()?;
            Some(&authorizer.jwt.as_ref()?.claims)
        }
        #[allow(unreachable_patterns, reason = "other gateways' contexts exist only when their features are on")]
        _ => None,
    }
}
