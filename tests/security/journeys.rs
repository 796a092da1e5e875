//! Whole orders with everything that goes wrong with them, played once for all that look at their traces: every personal
//! field and every secret carries a word that stands nowhere else.

mod around;
mod hands;
mod later;
mod rare;

use crate::people::{
    cancel, done, fulfill, hand_over, intent, order, pack, pick, place, post, send_off, station, until, until_event,
    until_exception, until_part,
};
use crate::world::{World, cart, item, number, usd};
use around::{
    by_the_clock, channel, documents, lapsed, partners_that_echo, read_everything, refused, returned_to_sender,
};
use later::{declined_anew, differing, lapsing, swept, unsent};
use rare::{failed_for_good, hot, late, lots, mispriced, placed_late};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use waybill_harness::Local;
use waybill_harness::api::Role;

/// Words of persons: each stands in one kind of field.
pub const PERSONAL: [&str; 10] = [
    "zqcanarymail",
    "Zqcanaryname",
    "55501778899",
    "Zqcanaryship",
    "Zqcanarystreet",
    "Zqcanaryfloor",
    "Zqcanarycity",
    "zqcanarycancel",
    "zqcanaryreview",
    "zqcanaryrefund",
];
/// Words of a channel's customers.
pub const CHANNEL: [&str; 4] = ["zqchannelmail", "Zqchannelname", "55501667788", "Zqchannelstreet"];
/// A gift card's code, as the shopper types it.
pub const GIFT_CODE: &str = "ZQGIFT-9988-7766";

static PLAYED: OnceCell<Played> = OnceCell::const_new();

/// What was heard while they were played.
#[derive(Debug, Default)]
pub struct Played {
    /// The orders, for their records.
    pub orders: Vec<String>,
    /// Every answer that refused something.
    pub refusals: Vec<String>,
}

/// Plays everything, the first time it is asked for.
pub async fn played(world: &World) -> &'static Played {
    PLAYED.get_or_init(|| Box::pin(play(world))).await
}

async fn play(world: &World) -> Played {
    let local = &world.local;
    let one = futures::join!(
        async { futures::join!(delivered_and_refunded(local), disputed(local), accounts(local), authenticated(local)) },
        async { futures::join!(declined(local), reviewed(local), cancelled(local)) },
        async { futures::join!(short(local), two_sites(local), backordered(local)) },
        async {
            futures::join!(partners_that_echo(world), channel(local), documents(local), returned_to_sender(local))
        },
        async { futures::join!(hot(local), mispriced(local), lots(local), late(local), failed_for_good(world)) },
    );
    let (of_money, of_waits, of_sites, of_others, of_rare) = one;
    let of_money = [of_money.0, of_money.1, of_money.2, of_money.3].concat();
    let of_waits = [of_waits.0, of_waits.1, of_waits.2].concat();
    let of_sites = [of_sites.0, of_sites.1, of_sites.2].concat();
    let of_rare = [of_rare.0, of_rare.1, of_rare.2, of_rare.3, of_rare.4].concat();
    let mut orders = [of_money, of_waits, of_sites, of_others.0, of_others.1, of_others.3, of_rare].concat();
    orders.extend(in_turn(world).await);
    read_everything(world).await;
    let refusals = refused(world, &orders).await;
    Played { orders, refusals }
}

/// What changes something for everybody: the processor's clock, the mail service, who is told of changes.
async fn in_turn(world: &World) -> Vec<String> {
    let local = &world.local;
    let holds = lapsing(local).await;
    let mut orders = holds.orders();
    orders.extend(lapsed(local).await);
    declined_anew(world, &holds).await;
    orders.extend(unsent(local).await);
    orders.extend(swept(world).await);
    by_the_clock(local).await;
    orders.extend(differing(local).await);
    orders
}

/// A cart of a person whose every field is known again.
fn persons(sku: &str, quantity: i64) -> Value {
    let mut cart = cart(sku, quantity);
    cart["customer"] = json!({"email": format!("zqcanarymail{}@example.com", number()), "name": "Zqcanaryname Doe",
                              "phone": "+1 55501778899"});
    cart["ship_to"]["name"] = json!("Zqcanaryship Doe");
    cart["ship_to"]["line1"] = json!("1 Zqcanarystreet");
    cart["ship_to"]["line2"] = json!("Zqcanaryfloor 3");
    cart["ship_to"]["city"] = json!("Zqcanarycity");
    cart
}

async fn delivered_and_refunded(local: &Local) -> Vec<String> {
    let id = place(local, &persons(&item(local, 5).await, 3)).await;
    fulfill(local, &id).await;
    let wish = json!({"lines": [{"line": 1, "quantity": 1}], "reason": "zqcanaryrefund"});
    let preview = done(local, Role::Support, &format!("/orders/{id}/refunds/preview"), &wish).await;
    let mut asked = wish;
    asked["total"] = preview["refund"]["total"].clone();
    done(local, Role::Support, &format!("/orders/{id}/refunds"), &asked).await;
    until_event(local, &id, "refunded").await;
    // Its bank sends it back: the refund fails, and is tried again.
    let second = place(local, &{
        let mut cart = persons(&item(local, 5).await, 1);
        cart["payments"][0]["method"] = json!("pm_card_pendingRefund");
        cart
    })
    .await;
    fulfill(local, &second).await;
    let wish = json!({"goodwill": usd(100), "total": usd(100), "reason": "zqcanaryrefund"});
    done(local, Role::Support, &format!("/orders/{second}/refunds"), &wish).await;
    until(local, &second, "a refund on its way", |order| order["refunds"][0]["parts"][0]["reference"].is_string())
        .await;
    let found = order(local, &second).await;
    let refund = found["refunds"][0]["parts"][0]["reference"].as_str().unwrap().to_owned();
    local.partners.settle_refund(&refund, false).await.unwrap();
    until_exception(local, &second).await;
    let _ = post(local, Role::Support, &format!("/orders/{second}/refunds/1/retry"), &json!({})).await;
    done(local, Role::Support, &format!("/orders/{second}/exceptions/1/resolve"), &json!({"note": "seen"})).await;
    vec![id, second]
}

async fn disputed(local: &Local) -> Vec<String> {
    let id = place(local, &persons(&item(local, 5).await, 1)).await;
    fulfill(local, &id).await;
    let opened = local.partners.dispute(&intent(local, &id).await, None).await.unwrap();
    until_event(local, &id, "dispute_opened").await;
    local.partners.close_dispute(opened["id"].as_str().unwrap(), false).await.unwrap();
    until_event(local, &id, "dispute_closed").await;
    vec![id]
}

async fn declined(local: &Local) -> Vec<String> {
    let with = async |method: &str| {
        let mut cart = persons(&item(local, 5).await, 1);
        cart["payments"][0]["method"] = json!(method);
        place(local, &cart).await
    };
    let ended = with("pm_card_visa_chargeDeclinedStolenCard").await;
    until_event(local, &ended, "stock_released").await;
    let waits = with("pm_card_visa_chargeDeclinedInsufficientFunds").await;
    until(local, &waits, "declined", |order| order["payment_status"] == "failed").await;
    done(local, Role::Store, &format!("/orders/{waits}/payments/1/method"), &json!({"method": "pm_card_visa"})).await;
    until_part(local, &waits, 1, "open").await;
    // Declined, and called off while it waits.
    let gone = with("pm_card_visa_chargeDeclinedInsufficientFunds").await;
    until(local, &gone, "declined", |order| order["payment_status"] == "failed").await;
    cancel(local, &gone).await;
    vec![ended, waits, gone]
}

async fn reviewed(local: &Local) -> Vec<String> {
    let mut orders = Vec::new();
    for decision in ["approve", "reject"] {
        let sku = item(local, 5).await;
        let mut cart = persons(&sku, 1);
        cart["lines"][0]["unit_price"] = usd(600_000);
        cart["total"] = usd(600_500);
        let id = place(local, &cart).await;
        until(local, &id, "a review", |order| order["needs_review"] == true && order["payment_status"] == "authorized")
            .await;
        let body = json!({"decision": decision, "note": "zqcanaryreview"});
        done(local, Role::Support, &format!("/orders/{id}/review"), &body).await;
        match decision {
            "approve" => drop(until_part(local, &id, 1, "open").await),
            _ => until_event(local, &id, "stock_released").await,
        }
        orders.push(id);
    }
    orders
}

async fn short(local: &Local) -> Vec<String> {
    let mut orders = Vec::new();
    for found in [1, 0] {
        let sku = item(local, 5).await;
        let id = place(local, &persons(&sku, 2)).await;
        until_part(local, &id, 1, "open").await;
        station(local, &id, 1, "pick", &json!({"lines": [{"sku": sku, "picked": found}]})).await;
        if found > 0 {
            pack(local, &id, 1).await;
            hand_over(local, &id, 1).await;
            until_event(local, &id, "payment_captured").await;
        } else {
            until_event(local, &id, "stock_released").await;
        }
        orders.push(id);
    }
    orders
}

async fn cancelled(local: &Local) -> Vec<String> {
    let sku = item(local, 20).await;
    let (at_once, open) = (place(local, &persons(&sku, 1)).await, place(local, &persons(&sku, 1)).await);
    let (picked, labeled) = (place(local, &persons(&sku, 1)).await, place(local, &persons(&sku, 1)).await);
    cancel(local, &at_once).await;
    until_part(local, &open, 1, "open").await;
    cancel(local, &open).await;
    pick(local, &picked, 1).await;
    cancel(local, &picked).await;
    pick(local, &labeled, 1).await;
    pack(local, &labeled, 1).await;
    until_part(local, &labeled, 1, "labeled").await;
    cancel(local, &labeled).await;
    vec![at_once, open, picked, labeled]
}

async fn two_sites(local: &Local) -> Vec<String> {
    let sku = item(local, 1).await;
    local.api.put(Role::Admin, &format!("/stock/{sku}/columbus"), &json!({"on_hand": 1})).await.unwrap();
    let id = place(local, &persons(&sku, 2)).await;
    until(local, &id, "two parts", |order| order["fulfillments"].as_array().map(Vec::len) == Some(2)).await;
    for part in [1, 2] {
        pick(local, &id, part).await;
        pack(local, &id, part).await;
        hand_over(local, &id, part).await;
    }
    until(local, &id, "both gone", |order| order["fulfillment_status"] == "shipped").await;
    vec![id]
}

/// An item that may be sold before it comes, and a cart of two.
struct Backorderable {
    sku: String,
    cart: Value,
    announcement: String,
}

/// An item with so many units here, and five announced.
async fn backorderable(local: &Local, here: u32, fill: &str) -> Backorderable {
    let sku = item(local, here).await;
    let mut record = local.api.get(Role::Admin, &format!("/catalog/items/{sku}")).await.unwrap();
    record["backorder"] = json!("backorder");
    local.api.put(Role::Admin, &format!("/catalog/items/{sku}"), &record).await.unwrap();
    let announced = json!({"site": "reno", "due": "2027-06-01", "lines": [{"sku": sku, "quantity": 5}]});
    let announced = done(local, Role::Admin, "/stock/announcements", &announced).await;
    let mut cart = persons(&sku, 2);
    cart["fill"] = json!(fill);
    Backorderable { sku, cart, announcement: announced["id"].as_str().unwrap().to_owned() }
}

/// Units that are promised out of an announcement, and come.
async fn backordered(local: &Local) -> Vec<String> {
    let mut orders = Vec::new();
    for (fill, here) in [("ship_complete", 0), ("fill_available", 1), ("fill_available", 1)] {
        let Backorderable { sku, cart, announcement } = backorderable(local, here, fill).await;
        let id = placed_late(local, &cart).await;
        if orders.len() == 2 {
            // Called off while it waits for units.
            cancel(local, &id).await;
        } else {
            let receipt = json!({"site": "reno", "announcement": announcement, "lines": [{"sku": sku, "quantity": 5}]});
            done(local, Role::Warehouse, "/stock/receipts", &receipt).await;
            until_event(local, &id, "backorder_filled").await;
        }
        orders.push(id);
    }
    orders
}

/// A gift card, store credit and an invoice.
async fn accounts(local: &Local) -> Vec<String> {
    let load = json!({"code": GIFT_CODE, "amount": usd(800), "reason": "sold"});
    done(local, Role::Admin, "/accounts/gift_card/by-code/adjustments", &load).await;
    // Less than is there cannot be taken back.
    let much = json!({"code": GIFT_CODE, "amount": usd(-8_000), "reason": "taken back"});
    assert_eq!(post(local, Role::Admin, "/accounts/gift_card/by-code/adjustments", &much).await.status, 409);
    let mut cart = persons(&item(local, 5).await, 1);
    cart["payments"] = json!([{"gift_card": GIFT_CODE, "amount": usd(800)}, {"method": "pm_card_visa"}]);
    let gift = place(local, &cart).await;
    fulfill(local, &gift).await;
    let wish = json!({"goodwill": usd(1_000), "total": usd(1_000), "reason": "zqcanaryrefund"});
    done(local, Role::Support, &format!("/orders/{gift}/refunds"), &wish).await;
    until_event(local, &gift, "refunded").await;
    let lent = json!({"amount": usd(50_000), "reason": "a good customer"});
    done(local, Role::Admin, "/accounts/net_terms/buyer-1/adjustments", &lent).await;
    let mut cart = persons(&item(local, 5).await, 1);
    cart["payments"] = json!([{"account": {"account": "net_terms", "id": "buyer-1"}}]);
    let invoiced = place(local, &cart).await;
    send_off(local, &invoiced, 1).await;
    let paid = json!({"amount": usd(1_500), "reference": "BANK-1"});
    let _ = post(local, Role::Admin, &format!("/orders/{invoiced}/payments/1/paid"), &paid).await;
    vec![gift, invoiced]
}

async fn authenticated(local: &Local) -> Vec<String> {
    let mut cart = persons(&item(local, 5).await, 1);
    cart["payments"] =
        json!([{"method": "pm_card_authenticationRequired", "return_url": "https://shop.example.com/back"}]);
    let id = place(local, &cart).await;
    until(local, &id, "3-D Secure", |order| order["payments"][0]["pending"]["kind"] == "action").await;
    local.partners.authenticate(&intent(local, &id).await, true).await.unwrap();
    let _ = post(local, Role::Store, &format!("/orders/{id}/payments/1/refresh"), &json!({})).await;
    until_part(local, &id, 1, "open").await;
    vec![id]
}
