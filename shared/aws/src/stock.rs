//! Stock levels, and the documents that move them.

mod documents;
pub(crate) mod lists;
pub(crate) mod shelf;

use crate::batch;
use crate::classify::{broken, classify};
use crate::keys::{self, Item, count, key, need, text};
use aws_sdk_dynamodb::Client;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use waybill_domain::id::{DocumentId, SiteId, Sku, TenantId};
use waybill_domain::ports::{Announced, Filed, Levels, Page, SiteStock, Stock, StoreError, Waiting};
use waybill_domain::stock::{Document, Level, Network, Place, Seen, Shelf};

/// Counters per SKU, network-wide, per site and per stow; what is announced, who waits, and the documents of stock.
#[derive(Clone, Debug)]
pub struct DynamoStock {
    pub(crate) client: Client,
    pub(crate) table: String,
}

impl DynamoStock {
    /// Counters in `table`.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// Items of a partition from the first to the last of these sort keys, read consistently; at most `limit`.
    async fn items(
        &self,
        pk: String,
        (from, to): (String, String),
        limit: Option<usize>,
    ) -> Result<Vec<Item>, StoreError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", text(pk))
            .expression_attribute_values(":from", text(from))
            .expression_attribute_values(":to", text(to))
            .set_limit(limit.and_then(|limit| i32::try_from(limit).ok()))
            .into_paginator()
            .items()
            .send();
        let mut items = Vec::new();
        while limit.is_none_or(|limit| items.len() < limit) {
            let Some(item) = pages.next().await else { break };
            items.push(item.map_err(classify)?);
        }
        Ok(items)
    }
}

fn level(item: &Item) -> Result<Level, StoreError> {
    Ok(Level {
        on_hand: count(item, "on_hand")?,
        allocated: count(item, "allocated")?,
        free: count(item, "free")?,
        held: count(item, "held")?,
    })
}

/// With the counters of this item, which may be a part of them.
fn with(network: Network, item: &Item) -> Result<Network, StoreError> {
    Ok(Network {
        available: network.available + count(item, "available")?,
        promisable: network.promisable + count(item, "promisable")?,
        fillable: network.fillable + count(item, "fillable")?,
    })
}

/// The keys of a hot item's shards; of any other item, none.
fn shards(item: &Item) -> Result<Vec<Item>, StoreError> {
    let odd = || broken("an item has an odd number of shards");
    let (tenant, shelf) = shelf::shelf_of_key(need(item, "pk")?, need(item, "sk")?).ok_or_else(odd)?;
    let shards = u16::try_from(count(item, "shards")?).map_err(|_| odd())?;
    Ok((0..shards).map(|number| key(keys::shard(&tenant, &shelf.sku, number), shelf::NETWORK)).collect())
}

fn time(item: &Item, name: &str) -> Result<Option<Timestamp>, StoreError> {
    let Some(said) = item.get(name) else { return Ok(None) };
    let at = said.as_s().ok().and_then(|at| at.parse().ok());
    at.map(Some).ok_or_else(|| broken(format!("`{name}` is no time")))
}

impl Stock for DynamoStock {
    async fn levels(&self, tenant: &TenantId, sku: &Sku) -> Result<Levels, StoreError> {
        let mut levels = Levels::default();
        let get = self.client.get_item().table_name(&self.table).consistent_read(true);
        let network = shelf::key(tenant, &Shelf::network(sku.clone()));
        if let Some(item) = get.set_key(Some(network)).send().await.map_err(classify)?.item {
            let parts = batch::items(&self.client, &self.table, shards(&item)?).await?;
            levels.network = std::iter::once(&item).chain(&parts).try_fold(Network::default(), with)?;
        }
        for item in self.items(keys::sku(tenant, sku), shelf::range("SITE#"), None).await? {
            let level = level(&item)?;
            match (shelf::shelf(&item)?.place, levels.sites.last_mut()) {
                (Place::Site(site), _) => {
                    let counted_at = time(&item, "counted_at")?;
                    levels.sites.push(SiteStock { site, level, counted_at, stows: Vec::new() });
                }
                (Place::Stow(site, stow), Some(last)) if last.site == site => last.stows.push((stow, level)),
                (Place::Stow(..) | Place::Network | Place::Announced(_), _) => {
                    return Err(broken("a stow of a site that has no counters"));
                }
            }
        }
        Ok(levels)
    }

    async fn networks(&self, tenant: &TenantId, skus: &BTreeSet<Sku>) -> Result<BTreeMap<Sku, Network>, StoreError> {
        let wanted = skus.iter().map(|sku| shelf::key(tenant, &Shelf::network(sku.clone()))).collect();
        let items = batch::lagging(&self.client, &self.table, wanted).await?;
        let parts = items.iter().map(shards).collect::<Result<Vec<_>, _>>()?.concat();
        let parts = batch::lagging(&self.client, &self.table, parts).await?;
        let mut found: BTreeMap<Sku, Network> = BTreeMap::new();
        for item in items.iter().chain(&parts) {
            let sum = found.entry(shelf::shelf(item)?.sku).or_default();
            *sum = with(*sum, item)?;
        }
        Ok(found)
    }

    async fn free(
        &self,
        tenant: &TenantId,
        skus: &BTreeSet<Sku>,
        sites: &[SiteId],
    ) -> Result<BTreeMap<(SiteId, Sku), i64>, StoreError> {
        let at = |(sku, site): (&Sku, &SiteId)| shelf::key(tenant, &Shelf::site(sku.clone(), site.clone()));
        let places = skus.iter().flat_map(|sku| sites.iter().map(move |site| (sku, site))).map(at).collect();
        let levels = batch::items(&self.client, &self.table, places).await?;
        levels.iter().map(|item| Ok(((shelf::site(item)?, shelf::shelf(item)?.sku), count(item, "free")?))).collect()
    }

    async fn file(&self, tenant: &TenantId, document: &Document, seen: &[Seen]) -> Result<Filed, StoreError> {
        documents::file(self, tenant, document, seen).await
    }

    async fn document(&self, tenant: &TenantId, id: &DocumentId) -> Result<Option<Document>, StoreError> {
        documents::find(self, tenant, id).await
    }

    async fn announced(&self, tenant: &TenantId, sku: &Sku) -> Result<Vec<Announced>, StoreError> {
        lists::announced(self, tenant, sku).await
    }

    async fn waiting(&self, tenant: &TenantId, sku: &Sku, limit: usize) -> Result<Vec<Waiting>, StoreError> {
        lists::waiting(self, tenant, sku, limit).await
    }

    async fn cases(
        &self,
        tenant: &TenantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<DocumentId>, StoreError> {
        lists::cases(self, tenant, after, limit).await
    }
}
