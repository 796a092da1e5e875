//! The door: staff call, over memory.

use accounts::{App, router};
use axum::body::{Body, to_bytes};
use http::Request;
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use tower::ServiceExt;
use waybill_domain::catalog::Kind;
use waybill_testkit::{World, tenant};

/// Status and body of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Status, and the first field that breaks a rule, or the kind of problem.
    pub fn problem(&self) -> (u16, String) {
        let json = self.json();
        let pointer = json["errors"][0]["pointer"].as_str();
        let kind = json["type"].as_str().map(|kind| kind.trim_start_matches("urn:waybill:problem:"));
        (self.status, pointer.or(kind).unwrap_or_default().to_owned())
    }
}

/// A world with people of two merchants.
pub fn world() -> World {
    let world = World::seeded();
    let clients = [
        ("shop", json!({"id": "shop", "tenant": "acme", "store": "demo", "role": "store"})),
        ("floor", json!({"id": "floor", "tenant": "acme", "role": "warehouse"})),
        ("desk", json!({"id": "desk", "tenant": "acme", "role": "support"})),
        ("chief", json!({"id": "chief", "tenant": "acme", "role": "admin"})),
        ("stranger", json!({"id": "stranger", "tenant": "other", "role": "admin"})),
    ];
    for (client, record) in clients {
        world.catalog.keep(&tenant(), Kind::Client, client, record);
    }
    world
}

async fn send(world: &World, client: &str, request: http::request::Builder, body: String) -> Answer {
    let context = json!({
        "http": {"method": "POST", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test"},
        "timeEpoch": 0, "authorizer": {"jwt": {"claims": {"client_id": client}, "scopes": []}},
    });
    let context = RequestContext::ApiGatewayV2(serde_json::from_value(context).unwrap());
    let app = App { accounts: world.orders.clone(), catalog: world.catalog.clone() };
    let request = request.extension(context).body(Body::from(body)).unwrap();
    let (parts, body) = router(app).oneshot(request).await.unwrap().into_parts();
    let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
    Answer { status: parts.status.as_u16(), body }
}

pub async fn show(world: &World, client: &str, account: &str) -> Answer {
    send(world, client, Request::get(format!("/accounts/{account}")), String::new()).await
}

pub async fn adjust(world: &World, client: &str, key: &str, account: &str, body: &Value) -> Answer {
    let request = Request::post(format!("/accounts/{account}/adjustments")).header("Idempotency-Key", key);
    send(world, client, request, body.to_string()).await
}

pub fn more(minor: i64) -> Value {
    json!({"amount": {"minor": minor, "currency": "USD"}, "reason": "birthday"})
}
