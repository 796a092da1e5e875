//! What is placed is placed once per key, all or nothing, and each tenant's for itself.

use crate::door::{cart, place, shop, with, world};
use http::StatusCode;
use serde_json::{Value, json};
use waybill_domain::catalog::Kind;
use waybill_testkit::{Trouble, at, id, tenant};

#[tokio::test]
async fn an_order_is_confirmed_with_its_price_and_its_promise() {
    let world = world();
    let answer = place(&world, "shop", "k1", &cart()).await;
    assert_eq!((answer.status, answer.kind.as_str()), (StatusCode::CREATED, "application/json"));
    let said = answer.json();
    let order = world.memory.order(&tenant(), &id(said["id"].as_str().unwrap())).unwrap();
    assert_eq!((said["status"].as_str(), said["reference"].as_str()), (Some("placed"), Some("WEB-1001")));
    assert_eq!(said["total"], json!({"minor": 6499, "currency": "USD"}));
    assert_eq!(said["estimated_delivery"], json!(order.placed.promise.deliver_by));
    assert_eq!(said["lines"][1]["unit_price"], json!({"minor": 2400, "currency": "USD"}));
    assert_eq!((order.version, order.history()[0].actor.0.as_str()), (1, "client:shop"));
    assert_eq!(world.memory.reservations().len(), 1);
}

#[tokio::test]
async fn the_same_call_again_gets_the_same_bytes_and_moves_nothing() {
    let world = world();
    let first = place(&world, "shop", "k1", &cart()).await;
    let counters = world.memory.counters();
    assert_eq!(place(&world, "shop", "k1", &cart()).await, first);
    assert_eq!(world.memory.counters(), counters);
    let orders = world.memory.all_orders();
    assert_eq!((orders.len(), orders[0].history().len()), (1, 1));
}

#[tokio::test]
async fn what_was_placed_stays_answered_when_prices_have_changed_or_goods_run_out() {
    let world = world();
    let first = place(&world, "shop", "k1", &cart()).await;
    let mug = json!({"sku": "MUG-BLUE", "title": "Mug", "length_mm": 1, "width_mm": 1, "height_mm": 1, "weight_grams": 1,
        "prices": [{"minor": 9_999, "currency": "USD"}]});
    world.catalog.keep(&tenant(), Kind::Item, "MUG-BLUE", mug);
    assert_eq!(place(&world, "shop", "k1", &cart()).await, first);
    assert_eq!(place(&world, "shop", "k2", &cart()).await.problem().2, "/total");
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_to_the_call_that_asks_again() {
    let world = world();
    world.faults.fail_next("orders.commit", Trouble::AnswerLost);
    let lost = place(&world, "shop", "k1", &cart()).await;
    assert_eq!(lost.problem().0, 503);
    let again = place(&world, "shop", "k1", &cart()).await;
    assert_eq!((again.status, world.memory.all_orders().len()), (StatusCode::CREATED, 1));
}

#[tokio::test]
async fn a_key_that_was_used_with_another_body_is_refused_however_wrong_that_body_is() {
    let world = world();
    let first = place(&world, "shop", "k1", &cart()).await;
    let others = [with("/reference", json!("WEB-2")), with("/lines/0/sku", json!("NOSUCH")), json!({})];
    for other in others {
        let refused = place(&world, "shop", "k1", &other).await.problem();
        assert_eq!((refused.0, refused.1.as_str()), (422, "idempotency-key-reused"), "{other}");
    }
    assert_eq!(place(&world, "shop", "k1", &cart()).await, first);
    assert_eq!(world.memory.all_orders().len(), 1);
}

#[tokio::test]
async fn more_than_there_is_stores_nothing_and_leaves_the_key_free() {
    let world = world();
    let before = world.memory.counters();
    let mut greedy = with("/lines/0/quantity", json!(100_000));
    greedy["total"]["minor"] = json!(100_000 * 1800 + 2400 + 499);
    let refused = place(&world, "shop", "k1", &greedy).await;
    assert_eq!(refused.problem(), (409, "out-of-stock".to_owned(), "/lines".to_owned()));
    assert_eq!(refused.json()["errors"], json!([{"pointer": "/lines", "rule": "MUG-BLUE is out of stock"}]));
    assert!(world.memory.all_orders().is_empty() && world.memory.reservations().is_empty());
    assert_eq!(world.memory.counters(), before);
    assert_eq!(place(&world, "shop", "k1", &cart()).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_key_of_one_tenant_is_nothing_to_another() {
    let world = world();
    let ours = place(&world, "shop", "k1", &cart()).await;
    let theirs = place(&world, "stranger", "k1", &with("/reference", json!("THEIRS"))).await;
    assert_eq!((ours.status, theirs.status), (StatusCode::CREATED, StatusCode::CREATED));
    assert_ne!(ours.json()["id"], theirs.json()["id"]);
    let owners: Vec<String> = world.memory.all_orders().iter().map(|order| order.tenant.to_string()).collect();
    assert_eq!(owners, ["acme", "other"]);
}

#[test]
fn the_promise_is_made_for_the_moment_of_the_order() {
    assert_eq!(at(0).to_string(), "2026-11-02T12:00:00Z");
    let caller = shop();
    let (world, body) = (world(), cart().to_string());
    let place = |key: &str, hours: i64| {
        let answer = place_order::handle(
            &world.orders,
            &world.stock,
            &world.catalog,
            &caller,
            key,
            body.as_bytes(),
            at(hours * 3600),
        );
        let answer = waybill_testkit::block_on(answer).unwrap();
        serde_json::from_str::<Value>(&answer.body).unwrap()["ship_by"].as_str().unwrap().to_owned()
    };
    // The first site is in Reno and closes at 15:00, 23:00 UTC.
    assert_eq!([place("a", 0), place("b", 10), place("c", 11)], ["2026-11-02", "2026-11-02", "2026-11-03"]);
}

#[tokio::test]
async fn a_bundle_is_confirmed_and_reserved_as_its_parts() {
    let world = world();
    let item = |sku: &str, components: Value| {
        json!({"sku": sku, "title": sku, "length_mm": 1, "width_mm": 1, "height_mm": 1, "weight_grams": 1,
            "prices": [{"minor": 4_000, "currency": "USD"}], "components": components})
    };
    let components = json!([{"sku": "MUG-BLUE", "quantity": 2}, {"sku": "TEE-M-BLACK", "quantity": 1}]);
    world.catalog.keep(&tenant(), Kind::Item, "SET", item("SET", components));
    let mut order = with("/lines/0", json!({"sku": "SET", "quantity": 1}));
    order["total"]["minor"] = json!(4_000 + 2_400 + 499);
    let said = place(&world, "shop", "k1", &order).await.json();
    // 40.00 at 2 x 18.00 to 24.00.
    let price = |minor: i64| json!({"minor": minor, "currency": "USD"});
    let set = json!({"line": 1, "sku": "SET"});
    assert_eq!(
        said["lines"],
        json!([
            {"line": 1, "sku": "MUG-BLUE", "quantity": 2, "unit_price": price(1_200), "part_of": set},
            {"line": 2, "sku": "TEE-M-BLACK", "quantity": 1, "unit_price": price(1_600), "part_of": set},
            {"line": 3, "sku": "TEE-M-BLACK", "quantity": 1, "unit_price": price(2_400)},
        ])
    );
    assert_eq!(said["total"]["minor"], json!(6_899));
    let order = world.memory.order(&tenant(), &id(said["id"].as_str().unwrap())).unwrap();
    assert_eq!(order.placed.lines.len(), 3);

    world.catalog.keep(&tenant(), Kind::Item, "NEST", item("NEST", json!([{"sku": "SET", "quantity": 1}])));
    world.catalog.keep(&tenant(), Kind::Item, "LOST", item("LOST", json!([{"sku": "NOSUCH", "quantity": 1}])));
    for (sku, rule) in
        [("NEST", "its component SET is a bundle"), ("LOST", "its component NOSUCH is not in the catalog")]
    {
        let refused = place(&world, "shop", "k2", &with("/lines/1/sku", json!(sku))).await;
        assert_eq!(refused.json()["errors"], json!([{"pointer": "/lines/1/sku", "rule": rule}]));
    }
}
