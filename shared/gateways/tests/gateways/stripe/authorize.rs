//! Asking for money: what is sent, and what became of it.

use super::{CANCEL, INTENT, INTENTS, error, held, intent, pairs, stripe, unexpected_state};
use crate::scripted::{Sale, answer, answering, calls, form, header, kind};
use serde_json::{Value, json};
use waybill_domain::ports::{Authorized, Hold, PartnerError, PaymentProcessor};
use wiremock::MockServer;

const BACK: &str = "https://shop.example/back?cart=7";

async fn authorize(server: &MockServer) -> Result<Authorized, PartnerError> {
    stripe(&server.uri()).authorize(&Sale::new().hold("pm_card_visa", 2500, "ord-1-authorize-1")).await
}

/// With the shopper there.
async fn authorize_present(server: &MockServer) -> Result<Authorized, PartnerError> {
    let sale = Sale::new();
    let hold = Hold { return_url: Some(BACK), ..sale.hold("pm_card_visa", 2500, "ord-1-authorize-1") };
    stripe(&server.uri()).authorize(&hold).await
}

fn declined(code: &str) -> Authorized {
    Authorized::Declined { code: code.to_owned() }
}

#[tokio::test]
async fn authorizing_sends_one_confirmed_intent_with_manual_capture_under_the_key() {
    let server = answering("POST", INTENTS, 200, &intent("pi_1", "requires_capture", 0)).await;
    assert_eq!(authorize(&server).await.unwrap(), Authorized::Held(held("pi_1", "requires_capture", 0)));
    let [request] = calls(&server).await.try_into().unwrap();
    assert_eq!(header(&request, "Idempotency-Key"), Some("ord-1-authorize-1"));
    assert_eq!(header(&request, "Authorization"), Some("Bearer sk_test_hush"));
    assert_eq!(header(&request, "Stripe-Version"), Some("2025-03-31.basil"));
    let expected = pairs([
        ("amount", "2500"),
        ("currency", "usd"),
        ("payment_method", "pm_card_visa"),
        ("payment_method_types[]", "card"),
        ("confirm", "true"),
        ("capture_method", "manual"),
        ("payment_method_options[card][request_multicapture]", "if_available"),
        ("metadata[order_id]", Sale::new().order().as_str()),
        ("metadata[tenant]", "acme"),
        ("metadata[tender]", "1"),
        ("error_on_requires_action", "true"),
        ("expand[]", "latest_charge"),
    ]);
    assert_eq!(form(&request), expected);
}

#[tokio::test]
async fn who_is_there_and_whose_method_it_is_decides_how_it_is_confirmed() {
    #[rustfmt::skip]
    let table = [
        (None,          None,       [None,          None,       None,         Some("true")]),
        (Some("cus_1"), None,       [Some("cus_1"), None,       Some("true"), None]),
        (None,          Some(BACK), [None,          Some(BACK), None,         None]),
        (Some("cus_1"), Some(BACK), [Some("cus_1"), Some(BACK), None,         None]),
    ];
    let sale = Sale::new();
    for (customer, return_url, expected) in table {
        let server = answering("POST", INTENTS, 200, &intent("pi_1", "requires_capture", 0)).await;
        let hold = Hold { customer, return_url, ..sale.hold("pm_1", 2500, "k") };
        stripe(&server.uri()).authorize(&hold).await.unwrap();
        let sent = form(&calls(&server).await[0]);
        let sent = ["customer", "return_url", "off_session", "error_on_requires_action"].map(|name| sent.get(name));
        assert_eq!(sent.map(|value| value.map(String::as_str)), expected, "{customer:?} {return_url:?}");
    }
}

#[tokio::test]
async fn a_decline_is_an_answer_and_not_an_error() {
    #[rustfmt::skip]
    let table = [
        (error("card_error", Some("card_declined"), Some("insufficient_funds")), "insufficient_funds"),
        (error("card_error", Some("authentication_required"), None),             "authentication_required"),
        (error("card_error", None, None),                                        "card_declined"),
    ];
    for (body, code) in table {
        let server = answering("POST", INTENTS, 402, &body).await;
        assert_eq!(authorize(&server).await.unwrap(), declined(code), "{body}");
    }
    let mut undecided = intent("pi_1", "requires_payment_method", 0);
    undecided["last_payment_error"] =
        json!({"type": "card_error", "code": "card_declined", "decline_code": "lost_card"});
    let server = answering("POST", INTENTS, 200, &undecided).await;
    assert_eq!(authorize(&server).await.unwrap(), declined("lost_card"));
}

#[tokio::test]
async fn an_elevated_risk_is_told() {
    for (level, risky) in [("normal", false), ("elevated", true), ("highest", true), ("not_assessed", false)] {
        let mut body = intent("pi_1", "requires_capture", 0);
        body["latest_charge"]["outcome"]["risk_level"] = level.into();
        let server = answering("POST", INTENTS, 200, &body).await;
        let Authorized::Held(held) = authorize(&server).await.unwrap() else { panic!("{level}") };
        assert_eq!(held.elevated_risk, risky, "{level}");
    }
}

#[tokio::test]
async fn a_shopper_who_is_there_is_sent_to_3d_secure() {
    let redirect =
        json!({"type": "redirect_to_url", "redirect_to_url": {"url": "https://hooks.example/3ds", "return_url": BACK}});
    let sdk = json!({"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}});
    for (next, expected) in [(redirect, Some("https://hooks.example/3ds")), (sdk, None), (Value::Null, None)] {
        let mut body = intent("pi_1", "requires_action", 0);
        body["next_action"] = next;
        let server = answering("POST", INTENTS, 200, &body).await;
        let (reference, url) = ("pi_1".to_owned(), expected.map(str::to_owned));
        assert_eq!(authorize_present(&server).await.unwrap(), Authorized::ActionRequired { reference, url });
        assert_eq!(calls(&server).await.len(), 1);
    }
}

#[tokio::test]
async fn an_intent_that_asks_an_absent_shopper_for_3d_secure_is_canceled_and_declined() {
    let server = answering("POST", INTENTS, 200, &intent("pi_1", "requires_action", 0)).await;
    answer(&server, "POST", CANCEL, 200, &intent("pi_1", "canceled", 0)).await;
    assert_eq!(authorize(&server).await.unwrap(), declined("authentication_required"));
    let calls = calls(&server).await;
    assert_eq!(header(&calls[1], "Idempotency-Key"), Some("ord-1-authorize-1-cancel"));
    // The answer to the cancel was lost: the truth is that it is canceled.
    let server = answering("POST", INTENTS, 200, &intent("pi_1", "requires_action", 0)).await;
    answer(&server, "POST", CANCEL, 400, &unexpected_state()).await;
    let mut gone = intent("pi_1", "canceled", 0);
    gone["latest_charge"] = Value::Null;
    answer(&server, "GET", INTENT, 200, &gone).await;
    assert_eq!(authorize(&server).await.unwrap(), declined("authentication_required"));
}

#[tokio::test]
async fn an_answer_that_a_new_intent_cannot_have_is_broken() {
    #[rustfmt::skip]
    let table = [
        (json!({"id": "pi_1"}),                          "broken"),
        (intent("pi_1", "mesmerized", 0),                "broken"),
        (intent("pi_1", "canceled", 0),                  "broken"),
        (intent("pi_1", "requires_payment_method", 0),   "broken"),
        (intent("pi_1", "requires_confirmation", 0),     "broken"),
        (intent("pi_1", "processing", 0),                "unavailable"),
    ];
    for (body, expected) in table {
        let server = answering("POST", INTENTS, 200, &body).await;
        assert_eq!(kind(&authorize(&server).await.expect_err(expected)), expected, "{body}");
        assert_eq!(kind(&authorize_present(&server).await.expect_err(expected)), expected, "{body}");
    }
}
