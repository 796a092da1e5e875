//! The sale: one item, many buyers, several processes.

use crate::database::{CATALOG, Database, Error, ORDERS, Reach, STOCK};
use crate::dying::Dying;
use crate::meter::{Meter, Units};
use jiff::{SignedDuration, Timestamp};
use place_order::handle;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use waybill_aws::{DynamoCatalog, DynamoOrders, DynamoStock, SOLD_OUT_FOR};
use waybill_domain::catalog::{Client, Kind, Role};
use waybill_domain::id::{DocumentId, Sku, TenantId};
use waybill_domain::order::{Actor, Cart};
use waybill_domain::ports::{Catalog, Filed, HotItems, Stock};
use waybill_domain::stock::{Body, Document, Kind as Moved, Movement};
use waybill_lambda::http::{Caller, Problem};
use waybill_testkit::{a_cart, seed, tenant};

/// What is sold.
pub const ITEM: &str = "LAST-ONE";
/// How often a buyer whose call failed calls again, with the same key.
const TRIES: u32 = 8;

/// What to play.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Who want one unit each.
    pub buyers: u64,
    /// What is there.
    pub units: u64,
    /// Shards the item is spread over; 1: one counter.
    pub shards: u16,
    /// Processes that place orders at the same time, each one order after the other.
    pub processes: usize,
    /// One of so many buyers' processes dies between its hold and its order; 0: none.
    pub die_one_in: u64,
    /// Conditions on counters do not reach the database: the sale has to notice.
    pub is_sabotaged: bool,
    /// What requests cost is counted, which costs time itself.
    pub is_metered: bool,
    /// How processes reach the database.
    pub reach: Reach,
}

impl Plan {
    /// As many units as buyers, on one counter; nobody dies, and nothing is counted.
    #[must_use]
    pub fn without_losers(buyers: u64, processes: usize, reach: Reach) -> Self {
        let (units, is_sabotaged, is_metered) = (buyers, false, false);
        Self { buyers, units, shards: 1, processes, die_one_in: 0, is_sabotaged, is_metered, reach }
    }
}

/// What became of the buyers.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Orders confirmed.
    pub sold: u64,
    /// Answers that there is none, the last of each buyer.
    pub refused: u64,
    /// Buyers who got neither.
    pub failed: u64,
    /// Answers that there is none, all together.
    pub losing: u64,
    /// What the calls that confirmed an order cost.
    pub winners: Units,
    /// What the calls that did not cost.
    pub losers: Units,
}

/// A shop on a database of its own.
#[derive(Clone, Debug)]
pub struct Shop {
    /// Its database.
    pub database: Database,
    /// What is played.
    pub plan: Plan,
    /// Its stock, uncounted and unbroken.
    pub stock: DynamoStock,
}

/// Buyers by number who were told that there is none, or whose process died.
type Waiting = Arc<Mutex<VecDeque<u64>>>;

impl Shop {
    /// Opens it: master data, stock, shards.
    ///
    /// # Errors
    /// The database did not start or did not take it.
    pub async fn open(plan: Plan) -> Result<Self, Error> {
        let database = Database::start(plan.reach).await?;
        let client = database.client(None, false);
        let catalog = DynamoCatalog::new(client.clone(), CATALOG);
        for (kind, id, record) in seed().records {
            catalog.put(&tenant(), kind, &id, &record).await?;
        }
        let stock = DynamoStock::new(client, STOCK);
        let units = i64::try_from(plan.units)?;
        let (sku, now) = (item()?, Timestamp::now());
        if stock.file(&tenant(), &received(&sku, units)?, &[]).await? != Filed::Stored {
            return Err("the receipt was not stored".into());
        }
        if plan.shards > 1 {
            stock.spread(&tenant(), &sku, plan.shards, now).await?;
        }
        Ok(Self { database, plan, stock })
    }

    /// Lets every buyer try, and those who were told that there is none again while others' holds come back.
    ///
    /// # Errors
    /// A process could not be started, or the shards not be looked at.
    pub async fn sell(&self, progress: impl Fn(u64) + Send + Sync + Clone + 'static) -> Result<Tally, Error> {
        let all: Waiting = Arc::new(Mutex::new((0..self.plan.buyers).collect()));
        let mut tally = self.rush(&all, true, progress.clone()).await?;
        for _ in 0..3 {
            let waiting = lock(&all).len();
            if tally.sold >= self.plan.units || waiting == 0 {
                break;
            }
            // What a dead process held comes back after a minute; and an answer is old by then.
            let later = Timestamp::now().checked_add(SignedDuration::from_secs(61))?;
            cool::handle(&self.stock, later).await.map_err(|halt| halt.chain())?;
            tokio::time::sleep(SOLD_OUT_FOR.unsigned_abs()).await;
            let more = self.rush(&all, false, progress.clone()).await?;
            tally = Tally {
                sold: tally.sold + more.sold,
                refused: more.refused,
                failed: more.failed,
                losing: tally.losing + more.losing,
                winners: tally.winners + more.winners,
                losers: tally.losers + more.losers,
            };
        }
        Ok(tally)
    }

    /// Every waiting buyer tries once; who is refused waits again.
    async fn rush(
        &self,
        waiting: &Waiting,
        may_die: bool,
        progress: impl Fn(u64) + Send + Sync + Clone + 'static,
    ) -> Result<Tally, Error> {
        let buyers: Waiting = Arc::new(Mutex::new(std::mem::take(&mut *lock(waiting))));
        let done = Arc::new(AtomicU64::new(0));
        let mut processes = tokio::task::JoinSet::new();
        for _ in 0..self.plan.processes {
            let (process, buyers, waiting) = (Process::start(self)?, buyers.clone(), waiting.clone());
            let (done, progress) = (done.clone(), progress.clone());
            processes.spawn(async move {
                let mut tally = Tally::default();
                loop {
                    let Some(buyer) = lock(&buyers).pop_front() else { return tally };
                    if !process.serve(buyer, may_die, &mut tally).await {
                        lock(&waiting).push_back(buyer);
                    }
                    progress(done.fetch_add(1, Ordering::Relaxed) + 1);
                }
            });
        }
        let tallies = processes.join_all().await;
        Ok(tallies.into_iter().fold(Tally::default(), |sum, one| Tally {
            sold: sum.sold + one.sold,
            refused: sum.refused + one.refused,
            failed: sum.failed + one.failed,
            losing: sum.losing + one.losing,
            winners: sum.winners + one.winners,
            losers: sum.losers + one.losers,
        }))
    }
}

/// A process that places orders: what one Lambda instance is.
struct Process {
    shop: Shop,
    meter: Meter,
    orders: DynamoOrders,
    catalog: DynamoCatalog,
    caller: Caller,
    cart: Vec<u8>,
}

impl Process {
    fn start(shop: &Shop) -> Result<Self, Error> {
        let meter = Meter::default();
        let metered = shop.plan.is_metered.then(|| meter.clone());
        let client = shop.database.client(metered, shop.plan.is_sabotaged);
        let orders = DynamoOrders::new(client.clone(), ORDERS, STOCK).remembering_sold_out(SOLD_OUT_FOR);
        let catalog = DynamoCatalog::new(client, CATALOG);
        let (id, tenant): (_, TenantId) = ("shop".to_owned().try_into()?, tenant());
        let client = Client { id, tenant, store: Some("demo".parse()?), role: Role::Store };
        let caller = Caller { client, actor: "client:shop".to_owned() };
        Ok(Self { shop: shop.clone(), meter, orders, catalog, caller, cart: serde_json::to_vec(&cart()?)? })
    }

    /// Lets a buyer try. Has the buyer an order?
    async fn serve(&self, buyer: u64, may_die: bool, tally: &mut Tally) -> bool {
        let one_in = self.shop.plan.die_one_in;
        if may_die && one_in > 0 && buyer % one_in == one_in - 1 {
            self.die(buyer).await;
            tally.failed += 1;
            return false;
        }
        for _ in 0..TRIES {
            let before = self.meter.units();
            let answer = self.call(&self.orders, buyer).await;
            let cost = self.meter.units() - before;
            match answer {
                Ok(()) => {
                    tally.sold += 1;
                    tally.winners = tally.winners + cost;
                    return true;
                }
                Err(problem) if problem.status == 409 => {
                    tally.refused += 1;
                    tally.losing += 1;
                    tally.losers = tally.losers + cost;
                    return false;
                }
                Err(_) => tally.losers = tally.losers + cost,
            }
        }
        tally.failed += 1;
        false
    }

    async fn call(&self, orders: &DynamoOrders, buyer: u64) -> Result<(), Problem> {
        let key = format!("buyer-{buyer}");
        handle(orders, &self.shop.stock, &self.catalog, &self.caller, &key, &self.cart, Timestamp::now())
            .await
            .map(drop)
    }

    /// The buyer's process holds a unit and is never heard of again.
    async fn die(&self, buyer: u64) {
        let client = self.shop.database.client(None, false);
        let config = client.config().to_builder().interceptor(Dying::default());
        let dying = aws_sdk_dynamodb::Client::from_conf(config.build());
        let orders = DynamoOrders::new(dying, ORDERS, STOCK);
        // What it would answer nobody hears.
        drop(self.call(&orders, buyer).await);
    }
}

/// Units of an item come in.
pub(crate) fn received(sku: &Sku, units: i64) -> Result<Document, Error> {
    Ok(Document {
        id: DocumentId::derive(&tenant(), "flash sale", &format!("receipt of {sku}")),
        at: Timestamp::now(),
        actor: Actor("flash-sale".to_owned()),
        body: Body::Receipt { site: "reno".parse()?, announcement: None, reference: None },
        movements: vec![Movement::at(Moved::Received, sku.clone(), "reno".parse()?, units)],
        request: None,
    })
}

/// The item that is sold.
///
/// # Errors
/// Never: it is a literal.
pub fn item() -> Result<Sku, Error> {
    Ok(ITEM.parse()?)
}

/// One unit, at its list price.
fn cart() -> Result<Cart, Error> {
    let mut cart = serde_json::to_value(a_cart())?;
    let price = seed()
        .records
        .iter()
        .find(|(kind, id, _)| *kind == Kind::Item && id == ITEM)
        .map(|(_, _, item)| item["prices"][0]["minor"].as_i64().unwrap_or_default());
    let shipping = cart["shipping"]["price"]["minor"].as_i64().unwrap_or_default();
    cart["lines"] = serde_json::json!([{"sku": ITEM, "quantity": 1}]);
    cart["total"]["minor"] = (price.ok_or("the item has no price")? + shipping).into();
    Ok(serde_json::from_value(cart)?)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
