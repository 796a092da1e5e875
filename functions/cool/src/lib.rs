#![doc = include_str!("../README.md")]

use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use waybill_domain::ports::{HotItem, HotItems, StoreError};
use waybill_domain::stock::hot::{COOL_BELOW, Shard};
use waybill_lambda::{Fault, Halt};

/// How long an item's heat is measured before it is judged.
pub const MEASURED_FOR: SignedDuration = SignedDuration::from_mins(10);

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cooled {
    /// Items that are hot.
    pub hot: usize,
    /// Units given back.
    pub given_back: i64,
    /// Items gathered.
    pub gathered: usize,
    /// Items that could not be looked at; the next run does.
    pub failed: usize,
}

impl std::fmt::Display for Cooled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { hot, given_back, gathered, failed } = self;
        write!(f, "{hot} hot, {given_back} units given back, {gathered} gathered, {failed} failed")
    }
}

/// Looks at every hot item.
///
/// # Errors
/// The list of hot items could not be read. One item's failure does not keep the others from being looked at.
pub async fn handle(stock: &impl HotItems, now: Timestamp) -> Result<Cooled, Halt> {
    let mut cooled = Cooled::default();
    for item in stock.hot().await? {
        cooled.hot += 1;
        if let Err(error) = look(stock, &item, now, &mut cooled).await {
            tracing::warn!(sku = item.sku.as_str(), "not cooled: {}", Fault::from(error).chain());
            cooled.failed += 1;
        }
    }
    Ok(cooled)
}

async fn look(stock: &impl HotItems, item: &HotItem, now: Timestamp, cooled: &mut Cooled) -> Result<(), StoreError> {
    let shards = stock.shards(&item.tenant, &item.sku, item.shards).await?;
    for (number, shard) in &shards {
        for (order, held) in shard.abandoned(now) {
            stock.give_back(item, order, (*number, held.units), now).await?;
            cooled.given_back += held.units;
        }
    }
    let taken = taken(&shards);
    match item.read_at.map(|read_at| now.duration_since(read_at)) {
        Some(since) if since < MEASURED_FOR => Ok(()),
        Some(since) if is_cool(taken - item.taken, since) => {
            cooled.gathered += usize::from(stock.gather(&item.tenant, &item.sku, now).await?);
            Ok(())
        }
        Some(_) | None => stock.measured(item, taken, now).await,
    }
}

fn taken(shards: &BTreeMap<u16, Shard>) -> i64 {
    shards.values().map(|shard| shard.taken).sum()
}

/// Were fewer units taken than a hot item gives in this time?
fn is_cool(taken: i64, since: SignedDuration) -> bool {
    taken < COOL_BELOW * since.as_mins().max(1)
}
