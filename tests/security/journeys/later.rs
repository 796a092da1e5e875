//! What comes of time that passes, of messages that were lost, and of numbers that were changed by hand.

use super::hands::{aged, due, edit, until_called};
use super::rare::{of_two_sites, placed_late, receive};
use super::{Backorderable, backorderable, persons};
use crate::echo::{processor_500, processor_expired, processor_stolen};
use crate::people::{done, fulfill, intent, pack, pick, place, until, until_event, until_part};
use crate::world::{World, item, usd};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use waybill_harness::Local;
use waybill_harness::api::{Method, Role};

const DAYS: SignedDuration = SignedDuration::from_hours(5 * 24);

/// Orders whose money is held now, and will have lapsed.
pub(super) struct Lapsing {
    /// Its second parcel waits for a picker.
    parcels: String,
    /// One unit waits for a picker, the other is expected; the item. Its next hold is declined for good.
    backordered: (String, String),
    /// The same, to be declined until another card is named.
    hopeful: (String, String),
}

impl Lapsing {
    pub(super) fn orders(&self) -> Vec<String> {
        vec![self.parcels.clone(), self.backordered.0.clone(), self.hopeful.0.clone()]
    }
}

fn with_card(cart: &mut Value, method: &str) {
    cart["payments"][0]["method"] = json!(method);
    cart["payments"][0]["customer"] = json!("cus_saved");
}

/// Before the clock is moved.
pub(super) async fn lapsing(local: &Local) -> Lapsing {
    let mut cart = of_two_sites(local).await;
    with_card(&mut cart, "pm_card_amex");
    let parcels = place(local, &cart).await;
    pick(local, &parcels, 1).await;
    until_part(local, &parcels, 2, "open").await;
    let partly = async |card: &str| {
        let Backorderable { sku, mut cart, .. } = backorderable(local, 1, "fill_available").await;
        with_card(&mut cart, card);
        let id = placed_late(local, &cart).await;
        until_part(local, &id, 1, "open").await;
        (id, sku)
    };
    Lapsing { parcels, backordered: partly("pm_card_mastercard").await, hopeful: partly("pm_card_visa_debit").await }
}

/// After it: none of them is held anew.
pub(super) async fn declined_anew(world: &World, orders: &Lapsing) {
    let local = &world.local;
    world.processor.refuse("pm_card_amex", processor_stolen);
    world.processor.refuse("pm_card_mastercard", processor_stolen);
    world.processor.refuse("pm_card_visa_debit", processor_expired);
    pack(local, &orders.parcels, 1).await;
    receive(local, &orders.backordered.1, 1).await;
    receive(local, &orders.hopeful.1, 1).await;
    until_event(local, &orders.parcels, "stock_released").await;
    until_event(local, &orders.backordered.0, "stock_released").await;
    until(local, &orders.hopeful.0, "declined", |order| order["payment_status"] == "failed").await;
    // Nobody names another card.
    aged(local, &orders.hopeful.0, DAYS).await;
    local.run("sweep").await.unwrap();
    until_event(local, &orders.hopeful.0, "stock_released").await;
}

/// A mail that the mail service does not take.
pub(super) async fn unsent(local: &Local) -> Vec<String> {
    let sender = local.stack.output("SenderEmail").unwrap();
    let identities = "/v2/email/identities";
    local.aws.rest("ses", Method::DELETE, &format!("{identities}/{sender}"), &Value::Null).await.unwrap();
    let sku = item(local, 5).await;
    let cart = persons(&sku, 1);
    let ((), id) = futures::join!(until_called(local, "notify", "DeleteItem"), place(local, &cart));
    local.aws.rest("ses", Method::POST, identities, &json!({"EmailIdentity": sender})).await.unwrap();
    until_part(local, &id, 1, "open").await;
    vec![id]
}

/// What the sweeper makes up for: an order that was never relayed, units nobody gave out, a payment whose next time has come,
/// a reservation that lapsed, a refund and a mail whose messages were lost.
pub(super) async fn swept(world: &World) -> Vec<String> {
    let local = &world.local;
    let refunded = unrefunded(world).await;
    local.aws.switch_source("waybill-relay", false).await.unwrap();
    let unrelayed = place(local, &persons(&item(local, 5).await, 1)).await;
    due(local, &unrelayed).await;
    local.run("sweep").await.unwrap();
    local.aws.switch_source("waybill-relay", true).await.unwrap();
    until_part(local, &unrelayed, 1, "open").await;
    let Backorderable { sku, mut cart, .. } = backorderable(local, 0, "ship_complete").await;
    cart["payments"][0]["method"] = json!("pm_card_visa_chargeDeclinedInsufficientFunds");
    let unpaid = placed_late(local, &cart).await;
    until(local, &unpaid, "declined", |order| order["payment_status"] == "failed").await;
    local.aws.switch_source("waybill-fill-backorders", false).await.unwrap();
    receive(local, &sku, 1).await;
    due(local, &unpaid).await;
    local.run("sweep").await.unwrap();
    local.aws.switch_source("waybill-fill-backorders", true).await.unwrap();
    until_event(local, &unpaid, "backorder_filled").await;
    aged(local, &unpaid, DAYS).await;
    local.run("sweep").await.unwrap();
    until_event(local, &unpaid, "reservation_lapsed").await;
    vec![refunded, unrelayed, unpaid]
}

/// A refund that the processor breaks down over: its message comes again much later, and the sweeper before it.
async fn unrefunded(world: &World) -> String {
    let local = &world.local;
    let id = place(local, &persons(&item(local, 5).await, 1)).await;
    fulfill(local, &id).await;
    world.processor.refuse(&intent(local, &id).await, processor_500);
    let wish = json!({"goodwill": usd(100), "total": usd(100), "reason": "zqcanaryrefund"});
    let path = format!("/orders/{id}/refunds");
    let asked = done(local, Role::Support, &path, &wish);
    futures::join!(until_called(local, "refund", "Query"), asked);
    due(local, &id).await;
    local.run("sweep").await.unwrap();
    until_event(local, &id, "refunded").await;
    id
}

/// Books that somebody changed: found at night.
pub(super) async fn differing(local: &Local) -> Vec<String> {
    let id = place(local, &persons(&item(local, 5).await, 1)).await;
    until_part(local, &id, 1, "open").await;
    let payment = intent(local, &id).await;
    edit(local, "OrdersTableName", (&id, "EVENT#"), |event| {
        let body = event["body"]["S"].as_str().unwrap().replace(&payment, &format!("{payment}x"));
        event["body"]["S"] = body.into();
    })
    .await;
    let sku = item(local, 5).await;
    edit(local, "StockTableName", (&format!("SKU#{sku}"), "ATP"), |counter| counter["available"]["N"] = "6".into())
        .await;
    let later = Timestamp::now().checked_add(SignedDuration::from_mins(1)).unwrap();
    let report = local.aws.invoke("waybill-reconcile", &json!({"to": later.to_string()})).await.unwrap();
    assert!(report["differences"].to_string().contains(&id), "{report}");
    assert!(report["stock"]["drifts"].to_string().contains(&sku), "{report}");
    vec![id]
}
