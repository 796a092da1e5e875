//! One local AWS for all tests of this binary, with two tenants and a record of every kind that a path names.
//!
//! Nothing happens in it by the clock: the schedules are switched off, so that what is stored changes only by what a test
//! does. Tests run one after another.

use crate::echo::Echo;
use crate::operations::Records;
use crate::tenants::{Tenant, onboard};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::{Mutex, OnceCell};
use waybill_harness::api::{Answer, Call, Method, Role, poll_until};
use waybill_harness::aws::EVENTS;
use waybill_harness::{Local, LocalOptions};

/// Long enough for a busy machine; a test that passes does not wait for it.
pub const PATIENCE: Duration = Duration::from_mins(2);
/// What is stored is at rest when it has not changed for this many looks, half a second apart: the local AWS polls its
/// streams once a second.
const STILL: u32 = 5;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
});
static WORLD: OnceCell<World> = OnceCell::const_new();
static TURNS: Mutex<()> = Mutex::const_new(());
static NUMBER: AtomicU32 = AtomicU32::new(1);

/// The local AWS and who is in it.
pub struct World {
    pub local: Local,
    /// The harness's own tenant, with a record of every kind.
    pub ours: Tenant,
    /// Another, with the same catalog.
    pub other: Tenant,
    /// The records of `ours`.
    pub records: Records,
    /// In front of the processor.
    pub processor: Echo,
    /// In front of the carrier.
    pub carrier: Echo,
}

/// Runs a test alone, once everything is at rest.
pub fn run<F: Future<Output = ()>>(test: impl FnOnce(&'static World) -> F) {
    RUNTIME.block_on(async {
        let _alone = TURNS.lock().await;
        let world = WORLD.get_or_init(start).await;
        at_rest(&world.local).await;
        test(world).await;
    });
}

/// A number no other call has.
pub fn number() -> u32 {
    NUMBER.fetch_add(1, Ordering::SeqCst)
}

/// A key no other call has.
pub fn key() -> String {
    format!("key-{}", number())
}

pub fn usd(minor: i64) -> Value {
    json!({"minor": minor, "currency": "USD"})
}

async fn start() -> World {
    let (processor, carrier) = (Echo::start().await, Echo::start().await);
    let through = [("StripeBaseUrl", &processor.url), ("EasyPostBaseUrl", &carrier.url)];
    let parameters = through.into_iter().map(|(name, url)| (name.to_owned(), url.clone())).collect();
    let options = LocalOptions { parameters, ..LocalOptions::default() };
    let local = Local::start(options).await.unwrap_or_else(|error| panic!("{error}"));
    processor.forward_to(&local.partners.addresses().stripe);
    carrier.forward_to(&local.partners.addresses().easypost);
    stop_the_clock(&local).await;
    let ours = Tenant { name: local.tenant.clone(), tokens: local.api.tokens().clone() };
    let other = onboard(&local, "other").await;
    let records = records(&local).await;
    World { local, ours, other, records, processor, carrier }
}

/// No sweeper, no cooling, no reconciler but when a test says so.
async fn stop_the_clock(local: &Local) {
    let rules = local.aws.call(EVENTS, "ListRules", &json!({})).await.unwrap();
    let scheduled: Vec<&Value> =
        rules["Rules"].as_array().unwrap().iter().filter(|rule| rule["ScheduleExpression"].is_string()).collect();
    assert!(!scheduled.is_empty(), "{rules}");
    for rule in scheduled {
        local.aws.call(EVENTS, "DisableRule", &json!({"Name": rule["Name"]})).await.unwrap();
    }
}

/// A record of every kind that a path names, each in a state in which something can be done to it.
pub async fn records(local: &Local) -> Records {
    let sku = item(local, 40).await;
    let made = async |role, path: &str, body| {
        local.api.post(role, path, &key(), &body).await.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let order = made(Role::Store, "/orders", cart(&sku, 2)).await;
    let announced = json!({"site": "reno", "due": "2027-06-01", "lines": [{"sku": sku, "quantity": 5}]});
    let counted = json!({"site": "reno", "lines": [{"sku": sku, "counted": 7}]});
    let received = json!({"site": "reno", "lines": [{"sku": sku, "quantity": 1}]});
    let records = Records {
        announcement: made(Role::Admin, "/stock/announcements", announced).await,
        count: made(Role::Warehouse, "/stock/counts", counted).await,
        document: made(Role::Warehouse, "/stock/receipts", received).await,
        account: "ada-1".to_owned(),
        order,
        sku,
        site: "reno".to_owned(),
        tenant: local.tenant.clone(),
    };
    let credit = json!({"amount": usd(5_000), "reason": "a gift"});
    local.api.post(Role::Admin, "/accounts/store_credit/ada-1/adjustments", &key(), &credit).await.unwrap();
    let path = format!("/orders/{}", records.order);
    let open = async || {
        let order = local.api.get(Role::Support, &path).await?;
        Ok(if order["fulfillments"][0]["status"] == "open" { Ok(()) } else { Err(order.to_string()) })
    };
    poll_until(PATIENCE, "an open order", open).await.unwrap_or_else(|error| panic!("{error}"));
    records
}

/// A new item with units of its own at Reno.
pub async fn item(local: &Local, units: u32) -> String {
    let sku = format!("OURS-{:06}", number());
    let record = json!({"sku": sku, "title": "An item", "length_mm": 100, "width_mm": 80, "height_mm": 60,
                        "weight_grams": 250, "prices": [usd(1000)]});
    local.api.put(Role::Admin, &format!("/catalog/items/{sku}"), &record).await.unwrap();
    local.api.put(Role::Admin, &format!("/stock/{sku}/reno"), &json!({"on_hand": units})).await.unwrap();
    sku
}

/// `quantity` of `sku` at ten dollars each, shipped for five.
pub fn cart(sku: &str, quantity: i64) -> Value {
    json!({
        "reference": format!("S-{}", number()),
        "currency": "USD",
        "customer": {"email": "shopper@example.com", "name": "Ada Example"},
        "ship_to": {"name": "Ada Example", "line1": "92 Chestnut Street", "city": "Louisville", "region": "KY",
                    "postal_code": "40202", "country": "US"},
        "lines": [{"sku": sku, "quantity": quantity, "unit_price": usd(1000)}],
        "shipping": {"service": "standard", "price": usd(500)},
        "total": usd(1000 * quantity + 500),
        "payments": [{"method": "pm_card_visa"}],
    })
}

/// Sends a call with a token that is nobody's of the harness, or without any.
pub async fn send(local: &Local, token: Option<&str>, call: Call) -> Answer {
    let call = match token {
        Some(token) => call.header("authorization", format!("Bearer {token}")),
        None => call,
    };
    local.api.send(None, call).await.unwrap()
}

/// A call of any method.
pub fn call(method: &str, path: impl Into<String>) -> Call {
    Call::new(method.parse::<Method>().unwrap(), path)
}

/// Every item of the three tables, by table and key.
pub type Stored = BTreeMap<(String, String, String), Value>;

pub async fn stored(local: &Local) -> Stored {
    let mut all = Stored::new();
    for output in ["OrdersTableName", "StockTableName", "CatalogTableName"] {
        for item in local.aws.scan(local.stack.output(output).unwrap()).await.unwrap() {
            let text = |name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
            all.insert((output.to_owned(), text("pk"), text("sk")), item);
        }
    }
    all
}

/// What differs, item by item.
pub fn changes(before: &Stored, after: &Stored) -> Vec<String> {
    let mut found = Vec::new();
    for (key, item) in after {
        match before.get(key) {
            None => found.push(format!("{key:?} is new")),
            Some(was) if was != item => found.push(format!("{key:?} was {was} and is {item}")),
            Some(_) => {}
        }
    }
    found.extend(before.keys().filter(|key| !after.contains_key(*key)).map(|key| format!("{key:?} is gone")));
    found
}

/// Waits until nothing that is stored changes any more; what is stored then.
pub async fn at_rest(local: &Local) -> Stored {
    let (mut last, mut still) = (stored(local).await, 0);
    let look = async || {
        let now = stored(local).await;
        let changed = changes(&last, &now);
        still = if changed.is_empty() { still + 1 } else { 0 };
        last = now;
        tokio::time::sleep(Duration::from_millis(400)).await;
        Ok(if still >= STILL { Ok(()) } else { Err(changed.join("; ")) })
    };
    poll_until(PATIENCE, "everything at rest", look).await.unwrap_or_else(|error| panic!("{error}"));
    stored(local).await
}

#[test]
fn a_table_that_was_tampered_with_is_found_out() {
    let item = |units: &str| json!({"units": {"N": units}});
    let place = |sk: &str| ("StockTableName".to_owned(), "T#demo#SKU#A".to_owned(), sk.to_owned());
    let before = Stored::from([(place("ATP"), item("4")), (place("SITE#reno"), item("4"))]);
    assert!(changes(&before, &before).is_empty());
    let after = Stored::from([(place("ATP"), item("3")), (place("SITE#ohio"), item("4"))]);
    assert_eq!(changes(&before, &after).len(), 3, "one changed, one new, one gone");
}
