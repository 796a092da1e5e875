//! The processor's back door for tests: its books, and a clerk in its dashboard.

use super::Stripe;
use super::intents::Intent;
use super::refusal::Refusal;
use super::{wire, wishes};
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// `/_control/…`
pub fn routes(stripe: &Stripe) -> Router<Stripe> {
    Router::new()
        .route("/_control/books", get(books))
        .route("/_control/capture", post(capture))
        .route("/_control/next", stripe.door.plan_route())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Capture {
    payment_intent: String,
    #[serde(default)]
    amount: Option<i64>,
}

/// A clerk takes the money by hand; whatever is left is released.
async fn capture(State(stripe): State<Stripe>, Json(asked): Json<Capture>) -> Result<Json<Value>, Refusal> {
    if asked.amount.is_some_and(|amount| amount < 1) {
        return Err(Refusal::too_low("amount", 1));
    }
    let capture = wishes::Capture { amount: asked.amount, last: true, metadata: BTreeMap::new() };
    let mut books = stripe.books.lock();
    Ok(Json(wire::intent(books.capture(&asked.payment_intent, capture)?, false)))
}

async fn books(State(stripe): State<Stripe>) -> Json<Value> {
    let books = stripe.books.lock();
    let refunds: Vec<_> = books.refunds().map(wire::refund).collect();
    let mut totals = BTreeMap::<&str, Totals>::new();
    for intent in books.intents() {
        totals.entry(intent.wish.currency.code).or_default().add(intent);
    }
    let totals: BTreeMap<_, _> = totals.iter().map(|(currency, totals)| (currency, totals.to_json())).collect();
    Json(json!({
        "intents": books.intents().map(entry).collect::<Vec<_>>(),
        "refunds": refunds,
        "totals": totals,
        "requests": *stripe.door.requests.lock(),
        "faults": *stripe.door.faults.lock(),
    }))
}

/// What the issuer approved.
fn authorized(intent: &Intent) -> i64 {
    if intent.charge.as_ref().is_some_and(|charge| charge.paid) { intent.wish.amount } else { 0 }
}

/// One intent as money: `authorized = held + captured + released`.
fn entry(intent: &Intent) -> Value {
    let released = authorized(intent) - intent.capturable() - intent.captured();
    json!({
        "id": intent.id, "status": intent.status.as_str(), "currency": intent.wish.currency.code,
        "amount": intent.wish.amount, "authorized": authorized(intent), "held": intent.capturable(),
        "captured": intent.captured(), "released": released, "refunded": intent.refunded(),
        "canceled": intent.canceled.is_some(), "declined": intent.declined.map(|decline| decline.code),
        "payment_method": intent.wish.card.map(|card| card.id),
        "charge": intent.charge.as_ref().map(|charge| &charge.id), "metadata": intent.wish.metadata,
    })
}

#[derive(Default)]
struct Totals {
    authorized: i64,
    held: i64,
    captured: i64,
    refunded: i64,
}

impl Totals {
    fn add(&mut self, intent: &Intent) {
        self.authorized += authorized(intent);
        self.held += intent.capturable();
        self.captured += intent.captured();
        self.refunded += intent.refunded();
    }

    fn to_json(&self) -> Value {
        let released = self.authorized - self.held - self.captured;
        json!({
            "authorized": self.authorized, "held": self.held, "captured": self.captured, "released": released,
            "refunded": self.refunded,
        })
    }
}
