//! Cardholders who want their money back from the issuer.

use crate::world::World;
use serde_json::json;

async fn disputed(world: &World, extra: serde_json::Value) -> (String, String) {
    let intent = world.captured("pm_card_visa").await;
    let mut asked = json!({"payment_intent": intent});
    asked.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let answer = world.control("dispute", &asked).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    (intent, answer.text("/id").to_owned())
}

async fn close(world: &World, dispute: &str, outcome: &str) -> u16 {
    world.control("close_dispute", &json!({"dispute": dispute, "outcome": outcome})).await.status
}

#[tokio::test]
async fn a_dispute_withdraws_the_money_and_a_fee_at_once() {
    let world = World::new().await;
    let (intent, id) = disputed(&world, json!({"amount": 600, "reason": "product_not_received"})).await;
    let dispute = world.stripe_get(&format!("/v1/disputes/{id}")).await;
    assert_eq!((dispute.text("/status"), dispute.text("/reason")), ("needs_response", "product_not_received"));
    let withdrawal = &dispute.body["balance_transactions"][0];
    assert_eq!(
        (&withdrawal["amount"], &withdrawal["fee"], &withdrawal["net"]),
        (&json!(-600), &json!(1_500), &json!(-2_100))
    );
    assert_eq!(dispute.body["evidence_details"]["due_by"], 1_795_996_799);
    let listed = world.stripe_get(&format!("/v1/disputes?payment_intent={intent}")).await;
    assert_eq!(listed.body["data"], json!([dispute.body]));
    assert_eq!(world.stripe_get("/v1/disputes?payment_intent=pi_0").await.body["data"], json!([]));

    let books = world.books().await;
    assert_eq!((&books["intents"][0]["disputed"], &books["disputes"][0]["id"]), (&json!(600), &json!(id)));
    let totals = &books["totals"]["usd"];
    assert_eq!(
        (&totals["disputed"], &totals["dispute_fees"], &totals["balance"]),
        (&json!(600), &json!(1_500), &json!(-1_100))
    );
    let refund = world.stripe_post("/v1/refunds", &[("payment_intent", &intent), ("amount", "100")]).await;
    assert_eq!(refund.stripe_error(), (400, "invalid_request_error", "charge_disputed", ""));
    assert_eq!(world.events().await.split_off(2), ["charge.dispute.created", "charge.dispute.funds_withdrawn"]);
}

#[tokio::test]
async fn a_dispute_that_is_won_brings_the_money_back_but_not_the_fee() {
    let world = World::new().await;
    let (intent, id) = disputed(&world, json!({})).await;
    let evidence = [("evidence[shipping_tracking_number]", "9400"), ("submit", "true")];
    let answered = world.stripe_post(&format!("/v1/disputes/{id}"), &evidence).await;
    assert_eq!(
        (answered.text("/status"), answered.text("/evidence/shipping_tracking_number")),
        ("under_review", "9400")
    );
    assert_eq!(close(&world, &id, "won").await, 200);
    let won = world.stripe_get(&format!("/v1/disputes/{id}")).await;
    assert_eq!((won.text("/status"), &won.body["balance_transactions"][1]["net"]), ("won", &json!(1_000)));
    assert_eq!(world.books().await["totals"]["usd"]["balance"], -500);
    assert_eq!(close(&world, &id, "lost").await, 400);
    assert_eq!(world.stripe_post("/v1/refunds", &[("payment_intent", &intent)]).await.status, 200);
    let told = ["created", "funds_withdrawn", "updated", "funds_reinstated", "closed"];
    assert_eq!(world.events().await[2..7], told.map(|what| format!("charge.dispute.{what}")));
}

#[tokio::test]
async fn a_dispute_that_is_lost_stays_withdrawn() {
    let world = World::new().await;
    let (intent, id) = disputed(&world, json!({})).await;
    assert_eq!(close(&world, &id, "lost").await, 200);
    assert_eq!(world.stripe_get(&format!("/v1/disputes/{id}")).await.text("/status"), "lost");
    assert_eq!(world.books().await["intents"][0]["disputed"], 1_000);
    let refund = world.stripe_post("/v1/refunds", &[("payment_intent", &intent)]).await;
    assert_eq!(refund.stripe_error().2, "charge_disputed");
}

#[tokio::test]
async fn an_inquiry_moves_no_money() {
    let world = World::new().await;
    let (_, id) = disputed(&world, json!({"inquiry": true})).await;
    let inquiry = world.stripe_get(&format!("/v1/disputes/{id}")).await;
    assert_eq!(
        (inquiry.text("/status"), &inquiry.body["balance_transactions"]),
        ("warning_needs_response", &json!([]))
    );
    close(&world, &id, "won").await;
    assert_eq!(world.stripe_get(&format!("/v1/disputes/{id}")).await.text("/status"), "warning_closed");
    assert_eq!(world.books().await["totals"]["usd"]["balance"], 1_000);
}

#[tokio::test]
async fn no_more_is_disputed_than_was_taken() {
    let world = World::new().await;
    let held = world.authorized().await;
    let taken = world.captured("pm_card_visa").await;
    #[rustfmt::skip]
    let table = [
        (json!({"payment_intent": held}), 400),
        (json!({"payment_intent": "pi_0"}), 404),
        (json!({"payment_intent": taken, "amount": 1_001}), 400),
        (json!({"payment_intent": taken, "amount": 0}), 400),
        (json!({"payment_intent": taken, "reason": "bored"}), 400),
        (json!({"payment_intent": taken, "amount": 1_000}), 200),
        (json!({"payment_intent": taken, "amount": 1}), 400),
    ];
    for (asked, status) in table {
        assert_eq!(world.control("dispute", &asked).await.status, status, "{asked}");
    }
}

#[tokio::test]
async fn some_cards_holders_always_dispute() {
    let world = World::new().await;
    let intent = world.captured("pm_card_createDispute").await;
    let listed = world.stripe_get(&format!("/v1/disputes?payment_intent={intent}")).await;
    assert_eq!((listed.text("/data/0/reason"), &listed.body["data"][0]["amount"]), ("fraudulent", &json!(1_000)));
}
