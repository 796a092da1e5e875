//! Master data, kept in memory for a while: a warm call reads nothing.

use crate::classify::{broken, classify};
use crate::keys::{Item, key, need, text};
use aws_sdk_dynamodb::Client;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use waybill_domain::catalog::{self, Kind, Record};
use waybill_domain::id::TenantId;
use waybill_domain::ports::{Catalog, StoreError};

/// How old what is answered may be.
const AGE: Duration = Duration::from_mins(1);
/// Bytes of the longest id a record can have: 128 characters of four bytes. A longer one is no record's, and no key either.
const LONGEST_ID: usize = 512;

/// A partition's records as read, and when.
type Kept = HashMap<(String, Option<String>), (Instant, Vec<String>)>;

/// Master data in one table, read through a memory with an age.
#[derive(Debug)]
pub struct DynamoCatalog {
    client: Client,
    table: String,
    kept: Mutex<Kept>,
}

impl DynamoCatalog {
    /// Records in `table`.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into(), kept: Mutex::new(HashMap::new()) }
    }

    fn partition(tenant: &TenantId, kind: Kind) -> String {
        format!("T#{tenant}#{}", kind.name())
    }

    /// The bodies under a key, or of a whole partition: from memory while young enough. What is absent is not kept,
    /// so that a new record is seen at once.
    async fn bodies(&self, pk: String, sk: Option<String>) -> Result<Vec<String>, StoreError> {
        let place = (pk, sk);
        if let Ok(kept) = self.kept.lock() {
            let young = kept.get(&place).filter(|(read, _)| read.elapsed() < AGE);
            if let Some((_, bodies)) = young {
                return Ok(bodies.clone());
            }
        }
        let items = self.read(&place.0, place.1.as_deref()).await?;
        let bodies = items.iter().map(|item| need(item, "body").map(str::to_owned)).collect::<Result<Vec<_>, _>>()?;
        if let Ok(mut kept) = self.kept.lock()
            && !bodies.is_empty()
        {
            kept.insert(place, (Instant::now(), bodies.clone()));
        }
        Ok(bodies)
    }

    async fn read(&self, pk: &str, sk: Option<&str>) -> Result<Vec<Item>, StoreError> {
        let Some(sk) = sk else {
            let query = self.client.query().table_name(&self.table).key_condition_expression("pk = :pk");
            let mut pages = query.expression_attribute_values(":pk", text(pk)).into_paginator().items().send();
            let mut items = Vec::new();
            while let Some(item) = pages.next().await {
                items.push(item.map_err(classify)?);
            }
            return Ok(items);
        };
        let got = self.client.get_item().table_name(&self.table).set_key(Some(key(pk, sk))).send().await;
        Ok(got.map_err(classify)?.item.into_iter().collect())
    }

    async fn one<R: Record>(&self, pk: String, sk: &str) -> Result<Option<R>, StoreError> {
        if sk.is_empty() || sk.len() > LONGEST_ID {
            return Ok(None);
        }
        let bodies = self.bodies(pk, Some(sk.to_owned())).await?;
        bodies.first().map(|body| parsed(body)).transpose()
    }
}

fn parsed<R: Record>(body: &str) -> Result<R, StoreError> {
    serde_json::from_str(body).map_err(|error| broken(format!("a stored {} does not parse: {error}", R::KIND.name())))
}

impl Catalog for DynamoCatalog {
    async fn find<R: Record>(&self, tenant: &TenantId, id: &str) -> Result<Option<R>, StoreError> {
        self.one(Self::partition(tenant, R::KIND), id).await
    }

    async fn all<R: Record>(&self, tenant: &TenantId) -> Result<Vec<R>, StoreError> {
        let bodies = self.bodies(Self::partition(tenant, R::KIND), None).await?;
        bodies.iter().map(|body| parsed(body)).collect()
    }

    async fn put(&self, tenant: &TenantId, kind: Kind, id: &str, record: &serde_json::Value) -> Result<(), StoreError> {
        let pk = if kind == Kind::Client { format!("CLIENT#{id}") } else { Self::partition(tenant, kind) };
        let sk = if kind == Kind::Client { "CLIENT" } else { id };
        let mut item = key(pk.clone(), sk);
        item.insert("body".to_owned(), text(record.to_string()));
        self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await.map_err(classify)?;
        if let Ok(mut kept) = self.kept.lock() {
            kept.retain(|(partition, _), _| *partition != pk);
        }
        Ok(())
    }

    async fn client(&self, id: &str) -> Result<Option<catalog::Client>, StoreError> {
        self.one(format!("CLIENT#{id}"), "CLIENT").await
    }
}
