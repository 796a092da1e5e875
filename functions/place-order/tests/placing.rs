//! `POST /orders` over memory: once per key, all or nothing, and each tenant for itself.

use axum::body::{Body, to_bytes};
use http::{Request, StatusCode};
use lambda_http::request::RequestContext;
use place_order::{App, router};
use serde_json::{Value, json};
use tower::ServiceExt;
use waybill_domain::catalog::Kind;
use waybill_testkit::{Trouble, World, a_cart, at, id, seed, tenant};

/// Status, type and body of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Answer {
    status: StatusCode,
    kind: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Type of the problem, and the first field named.
    fn problem(&self) -> (u16, String, String) {
        let json = self.json();
        assert_eq!(self.kind, "application/problem+json", "{json}");
        let kind = json["type"].as_str().unwrap().trim_start_matches("urn:waybill:problem:").to_owned();
        (self.status.as_u16(), kind, json["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned())
    }
}

/// A world with the demo's store, and a store of another tenant with the same goods.
fn world() -> World {
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

fn context(client: &str) -> RequestContext {
    let context = json!({
        "http": {"method": "POST", "path": "/orders", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test"},
        "timeEpoch": 0, "authorizer": {"jwt": {"claims": {"client_id": client}, "scopes": ["waybill/store"]}},
    });
    RequestContext::ApiGatewayV2(serde_json::from_value(context).unwrap())
}

async fn send(world: &World, request: Request<Body>) -> Answer {
    let app = App { orders: world.orders.clone(), catalog: world.catalog.clone() };
    let (parts, body) = router(app).oneshot(request).await.unwrap().into_parts();
    let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
    Answer { status: parts.status, kind: parts.headers["content-type"].to_str().unwrap().to_owned(), body }
}

fn request(client: &str, key: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post("/orders").header("Idempotency-Key", key).extension(context(client));
    request.body(body.into()).unwrap()
}

async fn place(world: &World, client: &str, key: &str, cart: &Value) -> Answer {
    send(world, request(client, key, cart.to_string())).await
}

fn cart() -> Value {
    serde_json::to_value(a_cart()).unwrap()
}

fn with(at: &str, value: Value) -> Value {
    let mut cart = cart();
    *cart.pointer_mut(at).unwrap() = value;
    cart
}

#[tokio::test]
async fn an_order_is_confirmed_with_its_price_and_its_promise() {
    let world = world();
    let answer = place(&world, "shop", "k1", &cart()).await;
    assert_eq!((answer.status, answer.kind.as_str()), (StatusCode::CREATED, "application/json"));
    let said = answer.json();
    let order = world.memory.order(&tenant(), &id(said["id"].as_str().unwrap())).unwrap();
    assert_eq!((said["status"].as_str(), said["reference"].as_str()), (Some("placed"), Some("WEB-1001")));
    assert_eq!(said["total"], json!({"minor": 6499, "currency": "USD"}));
    assert_eq!(said["estimated_delivery"], json!(order.placed.promise.deliver_by));
    assert_eq!(said["lines"][1]["unit_price"], json!({"minor": 2400, "currency": "USD"}));
    assert_eq!((order.version, order.history()[0].actor.0.as_str()), (1, "client:shop"));
    assert_eq!(world.memory.reservations().len(), 1);
}

#[tokio::test]
async fn the_same_call_again_gets_the_same_bytes_and_moves_nothing() {
    let world = world();
    let first = place(&world, "shop", "k1", &cart()).await;
    let counters = world.memory.counters();
    assert_eq!(place(&world, "shop", "k1", &cart()).await, first);
    assert_eq!(world.memory.counters(), counters);
    let orders = world.memory.all_orders();
    assert_eq!((orders.len(), orders[0].history().len()), (1, 1));
}

#[tokio::test]
async fn what_was_placed_stays_answered_when_prices_have_changed_or_goods_run_out() {
    let world = world();
    let first = place(&world, "shop", "k1", &cart()).await;
    let mug = json!({"sku": "MUG-BLUE", "title": "Mug", "length_mm": 1, "width_mm": 1, "height_mm": 1, "weight_grams": 1,
        "prices": [{"minor": 9_999, "currency": "USD"}]});
    world.catalog.keep(&tenant(), Kind::Item, "MUG-BLUE", mug);
    assert_eq!(place(&world, "shop", "k1", &cart()).await, first);
    assert_eq!(place(&world, "shop", "k2", &cart()).await.problem().2, "/total");
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_to_the_call_that_asks_again() {
    let world = world();
    world.faults.fail_next("orders.commit", Trouble::AnswerLost);
    let lost = place(&world, "shop", "k1", &cart()).await;
    assert_eq!(lost.problem().0, 503);
    let again = place(&world, "shop", "k1", &cart()).await;
    assert_eq!((again.status, world.memory.all_orders().len()), (StatusCode::CREATED, 1));
}

#[tokio::test]
async fn a_key_that_was_used_with_another_body_is_refused_however_wrong_that_body_is() {
    let world = world();
    let first = place(&world, "shop", "k1", &cart()).await;
    let others = [with("/reference", json!("WEB-2")), with("/lines/0/sku", json!("NOSUCH")), json!({})];
    for other in others {
        let refused = place(&world, "shop", "k1", &other).await.problem();
        assert_eq!((refused.0, refused.1.as_str()), (422, "idempotency-key-reused"), "{other}");
    }
    assert_eq!(place(&world, "shop", "k1", &cart()).await, first);
    assert_eq!(world.memory.all_orders().len(), 1);
}

#[tokio::test]
async fn more_than_there_is_stores_nothing_and_leaves_the_key_free() {
    let world = world();
    let before = world.memory.counters();
    let mut greedy = with("/lines/0/quantity", json!(100_000));
    greedy["total"]["minor"] = json!(100_000 * 1800 + 2400 + 499);
    let refused = place(&world, "shop", "k1", &greedy).await;
    assert_eq!(refused.problem(), (409, "out-of-stock".to_owned(), "/lines".to_owned()));
    assert_eq!(refused.json()["errors"], json!([{"pointer": "/lines", "rule": "MUG-BLUE is out of stock"}]));
    assert!(world.memory.all_orders().is_empty() && world.memory.reservations().is_empty());
    assert_eq!(world.memory.counters(), before);
    assert_eq!(place(&world, "shop", "k1", &cart()).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_key_of_one_tenant_is_nothing_to_another() {
    let world = world();
    let ours = place(&world, "shop", "k1", &cart()).await;
    let theirs = place(&world, "stranger", "k1", &with("/reference", json!("THEIRS"))).await;
    assert_eq!((ours.status, theirs.status), (StatusCode::CREATED, StatusCode::CREATED));
    assert_ne!(ours.json()["id"], theirs.json()["id"]);
    let owners: Vec<String> = world.memory.all_orders().iter().map(|order| order.tenant.to_string()).collect();
    assert_eq!(owners, ["acme", "other"]);
}

#[tokio::test]
async fn who_is_not_known_or_has_no_store_places_nothing() {
    let world = world();
    let table = [("nobody", 401, "unauthorized"), ("desk", 403, "forbidden")];
    for (client, status, kind) in table {
        let refused = place(&world, client, "k1", &cart()).await.problem();
        assert_eq!((refused.0, refused.1.as_str()), (status, kind), "{client}");
    }
    let without =
        Request::post("/orders").header("Idempotency-Key", "k1").body(Body::from(cart().to_string())).unwrap();
    assert_eq!(send(&world, without).await.problem().0, 401);
    assert!(world.memory.all_orders().is_empty());
}

#[tokio::test]
async fn each_bad_request_is_a_problem_that_names_the_field_and_stores_nothing() {
    let world = world();
    let large = format!("{{\"reference\": \"{}\"}}", "x".repeat(200 * 1024));
    #[rustfmt::skip]
    let table: Vec<(Vec<u8>, u16, &str, &str)> = vec![
        (b"{".to_vec(),                                                        400, "unreadable-body", ""),
        (b"\xff\xfe{}".to_vec(),                                               400, "unreadable-body", ""),
        (b"".to_vec(),                                                         400, "unreadable-body", ""),
        (format!("{} x", cart()).into_bytes(),                                 400, "unreadable-body", ""),
        (large.into_bytes(),                                                   413, "body-too-large", ""),
        (with("/currency", json!("XXQ")).to_string().into_bytes(),             422, "invalid-field", "/currency"),
        (with("/lines/0/quantity", json!(0)).to_string().into_bytes(),         422, "invalid-field", "/lines/0/quantity"),
        (with("/lines/0/quantity", json!(-2)).to_string().into_bytes(),        422, "invalid-field", "/lines/0/quantity"),
        (with("/lines/1/sku", json!("NOSUCH")).to_string().into_bytes(),       422, "invalid-field", "/lines/1/sku"),
        (with("/total/minor", json!(1)).to_string().into_bytes(),              422, "invalid-field", "/total"),
        (with("/total/currency", json!("EUR")).to_string().into_bytes(),       422, "invalid-field", "/total/currency"),
        (with("/shipping/service", json!("drone")).to_string().into_bytes(),   422, "invalid-field", "/shipping/service"),
        (with("/customer/name", json!("x".repeat(101))).to_string().into_bytes(), 422, "invalid-field", "/customer/name"),
        (with("/customer", json!({"email": "a@b.c", "name": "A", "age": 1})).to_string().into_bytes(), 422, "invalid-field", "/customer/age"),
    ];
    for (body, status, kind, pointer) in table {
        let shown = String::from_utf8_lossy(&body).chars().take(80).collect::<String>();
        let answer = send(&world, request("shop", "k1", body)).await;
        assert_eq!(answer.problem(), (status, kind.to_owned(), pointer.to_owned()), "{shown}");
        assert!(!answer.body.contains("ada@") && !answer.body.contains("Lovelace"), "{}", answer.body);
    }
    assert!(world.memory.all_orders().is_empty());
}

#[tokio::test]
async fn a_call_needs_a_key_of_1_to_255_printable_characters() {
    let world = world();
    for key in [None, Some(String::new()), Some("x".repeat(256)), Some("schl\u{fc}ssel".to_owned())] {
        let mut request = Request::post("/orders").extension(context("shop"));
        if let Some(key) = &key {
            request = request.header("Idempotency-Key", key.as_bytes());
        }
        let answer = send(&world, request.body(Body::from(cart().to_string())).unwrap()).await;
        assert_eq!(
            answer.problem(),
            (400, "invalid-request".to_owned(), "header/Idempotency-Key".to_owned()),
            "{key:?}"
        );
    }
    assert_eq!(place(&world, "shop", &"x".repeat(255), &cart()).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_catalog_that_cannot_answer_is_no_fault_of_the_caller_and_one_write_is_all_it_takes() {
    let world = world();
    world.faults.fail_next("catalog.find", Trouble::Unavailable);
    assert_eq!(place(&world, "shop", "k1", &cart()).await.problem().0, 503);
    let before = world.faults.calls().len();
    assert_eq!(place(&world, "shop", "k1", &cart()).await.status, StatusCode::CREATED);
    let calls = world.faults.calls().split_off(before);
    let stores: Vec<&str> = calls.into_iter().filter(|call| !call.starts_with("catalog.")).collect();
    assert_eq!(stores, ["orders.commit"]);
}

#[test]
fn the_promise_is_made_for_the_moment_of_the_order() {
    assert_eq!(at(0).to_string(), "2026-11-02T12:00:00Z");
    let caller = waybill_lambda::http::Caller {
        client: serde_json::from_value(json!({"id": "shop", "tenant": "acme", "store": "demo", "role": "store"}))
            .unwrap(),
        actor: "client:shop".to_owned(),
    };
    let (world, body) = (world(), cart().to_string());
    let place = |key: &str, hours: i64| {
        let answer =
            place_order::handle(&world.orders, &world.catalog, &caller, key, body.as_bytes(), at(hours * 3600));
        let answer = waybill_testkit::block_on(answer).unwrap();
        serde_json::from_str::<Value>(&answer.body).unwrap()["ship_by"].as_str().unwrap().to_owned()
    };
    // The first site is in Reno and closes at 15:00, 23:00 UTC.
    assert_eq!([place("a", 0), place("b", 10), place("c", 11)], ["2026-11-02", "2026-11-02", "2026-11-03"]);
}
