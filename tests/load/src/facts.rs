//! Asks everybody's books after a run: ours, the processor's, the carrier's, the queues'.

use crate::judge::{Facts, MAILS, Must, OrderFacts, StockFacts};
use crate::scene::{SITE, Scene};
use futures::StreamExt as _;
use futures::stream;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use waybill_harness::Result;
use waybill_harness::api::Role;

/// Orders read at the same time.
const READERS: usize = 4;

/// What the partners know of an order.
#[derive(Clone, Debug, Default)]
struct Outside {
    taken: Vec<i64>,
    labels: usize,
}

/// How long a mail may take whose sender died: its claim's lease, and until its message comes again.
const PATIENCE: Duration = Duration::from_mins(4);
/// Letters of an order's id: `ord-` and 32 hexadecimal digits.
const ORDER: usize = 36;
/// From one look into the outbox to the next.
const LOOK: Duration = Duration::from_secs(2);

/// Everything there is. Orders in `must_arrive` are to be delivered, the others to wait. `seen` is told how many orders
/// have been read.
///
/// # Errors
/// When somebody does not show their books.
pub async fn facts(
    scene: &Scene,
    accepted: Vec<String>,
    must_arrive: &BTreeSet<String>,
    seen: impl Fn(usize),
) -> Result<Facts> {
    let outside = outside(scene).await?;
    let ids: Vec<String> = scene.first_events().await?.into_keys().collect();
    let reads = stream::iter(ids).map(|id| {
        let known = outside.get(&id).cloned().unwrap_or_default();
        let must = if must_arrive.contains(&id) { Must::Arrive } else { Must::Wait };
        read(scene, id, must, known)
    });
    let mut reads = reads.buffer_unordered(READERS);
    let mut orders = Vec::new();
    while let Some(order) = reads.next().await {
        orders.push(order?);
        seen(orders.len());
    }
    let delivered = orders.iter().filter(|order| order.is_delivered()).map(|order| order.id.clone()).collect();
    let mut mails = mails(scene, &delivered).await?;
    for order in &mut orders {
        order.mails = mails.remove(&order.id).unwrap_or_default();
    }
    let mut stock = Vec::new();
    for sku in &scene.items {
        stock.push(counted(scene, sku).await?);
    }
    let queues = scene.local.aws.depths().await?;
    let is_given_up = |name: &str| name.ends_with("DeadLetters") || name == "FailureQueue";
    let given_up = queues.into_iter().filter(|(name, _)| is_given_up(name)).collect();
    Ok(Facts { accepted, orders, stock, given_up })
}

async fn read(scene: &Scene, id: String, must: Must, outside: Outside) -> Result<OrderFacts> {
    let order = scene.order(&id).await?;
    let proof = scene.api().get(Role::Support, &format!("/orders/{id}/proof")).await?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let cents = |value: &Value| value["minor"].as_i64().unwrap_or_default();
    let listed = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut unproven: Vec<String> = listed(&proof["differences"]).iter().map(text).collect();
    if proof["holds"] != true && unproven.is_empty() {
        unproven.push("it does not hold and does not say why".to_owned());
    }
    let open = |case: &&Value| case["resolved"] != true;
    let exceptions = listed(&order["exceptions"]).iter().filter(open).map(|case| text(&case["reason"])).collect();
    Ok(OrderFacts {
        must,
        sku: text(&order["lines"][0]["sku"]),
        status: text(&order["status"]),
        payment: text(&order["payment_status"]),
        fulfillment: text(&order["fulfillment_status"]),
        waits: !listed(&order["fulfillments"]).is_empty(),
        total: cents(&order["total"]),
        captured: cents(&order["captured"]),
        unproven,
        exceptions,
        taken: outside.taken,
        labels: outside.labels,
        mails: BTreeSet::new(),
        id,
    })
}

async fn counted(scene: &Scene, sku: &str) -> Result<StockFacts> {
    let levels = scene.api().get(Role::Admin, &format!("/stock/{sku}")).await?;
    let sites = levels["sites"].as_array().into_iter().flatten();
    let on_hand = sites.filter(|site| site["site"] == SITE).filter_map(|site| site["on_hand"].as_i64()).sum();
    let available = levels["available"].as_i64().unwrap_or(i64::MIN);
    Ok(StockFacts { sku: sku.to_owned(), units: i64::from(scene.units), available, on_hand })
}

/// What each order's shopper was told, once those of the delivered ones were told all there is to tell, or the patience ends.
async fn mails(scene: &Scene, delivered: &BTreeSet<String>) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let until = Instant::now() + PATIENCE;
    loop {
        let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for mail in scene.local.aws.outbox().await? {
            if let Some(order) = order_in(&mail.text) {
                told.entry(order).or_default().insert(mail.subject);
            }
        }
        let is_told = |order: &String| told.get(order).is_some_and(|mails| mails.len() >= MAILS);
        if delivered.iter().all(is_told) || Instant::now() > until {
            return Ok(told);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// The order that a mail is about: its number stands last in it.
fn order_in(text: &str) -> Option<String> {
    let at = text.rfind("ord-")?;
    text.get(at..at + ORDER).map(str::to_owned)
}

/// What the processor and the carrier know of each order.
async fn outside(scene: &Scene) -> Result<BTreeMap<String, Outside>> {
    let mut known: BTreeMap<String, Outside> = BTreeMap::new();
    let books = scene.local.partners.stripe_books().await?;
    for intent in books["intents"].as_array().into_iter().flatten().filter(|intent| intent["canceled"] != true) {
        let Some(order) = intent["metadata"]["order_id"].as_str() else { continue };
        let taken = intent["captured"].as_i64().unwrap_or_default();
        known.entry(order.to_owned()).or_default().taken.push(taken);
    }
    let books = scene.local.partners.easypost_books().await?;
    for shipment in books["shipments"].as_array().into_iter().flatten() {
        let is_paid = shipment["bought"] == true && shipment["refunded"] != true;
        let reference = shipment["reference"].as_str().filter(|_| is_paid);
        if let Some((order, _part)) = reference.and_then(|reference| reference.rsplit_once('-')) {
            known.entry(order.to_owned()).or_default().labels += 1;
        }
    }
    Ok(known)
}
