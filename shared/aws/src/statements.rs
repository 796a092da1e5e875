//! Statements of items, drifts, and what the self-audit of stock reads.

mod survey;

use crate::classify::{broken, classify};
use crate::keys::{self, Item, key, need, text};
use aws_sdk_dynamodb::Client;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use waybill_domain::id::{Sku, TenantId};
use waybill_domain::ports::{Entered, Movements, Page, Statements, StoreError};
use waybill_domain::stock::Movement;
use waybill_domain::stock::audit::{Cause, Drift, Entry};

/// What the sort keys of lines begin with.
const ENTRY: &str = "ENTRY#";
/// Before every time, and after it.
const TIMES: (&str, &str) = ("0", "~");

/// Statements and drifts beside the counters, in the table of stock; what moved them, in both tables.
#[derive(Clone, Debug)]
pub struct DynamoStatements {
    client: Client,
    orders: String,
    stock: String,
}

/// What an event or a document moved; the rest of it is no concern here.
#[derive(Deserialize)]
struct Moved {
    #[serde(default)]
    movements: Vec<Movement>,
}

fn drifts(tenant: &TenantId) -> String {
    format!("T#{tenant}#STOCKDRIFTS")
}

/// By time, so that the newest is found first.
fn line_key(tenant: &TenantId, entry: &Entry) -> Item {
    key(keys::sku(tenant, &entry.shelf.sku), format!("{ENTRY}{}", entry.name()))
}

fn parsed<T: DeserializeOwned>(item: &Item) -> Result<T, StoreError> {
    let place = |error: serde_json::Error| format!("an item of stock does not parse at column {}", error.column());
    serde_json::from_str(need(item, "body")?).map_err(|error| broken(place(error)))
}

impl DynamoStatements {
    /// Statements in the table `stock`; events in `orders`.
    #[must_use]
    pub fn new(client: Client, orders: impl Into<String>, stock: impl Into<String>) -> Self {
        Self { client, orders: orders.into(), stock: stock.into() }
    }

    async fn item(&self, table: &str, key: Item) -> Result<Option<Item>, StoreError> {
        let get = self.client.get_item().table_name(table).consistent_read(true).set_key(Some(key));
        Ok(get.send().await.map_err(classify)?.item)
    }

    /// Writes an item that is not there; `false`: it is, and `unless` (a text attribute) says otherwise there.
    async fn put(&self, mut item: Item, body: String, unless: Option<(&str, &str)>) -> Result<bool, StoreError> {
        item.insert("body".to_owned(), text(body));
        let mut put = self.client.put_item().table_name(&self.stock);
        let mut condition = "attribute_not_exists(pk)".to_owned();
        if let Some((name, value)) = unless {
            item.insert(name.to_owned(), text(value));
            condition.push_str(" OR #same = :same");
            put = put.expression_attribute_names("#same", name).expression_attribute_values(":same", text(value));
        }
        match put.set_item(Some(item)).condition_expression(condition).send().await.map_err(classify) {
            Ok(_) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error @ (StoreError::Unavailable(_) | StoreError::Broken(_))) => Err(error),
        }
    }

    /// A page of what a partition keeps under `prefix`, the latest first. Names follow the prefix and begin with a time;
    /// `after` is such a name, and whatever it is, the prefix stands before it: nothing else is read.
    async fn newest<T: DeserializeOwned>(
        &self,
        pk: String,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<T>, StoreError> {
        let mut page = Page { rows: Vec::new(), next: None };
        let (first, last) = (TIMES.0, after.unwrap_or(TIMES.1));
        // BETWEEN contains both its ends, and has to have them in order.
        if last < first {
            return Ok(page);
        }
        let query = self
            .client
            .query()
            .table_name(&self.stock)
            .scan_index_forward(false)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", text(pk))
            .expression_attribute_values(":from", text(format!("{prefix}{first}")))
            .expression_attribute_values(":to", text(format!("{prefix}{last}")))
            .set_limit(i32::try_from(limit.saturating_add(1)).ok());
        let mut pages = query.into_paginator().items().send();
        let mut shown = None;
        while let Some(item) = pages.next().await {
            let item = item.map_err(classify)?;
            let name = need(&item, "sk")?.strip_prefix(prefix).unwrap_or_default();
            if Some(name) == after {
                continue;
            }
            if page.rows.len() == limit {
                page.next = shown;
                break;
            }
            page.rows.push(parsed(&item)?);
            shown = Some(name.to_owned());
        }
        Ok(page)
    }
}

impl Movements for DynamoStatements {
    async fn moved_by(&self, tenant: &TenantId, cause: &Cause) -> Result<Option<Vec<Movement>>, StoreError> {
        let (table, key) = match cause {
            Cause::Event { order, version } => (&self.orders, key(keys::order(tenant, order), keys::event(*version))),
            Cause::Document(document) => (&self.stock, key(keys::document(tenant, document), "DOCUMENT")),
            Cause::Heat(_) => return Ok(None),
        };
        let item = self.item(table, key).await?;
        item.as_ref().map(|item| parsed::<Moved>(item).map(|moved| moved.movements)).transpose()
    }
}

impl Statements for DynamoStatements {
    async fn enter(&self, tenant: &TenantId, entry: &Entry) -> Result<Entered, StoreError> {
        let body = serde_json::to_string(entry).map_err(|error| broken(error.to_string()))?;
        let ours = Some(("sequence", entry.sequence.as_str()));
        let is_kept = self.put(line_key(tenant, entry), body, ours).await?;
        Ok(if is_kept { Entered::Kept } else { Entered::Taken })
    }

    async fn is_entered(&self, tenant: &TenantId, entry: &Entry) -> Result<bool, StoreError> {
        let item = self.item(&self.stock, line_key(tenant, entry)).await?;
        Ok(item.is_some_and(|item| need(&item, "sequence").is_ok_and(|sequence| sequence == entry.sequence)))
    }

    async fn entries(
        &self,
        tenant: &TenantId,
        sku: &Sku,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Entry>, StoreError> {
        self.newest(keys::sku(tenant, sku), ENTRY, after, limit).await
    }

    async fn open_drift(&self, drift: &Drift) -> Result<bool, StoreError> {
        let body = serde_json::to_string(drift).map_err(|error| broken(error.to_string()))?;
        self.put(key(drifts(&drift.tenant), drift.name()), body, None).await
    }

    async fn drifts(&self, tenant: &TenantId, after: Option<&str>, limit: usize) -> Result<Page<Drift>, StoreError> {
        self.newest(drifts(tenant), "", after, limit).await
    }
}
