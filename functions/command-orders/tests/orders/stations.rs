//! Stations: once per key, only what is next, and wrong scans by name.

use crate::scene::{pack, pick, scene};
use serde_json::{Value, json};
use waybill_testkit::{Step, Trouble, order_at, tenant};

#[tokio::test]
async fn the_same_pick_again_gets_the_same_bytes_and_is_one_event() {
    let scene = scene(Step::Routed).await;
    let first = scene.say("floor", "k1", "fulfillments/1/pick", &pick(2, 1)).await;
    assert_eq!(first.status, 200);
    let version = scene.order().version;
    assert_eq!(
        first.json(),
        json!({"id": scene.id, "version": version, "status": "placed", "payment_status": "authorized", "fulfillment_status": "in_progress"})
    );
    // Later news changes nothing of what was answered.
    scene.say("floor", "k2", "fulfillments/1/pack", &pack()).await;
    assert_eq!(scene.say("floor", "k1", "fulfillments/1/pick", &pick(2, 1)).await, first);
    let picks = scene.order().history().iter().filter(|event| event.event.name() == "picked").count();
    assert_eq!(picks, 1);
}

#[tokio::test]
async fn a_key_that_was_used_with_another_body_is_refused() {
    let scene = scene(Step::Routed).await;
    scene.say("floor", "k1", "fulfillments/1/pick", &pick(2, 1)).await;
    let before = scene.order();
    let refused = scene.say("floor", "k1", "fulfillments/1/pick", &pick(1, 1)).await;
    assert_eq!(refused.problem(), (422, "idempotency-key-reused".to_owned()));
    assert_eq!(scene.order(), before);
    // A key is scoped to its route.
    assert_eq!(scene.say("floor", "k1", "fulfillments/1/pack", &pack()).await.status, 200);
}

#[tokio::test]
async fn the_same_pick_under_another_key_is_no_second_event_and_another_pick_is_refused() {
    let scene = scene(Step::Routed).await;
    scene.say("floor", "k1", "fulfillments/1/pick", &pick(1, 1)).await;
    let before = scene.order();
    assert_eq!(scene.say("floor", "k2", "fulfillments/1/pick", &pick(1, 1)).await.status, 200);
    assert_eq!(
        scene.say("floor", "k3", "fulfillments/1/pick", &pick(2, 1)).await.problem(),
        (409, "not-allowed-now".to_owned())
    );
    assert_eq!(scene.order(), before);
}

#[tokio::test]
async fn a_short_pick_writes_off_the_money_and_holds_the_stock_back() {
    let scene = scene(Step::Routed).await;
    assert_eq!(scene.say("floor", "k1", "fulfillments/1/pick", &pick(1, 1)).await.status, 200);
    let order = scene.order();
    assert!(order.owed().unwrap().minor() < order.placed.total.minor());
    let shelf = scene.world.memory.level(&tenant(), &"MUG-BLUE".parse().unwrap(), &"reno".parse().unwrap());
    assert_eq!((shelf.held, shelf.allocated), (1, 1));
    assert_eq!(scene.world.memory.unbalanced(), []);
}

#[tokio::test]
async fn a_station_walks_an_order_out_of_the_house() {
    let scene = scene(Step::Routed).await;
    let by_line = json!({"lines": [{"line": 1, "picked": 2}, {"line": 2, "picked": 1}]});
    assert_eq!(scene.say("floor", "k1", "fulfillments/1/pick", &by_line).await.status, 200);
    assert_eq!(scene.say("floor", "k1", "fulfillments/1/pack", &pack()).await.status, 200);
    let early = scene.say("floor", "k0", "fulfillments/1/hand-over", &json!({"manifest": "M-1"})).await;
    assert_eq!(early.problem(), (409, "not-allowed-now".to_owned()), "no label yet");
    let label = order_at(Step::Labeled).fulfillment(1).unwrap().shipment.as_ref().unwrap().label.clone();
    scene.stage(|order| order.decide_labeled(1, label.clone())).await;
    let left = scene.say("floor", "k1", "fulfillments/1/hand-over", &json!({"manifest": "M-1"})).await;
    assert_eq!(left.json()["fulfillment_status"], "shipped");
    assert_eq!(scene.order().history().last().unwrap().actor.0, "client:floor");
    let late = scene.say("desk", "k1", "cancel", &json!({"reason": "changed my mind"})).await;
    assert_eq!(late.problem(), (409, "not-allowed-now".to_owned()));
}

#[tokio::test]
async fn what_a_station_gets_wrong_is_named_and_changes_nothing() {
    let open = scene(Step::Routed).await;
    let line = |line: Value| json!({"lines": [line, {"sku": "TEE-M-BLACK", "picked": 1}]});
    #[rustfmt::skip]
    let table = [
        ("fulfillments/1/pick", pick(3, 1),                                    422, "/lines/0/picked"),
        ("fulfillments/1/pick", json!({"lines": []}),                          422, "/lines"),
        ("fulfillments/1/pick", json!({"lines": [{"sku": "MUG-BLUE", "picked": 2}]}), 422, "/lines"),
        ("fulfillments/1/pick", line(json!({"sku": "NOSUCH", "picked": 1})),   422, "/lines/0/sku"),
        ("fulfillments/1/pick", line(json!({"line": 9, "picked": 1})),         422, "/lines/0/line"),
        ("fulfillments/1/pick", line(json!({"picked": 1})),                    422, "/lines/0/sku"),
        ("fulfillments/1/pick", line(json!({"line": 1, "sku": "MUG-BLUE", "picked": 1})), 422, "/lines/0/sku"),
        ("fulfillments/1/pick", line(json!({"line": 2, "picked": 1})),         422, "/lines/1/line"),
        ("fulfillments/1/pick", line(json!({"sku": "MUG-BLUE", "picked": -1})), 422, "/lines/0/picked"),
        ("fulfillments/1/pick", json!({"lines": [], "more": 1}),               422, "/more"),
        ("fulfillments/2/pick", pick(2, 1),                                    404, "not-found"),
        ("fulfillments/x/pick", pick(2, 1),                                    404, "not-found"),
        ("fulfillments/1/pack", pack(),                                        409, "not-allowed-now"),
        ("fulfillments/1/hand-over", json!({"manifest": "M-1"}),               409, "not-allowed-now"),
        ("exceptions/1/resolve", json!({"note": "ok"}),                        404, "not-found"),
        ("exceptions/1/retry", json!({"note": "ok"}),                          404, "not-found"),
        ("review", json!({"decision": "approve", "note": "ok"}),               409, "not-allowed-now"),
        ("review", json!({"decision": "maybe", "note": "ok"}),                 422, "/decision"),
        ("cancel", json!({"reason": " "}),                                     422, "/reason"),
        ("cancel", json!({"reason": "x".repeat(201)}),                         422, "/reason"),
    ];
    let before = open.order();
    for (what, body, status, at) in table {
        let answer = open.say("floor", "k1", what, &body).await;
        assert_eq!(answer.problem(), (status, at.to_owned()), "{what} {body}");
    }
    let picked = scene(Step::Picked).await;
    #[rustfmt::skip]
    let table = [
        (json!({"carton": "NOSUCH", "weight_grams": 920}),   "/carton"),
        (json!({"carton": "BOX-S", "weight_grams": 0}),      "/weight_grams"),
        (json!({"carton": "BOX-S", "weight_grams": 119}),    "/weight_grams"),
        (json!({"carton": "BOX-S", "weight_grams": 5_121}),  "/weight_grams"),
        (json!({"carton": "BOX S", "weight_grams": 920}),    "/carton"),
    ];
    for (body, at) in table {
        let answer = picked.say("floor", "k1", "fulfillments/1/pack", &body).await;
        assert_eq!(answer.problem(), (422, at.to_owned()), "{body}");
    }
    assert_eq!(open.order(), before);
    assert_eq!(picked.order().version, 5);
}

#[tokio::test]
async fn a_command_is_decided_anew_when_somebody_else_was_first() {
    let scene = scene(Step::Routed).await;
    scene.world.faults.fail_next("orders.commit", Trouble::Conflict);
    assert_eq!(scene.say("floor", "k1", "fulfillments/1/pick", &pick(2, 1)).await.status, 200);
    let picks = scene.order().history().iter().filter(|event| event.event.name() == "picked").count();
    assert_eq!(picks, 1);
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_to_the_call_that_asks_again() {
    let scene = scene(Step::Routed).await;
    scene.world.faults.fail_next("orders.commit", Trouble::AnswerLost);
    assert_eq!(scene.say("floor", "k1", "fulfillments/1/pick", &pick(2, 1)).await.status, 503);
    let version = scene.order().version;
    let again = scene.say("floor", "k1", "fulfillments/1/pick", &pick(2, 1)).await;
    assert_eq!((again.status, again.json()["version"].as_u64()), (200, Some(u64::from(version))));
    assert_eq!(scene.order().version, version);
}

#[tokio::test]
async fn of_two_stations_that_scan_at_once_both_are_answered_and_one_event_is_kept() {
    let scene = scene(Step::Routed).await;
    let (body, what) = (pick(2, 1), "fulfillments/1/pick");
    let (a, b) = tokio::join!(scene.say("floor", "a", what, &body), scene.say("floor", "b", what, &body));
    assert_eq!((a.status, b.status), (200, 200));
    let picks = scene.order().history().iter().filter(|event| event.event.name() == "picked").count();
    assert_eq!(picks, 1);
}
