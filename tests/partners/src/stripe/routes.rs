//! The processor's endpoints: read the parameters, ask the books, answer.

use super::events::Cause;
use super::form::Params;
use super::pages::Window;
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
        .route("/v1/payment_intents/{intent}", get(retrieve).post(update))
        .route("/v1/payment_intents/{intent}/confirm", post(confirm))
        .route("/v1/payment_intents/{intent}/capture", post(capture))
        .route("/v1/payment_intents/{intent}/cancel", post(cancel))
        .route("/v1/refunds", post(refund).get(list_refunds))
        .route("/v1/refunds/{refund}", get(retrieve_refund))
        .route("/v1/charges/{charge}", get(retrieve_charge))
        .route("/v1/disputes", get(list_disputes))
        .route("/v1/disputes/{dispute}", get(retrieve_dispute).post(answer_dispute))
        .route("/v1/events", get(list_events))
        .route("/v1/events/{event}", get(retrieve_event))
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

async fn create(State(stripe): State<Stripe>, cause: Cause, mut params: Params) -> Answer {
    let expand = expand(&mut params, "latest_charge")?;
    let wish = wishes::create(params)?;
    Ok(Json(wire::intent(stripe.books_for(cause).create(wish)?, expand)))
}

async fn list(State(stripe): State<Stripe>, mut params: Params) -> Answer {
    let expand = expand(&mut params, "data.latest_charge")?;
    let books = stripe.books();
    Ok(Json(wire::list("/v1/payment_intents", &books.list(params)?, |intent| wire::intent(intent, expand))))
}

async fn search(State(stripe): State<Stripe>, mut params: Params) -> Answer {
    let expand = expand(&mut params, "data.latest_charge")?;
    let books = stripe.books();
    let page = books.search(params)?;
    let to_json = |intent: &_| wire::intent(intent, expand);
    Ok(Json(wire::found("/v1/payment_intents/search", &page, |intent| &intent.id, to_json)))
}

async fn retrieve(State(stripe): State<Stripe>, Path(id): Path<String>, mut params: Params) -> Answer {
    let expand = expand(&mut params, "latest_charge")?;
    // A browser that comes back from authentication shows it; everybody here has the secret key.
    params.tolerate(&["client_secret"]);
    params.finish()?;
    Ok(Json(wire::intent(stripe.books().intent(&id)?, expand)))
}

async fn update(State(stripe): State<Stripe>, Path(id): Path<String>, cause: Cause, mut params: Params) -> Answer {
    let expand = expand(&mut params, "latest_charge")?;
    Ok(Json(wire::intent(stripe.books_for(cause).update(&id, params)?, expand)))
}

async fn confirm(State(stripe): State<Stripe>, Path(id): Path<String>, cause: Cause, mut params: Params) -> Answer {
    let expand = expand(&mut params, "latest_charge")?;
    let confirm = wishes::confirm(params)?;
    Ok(Json(wire::intent(stripe.books_for(cause).confirm(&id, confirm)?, expand)))
}

async fn capture(State(stripe): State<Stripe>, Path(id): Path<String>, cause: Cause, mut params: Params) -> Answer {
    let expand = expand(&mut params, "latest_charge")?;
    let capture = wishes::capture(params)?;
    Ok(Json(wire::intent(stripe.books_for(cause).capture(&id, capture)?, expand)))
}

async fn cancel(State(stripe): State<Stripe>, Path(id): Path<String>, cause: Cause, mut params: Params) -> Answer {
    let expand = expand(&mut params, "latest_charge")?;
    let reason = wishes::cancel(params)?;
    Ok(Json(wire::intent(stripe.books_for(cause).cancel(&id, reason)?, expand)))
}

async fn refund(State(stripe): State<Stripe>, cause: Cause, params: Params) -> Answer {
    let wish = wishes::refund(params)?;
    Ok(Json(wire::refund(stripe.books_for(cause).refund(wish)?)))
}

async fn retrieve_refund(State(stripe): State<Stripe>, Path(id): Path<String>, params: Params) -> Answer {
    params.finish()?;
    Ok(Json(wire::refund(stripe.books().refund_of(&id)?)))
}

async fn list_refunds(State(stripe): State<Stripe>, params: Params) -> Answer {
    Ok(Json(wire::list("/v1/refunds", &stripe.books().list_refunds(params)?, wire::refund)))
}

async fn retrieve_charge(State(stripe): State<Stripe>, Path(id): Path<String>, params: Params) -> Answer {
    params.finish()?;
    let books = stripe.books();
    let (intent, charge) = books.charge(&id)?;
    Ok(Json(wire::charge(intent, charge)))
}

async fn list_disputes(State(stripe): State<Stripe>, params: Params) -> Answer {
    let books = stripe.books();
    let now = books.now();
    Ok(Json(wire::list("/v1/disputes", &books.list_disputes(params)?, |dispute| wire::dispute(dispute, now))))
}

async fn retrieve_dispute(State(stripe): State<Stripe>, Path(id): Path<String>, params: Params) -> Answer {
    params.finish()?;
    let books = stripe.books();
    Ok(Json(wire::dispute(books.dispute_of(&id)?, books.now())))
}

async fn answer_dispute(State(stripe): State<Stripe>, Path(id): Path<String>, cause: Cause, params: Params) -> Answer {
    let evidence = wishes::evidence(params)?;
    let mut books = stripe.books_for(cause);
    let now = books.now();
    Ok(Json(wire::dispute(books.answer(&id, evidence)?, now)))
}

async fn list_events(State(stripe): State<Stripe>, mut params: Params) -> Answer {
    let window = Window::read(&mut params)?;
    let mut kinds = params.list("types");
    kinds.extend(params.text("type")?);
    params.finish()?;
    let books = stripe.books();
    let page =
        window.page(books.log.events(), |event| kinds.is_empty() || kinds.iter().any(|kind| kind == event.kind))?;
    Ok(Json(wire::list("/v1/events", &page, wire::event)))
}

async fn retrieve_event(State(stripe): State<Stripe>, Path(id): Path<String>, params: Params) -> Answer {
    params.finish()?;
    let books = stripe.books();
    let event = books.log.events().get(&id).ok_or_else(|| Refusal::no_such("event", &id, "id"))?;
    Ok(Json(wire::event(event)))
}
