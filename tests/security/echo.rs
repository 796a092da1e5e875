//! A hop in front of a partner that, when told to, answers a call with all that it was sent: what a partner's error page
//! may do, and what must not come through into logs, histories and answers.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, OnceLock};

/// How a partner refuses, with a place for its words.
pub type Shape = fn(&str) -> (u16, Value);

/// A hop in front of one partner.
#[derive(Clone)]
pub struct Echo {
    pub url: String,
    to: Arc<OnceLock<String>>,
    next: Arc<Mutex<Vec<(String, Shape)>>>,
    said: Arc<Mutex<Vec<String>>>,
}

impl Echo {
    /// Listens on a free port. Calls fail until [`Echo::forward_to`] says where they go.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let echo = Self { url, to: Arc::default(), next: Arc::default(), said: Arc::default() };
        let router = axum::Router::new().fallback(pass).with_state(echo.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        echo
    }

    pub fn forward_to(&self, partner: &str) {
        self.to.set(partner.to_owned()).unwrap();
    }

    /// The next call whose body or path has `mark` in it is refused in this shape, with everything it said.
    pub fn refuse(&self, mark: &str, shape: Shape) {
        self.next.lock().unwrap().push((mark.to_owned(), shape));
    }

    /// What it has said again so far.
    pub fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }

    fn armed(&self, told: &str) -> Option<Shape> {
        let mut next = self.next.lock().unwrap();
        let found = next.iter().position(|(mark, _)| told.contains(mark.as_str()))?;
        Some(next.remove(found).1)
    }
}

async fn pass(State(echo): State<Echo>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let told = format!("{} {} {:?} {}", parts.method, parts.uri, parts.headers, String::from_utf8_lossy(&body));
    if let Some(shape) = echo.armed(&told) {
        echo.said.lock().unwrap().push(told.clone());
        let (status, body) = shape(&told);
        return (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response();
    }
    let url = format!("{}{}", echo.to.get().unwrap(), parts.uri);
    let mut call = reqwest::Client::new().request(parts.method, url).body(body);
    for (name, value) in parts.headers.iter().filter(|(name, _)| *name != "host" && *name != "content-length") {
        call = call.header(name, value);
    }
    match call.send().await {
        Ok(answer) => {
            let mut response = Response::builder().status(answer.status());
            for (name, value) in answer.headers().iter().filter(|(name, _)| *name != "transfer-encoding") {
                response = response.header(name, value);
            }
            response.body(Body::from(answer.bytes().await.unwrap_or_default())).unwrap()
        }
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

/// The processor breaks down.
pub fn processor_500(words: &str) -> (u16, Value) {
    (500, json!({"error": {"type": "api_error", "message": words}}))
}

/// The processor will not do what it is asked.
pub fn processor_400(words: &str) -> (u16, Value) {
    (400, json!({"error": {"type": "invalid_request_error", "code": "not_today", "message": words}}))
}

/// The card is declined, and may never be tried again.
pub fn processor_stolen(words: &str) -> (u16, Value) {
    declined("stolen_card", words)
}

/// The card is declined as it is.
pub fn processor_expired(words: &str) -> (u16, Value) {
    declined("expired_card", words)
}

fn declined(code: &str, words: &str) -> (u16, Value) {
    let error = json!({"type": "card_error", "code": "card_declined", "decline_code": code, "message": words});
    (402, json!({"error": error}))
}

/// The carrier breaks down.
pub fn carrier_500(words: &str) -> (u16, Value) {
    (500, json!({"error": {"code": "INTERNAL_SERVER_ERROR", "message": words, "errors": [words]}}))
}

/// The carrier does not find the address, and says which.
pub fn carrier_422(words: &str) -> (u16, Value) {
    let field = json!({"field": "address", "message": words, "suggestion": words});
    (422, json!({"error": {"code": "ADDRESS.VERIFY.FAILURE", "message": words, "errors": [field]}}))
}
