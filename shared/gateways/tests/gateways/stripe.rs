//! Stripe: request shapes and the meaning of every answer.

use crate::scripted::{Sale, answer, answering, calls, form, header, kind, money, rude_server};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use waybill_domain::ports::{Authorized, Held, PartnerError, PaymentProcessor};
use waybill_gateways::{Secret, Stripe};
use wiremock::MockServer;

const INTENTS: &str = "/v1/payment_intents";
const SEARCH: &str = "/v1/payment_intents/search";

pub fn stripe(url: &str) -> Stripe {
    Stripe::new(url, Secret::new("sk_test_hush".to_owned())).unwrap()
}

fn intent(id: &str, status: &str, captured: i64) -> Value {
    json!({
        "id": id, "object": "payment_intent", "status": status, "amount": 2500, "currency": "usd",
        "amount_received": captured, "last_payment_error": null,
        "latest_charge": {"id": "ch_1", "paid": true, "outcome": {"risk_level": "normal"}},
    })
}

fn held(reference: &str, captured: i64, voided: bool) -> Held {
    let (amount, captured) = (money(2500, "USD"), money(captured, "USD"));
    Held { reference: reference.to_owned(), amount, captured, voided, elevated_risk: false }
}

fn error(kind: &str, code: Option<&str>, decline_code: Option<&str>) -> Value {
    json!({"error": {"type": kind, "code": code, "decline_code": decline_code, "message": "No,\nthank you."}})
}

async fn authorize(server: &MockServer) -> Result<Authorized, PartnerError> {
    stripe(&server.uri()).authorize(&Sale::new().hold("pm_card_visa", 2500, "ord-1-authorize")).await
}

#[tokio::test]
async fn authorizing_sends_one_confirmed_intent_with_manual_capture_under_the_key() {
    let server = answering("POST", INTENTS, 200, &intent("pi_1", "requires_capture", 0)).await;
    assert_eq!(authorize(&server).await.unwrap(), Authorized::Held(held("pi_1", 0, false)));
    let [request] = calls(&server).await.try_into().unwrap();
    assert_eq!(header(&request, "Idempotency-Key"), Some("ord-1-authorize"));
    assert_eq!(header(&request, "Authorization"), Some("Bearer sk_test_hush"));
    assert_eq!(header(&request, "Stripe-Version"), Some("2024-06-20"));
    let sale = Sale::new();
    let expected = [
        ("amount", "2500"),
        ("currency", "usd"),
        ("payment_method", "pm_card_visa"),
        ("payment_method_types[]", "card"),
        ("confirm", "true"),
        ("capture_method", "manual"),
        ("payment_method_options[card][request_multicapture]", "if_available"),
        ("metadata[order_id]", sale.order().as_str()),
        ("metadata[tenant]", "acme"),
        ("expand[]", "latest_charge"),
    ];
    let expected: BTreeMap<_, _> = expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    assert_eq!(form(&request), expected);
}

#[tokio::test]
async fn a_decline_is_an_answer_and_not_an_error() {
    #[rustfmt::skip]
    let table = [
        (error("card_error", Some("card_declined"), Some("insufficient_funds")), "insufficient_funds"),
        (error("card_error", Some("expired_card"), None),                        "expired_card"),
        (error("card_error", None, None),                                        "card_declined"),
    ];
    for (body, code) in table {
        let server = answering("POST", INTENTS, 402, &body).await;
        assert_eq!(authorize(&server).await.unwrap(), Authorized::Declined { code: code.to_owned() }, "{body}");
    }
    let mut undecided = intent("pi_1", "requires_payment_method", 0);
    undecided["last_payment_error"] =
        json!({"type": "card_error", "code": "card_declined", "decline_code": "lost_card"});
    let server = answering("POST", INTENTS, 200, &undecided).await;
    assert_eq!(authorize(&server).await.unwrap(), Authorized::Declined { code: "lost_card".to_owned() });
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
async fn an_intent_that_asks_for_3d_secure_is_canceled_and_declined() {
    let server = answering("POST", INTENTS, 200, &intent("pi_1", "requires_action", 0)).await;
    answer(&server, "POST", "/v1/payment_intents/pi_1/cancel", 200, &intent("pi_1", "canceled", 0)).await;
    let declined = Authorized::Declined { code: "authentication_required".to_owned() };
    assert_eq!(authorize(&server).await.unwrap(), declined);
    let calls = calls(&server).await;
    assert_eq!(header(&calls[1], "Idempotency-Key"), Some("ord-1-authorize-cancel"));
    // The answer to the cancel was lost: the truth is that it is canceled.
    let server = answering("POST", INTENTS, 200, &intent("pi_1", "requires_action", 0)).await;
    let unexpected = error("invalid_request_error", Some("payment_intent_unexpected_state"), None);
    answer(&server, "POST", "/v1/payment_intents/pi_1/cancel", 400, &unexpected).await;
    let mut gone = intent("pi_1", "canceled", 0);
    gone["latest_charge"] = Value::Null;
    answer(&server, "GET", "/v1/payment_intents/pi_1", 200, &gone).await;
    assert_eq!(authorize(&server).await.unwrap(), declined);
}

#[tokio::test]
async fn every_status_code_has_its_meaning() {
    let refusal = |code| error("invalid_request_error", code, None);
    let nothing = json!("<html>");
    #[rustfmt::skip]
    let table = [
        (400, refusal(Some("amount_too_small")),        "refused amount_too_small"),
        (400, refusal(None),                            "refused invalid_request_error"),
        (400, error("idempotency_error", None, None),   "refused idempotency_error"),
        (402, refusal(Some("payment_failed")),          "refused payment_failed"),
        (400, nothing.clone(),                          "broken"),
        (401, refusal(None),                            "broken"),
        (403, refusal(None),                            "broken"),
        (404, refusal(Some("resource_missing")),        "broken"),
        (302, nothing.clone(),                          "broken"),
        (200, nothing.clone(),                          "broken"),
        (200, json!({"id": "pi_1"}),                    "broken"),
        (200, intent("pi_1", "mesmerized", 0),          "broken"),
        (200, intent("pi_1", "canceled", 0),            "broken"),
        (200, intent("pi_1", "requires_payment_method", 0), "broken"),
        (200, intent("pi_1", "requires_confirmation", 0),   "broken"),
        (200, intent("pi_1", "processing", 0),          "unavailable"),
        (408, nothing.clone(),                          "unavailable"),
        (409, error("idempotency_error", Some("idempotency_key_in_use"), None), "unavailable"),
        (429, refusal(Some("rate_limit")),              "unavailable"),
        (500, error("api_error", None, None),           "unavailable"),
        (503, nothing,                                  "unavailable"),
    ];
    for (status, body, expected) in table {
        let server = answering("POST", INTENTS, status, &body).await;
        let error = authorize(&server).await.expect_err(expected);
        assert_eq!(kind(&error), expected, "{status} {body}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_unavailable() {
    let sale = Sale::new();
    let hold = sale.hold("pm_card_visa", 2500, "k");
    for url in [rude_server().await, "http://127.0.0.1:1".to_owned()] {
        assert_eq!(kind(&stripe(&url).authorize(&hold).await.unwrap_err()), "unavailable");
    }
}

#[tokio::test]
async fn a_refusal_keeps_stripes_words_on_one_line_with_the_request_id() {
    let server = answering("POST", INTENTS, 400, &error("invalid_request_error", Some("nope"), None)).await;
    let error = authorize(&server).await.unwrap_err();
    assert_eq!(error.to_string(), "refused: nope: No, thank you. (request req_1)");
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_not_quoted() {
    let mut body = intent("pi_1", "requires_capture", 0);
    body["amount"] = "hush Jane".into();
    let server = answering("POST", INTENTS, 200, &body).await;
    assert_eq!(kind(&authorize(&server).await.unwrap_err()), "broken");
}

#[tokio::test]
async fn finding_asks_for_the_order_of_the_tenant_and_prefers_the_live_hold() {
    let sale = Sale::new();
    let mut declined = intent("pi_5", "canceled", 0);
    declined["latest_charge"]["paid"] = false.into();
    let mut abandoned = intent("pi_6", "canceled", 0);
    abandoned["latest_charge"] = Value::Null;
    let (gone, taken) = (intent("pi_4", "canceled", 0), intent("pi_2", "succeeded", 2500));
    let (live, older) = (intent("pi_3", "requires_capture", 500), intent("pi_1", "requires_capture", 0));
    #[rustfmt::skip]
    let table = [
        (vec![],                                                          None),
        (vec![abandoned.clone(), declined.clone(), intent("pi_7", "requires_payment_method", 0)], None),
        (vec![declined.clone(), gone.clone()],                            Some(held("pi_4", 0, true))),
        (vec![gone.clone(), taken.clone(), abandoned],                    Some(held("pi_2", 2500, false))),
        (vec![taken.clone(), gone, live.clone(), taken],                  Some(held("pi_3", 500, false))),
        (vec![live, older],                                               Some(held("pi_1", 0, false))),
    ];
    for (data, expected) in table {
        let body = json!({"object": "search_result", "data": data, "has_more": false});
        let server = answering("GET", SEARCH, 200, &body).await;
        assert_eq!(stripe(&server.uri()).find(sale.tenant(), sale.order()).await.unwrap(), expected);
        let asked: BTreeMap<_, _> = calls(&server).await[0].url.query_pairs().into_owned().collect();
        assert_eq!(asked["query"], format!("metadata['order_id']:'{}' AND metadata['tenant']:'acme'", sale.order()));
        assert_eq!(asked["expand[]"], "data.latest_charge");
    }
}

#[tokio::test]
async fn finding_does_not_guess() {
    let sale = Sale::new();
    #[rustfmt::skip]
    let table = [
        (json!({"data": [intent("pi_1", "processing", 0)], "has_more": false}),      "unavailable"),
        (json!({"data": [intent("pi_1", "requires_capture", 0)], "has_more": true}), "broken"),
        (json!({"found": []}),                                                       "broken"),
    ];
    for (body, expected) in table {
        let server = answering("GET", SEARCH, 200, &body).await;
        let error = stripe(&server.uri()).find(sale.tenant(), sale.order()).await.expect_err(expected);
        assert_eq!(kind(&error), expected, "{body}");
    }
}

#[tokio::test]
async fn looking_up_tells_what_was_held_taken_and_let_go() {
    for (status, captured, voided) in
        [("requires_capture", 500, false), ("succeeded", 2500, false), ("canceled", 500, true)]
    {
        let server = answering("GET", "/v1/payment_intents/pi_1", 200, &intent("pi_1", status, captured)).await;
        assert_eq!(stripe(&server.uri()).look_up("pi_1").await.unwrap(), held("pi_1", captured, voided), "{status}");
    }
    let server = answering("GET", "/v1/payment_intents/pi_1", 200, &intent("pi_1", "requires_action", 0)).await;
    assert_eq!(kind(&stripe(&server.uri()).look_up("pi_1").await.unwrap_err()), "broken");
}

#[tokio::test]
async fn a_capture_says_whether_it_is_the_last() {
    for (last, said) in [(true, "true"), (false, "false")] {
        let server =
            answering("POST", "/v1/payment_intents/pi_1/capture", 200, &intent("pi_1", "succeeded", 2000)).await;
        let taken = stripe(&server.uri()).capture("pi_1", money(2000, "USD"), last, "ord-1-capture-1").await.unwrap();
        assert_eq!(taken, held("pi_1", 2000, false));
        let calls = calls(&server).await;
        assert_eq!(header(&calls[0], "Idempotency-Key"), Some("ord-1-capture-1"));
        let expected = [("amount_to_capture", "2000"), ("expand[]", "latest_charge"), ("final_capture", said)];
        assert_eq!(form(&calls[0]), expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    }
}

#[tokio::test]
async fn a_void_that_is_refused_asks_for_the_truth() {
    let cancel = "/v1/payment_intents/pi_1/cancel";
    let unexpected = error("invalid_request_error", Some("payment_intent_unexpected_state"), None);
    for (truth, expected) in [("canceled", "done"), ("succeeded", "refused payment_intent_unexpected_state")] {
        let server = answering("POST", cancel, 400, &unexpected).await;
        answer(&server, "GET", "/v1/payment_intents/pi_1", 200, &intent("pi_1", truth, 0)).await;
        let result = stripe(&server.uri()).void("pi_1", "k").await;
        assert_eq!(result.map_or_else(|error| kind(&error), |()| "done".to_owned()), expected, "{truth}");
    }
    let server = answering("POST", cancel, 400, &error("invalid_request_error", Some("nope"), None)).await;
    assert_eq!(kind(&stripe(&server.uri()).void("pi_1", "k").await.unwrap_err()), "refused nope");
    assert_eq!(calls(&server).await.len(), 1);
}

#[test]
fn an_adapter_shows_nothing_of_its_key() {
    let shown = format!("{:?}", stripe("https://api.stripe.com"));
    assert!(!shown.contains("hush"), "{shown}");
}
