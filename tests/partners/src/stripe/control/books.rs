//! The books, for a test to lay beside its own.

use crate::stripe::intents::{Charge, Intent, Problem};
use crate::stripe::{Stripe, wire};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Every intent, refund and dispute, what they add up to, and who called how often.
pub async fn show(State(stripe): State<Stripe>) -> Json<Value> {
    let books = stripe.books();
    let mut totals = BTreeMap::<&str, Totals>::new();
    for intent in books.intents() {
        totals.entry(intent.wish.currency.code).or_default().add(intent);
    }
    for dispute in books.disputes() {
        totals.entry(dispute.of.currency).or_default().fees += dispute.withdrawn().1;
    }
    let totals: BTreeMap<_, _> = totals.iter().map(|(currency, totals)| (currency, totals.to_json())).collect();
    Json(json!({
        "now": books.now(),
        "intents": books.intents().map(entry).collect::<Vec<_>>(),
        "refunds": books.refunds().map(wire::refund).collect::<Vec<_>>(),
        "disputes": books.disputes().map(|dispute| wire::dispute(dispute, books.now())).collect::<Vec<_>>(),
        "totals": totals,
        "requests": *stripe.door.requests.lock(),
        "faults": *stripe.door.faults.lock(),
    }))
}

/// One intent as money: `authorized = held + captured + released`.
fn entry(intent: &Intent) -> Value {
    let released = intent.authorized() - intent.capturable() - intent.captured();
    let (problem, tried) = intent.problem.as_ref().map(|(problem, card)| (problem, card)).unzip();
    let declined = problem.map(|problem| match problem {
        Problem::Declined(decline) => decline.code,
        Problem::Unauthenticated => "payment_intent_authentication_failure",
    });
    json!({
        "id": intent.id, "status": intent.status.as_str(), "currency": intent.wish.currency.code,
        "amount": intent.wish.amount, "authorized": intent.authorized(), "held": intent.capturable(),
        "capturable": intent.capturable(), "captured": intent.captured(), "released": released,
        "refunded": intent.refunded(), "disputed": intent.disputed(),
        "canceled": intent.canceled.is_some(), "canceled_at": intent.canceled.map(|(at, _)| at),
        "cancellation_reason": intent.canceled.and_then(|(_, reason)| reason),
        "voided": intent.canceled.is_some() && intent.authorized() > 0,
        "declined": declined, "decline_code": intent.declined().and_then(|decline| decline.reason),
        "attempts": intent.charges.len(),
        "payment_method": tried.or(intent.wish.card.as_ref()).map(|card| &card.id),
        "customer": intent.wish.customer, "charge": intent.charge().map(|charge| &charge.id),
        "created": intent.created, "expires": intent.charge().and_then(|charge: &Charge| charge.capture_before),
        "metadata": intent.wish.metadata,
    })
}

#[derive(Default)]
struct Totals {
    authorized: i64,
    held: i64,
    captured: i64,
    refunded: i64,
    disputed: i64,
    fees: i64,
}

impl Totals {
    fn add(&mut self, intent: &Intent) {
        self.authorized += intent.authorized();
        self.held += intent.capturable();
        self.captured += intent.captured();
        self.refunded += intent.refunded();
        self.disputed += intent.disputed();
    }

    /// `balance` is what the processor owes the merchant.
    fn to_json(&self) -> Value {
        json!({
            "authorized": self.authorized, "held": self.held, "captured": self.captured,
            "released": self.authorized - self.held - self.captured, "refunded": self.refunded,
            "disputed": self.disputed, "dispute_fees": self.fees,
            "balance": self.captured - self.refunded - self.disputed - self.fees,
        })
    }
}
