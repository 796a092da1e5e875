//! An order at some point of its life, and people who call.

use axum::body::{Body, to_bytes};
use command_orders::{App, router};
use http::Request;
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use tower::ServiceExt;
use waybill_domain::catalog::Kind;
use waybill_domain::order::{Actor, Decided, Order, Placed};
use waybill_domain::ports::{Commit, Committed, Orders};
use waybill_testkit::{Step, World, at, bring_to, first_of, placed, tenant};

/// A world with an order in it, at some point of its life.
pub struct Scene {
    pub world: World,
    pub id: String,
}

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

pub async fn scene(step: Step) -> Scene {
    scene_of(World::seeded(), placed(), step).await
}

pub async fn scene_of(world: World, placed: Placed, step: Step) -> Scene {
    let clients = [
        ("shop", json!({"id": "shop", "tenant": "acme", "store": "demo", "role": "store"})),
        ("floor", json!({"id": "floor", "tenant": "acme", "role": "warehouse"})),
        ("desk", json!({"id": "desk", "tenant": "acme", "role": "support"})),
        ("chief", json!({"id": "chief", "tenant": "acme", "role": "admin"})),
        ("stranger", json!({"id": "stranger", "tenant": "other", "role": "warehouse"})),
    ];
    for (client, record) in clients {
        world.catalog.keep(&tenant(), Kind::Client, client, record);
    }
    let (order, recorded) = first_of(&tenant(), "k", placed);
    let commit = Commit { before: None, after: &order, recorded: &recorded };
    assert_eq!(world.orders.commit(commit).await.unwrap(), Committed::Stored);
    let order = bring_to(&world.orders, order, step).await.unwrap();
    Scene { id: order.id.to_string(), world }
}

impl Scene {
    pub fn order(&self) -> Order {
        self.world.memory.all_orders().remove(0)
    }

    pub async fn say(&self, client: &str, key: &str, what: &str, body: &Value) -> Answer {
        self.send(client, key, &format!("/orders/{}/{what}", self.id), body.to_string()).await
    }

    pub async fn send(&self, client: &str, key: &str, path: &str, body: String) -> Answer {
        let context = json!({
            "http": {"method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test"},
            "timeEpoch": 0, "authorizer": {"jwt": {"claims": {"client_id": client}, "scopes": []}},
        });
        let context = RequestContext::ApiGatewayV2(serde_json::from_value(context).unwrap());
        let request =
            Request::post(path).header("Idempotency-Key", key).extension(context).body(Body::from(body)).unwrap();
        let app = App { orders: self.world.orders.clone(), catalog: self.world.catalog.clone() };
        let (parts, body) = router(app).oneshot(request).await.unwrap().into_parts();
        let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        Answer { status: parts.status.as_u16(), body }
    }

    /// Records what `decide` leads to, as a stage would.
    pub async fn stage(&self, decide: impl Fn(&Order) -> Decided) {
        let order = self.order();
        let draft = decide(&order).unwrap().unwrap();
        let (after, recorded) = order.record(draft, at(500), Actor("stage:test".to_owned()), None);
        let commit = Commit { before: Some(&order), after: &after, recorded: &recorded };
        assert_eq!(self.world.orders.commit(commit).await.unwrap(), Committed::Stored);
    }
}

pub fn pick(mugs: u32, shirts: u32) -> Value {
    json!({"lines": [{"sku": "MUG-BLUE", "picked": mugs}, {"sku": "TEE-M-BLACK", "picked": shirts}]})
}

pub fn pack() -> Value {
    json!({"carton": "BOX-S", "weight_grams": 920})
}
