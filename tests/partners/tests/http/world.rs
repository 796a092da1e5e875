//! A running pair of partners, and a caller.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use jiff::Timestamp;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use waybill_partners::{Partners, StoppedClock};

/// A form that authorizes 10 dollars.
pub const AUTHORIZE: [(&str, &str); 7] = [
    ("amount", "1000"),
    ("currency", "usd"),
    ("payment_method", "pm_card_visa"),
    ("payment_method_types[]", "card"),
    ("confirm", "true"),
    ("capture_method", "manual"),
    ("metadata[order_id]", "ord-1"),
];

/// Partners whose clock stands still.
pub struct World {
    pub partners: Partners,
    pub clock: Arc<StoppedClock>,
    pub http: Client,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Answer {
    /// Status, and the error's type, code and param.
    pub fn stripe_error(&self) -> (u16, &str, &str, &str) {
        let text = |name: &str| self.body["error"][name].as_str().unwrap_or_default();
        (self.status, text("type"), text("code"), text("param"))
    }

    /// Status, and the error's code.
    pub fn easypost_error(&self) -> (u16, &str) {
        (self.status, self.body["error"]["code"].as_str().unwrap_or_default())
    }

    pub fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

pub async fn send(request: RequestBuilder) -> Answer {
    try_send(request).await.unwrap()
}

pub async fn try_send(request: RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = serde_json::from_str(&response.text().await?).unwrap_or_default();
    Ok(Answer { status, headers, body })
}

impl World {
    pub async fn new() -> Self {
        let start: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let clock = Arc::new(StoppedClock::at(start));
        let partners = Partners::start_with(0, 0, Arc::clone(&clock)).await.unwrap();
        Self { partners, clock, http: Client::builder().no_proxy().build().unwrap() }
    }

    /// A call to the processor, with the secret key.
    pub fn stripe(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.partners.stripe_url());
        self.http.request(method, url).bearer_auth("sk_test_waybill")
    }

    /// A call to the carrier, with the API key.
    pub fn easypost(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.partners.easypost_url());
        self.http.request(method, url).basic_auth("EZTKwaybill", Some(""))
    }

    pub async fn stripe_get(&self, path: &str) -> Answer {
        send(self.stripe(Method::GET, path)).await
    }

    pub async fn stripe_post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        send(self.stripe(Method::POST, path).form(form)).await
    }

    /// A call to the processor's back door.
    pub async fn control(&self, what: &str, body: &Value) -> Answer {
        let url = format!("{}/_control/{what}", self.partners.stripe_url());
        send(self.http.post(url).json(body)).await
    }

    /// The processor's books.
    pub async fn books(&self) -> Value {
        self.stripe_get("/_control/books").await.body
    }

    /// A new intent made with `extra` besides [`AUTHORIZE`], or instead.
    pub async fn create(&self, extra: &[(&str, &str)]) -> Answer {
        let kept = AUTHORIZE.into_iter().filter(|(key, _)| extra.iter().all(|(other, _)| other != key));
        let form: Vec<_> = kept.chain(extra.iter().copied()).collect();
        self.stripe_post("/v1/payment_intents", &form).await
    }

    /// A new intent of which all 10 dollars were taken: its id.
    pub async fn captured(&self, card: &str) -> String {
        let answer = self.create(&[("payment_method", card), ("capture_method", "automatic")]).await;
        assert_eq!(answer.text("/status"), "succeeded", "{:?}", answer.body);
        answer.text("/id").to_owned()
    }

    /// The types of everything that happened, oldest first.
    pub async fn events(&self) -> Vec<String> {
        let log = self.stripe_get("/_control/events").await.body;
        let events = log["events"].as_array().unwrap();
        events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }

    pub async fn easypost_get(&self, path: &str) -> Answer {
        send(self.easypost(Method::GET, path)).await
    }

    pub async fn easypost_post(&self, path: &str, body: &Value) -> Answer {
        send(self.easypost(Method::POST, path).json(body)).await
    }

    /// A new intent that holds 10 dollars: its id.
    pub async fn authorized(&self) -> String {
        let answer = self.stripe_post("/v1/payment_intents", &AUTHORIZE).await;
        assert_eq!((answer.status, answer.text("/status")), (200, "requires_capture"), "{:?}", answer.body);
        answer.text("/id").to_owned()
    }

    /// A new shipment: its id and its first rate's.
    pub async fn shipped(&self) -> (String, String) {
        let answer = self.easypost_post("/v2/shipments", &shipment()).await;
        assert_eq!(answer.status, 201, "{:?}", answer.body);
        (answer.text("/id").to_owned(), answer.text("/rates/0/id").to_owned())
    }

    /// A new label: its shipment's id and its tracking code.
    pub async fn labeled(&self) -> (String, String) {
        let (id, rate) = self.shipped().await;
        let answer = self.easypost_post(&format!("/v2/shipments/{id}/buy"), &json!({"rate": {"id": rate}})).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        (id, answer.text("/tracking_code").to_owned())
    }
}

/// A shipment within the United States.
pub fn shipment() -> Value {
    let address = |name: &str, city: &str, state: &str, zip: &str| json!({"name": name, "street1": "1 Main St", "city": city, "state": state, "zip": zip, "country": "US"});
    json!({"shipment": {
        "from_address": address("Waybill", "Reno", "NV", "89501"),
        "to_address": address("Steve Brule", "Redondo Beach", "CA", "90277"),
        "parcel": {"length": 8.0, "width": 6.5, "height": 2.0, "weight": 20.5},
        "reference": "ord-1-1",
    }})
}

/// Where Stripe's webhooks are heard: it keeps what it is sent, and answers as told, then 200.
#[derive(Clone, Default)]
pub struct Ear {
    heard: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    answers: Arc<Mutex<Vec<u16>>>,
}

impl Ear {
    pub async fn listen(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/stripe", listener.local_addr().unwrap());
        let router = Router::new().route("/stripe", post(hear)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }

    /// The last of these is the first answer.
    pub fn answer(&self, answers: &[u16]) {
        *self.answers.lock().unwrap() = answers.to_vec();
    }

    pub fn heard(&self) -> Vec<(HeaderMap, Bytes)> {
        self.heard.lock().unwrap().clone()
    }

    /// What was heard so far, in order.
    pub fn kinds(&self) -> Vec<String> {
        let kind = |body: &Bytes| serde_json::from_slice::<Value>(body).unwrap()["type"].as_str().unwrap().to_owned();
        self.heard().iter().map(|(_, body)| kind(body)).collect()
    }
}

async fn hear(State(ear): State<Ear>, headers: HeaderMap, body: Bytes) -> StatusCode {
    ear.heard.lock().unwrap().push((headers, body));
    let answer = ear.answers.lock().unwrap().pop().unwrap_or(200);
    StatusCode::from_u16(answer).unwrap()
}

/// Asks until the answer is there; fails after ten seconds, showing the last one.
pub async fn until<T: std::fmt::Debug, F: Future<Output = T>>(
    mut ask: impl FnMut() -> F,
    enough: impl Fn(&T) -> bool,
) -> T {
    let deadline = Instant::now() + Duration::from_secs(10);
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    loop {
        pace.tick().await;
        let answer = ask().await;
        if enough(&answer) {
            return answer;
        }
        assert!(Instant::now() < deadline, "not in time: {answer:?}");
    }
}
