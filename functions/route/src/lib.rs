#![doc = include_str!("../README.md")]

mod free;
mod reconfirm;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use waybill_domain::order::{LineUnits, Order};
use waybill_domain::ports::{Catalog, Orders, Stock};
use waybill_domain::routing::{Routed as Planned, Share, chunk, route};
use waybill_lambda::input::OrderInput;
use waybill_lambda::{Advanced, Fault, Halt, Stage, advance, load, try_advance};

/// How often everything is looked at anew, because units or the order changed meanwhile, before the workflow's own retry
/// takes over.
const ROUNDS: u32 = 10;

/// What the workflow goes on with: one iteration per fulfillment order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routed {
    /// Numbers of the fulfillment orders.
    pub fulfillments: Vec<u16>,
}

/// What routing is done with.
struct Desk<'a, O, S, C> {
    orders: &'a O,
    stock: &'a S,
    catalog: &'a C,
    actor: String,
    now: Timestamp,
}

/// Chooses sites and turns what can be shipped into allocations there; a reservation that lapsed is made again before.
///
/// # Errors
/// `Refused` for an order that ended before sites were chosen, or ends here because its units are sold; `StockPending`
/// where all of it waits for units; `Conflict` when stock kept moving between reading and allocating.
pub async fn handle(
    orders: &impl Orders,
    stock: &impl Stock,
    catalog: &impl Catalog,
    input: OrderInput,
    now: Timestamp,
) -> Result<Routed, Halt> {
    let order = load(orders, &input.tenant, &input.order_id).await?;
    let desk = Desk { orders, stock, catalog, actor: Stage::Route.actor(), now };
    let order = desk.route(desk.reconfirm(order).await?).await?;
    match () {
        () if order.ended_unrouted() => Err(Halt::Refused("the order is cancelled".to_owned())),
        () if order.fulfillments.is_empty() && order.waits_for_stock() => Err(Halt::StockPending),
        () => Ok(Routed { fulfillments: order.fulfillments.iter().map(|part| part.number).collect() }),
    }
}

impl<O: Orders, S: Stock, C: Catalog> Desk<'_, O, S, C> {
    /// Routes all that can be.
    async fn route(&self, mut order: Order) -> Result<Order, Halt> {
        for _ in 0..ROUNDS {
            if order.is_cancelled() || order.demand().iter().all(|(_, units)| *units == 0) {
                return Ok(order);
            }
            let planned = self.plan(&order).await?;
            order = if planned.missing.is_empty() {
                self.allocate(order, planned.shares).await?
            } else {
                self.miss(order, &planned).await?
            };
        }
        Err(Fault::Conflict("the stock does not stand still".into()).into())
    }

    async fn plan(&self, order: &Order) -> Result<Planned, Halt> {
        let demand = order.demand();
        let (ranked, free, today) = self.free(order, &demand).await?;
        Ok(route(&demand, &ranked, &free, today))
    }

    /// Allocates chunk by chunk, as long as nobody else changes the order or takes the units.
    async fn allocate(&self, mut order: Order, shares: Vec<Share>) -> Result<Order, Halt> {
        let mut left = shares;
        while !left.is_empty() {
            let (now, later) = chunk(&left);
            let seen = order.version;
            let decide = |order: &Order| if order.version == seen { order.decide_routed(&now) } else { Ok(None) };
            match try_advance(self.orders, order, &self.actor, self.now, decide).await? {
                Advanced::Order(after) if after.version == seen + 1 => (order, left) = (after, later),
                Advanced::Order(changed) | Advanced::Short(changed, _) => return Ok(changed),
                Advanced::Overdrawn(_) | Advanced::Taken(_) => {
                    return Err(Fault::defect("an allocation that moves money").into());
                }
            }
        }
        Ok(order)
    }

    /// No site has some of what was promised. Sites are not read at one instant, and a unit may have gone from one to
    /// another meanwhile: what a second look does not find either is gone.
    async fn miss(&self, order: Order, planned: &Planned) -> Result<Order, Halt> {
        let again = self.plan(&order).await?;
        if again.missing != planned.missing {
            return Ok(order);
        }
        let lines = again.missing.iter().filter_map(|(index, units)| {
            let line = order.placed.lines.get(*index)?.number;
            Some(LineUnits { line, units: *units })
        });
        let (missing, seen): (Vec<LineUnits>, u32) = (lines.collect(), order.version);
        let decide = |order: &Order| if order.version == seen { order.decide_units_lost(&missing) } else { Ok(None) };
        advance(self.orders, order, &self.actor, self.now, decide).await
    }
}
