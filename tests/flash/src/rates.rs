//! Rates: how many whole orders, and how many reservations by themselves, the shipped adapter makes in a second.

use crate::database::{Database, Error, ORDERS, Reach, STOCK};
use crate::sale::{Plan, Shop, received};
use aws_sdk_dynamodb::config::interceptors::BeforeSerializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use jiff::Timestamp;
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use waybill_aws::{DynamoOrders, DynamoStock};
use waybill_domain::order::{Order, Recorded};
use waybill_domain::ports::{Commit, Committed, HotItems, Orders, Stock};
use waybill_domain::stock::hot::{MOST_SHARDS, Shard};
use waybill_testkit::{first_at, id, of_skus, tenant};

/// Holds that a shard has of a sale by 32 processes on ten shards, about: an item grows with its holds, and so does the
/// work of each.
const HOLDS_A_SHARD: u64 = 4;
/// Units of each shard: none runs dry.
const UNITS_A_SHARD: i64 = 100;

/// How fast something was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// How many were made.
    pub made: u64,
    /// In how long.
    pub milliseconds: u64,
    /// How many that is in a second.
    pub per_second: u64,
}

impl Rate {
    fn new(made: u64, took: Duration) -> Self {
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
        Self { made, milliseconds, per_second: made * 1_000 / milliseconds }
    }
}

/// Both rates, of `count` each by so many processes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rates {
    /// Orders by `place-order`'s own `handle`: parsed, priced, and stored with their reservation in one transaction, on the
    /// item's one counter, as many units as buyers.
    pub orders: Rate,
    /// Reservations as the hot path makes them: the one conditional update that holds a unit on a shard, by the adapter's
    /// own `commit`. The transaction that would take the hold is not sent.
    pub reservations: Rate,
}

/// Measures both.
///
/// # Errors
/// Something was not made: then there is no rate to tell.
pub async fn rates(count: u64, processes: usize, reach: Reach) -> Result<Rates, Error> {
    let orders = orders(count, processes, reach).await?;
    Ok(Rates { orders, reservations: reservations(count, processes, reach).await? })
}

async fn orders(count: u64, processes: usize, reach: Reach) -> Result<Rate, Error> {
    let shop = Shop::open(Plan::without_losers(count, processes, reach)).await?;
    let started = Instant::now();
    let tally = shop.sell(|_| {}).await?;
    let rate = Rate::new(tally.sold, started.elapsed());
    let stored = shop.books().await?.orders;
    if (tally.sold, stored) == (count, count) { Ok(rate) } else { Err(missed("orders", stored, count)) }
}

fn missed(what: &str, made: u64, wanted: u64) -> Error {
    format!("{made} {what} were made of {wanted}").into()
}

async fn reservations(count: u64, processes: usize, reach: Reach) -> Result<Rate, Error> {
    let database = Database::start(reach).await?;
    let stock = DynamoStock::new(database.client(None, false), STOCK);
    let items = count.div_ceil(u64::from(MOST_SHARDS) * HOLDS_A_SHARD);
    let items: Vec<String> = (0..items).map(|number| format!("HOT-{number}")).collect();
    for item in &items {
        let receipt = received(&id(item), i64::from(MOST_SHARDS) * UNITS_A_SHARD)?;
        stock.file(&tenant(), &receipt, &[]).await?;
        stock.spread(&tenant(), &id(item), MOST_SHARDS, Timestamp::now()).await?;
    }
    let holder = Holder::start(&database, &items).await?;
    // Made before: what is measured is the adapter.
    let wanted: Vec<_> = (0..count).map(|buyer| wanting(&format!("buyer-{buyer}"), &items, buyer)).collect();
    let started = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    let each = wanted.len().div_ceil(processes.max(1)).max(1);
    for wanted in wanted.chunks(each).map(<[_]>::to_vec) {
        let holder = holder.clone();
        running.spawn(async move {
            for order in &wanted {
                holder.hold(order).await?;
            }
            Ok::<(), Error>(())
        });
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    let rate = Rate::new(count, started.elapsed());
    let held = held(&stock).await?;
    if held == count { Ok(rate) } else { Err(missed("reservations", held, count)) }
}

/// An order for one unit of one of the items.
fn wanting(key: &str, items: &[String], number: u64) -> (Order, Recorded) {
    let item = usize::try_from(number).map_or(0, |number| number % items.len().max(1));
    first_at(&tenant(), key, of_skus(&[(&items[item], 1)]), Timestamp::now())
}

/// Units held on all shards there are.
async fn held(stock: &DynamoStock) -> Result<u64, Error> {
    let mut held = 0;
    for hot in stock.hot().await? {
        held += stock.shards(&hot.tenant, &hot.sku, hot.shards).await?.values().map(Shard::held).sum::<i64>();
    }
    Ok(held.try_into()?)
}

/// A process that knows what is hot. Clones know the same.
#[derive(Clone)]
struct Holder {
    orders: DynamoOrders,
}

impl Holder {
    /// Its first order of each item tells it that the item is hot; from then on no transaction of it goes through.
    async fn start(database: &Database, items: &[String]) -> Result<Self, Error> {
        let (client, only) = (database.client(None, false), OnlyHolds::default());
        let config = client.config().to_builder().interceptor(only.clone()).build();
        let orders = DynamoOrders::new(aws_sdk_dynamodb::Client::from_conf(config), ORDERS, STOCK);
        for (item, at) in items.iter().zip(0_u64..) {
            let (order, first) = wanting(&format!("first of {item}"), items, at);
            if orders.commit(Commit { before: None, after: &order, recorded: &first }).await? != Committed::Stored {
                return Err(format!("the first order of {item} was not stored").into());
            }
        }
        only.0.store(true, Ordering::SeqCst);
        Ok(Self { orders })
    }

    /// Holds the order's unit; it ends there, as where the process dies.
    async fn hold(&self, (order, first): &(Order, Recorded)) -> Result<(), Error> {
        match self.orders.commit(Commit { before: None, after: order, recorded: first }).await {
            Ok(committed) => Err(format!("an order's transaction went through: {committed:?}").into()),
            Err(_) => Ok(()),
        }
    }
}

/// Lets no transaction through once it is told so: of an order only its hold is left.
#[derive(Clone, Debug, Default)]
struct OnlyHolds(Arc<AtomicBool>);

impl Intercept for OnlyHolds {
    fn name(&self) -> &'static str {
        "OnlyHolds"
    }

    fn read_before_execution(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let is_transaction = context.input().downcast_ref::<TransactWriteItemsInput>().is_some();
        let is_stopped = is_transaction && self.0.load(Ordering::SeqCst);
        if is_stopped { Err("no transaction goes through".into()) } else { Ok(()) }
    }
}
