//! The processor's back door for tests: its books, its clock, and the people around it: a clerk in its dashboard, a
//! shopper who proves who they are, a cardholder who disputes, a bank.

mod books;
mod people;
mod webhooks;

use super::Stripe;
use crate::clock::Clock as _;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

/// `/_control/…`
pub fn routes(stripe: &Stripe) -> Router<Stripe> {
    Router::new()
        .route("/_control/books", get(books::show))
        .route("/_control/next", stripe.door.plan_route())
        .route("/_control/clock", get(clock).post(advance))
        .route("/_control/capture", post(people::capture))
        .route("/_control/authenticate", post(people::authenticate))
        .route("/_control/settle_refund", post(people::settle_refund))
        .route("/_control/dispute", post(people::dispute))
        .route("/_control/close_dispute", post(people::close_dispute))
        .route("/_control/events", get(webhooks::events))
        .route("/_control/webhooks", get(webhooks::show).post(webhooks::configure))
        .route("/_control/webhooks/flush", post(webhooks::flush))
        .route("/_control/webhooks/replay", post(webhooks::replay))
}

async fn clock(State(stripe): State<Stripe>) -> Json<Value> {
    let now = stripe.clock.now();
    Json(json!({
        "now": now.as_second(), "time": now.to_string(), "advanced_seconds": stripe.clock.ahead().as_secs(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: i64,
}

/// Moves the time, never back: what lapses by it has lapsed when this answers.
async fn advance(State(stripe): State<Stripe>, Json(asked): Json<Advance>) -> Response {
    if asked.advance_seconds < 0 {
        return refuse(StatusCode::BAD_REQUEST, "time does not go back");
    }
    stripe.clock.advance(SignedDuration::from_secs(asked.advance_seconds));
    drop(stripe.books());
    clock(State(stripe)).await.into_response()
}

fn refuse(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"error": message}))).into_response()
}
