//! Events, and the webhooks that tell of them: signed, late, twice, reversed, tried again.

use crate::world::{Ear, World, until};
use serde_json::{Value, json};
use waybill_partners::sign_event;

async fn hooked(ear: &Ear, extra: Value) -> World {
    let world = World::new().await;
    let mut hook = json!({"url": ear.listen().await, "secret": "whsec_a"});
    hook.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let answer = world.control("webhooks", &hook).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    world
}

/// Every delivery, once there is nothing left to do.
async fn settled(world: &World) -> Vec<Value> {
    let ask = || world.stripe_get("/_control/webhooks");
    let answer = until(ask, |answer| answer.body["waiting"] == 0).await;
    answer.body["deliveries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn every_change_is_told_in_order_and_signed_over_the_very_bytes() {
    let ear = Ear::default();
    let world = hooked(&ear, json!({})).await;
    let intent = world.authorized().await;
    world.stripe_post(&format!("/v1/payment_intents/{intent}/capture"), &[("amount_to_capture", "700")]).await;
    settled(&world).await;
    assert_eq!(ear.kinds(), world.events().await);
    let told = ["created", "amount_capturable_updated", "amount_capturable_updated", "succeeded"];
    assert_eq!(ear.kinds(), told.map(|what| format!("payment_intent.{what}")));
    for (headers, body) in ear.heard() {
        let signature = headers["stripe-signature"].to_str().unwrap();
        assert_eq!(signature, sign_event(&["whsec_a"], 1_795_176_000, &body));
    }
}

#[tokio::test]
async fn an_event_shows_what_it_tells_of_as_it_was_then_and_who_did_it() {
    let world = World::new().await;
    let intent = world.authorized().await;
    let request = world.stripe(reqwest::Method::POST, &format!("/v1/payment_intents/{intent}/cancel"));
    let canceled = crate::world::send(request.header("Idempotency-Key", "void-1")).await;
    let log = world.stripe_get("/_control/events").await;
    let events = log.body["events"].as_array().unwrap();
    let statuses: Vec<_> = events.iter().map(|event| event["data"]["object"]["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["requires_confirmation", "requires_capture", "canceled"]);
    let last = &events[2];
    assert_eq!((&last["data"]["object"], &last["api_version"]), (&canceled.body, &json!("2024-06-20")));
    let request = json!({"id": canceled.header("request-id").unwrap(), "idempotency_key": "void-1"});
    assert_eq!((&last["request"], &last["livemode"]), (&request, &json!(false)));
    let listed = world.stripe_get("/v1/events?type=payment_intent.canceled").await;
    assert_eq!(listed.body["data"], json!([last]));
    assert_eq!(world.stripe_get(&format!("/v1/events/{}", last["id"].as_str().unwrap())).await.body, *last);
}

#[tokio::test]
async fn while_a_secret_is_replaced_both_sign() {
    let ear = Ear::default();
    let world = hooked(&ear, json!({"secret": null, "secrets": ["old", "new"]})).await;
    world.create(&[("confirm", "false")]).await;
    settled(&world).await;
    let (headers, body) = ear.heard().pop().unwrap();
    assert_eq!(headers["stripe-signature"].to_str().unwrap(), sign_event(&["old", "new"], 1_795_176_000, &body));
}

#[tokio::test]
async fn an_event_is_told_again_until_it_is_taken_and_every_answer_is_kept() {
    let ear = Ear::default();
    ear.answer(&[503, 500]);
    let world = hooked(&ear, json!({})).await;
    world.create(&[("confirm", "false")]).await;
    let delivery = &settled(&world).await[0];
    let statuses: Vec<_> = delivery["attempts"].as_array().unwrap().iter().map(|tried| &tried["status"]).collect();
    assert_eq!((statuses, &delivery["delivered"]), (vec![&json!(500), &json!(503), &json!(200)], &json!(true)));
    let heard = ear.heard();
    assert!(heard.iter().all(|(_, body)| *body == heard[0].1), "an attempt told something else");
}

#[tokio::test]
async fn a_receiver_nobody_reaches_is_tried_again_when_it_is_there() {
    let world = World::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    world.control("webhooks", &json!({"url": url, "secret": "s"})).await;
    world.create(&[("confirm", "false")]).await;
    let ask = || world.stripe_get("/_control/webhooks");
    let tried = until(ask, |answer| answer.body["deliveries"][0]["attempts"][1].is_object()).await;
    let delivery = &tried.body["deliveries"][0];
    assert_eq!((&delivery["attempts"][0]["status"], &delivery["done"]), (&json!(null), &json!(false)));
}

#[tokio::test]
async fn events_can_be_told_twice() {
    let ear = Ear::default();
    let world = hooked(&ear, json!({"duplicate": 2})).await;
    world.create(&[("confirm", "false")]).await;
    assert_eq!(settled(&world).await.len(), 2);
    let heard = ear.heard();
    assert_eq!((heard.len(), &heard[0].1), (2, &heard[1].1));
}

#[tokio::test]
async fn events_can_be_held_back_and_told_the_latest_first() {
    let ear = Ear::default();
    let world = hooked(&ear, json!({"reorder": true})).await;
    world.authorized().await;
    assert_eq!(world.stripe_get("/_control/webhooks").await.body["held"].as_array().map(Vec::len), Some(2));
    assert_eq!(ear.kinds(), Vec::<String>::new());
    assert_eq!(world.control("webhooks/flush", &json!({})).await.body["flushed"], 2);
    assert_eq!(ear.kinds(), ["payment_intent.amount_capturable_updated", "payment_intent.created"]);
    assert_eq!(world.control("webhooks/flush", &json!({})).await.body["flushed"], 0);
}

#[tokio::test]
async fn events_can_be_late() {
    let ear = Ear::default();
    let world = hooked(&ear, json!({"delay_ms": 300})).await;
    let asked = std::time::Instant::now();
    world.create(&[("confirm", "false")]).await;
    settled(&world).await;
    assert!(asked.elapsed().as_millis() >= 300);
    assert_eq!(ear.kinds(), ["payment_intent.created"]);
}

#[tokio::test]
async fn an_event_is_replayed_with_an_old_signature_if_a_test_wants_it_so() {
    let ear = Ear::default();
    let world = hooked(&ear, json!({})).await;
    world.create(&[("confirm", "false")]).await;
    settled(&world).await;
    let replayed =
        world.control("webhooks/replay", &json!({"event": "evt_000000000001", "signed_at": 1_700_000_000})).await;
    assert_eq!((replayed.status, &replayed.body["deliveries"][0]["delivered"]), (200, &json!(true)));
    let heard = ear.heard();
    assert_eq!(heard[0].1, heard[1].1);
    assert_eq!(heard[1].0["stripe-signature"].to_str().unwrap(), sign_event(&["whsec_a"], 1_700_000_000, &heard[1].1));
    assert_eq!(world.control("webhooks/replay", &json!({"event": "evt_0"})).await.status, 404);
}

#[tokio::test]
async fn nobody_is_told_until_somebody_listens_and_nobody_unsigned() {
    let ear = Ear::default();
    let world = hooked(&ear, json!({})).await;
    assert_eq!(world.control("webhooks", &json!({"url": null})).await.status, 200);
    world.authorized().await;
    assert_eq!((settled(&world).await.len(), world.events().await.len()), (0, 2));
    assert_eq!(world.control("webhooks/replay", &json!({"event": "evt_000000000001"})).await.status, 409);
    for wrong in
        [json!({"url": "http://127.0.0.1:1/"}), json!({"url": "http://127.0.0.1:1/", "secret": "s", "duplicate": 0})]
    {
        assert_eq!(world.control("webhooks", &wrong).await.status, 400, "{wrong}");
    }
}
