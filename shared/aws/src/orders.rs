//! Orders in DynamoDB: one partition per order, its events append-only, its head the lock.

mod accounts;
pub(crate) mod audit;
mod commit;
mod head;
mod holds;
mod lists;
mod money;
mod requests;
mod supply;
mod watch;

pub(crate) use commit::ours;

use crate::classify::{broken, classify};
use crate::hot::Heat;
use crate::keys::{self, Item, key, need, text};
use aws_sdk_dynamodb::Client;
use jiff::{SignedDuration, Timestamp};
use waybill_domain::id::{OrderId, TenantId, digest_of};
use waybill_domain::order::{Order, Recorded, Wait};
use waybill_domain::ports::{Claim, Commit, Committed, Orders, StoreError};

/// How long a token or a claim is kept: longer than any wait of the workflow.
const KEEP_SECONDS: i64 = 60 * 60 * 24 * 90;

/// Orders, and the stock their events move, in two tables; and what shares the table of orders: accounts, and the records
/// of calls that are done once per key.
#[derive(Clone, Debug)]
pub struct DynamoOrders {
    client: Client,
    orders: String,
    stock: String,
    page: Option<i32>,
    heat: Heat,
}

/// Tenant and order of an order's partition key, as the table's stream shows it.
#[must_use]
pub fn order_of_key(pk: &str) -> Option<(TenantId, OrderId)> {
    keys::split_order(pk)
}

impl DynamoOrders {
    /// Orders in the table `orders`; their stock in the table `stock`.
    #[must_use]
    pub fn new(client: Client, orders: impl Into<String>, stock: impl Into<String>) -> Self {
        Self { client, orders: orders.into(), stock: stock.into(), page: None, heat: Heat::default() }
    }

    /// With sold-out answers repeated without a write for `age`: what is refused is refused by knowledge that old, and
    /// nobody for longer than that. Without it every call asks the counters.
    #[must_use]
    pub fn remembering_sold_out(mut self, age: SignedDuration) -> Self {
        self.heat = Heat::remembering(age);
        self
    }

    /// With so many items read by one request of `Audit::scan`, rather than as many as DynamoDB reads at once (1 MB).
    #[must_use]
    pub fn with_page(mut self, items: u16) -> Self {
        self.page = Some(i32::from(items.max(1)));
        self
    }

    /// Items of a partition whose sort key begins with `prefix`, read consistently.
    async fn items(&self, pk: String, prefix: &str) -> Result<Vec<Item>, StoreError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.orders)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", text(pk))
            .expression_attribute_values(":prefix", text(prefix))
            .into_paginator()
            .items()
            .send();
        let mut items = Vec::new();
        while let Some(item) = pages.next().await {
            items.push(item.map_err(classify)?);
        }
        Ok(items)
    }

    /// The order that the item of this partition points to.
    async fn pointed(&self, pk: String) -> Result<Option<OrderId>, StoreError> {
        let get = self.client.get_item().table_name(&self.orders).consistent_read(true);
        let Some(item) = get.set_key(Some(key(pk, "ORDER"))).send().await.map_err(classify)?.item else {
            return Ok(None);
        };
        let id = need(&item, "order_id")?.parse().map_err(|_| broken("an item points at no order"))?;
        Ok(Some(id))
    }

    async fn put_plain(&self, item: Item) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.orders).set_item(Some(item));
        put.send().await.map(|_| ()).map_err(classify)
    }
}

/// The event in an item.
fn recorded(item: &Item) -> Result<Recorded, StoreError> {
    // Where it breaks, not what stands there: an order's first event is personal.
    let place = |error: serde_json::Error| format!("an event does not parse at column {}", error.column());
    serde_json::from_str(need(item, "body")?).map_err(|error| broken(place(error)))
}

/// When a claim was made.
fn claimed_at(claim: &Item) -> Result<Timestamp, StoreError> {
    need(claim, "at")?.parse().map_err(|_| broken("a claim's time does not parse"))
}

/// Attributes of an item that forgets itself.
fn forgetful(pk: String, sk: String, at: Timestamp) -> Item {
    let mut item = key(pk, sk);
    item.insert("at".to_owned(), text(at.to_string()));
    item.insert("expires_at".to_owned(), keys::number(at.as_second() + KEEP_SECONDS));
    item
}

impl Orders for DynamoOrders {
    async fn load(&self, tenant: &TenantId, id: &OrderId) -> Result<Option<Order>, StoreError> {
        let items = self.items(keys::order(tenant, id), "EVENT#").await?;
        if items.is_empty() {
            return Ok(None);
        }
        let history = items.iter().map(recorded).collect::<Result<Vec<_>, _>>()?;
        let order =
            Order::replay(tenant.clone(), id.clone(), history).map_err(|corrupt| broken(corrupt.to_string()))?;
        Ok(Some(order))
    }

    async fn commit(&self, commit: Commit<'_>) -> Result<Committed, StoreError> {
        commit::commit(self, commit).await
    }

    async fn tracked(&self, tenant: &TenantId, tracking_code: &str) -> Result<Option<OrderId>, StoreError> {
        self.pointed(keys::tracking(tenant, tracking_code)).await
    }

    async fn paid_with(&self, tenant: &TenantId, payment: &str) -> Result<Option<OrderId>, StoreError> {
        self.pointed(keys::payment(tenant, payment)).await
    }

    async fn claim(&self, tenant: &TenantId, id: &OrderId, effect: &str, at: Timestamp) -> Result<Claim, StoreError> {
        let item = forgetful(keys::order(tenant, id), format!("CLAIM#{effect}"), at);
        let put = self
            .client
            .put_item()
            .table_name(&self.orders)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(
                aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld,
            );
        match put.send().await {
            Ok(_) => Ok(Claim::Ours),
            Err(error) => match error.as_service_error() {
                Some(aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(failed)) => {
                    let earlier = failed.item().ok_or_else(|| broken("a claim was not returned"))?;
                    claimed_at(earlier).map(Claim::Earlier)
                }
                _ => Err(classify(error)),
            },
        }
    }

    async fn claimed(&self, tenant: &TenantId, id: &OrderId, effect: &str) -> Result<Option<Timestamp>, StoreError> {
        let key = key(keys::order(tenant, id), format!("CLAIM#{effect}"));
        let get = self.client.get_item().table_name(&self.orders).consistent_read(true).set_key(Some(key));
        let item = get.send().await.map_err(classify)?.item;
        item.as_ref().map(claimed_at).transpose()
    }

    async fn unclaim(&self, tenant: &TenantId, id: &OrderId, effect: &str) -> Result<(), StoreError> {
        let key = key(keys::order(tenant, id), format!("CLAIM#{effect}"));
        let delete = self.client.delete_item().table_name(&self.orders).set_key(Some(key));
        delete.send().await.map(|_| ()).map_err(classify)
    }

    async fn keep_token(
        &self,
        tenant: &TenantId,
        id: &OrderId,
        wait: Wait,
        token: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        // One item per token: a state entered again has a new one, and the old one may still be waited on.
        let sk = format!("TOKEN#{}#{}", wait.key(), &digest_of(&[token])[..8]);
        let mut item = forgetful(keys::order(tenant, id), sk, at);
        item.insert("token".to_owned(), text(token));
        self.put_plain(item).await
    }

    async fn tokens(&self, tenant: &TenantId, id: &OrderId) -> Result<Vec<(Wait, String)>, StoreError> {
        let items = self.items(keys::order(tenant, id), "TOKEN#").await?;
        let token = |item: &Item| {
            let sk = need(item, "sk")?;
            let (wait, _) = sk.trim_start_matches("TOKEN#").rsplit_once('#').unwrap_or((sk, ""));
            let wait = Wait::from_key(wait).ok_or_else(|| broken("a token is kept for no wait of ours"))?;
            Ok((wait, need(item, "token")?.to_owned()))
        };
        items.iter().map(token).collect()
    }
}
