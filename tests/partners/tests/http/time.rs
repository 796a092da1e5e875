//! What passing time does by itself.

use crate::world::{AUTHORIZE, World, send};
use reqwest::Method;
use serde_json::json;

const START: i64 = 1_795_176_000;
const WEEK: i64 = 7 * 24 * 3_600;
const MULTICAPTURE: (&str, &str) = ("payment_method_options[card][request_multicapture]", "if_available");

async fn advance(world: &World, seconds: i64) {
    let moved = world.control("clock", &json!({"advance_seconds": seconds})).await;
    assert_eq!(moved.status, 200, "{:?}", moved.body);
}

#[tokio::test]
async fn the_clock_is_moved_forward_and_never_back() {
    let world = World::new().await;
    advance(&world, 90).await;
    let clock = world.stripe_get("/_control/clock").await;
    assert_eq!((&clock.body["now"], &clock.body["advanced_seconds"]), (&json!(START + 90), &json!(90)));
    assert_eq!(clock.text("/time"), "2026-11-20T12:01:30Z");
    assert_eq!(world.create(&[]).await.body["created"], START + 90);
    assert_eq!(world.control("clock", &json!({"advance_seconds": -1})).await.status, 400);
}

#[tokio::test]
async fn a_hold_lapses_after_seven_days_and_cannot_be_captured_any_more() {
    let world = World::new().await;
    let held = world.create(&[("expand[]", "latest_charge")]).await;
    let before = &held.body["latest_charge"]["payment_method_details"]["card"]["capture_before"];
    assert_eq!(before, START + WEEK);
    let path = format!("/v1/payment_intents/{}", held.text("/id"));
    advance(&world, WEEK - 1).await;
    assert_eq!(world.stripe_get(&path).await.text("/status"), "requires_capture");
    advance(&world, 3_600).await;
    let lapsed = world.stripe_get(&path).await;
    assert_eq!((lapsed.text("/status"), lapsed.text("/cancellation_reason")), ("canceled", "automatic"));
    assert_eq!((&lapsed.body["canceled_at"], &lapsed.body["amount_capturable"]), (&json!(START + WEEK), &json!(0)));
    let refused = world.stripe_post(&format!("{path}/capture"), &[]).await;
    assert_eq!(refused.stripe_error(), (400, "invalid_request_error", "payment_intent_unexpected_state", ""));
    let entry = &world.books().await["intents"][0];
    assert_eq!(
        (&entry["voided"], &entry["cancellation_reason"], &entry["released"], &entry["expires"]),
        (&json!(true), &json!("automatic"), &json!(1_000), &json!(START + WEEK))
    );
    assert_eq!(world.events().await.pop().as_deref(), Some("payment_intent.canceled"));
}

#[tokio::test]
async fn a_hold_captured_in_part_lapses_as_a_success() {
    let world = World::new().await;
    let held = world.create(&[MULTICAPTURE]).await;
    let path = format!("/v1/payment_intents/{}", held.text("/id"));
    world.stripe_post(&format!("{path}/capture"), &[("amount_to_capture", "400"), ("final_capture", "false")]).await;
    advance(&world, WEEK).await;
    let lapsed = world.stripe_get(&path).await;
    assert_eq!((lapsed.text("/status"), &lapsed.body["amount_received"]), ("succeeded", &json!(400)));
    assert_eq!((&lapsed.body["amount_capturable"], &lapsed.body["canceled_at"]), (&json!(0), &json!(null)));
    assert_eq!(world.events().await.pop().as_deref(), Some("payment_intent.succeeded"));
}

#[tokio::test]
async fn the_rest_of_a_partly_captured_hold_is_released_by_a_capture_of_nothing_or_by_canceling() {
    let world = World::new().await;
    for (what, form, status) in [
        ("capture", &[("amount_to_capture", "0"), ("final_capture", "true")][..], "succeeded"),
        ("cancel", &[], "canceled"),
    ] {
        let path = format!("/v1/payment_intents/{}", world.create(&[MULTICAPTURE]).await.text("/id"));
        let early = world.stripe_post(&format!("{path}/capture"), &[("amount_to_capture", "0")]).await;
        assert_eq!(early.stripe_error().2, "parameter_invalid_integer");
        let part = [("amount_to_capture", "400"), ("final_capture", "false")];
        let part = world.stripe_post(&format!("{path}/capture"), &part).await;
        assert_eq!((&part.body["amount_capturable"], &part.body["amount_received"]), (&json!(600), &json!(400)));
        let released = world.stripe_post(&format!("{path}/{what}"), form).await;
        assert_eq!((released.text("/status"), &released.body["amount_received"]), (status, &json!(400)), "{what}");
        assert_eq!(released.body["amount_capturable"], 0);
    }
    assert_eq!(world.books().await["totals"]["usd"]["released"], 1_200);
}

#[tokio::test]
async fn after_a_day_a_key_is_new_on_the_moved_clock_too() {
    let world = World::new().await;
    let keyed = || {
        let request = world.stripe(Method::POST, "/v1/payment_intents");
        send(request.header("Idempotency-Key", "k").form(&AUTHORIZE))
    };
    let first = keyed().await;
    advance(&world, 24 * 3_600 - 1).await;
    assert_eq!(keyed().await.text("/id"), first.text("/id"));
    advance(&world, 1).await;
    assert_ne!(keyed().await.text("/id"), first.text("/id"));
}
