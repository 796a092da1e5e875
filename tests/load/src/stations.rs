//! People: warehouse staff at their stations, and the carrier. They repeat what failed, under the same key, and do nothing
//! else about it.

use crate::scene::Scene;
use futures::StreamExt as _;
use futures::stream;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;
use waybill_harness::Result;
use waybill_harness::api::{Call, Method, Role};

/// Stations that work at the same time.
const STATIONS: usize = 4;
/// From one look at all orders to the next.
const PAUSE: Duration = Duration::from_millis(400);

/// Where people stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// The warehouse is waited for, or it is over.
    FirstWait,
    /// Support is waited for, or it is over.
    Review,
    /// The shopper's bank is waited for, or it is over.
    Payment,
    /// Units are waited for, or it is over.
    Stock,
    /// Its fulfillment order has this status, or it is over.
    Part(&'static str),
    /// It is closed or cancelled.
    Over,
}

impl Until {
    /// Is the order there?
    #[must_use]
    pub fn is_reached(self, order: &Value) -> bool {
        let is_over = matches!(order["status"].as_str(), Some("closed" | "cancelled"));
        let part = order["fulfillments"][0]["status"].as_str();
        is_over
            || match self {
                Self::FirstWait => part.is_some(),
                Self::Review => needs_review(order),
                Self::Payment => needs_the_shopper(order),
                Self::Stock => needs_units(order),
                Self::Part(status) => part == Some(status),
                Self::Over => false,
            }
    }
}

/// Works until every order of `ids` is where it is to be, or the patience ends. Tells those that are not there.
/// `seen` is told how many are.
pub async fn work(
    scene: &Scene,
    ids: &[String],
    until: Until,
    (patience, seen): (Duration, impl Fn(usize)),
) -> Vec<String> {
    let deadline = Instant::now() + patience;
    let mut open: BTreeSet<String> = ids.iter().cloned().collect();
    while !open.is_empty() {
        let looks = stream::iter(open.clone()).map(|id| async move {
            let is_there = look(scene, &id, until).await.unwrap_or(false);
            (id, is_there)
        });
        let mut looks = looks.buffer_unordered(STATIONS);
        while let Some((id, is_there)) = looks.next().await {
            if is_there {
                open.remove(&id);
                seen(ids.len() - open.len());
            }
        }
        if Instant::now() > deadline {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    open.into_iter().collect()
}

/// Looks at one order and does what is next, unless it is where it is to be.
async fn look(scene: &Scene, id: &str, until: Until) -> Result<bool> {
    let order = scene.order(id).await?;
    if until.is_reached(&order) {
        return Ok(true);
    }
    match until {
        // Nobody can do anything before.
        Until::FirstWait | Until::Review | Until::Payment | Until::Stock => {}
        Until::Part(_) | Until::Over => act(scene, id, &order).await?,
    }
    Ok(false)
}

async fn act(scene: &Scene, id: &str, order: &Value) -> Result<()> {
    if needs_review(order) {
        return post(scene, Role::Support, id, "review", &json!({"decision": "approve", "note": "seen"})).await;
    }
    if needs_the_shopper(order) {
        return authenticate(scene, id).await;
    }
    if needs_units(order) {
        return scene.receive_for(id).await;
    }
    let part = &order["fulfillments"][0];
    match part["status"].as_str().unwrap_or_default() {
        "open" | "picking" => {
            let lines = part["lines"].as_array().into_iter().flatten();
            let found: Vec<Value> =
                lines.map(|line| json!({"line": line["line"], "picked": line["quantity"]})).collect();
            post(scene, Role::Warehouse, id, "fulfillments/1/pick", &json!({"lines": found})).await
        }
        "picked" | "packing" => {
            let packed = json!({"carton": "BOX-S", "weight_grams": 900});
            post(scene, Role::Warehouse, id, "fulfillments/1/pack", &packed).await
        }
        "labeled" => post(scene, Role::Warehouse, id, "fulfillments/1/hand-over", &json!({"manifest": "M-1"})).await,
        "handed_over" => deliver(scene, part).await,
        _ => Ok(()),
    }
}

/// It was screened and its money is held: the workflow waits for support. What is approved soon has a fulfillment order.
fn needs_review(order: &Value) -> bool {
    let has_parts = order["fulfillments"].as_array().is_some_and(|parts| !parts.is_empty());
    order["needs_review"] == true && order["payment_status"] == "authorized" && !has_parts
}

/// The bank has asked for 3-D Secure.
fn needs_the_shopper(order: &Value) -> bool {
    order["payments"][0]["pending"]["kind"] == "action"
}

/// It is paid, and what it is of is not here.
fn needs_units(order: &Value) -> bool {
    order["payment_status"] == "authorized" && order["waits_for"].as_array().is_some_and(|waits| !waits.is_empty())
}

/// The shopper comes back from the bank. Once is enough: the processor tells it until it is heard.
async fn authenticate(scene: &Scene, id: &str) -> Result<()> {
    let books = scene.local.partners.stripe_books().await?;
    let waits = |intent: &&Value| intent["metadata"]["order_id"] == id && intent["status"] == "requires_action";
    let waiting = books["intents"].as_array().into_iter().flatten().find(waits);
    let Some(payment) = waiting.and_then(|intent| intent["id"].as_str()) else { return Ok(()) };
    scene.local.partners.authenticate(payment, true).await.map(drop)
}

/// One call of a person, whatever comes back: at the next look it is made again if it is still to be made.
async fn post(scene: &Scene, role: Role, id: &str, step: &str, body: &Value) -> Result<()> {
    let call = Call::new(Method::POST, format!("/orders/{id}/{step}")).key(format!("{id}-{step}")).json(body);
    scene.api().send(Some(role), call).await.map(drop)
}

/// The carrier tells that the parcel is delivered, and tells it again if nobody took it.
async fn deliver(scene: &Scene, part: &Value) -> Result<()> {
    let Some(code) = part["shipment"]["tracking_code"].as_str() else { return Ok(()) };
    if part["shipment"]["status"] == "delivered" || scene.local.partners.track(code, "delivered").await.is_ok() {
        return Ok(());
    }
    // The parcel may be at the door in the carrier's books and not in ours.
    let url = format!("{}/_control/track", scene.local.partners.addresses().easypost);
    let again = json!({"tracking_code": code, "status": "delivered", "only": true});
    // Not taken either: the next look tells it once more.
    let _ = scene.local.aws.http().post(url).json(&again).send().await;
    Ok(())
}
