//! Refunds that wait, fail and are listed.

use crate::world::World;
use serde_json::{Value, json};

async fn refund(world: &World, intent: &str, amount: &str) -> String {
    let form = [("payment_intent", intent), ("amount", amount), ("metadata[return_id]", "ret-1")];
    let answer = world.stripe_post("/v1/refunds", &form).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    answer.text("/id").to_owned()
}

async fn settle(world: &World, refund: &str, status: &str) -> (u16, Value) {
    let answer = world.control("settle_refund", &json!({"refund": refund, "status": status})).await;
    (answer.status, answer.body["status"].clone())
}

#[tokio::test]
async fn refunds_are_listed_by_intent_newest_first_with_their_metadata() {
    let world = World::new().await;
    let (intent, other) = (world.captured("pm_card_visa").await, world.captured("pm_card_visa").await);
    let first = refund(&world, &intent, "100").await;
    refund(&world, &other, "50").await;
    let last = refund(&world, &intent, "200").await;
    let page = world.stripe_get(&format!("/v1/refunds?payment_intent={intent}&limit=1")).await;
    assert_eq!(
        (page.text("/url"), page.text("/data/0/id"), &page.body["has_more"]),
        ("/v1/refunds", &*last, &json!(true))
    );
    let rest = world.stripe_get(&format!("/v1/refunds?payment_intent={intent}&limit=1&starting_after={last}")).await;
    assert_eq!((rest.text("/data/0/id"), &rest.body["has_more"]), (&*first, &json!(false)));
    assert_eq!(rest.text("/data/0/metadata/return_id"), "ret-1");
    let unknown = world.stripe_get("/v1/refunds?starting_after=re_0").await;
    assert_eq!(unknown.stripe_error(), (400, "invalid_request_error", "resource_missing", "starting_after"));
}

#[tokio::test]
async fn a_refund_that_waits_counts_as_given_back_and_succeeds_when_it_is_settled() {
    let world = World::new().await;
    let intent = world.captured("pm_card_pendingRefund").await;
    let waiting = refund(&world, &intent, "700").await;
    assert_eq!(world.stripe_get(&format!("/v1/refunds/{waiting}")).await.text("/status"), "pending");
    let over = world.stripe_post("/v1/refunds", &[("payment_intent", &intent), ("amount", "301")]).await;
    assert_eq!(over.stripe_error(), (400, "invalid_request_error", "", "amount"));
    assert_eq!(settle(&world, &waiting, "succeeded").await, (200, json!("succeeded")));
    assert_eq!(settle(&world, &waiting, "succeeded").await, (200, json!("succeeded")));
    let later = refund(&world, &intent, "300").await;
    world.control("clock", &json!({"advance_seconds": 3_600})).await;
    assert_eq!(world.stripe_get(&format!("/v1/refunds/{later}")).await.text("/status"), "succeeded");
}

#[tokio::test]
async fn a_refund_that_fails_gives_the_amount_back_to_the_charge() {
    let world = World::new().await;
    let intent = world.captured("pm_card_refundFail").await;
    let bounced = refund(&world, &intent, "1000").await;
    assert_eq!(world.stripe_get(&format!("/v1/refunds/{bounced}")).await.text("/status"), "succeeded");
    world.control("clock", &json!({"advance_seconds": 3_600})).await;
    let failed = world.stripe_get(&format!("/v1/refunds/{bounced}")).await;
    assert_eq!((failed.text("/status"), failed.text("/failure_reason")), ("failed", "expired_or_canceled_card"));
    assert!(failed.text("/failure_balance_transaction").starts_with("txn_"), "{:?}", failed.body);
    let books = world.books().await;
    assert_eq!((&books["totals"]["usd"]["refunded"], &books["refunds"][0]["status"]), (&json!(0), &json!("failed")));
    refund(&world, &intent, "1000").await;
    assert_eq!(settle(&world, &bounced, "succeeded").await.0, 400);
    let told: Vec<_> = world.events().await.split_off(2);
    #[rustfmt::skip]
    assert_eq!(told, ["refund.created", "charge.refunded", "refund.updated", "refund.failed", "refund.created", "charge.refunded"]);
}

#[tokio::test]
async fn any_refund_can_be_sent_back_by_the_bank_with_its_reason() {
    let world = World::new().await;
    let intent = world.captured("pm_card_visa").await;
    let sent_back = refund(&world, &intent, "400").await;
    let asked = json!({"refund": sent_back, "status": "failed", "failure_reason": "lost_or_stolen_card"});
    assert_eq!(world.control("settle_refund", &asked).await.text("/failure_reason"), "lost_or_stolen_card");
    let charge = world.stripe_get(&format!("/v1/payment_intents/{intent}?expand[]=latest_charge")).await;
    assert_eq!(charge.body["latest_charge"]["amount_refunded"], 0);
    assert_eq!(settle(&world, "re_0", "failed").await.0, 404);
}

#[tokio::test]
async fn what_was_captured_of_a_hold_is_refunded_while_the_rest_is_held() {
    let world = World::new().await;
    let held = world.create(&[("payment_method_options[card][request_multicapture]", "if_available")]).await;
    let path = format!("/v1/payment_intents/{}", held.text("/id"));
    world.stripe_post(&format!("{path}/capture"), &[("amount_to_capture", "400"), ("final_capture", "false")]).await;
    refund(&world, held.text("/id"), "400").await;
    let charge = world.stripe_get(&format!("{path}?expand[]=latest_charge")).await;
    let charge = &charge.body["latest_charge"];
    assert_eq!((&charge["amount_refunded"], &charge["refunded"]), (&json!(400), &json!(false)));
}
