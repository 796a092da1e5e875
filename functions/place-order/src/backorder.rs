//! What is not here is promised out of what is expected.

use crate::out_of_stock;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use waybill_domain::id::{Sku, TenantId};
use waybill_domain::order::{Fill, MAX_ITEMS, Placed};
use waybill_domain::ports::Stock;
use waybill_domain::stock::Network;
use waybill_lambda::Terms;
use waybill_lambda::http::Problem;

/// Promises what is short out of what is announced, from the day on which the last unit of it is due.
///
/// # Errors
/// 409 naming the items that may not be promised before they are here, or of which not enough is announced; 422 for an order
/// of too many items.
pub(crate) async fn promise_later(
    stock: &impl Stock,
    terms: &Terms,
    tenant: &TenantId,
    placed: &mut Placed,
    short: &BTreeSet<Sku>,
    now: Timestamp,
) -> Result<(), Problem> {
    let may_wait = |sku: &&Sku| {
        placed.fill != Fill::FillOrKill && terms.items().get(*sku).is_some_and(|item| item.backorder.is_some())
    };
    let barred: Vec<&Sku> = short.iter().filter(|sku| !may_wait(sku)).collect();
    if !barred.is_empty() {
        return Err(out_of_stock(barred));
    }
    let networks = stock.networks(tenant, short).await?;
    let network = |sku: &Sku| networks.get(sku).copied().unwrap_or_default();
    placed.backorder(&short.iter().map(|sku| (sku.clone(), network(sku).available)).collect());
    if placed.touches() > MAX_ITEMS {
        let rule = format!("must have at most {MAX_ITEMS} distinct items, those that are not here counted twice");
        return Err(Problem::invalid("/lines", rule));
    }
    let wanted = wanted(placed);
    let too_few = |(sku, wanted): &(&Sku, &Wanted)| network(sku).promisable < wanted.all + wanted.leave;
    let too_few: Vec<Sku> = wanted.iter().filter(too_few).map(|(sku, _)| sku.clone()).collect();
    if !too_few.is_empty() {
        return Err(out_of_stock(&too_few));
    }
    let mut latest = None;
    for (sku, wanted) in &wanted {
        latest = latest.max(due(stock, tenant, sku, network(sku), wanted).await?);
    }
    if let Some(due) = latest {
        placed.promise = terms.promise_after(placed, now, due)?;
    }
    Ok(())
}

/// Units of an item in an order that waits for some of them.
#[derive(Default)]
struct Wanted {
    all: i64,
    later: i64,
    leave: i64,
}

fn wanted(placed: &Placed) -> BTreeMap<Sku, Wanted> {
    let mut wanted: BTreeMap<Sku, Wanted> = BTreeMap::new();
    for line in &placed.lines {
        let of_sku = wanted.entry(line.sku.clone()).or_default();
        of_sku.all += i64::from(line.quantity);
        of_sku.later += i64::from(line.backordered);
        of_sku.leave = of_sku.leave.max(line.leave.into());
    }
    wanted.retain(|_, of_sku| of_sku.later > 0);
    wanted
}

/// The day on which the last unit is due: those who wait already come first.
async fn due(
    stock: &impl Stock,
    tenant: &TenantId,
    sku: &Sku,
    network: Network,
    wanted: &Wanted,
) -> Result<Option<Date>, Problem> {
    let mut missing = network.waited_for() + wanted.later;
    let mut due = None;
    for announced in stock.announced(tenant, sku).await? {
        due = Some(announced.due);
        missing -= announced.remaining;
        if missing <= 0 {
            break;
        }
    }
    Ok(due)
}
