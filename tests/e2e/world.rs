//! One local AWS for all tests of this binary, and what staff, shopper and carrier do with it.

use serde_json::{Value, json};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::{OnceCell, RwLock};
use waybill_harness::api::{Answer, Call, Method, Role, poll_until};
use waybill_harness::{Local, LocalOptions};

/// Long enough for a busy machine; a test that passes does not wait for it.
pub const PATIENCE: Duration = Duration::from_mins(2);

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
});
static LOCAL: OnceCell<Local> = OnceCell::const_new();
static TURNS: RwLock<()> = RwLock::const_new(());
static NUMBER: AtomicU32 = AtomicU32::new(1);

/// Runs a test against the local AWS, beside others.
pub fn run<F: Future<Output = ()>>(test: impl FnOnce(&'static Local) -> F) {
    RUNTIME.block_on(async {
        let _beside_others = TURNS.read().await;
        test(LOCAL.get_or_init(start).await).await;
    });
}

/// Runs a test that changes how a partner or the relay behaves for everybody: no other test runs meanwhile.
pub fn run_alone<F: Future<Output = ()>>(test: impl FnOnce(&'static Local) -> F) {
    RUNTIME.block_on(async {
        let _alone = TURNS.write().await;
        test(LOCAL.get_or_init(start).await).await;
    });
}

async fn start() -> Local {
    Local::start(LocalOptions::default()).await.unwrap_or_else(|error| panic!("{error}"))
}

/// A number no other test has.
pub fn number() -> u32 {
    NUMBER.fetch_add(1, Ordering::SeqCst)
}

pub fn usd(minor: i64) -> Value {
    json!({"minor": minor, "currency": "USD"})
}

/// A cart of `quantity` of `sku` at `price` cents each, shipped for 5.00.
pub fn cart(sku: &str, quantity: u32, price: i64) -> Value {
    json!({
        "reference": format!("T-{}", number()),
        "currency": "USD",
        "customer": {"email": format!("shopper{}@example.com", number()), "name": "Ada Example"},
        "ship_to": {"name": "Ada Example", "line1": "92 Chestnut Street", "city": "Louisville", "region": "KY",
                    "postal_code": "40202", "country": "US"},
        "lines": [{"sku": sku, "quantity": quantity, "unit_price": usd(price)}],
        "shipping": {"service": "standard", "price": usd(500)},
        "total": usd(price * i64::from(quantity) + 500),
        "payments": [{"method": "pm_card_visa"}],
    })
}

/// Posts an order under a key of its own.
pub async fn post_order(local: &Local, cart: &Value) -> Answer {
    let call = Call::new(Method::POST, "/orders").key(format!("key-{}", number())).json(cart);
    local.api.send(Some(Role::Store), call).await.unwrap()
}

/// Places an order; its id.
pub async fn place(local: &Local, cart: &Value) -> String {
    let answer = post_order(local, cart).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()["id"].as_str().unwrap().to_owned()
}

pub async fn order(local: &Local, id: &str) -> Value {
    local.api.get(Role::Support, &format!("/orders/{id}")).await.unwrap()
}

/// Waits until the order is as wanted.
pub async fn until(local: &Local, id: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let look = async || {
        let order = local.api.get(Role::Support, &format!("/orders/{id}")).await?;
        Ok(if wanted(&order) { Ok(order) } else { Err(order.to_string()) })
    };
    poll_until(PATIENCE, what, look).await.unwrap_or_else(|error| panic!("{error}"))
}

/// Waits until fulfillment order 1 has `status`.
pub async fn until_part(local: &Local, id: &str, status: &str) -> Value {
    until(local, id, status, |order| order["fulfillments"][0]["status"] == status).await
}

/// Waits until the timeline has an event of that type; all of its types.
pub async fn until_event(local: &Local, id: &str, kind: &str) -> Vec<String> {
    let look = async || {
        let seen = types(local, id).await;
        Ok(if seen.iter().any(|seen| seen == kind) { Ok(seen) } else { Err(seen.join(", ")) })
    };
    poll_until(PATIENCE, kind, look).await.unwrap_or_else(|error| panic!("{error}"))
}

pub async fn timeline(local: &Local, id: &str) -> Vec<Value> {
    let timeline = local.api.get(Role::Support, &format!("/orders/{id}/timeline")).await.unwrap();
    timeline["events"].as_array().unwrap().clone()
}

pub async fn types(local: &Local, id: &str) -> Vec<String> {
    timeline(local, id).await.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

/// Staff do something to fulfillment order 1.
pub async fn station(local: &Local, id: &str, step: &str, body: &Value) -> Value {
    let path = format!("/orders/{id}/fulfillments/1/{step}");
    local.api.post(Role::Warehouse, &path, &format!("station-{}", number()), body).await.unwrap()
}

/// Picks everything of fulfillment order 1.
pub async fn pick_all(local: &Local, id: &str) {
    let order = until_part(local, id, "open").await;
    let lines = order["fulfillments"][0]["lines"].as_array().unwrap();
    let found: Vec<Value> =
        lines.iter().map(|line| json!({"line": line["line"], "picked": line["quantity"]})).collect();
    station(local, id, "pick", &json!({"lines": found})).await;
}

pub async fn pack(local: &Local, id: &str) {
    until_part(local, id, "picked").await;
    station(local, id, "pack", &json!({"carton": "BOX-S", "weight_grams": 900})).await;
}

pub async fn hand_over(local: &Local, id: &str) {
    until_part(local, id, "labeled").await;
    station(local, id, "hand-over", &json!({"manifest": "M-1"})).await;
}

/// The carrier delivers fulfillment order 1, once it is dispatched.
pub async fn deliver(local: &Local, id: &str) {
    until_event(local, id, "dispatched").await;
    let order = order(local, id).await;
    let code = order["fulfillments"][0]["shipment"]["tracking_code"].as_str().unwrap().to_owned();
    local.partners.track(&code, "delivered").await.unwrap();
}

/// From the open pick to the door.
pub async fn fulfill(local: &Local, id: &str) -> Value {
    pick_all(local, id).await;
    pack(local, id).await;
    hand_over(local, id).await;
    deliver(local, id).await;
    until(local, id, "closed", |order| order["status"] == "closed").await
}

pub async fn cancel(local: &Local, id: &str) {
    let path = format!("/orders/{id}/cancel");
    let body = json!({"reason": "changed their mind"});
    local.api.post(Role::Support, &path, &format!("cancel-{}", number()), &body).await.unwrap();
}

/// What the processor's own books say of the order's intent.
pub async fn intent(local: &Local, id: &str) -> Option<Value> {
    let books = local.partners.stripe_books().await.unwrap();
    let intents =
        books["intents"].as_array().or_else(|| books["payment_intents"].as_array()).cloned().unwrap_or_default();
    intents.into_iter().find(|intent| intent["metadata"]["order_id"] == id)
}

/// Units available network-wide, and on hand at Reno.
pub async fn stock(local: &Local, sku: &str) -> (i64, i64) {
    let levels = local.api.get(Role::Admin, &format!("/stock/{sku}")).await.unwrap();
    let reno =
        levels["sites"].as_array().unwrap().iter().find(|site| site["site"] == "reno").cloned().unwrap_or_default();
    (levels["available"].as_i64().unwrap(), reno["on_hand"].as_i64().unwrap_or_default())
}

/// A new item with units of its own at Reno, so that no other test moves its stock.
pub async fn item(local: &Local, units: u32) -> String {
    let sku = format!("ITEM-{:06}", number());
    let record = json!({"sku": sku, "title": "An item", "length_mm": 100, "width_mm": 80, "height_mm": 60,
                        "weight_grams": 250, "prices": [usd(1000)]});
    local.api.put(Role::Admin, &format!("/catalog/items/{sku}"), &record).await.unwrap();
    local.api.put(Role::Admin, &format!("/stock/{sku}/reno"), &json!({"on_hand": units})).await.unwrap();
    sku
}

/// Waits until `count` mails about the order have left; their subjects.
pub async fn mails(local: &Local, id: &str, count: usize) -> Vec<String> {
    let look = async || {
        let sent = local.aws.outbox().await?;
        let subjects: Vec<String> =
            sent.into_iter().filter(|mail| mail.text.contains(id)).map(|mail| mail.subject).collect();
        Ok(if subjects.len() >= count { Ok(subjects) } else { Err(subjects.join("; ")) })
    };
    poll_until(PATIENCE, "mails", look).await.unwrap_or_else(|error| panic!("{error}"))
}
