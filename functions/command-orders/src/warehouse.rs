//! What the warehouse's stations do.

use crate::asked::{Answered, Asked, carry_out, number};
use crate::command::Changed;
use crate::route::Ports;
use crate::schema::{HandOverBody, PackBody, PickBody};
use crate::station;
use axum::extract::{Path, State};
use std::sync::Arc;
use waybill_domain::catalog::Carton;
use waybill_domain::ports::Catalog;
use waybill_lambda::http::{KeyHeader, PartPath, Problem, Refusals};

/// Completes a pick; fewer units than wanted is a short pick.
#[utoipa::path(post, path = "/orders/{id}/fulfillments/{n}/pick", tag = "warehouse", operation_id = "pick",
    params(PartPath, KeyHeader), request_body = PickBody, responses((status = 200, body = Changed), Refusals),
    security(("oauth2" = ["waybill/warehouse"])))]
pub async fn pick<P: Ports>(
    State(app): State<Arc<P>>,
    Path((id, n)): Path<(String, String)>,
    asked: Asked<PickBody>,
) -> Answered {
    let (n, body) = (number(&n)?, &asked.body);
    carry_out(&*app, &id, &asked, |order| order.decide_picked(n, station::picked(order, n, body)?)).await
}

/// Completes a pack: carton and weight.
#[utoipa::path(post, path = "/orders/{id}/fulfillments/{n}/pack", tag = "warehouse", operation_id = "pack",
    params(PartPath, KeyHeader), request_body = PackBody, responses((status = 200, body = Changed), Refusals),
    security(("oauth2" = ["waybill/warehouse"])))]
pub async fn pack<P: Ports>(
    State(app): State<Arc<P>>,
    Path((id, n)): Path<(String, String)>,
    asked: Asked<PackBody>,
) -> Answered {
    let n = number(&n)?;
    let carton = app.catalog().find::<Carton>(asked.caller.tenant(), asked.body.carton.as_str()).await?;
    let carton = carton.ok_or_else(|| Problem::invalid("/carton", "is not in the catalog"))?;
    let packing = station::packing(&carton, &asked.body).ok_or_else(|| {
        Problem::invalid("/weight_grams", "must be at least the empty carton and at most what it may hold")
    })?;
    carry_out(&*app, &id, &asked, |order| order.decide_packed(n, packing.clone())).await
}

/// Hands a labeled parcel to the carrier, on a manifest.
#[utoipa::path(post, path = "/orders/{id}/fulfillments/{n}/hand-over", tag = "warehouse", operation_id = "handOver",
    params(PartPath, KeyHeader), request_body = HandOverBody, responses((status = 200, body = Changed), Refusals),
    security(("oauth2" = ["waybill/warehouse"])))]
pub async fn hand_over<P: Ports>(
    State(app): State<Arc<P>>,
    Path((id, n)): Path<(String, String)>,
    asked: Asked<HandOverBody>,
) -> Answered {
    let (n, manifest) = (number(&n)?, asked.body.manifest.as_str());
    carry_out(&*app, &id, &asked, |order| order.decide_handed_over(n, manifest.to_owned())).await
}
