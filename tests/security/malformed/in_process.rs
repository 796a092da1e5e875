//! Wrong requests to each function's own router, over memory.

use super::Tally;
use super::breaks::{Breaker, Broken, Place};
use super::verdict::{Answered, fault};
use crate::chance::Chance;
use crate::operations::{Operation, Records, document, operations};
use axum::Router;
use axum::body::{Body, to_bytes};
use http::Request;
use http::header::CONTENT_TYPE;
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tower::ServiceExt;
use waybill_domain::catalog::Kind;
use waybill_domain::id::DocumentId;
use waybill_domain::order::AccountKind;
use waybill_domain::ports::{Commit, Committed, Orders};
use waybill_gateways::Secret;
use waybill_lambda::http::whole;
use waybill_lambda::now;
use waybill_partners::{sign_event, sign_webhook};
use waybill_testkit::{Step, World, account, block_on, bring_to, first, tenant, usd};
use waybill_tests::openapi;

const REQUESTS: usize = 9_700;
/// Every so many requests the whole world is compared with what it was.
const LOOK_EVERY: usize = 20;
const CARRIERS_SECRET: &str = "carriers-secret";
const PROCESSORS_SECRET: &str = "processors-secret";

/// The functions over one world, and an order that can be changed in it.
struct Desk {
    world: World,
    routers: BTreeMap<&'static str, Router>,
    functions: BTreeMap<String, &'static str>,
    records: Records,
}

impl Desk {
    fn new() -> Self {
        let world = World::seeded();
        for role in ["store", "warehouse", "support", "admin"] {
            let client = json!({"id": role, "tenant": tenant().as_str(), "store": "demo", "role": role});
            world.catalog.keep(&tenant(), Kind::Client, role, client);
        }
        let (order, recorded) = first("story");
        let commit = Commit { before: None, after: &order, recorded: &recorded };
        assert_eq!(block_on(world.orders.commit(commit)).unwrap(), Committed::Stored);
        let order = block_on(bring_to(&world.orders, order, Step::Captured)).unwrap();
        let credit = account(AccountKind::StoreCredit, "ada");
        world.memory.credit(&tenant(), &credit, usd(5_000));
        let document = DocumentId::derive(&tenant(), "received", "0").to_string();
        let records = Records {
            announcement: document.clone(),
            count: document.clone(),
            document,
            order: order.id.to_string(),
            account: credit.id.to_string(),
            sku: "MUG-BLUE".to_owned(),
            site: "reno".to_owned(),
            tenant: tenant().to_string(),
        };
        let described = openapi::parts().into_iter().flat_map(|(function, part)| {
            let routes = openapi::routes(&serde_json::to_value(part).unwrap(), function);
            routes.into_iter().map(move |route| (route.key, function))
        });
        Self { routers: routers(&world), functions: described.collect(), records, world }
    }

    /// All that is stored, as text. Behind it the stores tell how often they were asked, which is nothing stored.
    fn stored(&self) -> String {
        // What was read before is remembered beside it: so everything is, both times.
        let _ = self.world.memory.all_orders();
        let told = [format!("{:?}", self.world.memory), format!("{:?}", self.world.catalog)];
        told.map(|told| told.split(", faults: ").next().unwrap().to_owned()).concat()
    }

    fn send(&self, sent: &Broken) -> Answered {
        let Some(request) = request(sent) else { panic!("{sent:?} is no request of HTTP") };
        let router = &self.routers[self.functions[&sent.operation.key()]];
        let (parts, body) = block_on(router.clone().oneshot(request)).unwrap().into_parts();
        let text = String::from_utf8(block_on(to_bytes(body, usize::MAX)).unwrap().to_vec()).unwrap();
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        Answered { status: parts.status.as_u16(), content_type: kind.to_owned(), text }
    }
}

fn routers(world: &World) -> BTreeMap<&'static str, Router> {
    let World { orders, catalog, stock, processor, .. } = world.clone();
    let secret = |text: &str| vec![Secret::new(text.to_owned())];
    let place = place_order::App { orders: orders.clone(), catalog: catalog.clone(), stock: stock.clone() };
    let query = query_orders::App { orders: orders.clone(), catalog: catalog.clone() };
    let command = command_orders::App { orders: orders.clone(), catalog: catalog.clone() };
    let accounts = accounts::App { accounts: orders.clone(), catalog: catalog.clone() };
    let secrets = secret(PROCESSORS_SECRET);
    let payments = payments::App { orders: orders.clone(), catalog: catalog.clone(), processor, secrets };
    let statements = world.memory.statements();
    let shelves = stock::App { catalog: catalog.clone(), stock, statements, recent: stock::Recent::default() };
    let routers = [
        ("accounts", accounts::router(accounts)),
        ("payments", payments::router(payments)),
        ("place-order", place_order::router(place)),
        ("query-orders", query_orders::router(query)),
        ("command-orders", command_orders::router(command)),
        ("catalog", catalog::router(catalog::App { catalog })),
        ("stock", stock::router(shelves)),
        ("carrier-webhook", carrier_webhook::router(carrier_webhook::App { orders, secrets: secret(CARRIERS_SECRET) })),
    ];
    routers.into_iter().map(|(function, router)| (function, whole(router))).collect()
}

/// The request as API Gateway hands it over: from a client of the operation's first role, or signed as a partner signs.
fn request(sent: &Broken) -> Option<Request<Body>> {
    let Broken { operation, method, path, key, body, .. } = sent;
    let mut request = Request::builder().method(method.as_str()).uri(path);
    if let Some(key) = key {
        request = request.header("idempotency-key", key.as_slice());
    }
    request = match operation.scopes.first() {
        Some(scope) => request.extension(context(scope.trim_start_matches("waybill/"))),
        None if operation.path.contains("carrier") => {
            request.header("x-hmac-signature", sign_webhook(CARRIERS_SECRET, body))
        }
        None => request.header("stripe-signature", sign_event(&[PROCESSORS_SECRET], now().as_second(), body)),
    };
    request.body(Body::from(body.clone())).ok()
}

fn context(client: &str) -> RequestContext {
    let context = json!({
        "http": {"method": "POST", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test"},
        "timeEpoch": 0, "authorizer": {"jwt": {"claims": {"client_id": client}, "scopes": []}},
    });
    RequestContext::ApiGatewayV2(serde_json::from_value(context).unwrap())
}

#[test]
fn wrong_requests_are_refused_with_the_field_and_change_nothing() {
    let (document, desk, mut chance) = (document(), Desk::new(), Chance::of_this_run());
    let operations = operations(&document);
    let (before, mut tally) = (desk.stored(), Tally::default());
    for number in 0..REQUESTS {
        // In turn, so that the rarest route has its share.
        let operation = &operations[number % operations.len()];
        let breaker = &mut Breaker { document: &document, records: &desk.records, chance: &mut chance };
        let sent = breaker.broken(operation);
        tally.count(&sent);
        if let Some(fault) = fault(&sent, &desk.send(&sent)) {
            tally.fault(&sent, &fault);
        }
        if number % LOOK_EVERY == 0
            && let Some(change) = difference(&before, &desk.stored())
        {
            panic!(
                "{} {}, or one of the {LOOK_EVERY} before it, changed what is stored: {change}",
                sent.what, sent.path
            );
        }
    }
    assert_eq!(difference(&before, &desk.stored()), None, "what is stored was changed");
    tally.settle();
}

/// Where `after` begins to differ.
fn difference(before: &str, after: &str) -> Option<String> {
    if before == after {
        return None;
    }
    let same = before.bytes().zip(after.bytes()).take_while(|(was, is)| was == is).count();
    let around = |text: &str| text.bytes().skip(same.saturating_sub(80)).take(200).map(char::from).collect::<String>();
    Some(format!("it was {} and is {}", around(before), around(after)))
}

#[test]
fn a_world_that_was_changed_is_found_out() {
    let desk = Desk::new();
    let before = desk.stored();
    assert_eq!(difference(&before, &desk.stored()), None);
    desk.world.memory.credit(&tenant(), &account(AccountKind::StoreCredit, "ada"), usd(1));
    assert!(difference(&before, &desk.stored()).is_some());
}

/// A request with nothing wrong.
fn good(operation: &Operation, document: &Value, records: &Records) -> Broken {
    let path = operation.path_of(|hole| operation.record(hole, records).to_owned());
    Broken {
        what: "nothing",
        operation: operation.clone(),
        place: Place::Body,
        method: operation.method.clone(),
        path: path + &operation.required_query(records),
        key: operation.needs_key().then(|| b"key".to_vec()),
        body: operation.body(document, records).map(|body| body.to_string().into_bytes()).unwrap_or_default(),
        word: "zq".to_owned(),
    }
}

#[test]
fn the_requests_that_are_broken_were_good() {
    let (document, mut refused) = (document(), Vec::new());
    for operation in operations(&document) {
        let desk = Desk::new();
        let answer = desk.send(&good(&operation, &document, &desk.records));
        let problem: Value = serde_json::from_str(&answer.text).unwrap_or_default();
        // A rule about the state of things is no rule about the request; a made-up event is about nothing of ours.
        let understood = answer.status < 300
            || [404, 409].contains(&answer.status)
            || (operation.is_webhook() && answer.status == 400);
        let of_content = problem["errors"][0]["pointer"].as_str().is_some_and(|pointer| !pointer.is_empty())
            || operation.path.contains("/refunds");
        if !(understood || answer.status == 422 && of_content) {
            refused.push(format!("{}: {} {}", operation.key(), answer.status, answer.text));
        } else if answer.status >= 300 {
            println!("  {}: {} {}", operation.key(), answer.status, answer.text);
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}
