//! Where the units of a reservation come from: the item's counter, or, of a hot item, shards on which they are held first
//! and taken by the order's transaction (docs/hot-items.md).

use super::commit::{Tried, once};
use super::{DynamoOrders, recorded};
use crate::classify::classify;
use crate::hot::{Holding, hold, release};
use crate::keys::{self, key};
use crate::stock::DynamoStock;
use std::collections::BTreeMap;
use waybill_domain::id::Sku;
use waybill_domain::ports::{Commit, Committed, HotItems, StoreError};
use waybill_domain::stock::hot::SHARDS;
use waybill_domain::stock::{Change, Counter, Kind, Movement, Place};

/// How often a commit is tried that met an item which became hot, or no longer is, or whose hold was given back.
const ATTEMPTS: u32 = 4;

/// Units of an item that an order wants out of what is here, and what it leaves to others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) units: i64,
    pub(super) leave: i64,
}

/// Per hot item, the shards that hold its units for the order. An item that is not here is taken from its counter.
pub(super) type Supplies = BTreeMap<Sku, Vec<(u16, i64)>>;

/// What an event reserves.
pub(super) fn wanted(movements: &[Movement]) -> BTreeMap<Sku, Wanted> {
    let mut wanted: BTreeMap<Sku, Wanted> = BTreeMap::new();
    for movement in movements.iter().filter(|movement| movement.kind == Kind::Reserved) {
        let one = wanted.entry(movement.sku.clone()).or_default();
        one.units += movement.quantity;
        one.leave = one.leave.max(movement.leave);
    }
    wanted
}

/// What of a change the item's counter is left with, where shards supply the reservation.
pub(super) fn without(mut change: Change, supplies: &Supplies) -> Change {
    let held = supplies.get(&change.shelf.sku).filter(|_| change.shelf.place == Place::Network);
    let Some(held) = held else { return change };
    let units: i64 = held.iter().map(|(_, units)| units).sum();
    for (counter, delta) in &mut change.deltas {
        match counter {
            Counter::Available | Counter::Promisable | Counter::Fillable => *delta += units,
            Counter::OnHand | Counter::Allocated | Counter::Free | Counter::Held | Counter::Remaining => {}
        }
    }
    change.deltas.retain(|(_, delta)| *delta != 0);
    change.guards.retain(|(counter, _)| *counter != Counter::Available);
    change
}

/// Stores an event that reserves units.
pub(super) async fn commit(
    store: &DynamoOrders,
    commit: Commit<'_>,
    wanted: &BTreeMap<Sku, Wanted>,
) -> Result<Committed, StoreError> {
    let (tenant, heat) = (&commit.after.tenant, &store.heat);
    let missing: Vec<Sku> = wanted
        .iter()
        .filter(|(sku, one)| heat.is_sold_out(tenant, sku, one.units + one.leave))
        .map(|(sku, _)| sku.clone())
        .collect();
    if !missing.is_empty() {
        return refused(store, commit, missing).await;
    }
    for _ in 0..ATTEMPTS {
        let (supplies, missing) = held(store, commit, wanted).await?;
        if !missing.is_empty() {
            give_back(store, commit, &supplies).await?;
            return refused(store, commit, missing).await;
        }
        let tried = once(store, commit, &supplies).await;
        if !matches!(tried, Ok(Tried::Done(Committed::Stored))) {
            // Also where nobody knows what became of it: a hold that the order took is not there to be given back.
            give_back(store, commit, &supplies).await?;
        }
        match tried? {
            Tried::Done(committed) => return Ok(committed),
            Tried::Otherwise => {}
            Tried::Collided => {
                if !warmed(store, commit, wanted).await? {
                    return Err(StoreError::Conflict);
                }
            }
        }
    }
    Err(StoreError::Conflict)
}

/// Holds the units of what is hot: the holds, and the items that have not so many.
async fn held(
    store: &DynamoOrders,
    commit: Commit<'_>,
    wanted: &BTreeMap<Sku, Wanted>,
) -> Result<(Supplies, Vec<Sku>), StoreError> {
    let (mut supplies, tenant) = (Supplies::new(), &commit.after.tenant);
    for (sku, Wanted { units, leave }) in wanted {
        let Some(shards) = store.heat.shards(tenant, sku) else { continue };
        let held = hold(holding(store, commit), &store.heat, sku, (*units, *leave), shards).await;
        match held {
            Ok(crate::hot::Hold::On(held)) => drop(supplies.insert(sku.clone(), held)),
            Ok(crate::hot::Hold::Counter) => {}
            Ok(crate::hot::Hold::None) => return Ok((supplies, vec![sku.clone()])),
            Err(error) => {
                give_back(store, commit, &supplies).await?;
                return Err(error);
            }
        }
    }
    Ok((supplies, Vec::new()))
}

fn holding<'a>(store: &'a DynamoOrders, commit: Commit<'a>) -> Holding<'a> {
    let Commit { after, recorded, .. } = commit;
    let (client, table) = (&store.client, store.stock.as_str());
    Holding { client, table, tenant: &after.tenant, order: &after.id, at: recorded.at }
}

async fn give_back(store: &DynamoOrders, commit: Commit<'_>, supplies: &Supplies) -> Result<(), StoreError> {
    for (sku, held) in supplies {
        release(holding(store, commit), sku, held).await?;
    }
    Ok(())
}

/// Not enough units; unless the order was placed before, by the same call: then it has them.
async fn refused(store: &DynamoOrders, commit: Commit<'_>, missing: Vec<Sku>) -> Result<Committed, StoreError> {
    if commit.before.is_some() {
        return Ok(Committed::Short(missing));
    }
    let first = key(keys::order(&commit.after.tenant, &commit.after.id), keys::event(1));
    let get = store.client.get_item().table_name(&store.orders).consistent_read(true).set_key(Some(first));
    match get.send().await.map_err(classify)?.item {
        Some(item) => Ok(Committed::Exists(Box::new(recorded(&item)?))),
        None => Ok(Committed::Short(missing)),
    }
}

/// Transactions ran into each other: an item to which that has happened often enough is spread over shards. Was one?
async fn warmed(store: &DynamoOrders, commit: Commit<'_>, wanted: &BTreeMap<Sku, Wanted>) -> Result<bool, StoreError> {
    let tenant = &commit.after.tenant;
    let stock = DynamoStock::new(store.client.clone(), store.stock.clone());
    let mut any = false;
    for sku in wanted.keys().filter(|sku| store.heat.shards(tenant, sku).is_none()) {
        if store.heat.collided(tenant, sku) && stock.spread(tenant, sku, SHARDS, commit.recorded.at).await? {
            store.heat.learn(tenant, sku, SHARDS);
            any = true;
        }
    }
    Ok(any)
}
