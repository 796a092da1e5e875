//! Clerks, who work behind the product's back.

use crate::world::{World, send, shipment};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn what_a_clerk_captured_cannot_be_captured_again() {
    let world = World::new().await;
    let intent = world.authorized().await;
    let by_hand = json!({"payment_intent": intent, "amount": 400});
    let taken = send(world.stripe(Method::POST, "/_control/capture").json(&by_hand)).await;
    assert_eq!((taken.status, &taken.body["amount_received"]), (200, &json!(400)));
    let ours = world.stripe_post(&format!("/v1/payment_intents/{intent}/capture"), &[]).await;
    assert_eq!(ours.stripe_error().2, "payment_intent_unexpected_state");
    let books = world.stripe_get("/_control/books").await;
    let entry = &books.body["intents"][0];
    assert_eq!((&entry["captured"], &entry["released"], &entry["held"]), (&json!(400), &json!(600), &json!(0)));
    assert_eq!(entry["metadata"]["order_id"], "ord-1");
}

#[tokio::test]
async fn a_clerk_captures_no_more_than_is_held() {
    let world = World::new().await;
    let intent = world.authorized().await;
    for (amount, status) in [(1_001, 400), (0, 400), (-5, 400)] {
        let by_hand = json!({"payment_intent": intent, "amount": amount});
        let refused = send(world.stripe(Method::POST, "/_control/capture").json(&by_hand)).await;
        assert_eq!(refused.status, status, "{amount}");
    }
    let unknown = json!({"payment_intent": "pi_0"});
    assert_eq!(send(world.stripe(Method::POST, "/_control/capture").json(&unknown)).await.status, 404);
}

#[tokio::test]
async fn a_label_a_clerk_bought_is_not_sold_to_us() {
    let world = World::new().await;
    assert_eq!(world.easypost_post("/_control/buy_on_create", &json!({"enabled": true})).await.status, 200);
    let created = world.easypost_post("/v2/shipments", &shipment()).await;
    assert_eq!((created.status, &created.body["postage_label"]), (201, &json!(null)));
    let path = format!("/v2/shipments/{}", created.text("/id"));
    let rate = json!({"rate": {"id": created.text("/rates/1/id")}});
    let ours = world.easypost_post(&format!("{path}/buy"), &rate).await;
    assert_eq!(ours.easypost_error(), (422, "SHIPMENT.POSTAGE.EXISTS"));
    assert_eq!(world.easypost_get(&path).await.text("/selected_rate/service"), "GroundAdvantage");

    world.easypost_post("/_control/buy_on_create", &json!({"enabled": false})).await;
    world.labeled().await;
    assert_eq!(world.easypost_get("/_control/books").await.body["labels"]["bought"], 2);
}
