//! After the sale: what is stored is counted, and every reservation runs out.

use crate::database::{Error, ORDERS, STOCK};
use crate::sale::{Shop, item};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::Select;
use jiff::{SignedDuration, Timestamp};
use relay::{Pace, Relay};
use waybill_aws::DynamoOrders;
use waybill_domain::ports::{HotItems, Stock};
use waybill_testkit::{MemoryQueues, MemoryWorkflows, tenant};

/// What is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// Orders.
    pub orders: u64,
    /// Reservations that are live.
    pub reservations: u64,
    /// Units that may be promised, of all shards.
    pub available: i64,
    /// Units that are held for orders never placed.
    pub held: i64,
}

impl Shop {
    /// What is stored now.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn books(&self) -> Result<Books, Error> {
        let client = self.database.client(None, false);
        let orders = counted(&client, ORDERS, "sk = :what", "EVENT#000001").await?;
        let reservations = counted(&client, STOCK, "sk = :what", "HOLD").await?;
        let available = self.stock.levels(&tenant(), &item()?).await?.network.available;
        let mut held = 0;
        for hot in self.stock.hot().await? {
            let shards = self.stock.shards(&hot.tenant, &hot.sku, hot.shards).await?;
            held += shards.values().map(waybill_domain::stock::hot::Shard::held).sum::<i64>();
        }
        Ok(Books { orders, reservations, available, held })
    }

    /// Nobody pays: an hour later the sweeper has let every reservation lapse, and holds of nobody are back.
    ///
    /// # Errors
    /// The sweeper did not come to an end.
    pub async fn expire(&self, progress: impl Fn(u64)) -> Result<(), Error> {
        let client = self.database.client(None, false);
        let relay = Relay {
            orders: DynamoOrders::new(client, ORDERS, STOCK),
            workflows: MemoryWorkflows::new(),
            queues: MemoryQueues::new(),
            pace: Pace::new(1_000_000, 1),
        };
        let later = Timestamp::now().checked_add(SignedDuration::from_hours(2))?;
        let mut looked_at = 0;
        loop {
            let swept = Box::pin(sweep::handle(&relay, &self.stock, later)).await.map_err(|halt| halt.chain())?;
            if swept.failed > 0 {
                return Err(format!("{} orders could not be swept", swept.failed).into());
            }
            if swept.orders.is_empty() {
                break;
            }
            looked_at += u64::try_from(swept.orders.len())?;
            progress(looked_at);
        }
        cool::handle(&self.stock, later).await.map_err(|halt| halt.chain())?;
        Ok(())
    }
}

/// Items of a table that the filter finds.
async fn counted(client: &Client, table: &str, filter: &str, what: &str) -> Result<u64, Error> {
    let mut pages = client
        .scan()
        .table_name(table)
        .select(Select::Count)
        .filter_expression(filter)
        .expression_attribute_values(":what", aws_sdk_dynamodb::types::AttributeValue::S(what.to_owned()))
        .into_paginator()
        .send();
    let mut count = 0;
    while let Some(page) = pages.next().await {
        count += u64::try_from(page?.count())?;
    }
    Ok(count)
}
