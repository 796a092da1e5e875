//! Units that came are given to the orders that wait for them, first come first served.

use crate::advance::{Advanced, load, try_advance};
use crate::fault::Halt;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use waybill_domain::id::{OrderId, Sku, TenantId};
use waybill_domain::order::Order;
use waybill_domain::ports::{Orders, Stock, StoreError};

/// Orders that are looked at in one go; those after them are next.
const BATCH: usize = 100;
/// How often a promise is made anew when the units it was made of are gone.
pub const ATTEMPTS: u32 = 5;

/// Gives what is here of an item to the orders that wait for it, the one that waits longest first. Answers the orders that
/// got some. Safe to repeat: nobody gets more than is there, nor more than they wait for.
///
/// # Errors
/// An order could not be read or stored; what was given stays given.
pub async fn fill(
    orders: &impl Orders,
    stock: &impl Stock,
    item: (&TenantId, &Sku),
    actor: &str,
    now: Timestamp,
) -> Result<Vec<OrderId>, Halt> {
    let (tenant, sku) = item;
    let mut filled = Vec::new();
    let networks = stock.networks(tenant, &BTreeSet::from([sku.clone()])).await?;
    let mut left = networks.get(sku).map_or(0, |network| network.fillable.min(network.waited_for()));
    if left <= 0 {
        return Ok(filled);
    }
    for waiting in stock.waiting(tenant, sku, BATCH).await? {
        let Some(units) = u32::try_from(left).ok().filter(|units| *units > 0) else { break };
        let order = load(orders, tenant, &waiting.order).await?;
        let before = waits(&order, sku);
        match try_advance(orders, order, actor, now, |order| order.decide_filled(sku, units)).await {
            Ok(Advanced::Order(after)) => {
                let given = before - waits(&after, sku);
                left -= given;
                filled.extend((given > 0).then_some(after.id));
            }
            // Others were given them, or they are gone again: the next arrival comes here anew.
            Ok(Advanced::Short(..)) => break,
            // Called off, and about to give its place back.
            Ok(Advanced::Overdrawn(_) | Advanced::Taken(_)) | Err(Halt::Refused(_)) => {}
            Err(halt) => return Err(halt),
        }
    }
    Ok(filled)
}

fn waits(order: &Order, sku: &Sku) -> i64 {
    order.waits_for().get(sku).copied().unwrap_or(0)
}

/// Of each of `short`, how many units may still be promised out of what is here.
///
/// # Errors
/// The stock could not be read.
pub async fn available(
    stock: &impl Stock,
    tenant: &TenantId,
    short: &BTreeSet<Sku>,
) -> Result<BTreeMap<Sku, i64>, StoreError> {
    let networks = stock.networks(tenant, short).await?;
    Ok(short.iter().map(|sku| (sku.clone(), networks.get(sku).map_or(0, |network| network.available))).collect())
}
