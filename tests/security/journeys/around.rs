//! What happens around orders: partners that repeat what they are sent, channels, documents, the clock, and everybody who looks.

use super::{GIFT_CODE, PERSONAL, persons};
use crate::echo::{carrier_422, carrier_500, processor_500};
use crate::operations::{document, operations};
use crate::people::{
    code, done, hand_over, pack, pick, place, post, send_off, until_event, until_exception, until_part,
};
use crate::world::{World, item, key, number, usd};
use serde_json::{Value, json};
use std::time::Duration;
use waybill_harness::Local;
use waybill_harness::api::{Call, Method, Role};
use waybill_harness::seed;

/// Partners that break down, or refuse, with everything they were sent in their answer.
pub(super) async fn partners_that_echo(world: &World) -> Vec<String> {
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
pub(super) fn shopify(local: &Local, email: &str) -> Value {
    let text = include_str!("../../events/shopify-order.json");
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
pub(super) async fn sent_by_channel(local: &Local, message: &Value) -> String {
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
pub(super) async fn channel(local: &Local) -> Vec<String> {
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
pub(super) async fn documents(local: &Local) {
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

pub(super) async fn returned_to_sender(local: &Local) -> Vec<String> {
    let id = place(local, &persons(&item(local, 5).await, 1)).await;
    send_off(local, &id, 1).await;
    local.partners.track(&code(local, &id, 1).await, "return_to_sender").await.unwrap();
    until_exception(local, &id).await;
    vec![id]
}

/// A hold that lapses at the processor, which moves everybody's clock there: after all others.
pub(super) async fn lapsed(local: &Local) -> Vec<String> {
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
pub(super) async fn by_the_clock(local: &Local) {
    for function in ["sweep", "cool", "sweep"] {
        local.run(function).await.unwrap();
    }
    let later = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_mins(1)).unwrap();
    local.aws.invoke("waybill-reconcile", &json!({"to": later.to_string()})).await.unwrap();
}

/// Every reading route of the document, by each of its roles; and the lists by what they can be asked for.
pub(super) async fn read_everything(world: &World) {
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
pub(super) async fn refused(world: &World, orders: &[String]) -> Vec<String> {
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
