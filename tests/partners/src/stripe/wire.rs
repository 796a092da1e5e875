//! The processor's resources as JSON, with every field the real ones have.

use super::books::Page;
use super::cards::{Card, Outcome, Risk};
use super::intents::{Charge, Intent, Method};
use super::refunds::Refund;
use super::states::Status;
use serde_json::{Value, json};

/// What an intent has room for, and these never have.
const NEVER_ON_INTENTS: [&str; 17] = [
    "application",
    "application_fee_amount",
    "automatic_payment_methods",
    "customer",
    "excluded_payment_method_types",
    "on_behalf_of",
    "payment_method_configuration_details",
    "processing",
    "receipt_email",
    "review",
    "setup_future_usage",
    "shipping",
    "source",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
];
/// What a charge has room for, and these never have.
const NEVER_ON_CHARGES: [&str; 18] = [
    "application",
    "application_fee",
    "application_fee_amount",
    "balance_transaction",
    "customer",
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

fn with_nulls(mut value: Value, names: &[&str]) -> Value {
    for name in names {
        value[*name] = Value::Null;
    }
    value
}

/// An intent; its charge in full if `expand` says so.
pub fn intent(intent: &Intent, expand: bool) -> Value {
    let wish = &intent.wish;
    let latest_charge = match &intent.charge {
        Some(made) if expand => charge(intent, made),
        Some(made) => made.id.clone().into(),
        None => Value::Null,
    };
    // A declined payment method is detached: the caller has to name one again.
    let payment_method = wish.card.filter(|_| intent.declined.is_none()).map(|card| card.id);
    let value = json!({
        "id": intent.id, "object": "payment_intent", "livemode": false, "created": intent.created,
        "amount": wish.amount, "amount_capturable": intent.capturable(), "amount_received": intent.captured(),
        "amount_details": {"tip": {}}, "currency": wish.currency.code,
        "status": intent.status.as_str(),
        "capture_method": if wish.capture == Method::Automatic { "automatic" } else { "manual" },
        "confirmation_method": "automatic",
        "client_secret": format!("{}_secret_{}", intent.id, intent.created),
        "payment_method": payment_method, "payment_method_types": ["card"],
        "payment_method_options": {"card": {
            "request_multicapture": if wish.capture == Method::Several { "if_available" } else { "never" },
            "request_three_d_secure": "automatic",
        }},
        "latest_charge": latest_charge,
        "last_payment_error": payment_error(intent),
        "next_action": next_action(intent),
        "canceled_at": intent.canceled.map(|(at, _)| at),
        "cancellation_reason": intent.canceled.and_then(|(_, reason)| reason),
        "description": wish.description, "metadata": wish.metadata,
    });
    with_nulls(value, &NEVER_ON_INTENTS)
}

fn payment_error(intent: &Intent) -> Value {
    let Some(decline) = intent.declined else { return Value::Null };
    json!({
        "type": "card_error", "code": decline.code, "decline_code": decline.reason, "message": decline.message,
        "charge": intent.charge.as_ref().map(|charge| &charge.id),
        "payment_method": intent.wish.card.map(|card| json!({"id": card.id, "object": "payment_method", "type": "card"})),
    })
}

fn next_action(intent: &Intent) -> Value {
    if intent.status != Status::RequiresAction {
        return Value::Null;
    }
    let url = format!("https://hooks.stripe.com/3d_secure_2/hosted?payment_intent={}", intent.id);
    match &intent.wish.return_url {
        Some(back) => json!({"type": "redirect_to_url", "redirect_to_url": {"return_url": back, "url": url}}),
        None => {
            json!({"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": url}})
        }
    }
}

/// A charge.
pub fn charge(intent: &Intent, charge: &Charge) -> Value {
    let wish = &intent.wish;
    let (amount, declined) = (wish.amount, intent.declined);
    let value = json!({
        "id": charge.id, "object": "charge", "livemode": false, "created": charge.created,
        "amount": amount, "amount_captured": charge.captured, "amount_refunded": charge.refunded,
        "captured": charge.captured > 0, "paid": charge.paid,
        "refunded": charge.captured > 0 && charge.refunded == charge.captured,
        "currency": wish.currency.code, "status": if charge.paid { "succeeded" } else { "failed" },
        "failure_code": declined.map(|decline| decline.code),
        "failure_message": declined.map(|decline| decline.message), "failure_balance_transaction": null,
        "outcome": outcome(charge.card), "fraud_details": {}, "disputed": false,
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
    let declined_cvc = intent.declined.is_some_and(|decline| decline.code == "incorrect_cvc");
    json!({
        "amount_authorized": charge.paid.then_some(wish.amount), "brand": charge.card.brand, "network": charge.card.brand,
        "last4": charge.card.last4, "country": "US", "funding": "credit", "exp_month": 12, "exp_year": 2034,
        "fingerprint": format!("fp{}", charge.card.last4),
        "checks": {
            "address_line1_check": null, "address_postal_code_check": null,
            "cvc_check": if declined_cvc { "fail" } else { "pass" },
        },
        "multicapture": {"status": multicapture},
        "extended_authorization": {"status": "disabled"}, "incremental_authorization": {"status": "unavailable"},
        "overcapture": {"maximum_amount_capturable": wish.amount, "status": "unavailable"},
        "authorization_code": null, "installments": null, "mandate": null, "network_token": {"used": false},
        "network_transaction_id": null, "regulated_status": "unregulated", "three_d_secure": null, "wallet": null,
    })
}

fn outcome(card: &Card) -> Value {
    let declined = match &card.outcome {
        Outcome::Declined(decline) => Some(decline.reason.unwrap_or(decline.code)),
        Outcome::Approved | Outcome::ActionRequired => None,
    };
    let (risk_level, risk_score) = match card.risk {
        Risk::Normal => ("normal", 12),
        Risk::Elevated => ("elevated", 68),
        Risk::Highest => ("highest", 92),
    };
    let (kind, network_status, reason, seller_message) = match (card.risk, declined) {
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

/// A refund.
pub fn refund(refund: &Refund) -> Value {
    json!({
        "id": refund.id, "object": "refund", "created": refund.created,
        "amount": refund.amount, "currency": refund.currency, "status": "succeeded",
        "payment_intent": refund.payment_intent, "charge": refund.charge,
        "reason": refund.reason, "metadata": refund.metadata, "balance_transaction": null,
        "destination_details": {"type": "card", "card": {"type": "refund", "reference_status": "pending"}},
        "receipt_number": null, "source_transfer_reversal": null, "transfer_reversal": null,
    })
}

/// A page of a list.
pub fn list(page: &Page<'_>, expand: bool) -> Value {
    let data: Vec<_> = page.intents.iter().map(|found| intent(found, expand)).collect();
    json!({"object": "list", "url": "/v1/payment_intents", "has_more": page.has_more, "data": data})
}

/// A page of what a search found.
pub fn found(page: &Page<'_>, expand: bool) -> Value {
    let data: Vec<_> = page.intents.iter().map(|found| intent(found, expand)).collect();
    let next = page.intents.last().filter(|_| page.has_more).map(|last| &last.id);
    json!({
        "object": "search_result", "url": "/v1/payment_intents/search",
        "has_more": page.has_more, "next_page": next, "data": data,
    })
}
