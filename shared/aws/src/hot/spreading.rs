//! Spreading a hot item's units over shards, and gathering them again.

use super::holds::names;
use super::{Holding, release, shards_of};
use crate::classify::{broken, classify};
use crate::keys::{self, count, key, need, number, text};
use crate::stock::DynamoStock;
use crate::transaction::{Sent, transact};
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use waybill_domain::id::{Sku, TenantId};
use waybill_domain::ports::{HotItem, HotItems, StoreError};
use waybill_domain::stock::hot::{MOST_SHARDS, Shard, spread};

/// How often the units are spread anew that moved meanwhile.
const ATTEMPTS: u32 = 10;
/// The partition that lists what is hot, of all tenants: whoever cools items has to find them. It holds no data of theirs.
const HOT: &str = "HOT";

impl HotItems for DynamoStock {
    async fn spread(&self, tenant: &TenantId, sku: &Sku, shards: u16, at: Timestamp) -> Result<bool, StoreError> {
        let shards = shards.clamp(1, MOST_SHARDS);
        for _ in 0..ATTEMPTS {
            let get = self.client.get_item().table_name(&self.table).consistent_read(true);
            let counter = get.set_key(Some(key(keys::sku(tenant, sku), "ATP"))).send().await.map_err(classify)?.item;
            let Some(counter) = counter.filter(|counter| !counter.contains_key("shards")) else { return Ok(false) };
            let there = count(&counter, "available")?.max(0);
            match transact(&self.client, &self.spreading(tenant, sku, &spread(there, shards), at)?).await? {
                Sent::Written => return Ok(true),
                Sent::Refused(_) => {}
            }
        }
        Err(StoreError::Conflict)
    }

    async fn gather(&self, tenant: &TenantId, sku: &Sku, at: Timestamp) -> Result<bool, StoreError> {
        let shards = self.shard_count(tenant, sku).await?;
        for (number, shard) in shards_of(&self.client, &self.table, tenant, sku, shards).await? {
            if shard.available != 0 && !self.empty(tenant, sku, (number, shard.available), at).await? {
                return Ok(false);
            }
        }
        // From here on nobody looks for units there, and none are.
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(keys::sku(tenant, sku), "ATP")))
            .update_expression("REMOVE #shards")
            .condition_expression("#shards = :shards")
            .set_expression_attribute_names(Some(names(&["shards"])))
            .expression_attribute_values(":shards", number(shards));
        match update.send().await.map_err(classify) {
            Ok(_) | Err(StoreError::Conflict) => {}
            Err(error @ (StoreError::Unavailable(_) | StoreError::Broken(_))) => return Err(error),
        }
        let left = shards_of(&self.client, &self.table, tenant, sku, shards).await?;
        if left.values().any(|shard| shard.available != 0 || !shard.holds.is_empty()) {
            return Ok(false);
        }
        let delete = self.client.delete_item().table_name(&self.table).set_key(Some(key(HOT, keys::sku(tenant, sku))));
        delete.send().await.map_err(classify)?;
        Ok(true)
    }

    async fn hot(&self) -> Result<Vec<HotItem>, StoreError> {
        let mut items = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :hot")
            .expression_attribute_values(":hot", text(HOT))
            .into_paginator()
            .items()
            .send();
        let mut found = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(classify)?;
            let odd = || broken("what is listed as hot is no item");
            let (tenant, sku) = keys::split_sku(need(&item, "sk")?).ok_or_else(odd)?;
            let shards = u16::try_from(count(&item, "shards")?).map_err(|_| odd())?;
            let read_at = item.get("read_at").map(|_| need(&item, "read_at")).transpose()?;
            let read_at = read_at.map(str::parse).transpose().map_err(|_| odd())?;
            found.push(HotItem { tenant, sku, shards, taken: count(&item, "taken")?, read_at });
        }
        Ok(found)
    }

    async fn shards(&self, tenant: &TenantId, sku: &Sku, shards: u16) -> Result<BTreeMap<u16, Shard>, StoreError> {
        shards_of(&self.client, &self.table, tenant, sku, shards).await
    }

    async fn measured(&self, item: &HotItem, taken: i64, at: Timestamp) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(HOT, keys::sku(&item.tenant, &item.sku))))
            .update_expression("SET #taken = :taken, #read_at = :at")
            .condition_expression("attribute_exists(pk)")
            .set_expression_attribute_names(Some(names(&["taken", "read_at"])))
            .expression_attribute_values(":taken", number(taken))
            .expression_attribute_values(":at", text(at.to_string()));
        match update.send().await.map_err(classify) {
            Ok(_) | Err(StoreError::Conflict) => Ok(()),
            Err(error @ (StoreError::Unavailable(_) | StoreError::Broken(_))) => Err(error),
        }
    }

    async fn give_back(
        &self,
        item: &HotItem,
        order: &waybill_domain::id::OrderId,
        (shard, units): (u16, i64),
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (client, table, tenant) = (&self.client, self.table.as_str(), &item.tenant);
        release(Holding { client, table, tenant, order, at }, &item.sku, &[(shard, units)]).await
    }
}

impl DynamoStock {
    async fn shard_count(&self, tenant: &TenantId, sku: &Sku) -> Result<u16, StoreError> {
        let get = self.client.get_item().table_name(&self.table).consistent_read(true);
        let item = get.set_key(Some(key(HOT, keys::sku(tenant, sku)))).send().await.map_err(classify)?.item;
        let shards = item.as_ref().map_or(Ok(0), |item| count(item, "shards"))?;
        u16::try_from(shards).map_err(|_| broken("a number of shards that is none"))
    }

    /// The counter gives its units to the shards, and from then on says how many there are.
    fn spreading(
        &self,
        tenant: &TenantId,
        sku: &Sku,
        shares: &[i64],
        at: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let sum: i64 = shares.iter().sum();
        let counter = self
            .moving(key(keys::sku(tenant, sku), "ATP"), -sum, true, at)
            .update_expression(
                "SET #cause = :cause, #moved_at = :at, #shards = :shards \
                 ADD #available :units, #promisable :units, #fillable :units",
            )
            .condition_expression("#available >= :least AND attribute_not_exists(#shards)")
            .expression_attribute_names("#shards", "shards")
            .expression_attribute_values(":least", number(sum))
            .expression_attribute_values(":shards", number(shares.len()));
        let mut items = vec![built(counter)?];
        for (units, shard) in shares.iter().zip(0_u16..) {
            let shard = self
                .moving(key(keys::shard(tenant, sku, shard), "ATP"), *units, false, at)
                .update_expression(
                    "SET #cause = :cause, #moved_at = :at, #holds = if_not_exists(#holds, :none) ADD #available :units",
                )
                .expression_attribute_names("#holds", "holds")
                .expression_attribute_values(":none", AttributeValue::M(HashMap::new()));
            items.push(built(shard)?);
        }
        let mut listed = key(HOT, keys::sku(tenant, sku));
        listed.insert("shards".to_owned(), number(shares.len()));
        let put = Put::builder().table_name(&self.table).set_item(Some(listed)).build();
        let put = put.map_err(|error| broken(error.to_string()))?;
        items.push(TransactWriteItem::builder().put(put).build());
        Ok(items)
    }

    /// A shard gives its units back to the counter.
    async fn empty(
        &self,
        tenant: &TenantId,
        sku: &Sku,
        (shard, units): (u16, i64),
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let from = self
            .moving(key(keys::shard(tenant, sku, shard), "ATP"), -units, false, at)
            .update_expression("SET #cause = :cause, #moved_at = :at ADD #available :units")
            .condition_expression("#available >= :least")
            .expression_attribute_values(":least", number(units));
        let to = self.moving(key(keys::sku(tenant, sku), "ATP"), units, true, at).update_expression(
            "SET #cause = :cause, #moved_at = :at ADD #available :units, #promisable :units, #fillable :units",
        );
        Ok(matches!(transact(&self.client, &[built(from)?, built(to)?]).await?, Sent::Written))
    }

    /// `units` more of `available`, and on a counter of all three.
    fn moving(
        &self,
        item: crate::keys::Item,
        units: i64,
        is_counter: bool,
        at: Timestamp,
    ) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
        let all: &[&str] = if is_counter {
            &["cause", "moved_at", "available", "promisable", "fillable"]
        } else {
            &["cause", "moved_at", "available"]
        };
        Update::builder()
            .table_name(&self.table)
            .set_key(Some(item))
            .set_expression_attribute_names(Some(names(all)))
            .expression_attribute_values(":cause", text(format!("heat#{at}")))
            .expression_attribute_values(":at", text(at.to_string()))
            .expression_attribute_values(":units", number(units))
    }
}

fn built(update: aws_sdk_dynamodb::types::builders::UpdateBuilder) -> Result<TransactWriteItem, StoreError> {
    let update = update.build().map_err(|error| broken(error.to_string()))?;
    Ok(TransactWriteItem::builder().update(update).build())
}
