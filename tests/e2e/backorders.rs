//! Orders placed beyond what is here: filled when it comes, called off while they wait, sold ahead.

use crate::world::{
    cancel, cart, fulfill, intent, item, number, order, place, post_order, run, stock, types, until, until_event,
};
use serde_json::{Value, json};
use waybill_harness::Local;
use waybill_harness::api::Role;

/// An item that may be waited for, with so many units here and so many announced; the announcement's id.
async fn expected(local: &Local, policy: &str, here: u32, announced: u32) -> (String, Value) {
    let sku = item(local, here).await;
    let mut record = local.api.get(Role::Admin, &format!("/catalog/items/{sku}")).await.unwrap();
    record["backorder"] = json!(policy);
    local.api.put(Role::Admin, &format!("/catalog/items/{sku}"), &record).await.unwrap();
    let body = json!({"site": "reno", "due": "2027-01-04", "lines": [{"sku": sku, "quantity": announced}]});
    let key = format!("announced-{}", number());
    let document = local.api.post(Role::Admin, "/stock/announcements", &key, &body).await.unwrap();
    (sku, document["id"].clone())
}

/// So many of what was announced come in.
async fn come(local: &Local, sku: &str, announcement: &Value, units: u32) {
    let lines = json!([{"sku": sku, "quantity": units}]);
    let body = json!({"site": "reno", "announcement": announcement, "lines": lines});
    local.api.post(Role::Warehouse, "/stock/receipts", &format!("came-{}", number()), &body).await.unwrap();
}

fn waiting(sku: &str, units: u32) -> Value {
    let mut cart = cart(sku, units, 1000);
    cart["fill"] = json!("ship_complete");
    cart
}

/// Authorized, and no site is chosen: it waits.
async fn until_it_waits(local: &Local, id: &str) {
    until_event(local, id, "payment_authorized").await;
}

#[test]
fn a_backorder_is_promised_later_filled_on_receipt_and_delivered() {
    run(async |local| {
        let (sku, announcement) = expected(local, "backorder", 1, 5).await;
        let answer = post_order(local, &waiting(&sku, 3)).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let said = answer.json();
        assert_eq!(said["lines"][0]["backordered"], json!(2));
        // Due on a Monday, it ships the day after.
        assert_eq!(said["ship_by"], json!("2027-01-05"));
        let id = said["id"].as_str().unwrap().to_owned();
        assert_eq!(stock(local, &sku).await, (0, 1), "nothing is left for others, and one is here");
        until_it_waits(local, &id).await;
        let seen = order(local, &id).await;
        assert_eq!(seen["fulfillments"], json!([]), "nothing ships before all is here");
        assert_eq!(seen["waits_for"], json!([{"sku": sku, "units": 2}]));
        come(local, &sku, &announcement, 1).await;
        until_event(local, &id, "backorder_filled").await;
        let seen = order(local, &id).await;
        assert_eq!(seen["fulfillments"], json!([]), "one is still to come");
        assert_eq!(seen["waits_for"], json!([{"sku": sku, "units": 1}]));
        come(local, &sku, &announcement, 4).await;
        let closed = fulfill(local, &id).await;
        assert_eq!(closed["waits_for"], json!(null), "it has all");
        assert_eq!((&closed["payment_status"], &closed["captured"]["minor"]), (&json!("paid"), &json!(3_500)));
        let events = types(local, &id).await;
        for (kind, times) in [("backorder_filled", 2), ("routed", 1), ("dispatched", 1), ("payment_captured", 1)] {
            assert_eq!(events.iter().filter(|seen| *seen == kind).count(), times, "{kind} in {events:?}");
        }
        assert_eq!(stock(local, &sku).await, (3, 3));
    });
}

#[test]
fn a_backorder_called_off_while_it_waits_gives_its_place_and_its_money_back() {
    run(async |local| {
        let (sku, announcement) = expected(local, "backorder", 1, 5).await;
        let off = place(local, &waiting(&sku, 4)).await;
        until_it_waits(local, &off).await;
        let next = place(local, &waiting(&sku, 2)).await;
        until_it_waits(local, &next).await;
        cancel(local, &off).await;
        until_event(local, &off, "stock_released").await;
        let voided = until(local, &off, "voided", |order| order["payment_status"] == "voided").await;
        assert_eq!((&voided["status"], &voided["fulfillments"]), (&json!("cancelled"), &json!([])));
        let books = intent(local, &off).await.expect("the processor knows the order");
        assert_eq!(books["status"], "canceled", "{books}");
        // The unit that was promised to it is for the next, which waits for one more.
        come(local, &sku, &announcement, 1).await;
        let closed = fulfill(local, &next).await;
        assert_eq!(closed["captured"]["minor"], json!(2_500));
        assert_eq!(stock(local, &sku).await, (0, 0));
    });
}

#[test]
fn a_preorder_backorder_of_what_was_never_here_ships_when_it_comes() {
    run(async |local| {
        let (sku, announcement) = expected(local, "preorder", 0, 2).await;
        let much = post_order(local, &waiting(&sku, 3)).await;
        assert_eq!((much.status, &much.json()["errors"][0]["pointer"]), (409, &json!("/lines")));
        let now = post_order(local, &cart(&sku, 1, 1000)).await;
        assert_eq!(now.status, 409, "who will not wait gets nothing: {}", now.text);
        let id = place(local, &waiting(&sku, 2)).await;
        until_it_waits(local, &id).await;
        come(local, &sku, &announcement, 2).await;
        let closed = fulfill(local, &id).await;
        assert_eq!(closed["fulfillment_status"], json!("delivered"));
        assert_eq!(stock(local, &sku).await, (0, 0));
    });
}
