//! What happens seldom: hot items, lots, units that come late, stages that fail for good.

use super::around::{sent_by_channel, shopify};
use super::hands::{edit, heat, until_called};
use super::{Backorderable, backorderable, persons};
use crate::echo::{carrier_422, processor_400, processor_500};
use crate::people::{
    done, hand_over, intent, pack, pick, place, post, station, until, until_event, until_exception, until_part,
};
use crate::world::{PATIENCE, World, item, number};
use serde_json::{Value, json};
use waybill_harness::Local;
use waybill_harness::api::{Role, poll_until};
use waybill_harness::seed;

/// An item that many want at once: bought by a store and by a channel, more of it asked for than there is, counted down by
/// a table, held by an order that died, and gathered again when nobody wants it any more.
pub(super) async fn hot(local: &Local) -> Vec<String> {
    let sku = item(local, 30).await;
    heat(local, &sku).await;
    // More than one shard has.
    let bought = place(local, &persons(&sku, 5)).await;
    let refused = post(local, Role::Store, "/orders", &persons(&sku, 99)).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    let sold = sent_by_channel(local, &of_item(shopify(local, "zqchannelmail@example.com"), &sku, 5)).await;
    let much = of_item(shopify(local, "zqchannelmail@example.com"), &sku, 99);
    let queue = local.stack.output("ChannelQueueUrl").unwrap();
    local.aws.send_message(queue, &much.to_string(), &[]).await.unwrap();
    until_put_away(local, much["order"]["name"].as_str().unwrap()).await;
    until_part(local, &bought, 1, "open").await;
    until_part(local, &sold, 1, "open").await;
    let rows = format!("type,sku,site,quantity,reason\nadjustment,{sku},reno,-2,damage\n");
    let name = format!("{}/hot-{sku}.csv", local.tenant);
    let report = seed::import(&local.aws, &local.stack, &name, rows.into_bytes()).await.unwrap();
    assert_eq!(report["accepted"], 1, "{report}");
    cooled(local).await;
    vec![bought, sold]
}

/// Waits until the channel's order of that name lies among the dead letters.
async fn until_put_away(local: &Local, name: &str) {
    let letters = local.stack.output("ChannelDeadLettersUrl").unwrap();
    let look = async || {
        let told = local.meter.words().into_iter().filter(|words| words.request["QueueUrl"] == letters);
        let there = told.filter(|words| words.request.to_string().contains(name)).count();
        Ok(if there > 0 { Ok(()) } else { Err(format!("no {name}")) })
    };
    let put_away = poll_until(PATIENCE, "a dead letter", look).await;
    put_away.unwrap_or_else(|error| panic!("{error}"));
}

/// A hold whose order died before it took it, on an item that nobody wants any more.
async fn cooled(local: &Local) {
    let sku = item(local, 30).await;
    heat(local, &sku).await;
    let order = "ord-0000000000000000000000000000dead";
    edit(local, "StockTableName", (&format!("{sku}#SHARD#00"), "ATP"), |shard| {
        let held = json!({"M": {"units": {"N": "1"}, "since": {"N": "1700000000"}}});
        shard["holds"]["M"][order] = held;
        shard["available"]["N"] = "2".into();
        shard["taken"] = json!({"N": "1"});
        shard["cause"]["S"] = format!("hold#{order}").into();
    })
    .await;
    local.run("cool").await.unwrap();
    let listed = format!("T#{}#SKU#{sku}", local.tenant);
    edit(local, "StockTableName", ("HOT", &listed), |listed| listed["read_at"] = json!({"S": "2026-01-01T00:00:00Z"}))
        .await;
    local.run("cool").await.unwrap();
}

/// A channel's order of one item at ten dollars each.
fn of_item(mut message: Value, sku: &str, quantity: i64) -> Value {
    let order = &mut message["order"];
    order["line_items"] = json!([{"sku": sku, "title": "An item", "quantity": quantity, "price": "10.00"}]);
    order["total_tax"] = json!("0.00");
    order["total_discounts"] = json!("0.00");
    order["shipping_lines"] = json!([{"price": "5.00"}]);
    order["total_price"] = json!(format!("{}.00", quantity * 10 + 5));
    message
}

/// An order of a channel whose total is not what its lines add up to, sent twice.
pub(super) async fn mispriced(local: &Local) -> Vec<String> {
    let mut message = of_item(shopify(local, "zqchannelmail@example.com"), &item(local, 5).await, 1);
    message["order"]["total_price"] = json!("14.00");
    let order = sent_by_channel(local, &message).await;
    until_exception(local, &order).await;
    let queue = local.stack.output("ChannelQueueUrl").unwrap();
    let message = message.to_string();
    let ((), sent) =
        futures::join!(until_called(local, "channel-order", "Query"), local.aws.send_message(queue, &message, &[]));
    sent.unwrap();
    vec![order]
}

/// Units told apart by lot, which a table brings; and a table that changes nothing.
pub(super) async fn lots(local: &Local) -> Vec<String> {
    let sku = item(local, 0).await;
    let mut record = local.api.get(Role::Admin, &format!("/catalog/items/{sku}")).await.unwrap();
    record["tracking"] = json!({"lot": true});
    local.api.put(Role::Admin, &format!("/catalog/items/{sku}"), &record).await.unwrap();
    let rows = format!("type,sku,site,quantity,lot\nreceipt,{sku},reno,3,L1\nreceipt,{sku},reno,4,L2\n");
    let import = async |name: &str, text: String| {
        let name = format!("{}/{sku}-{name}", local.tenant);
        seed::import(&local.aws, &local.stack, &name, text.into_bytes()).await.unwrap()
    };
    let report = import("lots.csv", rows).await;
    assert_eq!(report["accepted"], 2, "{report}");
    let plain = item(local, 4).await;
    let same = json!({"kind": "stock", "record": {"sku": plain, "site": "reno", "on_hand": 4}});
    import("same.ndjson", same.to_string()).await;
    let id = place(local, &persons(&sku, 2)).await;
    until_part(local, &id, 1, "open").await;
    vec![id]
}

/// Units that come one by one when the workflow waits for them, and some that come before it has had to.
pub(super) async fn late(local: &Local) -> Vec<String> {
    let Backorderable { sku, cart, .. } = backorderable(local, 0, "ship_complete").await;
    let ((), waits) = futures::join!(until_called(local, "await-stock", "PutItem"), placed_late(local, &cart));
    receive(local, &sku, 1).await;
    until_event(local, &waits, "backorder_filled").await;
    receive(local, &sku, 1).await;
    until_part(local, &waits, 1, "open").await;
    // Not paid yet.
    let Backorderable { sku, mut cart, .. } = backorderable(local, 1, "fill_available").await;
    cart["payments"][0]["method"] = json!("pm_card_visa_chargeDeclinedInsufficientFunds");
    let unpaid = placed_late(local, &cart).await;
    until(local, &unpaid, "declined", |order| order["payment_status"] == "failed").await;
    receive(local, &sku, 1).await;
    until_event(local, &unpaid, "backorder_filled").await;
    vec![waits, unpaid]
}

/// Units come in at Reno.
pub(super) async fn receive(local: &Local, sku: &str, units: u32) {
    let receipt = json!({"site": "reno", "lines": [{"sku": sku, "quantity": units}]});
    done(local, Role::Warehouse, "/stock/receipts", &receipt).await;
}

/// Places an order of what is not here: the catalog is read through a cache, and sooner or later knows that it may.
pub(super) async fn placed_late(local: &Local, cart: &Value) -> String {
    let placed = poll_until(PATIENCE, "a backorder", async || {
        let answer = post(local, Role::Store, "/orders", cart).await;
        Ok(if answer.status == 201 { Ok(answer.json()) } else { Err(answer.text) })
    });
    placed.await.unwrap()["id"].as_str().unwrap().to_owned()
}

/// Partners that will not do what a stage needs: the rest of the order is undone, or staff are told.
pub(super) async fn failed_for_good(world: &World) -> Vec<String> {
    let local = &world.local;
    let (undone, dispatched, asked, rest) =
        futures::join!(no_label(world), no_capture(world), no_answer(world), no_more_to_take(local));
    vec![undone, dispatched, asked, rest]
}

/// Two of an item, one at each site.
pub(super) async fn of_two_sites(local: &Local) -> Value {
    let sku = item(local, 1).await;
    local.api.put(Role::Admin, &format!("/stock/{sku}/columbus"), &json!({"on_hand": 1})).await.unwrap();
    persons(&sku, 2)
}

/// One parcel finds no carrier while the other is not picked yet.
async fn no_label(world: &World) -> String {
    let local = &world.local;
    let mark = format!("nobody goes there {}", number());
    let mut cart = of_two_sites(local).await;
    cart["ship_to"]["line2"] = json!(format!("Zqcanaryfloor {mark}"));
    let id = place(local, &cart).await;
    until_part(local, &id, 2, "open").await;
    world.carrier.refuse(&mark, carrier_422);
    pick(local, &id, 1).await;
    pack(local, &id, 1).await;
    until_event(local, &id, "stock_released").await;
    id
}

/// The driver has it, and the processor will not take the money.
async fn no_capture(world: &World) -> String {
    let local = &world.local;
    let id = place(local, &persons(&item(local, 5).await, 1)).await;
    pick(local, &id, 1).await;
    pack(local, &id, 1).await;
    world.processor.refuse(&format!("{}/capture", intent(local, &id).await), processor_400);
    hand_over(local, &id, 1).await;
    until_exception(local, &id).await;
    id
}

/// The processor breaks down while the shop asks how a payment stands.
async fn no_answer(world: &World) -> String {
    let local = &world.local;
    let id = place(local, &persons(&item(local, 5).await, 1)).await;
    until_part(local, &id, 1, "open").await;
    world.processor.refuse(&intent(local, &id).await, processor_500);
    let answer = post(local, Role::Store, &format!("/orders/{id}/payments/1/refresh"), &json!({})).await;
    assert!(answer.status >= 500, "{} {}", answer.status, answer.text);
    id
}

/// One parcel is paid and gone, and nothing is found for the other: what is held for it is let go.
async fn no_more_to_take(local: &Local) -> String {
    let cart = of_two_sites(local).await;
    let id = place(local, &cart).await;
    pick(local, &id, 1).await;
    pack(local, &id, 1).await;
    hand_over(local, &id, 1).await;
    until_event(local, &id, "dispatched").await;
    until_part(local, &id, 2, "open").await;
    station(local, &id, 2, "pick", &json!({"lines": [{"sku": cart["lines"][0]["sku"], "picked": 0}]})).await;
    until_event(local, &id, "payment_voided").await;
    id
}
