//! The processor's endpoints and refusals.

use crate::world::{AUTHORIZE, World, send};
use reqwest::Method;
use serde_json::json;

fn instead<'a>(name: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    AUTHORIZE.iter().map(|(key, old)| if *key == name { (*key, value) } else { (*key, *old) }).collect()
}

fn without(name: &str) -> Vec<(&'static str, &'static str)> {
    AUTHORIZE.into_iter().filter(|(key, _)| *key != name).collect()
}

#[tokio::test]
async fn money_is_held_then_taken_then_given_back() {
    let world = World::new().await;
    let intent = world.authorized().await;
    let path = format!("/v1/payment_intents/{intent}");

    let held = world.stripe_get(&path).await;
    assert_eq!((&held.body["amount_capturable"], &held.body["amount_received"]), (&json!(1_000), &json!(0)));

    let taken = world.stripe_post(&format!("{path}/capture"), &[("amount_to_capture", "700")]).await;
    assert_eq!((taken.status, taken.text("/status")), (200, "succeeded"));
    assert_eq!((&taken.body["amount_capturable"], &taken.body["amount_received"]), (&json!(0), &json!(700)));

    let refund = world.stripe_post("/v1/refunds", &[("payment_intent", &intent), ("amount", "200")]).await;
    assert_eq!((refund.status, refund.text("/status"), &refund.body["amount"]), (200, "succeeded", &json!(200)));
    let again = world.stripe_get(&format!("/v1/refunds/{}", refund.text("/id"))).await;
    assert_eq!(again.body, refund.body);

    let charge = world.stripe_get(&format!("/v1/charges/{}", taken.text("/latest_charge"))).await;
    assert_eq!(
        (&charge.body["amount_captured"], &charge.body["amount_refunded"], &charge.body["refunded"]),
        (&json!(700), &json!(200), &json!(false))
    );
}

#[tokio::test]
async fn every_decline_is_a_402_with_its_reason_and_the_failed_intent() {
    let world = World::new().await;
    #[rustfmt::skip]
    let table = [
        ("pm_card_visa_chargeDeclined",                  "card_declined",    "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined",    "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard",          "card_declined",    "lost_card"),
        ("pm_card_visa_chargeDeclinedStolenCard",        "card_declined",    "stolen_card"),
        ("pm_card_chargeDeclinedFraudulent",             "card_declined",    "fraudulent"),
        ("pm_card_radarBlock",                           "card_declined",    "fraudulent"),
        ("pm_card_chargeDeclinedExpiredCard",            "expired_card",     ""),
        ("pm_card_chargeDeclinedIncorrectCvc",           "incorrect_cvc",    ""),
        ("pm_card_chargeDeclinedProcessingError",        "processing_error", ""),
    ];
    for (card, code, decline_code) in table {
        let answer = world.stripe_post("/v1/payment_intents", &instead("payment_method", card)).await;
        assert_eq!(answer.stripe_error(), (402, "card_error", code, ""), "{card}");
        assert_eq!(answer.text("/error/decline_code"), decline_code, "{card}");
        assert_eq!(answer.text("/error/payment_intent/status"), "requires_payment_method", "{card}");
        let kept = world.stripe_get(&format!("/v1/payment_intents/{}", answer.text("/error/payment_intent/id"))).await;
        assert_eq!(kept.text("/last_payment_error/code"), code, "{card}");
        assert_eq!(kept.body["amount_capturable"], 0, "{card}");
    }
}

#[tokio::test]
async fn an_elevated_risk_is_approved_and_said() {
    let world = World::new().await;
    let mut form = instead("payment_method", "pm_card_riskLevelElevated");
    form.push(("expand[]", "latest_charge"));
    let answer = world.stripe_post("/v1/payment_intents", &form).await;
    assert_eq!((answer.status, answer.text("/status")), (200, "requires_capture"));
    assert_eq!(answer.text("/latest_charge/outcome/risk_level"), "elevated");
}

#[tokio::test]
async fn authentication_is_asked_for_or_refused() {
    let world = World::new().await;
    let mut form = instead("payment_method", "pm_card_authenticationRequired");
    let answer = world.stripe_post("/v1/payment_intents", &form).await;
    assert_eq!((answer.text("/status"), answer.text("/next_action/type")), ("requires_action", "use_stripe_sdk"));
    let path = format!("/v1/payment_intents/{}/capture", answer.text("/id"));
    let refused = world.stripe_post(&path, &[]).await;
    assert_eq!(refused.stripe_error(), (400, "invalid_request_error", "payment_intent_unexpected_state", ""));

    form.push(("off_session", "true"));
    let refused = world.stripe_post("/v1/payment_intents", &form).await;
    assert_eq!(refused.stripe_error(), (402, "card_error", "authentication_required", ""));
}

#[tokio::test]
async fn a_wish_with_a_flaw_is_refused() {
    let world = World::new().await;
    let with = |extra| AUTHORIZE.into_iter().chain([extra]).collect();
    #[rustfmt::skip]
    let table = [
        (without("amount"),                                "parameter_missing",         "amount"),
        (without("currency"),                              "parameter_missing",         "currency"),
        (without("payment_method"),                        "parameter_missing",         "payment_method"),
        (without("payment_method_types[]"),                "",                          "return_url"),
        (instead("amount", "ten"),                         "parameter_invalid_integer", "amount"),
        (instead("amount", "0"),                           "parameter_invalid_integer", "amount"),
        (instead("amount", "10"),                          "amount_too_small",          "amount"),
        (instead("amount", "999999999"),                   "amount_too_large",          "amount"),
        (instead("currency", "xyz"),                       "",                          "currency"),
        (instead("payment_method", "pm_card_nobody"),      "resource_missing",          "payment_method"),
        (with(("surprise", "1")),                          "parameter_unknown",         "surprise"),
        (with(("metadata", "flat")),                       "parameter_unknown",         "metadata"),
        (with(("expand[]", "customer")),                   "",                          "expand"),
    ];
    for (form, code, param) in table {
        let answer = world.stripe_post("/v1/payment_intents", &form).await;
        assert_eq!(answer.stripe_error(), (400, "invalid_request_error", code, param), "{form:?} {:?}", answer.body);
    }
    assert_eq!(world.stripe_get("/_control/books").await.body["intents"], json!([]));
}

#[tokio::test]
async fn what_an_intent_cannot_do_moves_no_money() {
    let world = World::new().await;
    let intent = world.authorized().await;
    let path = |what: &str| format!("/v1/payment_intents/{intent}/{what}");
    let unexpected = (400, "invalid_request_error", "payment_intent_unexpected_state", "");

    let over = world.stripe_post(&path("capture"), &[("amount_to_capture", "1001")]).await;
    assert_eq!(over.stripe_error(), (400, "invalid_request_error", "amount_too_large", "amount_to_capture"));
    let kept = world.stripe_post(&path("capture"), &[("final_capture", "false")]).await;
    assert_eq!(kept.stripe_error(), (400, "invalid_request_error", "", "final_capture"));
    let early = world.stripe_post("/v1/refunds", &[("payment_intent", &intent)]).await;
    assert_eq!(early.stripe_error(), (400, "invalid_request_error", "", "payment_intent"));

    assert_eq!(world.stripe_post(&path("capture"), &[]).await.status, 200);
    let again = world.stripe_post(&path("capture"), &[]).await;
    assert_eq!(again.stripe_error(), unexpected);
    assert_eq!(again.text("/error/payment_intent/status"), "succeeded");
    assert_eq!(world.stripe_post(&path("cancel"), &[]).await.stripe_error(), unexpected);

    let over = world.stripe_post("/v1/refunds", &[("payment_intent", &intent), ("amount", "1001")]).await;
    assert_eq!(over.stripe_error(), (400, "invalid_request_error", "", "amount"));
    assert_eq!(world.stripe_post("/v1/refunds", &[("payment_intent", &intent)]).await.status, 200);
    let again = world.stripe_post("/v1/refunds", &[("payment_intent", &intent), ("amount", "1")]).await;
    assert_eq!(again.stripe_error(), (400, "invalid_request_error", "charge_already_refunded", ""));

    let books = world.stripe_get("/_control/books").await;
    assert_eq!(
        books.body["totals"]["usd"],
        json!({"authorized": 1_000, "held": 0, "captured": 1_000, "released": 0, "refunded": 1_000, "disputed": 0, "dispute_fees": 0, "balance": 0})
    );
}

#[tokio::test]
async fn a_canceled_hold_is_released_and_stays_canceled() {
    let world = World::new().await;
    let path = format!("/v1/payment_intents/{}", world.authorized().await);
    let canceled = world.stripe_post(&format!("{path}/cancel"), &[("cancellation_reason", "abandoned")]).await;
    assert_eq!((canceled.text("/status"), canceled.text("/cancellation_reason")), ("canceled", "abandoned"));
    assert_eq!(
        (&canceled.body["amount_capturable"], &canceled.body["canceled_at"]),
        (&json!(0), &json!(1_795_176_000))
    );
    for what in ["capture", "cancel"] {
        let refused = world.stripe_post(&format!("{path}/{what}"), &[]).await;
        assert_eq!(refused.stripe_error().2, "payment_intent_unexpected_state", "{what}");
    }
    let reason = world.stripe_post(&format!("{path}/cancel"), &[("cancellation_reason", "bored")]).await;
    assert_eq!(reason.stripe_error(), (400, "invalid_request_error", "", "cancellation_reason"));
}

#[tokio::test]
async fn several_captures_share_a_hold_that_was_asked_for_them() {
    let world = World::new().await;
    let multicapture = ("payment_method_options[card][request_multicapture]", "if_available");
    let form: Vec<_> = AUTHORIZE.into_iter().chain([multicapture, ("expand[]", "latest_charge")]).collect();
    let intent = world.stripe_post("/v1/payment_intents", &form).await;
    let card = "/latest_charge/payment_method_details/card/multicapture/status";
    assert_eq!(intent.text(card), "available");
    let path = format!("/v1/payment_intents/{}/capture", intent.text("/id"));
    let first = world.stripe_post(&path, &[("amount_to_capture", "400"), ("final_capture", "false")]).await;
    assert_eq!((first.text("/status"), &first.body["amount_capturable"]), ("requires_capture", &json!(600)));
    let over = world.stripe_post(&path, &[("amount_to_capture", "601"), ("final_capture", "false")]).await;
    assert_eq!(over.stripe_error().2, "amount_too_large");
    let last = world.stripe_post(&path, &[("amount_to_capture", "500")]).await;
    assert_eq!((last.text("/status"), &last.body["amount_received"]), ("succeeded", &json!(900)));
    assert_eq!(world.stripe_post(&path, &[]).await.stripe_error().2, "payment_intent_unexpected_state");
}

#[tokio::test]
async fn intents_are_found_by_their_metadata_and_listed_newest_first() {
    let world = World::new().await;
    let first = world.authorized().await;
    let second = world.authorized().await;
    let other = world.stripe_post("/v1/payment_intents", &instead("metadata[order_id]", "ord-2")).await;

    let search = |query: &'static str| {
        let request = world.stripe(Method::GET, "/v1/payment_intents/search");
        send(request.query(&[("query", query)]))
    };
    let found = search("metadata['order_id']:'ord-2' AND status:'requires_capture'").await;
    assert_eq!((found.text("/object"), found.text("/data/0/id")), ("search_result", other.text("/id")));
    assert_eq!(found.body["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(search("metadata['order_id']:'ord-9'").await.body["data"], json!([]));
    assert_eq!(search("order_id=ord-2").await.stripe_error(), (400, "invalid_request_error", "", "query"));

    let page = world.stripe_get("/v1/payment_intents?limit=2").await;
    assert_eq!((page.text("/data/0/id"), page.text("/data/1/id")), (other.text("/id"), second.as_str()));
    assert_eq!(page.body["has_more"], true);
    let rest = world.stripe_get(&format!("/v1/payment_intents?limit=2&starting_after={second}")).await;
    assert_eq!((rest.text("/data/0/id"), &rest.body["has_more"]), (first.as_str(), &json!(false)));
    let later = world.stripe_get("/v1/payment_intents?created[gt]=1795176000").await;
    assert_eq!(later.body["data"], json!([]));
}

#[tokio::test]
async fn only_a_test_secret_key_opens_the_door() {
    let world = World::new().await;
    let url = format!("{}/v1/payment_intents", world.partners.stripe_url());
    for key in [None, Some("pk_test_public"), Some("sk_live_real"), Some("sk_test_")] {
        let request = world.http.get(&url);
        let answer = send(key.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth)).await;
        assert_eq!(answer.stripe_error(), (401, "invalid_request_error", "", ""), "{key:?}");
    }
}

#[tokio::test]
async fn what_does_not_exist_is_a_404_by_name() {
    let world = World::new().await;
    let missing = |param| (404, "invalid_request_error", "resource_missing", param);
    assert_eq!(world.stripe_get("/v1/payment_intents/pi_0").await.stripe_error(), missing("intent"));
    assert_eq!(world.stripe_post("/v1/payment_intents/pi_0/capture", &[]).await.stripe_error(), missing("intent"));
    assert_eq!(world.stripe_get("/v1/refunds/re_0").await.stripe_error(), missing("refund"));
    assert_eq!(world.stripe_get("/v1/charges/ch_0").await.stripe_error(), missing("charge"));
    let refund = world.stripe_post("/v1/refunds", &[("payment_intent", "pi_0")]).await;
    assert_eq!(refund.stripe_error(), (400, "invalid_request_error", "resource_missing", "payment_intent"));
    assert_eq!(world.stripe_get("/v1/customers").await.stripe_error(), (404, "invalid_request_error", "", ""));
}
