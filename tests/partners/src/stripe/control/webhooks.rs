//! The log of events, and the settings of webhooks.

use super::refuse;
use crate::stripe::webhooks::{Delivery, Dispatch, Settings};
use crate::stripe::{Stripe, wire};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

/// Every event, oldest first.
pub async fn events(State(stripe): State<Stripe>) -> Json<Value> {
    let books = stripe.books();
    let events: Vec<_> = books.log.events().values().map(wire::event).collect();
    Json(json!({"events": events}))
}

/// Where webhooks go, and how every one of them fared.
pub async fn show(State(stripe): State<Stripe>) -> Json<Value> {
    let books = stripe.books();
    let settings = &books.log.settings;
    let deliveries = stripe.post.deliveries();
    let waiting = deliveries.iter().filter(|delivery| !delivery.done).count();
    Json(json!({
        "url": settings.url, "secrets": settings.secrets().len(), "delay_ms": settings.delay_ms,
        "duplicate": settings.duplicate.unwrap_or(1), "reorder": settings.reorder,
        "held": books.log.held(), "waiting": waiting, "deliveries": deliveries,
    }))
}

/// From now on; what is on its way goes where it was going.
pub async fn configure(State(stripe): State<Stripe>, Json(settings): Json<Settings>) -> Response {
    if settings.url.is_some() && settings.secrets().is_empty() {
        return refuse(StatusCode::BAD_REQUEST, "webhooks are signed: send a secret, or secrets");
    }
    if settings.duplicate == Some(0) {
        return refuse(StatusCode::BAD_REQUEST, "every event is told at least once: duplicate must be 1 or more");
    }
    // What has happened by now is told under the old settings.
    stripe.books().log.settings = settings;
    show(State(stripe)).await.into_response()
}

/// Tells what was held back, the latest first; answers when each was tried once.
pub async fn flush(State(stripe): State<Stripe>) -> Json<Value> {
    let held = stripe.books().log.flush();
    let deliveries = deliver(&stripe, held).await;
    Json(json!({"flushed": deliveries.len(), "deliveries": deliveries}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    event: String,
    /// The time the signature names, to see old signatures refused.
    #[serde(default)]
    signed_at: Option<i64>,
}

/// Tells one event again; answers when it was tried once.
pub async fn replay(State(stripe): State<Stripe>, Json(asked): Json<Replay>) -> Response {
    let dispatches = {
        let books = stripe.books();
        let Some(event) = books.log.events().get(&asked.event) else {
            return refuse(StatusCode::NOT_FOUND, "there is no such event");
        };
        books.log.dispatches(event)
    };
    if dispatches.is_empty() {
        return refuse(StatusCode::CONFLICT, "nobody is to be told: configure a url first");
    }
    let sign = |dispatch: Dispatch| dispatch.signed_at(asked.signed_at);
    let deliveries = deliver(&stripe, dispatches.into_iter().map(sign).collect()).await;
    Json(json!({"deliveries": deliveries})).into_response()
}

async fn deliver(stripe: &Stripe, dispatches: Vec<Dispatch>) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    for dispatch in dispatches {
        deliveries.extend(stripe.post.deliver(dispatch).await);
    }
    deliveries
}
