//! An order, the processor's events about it, and people who call.

use axum::body::{Body, to_bytes};
use hmac::{Hmac, Mac};
use http::{HeaderMap, Request};
use lambda_http::request::RequestContext;
use payments::{App, router};
use serde_json::{Value, json};
use sha2::Sha256;
use tower::ServiceExt;
use waybill_domain::catalog::Kind;
use waybill_domain::order::{Order, Tender};
use waybill_domain::ports::{Commit, Orders};
use waybill_gateways::Secret;
use waybill_payments::Desk;
use waybill_testkit::{FakeProcessor, MemoryOrders, World, at, block_on, first_of, placed, tenant, with_tenders};

pub const SECRETS: [&str; 2] = ["whsec_new", "whsec_old"];

pub struct Scene {
    pub world: World,
    pub order: Order,
}

/// Status, headers and body of an answer.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub fn by(method: &str) -> Tender {
    let return_url = Some("https://shop.invalid/back".to_owned().try_into().unwrap());
    Tender::Card { method: method.to_owned().try_into().unwrap(), customer: None, return_url }
}

/// A placed order, nothing held.
pub fn scene(tender: Tender) -> Scene {
    let world = World::seeded();
    for (client, owner) in [("shop", "acme"), ("stranger", "other")] {
        let record = json!({"id": client, "tenant": owner, "store": "demo", "role": "store"});
        world.catalog.keep(&tenant(), Kind::Client, client, record);
    }
    let (order, recorded) = first_of(&tenant(), "k", with_tenders(placed(), vec![(tender, 6_499)]));
    block_on(world.orders.commit(Commit { before: None, after: &order, recorded: &recorded })).unwrap();
    Scene { world, order }
}

/// The signature of `body`, as the processor makes it.
pub fn signed(secret: &str, seconds: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body);
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap();
    let bytes = mac.finalize().into_bytes();
    let hex: String = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    format!("t={seconds},v1={hex}")
}

pub fn seconds_now() -> i64 {
    waybill_lambda::now().as_second()
}

impl Scene {
    pub fn desk(&self) -> Desk<'_, MemoryOrders, FakeProcessor> {
        let (orders, processor) = (&self.world.orders, &self.world.processor);
        Desk { orders, processor, actor: "stage:authorize".to_owned(), now: at(1) }
    }

    pub fn now(&self) -> Order {
        self.world.memory.order(&self.order.tenant, &self.order.id).unwrap()
    }

    /// How often something of that name happened.
    pub fn count(&self, name: &str) -> usize {
        self.now().history().iter().filter(|entry| entry.event.name() == name).count()
    }

    /// An event about a payment of this order.
    pub fn about_payment(&self, event: &str, payment: &str) -> Value {
        let metadata = json!({"tenant": "acme", "order_id": self.order.id.as_str(), "tender": "1"});
        json!({"id": event, "object": "event", "type": "payment_intent.amount_capturable_updated",
            "data": {"object": {"id": payment, "object": "payment_intent", "metadata": metadata}}})
    }

    pub fn app(&self) -> App<MemoryOrders, waybill_testkit::MemoryCatalog, FakeProcessor> {
        let World { orders, catalog, processor, .. } = self.world.clone();
        App { orders, catalog, processor, secrets: SECRETS.map(|secret| Secret::new(secret.to_owned())).to_vec() }
    }

    /// The event arrives, signed now with the newer secret.
    pub async fn arrives(&self, event: &Value) -> u16 {
        let body = event.to_string();
        let signature = signed(SECRETS[0], seconds_now(), body.as_bytes());
        self.posted("/webhooks/payment/acme", &signature, body).await.status
    }

    pub async fn posted(&self, path: &str, signature: &str, body: String) -> Answer {
        self.send(Request::post(path).header("Stripe-Signature", signature).body(Body::from(body)).unwrap()).await
    }

    pub async fn refresh(&self, client: &str, key: &str, body: &str) -> Answer {
        self.refresh_of(client, key, body, &format!("/orders/{}/payments/1/refresh", self.order.id)).await
    }

    pub async fn refresh_of(&self, client: &str, key: &str, body: &str, path: &str) -> Answer {
        let context = json!({
            "http": {"method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test"},
            "timeEpoch": 0, "authorizer": {"jwt": {"claims": {"client_id": client}, "scopes": []}},
        });
        let context = RequestContext::ApiGatewayV2(serde_json::from_value(context).unwrap());
        let request = Request::post(path).header("Idempotency-Key", key).extension(context);
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = router(self.app()).oneshot(request).await.unwrap().into_parts();
        let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}
