//! The door: people of two merchants call.

use axum::Router;
use axum::body::{Body, to_bytes};
use http::Request;
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use stock::{App, Recent, router};
use tower::ServiceExt;
use waybill_domain::catalog::{Kind, Site};
use waybill_domain::ports::Catalog;
use waybill_testkit::{MemoryStatements, World, block_on, id, tenant};

/// Status, content and cache rule of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: String,
    pub cache: Option<String>,
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

/// The seeded world with a second site, an item by lot, a bundle and a preorder; and its one process.
pub struct Scene {
    pub world: World,
    pub statements: MemoryStatements,
    router: Router,
}

/// What of the seed the tests move: 1,000 units or less at Reno.
pub const MUG: &str = "MUG-BLUE";

pub fn scene() -> Scene {
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
    let reno = block_on(world.catalog.find::<Site>(&tenant(), "reno")).unwrap().unwrap();
    let dallas = serde_json::to_value(Site { id: id("dallas"), ..reno }).unwrap();
    world.catalog.keep(&tenant(), Kind::Site, "dallas", dallas);
    for more in [
        json!({"sku": "MILK", "tracking": {"lot": true}, "count_class": "A"}),
        json!({"sku": "SET", "components": [{"sku": "CUP", "quantity": 2}, {"sku": "NEW", "quantity": 1}]}),
        json!({"sku": "CUP", "safety_stock": 2, "buffers": [{"channel": "api", "units": 1}]}),
        json!({"sku": "NEW", "backorder": "preorder"}),
    ] {
        let name = more["sku"].as_str().unwrap().to_owned();
        let mut item = json!({"title": name, "length_mm": 1, "width_mm": 1, "height_mm": 1, "weight_grams": 1});
        item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        world.catalog.keep(&tenant(), Kind::Item, &name, item);
    }
    let (catalog, stock, statements) = (world.catalog.clone(), world.stock.clone(), world.memory.statements());
    let app = App { catalog, stock, statements: statements.clone(), recent: Recent::default() };
    Scene { router: router(app), world, statements }
}

impl Scene {
    async fn send(&self, client: &str, request: http::request::Builder, body: String) -> Answer {
        let context = json!({
            "http": {"method": "POST", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test"},
            "timeEpoch": 0, "authorizer": {"jwt": {"claims": {"client_id": client}, "scopes": []}},
        });
        let context = RequestContext::ApiGatewayV2(serde_json::from_value(context).unwrap());
        let request = request.extension(context).body(Body::from(body)).unwrap();
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        let cache = parts.headers.get("cache-control").map(|rule| rule.to_str().unwrap().to_owned());
        Answer { status: parts.status.as_u16(), body, cache }
    }

    pub fn post(&self, client: &str, key: &str, path: &str, body: &Value) -> Answer {
        let request = Request::post(path).header("Idempotency-Key", key);
        block_on(self.send(client, request, body.to_string()))
    }

    pub fn put(&self, client: &str, path: &str, body: &Value) -> Answer {
        block_on(self.send(client, Request::put(path), body.to_string()))
    }

    pub fn get(&self, client: &str, path: &str) -> Answer {
        block_on(self.send(client, Request::get(path), String::new()))
    }

    /// What is there of an item: available network-wide, and on hand, free and held at the site.
    pub fn levels(&self, sku: &str, site: &str) -> (i64, i64, i64, i64) {
        let level = self.world.memory.level(&tenant(), &id(sku), &id(site));
        (self.world.memory.available(&tenant(), &id(sku)), level.on_hand, level.free, level.held)
    }

    /// Nothing is lost between the counters.
    pub fn adds_up(&self) {
        assert!(self.world.memory.unbalanced().is_empty(), "{:?}", self.world.memory.counters());
    }
}

/// Units of one item at Reno.
pub fn units(sku: &str, quantity: i64) -> Value {
    json!({"site": "reno", "lines": [{"sku": sku, "quantity": quantity}]})
}
