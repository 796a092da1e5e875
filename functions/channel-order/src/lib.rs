#![doc = include_str!("../README.md")]

mod shopify;

pub use shopify::{ShopifyOrder, placed};

use jiff::Timestamp;
use serde::Deserialize;
use waybill_domain::catalog::{Channel, Format};
use waybill_domain::id::{ChannelId, OrderId, TenantId};
use waybill_domain::order::{Actor, Order, Placed};
use waybill_domain::ports::{Catalog, Commit, Committed, Orders};
use waybill_lambda::{Fault, Halt, Terms, advance};

/// The largest message taken, in bytes: what SQS itself allows.
pub const MAX_BYTES: usize = 256 * 1024;

/// A message of the channel queue.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    tenant: TenantId,
    channel: ChannelId,
    /// The channel's own payload, read generously.
    order: serde_json::Value,
}

/// Why a message made no order.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It never will: put it away with the reason, which names no person.
    #[error("{0}")]
    Never(String),
    /// Not now: it comes back.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Refusal {
    /// What breaks which rule.
    pub(crate) fn rule(what: &str, rule: impl std::fmt::Display) -> Self {
        Self::Never(format!("{what} {rule}"))
    }
}

/// Places the order in a message, once.
///
/// # Errors
/// `Never` for what can never be an order; a fault for what may be one later.
pub async fn handle(
    orders: &impl Orders,
    catalog: &impl Catalog,
    body: &str,
    now: Timestamp,
) -> Result<OrderId, Refusal> {
    if body.len() > MAX_BYTES {
        return Err(Refusal::rule("the message", format!("must have at most {MAX_BYTES} bytes")));
    }
    let envelope: Envelope = serde_json::from_str(body).map_err(|error| Refusal::rule("the message", shape(&error)))?;
    let Envelope { tenant, channel, order } = envelope;
    let channel: Channel = catalog
        .find(&tenant, channel.as_str())
        .await
        .map_err(Fault::from)?
        .ok_or_else(|| Refusal::rule("channel", "is not in the catalog"))?;
    let order = match channel.format {
        Format::Shopify => ShopifyOrder::read(order)?,
    };
    let skus = order.skus()?.into_iter().collect();
    let terms = Terms::of(catalog, &tenant, &channel.store, &skus).await?;
    let id = OrderId::derive(&tenant, &format!("channel {}", channel.id), &order.own_id());
    let placed = placed(&order, &channel, &terms, now)?;
    place(orders, &tenant, &id, placed, &channel, now).await?;
    Ok(id)
}

/// Serde's words without the values it met: a payload is personal.
fn shape(error: &serde_json::Error) -> String {
    let kind = if error.is_data() { "has a field of another shape" } else { "is no JSON" };
    format!("{kind} (line {}, column {})", error.line(), error.column())
}

async fn place(
    orders: &impl Orders,
    tenant: &TenantId,
    id: &OrderId,
    placed: Placed,
    channel: &Channel,
    now: Timestamp,
) -> Result<(), Refusal> {
    let actor = format!("channel:{}", channel.id);
    let first = placed.record(now, Actor(actor.clone()), None).map_err(|error| Refusal::rule("total_price", error))?;
    let order = Order::begin(tenant.clone(), id.clone(), first.clone()).map_err(|e| Fault::Defect(e.into()))?;
    match orders.commit(Commit { before: None, after: &order, recorded: &first }).await.map_err(Fault::from)? {
        // Delivered before: its exception may still be missing, and is opened below then.
        Committed::Stored | Committed::Exists(_) => {}
        Committed::Short(skus) => {
            let skus: Vec<String> = skus.iter().map(ToString::to_string).collect();
            return Err(Refusal::rule("line_items", format!("are out of stock: {}", skus.join(", "))));
        }
        // A channel's money is the channel's: its order draws on nothing.
        Committed::Overdrawn(_) | Committed::Taken => {
            return Err(Fault::defect("a first event that moves money").into());
        }
    }
    tell_of_adjustment(orders, order, &actor, now).await
}

/// A channel whose total is not what its lines add up to is worth a look.
async fn tell_of_adjustment(orders: &impl Orders, order: Order, actor: &str, now: Timestamp) -> Result<(), Refusal> {
    let adjustment = order.placed.adjustment;
    if adjustment.is_zero() {
        return Ok(());
    }
    let reason = format!("the channel's total differs from its lines by {adjustment}");
    let decide = |order: &Order| {
        // Resolved once is resolved, however often the channel sends the order again.
        let known = order.cases.iter().any(|open| open.case.reason == reason);
        if known { Ok(None) } else { order.decide_exception("channel-order", None, &reason, false) }
    };
    match advance(orders, order, actor, now, decide).await {
        Ok(_) => Ok(()),
        Err(Halt::Fault(fault)) => Err(fault.into()),
        Err(halt @ (Halt::Refused(_) | Halt::ReviewRequired | Halt::PaymentPending | Halt::StockPending)) => {
            Err(Fault::defect(halt.to_string()).into())
        }
    }
}
