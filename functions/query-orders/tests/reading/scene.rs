//! An order at some point of its life, and people who look at it.

use axum::body::{Body, to_bytes};
use http::Request;
use lambda_http::request::RequestContext;
use query_orders::{App, router};
use serde_json::{Value, json};
use tower::ServiceExt;
use waybill_domain::catalog::Kind;
use waybill_domain::order::{Actor, Decided, Order, Placed};
use waybill_domain::ports::{Commit, Committed, Orders};
use waybill_testkit::{Step, World, at, bring_to, first_of, tenant};

/// A world with an order in it, at some point of its life.
pub struct Scene {
    pub world: World,
    pub id: String,
}

pub async fn scene(placed: Placed, step: Step) -> Scene {
    let world = World::seeded();
    let clients = [
        ("shop", json!({"id": "shop", "tenant": "acme", "store": "demo", "role": "store"})),
        ("floor", json!({"id": "floor", "tenant": "acme", "role": "warehouse"})),
        ("desk", json!({"id": "desk", "tenant": "acme", "role": "support"})),
        ("chief", json!({"id": "chief", "tenant": "acme", "role": "admin"})),
        ("stranger", json!({"id": "stranger", "tenant": "other", "role": "support"})),
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

    /// What `client` gets of `/orders/{id}{what}`.
    pub async fn see(&self, client: &str, what: &str) -> (u16, Value) {
        let path = format!("/orders/{}{what}", self.id);
        let context = json!({
            "http": {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test"},
            "timeEpoch": 0, "authorizer": {"jwt": {"claims": {"client_id": client}, "scopes": []}},
        });
        let context = RequestContext::ApiGatewayV2(serde_json::from_value(context).unwrap());
        let request = Request::get(path).extension(context).body(Body::empty()).unwrap();
        let app = App { orders: self.world.orders.clone(), catalog: self.world.catalog.clone() };
        let (parts, body) = router(app).oneshot(request).await.unwrap().into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        (parts.status.as_u16(), serde_json::from_slice(&body).unwrap())
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
