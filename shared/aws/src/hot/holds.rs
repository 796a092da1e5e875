//! Holds: units taken on a shard by one plain conditional update, for an order whose transaction takes the hold with it.

use super::{Heat, shards, shards_of};
use crate::classify::{broken, classify};
use crate::keys::{self, Item, count, key, number, text};
use crate::transaction::{Sent, transact};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use jiff::Timestamp;
use std::collections::HashMap;
use waybill_domain::id::{OrderId, Sku, TenantId};
use waybill_domain::ports::StoreError;
use waybill_domain::stock::hot::{home, left_by_each, plan};

/// How often the fullest shards are tried, each time as they are by then.
const ATTEMPTS: u32 = 4;
/// How often an update is sent that ran into a transaction.
const COLLISIONS: u32 = 5;

/// For whom units are held.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holding<'a> {
    pub(crate) client: &'a Client,
    pub(crate) table: &'a str,
    pub(crate) tenant: &'a TenantId,
    pub(crate) order: &'a OrderId,
    pub(crate) at: Timestamp,
}

/// What became of a hold on one shard.
enum Tried {
    Held,
    /// It was held before, by an earlier run of the same call: so many units.
    Before(i64),
    Short,
}

/// Where the units of a hot item are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Held on these shards, so many on each.
    On(Vec<(u16, i64)>),
    /// On the item's own counter: what was given back while it is hot, or all of them, once it no longer is.
    Counter,
    /// There are not so many.
    None,
}

/// Holds `units` of a hot item, leaving `leave` to others.
pub(crate) async fn hold(
    holding: Holding<'_>,
    heat: &Heat,
    sku: &Sku,
    (units, leave): (i64, i64),
    shards: u16,
) -> Result<Hold, StoreError> {
    let home = home(holding.order, shards);
    let each = left_by_each(leave, shards);
    match holding.on(sku, home, units, each).await? {
        Tried::Held => return Ok(Hold::On(vec![(home, units)])),
        Tried::Before(held) if held == units => return Ok(Hold::On(vec![(home, held)])),
        // Part of a hold over several shards: they are found below.
        Tried::Before(_) | Tried::Short => {}
    }
    for _ in 0..ATTEMPTS {
        let there = shards_of(holding.client, holding.table, holding.tenant, sku, shards).await?;
        let own: Vec<_> = there.iter().filter_map(|(n, s)| Some((*n, s.holds.get(holding.order)?.units))).collect();
        if own.iter().map(|(_, held)| held).sum::<i64>() == units {
            return Ok(Hold::On(own));
        }
        release(holding, sku, &own).await?;
        let free = there.iter().map(|(number, shard)| (*number, shard.available - each)).collect();
        let Some(plan) = plan(&free, units) else { return holding.elsewhere(heat, sku, units + leave).await };
        if let Some(held) = holding.all(sku, plan, each).await? {
            return Ok(Hold::On(held));
        }
    }
    Err(StoreError::Conflict)
}

/// Gives back what was held and not taken by the order: to the item's counter, where everybody finds it. A hold that is
/// gone has been taken or given back.
pub(crate) async fn release(holding: Holding<'_>, sku: &Sku, held: &[(u16, i64)]) -> Result<(), StoreError> {
    for (shard, units) in held {
        let items = [holding.taking(sku, *shard)?, holding.returning(sku, *units)?];
        match transact(holding.client, &items).await? {
            Sent::Written | Sent::Refused(_) => {}
        }
    }
    Ok(())
}

impl Holding<'_> {
    /// The shards have not so many: has the counter?
    async fn elsewhere(self, heat: &Heat, sku: &Sku, units: i64) -> Result<Hold, StoreError> {
        let get = self.client.get_item().table_name(self.table).consistent_read(true);
        let counter = get.set_key(Some(key(keys::sku(self.tenant, sku), "ATP"))).send().await.map_err(classify)?.item;
        heat.learn(self.tenant, sku, shards_told(counter.as_ref())?);
        if counter.as_ref().map_or(Ok(0), |counter| count(counter, "available"))? >= units {
            return Ok(Hold::Counter);
        }
        heat.was_short(self.tenant, sku, units);
        Ok(Hold::None)
    }

    /// All of the plan, or nothing of it.
    async fn all(self, sku: &Sku, plan: Vec<(u16, i64)>, leave: i64) -> Result<Option<Vec<(u16, i64)>>, StoreError> {
        let mut held = Vec::new();
        for (shard, units) in plan {
            match self.on(sku, shard, units, leave).await? {
                Tried::Held => held.push((shard, units)),
                Tried::Before(_) | Tried::Short => {
                    release(self, sku, &held).await?;
                    return Ok(None);
                }
            }
        }
        Ok(Some(held))
    }

    async fn on(self, sku: &Sku, shard: u16, units: i64, leave: i64) -> Result<Tried, StoreError> {
        let hold =
            HashMap::from([("units".to_owned(), number(units)), ("since".to_owned(), number(self.at.as_second()))]);
        let mut collisions = 0;
        loop {
            let update = self
                .client
                .update_item()
                .table_name(self.table)
                .set_key(Some(key(keys::shard(self.tenant, sku, shard), "ATP")))
                .update_expression(
                    "SET #holds.#order = :hold, #cause = :cause, #moved_at = :at ADD #available :less, #taken :units",
                )
                .condition_expression("#available >= :least AND attribute_not_exists(#holds.#order)")
                .set_expression_attribute_names(Some(names(&["holds", "cause", "moved_at", "available", "taken"])))
                .expression_attribute_names("#order", self.order.as_str())
                .expression_attribute_values(":hold", AttributeValue::M(hold.clone()))
                .expression_attribute_values(":cause", text(format!("hold#{}", self.order)))
                .expression_attribute_values(":at", text(self.at.to_string()))
                .expression_attribute_values(":less", number(-units))
                .expression_attribute_values(":units", number(units))
                .expression_attribute_values(":least", number(units + leave))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
            let Err(error) = update.send().await else { return Ok(Tried::Held) };
            match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    return self.refused(failed.item());
                }
                Some(UpdateItemError::TransactionConflictException(_)) if collisions < COLLISIONS => collisions += 1,
                // It only ran into others: the caller reads again, and finds another shard perhaps.
                Some(UpdateItemError::TransactionConflictException(_)) => return Err(StoreError::Conflict),
                _ => return Err(classify(error)),
            }
        }
    }

    fn refused(self, item: Option<&Item>) -> Result<Tried, StoreError> {
        let before = item.map(shards::read).transpose()?.and_then(|shard| shard.holds.get(self.order).copied());
        Ok(before.map_or(Tried::Short, |held| Tried::Before(held.units)))
    }

    /// The hold is taken off the shard, once.
    pub(crate) fn taking(self, sku: &Sku, shard: u16) -> Result<TransactWriteItem, StoreError> {
        self.taking_as(sku, shard, &format!("hold#{}", self.order))
    }

    /// As [`Self::taking`], by this cause.
    pub(crate) fn taking_as(self, sku: &Sku, shard: u16, cause: &str) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(self.table)
            .set_key(Some(key(keys::shard(self.tenant, sku, shard), "ATP")))
            .update_expression("SET #cause = :cause, #moved_at = :at REMOVE #holds.#order")
            .condition_expression("attribute_exists(#holds.#order)")
            .set_expression_attribute_names(Some(names(&["holds", "cause", "moved_at"])))
            .expression_attribute_names("#order", self.order.as_str())
            .expression_attribute_values(":cause", text(cause))
            .expression_attribute_values(":at", text(self.at.to_string()));
        let update = update.build().map_err(|error| broken(error.to_string()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    fn returning(self, sku: &Sku, units: i64) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(self.table)
            .set_key(Some(key(keys::sku(self.tenant, sku), "ATP")))
            .update_expression(
                "SET #cause = :cause, #moved_at = :at ADD #available :units, #promisable :units, #fillable :units",
            )
            .set_expression_attribute_names(Some(names(&["cause", "moved_at", "available", "promisable", "fillable"])))
            .expression_attribute_values(":cause", text(format!("hold#{}", self.order)))
            .expression_attribute_values(":at", text(self.at.to_string()))
            .expression_attribute_values(":units", number(units));
        let update = update.build().map_err(|error| broken(error.to_string()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

/// Aliases: some names are reserved words.
pub(super) fn names(names: &[&str]) -> HashMap<String, String> {
    names.iter().map(|name| (format!("#{name}"), (*name).to_owned())).collect()
}

/// The number of shards that an item's counter tells of; none: it is not hot.
pub(crate) fn shards_told(counter: Option<&Item>) -> Result<u16, StoreError> {
    let told = counter.map_or(Ok(0), |item| count(item, "shards"))?;
    u16::try_from(told).map_err(|_| broken("a number of shards that is none"))
}
