//! What is still to come in, who waits for it, and the counts that wait for a decision.

use super::{DynamoStock, shelf};
use crate::classify::broken;
use crate::keys::{self, Item, count, need};
use jiff::Timestamp;
use std::str::FromStr;
use waybill_domain::id::{DocumentId, OrderId, Sku, TenantId};
use waybill_domain::ports::{Announced, Page, StoreError, Waiting};

/// Sort keys of units that orders wait for: who waits longest stands first.
const BACKORDER: &str = "BACKORDER#";
/// Sort keys of announcements.
const ANNOUNCED: &str = "ANNOUNCED#";

/// Where an order stands among those that wait for an item.
pub(crate) fn backorder(placed_at: Timestamp, order: &OrderId) -> String {
    format!("{BACKORDER}{}#{order}", keys::sortable(placed_at))
}

fn read<T: FromStr>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| broken("an item of stock does not parse"))
}

/// Time and identifier of a sort key that begins with a time.
fn timed<T: FromStr>(key: &str) -> Result<(Timestamp, T), StoreError> {
    let (at, id) = key.split_once('#').ok_or_else(|| broken("a key of stock begins with no time"))?;
    Ok((read(at)?, read(id)?))
}

pub(super) async fn announced(store: &DynamoStock, tenant: &TenantId, sku: &Sku) -> Result<Vec<Announced>, StoreError> {
    let items = store.items(keys::sku(tenant, sku), shelf::range(ANNOUNCED), None).await?;
    let one = |item: &Item| {
        let document = read(need(item, "sk")?.trim_start_matches(ANNOUNCED))?;
        let (site, due) = (read(need(item, "site")?)?, read(need(item, "due")?)?);
        Ok(Announced { document, site, due, remaining: count(item, "remaining")? })
    };
    let mut found = items.iter().map(one).collect::<Result<Vec<_>, StoreError>>()?;
    found.retain(|announced| announced.remaining > 0);
    found.sort_by(|a, b| (a.due, &a.document).cmp(&(b.due, &b.document)));
    Ok(found)
}

pub(super) async fn waiting(
    store: &DynamoStock,
    tenant: &TenantId,
    sku: &Sku,
    limit: usize,
) -> Result<Vec<Waiting>, StoreError> {
    let items = store.items(keys::sku(tenant, sku), shelf::range(BACKORDER), Some(limit)).await?;
    let one = |item: &Item| {
        let (since, order) = timed(need(item, "sk")?.trim_start_matches(BACKORDER))?;
        Ok(Waiting { order, units: count(item, "units")?, since })
    };
    items.iter().map(one).collect()
}

pub(super) async fn cases(
    store: &DynamoStock,
    tenant: &TenantId,
    after: Option<&str>,
    limit: usize,
) -> Result<Page<DocumentId>, StoreError> {
    // Nothing stands between a key and itself with a blank behind it.
    let from = after.map_or_else(|| "0".to_owned(), |after| format!("{after} "));
    let items = store.items(keys::stock_cases(tenant), (from, shelf::BEYOND.to_owned()), Some(limit)).await?;
    let rows =
        items.iter().map(|item| Ok(timed::<DocumentId>(need(item, "sk")?)?.1)).collect::<Result<_, StoreError>>()?;
    let full = items.len() == limit;
    let next = items.last().filter(|_| full).map(|item| need(item, "sk").map(str::to_owned)).transpose()?;
    Ok(Page { rows, next })
}
