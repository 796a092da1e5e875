//! Stripe: request shapes and the meaning of every answer.

mod authorize;
mod failures;
mod holds;
mod refunds;

use crate::scripted::{Sale, money};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use waybill_domain::ports::{Held, Owner};
use waybill_gateways::{Secret, Stripe};

pub const INTENTS: &str = "/v1/payment_intents";
const INTENT: &str = "/v1/payment_intents/pi_1";
const CANCEL: &str = "/v1/payment_intents/pi_1/cancel";
const CAPTURE: &str = "/v1/payment_intents/pi_1/capture";

pub fn stripe(url: &str) -> Stripe {
    Stripe::new(url, Secret::new("sk_test_hush".to_owned())).unwrap()
}

/// 25.00 USD, of which `captured` was taken and the rest, of a live one, is held.
fn intent(id: &str, status: &str, captured: i64) -> Value {
    let capturable = if status == "requires_capture" { 2500 - captured } else { 0 };
    json!({
        "id": id, "object": "payment_intent", "status": status, "amount": 2500, "currency": "usd",
        "amount_capturable": capturable, "amount_received": captured, "last_payment_error": null, "next_action": null,
        "metadata": {}, "latest_charge": {
            "id": "ch_1", "paid": true, "amount_refunded": 0, "outcome": {"risk_level": "normal"},
            "payment_method_details": {"type": "card", "card": {"brand": "visa"}},
        },
    })
}

/// What [`intent`] means.
fn held(reference: &str, status: &str, captured: i64) -> Held {
    let capturable = if status == "requires_capture" { 2500 - captured } else { 0 };
    Held {
        reference: reference.to_owned(),
        amount: money(2500, "USD"),
        capturable: money(capturable, "USD"),
        captured: money(captured, "USD"),
        refunded: money(0, "USD"),
        voided: status == "canceled",
        elevated_risk: false,
        expires_at: None,
        captures: BTreeMap::new(),
        owner: None,
    }
}

fn error(kind: &str, code: Option<&str>, decline_code: Option<&str>) -> Value {
    json!({"error": {"type": kind, "code": code, "decline_code": decline_code, "message": "No,\nthank you."}})
}

fn unexpected_state() -> Value {
    error("invalid_request_error", Some("payment_intent_unexpected_state"), None)
}

/// As a form or a query has them.
fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

fn owner(sale: &Sale, tender: u16) -> Owner {
    Owner { tenant: sale.tenant().clone(), order: sale.order().clone(), tender }
}

#[test]
fn an_adapter_shows_nothing_of_its_key() {
    let shown = format!("{:?}", stripe("https://api.stripe.com"));
    assert!(!shown.contains("hush"), "{shown}");
}
