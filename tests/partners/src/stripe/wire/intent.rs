//! A payment intent as JSON.

use super::{charge, with_nulls};
use crate::stripe::intents::{Intent, Method, Problem};
use crate::stripe::states::Status;
use serde_json::{Value, json};

/// What an intent has room for, and these never have.
const NEVER_ON_INTENTS: [&str; 15] = [
    "application",
    "application_fee_amount",
    "automatic_payment_methods",
    "excluded_payment_method_types",
    "on_behalf_of",
    "payment_method_configuration_details",
    "processing",
    "receipt_email",
    "review",
    "shipping",
    "source",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
];
/// An intent; its charge in full if `expand` says so.
pub fn intent(intent: &Intent, expand: bool) -> Value {
    let wish = &intent.wish;
    let latest_charge = match intent.charge() {
        Some(made) if expand => charge(intent, made),
        Some(made) => made.id.clone().into(),
        None => Value::Null,
    };
    let value = json!({
        "id": intent.id, "object": "payment_intent", "livemode": false, "created": intent.created,
        "amount": wish.amount, "amount_capturable": intent.capturable(), "amount_received": intent.captured(),
        "amount_details": {"tip": {}}, "currency": wish.currency.code,
        "status": intent.status.as_str(),
        "capture_method": if wish.capture == Method::Automatic { "automatic" } else { "manual" },
        "confirmation_method": "automatic",
        "client_secret": format!("{}_secret_{}", intent.id, intent.created),
        "payment_method": wish.card.as_ref().map(|card| &card.id), "payment_method_types": ["card"],
        "payment_method_options": {"card": {
            "request_multicapture": if wish.capture == Method::Several { "if_available" } else { "never" },
            "request_three_d_secure": "automatic",
        }},
        "latest_charge": latest_charge,
        "last_payment_error": payment_error(intent),
        "next_action": next_action(intent),
        "canceled_at": intent.canceled.map(|(at, _)| at),
        "cancellation_reason": intent.canceled.and_then(|(_, reason)| reason),
        "customer": wish.customer, "setup_future_usage": wish.setup_future_usage,
        "description": wish.description, "metadata": wish.metadata,
    });
    with_nulls(value, &NEVER_ON_INTENTS)
}

const UNAUTHENTICATED: &str = "The provided PaymentMethod has failed authentication. You can provide payment_method_data \
    or a new PaymentMethod to attempt to fulfill this PaymentIntent again.";

fn payment_error(intent: &Intent) -> Value {
    let Some((problem, card)) = &intent.problem else { return Value::Null };
    let method = json!({"id": card.id, "object": "payment_method", "type": "card"});
    match problem {
        Problem::Declined(decline) => json!({
            "type": "card_error", "code": decline.code, "decline_code": decline.reason, "message": decline.message,
            "charge": intent.charge().map(|charge| &charge.id), "payment_method": method,
        }),
        Problem::Unauthenticated => json!({
            "type": "invalid_request_error", "code": "payment_intent_authentication_failure",
            "message": UNAUTHENTICATED, "payment_method": method,
        }),
    }
}

fn next_action(intent: &Intent) -> Value {
    if intent.status != Status::RequiresAction {
        return Value::Null;
    }
    // Nobody is there, and a name under `localhost` leads nowhere else: a test comes back by `/_control/authenticate`.
    let url = format!("https://hooks.stripe.localhost/3d_secure_2/hosted?payment_intent={}", intent.id);
    match &intent.wish.return_url {
        Some(back) => json!({"type": "redirect_to_url", "redirect_to_url": {"return_url": back, "url": url}}),
        None => {
            json!({"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": url}})
        }
    }
}
