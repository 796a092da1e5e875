#![doc = include_str!("../README.md")]

mod route;

pub use route::{Api, App, router};

use jiff::Timestamp;
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::order::Order;
use waybill_domain::ports::Orders;
use waybill_gateways::webhook::CarrierNews;
use waybill_lambda::http::Problem;
use waybill_lambda::{advance, load};

/// Records what the carrier says of a parcel, and what follows from it. Answers the order it is about.
///
/// # Errors
/// 404 for a tracking code no order has (yet): the carrier sends it again.
pub async fn handle(
    orders: &impl Orders,
    tenant: &TenantId,
    news: &CarrierNews,
    now: Timestamp,
) -> Result<OrderId, Problem> {
    let id = orders.tracked(tenant, &news.tracking_code).await?.ok_or_else(|| Problem::not_found("parcel"))?;
    let order = load(orders, tenant, &id).await?;
    let number = order.tracked_as(&news.tracking_code).ok_or_else(|| Problem::not_found("parcel"))?;
    let (status, seen_at) = (news.status, news.seen_at);
    let order = advance(orders, order, "carrier", now, |order| order.decide_tracked(number, status, seen_at)).await?;
    if status.is_trouble() {
        let reason = format!("the carrier says {}", status.name());
        let exception = |order: &Order| order.decide_exception("carrier", Some(number), &reason, false);
        advance(orders, order, "carrier", now, exception).await?;
    } else if !order.is_cancelled() {
        advance(orders, order, "carrier", now, Order::decide_completed).await?;
    }
    Ok(id)
}
