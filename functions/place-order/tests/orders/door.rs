//! The door: a store calls, over memory.

use axum::body::{Body, to_bytes};
use http::{Request, StatusCode};
use lambda_http::request::RequestContext;
use place_order::{App, router};
use serde_json::{Value, json};
use tower::ServiceExt;
use waybill_domain::catalog::Kind;
use waybill_lambda::http::Caller;
use waybill_testkit::{World, a_cart, id, seed, tenant};

/// Status, type and body of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: StatusCode,
    pub kind: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Type of the problem, and the first field named.
    pub fn problem(&self) -> (u16, String, String) {
        let json = self.json();
        assert_eq!(self.kind, "application/problem+json", "{json}");
        let kind = json["type"].as_str().unwrap().trim_start_matches("urn:waybill:problem:").to_owned();
        (self.status.as_u16(), kind, json["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned())
    }
}

/// A world with the demo's store, and a store of another tenant with the same goods.
pub fn world() -> World {
    let world = World::seeded();
    let _same_catalog = world.catalog.clone().with_seed(&id("other"));
    for (sku, site, units) in seed().stock {
        world.memory.receive(&id("other"), &id(&sku), &id(&site), units);
    }
    let clients = [
        ("shop", json!({"id": "shop", "tenant": "acme", "store": "demo", "role": "store"})),
        ("stranger", json!({"id": "stranger", "tenant": "other", "store": "demo", "role": "store"})),
        ("desk", json!({"id": "desk", "tenant": "acme", "role": "support"})),
    ];
    for (client, record) in clients {
        world.catalog.keep(&tenant(), Kind::Client, client, record);
    }
    world
}

pub fn context(client: &str) -> RequestContext {
    let context = json!({
        "http": {"method": "POST", "path": "/orders", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test"},
        "timeEpoch": 0, "authorizer": {"jwt": {"claims": {"client_id": client}, "scopes": ["waybill/store"]}},
    });
    RequestContext::ApiGatewayV2(serde_json::from_value(context).unwrap())
}

pub async fn send(world: &World, request: Request<Body>) -> Answer {
    let app = App { orders: world.orders.clone(), stock: world.stock.clone(), catalog: world.catalog.clone() };
    let (parts, body) = router(app).oneshot(request).await.unwrap().into_parts();
    let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
    Answer { status: parts.status, kind: parts.headers["content-type"].to_str().unwrap().to_owned(), body }
}

pub fn request(client: &str, key: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post("/orders").header("Idempotency-Key", key).extension(context(client));
    request.body(body.into()).unwrap()
}

pub async fn place(world: &World, client: &str, key: &str, cart: &Value) -> Answer {
    send(world, request(client, key, cart.to_string())).await
}

/// The store, as the function knows it.
pub fn shop() -> Caller {
    let client = json!({"id": "shop", "tenant": "acme", "store": "demo", "role": "store"});
    Caller { client: serde_json::from_value(client).unwrap(), actor: "client:shop".to_owned() }
}

pub fn cart() -> Value {
    serde_json::to_value(a_cart()).unwrap()
}

pub fn with(at: &str, value: Value) -> Value {
    let mut cart = cart();
    *cart.pointer_mut(at).unwrap() = value;
    cart
}
