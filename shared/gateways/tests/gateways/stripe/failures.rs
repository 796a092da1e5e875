//! What every failure means.

use super::{INTENTS, error, intent, stripe};
use crate::scripted::{Sale, answering, kind, rude_server};
use serde_json::json;
use waybill_domain::ports::{Authorized, PartnerError, PaymentProcessor};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

async fn authorize(server: &MockServer) -> Result<Authorized, PartnerError> {
    stripe(&server.uri()).authorize(&Sale::new().hold("pm_card_visa", 2500, "k")).await
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
async fn a_failure_that_is_repeated_has_spent_its_key() {
    let decline = || error("card_error", Some("card_declined"), None);
    #[rustfmt::skip]
    let table = [
        (500, error("api_error", None, None),                     Some("true"),  "spent"),
        (502, json!("<html>"),                                    Some("True"),  "spent"),
        (500, error("api_error", None, None),                     Some("false"), "unavailable"),
        (500, error("api_error", None, None),                     None,          "unavailable"),
        (429, error("invalid_request_error", None, None),         Some("true"),  "unavailable"),
        (400, error("invalid_request_error", Some("nope"), None), Some("true"),  "refused nope"),
        (402, decline(),                                          Some("true"),  "declined"),
        (200, intent("pi_1", "requires_capture", 0),              Some("true"),  "held"),
    ];
    for (status, body, replayed, expected) in table {
        let server = MockServer::start().await;
        let mut template = ResponseTemplate::new(status).set_body_json(&body);
        if let Some(replayed) = replayed {
            template = template.insert_header("Idempotent-Replayed", replayed);
        }
        Mock::given(method("POST")).and(path(INTENTS)).respond_with(template).mount(&server).await;
        let meaning = match authorize(&server).await {
            Ok(Authorized::Held(_)) => "held".to_owned(),
            Ok(Authorized::Declined { .. }) => "declined".to_owned(),
            Ok(Authorized::ActionRequired { .. }) => "action".to_owned(),
            Err(error) => kind(&error),
        };
        assert_eq!(meaning, expected, "{status} {replayed:?}");
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
