//! The carrier API's endpoints, its key check, and the labels it draws.

use super::refusal::{Flaw, Refusal};
use super::shipments::Shipment;
use super::{EasyPost, wire};
use crate::server::credentials::basic_user;
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

type Answer = Result<Json<Value>, Refusal>;

/// The smallest picture there is: one white pixel.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==";

/// Every endpoint that needs a key, without the layers around them.
pub fn routes() -> Router<EasyPost> {
    Router::new()
        .route("/v2/shipments", post(create))
        .route("/v2/shipments/{shipment}", get(retrieve))
        .route("/v2/shipments/{shipment}/buy", post(buy))
        .route("/v2/shipments/{shipment}/refund", post(refund))
        .route("/v2/trackers/{tracker}", get(retrieve_tracker))
        .fallback(async || Refusal::not_found())
        .method_not_allowed_fallback(async || Refusal::failure(StatusCode::METHOD_NOT_ALLOWED))
}

/// Label files, which anybody who knows their address may fetch.
pub fn labels() -> Router<EasyPost> {
    Router::new().route("/labels/{file}", get(label))
}

/// Lets only a caller with an API key in.
pub async fn authenticate(request: Request, next: Next) -> Response {
    let key = basic_user(request.headers());
    let is_key = |key: &str| ["EZTK", "EZAK"].iter().any(|prefix| key.len() > prefix.len() && key.starts_with(prefix));
    match key {
        Some(key) if is_key(&key) => next.run(request).await,
        other => Refusal::key(other.is_some_and(|key| !key.is_empty())).into_response(),
    }
}

fn read(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::failure(StatusCode::BAD_REQUEST))
}

async fn create(State(easypost): State<EasyPost>, body: Bytes) -> Result<(StatusCode, Json<Value>), Refusal> {
    let body = read(&body)?;
    let sent = body.get("shipment").filter(|sent| sent.is_object());
    let missing = || Refusal::invalid_shipment(["to_address", "from_address", "parcel"].map(Flaw::missing).into());
    let sent = sent.ok_or_else(missing)?;
    let now = easypost.clock.now();
    let shipment = easypost.books.lock().create(sent, now)?;
    Ok((StatusCode::CREATED, Json(wire::shipment(&shipment, None, &easypost.base))))
}

async fn retrieve(State(easypost): State<EasyPost>, Path(name): Path<String>) -> Answer {
    let shipment = easypost.books.lock().shipment(&name)?.clone();
    Ok(easypost.show(&shipment))
}

async fn buy(State(easypost): State<EasyPost>, Path(id): Path<String>, body: Bytes) -> Answer {
    let body = read(&body)?;
    let missing = || Refusal::invalid_shipment(vec![Flaw::missing("rate")]);
    let rate = body.pointer("/rate/id").and_then(Value::as_str).ok_or_else(missing)?;
    let now = easypost.clock.now();
    let shipment = easypost.books.lock().buy(&id, rate, now)?.clone();
    Ok(easypost.show(&shipment))
}

async fn refund(State(easypost): State<EasyPost>, Path(id): Path<String>) -> Answer {
    let now = easypost.clock.now();
    let shipment = easypost.books.lock().refund(&id, now)?.clone();
    Ok(easypost.show(&shipment))
}

async fn retrieve_tracker(State(easypost): State<EasyPost>, Path(id): Path<String>) -> Answer {
    Ok(Json(wire::tracker(easypost.books.lock().tracker(&id)?)))
}

impl EasyPost {
    fn show(&self, shipment: &Shipment) -> Json<Value> {
        let books = self.books.lock();
        let tracker = shipment.label.as_ref().and_then(|label| books.tracker(&label.tracker).ok());
        Json(wire::shipment(shipment, tracker, &self.base))
    }
}

async fn label(State(easypost): State<EasyPost>, Path(file): Path<String>) -> Result<Response, Refusal> {
    let (id, ending) = file.split_once('.').ok_or_else(Refusal::not_found)?;
    let books = easypost.books.lock();
    let labels = books.shipments().filter_map(|shipment| Some((shipment.format, shipment.label.as_ref()?)));
    let mut wanted = labels.filter(|(format, label)| label.id == id && format.ending() == ending);
    let (format, label) = wanted.next().ok_or_else(Refusal::not_found)?;
    let drawn = match format.ending() {
        "png" => STANDARD.decode(PIXEL).unwrap_or_default(),
        _ => format!("^XA^FO50,50^BCN,100^FD{}^FS^XZ\n", label.tracking_code).into_bytes(),
    };
    Ok(([(header::CONTENT_TYPE, format.media_type())], drawn).into_response())
}
