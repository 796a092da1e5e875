//! Documents of stock that are legal.

use crate::{at, id};
use waybill_domain::id::{DocumentId, SiteId, TenantId};
use waybill_domain::order::Actor;
use waybill_domain::stock::{Body, Document, Kind, Movement};

/// The id of a document made under `key`.
#[must_use]
pub fn document_id(tenant: &TenantId, key: &str) -> DocumentId {
    DocumentId::derive(tenant, "POST /stock", key)
}

/// A document made under `key` at [`at`]`(0)` that moves these units.
#[must_use]
pub fn document(tenant: &TenantId, key: &str, body: Body, movements: Vec<Movement>) -> Document {
    let (id, actor) = (document_id(tenant, key), Actor("client:staff".to_owned()));
    Document { id, at: at(0), actor, body, movements, request: None }
}

/// Units of items that came in at a site, announced by nobody.
#[must_use]
pub fn receipt(tenant: &TenantId, key: &str, site: &str, units: &[(&str, i64)]) -> Document {
    let site: SiteId = id(site);
    let came = units.iter().map(|(sku, units)| Movement::at(Kind::Received, id(sku), site.clone(), *units));
    let movements = came.collect();
    document(tenant, key, Body::Receipt { site, announcement: None, reference: None }, movements)
}
