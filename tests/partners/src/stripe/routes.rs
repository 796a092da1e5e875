//! The processor's endpoints: read the parameters, ask the books, answer.

use super::form::Params;
use super::refusal::Refusal;
use super::{Stripe, wire, wishes};
use axum::body::Bytes;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{Method, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::Value;

type Answer = Result<Json<Value>, Refusal>;

/// Every endpoint, without the layers around them.
pub fn routes() -> Router<Stripe> {
    Router::new()
        .route("/v1/payment_intents", post(create).get(list))
        .route("/v1/payment_intents/search", get(search))
        .route("/v1/payment_intents/{intent}", get(retrieve))
        .route("/v1/payment_intents/{intent}/capture", post(capture))
        .route("/v1/payment_intents/{intent}/cancel", post(cancel))
        .route("/v1/refunds", post(refund))
        .route("/v1/refunds/{refund}", get(retrieve_refund))
        .route("/v1/charges/{charge}", get(retrieve_charge))
        .fallback(async || Refusal::failure(StatusCode::NOT_FOUND))
        .method_not_allowed_fallback(async || Refusal::failure(StatusCode::METHOD_NOT_ALLOWED))
}

impl<S: Send + Sync> FromRequest<S> for Params {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        if request.method() == Method::GET {
            return Ok(Self::parse(request.uri().query().unwrap_or_default().as_bytes()));
        }
        let body = Bytes::from_request(request, state).await;
        body.map(|body| Self::parse(&body)).map_err(|_| Refusal::failure(StatusCode::BAD_REQUEST))
    }
}

/// Whether `expand[]` asks for the charge in full. Nothing else can be expanded here.
fn expand(params: &mut Params, path: &str) -> Result<bool, Refusal> {
    let asked = params.list("expand");
    match asked.iter().find(|asked| *asked != path) {
        Some(other) => Err(Refusal::invalid("expand", format!("This property cannot be expanded ({other})."))),
        None => Ok(!asked.is_empty()),
    }
}

async fn create(State(stripe): State<Stripe>, mut params: Params) -> Answer {
    let expand = expand(&mut params, "latest_charge")?;
    let wish = wishes::create(params)?;
    let now = stripe.now();
    let mut books = stripe.books.lock();
    Ok(Json(wire::intent(books.create(wish, now)?, expand)))
}

async fn list(State(stripe): State<Stripe>, mut params: Params) -> Answer {
    let expand = expand(&mut params, "data.latest_charge")?;
    Ok(Json(wire::list(&stripe.books.lock().list(params)?, expand)))
}

async fn search(State(stripe): State<Stripe>, mut params: Params) -> Answer {
    let expand = expand(&mut params, "data.latest_charge")?;
    Ok(Json(wire::found(&stripe.books.lock().search(params)?, expand)))
}

async fn retrieve(State(stripe): State<Stripe>, Path(id): Path<String>, mut params: Params) -> Answer {
    let expand = expand(&mut params, "latest_charge")?;
    params.finish()?;
    Ok(Json(wire::intent(stripe.books.lock().intent(&id)?, expand)))
}

async fn capture(State(stripe): State<Stripe>, Path(id): Path<String>, mut params: Params) -> Answer {
    let expand = expand(&mut params, "latest_charge")?;
    let capture = wishes::capture(params)?;
    Ok(Json(wire::intent(stripe.books.lock().capture(&id, capture)?, expand)))
}

async fn cancel(State(stripe): State<Stripe>, Path(id): Path<String>, mut params: Params) -> Answer {
    let expand = expand(&mut params, "latest_charge")?;
    let reason = wishes::cancel(params)?;
    let now = stripe.now();
    Ok(Json(wire::intent(stripe.books.lock().cancel(&id, reason, now)?, expand)))
}

async fn refund(State(stripe): State<Stripe>, params: Params) -> Answer {
    let wish = wishes::refund(params)?;
    let now = stripe.now();
    Ok(Json(wire::refund(stripe.books.lock().refund(wish, now)?)))
}

async fn retrieve_refund(State(stripe): State<Stripe>, Path(id): Path<String>, params: Params) -> Answer {
    params.finish()?;
    Ok(Json(wire::refund(stripe.books.lock().refund_of(&id)?)))
}

async fn retrieve_charge(State(stripe): State<Stripe>, Path(id): Path<String>, params: Params) -> Answer {
    params.finish()?;
    let books = stripe.books.lock();
    let (intent, charge) = books.charge(&id)?;
    Ok(Json(wire::charge(intent, charge)))
}
