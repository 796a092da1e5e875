//! Money given back, and money taken back: refunds and disputes.

use super::{error, pairs, stripe};
use crate::scripted::{answering, calls, form, header, kind, money, query};
use serde_json::{Value, json};
use waybill_domain::ports::{DisputeStatus, Disputed, PaymentProcessor, Return, ReturnStatus, Returned};
use wiremock::matchers::{method, path, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer, ResponseTemplate};

const REFUNDS: &str = "/v1/refunds";
const DISPUTE: &str = "/v1/disputes/dp_1";

fn refund(id: &str, status: &str) -> Value {
    json!({
        "id": id, "object": "refund", "amount": 700, "currency": "usd", "payment_intent": "pi_1", "charge": "ch_1",
        "status": status, "reason": null, "metadata": {"effect": "refund-1-2"},
    })
}

fn returned(id: &str, status: ReturnStatus) -> Returned {
    let (reference, payment, effect) = (id.to_owned(), "pi_1".to_owned(), Some("refund-1-2".to_owned()));
    Returned { reference, payment, amount: money(700, "USD"), effect, status }
}

fn wish() -> Return<'static> {
    Return { reference: "pi_1", amount: money(700, "USD"), effect: "refund-1-2", key: "ord-1-refund-1-2" }
}

#[tokio::test]
async fn a_refund_goes_out_with_its_effect_under_its_key() {
    let server = answering("POST", REFUNDS, 200, &refund("re_1", "succeeded")).await;
    let answer = stripe(&server.uri()).refund(&wish()).await.unwrap();
    assert_eq!(answer, returned("re_1", ReturnStatus::Succeeded));
    let calls = calls(&server).await;
    assert_eq!(header(&calls[0], "Idempotency-Key"), Some("ord-1-refund-1-2"));
    let expected = [("amount", "700"), ("metadata[effect]", "refund-1-2"), ("payment_intent", "pi_1")];
    assert_eq!(form(&calls[0]), pairs(expected));
}

#[tokio::test]
async fn every_status_of_a_refund_has_its_meaning() {
    let failed = |code: &str| ReturnStatus::Failed { code: code.to_owned() };
    let reason = |status: &str| {
        let mut body = refund("re_1", status);
        body["failure_reason"] = "expired_or_canceled_card".into();
        body
    };
    let mut silent = refund("re_1", "pending");
    silent["status"] = Value::Null;
    #[rustfmt::skip]
    let table = [
        (refund("re_1", "pending"),         ReturnStatus::Pending),
        (refund("re_1", "requires_action"), ReturnStatus::Pending),
        (silent,                            ReturnStatus::Pending),
        (refund("re_1", "succeeded"),       ReturnStatus::Succeeded),
        (reason("failed"),                  failed("expired_or_canceled_card")),
        (refund("re_1", "failed"),          failed("unknown")),
        (refund("re_1", "canceled"),        failed("canceled")),
    ];
    for (body, status) in table {
        let server = answering("POST", REFUNDS, 200, &body).await;
        assert_eq!(stripe(&server.uri()).refund(&wish()).await.unwrap(), returned("re_1", status), "{body}");
    }
    let server = answering("POST", REFUNDS, 200, &refund("re_1", "mislaid")).await;
    assert_eq!(kind(&stripe(&server.uri()).refund(&wish()).await.unwrap_err()), "broken");
    let spent = error("invalid_request_error", Some("charge_already_refunded"), None);
    let server = answering("POST", REFUNDS, 400, &spent).await;
    assert_eq!(kind(&stripe(&server.uri()).refund(&wish()).await.unwrap_err()), "refused charge_already_refunded");
}

#[tokio::test]
async fn all_pages_of_a_payments_refunds_are_read_oldest_first() {
    let page = |data: Value, more: bool| {
        ResponseTemplate::new(200).set_body_json(json!({"object": "list", "data": data, "has_more": more}))
    };
    let mut lapsed = refund("re_2", "succeeded");
    lapsed["reason"] = "expired_uncaptured_charge".into();
    let mut clerks = refund("re_1", "succeeded");
    clerks["metadata"] = json!({});
    clerks["payment_intent"] = Value::Null;
    let server = MockServer::start().await;
    let first = Mock::given(method("GET")).and(path(REFUNDS)).and(query_param_is_missing("starting_after"));
    let newer = json!([refund("re_4", "pending"), refund("re_3", "succeeded")]);
    first.respond_with(page(newer, true)).mount(&server).await;
    let last = Mock::given(method("GET")).and(path(REFUNDS)).and(query_param("starting_after", "re_3"));
    last.respond_with(page(json!([lapsed, clerks]), false)).mount(&server).await;

    let found = stripe(&server.uri()).refunds("pi_1").await.unwrap();
    let clerks = Returned { effect: None, ..returned("re_1", ReturnStatus::Succeeded) };
    let expected = [clerks, returned("re_3", ReturnStatus::Succeeded), returned("re_4", ReturnStatus::Pending)];
    assert_eq!(found, expected);
    let calls = calls(&server).await;
    assert_eq!(query(&calls[0]), pairs([("limit", "100"), ("payment_intent", "pi_1")]));
    assert_eq!(query(&calls[1]), pairs([("limit", "100"), ("payment_intent", "pi_1"), ("starting_after", "re_3")]));
}

#[tokio::test]
async fn a_list_without_an_end_is_not_followed_forever() {
    let many: Vec<Value> = (0..100).map(|_| refund("re_1", "succeeded")).collect();
    for (data, asked) in [(vec![], 1), (many, 21)] {
        let server = answering("GET", REFUNDS, 200, &json!({"data": data, "has_more": true})).await;
        assert_eq!(kind(&stripe(&server.uri()).refunds("pi_1").await.unwrap_err()), "broken");
        assert_eq!(calls(&server).await.len(), asked);
    }
}

fn dispute(status: &str) -> Value {
    json!({
        "id": "dp_1", "object": "dispute", "amount": 2500, "currency": "usd", "charge": "ch_1", "payment_intent": "pi_1",
        "reason": "fraudulent", "status": status, "evidence_details": {"due_by": 1_767_225_600, "has_evidence": false},
        "balance_transactions": [
            {"id": "txn_1", "amount": -2500, "currency": "usd", "fee": 1500}, {"id": "txn_2", "currency": "eur", "fee": 70},
        ],
    })
}

fn disputed(status: DisputeStatus) -> Disputed {
    Disputed {
        reference: "dp_1".to_owned(),
        payment: "pi_1".to_owned(),
        amount: money(2500, "USD"),
        fee: money(1500, "USD"),
        reason: "fraudulent".to_owned(),
        status,
        evidence_due: Some("2026-01-01T00:00:00Z".parse().unwrap()),
    }
}

#[tokio::test]
async fn every_status_of_a_dispute_has_its_meaning() {
    #[rustfmt::skip]
    let table = [
        ("warning_needs_response", DisputeStatus::Open), ("warning_under_review", DisputeStatus::Open),
        ("needs_response", DisputeStatus::Open),         ("under_review", DisputeStatus::Open),
        ("won", DisputeStatus::Won),                     ("warning_closed", DisputeStatus::Won),
        ("lost", DisputeStatus::Lost),                   ("prevented", DisputeStatus::Lost),
    ];
    for (name, status) in table {
        let server = answering("GET", DISPUTE, 200, &dispute(name)).await;
        assert_eq!(stripe(&server.uri()).dispute("dp_1").await.unwrap(), disputed(status), "{name}");
    }
    let server = answering("GET", DISPUTE, 200, &dispute("forgotten")).await;
    assert_eq!(kind(&stripe(&server.uri()).dispute("dp_1").await.unwrap_err()), "broken");
}

#[tokio::test]
async fn a_dispute_without_movements_deadline_or_intent_says_so() {
    let mut body = dispute("needs_response");
    body["balance_transactions"] = json!([]);
    body["evidence_details"]["due_by"] = Value::Null;
    body["payment_intent"] = Value::Null;
    let server = answering("GET", DISPUTE, 200, &body).await;
    let (payment, fee) = ("ch_1".to_owned(), money(0, "USD"));
    let expected = Disputed { payment, fee, evidence_due: None, ..disputed(DisputeStatus::Open) };
    assert_eq!(stripe(&server.uri()).dispute("dp_1").await.unwrap(), expected);
    // The fee of a dispute that was won came back.
    let mut body = dispute("won");
    body["balance_transactions"] = json!([{"currency": "usd", "fee": 1500}, {"currency": "usd", "fee": -1500}]);
    let server = answering("GET", DISPUTE, 200, &body).await;
    assert_eq!(stripe(&server.uri()).dispute("dp_1").await.unwrap().fee, money(0, "USD"));
}
