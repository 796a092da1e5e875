//! What is not here is promised out of what is announced, as far as the order and its items allow; else it is a 409 that
//! names the item, and nothing is stored.

use crate::door::{cart, place, shop, world};
use serde_json::{Value, json};
use waybill_domain::catalog::Kind as Record;
use waybill_domain::ports::{Filed, Stock};
use waybill_domain::stock::{Body, Kind, Movement};
use waybill_testkit::{World, at, block_on, document, document_id, id, receipt, tenant};

/// So many are announced for that day.
fn announce(world: &World, sku: &str, units: i64, due: &str) {
    let key = format!("announced {sku} {due}");
    let expected = Movement::network(Kind::Expected, id(sku), units).announced(document_id(&tenant(), &key));
    let body = Body::Announcement { site: id("columbus"), due: due.parse().unwrap(), reference: None };
    let announced = document(&tenant(), &key, body, vec![expected]);
    assert_eq!(block_on(world.stock.file(&tenant(), &announced, &[])).unwrap(), Filed::Stored);
}

fn item(world: &World, sku: &str, special: &Value) {
    let mut item = json!({"sku": sku, "title": sku, "length_mm": 1, "width_mm": 1, "height_mm": 1, "weight_grams": 1,
        "prices": [{"minor": 1_000, "currency": "USD"}]});
    for (name, value) in special.as_object().unwrap() {
        item[name] = value.clone();
    }
    world.catalog.keep(&tenant(), Record::Item, sku, item);
}

/// A lamp is here, five are due on a Monday, four more two weeks later.
fn lamps() -> World {
    let world = world();
    item(&world, "LAMP", &json!({"backorder": "backorder"}));
    world.memory.receive(&tenant(), &id("LAMP"), &id("reno"), 1);
    announce(&world, "LAMP", 5, "2026-11-16");
    announce(&world, "LAMP", 4, "2026-11-30");
    world
}

/// Items and units, at 10.00 USD each.
fn order(fill: &str, lines: &[(&str, i64)]) -> Value {
    let mut order = cart();
    order["fill"] = json!(fill);
    order["lines"] = lines.iter().map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity})).collect();
    let goods: i64 =
        lines.iter().map(|(sku, quantity)| quantity * if *sku == "MUG-BLUE" { 1_800 } else { 1_000 }).sum();
    order["total"]["minor"] = json!(goods + 499);
    order
}

/// Placed at noon of Monday, 2 November: the answer.
async fn placed(world: &World, key: &str, order: &Value) -> String {
    let World { orders, stock, catalog, .. } = world;
    let body = order.to_string();
    let answer = place_order::handle(orders, stock, catalog, &shop(), key, body.as_bytes(), at(0)).await.unwrap();
    assert_eq!(answer.status, 201);
    answer.body
}

/// Units of each line that are not here, and the days promised.
fn promised(answer: &str) -> (Vec<Option<i64>>, String, String) {
    let said: Value = serde_json::from_str(answer).unwrap();
    let lines = said["lines"].as_array().unwrap().iter().map(|line| line["backordered"].as_i64()).collect();
    let day = |name: &str| said[name].as_str().unwrap().to_owned();
    (lines, day("ship_by"), day("estimated_delivery"))
}

/// It is a 409 that names these items, and leaves everything as it was.
async fn is_out_of_stock(world: &World, order: &Value, skus: &[&str]) {
    let before = (world.memory.counters(), world.memory.all_orders().len(), world.memory.reservations());
    let refused = place(world, "shop", "refused", order).await;
    assert_eq!(refused.problem(), (409, "out-of-stock".to_owned(), "/lines".to_owned()));
    let rules = skus.iter().map(|sku| json!({"pointer": "/lines", "rule": format!("{sku} is out of stock")}));
    assert_eq!(refused.json()["errors"], rules.collect::<Value>());
    assert_eq!((world.memory.counters(), world.memory.all_orders().len(), world.memory.reservations()), before);
}

#[tokio::test]
async fn what_is_here_is_promised_as_ever_and_takes_one_write() {
    let world = lamps();
    let before = world.faults.calls().len();
    let answer = placed(&world, "k", &order("ship_complete", &[("LAMP", 1)])).await;
    assert_eq!(promised(&answer), (vec![None], "2026-11-02".to_owned(), "2026-11-09".to_owned()));
    let calls = world.faults.calls().split_off(before);
    let stores: Vec<&str> = calls.into_iter().filter(|call| !call.starts_with("catalog.")).collect();
    assert_eq!(stores, ["orders.commit"]);
}

/// Due on a Monday, it ships on Tuesday and takes five business days.
#[tokio::test]
async fn the_date_is_that_of_the_last_unit_the_order_waits_for() {
    for (units, later, ship_by, deliver_by) in [
        (2, 1, "2026-11-17", "2026-11-24"),
        (6, 5, "2026-11-17", "2026-11-24"),
        (7, 6, "2026-12-01", "2026-12-08"),
        (10, 9, "2026-12-01", "2026-12-08"),
    ] {
        let world = lamps();
        let answer = placed(&world, "k", &order("ship_complete", &[("LAMP", units)])).await;
        assert_eq!(promised(&answer), (vec![Some(later)], ship_by.to_owned(), deliver_by.to_owned()), "{units}");
        assert_eq!(world.memory.unbalanced(), []);
    }
}

#[tokio::test]
async fn those_who_wait_already_get_what_comes_first() {
    let world = lamps();
    let first = placed(&world, "a", &order("ship_complete", &[("LAMP", 6)])).await;
    assert_eq!(promised(&first).1, "2026-11-17");
    let next = placed(&world, "b", &order("ship_complete", &[("LAMP", 1)])).await;
    assert_eq!(promised(&next), (vec![Some(1)], "2026-12-01".to_owned(), "2026-12-08".to_owned()));
}

#[tokio::test]
async fn more_than_is_announced_is_out_of_stock() {
    let world = lamps();
    is_out_of_stock(&world, &order("ship_complete", &[("LAMP", 11)]), &["LAMP"]).await;
    placed(&world, "a", &order("ship_complete", &[("LAMP", 8)])).await;
    is_out_of_stock(&world, &order("fill_available", &[("LAMP", 3)]), &["LAMP"]).await;
    let rest = placed(&world, "b", &order("fill_available", &[("LAMP", 2)])).await;
    assert_eq!(promised(&rest).0, [Some(2)]);
}

#[tokio::test]
async fn an_order_that_does_not_wait_is_all_now_or_none() {
    let world = lamps();
    let mut unsaid = order("fill_or_kill", &[("LAMP", 2)]);
    is_out_of_stock(&world, &unsaid, &["LAMP"]).await;
    unsaid.as_object_mut().unwrap().remove("fill");
    is_out_of_stock(&world, &unsaid, &["LAMP"]).await;
}

#[tokio::test]
async fn an_item_that_is_not_sold_before_it_is_here_bars_the_order_and_is_named_alone() {
    let world = lamps();
    item(&world, "VASE", &json!({}));
    announce(&world, "VASE", 9, "2026-11-16");
    for fill in ["fill_available", "ship_complete"] {
        is_out_of_stock(&world, &order(fill, &[("LAMP", 3), ("VASE", 1)]), &["VASE"]).await;
    }
}

#[tokio::test]
async fn a_word_that_is_no_way_to_fill_an_order_is_refused_by_its_field() {
    let refused = place(&lamps(), "shop", "k", &order("someday", &[("LAMP", 2)])).await;
    assert_eq!(refused.problem(), (422, "invalid-field".to_owned(), "/fill".to_owned()));
}

#[tokio::test]
async fn lines_that_are_here_are_not_waited_for() {
    let world = lamps();
    let answer = placed(&world, "k", &order("fill_available", &[("MUG-BLUE", 2), ("LAMP", 3)])).await;
    assert_eq!(promised(&answer).0, [None, Some(2)]);
    let placed = world.memory.all_orders().remove(0);
    assert_eq!(placed.waits_for(), [(id("LAMP"), 2)].into());
    assert_eq!(placed.reserved_units(), [(id("LAMP"), 3), (id("MUG-BLUE"), 2)].into());
}

#[tokio::test]
async fn two_lines_of_one_item_share_what_is_here() {
    let world = lamps();
    let answer = placed(&world, "k", &order("ship_complete", &[("LAMP", 1), ("LAMP", 2)])).await;
    assert_eq!(promised(&answer).0, [None, Some(2)]);
    assert_eq!(world.memory.available(&tenant(), &id("LAMP")), -2);
}

#[tokio::test]
async fn what_was_never_here_is_sold_ahead_out_of_its_announcement() {
    let world = world();
    item(&world, "NOVEL", &json!({"backorder": "preorder"}));
    is_out_of_stock(&world, &order("ship_complete", &[("NOVEL", 1)]), &["NOVEL"]).await;
    announce(&world, "NOVEL", 2, "2026-11-25");
    let answer = placed(&world, "k", &order("ship_complete", &[("NOVEL", 2)])).await;
    // The day after the 25th is a holiday of the warehouse.
    assert_eq!(promised(&answer), (vec![Some(2)], "2026-11-27".to_owned(), "2026-12-04".to_owned()));
}

#[tokio::test]
async fn safety_stock_is_kept_of_what_is_expected_too() {
    let world = lamps();
    item(&world, "LAMP", &json!({"backorder": "backorder", "safety_stock": 2}));
    is_out_of_stock(&world, &order("ship_complete", &[("LAMP", 9)]), &["LAMP"]).await;
    let answer = placed(&world, "k", &order("ship_complete", &[("LAMP", 8)])).await;
    assert_eq!(promised(&answer).0, [Some(8)]);
}

#[tokio::test]
async fn the_same_call_again_gets_the_same_promise_whatever_has_come_meanwhile() {
    let world = lamps();
    let wanted = order("ship_complete", &[("LAMP", 3)]);
    let first = placed(&world, "k", &wanted).await;
    let came = receipt(&tenant(), "came", "reno", &[("LAMP", 9)]);
    block_on(world.stock.file(&tenant(), &came, &[])).unwrap();
    assert_eq!(placed(&world, "k", &wanted).await, first);
    assert_eq!(world.memory.all_orders().len(), 1);
}

/// Counters, and the queues of those who wait: a transaction holds 100 items.
#[tokio::test]
async fn an_order_that_waits_for_too_many_items_is_refused_and_stores_nothing() {
    let world = world();
    let skus: Vec<String> = (0..46).map(|number| format!("ITEM-{number}")).collect();
    for sku in &skus {
        item(&world, sku, &json!({"backorder": "backorder"}));
        announce(&world, sku, 1, "2026-11-16");
    }
    let lines: Vec<(&str, i64)> = skus.iter().map(|sku| (sku.as_str(), 1)).collect();
    let refused = place(&world, "shop", "k", &order("ship_complete", &lines)).await;
    assert_eq!(refused.problem(), (422, "invalid-field".to_owned(), "/lines".to_owned()));
    assert!(world.memory.all_orders().is_empty());
    let answer = placed(&world, "l", &order("ship_complete", &lines[..45])).await;
    assert_eq!(promised(&answer).0.len(), 45);
}
