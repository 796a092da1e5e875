//! What people do to an order, over memory: once per key, only when allowed, only to their own.

use axum::body::{Body, to_bytes};
use command_orders::{App, router};
use http::{Request, StatusCode};
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use tower::ServiceExt;
use waybill_domain::catalog::Kind;
use waybill_domain::order::{Actor, CancelReason, Order};
use waybill_domain::ports::{Commit, Committed, Orders};
use waybill_domain::screening::Verdict;
use waybill_testkit::{Step, Trouble, World, at, bring_to, first, tenant};

/// A world with an order in it, at some point of its life.
struct Scene {
    world: World,
    id: String,
}

/// Status and body of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Status, and the first field that breaks a rule, or the kind of problem.
    fn problem(&self) -> (u16, String) {
        let json = self.json();
        let pointer = json["errors"][0]["pointer"].as_str();
        let kind = json["type"].as_str().map(|kind| kind.trim_start_matches("urn:waybill:problem:"));
        (self.status, pointer.or(kind).unwrap_or_default().to_owned())
    }
}

async fn scene(step: Step) -> Scene {
    let world = World::seeded();
    let clients = [
        ("shop", json!({"id": "shop", "tenant": "acme", "store": "demo", "role": "store"})),
        ("floor", json!({"id": "floor", "tenant": "acme", "role": "warehouse"})),
        ("desk", json!({"id": "desk", "tenant": "acme", "role": "support"})),
        ("stranger", json!({"id": "stranger", "tenant": "other", "role": "warehouse"})),
    ];
    for (client, record) in clients {
        world.catalog.keep(&tenant(), Kind::Client, client, record);
    }
    let (order, recorded) = first("k");
    let commit = Commit { before: None, after: &order, recorded: &recorded };
    assert_eq!(world.orders.commit(commit).await.unwrap(), Committed::Stored);
    let order = bring_to(&world.orders, order, step).await.unwrap();
    Scene { id: order.id.to_string(), world }
}

impl Scene {
    fn order(&self) -> Order {
        self.world.memory.all_orders().remove(0)
    }

    async fn say(&self, client: &str, key: &str, what: &str, body: &Value) -> Answer {
        self.send(client, key, &format!("/orders/{}/{what}", self.id), body.to_string()).await
    }

    async fn send(&self, client: &str, key: &str, path: &str, body: String) -> Answer {
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
    async fn stage(&self, decide: impl Fn(&Order) -> waybill_domain::order::Decided) {
        let order = self.order();
        let draft = decide(&order).unwrap().unwrap();
        let (after, recorded) = order.record(draft, at(500), Actor("stage:test".to_owned()), None);
        let commit = Commit { before: Some(&order), after: &after, recorded: &recorded };
        assert_eq!(self.world.orders.commit(commit).await.unwrap(), Committed::Stored);
    }
}

fn pick(mugs: u32, shirts: u32) -> Value {
    json!({"lines": [{"sku": "MUG-BLUE", "picked": mugs}, {"sku": "TEE-M-BLACK", "picked": shirts}]})
}

fn pack() -> Value {
    json!({"carton": "BOX-S", "weight_grams": 920})
}

#[tokio::test]
async fn the_same_pick_again_gets_the_same_bytes_and_is_one_event() {
    let scene = scene(Step::Routed).await;
    let first = scene.say("floor", "k1", "fulfillments/1/pick", &pick(2, 1)).await;
    assert_eq!(first.status, 200);
    let version = scene.order().version;
    assert_eq!(
        first.json(),
        json!({"id": scene.id, "version": version, "status": "placed", "payment_status": "authorized", "fulfillment_status": "in_progress"})
    );
    // Later news changes nothing of what was answered.
    scene.say("floor", "k2", "fulfillments/1/pack", &pack()).await;
    assert_eq!(scene.say("floor", "k1", "fulfillments/1/pick", &pick(2, 1)).await, first);
    let picks = scene.order().history().iter().filter(|event| event.event.name() == "picked").count();
    assert_eq!(picks, 1);
}

#[tokio::test]
async fn a_key_that_was_used_with_another_body_is_refused() {
    let scene = scene(Step::Routed).await;
    scene.say("floor", "k1", "fulfillments/1/pick", &pick(2, 1)).await;
    let before = scene.order();
    let refused = scene.say("floor", "k1", "fulfillments/1/pick", &pick(1, 1)).await;
    assert_eq!(refused.problem(), (422, "idempotency-key-reused".to_owned()));
    assert_eq!(scene.order(), before);
    // A key is scoped to its route.
    assert_eq!(scene.say("floor", "k1", "fulfillments/1/pack", &pack()).await.status, 200);
}

#[tokio::test]
async fn the_same_pick_under_another_key_is_no_second_event_and_another_pick_is_refused() {
    let scene = scene(Step::Routed).await;
    scene.say("floor", "k1", "fulfillments/1/pick", &pick(1, 1)).await;
    let before = scene.order();
    assert_eq!(scene.say("floor", "k2", "fulfillments/1/pick", &pick(1, 1)).await.status, 200);
    assert_eq!(
        scene.say("floor", "k3", "fulfillments/1/pick", &pick(2, 1)).await.problem(),
        (409, "not-allowed-now".to_owned())
    );
    assert_eq!(scene.order(), before);
}

#[tokio::test]
async fn a_short_pick_writes_off_the_money_and_holds_the_stock_back() {
    let scene = scene(Step::Routed).await;
    assert_eq!(scene.say("floor", "k1", "fulfillments/1/pick", &pick(1, 1)).await.status, 200);
    let order = scene.order();
    assert!(order.owed().unwrap().minor() < order.placed.total.minor());
    let shelf = scene.world.memory.level(&tenant(), &"MUG-BLUE".parse().unwrap(), &"reno".parse().unwrap());
    assert_eq!((shelf.held, shelf.allocated), (1, 1));
    assert_eq!(scene.world.memory.unbalanced(), []);
}

#[tokio::test]
async fn a_station_walks_an_order_out_of_the_house() {
    let scene = scene(Step::Routed).await;
    let by_line = json!({"lines": [{"line": 1, "picked": 2}, {"line": 2, "picked": 1}]});
    assert_eq!(scene.say("floor", "k1", "fulfillments/1/pick", &by_line).await.status, 200);
    assert_eq!(scene.say("floor", "k1", "fulfillments/1/pack", &pack()).await.status, 200);
    let early = scene.say("floor", "k0", "fulfillments/1/hand-over", &json!({"manifest": "M-1"})).await;
    assert_eq!(early.problem(), (409, "not-allowed-now".to_owned()), "no label yet");
    let label =
        waybill_testkit::order_at(Step::Labeled).fulfillment(1).unwrap().shipment.as_ref().unwrap().label.clone();
    scene.stage(|order| order.decide_labeled(1, label.clone())).await;
    let left = scene.say("floor", "k1", "fulfillments/1/hand-over", &json!({"manifest": "M-1"})).await;
    assert_eq!(left.json()["fulfillment_status"], "shipped");
    assert_eq!(scene.order().history().last().unwrap().actor.0, "client:floor");
    let late = scene.say("desk", "k1", "cancel", &json!({"reason": "changed my mind"})).await;
    assert_eq!(late.problem(), (409, "not-allowed-now".to_owned()));
}

#[tokio::test]
async fn what_a_station_gets_wrong_is_named_and_changes_nothing() {
    let picking = scene(Step::Routed).await;
    let line = |line: Value| json!({"lines": [line, {"sku": "TEE-M-BLACK", "picked": 1}]});
    #[rustfmt::skip]
    let table = [
        ("fulfillments/1/pick", pick(3, 1),                                    422, "/lines/0/picked"),
        ("fulfillments/1/pick", json!({"lines": []}),                          422, "/lines"),
        ("fulfillments/1/pick", json!({"lines": [{"sku": "MUG-BLUE", "picked": 2}]}), 422, "/lines"),
        ("fulfillments/1/pick", line(json!({"sku": "NOSUCH", "picked": 1})),   422, "/lines/0/sku"),
        ("fulfillments/1/pick", line(json!({"line": 9, "picked": 1})),         422, "/lines/0/line"),
        ("fulfillments/1/pick", line(json!({"picked": 1})),                    422, "/lines/0/sku"),
        ("fulfillments/1/pick", line(json!({"line": 1, "sku": "MUG-BLUE", "picked": 1})), 422, "/lines/0/sku"),
        ("fulfillments/1/pick", line(json!({"line": 2, "picked": 1})),         422, "/lines/1/line"),
        ("fulfillments/1/pick", line(json!({"sku": "MUG-BLUE", "picked": -1})), 422, "/lines/0/picked"),
        ("fulfillments/1/pick", json!({"lines": [], "more": 1}),               422, "/more"),
        ("fulfillments/2/pick", pick(2, 1),                                    404, "not-found"),
        ("fulfillments/x/pick", pick(2, 1),                                    404, "not-found"),
        ("fulfillments/1/pack", pack(),                                        409, "not-allowed-now"),
        ("fulfillments/1/hand-over", json!({"manifest": "M-1"}),               409, "not-allowed-now"),
        ("exceptions/1/resolve", json!({"note": "ok"}),                        404, "not-found"),
        ("exceptions/1/retry", json!({"note": "ok"}),                          404, "not-found"),
        ("review", json!({"decision": "approve", "note": "ok"}),               409, "not-allowed-now"),
        ("review", json!({"decision": "maybe", "note": "ok"}),                 422, "/decision"),
        ("cancel", json!({"reason": " "}),                                     422, "/reason"),
        ("cancel", json!({"reason": "x".repeat(201)}),                         422, "/reason"),
    ];
    let before = picking.order();
    for (what, body, status, at) in table {
        let answer = picking.say("floor", "k1", what, &body).await;
        assert_eq!(answer.problem(), (status, at.to_owned()), "{what} {body}");
    }
    let packing = scene(Step::Picked).await;
    #[rustfmt::skip]
    let table = [
        (json!({"carton": "NOSUCH", "weight_grams": 920}),   "/carton"),
        (json!({"carton": "BOX-S", "weight_grams": 0}),      "/weight_grams"),
        (json!({"carton": "BOX-S", "weight_grams": 119}),    "/weight_grams"),
        (json!({"carton": "BOX-S", "weight_grams": 5_121}),  "/weight_grams"),
        (json!({"carton": "BOX S", "weight_grams": 920}),    "/carton"),
    ];
    for (body, at) in table {
        let answer = packing.say("floor", "k1", "fulfillments/1/pack", &body).await;
        assert_eq!(answer.problem(), (422, at.to_owned()), "{body}");
    }
    assert_eq!(picking.order(), before);
    assert_eq!(packing.order().version, 5);
}

#[tokio::test]
async fn an_order_of_another_tenant_is_as_unknown_as_one_that_does_not_exist() {
    let scene = scene(Step::Routed).await;
    let before = scene.order();
    let theirs = scene.say("stranger", "k1", "fulfillments/1/pick", &pick(2, 1)).await;
    let nowhere = scene.send("floor", "k1", "/orders/ord-0/fulfillments/1/pick", pick(2, 1).to_string()).await;
    let no_id = scene.send("floor", "k1", "/orders/a%23b/cancel", json!({"reason": "no"}).to_string()).await;
    assert_eq!(theirs, nowhere);
    assert_eq!((theirs.problem(), no_id.problem()), ((404, "not-found".to_owned()), (404, "not-found".to_owned())));
    assert_eq!(scene.say("nobody", "k1", "cancel", &json!({"reason": "no"})).await.status, 401);
    assert_eq!(scene.order(), before);
}

#[tokio::test]
async fn who_cancels_is_who_is_named_for_it_and_the_second_time_is_no_event() {
    for (client, reason) in [("shop", CancelReason::Customer), ("desk", CancelReason::Merchant)] {
        let scene = scene(Step::Labeled).await;
        let first = scene.say(client, "k1", "cancel", &json!({"reason": "changed my mind"})).await;
        assert_eq!((first.status, first.json()["status"].as_str()), (200, Some("cancelled")));
        let order = scene.order();
        assert_eq!(order.cancelled.as_ref().map(|ended| ended.reason), Some(reason));
        assert_eq!(scene.say(client, "k1", "cancel", &json!({"reason": "changed my mind"})).await, first);
        assert_eq!(scene.say(client, "k2", "cancel", &json!({"reason": "again"})).await.status, 200);
        assert_eq!(scene.order(), order);
        let pick = scene.say("floor", "k1", "fulfillments/1/pick", &pick(2, 1)).await;
        assert_eq!(pick.problem(), (409, "not-allowed-now".to_owned()));
    }
}

#[tokio::test]
async fn a_review_is_decided_once() {
    let scene = scene(Step::Placed).await;
    scene.stage(|order| order.decide_screened(Verdict::Review, vec!["large".to_owned()])).await;
    let approve = json!({"decision": "approve", "note": "known customer"});
    let first = scene.say("desk", "k1", "review", &approve).await;
    assert_eq!((first.status, scene.say("desk", "k1", "review", &approve).await), (200, first.clone()));
    let reject = json!({"decision": "reject", "note": "no"});
    assert_eq!(scene.say("desk", "k2", "review", &reject).await.problem(), (409, "not-allowed-now".to_owned()));
    assert_eq!(scene.order().review, Some(true));
}

#[tokio::test]
async fn an_exception_is_settled_once_by_looking_or_by_running_again() {
    let scene = scene(Step::Routed).await;
    scene.stage(|order| order.decide_exception("pick", Some(1), "overdue", true)).await;
    scene.stage(|order| order.decide_exception("carrier", Some(1), "lost", false)).await;
    let note = json!({"note": "looked at it"});
    assert_eq!(
        scene.say("desk", "k1", "exceptions/2/retry", &note).await.problem(),
        (409, "not-allowed-now".to_owned())
    );
    assert_eq!(scene.say("desk", "k1", "exceptions/1/retry", &note).await.status, 200);
    assert_eq!(scene.say("desk", "k1", "exceptions/2/resolve", &note).await.status, 200);
    let order = scene.order();
    assert_eq!(order.attempt, 1);
    assert!(order.cases.iter().all(|case| case.resolved));
    assert_eq!(scene.say("desk", "k2", "exceptions/1/retry", &note).await.status, 200);
    assert_eq!(scene.order(), order, "settled before");
}

#[tokio::test]
async fn a_command_is_decided_anew_when_somebody_else_was_first() {
    let scene = scene(Step::Routed).await;
    scene.world.faults.fail_next("orders.commit", Trouble::Conflict);
    assert_eq!(scene.say("floor", "k1", "fulfillments/1/pick", &pick(2, 1)).await.status, 200);
    let picks = scene.order().history().iter().filter(|event| event.event.name() == "picked").count();
    assert_eq!(picks, 1);
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_to_the_call_that_asks_again() {
    let scene = scene(Step::Routed).await;
    scene.world.faults.fail_next("orders.commit", Trouble::AnswerLost);
    assert_eq!(scene.say("floor", "k1", "fulfillments/1/pick", &pick(2, 1)).await.status, 503);
    let version = scene.order().version;
    let again = scene.say("floor", "k1", "fulfillments/1/pick", &pick(2, 1)).await;
    assert_eq!((again.status, again.json()["version"].as_u64()), (200, Some(u64::from(version))));
    assert_eq!(scene.order().version, version);
}

#[tokio::test]
async fn of_two_stations_that_scan_at_once_both_are_answered_and_one_event_is_kept() {
    let scene = scene(Step::Routed).await;
    let (body, what) = (pick(2, 1), "fulfillments/1/pick");
    let (a, b) = tokio::join!(scene.say("floor", "a", what, &body), scene.say("floor", "b", what, &body));
    assert_eq!((a.status, b.status), (StatusCode::OK.as_u16(), 200));
    let picks = scene.order().history().iter().filter(|event| event.event.name() == "picked").count();
    assert_eq!(picks, 1);
}
