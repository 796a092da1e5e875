//! The carrier's back door for tests: its books, parcels that move, and a clerk who buys labels.

use super::trackers::Status;
use super::webhook::{Delivery, Hook, deliver};
use super::{EasyPost, wire};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

/// `/_control/…`
pub fn routes(easypost: &EasyPost) -> Router<EasyPost> {
    Router::new()
        .route("/_control/books", get(books))
        .route("/_control/webhook", post(webhook))
        .route("/_control/track", post(track))
        .route("/_control/buy_on_create", post(buy_on_create))
        .route("/_control/next", easypost.door.plan_route())
}

async fn webhook(State(easypost): State<EasyPost>, Json(hook): Json<Hook>) -> Json<Value> {
    let answer = json!({"url": &hook.url});
    *easypost.hook.lock() = Some(hook);
    Json(answer)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    enabled: bool,
}

async fn buy_on_create(State(easypost): State<EasyPost>, Json(asked): Json<Switch>) -> Json<Value> {
    easypost.books.lock().buy_on_create = asked.enabled;
    Json(json!({"enabled": asked.enabled}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Track {
    tracking_code: String,
    status: Status,
    /// Say this one status, whatever came before: skipped, repeated or backward.
    #[serde(default)]
    only: bool,
}

/// Moves a parcel and tells the receiver at every step; ends at the first step the receiver does not take.
async fn track(State(easypost): State<EasyPost>, Json(asked): Json<Track>) -> Response {
    let at = easypost.books.lock().follow(&asked.tracking_code).map(|tracker| tracker.status);
    let steps = match at {
        None => return refuse(StatusCode::NOT_FOUND, "no label has this tracking code"),
        Some(_) if asked.only => Ok(vec![asked.status]),
        Some(at) => at.steps_to(asked.status),
    };
    let steps = match steps {
        Ok(steps) => steps,
        Err(backward) => return refuse(StatusCode::CONFLICT, &backward.to_string()),
    };
    let mut deliveries = Vec::new();
    for status in steps {
        let Some(delivery) = easypost.step(&asked.tracking_code, status).await else { break };
        let taken = delivery.delivered || delivery.attempts == 0;
        deliveries.push(delivery);
        if !taken {
            break;
        }
    }
    let at = easypost.books.lock().follow(&asked.tracking_code).map(|tracker| tracker.status.as_str());
    let failed = deliveries.iter().any(|delivery| delivery.attempts > 0 && !delivery.delivered);
    let status = if failed { StatusCode::BAD_GATEWAY } else { StatusCode::OK };
    let answer = json!({"tracking_code": asked.tracking_code, "status": at, "deliveries": deliveries});
    (status, Json(answer)).into_response()
}

impl EasyPost {
    /// One step of one parcel, and its webhook.
    async fn step(&self, tracking_code: &str, status: Status) -> Option<Delivery> {
        let hook = self.hook.lock().clone();
        let now = self.clock.now();
        let (event, body) = {
            let mut books = self.books.lock();
            let event = books.ids.mint("evt");
            let tracker = books.follow(tracking_code)?;
            let before = tracker.status;
            tracker.reach(status, now);
            let url = hook.as_ref().map_or("", |hook| &hook.url);
            (event.clone(), wire::event(&event, tracker, before, url).to_string())
        };
        let delivery = Delivery {
            event,
            status: status.as_str(),
            attempts: 0,
            receiver_status: None,
            receiver_body: String::new(),
            delivered: false,
        };
        let delivery = match hook {
            Some(hook) => deliver(&self.client, &hook, delivery, body.as_bytes()).await,
            None => delivery,
        };
        self.deliveries.lock().push(delivery.clone());
        Some(delivery)
    }
}

fn refuse(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"error": message}))).into_response()
}

async fn books(State(easypost): State<EasyPost>) -> Json<Value> {
    let books = easypost.books.lock();
    let shipments = books.shipments().map(|shipment| {
        let label = shipment.label.as_ref();
        json!({
            "id": shipment.id, "reference": shipment.reference, "bought": label.is_some(),
            "refunded": label.is_some_and(|label| label.refunded),
            "tracking_code": label.map(|label| &label.tracking_code),
            "service": label.map(|label| label.rate.quote.service.name),
            "cost_cents": label.map(|label| label.rate.quote.cents),
        })
    });
    let shipments: Vec<_> = shipments.collect();
    let labels: Vec<_> = books.shipments().filter_map(|shipment| shipment.label.as_ref()).collect();
    let refunded = labels.iter().filter(|label| label.refunded).count();
    let spent: i64 = labels.iter().filter(|label| !label.refunded).map(|label| label.rate.quote.cents).sum();
    let trackers = books.trackers().map(|tracker| {
        json!({
            "id": tracker.id, "tracking_code": tracker.tracking_code, "shipment": tracker.shipment,
            "status": tracker.status.as_str(),
        })
    });
    let trackers: Vec<_> = trackers.collect();
    Json(json!({
        "shipments": shipments,
        "labels": {"bought": labels.len(), "refunded": refunded, "spent_cents": spent},
        "trackers": trackers,
        "webhooks": *easypost.deliveries.lock(),
        "requests": *easypost.door.requests.lock(),
        "faults": *easypost.door.faults.lock(),
    }))
}
