#![doc = include_str!("../README.md")]

use jiff::Timestamp;
use std::collections::BTreeSet;
use waybill_domain::id::{Sku, TenantId};
use waybill_domain::ports::{Orders, Stock};
use waybill_domain::stock::Place;
use waybill_lambda::backorders::fill;
use waybill_lambda::{Fault, Halt};

pub use waybill_lambda::stream::{Change, Record, StreamEvent};

/// Who it is on timelines.
const ACTOR: &str = "fill-backorders";

/// Fills what a batch shows to be there. Answers the orders that got some.
///
/// # Errors
/// The first failure. The whole batch comes again then; what was given stays given.
pub async fn handle(
    orders: &impl Orders,
    stock: &impl Stock,
    event: StreamEvent,
    now: Timestamp,
) -> Result<Vec<String>, Halt> {
    let mut items: BTreeSet<(TenantId, Sku)> = BTreeSet::new();
    for record in &event.records {
        items.extend(wanted(&record.dynamodb)?);
    }
    let mut filled = Vec::new();
    for (tenant, sku) in &items {
        let given = fill(orders, stock, (tenant, sku), ACTOR, now).await?;
        filled.extend(given.iter().map(ToString::to_string));
    }
    Ok(filled)
}

/// The item, if units of it are here that nobody claims, and somebody waits for some.
fn wanted(change: &Change) -> Result<Option<(TenantId, Sku)>, Fault> {
    let text = |name: &str| change.keys[name]["S"].as_str().unwrap_or_default();
    let Some((tenant, shelf)) = waybill_aws::shelf_of_key(text("pk"), text("sk")) else { return Ok(None) };
    if shelf.place != Place::Network {
        return Ok(None);
    }
    let (available, fillable) = (units(change, "available")?, units(change, "fillable")?);
    Ok((fillable > 0 && fillable > available).then_some((tenant, shelf.sku)))
}

fn units(change: &Change, name: &str) -> Result<i64, Fault> {
    match change.new_image[name]["N"].as_str() {
        None => Ok(0),
        Some(digits) => digits.parse().map_err(|_| Fault::Malformed(format!("{name} is no number of units").into())),
    }
}
