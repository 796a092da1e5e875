//! The two layers around a partner's routes: `watch` outermost (count, lose, refuse), `strike` innermost (fail, wait).

use super::connection::Switch;
use super::faults::{Fault, Faults, Planned};
use super::requests::Requests;
use crate::kept::Kept;
use axum::Json;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Every call to a partner passes here.
#[derive(Debug)]
pub struct Door {
    /// One-shot faults.
    pub faults: Kept<Faults>,
    /// The count of calls.
    pub requests: Kept<Requests>,
    refusal: fn(StatusCode) -> Response,
}

impl Door {
    /// A door whose own failures are said in the partner's words.
    pub fn new(refusal: fn(StatusCode) -> Response) -> Arc<Self> {
        Arc::new(Self { faults: Kept::default(), requests: Kept::default(), refusal })
    }

    /// The route `POST /_control/next`.
    pub fn plan_route<S: Clone + Send + Sync + 'static>(self: &Arc<Self>) -> MethodRouter<S> {
        let door = Arc::clone(self);
        post(move |Json(planned): Json<Planned>| async move {
            let answer = json!({"planned": &planned});
            door.faults.lock().plan(planned);
            Json(answer)
        })
    }
}

/// Counts the call and gives it its fault. The work itself runs on its own task: as with a real partner, a caller who
/// hangs up does not undo what was begun.
pub async fn watch(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response {
    let switch = request.extensions().get::<ConnectInfo<Switch>>().map(|info| info.0.clone()).unwrap_or_default();
    door.requests.lock().count(endpoint(&request), key(&request));
    let planned = door.faults.lock().take(request.method().as_str(), request.uri().path());
    let fault = planned.as_ref().map(|planned| planned.fault);
    match fault {
        Some(Fault::RefuseConnection) => {
            switch.cut();
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        Some(Fault::Unavailable) => return (door.refusal)(StatusCode::SERVICE_UNAVAILABLE),
        Some(Fault::Throttle) => return (door.refusal)(StatusCode::TOO_MANY_REQUESTS),
        Some(Fault::LoseAnswer | Fault::Fail | Fault::FailDone | Fault::Slow) | None => {}
    }
    if let Some(planned) = planned {
        request.extensions_mut().insert(planned);
    }
    let work = tokio::spawn(next.run(request));
    let answer = work.await.unwrap_or_else(|_| (door.refusal)(StatusCode::INTERNAL_SERVER_ERROR));
    if fault == Some(Fault::LoseAnswer) {
        switch.cut();
    }
    answer
}

/// Lets the endpoint fail or dawdle; inside the idempotency layer, which must save what this answers.
pub async fn strike(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let planned = request.extensions().get::<Planned>().cloned();
    match planned.as_ref().map(|planned| (planned.fault, planned.millis)) {
        Some((Fault::Fail, _)) => (door.refusal)(StatusCode::INTERNAL_SERVER_ERROR),
        Some((Fault::FailDone, _)) => {
            next.run(request).await;
            (door.refusal)(StatusCode::INTERNAL_SERVER_ERROR)
        }
        Some((Fault::Slow, millis)) => {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            next.run(request).await
        }
        Some((Fault::LoseAnswer | Fault::RefuseConnection | Fault::Unavailable | Fault::Throttle, _)) | None => {
            next.run(request).await
        }
    }
}

fn endpoint(request: &Request) -> String {
    let path = request.extensions().get::<MatchedPath>().map_or(request.uri().path(), MatchedPath::as_str);
    format!("{} {path}", request.method())
}

fn key(request: &Request) -> Option<String> {
    let key = request.headers().get("idempotency-key")?;
    Some(String::from_utf8_lossy(key.as_bytes()).into_owned())
}
