//! What a nightly comparison of two ledgers needs: windows of time, whole charges, whole books.

use crate::world::{World, send};
use reqwest::Method;
use serde_json::json;

const START: i64 = 1_795_176_000;

#[tokio::test]
async fn a_days_intents_are_listed_page_by_page_with_their_charges() {
    let world = World::new().await;
    let mut today = Vec::new();
    world.authorized().await;
    world.control("clock", &json!({"advance_seconds": 3_600})).await;
    for _ in 0..3 {
        today.push(world.authorized().await);
    }
    world.control("clock", &json!({"advance_seconds": 3_600})).await;
    world.authorized().await;
    let window = format!("created[gte]={}&created[lt]={}", START + 3_600, START + 7_200);
    let mut found = Vec::new();
    let mut after = String::new();
    loop {
        let path = format!("/v1/payment_intents?{window}&limit=2&expand[]=data.latest_charge{after}");
        let page = world.stripe_get(&path).await;
        let data = page.body["data"].as_array().unwrap();
        for intent in data {
            assert_eq!(
                intent["latest_charge"]["payment_method_details"]["card"]["capture_before"],
                START + 3_600 + 604_800
            );
            found.push(intent["id"].as_str().unwrap().to_owned());
        }
        if page.body["has_more"] == false {
            break;
        }
        after = format!("&starting_after={}", found.last().unwrap());
    }
    found.reverse();
    assert_eq!(found, today);
}

#[tokio::test]
async fn the_books_show_everything_about_an_intent() {
    let world = World::new().await;
    let held = world.create(&[("customer", "cus_1")]).await;
    world
        .stripe_post(
            &format!("/v1/payment_intents/{}/cancel", held.text("/id")),
            &[("cancellation_reason", "abandoned")],
        )
        .await;
    let entry = world.books().await["intents"][0].clone();
    assert_eq!(
        entry,
        json!({
            "id": held.text("/id"), "status": "canceled", "currency": "usd", "amount": 1_000, "authorized": 1_000,
            "held": 0, "capturable": 0, "captured": 0, "released": 1_000, "refunded": 0, "disputed": 0,
            "canceled": true, "canceled_at": START, "cancellation_reason": "abandoned", "voided": true,
            "declined": null, "decline_code": null, "attempts": 1, "payment_method": "pm_card_visa",
            "customer": "cus_1", "charge": held.text("/latest_charge"), "created": START,
            "expires": START + 604_800, "metadata": {"order_id": "ord-1"},
        })
    );
}

#[tokio::test]
async fn a_captures_metadata_is_noted_with_it_and_a_replay_changes_nothing() {
    let world = World::new().await;
    let id = world.create(&[("payment_method_options[card][request_multicapture]", "if_available")]).await;
    let path = format!("/v1/payment_intents/{}", id.text("/id"));
    let capture = |key: &'static str, note: &'static str, amount: &'static str| {
        let request = world.stripe(Method::POST, &format!("{path}/capture")).header("Idempotency-Key", key);
        send(request.form(&[("amount_to_capture", amount), ("final_capture", "false"), ("metadata[last]", note)]))
    };
    let first = capture("c-1", "one", "300").await;
    assert_eq!((first.text("/metadata/last"), &first.body["amount_capturable"]), ("one", &json!(700)));
    let over = capture("c-2", "two", "701").await;
    assert_eq!(over.stripe_error().2, "amount_too_large");
    let second = capture("c-3", "three", "200").await;
    assert_eq!((&second.body["amount_capturable"], &second.body["amount_received"]), (&json!(500), &json!(500)));
    let replayed = capture("c-1", "one", "300").await;
    assert_eq!((&replayed.body, replayed.header("idempotent-replayed")), (&first.body, Some("true")));
    let now = world.stripe_get(&path).await;
    assert_eq!((now.text("/metadata/last"), &now.body["amount_received"]), ("three", &json!(500)));
}
