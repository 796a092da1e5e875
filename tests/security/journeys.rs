//! Whole orders with everything that goes wrong with them, played once for all that look at their traces: every personal
//! field and every secret carries a word that stands nowhere else.

use crate::echo::{carrier_422, carrier_500, processor_500};
use crate::operations::{document, operations};
use crate::people::{
    cancel, code, done, fulfill, hand_over, intent, order, pack, pick, place, post, send_off, station, until,
    until_event, until_exception, until_part,
};
use crate::world::{World, cart, item, key, number, usd};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::OnceCell;
use waybill_harness::Local;
use waybill_harness::api::{Call, Method, Role};
use waybill_harness::seed;

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
    );
    let (of_money, of_waits, of_sites, of_others) = one;
    let of_money = [of_money.0, of_money.1, of_money.2, of_money.3].concat();
    let of_waits = [of_waits.0, of_waits.1, of_waits.2].concat();
    let of_sites = [of_sites.0, of_sites.1, of_sites.2].concat();
    let mut orders = [of_money, of_waits, of_sites, of_others.0, of_others.1, of_others.3].concat();
    orders.extend(lapsed(local).await);
    by_the_clock(local).await;
    read_everything(world).await;
    let refusals = refused(world, &orders).await;
    Played { orders, refusals }
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

/// Units that are promised out of an announcement, and come.
async fn backordered(local: &Local) -> Vec<String> {
    let mut orders = Vec::new();
    for (fill, here) in [("ship_complete", 0), ("fill_available", 1), ("fill_available", 1)] {
        let sku = item(local, here).await;
        let mut record = local.api.get(Role::Admin, &format!("/catalog/items/{sku}")).await.unwrap();
        record["backorder"] = json!("backorder");
        local.api.put(Role::Admin, &format!("/catalog/items/{sku}"), &record).await.unwrap();
        let announced = json!({"site": "reno", "due": "2027-06-01", "lines": [{"sku": sku, "quantity": 5}]});
        let announced = done(local, Role::Admin, "/stock/announcements", &announced).await;
        let mut cart = persons(&sku, 2);
        cart["fill"] = json!(fill);
        // The catalog is read through a cache: sooner or later the item may be backordered everywhere.
        let placed = waybill_harness::api::poll_until(crate::world::PATIENCE, "a backorder", async || {
            let answer = post(local, Role::Store, "/orders", &cart).await;
            Ok(if answer.status == 201 { Ok(answer.json()) } else { Err(answer.text) })
        });
        let id = placed.await.unwrap()["id"].as_str().unwrap().to_owned();
        if orders.len() == 2 {
            // Called off while it waits for units.
            cancel(local, &id).await;
        } else {
            let receipt =
                json!({"site": "reno", "announcement": announced["id"], "lines": [{"sku": sku, "quantity": 5}]});
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

/// Partners that break down, or refuse, with everything they were sent in their answer.
async fn partners_that_echo(world: &World) -> Vec<String> {
    let local = &world.local;
    let charged = place(local, &{
        let mut cart = persons(&item(local, 5).await, 1);
        cart["payments"][0]["method"] = json!("pm_card_discover");
        world.processor.refuse("pm_card_discover", processor_500);
        cart
    })
    .await;
    until_part(local, &charged, 1, "open").await;
    let sent = place(local, &{
        let mut cart = persons(&item(local, 5).await, 1);
        cart["ship_to"]["line2"] = json!("Zqcanaryfloor five hundred");
        cart
    })
    .await;
    world.carrier.refuse("five hundred", carrier_500);
    pick(local, &sent, 1).await;
    pack(local, &sent, 1).await;
    until_part(local, &sent, 1, "labeled").await;
    let nowhere = place(local, &{
        let mut cart = persons(&item(local, 5).await, 1);
        cart["ship_to"]["line2"] = json!("Zqcanaryfloor nowhere");
        cart
    })
    .await;
    world.carrier.refuse("nowhere", carrier_422);
    pick(local, &nowhere, 1).await;
    pack(local, &nowhere, 1).await;
    until_exception(local, &nowhere).await;
    vec![charged, sent, nowhere]
}

/// An order of the channel, of a person whose every field is known again.
fn shopify(local: &Local, email: &str) -> Value {
    let text = include_str!("../events/shopify-order.json");
    let id = 900_000 + number();
    let mut order: Value = serde_json::from_str::<Value>(text).unwrap()["order"].take();
    order["id"] = json!(id);
    order["name"] = json!(format!("#S{id}"));
    order["email"] = json!(email);
    for person in ["shipping_address", "billing_address"] {
        if order[person].is_object() {
            order[person]["name"] = json!("Zqchannelname Doe");
            order[person]["phone"] = json!("+1 55501667788");
            order[person]["address1"] = json!("1 Zqchannelstreet");
        }
    }
    json!({"tenant": local.tenant, "channel": "shopify-demo", "order": order})
}

/// Puts a message on the channel's queue and waits for its order.
async fn sent_by_channel(local: &Local, message: &Value) -> String {
    let queue = local.stack.output("ChannelQueueUrl").unwrap();
    local.aws.send_message(queue, &message.to_string(), &[]).await.unwrap();
    let path = format!("/orders?reference={}", message["order"]["name"].as_str().unwrap().replace('#', "%23"));
    let found = waybill_harness::api::poll_until(crate::world::PATIENCE, "the channel's order", async || {
        let page = local.api.get(Role::Support, &path).await?;
        Ok(page["orders"][0]["id"].as_str().map(str::to_owned).ok_or_else(|| page.to_string()))
    });
    found.await.unwrap()
}

/// Orders of a channel: one that is taken, twice, and two that never will be.
async fn channel(local: &Local) -> Vec<String> {
    let queue = local.stack.output("ChannelQueueUrl").unwrap();
    let good = shopify(local, "zqchannelmail@example.com");
    let mut unpaid = shopify(local, "zqchannelmail@example.com");
    unpaid["order"]["financial_status"] = json!("pending");
    local.aws.send_message(queue, &unpaid.to_string(), &[]).await.unwrap();
    local.aws.send_message(queue, "{\"zqchannelmail@example.com\": Zqchannelname", &[]).await.unwrap();
    let order = sent_by_channel(local, &good).await;
    local.aws.send_message(queue, &good.to_string(), &[]).await.unwrap();
    send_off(local, &order, 1).await;
    vec![order]
}

/// Every document of stock, and a table of them.
async fn documents(local: &Local) {
    let sku = item(local, 20).await;
    let lines = |quantity: i64| json!([{"sku": sku, "quantity": quantity}]);
    let transfer = json!({"from": "reno", "to": "columbus", "due": "2027-06-01", "lines": lines(4)});
    let sent = done(local, Role::Warehouse, "/stock/transfers", &transfer).await;
    let receipt = json!({"site": "columbus", "announcement": sent["id"], "lines": lines(4)});
    done(local, Role::Warehouse, "/stock/receipts", &receipt).await;
    let adjustment = json!({"site": "reno", "note": "a wet box",
        "lines": [{"sku": sku, "quantity": -1, "reason": "damage"}]});
    done(local, Role::Admin, "/stock/adjustments", &adjustment).await;
    let count = json!({"site": "reno", "lines": [{"sku": sku, "counted": 14}]});
    let count = done(local, Role::Warehouse, "/stock/counts", &count).await;
    let decision = json!({"decision": "approve", "note": "it is gone"});
    let path = format!("/stock/counts/{}/decision", count["id"].as_str().unwrap());
    done(local, Role::Support, &path, &decision).await;
    let announced = json!({"site": "reno", "due": "2027-06-01", "lines": lines(3)});
    let announced = done(local, Role::Admin, "/stock/announcements", &announced).await;
    let path = format!("/stock/announcements/{}/withdrawal", announced["id"].as_str().unwrap());
    done(local, Role::Admin, &path, &json!({"note": "never made"})).await;
    let rows = format!(
        "type,sku,site,quantity,reason,reference\nreceipt,{sku},reno,5,,DN-1\nadjustment,{sku},reno,-2,damage,\ncount,{sku},reno,7,,\nreceipt,{sku},atlantis,5,,\n"
    );
    let name = format!("{}/documents-{sku}.csv", local.tenant);
    let _ = seed::import(&local.aws, &local.stack, &name, rows.clone().into_bytes()).await;
    let again = format!("{}/documents-{sku}-again.csv", local.tenant);
    let _ = seed::import(&local.aws, &local.stack, &again, rows.into_bytes()).await;
    for path in ["/availability?sku=MUG-BLUE", "/stock/counts/due?site=reno", "/stock/cases", "/catalog/items"] {
        local.api.get(if path.starts_with("/avail") { Role::Store } else { Role::Admin }, path).await.unwrap();
    }
}

async fn returned_to_sender(local: &Local) -> Vec<String> {
    let id = place(local, &persons(&item(local, 5).await, 1)).await;
    send_off(local, &id, 1).await;
    local.partners.track(&code(local, &id, 1).await, "return_to_sender").await.unwrap();
    until_exception(local, &id).await;
    vec![id]
}

/// A hold that lapses at the processor, which moves everybody's clock there: after all others.
async fn lapsed(local: &Local) -> Vec<String> {
    let mut cart = persons(&item(local, 5).await, 1);
    cart["payments"][0]["customer"] = json!("cus_saved");
    let id = place(local, &cart).await;
    pick(local, &id, 1).await;
    local.partners.advance_stripe_clock(Duration::from_hours(8 * 24)).await.unwrap();
    until_event(local, &id, "authorization_lapsed").await;
    pack(local, &id, 1).await;
    hand_over(local, &id, 1).await;
    until_event(local, &id, "payment_captured").await;
    vec![id]
}

/// What the clock starts on AWS.
async fn by_the_clock(local: &Local) {
    for function in ["sweep", "cool", "sweep"] {
        local.run(function).await.unwrap();
    }
    let later = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_mins(1)).unwrap();
    local.aws.invoke("waybill-reconcile", &json!({"to": later.to_string()})).await.unwrap();
}

/// Every reading route of the document, by each of its roles; and the lists by what they can be asked for.
async fn read_everything(world: &World) {
    let document = document();
    for operation in operations(&document).into_iter().filter(|operation| operation.method == "GET") {
        let path = operation.path_of(|hole| operation.record(hole, &world.records).to_owned());
        let path = path + &operation.required_query(&world.records);
        let role = Role::ALL.into_iter().find(|role| operation.scopes.contains(&format!("waybill/{role}"))).unwrap();
        world.local.api.get(role, &path).await.unwrap();
    }
    for query in ["customer=shopper@example.com", "reference=S-1", "status=placed&channel=api"] {
        world.local.api.get(Role::Support, &format!("/orders?{query}")).await.unwrap();
    }
}

/// Answers that refuse something of a person's.
async fn refused(world: &World, orders: &[String]) -> Vec<String> {
    let local = &world.local;
    let mut answers = Vec::new();
    let good = persons("MUG-BLUE", 1);
    let at = [
        "/customer/email",
        "/customer/name",
        "/customer/phone",
        "/ship_to/name",
        "/ship_to/line1",
        "/ship_to/line2",
        "/ship_to/city",
        "/ship_to/postal_code",
        "/payments/0/method",
        "/reference",
    ];
    for pointer in at {
        let mut bad = good.clone();
        let Some(value) = bad.pointer_mut(pointer) else { continue };
        *value = json!(format!("{} {}\u{0}", value.as_str().unwrap_or_default(), PERSONAL.join(" ")));
        answers.push(post(local, Role::Store, "/orders", &bad).await);
        *bad.pointer_mut(pointer).unwrap() = json!({PERSONAL[0]: PERSONAL[1]});
        answers.push(post(local, Role::Store, "/orders", &bad).await);
    }
    let mut gift = good.clone();
    gift["payments"] = json!([{"gift_card": GIFT_CODE, "amount": usd(80)}]);
    answers.push(post(local, Role::Store, "/orders", &gift).await);
    // The same key with another body.
    let again = key();
    for quantity in [1, 2] {
        let call = Call::new(Method::POST, "/orders").key(&again).json(&persons("MUG-BLUE", quantity));
        answers.push(local.api.send(Some(Role::Store), call).await.unwrap());
    }
    for id in orders {
        let reason = json!({"reason": "zqcanarycancel ".repeat(40)});
        answers.push(post(local, Role::Support, &format!("/orders/{id}/cancel"), &reason).await);
        let note = json!({"decision": "approve", "note": "zqcanaryreview"});
        answers.push(post(local, Role::Support, &format!("/orders/{id}/review"), &note).await);
    }
    let customer = format!("/orders?customer={}", "zqcanarymail%00");
    answers.push(local.api.send(Some(Role::Support), Call::new(Method::GET, customer)).await.unwrap());
    answers.into_iter().filter(|answer| answer.status >= 400).map(|answer| answer.text).collect()
}
