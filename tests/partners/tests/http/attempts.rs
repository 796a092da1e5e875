//! Confirming, again and with another card; sending the shopper to 3-D Secure and back.

use crate::world::World;
use serde_json::json;

const NEEDS_3DS: (&str, &str) = ("payment_method", "pm_card_authenticationRequired");
const BACK: (&str, &str) = ("return_url", "https://shop.test/back");
const UNEXPECTED: (u16, &str, &str, &str) = (400, "invalid_request_error", "payment_intent_unexpected_state", "");

async fn waiting(world: &World) -> String {
    let answer = world.create(&[NEEDS_3DS, BACK]).await;
    assert_eq!(answer.text("/status"), "requires_action", "{:?}", answer.body);
    answer.text("/id").to_owned()
}

#[tokio::test]
async fn an_intent_is_created_first_and_confirmed_later() {
    let world = World::new().await;
    let created =
        world.create(&[("confirm", "false"), ("customer", "cus_1"), ("setup_future_usage", "off_session")]).await;
    assert_eq!((created.text("/status"), created.text("/customer")), ("requires_confirmation", "cus_1"));
    assert_eq!(created.text("/setup_future_usage"), "off_session");
    let path = format!("/v1/payment_intents/{}/confirm", created.text("/id"));
    let held = world.stripe_post(&path, &[]).await;
    assert_eq!((held.text("/status"), &held.body["amount_capturable"]), ("requires_capture", &json!(1_000)));
    let again = world.stripe_post(&path, &[]).await;
    assert_eq!((again.stripe_error(), again.text("/error/payment_intent/status")), (UNEXPECTED, "requires_capture"));
}

#[tokio::test]
async fn a_declined_intent_is_paid_with_another_card() {
    let world = World::new().await;
    let declined = world.create(&[("payment_method", "pm_card_chargeDeclined")]).await;
    let id = declined.text("/error/payment_intent/id");
    let path = format!("/v1/payment_intents/{id}/confirm");
    assert_eq!(declined.body["error"]["payment_intent"]["payment_method"], json!(null));
    assert_eq!(world.stripe_post(&path, &[]).await.stripe_error(), UNEXPECTED);
    let still = world.stripe_post(&path, &[("payment_method", "pm_card_chargeDeclinedLostCard")]).await;
    assert_eq!((still.status, still.text("/error/decline_code")), (402, "lost_card"));
    let paid = world.stripe_post(&path, &[("payment_method", "pm_card_amex")]).await;
    assert_eq!((paid.text("/status"), &paid.body["last_payment_error"]), ("requires_capture", &json!(null)));
    let first = world.stripe_get(&format!("/v1/charges/{}", declined.text("/error/charge"))).await;
    assert_eq!((first.text("/status"), first.text("/outcome/reason")), ("failed", "generic_decline"));
    assert_eq!(world.books().await["intents"][0]["attempts"], 3);
}

#[tokio::test]
async fn a_shopper_is_sent_to_3d_secure_and_comes_back_with_the_money_held() {
    let world = World::new().await;
    let created = world.create(&[NEEDS_3DS, BACK, ("confirm", "false")]).await;
    let id = created.text("/id");
    let asked = world.stripe_post(&format!("/v1/payment_intents/{id}/confirm"), &[]).await;
    assert_eq!((asked.text("/status"), asked.text("/next_action/type")), ("requires_action", "redirect_to_url"));
    let redirect = "/next_action/redirect_to_url";
    assert!(asked.text(&format!("{redirect}/url")).ends_with(id), "{:?}", asked.body);
    assert_eq!(asked.text(&format!("{redirect}/return_url")), BACK.1);

    let proof = json!({"payment_intent": id, "outcome": "succeeded"});
    assert_eq!(world.control("authenticate", &proof).await.status, 200);
    let held = world.stripe_get(&format!("/v1/payment_intents/{id}?expand[]=latest_charge")).await;
    assert_eq!((held.text("/status"), &held.body["next_action"]), ("requires_capture", &json!(null)));
    assert_eq!(held.text("/latest_charge/payment_method_details/card/three_d_secure/result"), "authenticated");
    assert_eq!(world.control("authenticate", &proof).await.stripe_error(), UNEXPECTED);
    let told = ["created", "requires_action", "amount_capturable_updated"].map(|what| format!("payment_intent.{what}"));
    assert_eq!(world.events().await, told);
}

#[tokio::test]
async fn a_shopper_who_fails_3d_secure_is_asked_for_another_card() {
    let world = World::new().await;
    let id = waiting(&world).await;
    world.control("authenticate", &json!({"payment_intent": id, "outcome": "failed"})).await;
    let failed = world.stripe_get(&format!("/v1/payment_intents/{id}")).await;
    assert_eq!((failed.text("/status"), &failed.body["latest_charge"]), ("requires_payment_method", &json!(null)));
    assert_eq!(failed.text("/last_payment_error/code"), "payment_intent_authentication_failure");
    assert_eq!(world.events().await.pop().as_deref(), Some("payment_intent.payment_failed"));
    let path = format!("/v1/payment_intents/{id}/confirm");
    assert_eq!(
        world.stripe_post(&path, &[("payment_method", "pm_card_visa")]).await.text("/status"),
        "requires_capture"
    );
}

#[tokio::test]
async fn without_the_shopper_3d_secure_is_a_decline() {
    let world = World::new().await;
    let refused = world.create(&[NEEDS_3DS, ("off_session", "true")]).await;
    assert_eq!(refused.stripe_error(), (402, "card_error", "authentication_required", ""));
    assert_eq!(refused.text("/error/decline_code"), "authentication_required");

    let created = world.create(&[NEEDS_3DS, ("confirm", "false")]).await;
    let path = format!("/v1/payment_intents/{}/confirm", created.text("/id"));
    let refused = world.stripe_post(&path, &[("off_session", "true")]).await;
    assert_eq!(refused.stripe_error(), (402, "card_error", "authentication_required", ""));
}

#[tokio::test]
async fn a_card_that_declines_twice_is_approved_the_third_time_for_each_order_and_tender() {
    let world = World::new().await;
    let card = ("payment_method", "pm_card_declines_2_times_insufficient_funds");
    for tender in ["1", "2"] {
        for expected in [402, 402, 200, 200] {
            let answer = world.create(&[card, ("metadata[tender]", tender)]).await;
            assert_eq!(answer.status, expected, "{:?}", answer.body);
        }
    }
}

#[tokio::test]
async fn metadata_is_changed_key_by_key_and_money_held_keeps_its_amount() {
    let world = World::new().await;
    let id = world.authorized().await;
    let path = format!("/v1/payment_intents/{id}");
    let changed = world.stripe_post(&path, &[("metadata[order_id]", ""), ("metadata[tender]", "2")]).await;
    assert_eq!((changed.status, &changed.body["metadata"]), (200, &json!({"tender": "2"})));
    let refused = world.stripe_post(&path, &[("amount", "900"), ("metadata[tender]", "3")]).await;
    assert_eq!(refused.stripe_error(), (400, "invalid_request_error", UNEXPECTED.2, "amount"));
    assert_eq!(world.stripe_get(&path).await.text("/metadata/tender"), "2");

    let open = world.create(&[("confirm", "false")]).await;
    let path = format!("/v1/payment_intents/{}", open.text("/id"));
    assert_eq!(world.stripe_post(&path, &[("amount", "900")]).await.body["amount"], 900);
    assert_eq!(world.stripe_post(&path, &[("amount", "9")]).await.stripe_error().2, "amount_too_small");
}
