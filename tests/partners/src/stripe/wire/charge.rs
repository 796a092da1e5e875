//! A charge as JSON.

use super::with_nulls;
use crate::stripe::cards::Risk;
use crate::stripe::intents::{Charge, Intent, Method};
use serde_json::{Value, json};

/// What a charge has room for, and these never have.
const NEVER_ON_CHARGES: [&str; 16] = [
    "application",
    "application_fee",
    "application_fee_amount",
    "on_behalf_of",
    "receipt_email",
    "receipt_number",
    "receipt_url",
    "refunds",
    "review",
    "shipping",
    "source",
    "source_transfer",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
];

/// A charge.
pub fn charge(intent: &Intent, charge: &Charge) -> Value {
    let wish = &intent.wish;
    let (amount, declined) = (wish.amount, charge.declined);
    let value = json!({
        "id": charge.id, "object": "charge", "livemode": false, "created": charge.created,
        "amount": amount, "amount_captured": charge.captured, "amount_refunded": charge.refunded,
        "captured": charge.captured > 0, "paid": charge.paid(),
        "refunded": charge.captured > 0 && intent.fully_refunded(),
        "currency": wish.currency.code, "status": if charge.paid() { "succeeded" } else { "failed" },
        "failure_code": declined.map(|decline| decline.code),
        "failure_message": declined.map(|decline| decline.message), "failure_balance_transaction": null,
        "outcome": outcome(charge), "fraud_details": {}, "disputed": charge.was_disputed,
        "customer": wish.customer, "balance_transaction": (charge.captured > 0).then(|| charge.id.replace("ch_", "txn_ch")),
        "payment_intent": intent.id, "payment_method": charge.card.id,
        "payment_method_details": {"type": "card", "card": card(intent, charge)},
        "description": wish.description, "metadata": wish.metadata,
        "billing_details": {
            "address": {"city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null},
            "email": null, "name": null, "phone": null, "tax_id": null,
        },
        "calculated_statement_descriptor": "WAYBILL",
    });
    with_nulls(value, &NEVER_ON_CHARGES)
}

fn card(intent: &Intent, charge: &Charge) -> Value {
    let wish = &intent.wish;
    let multicapture = if wish.capture == Method::Several { "available" } else { "unavailable" };
    let declined_cvc = charge.declined.is_some_and(|decline| matches!(decline.code, "incorrect_cvc" | "invalid_cvc"));
    let three_d_secure = charge.authenticated.then(|| {
        json!({
            "authentication_flow": "challenge", "electronic_commerce_indicator": "05", "exemption_indicator": null,
            "result": "authenticated", "result_reason": null, "transaction_id": null, "version": "2.2.0",
        })
    });
    json!({
        "amount_authorized": charge.paid().then_some(wish.amount), "brand": charge.card.brand, "network": charge.card.brand,
        "last4": charge.card.last4, "country": "US", "funding": "credit", "exp_month": 12, "exp_year": 2034,
        "fingerprint": format!("fp{}", charge.card.last4),
        "checks": {
            "address_line1_check": null, "address_postal_code_check": null,
            "cvc_check": if declined_cvc { "fail" } else { "pass" },
        },
        "multicapture": {"status": multicapture}, "capture_before": charge.capture_before,
        "extended_authorization": {"status": "disabled"}, "incremental_authorization": {"status": "unavailable"},
        "overcapture": {"maximum_amount_capturable": wish.amount, "status": "unavailable"},
        "authorization_code": null, "installments": null, "mandate": null, "network_token": {"used": false},
        "network_transaction_id": null, "regulated_status": "unregulated", "three_d_secure": three_d_secure, "wallet": null,
    })
}

fn outcome(charge: &Charge) -> Value {
    let declined = charge.declined.map(|decline| decline.reason.unwrap_or(decline.code));
    let (risk_level, risk_score) = match charge.card.risk {
        Risk::Normal => ("normal", 12),
        Risk::Elevated => ("elevated", 68),
        Risk::Highest => ("highest", 92),
    };
    let (kind, network_status, reason, seller_message) = match (charge.card.risk, declined) {
        (Risk::Highest, _) => {
            ("blocked", "not_sent_to_network", Some("highest_risk_level"), "Stripe blocked this payment as too risky.")
        }
        (Risk::Normal | Risk::Elevated, Some(reason)) => {
            ("issuer_declined", "declined_by_network", Some(reason), "The bank declined this payment.")
        }
        (Risk::Elevated, None) => (
            "manual_review",
            "approved_by_network",
            Some("elevated_risk_level"),
            "Stripe evaluated this payment as having elevated risk, and placed it in your manual review queue.",
        ),
        (Risk::Normal, None) => ("authorized", "approved_by_network", None, "Payment complete."),
    };
    json!({
        "type": kind, "network_status": network_status, "reason": reason, "seller_message": seller_message,
        "risk_level": risk_level, "risk_score": risk_score,
        "advice_code": null, "network_advice_code": null, "network_decline_code": null,
    })
}
