//! One-shot faults on both partners.

use crate::world::{AUTHORIZE, World, send, shipment, try_send};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::time::Duration;

fn authorize(world: &World) -> RequestBuilder {
    world.stripe(Method::POST, "/v1/payment_intents").header("Idempotency-Key", "k").form(&AUTHORIZE)
}

async fn plan(world: &World, fault: &str) {
    let fault = json!({"path": "/v1/payment_intents", "fault": fault});
    let answer = send(world.stripe(Method::POST, "/_control/next").json(&fault)).await;
    assert_eq!((answer.status, answer.text("/planned/fault")), (200, fault["fault"].as_str().unwrap()));
}

async fn intents(world: &World) -> Value {
    world.stripe_get("/_control/books").await.body["totals"]["usd"]["authorized"].clone()
}

#[tokio::test]
async fn a_lost_answer_was_done_all_the_same() {
    let world = World::new().await;
    plan(&world, "lose_answer").await;
    let lost = try_send(authorize(&world)).await;
    assert!(lost.is_err(), "{lost:?}");
    assert_eq!(intents(&world).await, 1_000);
    let again = send(authorize(&world)).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (200, Some("true")));
    assert_eq!(intents(&world).await, 1_000);
}

#[tokio::test]
async fn a_refused_connection_did_nothing() {
    let world = World::new().await;
    plan(&world, "refuse_connection").await;
    assert!(try_send(authorize(&world)).await.is_err());
    assert_eq!(intents(&world).await, Value::Null);
    let again = send(authorize(&world)).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (200, None));
}

#[tokio::test]
async fn failures_before_the_endpoint_are_not_remembered() {
    let world = World::new().await;
    for (fault, status) in [("503", 503), ("429", 429)] {
        plan(&world, fault).await;
        assert_eq!(send(authorize(&world)).await.status, status);
    }
    assert_eq!(send(authorize(&world)).await.status, 200);
}

#[tokio::test]
async fn a_500_after_the_work_hides_what_was_done() {
    let world = World::new().await;
    plan(&world, "500_done").await;
    for _ in 0..2 {
        assert_eq!(send(authorize(&world)).await.status, 500);
    }
    assert_eq!(intents(&world).await, 1_000);
    let found = world.stripe_get("/v1/payment_intents/search?query=metadata%5B'order_id'%5D%3A'ord-1'").await;
    assert_eq!(found.text("/data/0/status"), "requires_capture");
}

#[tokio::test]
async fn a_caller_who_hangs_up_does_not_undo_what_was_begun() {
    let world = World::new().await;
    let fault = json!({"path": "/v1/payment_intents", "fault": "slow", "millis": 2_000});
    send(world.stripe(Method::POST, "/_control/next").json(&fault)).await;
    assert!(authorize(&world).timeout(Duration::from_secs(1)).send().await.is_err());
    assert_eq!(intents(&world).await, Value::Null);
    while intents(&world).await != 1_000 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn the_carrier_has_the_same_faults() {
    let world = World::new().await;
    let create = || world.easypost(Method::POST, "/v2/shipments").json(&shipment());
    let plan = |fault: &'static str| {
        let fault = json!({"path": "/v2/shipments", "method": "POST", "fault": fault});
        send(world.easypost(Method::POST, "/_control/next").json(&fault))
    };
    plan("500").await;
    assert_eq!(send(create()).await.easypost_error(), (500, "INTERNAL_SERVER_ERROR"));
    plan("503").await;
    assert_eq!(send(create()).await.easypost_error(), (503, "SERVICE_UNAVAILABLE"));
    assert_eq!(world.easypost_get("/_control/books").await.body["shipments"], json!([]));
    plan("lose_answer").await;
    assert!(try_send(create()).await.is_err());
    let found = world.easypost_get("/v2/shipments/ord-1-1").await;
    assert_eq!((found.status, found.text("/reference")), (200, "ord-1-1"));
    let books = world.easypost_get("/_control/books").await;
    assert_eq!(books.body["faults"]["waiting"], json!([]));
    assert_eq!(books.body["faults"]["happened"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn a_fault_nobody_knows_is_refused() {
    let world = World::new().await;
    let fault = json!({"path": "/v1/payment_intents", "fault": "earthquake"});
    assert_eq!(send(world.stripe(Method::POST, "/_control/next").json(&fault)).await.status, 422);
}
