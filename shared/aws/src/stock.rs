//! Stock levels, and their adjustment by staff.

use crate::classify::{broken, classify};
use crate::keys::{self, Item, count, key, need, number, text};
use crate::transaction::{Sent, missed, transact};
use crate::{batch, counters};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use waybill_domain::id::{SiteId, Sku, TenantId};
use waybill_domain::ports::{Stock, StoreError};
use waybill_domain::stock::{Change, Kind, Level, Movement, changes};

/// Counters per SKU: network-wide and per site.
#[derive(Clone, Debug)]
pub struct DynamoStock {
    client: Client,
    table: String,
}

impl DynamoStock {
    /// Counters in `table`.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    fn movement(
        &self,
        tenant: &TenantId,
        movement: &Movement,
        id: &str,
        at: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let mut item = key(keys::sku(tenant, &movement.sku), format!("MOVEMENT#{id}"));
        let body = serde_json::to_string(movement).map_err(|error| broken(error.to_string()))?;
        item.insert("body".to_owned(), text(body));
        item.insert("at".to_owned(), text(at.to_string()));
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = put.build().map_err(|error| broken(error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// A counter change; at the site also on the condition that nobody moved the level since it was read.
    fn change(&self, tenant: &TenantId, change: &Change, was: &Level) -> Result<TransactWriteItem, StoreError> {
        let unmoved = match was.on_hand {
            0 => "(attribute_not_exists(#on_hand) OR #on_hand = :was)",
            _ => "#on_hand = :was",
        };
        let also = change.shelf.site.is_some().then_some(unmoved);
        let mut update = counters::update(&self.table, tenant, change, also);
        if also.is_some() {
            update = update.expression_attribute_values(":was", number(was.on_hand));
        }
        let update = update.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let update = update.build().map_err(|error| broken(error.to_string()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    async fn items(&self, tenant: &TenantId, sku: &Sku) -> Result<Vec<Item>, StoreError> {
        // ATP and SITE# stand around MOVEMENT#: two short ranges would be two requests, so the counters are asked for by name.
        let mut found = Vec::new();
        for (from, to) in [("ATP", "ATP"), ("SITE#", "SITE#~")] {
            let got = self
                .client
                .query()
                .table_name(&self.table)
                .consistent_read(true)
                .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
                .expression_attribute_values(":pk", text(keys::sku(tenant, sku)))
                .expression_attribute_values(":from", text(from))
                .expression_attribute_values(":to", text(to))
                .send()
                .await
                .map_err(classify)?;
            found.extend(got.items.unwrap_or_default());
        }
        Ok(found)
    }
}

/// Site and SKU of a level's key.
fn place(item: &Item) -> Result<(SiteId, Sku), StoreError> {
    let odd = || broken("a level's key does not parse");
    let (_, sku) = need(item, "pk")?.split_once("#SKU#").ok_or_else(odd)?;
    let site = need(item, "sk")?.strip_prefix("SITE#").ok_or_else(odd)?;
    Ok((site.parse().map_err(|_| odd())?, sku.parse().map_err(|_| odd())?))
}

fn level(item: &Item) -> Result<Level, StoreError> {
    Ok(Level {
        on_hand: count(item, "on_hand")?,
        allocated: count(item, "allocated")?,
        free: count(item, "free")?,
        held: count(item, "held")?,
    })
}

/// What a refused adjustment means. Its reasons are those of the movement, then of the counters.
fn refusal(reasons: &[CancellationReason], quantity: i64, was: Level) -> Result<Option<Level>, StoreError> {
    // The level as it is by now: what was decided was decided on another one.
    let moved = |reason: &CancellationReason| {
        let level = reason.item().filter(|item| item.contains_key("on_hand"));
        level.is_some_and(|item| !count(item, "on_hand").is_ok_and(|now| now == was.on_hand))
    };
    match () {
        // This id has moved stock before: the level is what it led to and others have since.
        () if reasons.first().is_some_and(missed) => Ok(Some(was)),
        () if reasons.iter().any(moved) => Err(StoreError::Conflict),
        () if quantity < 0 => Ok(None),
        () => Err(StoreError::Conflict),
    }
}

impl Stock for DynamoStock {
    async fn levels(&self, tenant: &TenantId, sku: &Sku) -> Result<(i64, Vec<(SiteId, Level)>), StoreError> {
        let mut available = 0;
        let mut sites = Vec::new();
        for item in self.items(tenant, sku).await? {
            match need(&item, "sk")?.strip_prefix("SITE#") {
                None => available = count(&item, "available")?,
                Some(site) => {
                    let site = site.parse().map_err(|_| broken("a level of no site"))?;
                    sites.push((site, level(&item)?));
                }
            }
        }
        Ok((available, sites))
    }

    async fn free(
        &self,
        tenant: &TenantId,
        skus: &BTreeSet<Sku>,
        sites: &[SiteId],
    ) -> Result<BTreeMap<(SiteId, Sku), i64>, StoreError> {
        let at = |(sku, site)| key(keys::sku(tenant, sku), keys::shelf(Some(site)));
        let places = skus.iter().flat_map(|sku| sites.iter().map(move |site| (sku, site))).map(at).collect();
        let levels = batch::items(&self.client, &self.table, places).await?;
        levels.iter().map(|level| Ok((place(level)?, count(level, "free")?))).collect()
    }

    async fn set_on_hand(
        &self,
        tenant: &TenantId,
        sku: &Sku,
        site: &SiteId,
        on_hand: i64,
        id: &str,
        at: Timestamp,
    ) -> Result<Option<Level>, StoreError> {
        let (_, sites) = self.levels(tenant, sku).await?;
        let was = sites.into_iter().find(|(there, _)| there == site).map(|(_, level)| level).unwrap_or_default();
        let quantity = on_hand - was.on_hand;
        if quantity == 0 {
            return Ok(Some(was));
        }
        let movement = Movement { kind: Kind::Adjusted, sku: sku.clone(), site: Some(site.clone()), quantity };
        let mut items = vec![self.movement(tenant, &movement, id, at)?];
        for change in changes(std::slice::from_ref(&movement)) {
            items.push(self.change(tenant, &change, &was)?);
        }
        match transact(&self.client, &items).await? {
            Sent::Written => Ok(Some(Level { on_hand, free: was.free + quantity, ..was })),
            Sent::Refused(reasons) => refusal(&reasons, quantity, was),
        }
    }
}
