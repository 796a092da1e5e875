#![doc = include_str!("../README.md")]

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use waybill_domain::catalog::Site;
use waybill_domain::id::SiteId;
use waybill_domain::order::Order;
use waybill_domain::ports::{Catalog, Orders, Stock};
use waybill_lambda::input::OrderInput;
use waybill_lambda::{Fault, Halt, Stage, advance, load};

/// What the workflow goes on with: one iteration per fulfillment order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routed {
    /// Numbers of the fulfillment orders.
    pub fulfillments: Vec<u16>,
}

/// Chooses sites and turns the reservation into allocations there.
///
/// # Errors
/// `Refused` for an order cancelled before sites were chosen; `Conflict` when stock moved between reading and allocating; `Defect` when the sites do
/// not hold what was promised.
pub async fn handle(
    orders: &impl Orders,
    stock: &impl Stock,
    catalog: &impl Catalog,
    input: OrderInput,
    now: Timestamp,
) -> Result<Routed, Halt> {
    let mut order = load(orders, &input.tenant, &input.order_id).await?;
    if order.fulfillments.is_empty() {
        order = route(orders, stock, catalog, order, now).await?;
    }
    if order.ended_unrouted() {
        return Err(Halt::Refused("the order is cancelled".to_owned()));
    }
    Ok(Routed { fulfillments: order.fulfillments.iter().map(|part| part.number).collect() })
}

async fn route(
    orders: &impl Orders,
    stock: &impl Stock,
    catalog: &impl Catalog,
    order: Order,
    now: Timestamp,
) -> Result<Order, Halt> {
    let mut sites = catalog.all::<Site>(&order.tenant).await?;
    sites.sort_by(|a, b| (a.rank, &a.id).cmp(&(b.rank, &b.id)));
    let ranked: Vec<SiteId> = sites.into_iter().map(|site| site.id).collect();
    let demand = order.demand();
    let skus = demand.iter().map(|(sku, _)| sku.clone()).collect();
    let free = stock.free(&order.tenant, &skus, &ranked).await?;
    let shares =
        waybill_domain::routing::route(&demand, &ranked, &free).map_err(|error| Fault::Defect(error.into()))?;
    let actor = Stage::Route.actor();
    advance(orders, order, &actor, now, |order| order.decide_routed(&shares)).await
}
