//! The API's document, the code and the template say the same. `UPDATE_OPENAPI=1` writes the document anew.

#![expect(clippy::unwrap_used, reason = "tests")]

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tower::ServiceExt;
use waybill_domain::order::Cart;
use waybill_lambda::http::parse;
use waybill_testkit::{World, block_on};
use waybill_tests::openapi::{self, DOCUMENT};
use waybill_tests::repository;
use waybill_tests::template::{Route, Template};

fn document() -> Value {
    serde_json::to_value(openapi::document().unwrap()).unwrap()
}

/// The routes that the code describes, each with the function that describes it.
fn described() -> Vec<Route> {
    let parts = openapi::parts().into_iter();
    let routes = parts.flat_map(|(function, part)| openapi::routes(&serde_json::to_value(part).unwrap(), function));
    let mut routes: Vec<Route> = routes.collect();
    routes.sort();
    routes
}

#[test]
fn the_document_kept_is_the_one_the_code_describes() {
    let text = openapi::text().unwrap();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(repository::path(DOCUMENT), &text).unwrap();
    }
    let kept = repository::text(DOCUMENT).unwrap_or_default();
    let differs = kept.lines().zip(text.lines()).position(|(kept, told)| kept != told).map(|line| line + 1);
    // As data, not as text: in which order maps are written depends on the features other packages ask for.
    let data = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let same = data(&kept) == data(&text);
    assert!(same, "{DOCUMENT} is old, first in line {differs:?}: run this test with UPDATE_OPENAPI=1");
}

#[test]
fn the_document_is_openapi_3_1_and_says_who_may_call() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["title"], "Waybill");
    assert!(!document["servers"].as_array().unwrap().is_empty());
    let flow = &document["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"];
    let scopes: BTreeSet<&str> = flow["scopes"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(scopes, BTreeSet::from(["waybill/store", "waybill/warehouse", "waybill/support", "waybill/admin"]));
    let used = described().into_iter().flat_map(|route| route.scopes).collect::<BTreeSet<_>>();
    assert_eq!(used, scopes.into_iter().map(str::to_owned).collect());
}

#[test]
fn the_document_has_the_templates_routes_with_the_same_functions_and_scopes() {
    let template = Template::read().unwrap().routes().unwrap();
    assert!(template.len() > 10, "{} routes", template.len());
    assert_eq!(described(), template);
}

#[test]
fn merging_loses_no_route() {
    let merged: Vec<String> = openapi::routes(&document(), "").into_iter().map(|route| route.key).collect();
    let mut each: Vec<String> = described().into_iter().map(|route| route.key).collect();
    each.sort();
    assert_eq!(merged, each);
}

#[test]
fn every_operation_is_described_as_openapi_demands() {
    let document = document();
    let tags = document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap());
    let tags: BTreeSet<&str> = tags.collect();
    let mut operations = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            let own = operation["tags"].as_array().unwrap();
            assert!(own.iter().all(|tag| tags.contains(tag.as_str().unwrap())), "{path}: {own:?}");
            assert!(operations.insert(operation["operationId"].as_str().unwrap().to_owned()), "{path}");
            for (status, response) in operation["responses"].as_object().unwrap() {
                let described = response["description"].as_str().is_some_and(|text| !text.is_empty());
                assert!(described, "{path}: {status} has no description, which OpenAPI demands");
            }
            let in_path = path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let named =
                parameters.filter(|parameter| parameter["in"] == "path").map(|one| one["name"].as_str().unwrap());
            assert_eq!(named.collect::<BTreeSet<_>>(), in_path.collect::<BTreeSet<_>>(), "{path}");
        }
    }
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
    }
}

#[test]
fn every_post_with_an_effect_asks_for_an_idempotency_key() {
    let document = document();
    for (path, item) in document["paths"].as_object().unwrap() {
        // Partners' news are told apart by their own ids; a preview changes nothing.
        let effectful = !path.starts_with("/webhooks/") && !path.ends_with("/preview");
        let Some(post) = item.get("post").filter(|_| effectful) else { continue };
        let asks = post["parameters"].as_array().unwrap().iter().any(|one| one["name"] == "Idempotency-Key");
        assert!(asks, "POST {path} does not");
    }
}

// --- The routers -----------------------------------------------------------------------------------

/// Each function's router, over an empty world.
fn routers() -> Vec<(&'static str, Router)> {
    let world = World::new();
    let (orders, catalog, levels, processor) = (world.orders, world.catalog, world.stock, world.processor);
    let statements = world.memory.statements();
    let place = place_order::App { orders: orders.clone(), catalog: catalog.clone(), stock: levels.clone() };
    let query = query_orders::App { orders: orders.clone(), catalog: catalog.clone() };
    let command = command_orders::App { orders: orders.clone(), catalog: catalog.clone() };
    let accounts = accounts::App { accounts: orders.clone(), catalog: catalog.clone() };
    let payments = payments::App { orders: orders.clone(), catalog: catalog.clone(), processor, secrets: Vec::new() };
    vec![
        ("accounts", accounts::router(accounts)),
        ("payments", payments::router(payments)),
        ("place-order", place_order::router(place)),
        ("query-orders", query_orders::router(query)),
        ("command-orders", command_orders::router(command)),
        ("catalog", catalog::router(catalog::App { catalog: catalog.clone() })),
        ("stock", stock::router(stock::App { catalog, stock: levels, statements, recent: stock::Recent::default() })),
        ("carrier-webhook", carrier_webhook::router(carrier_webhook::App { orders, secrets: Vec::new() })),
    ]
}

fn ask(router: &Router, key: &str) -> StatusCode {
    let (method, path) = key.split_once(' ').unwrap();
    let path: Vec<&str> = path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect();
    let path = path.join("/");
    let query = if path == "/fulfillment-orders" { "?site=reno&queue=pick" } else { "" };
    let request = Request::builder().method(method).uri(format!("{path}{query}")).body(Body::empty()).unwrap();
    block_on(router.clone().oneshot(request)).unwrap().status()
}

#[test]
fn every_route_is_answered_by_its_own_function_and_asks_who_calls() {
    let routers = routers();
    for route in described() {
        for (function, router) in &routers {
            let status = ask(router, &route.key);
            if *function == route.function {
                assert_eq!(status, StatusCode::UNAUTHORIZED, "{} at {function}", route.key);
            } else {
                let unknown = [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED].contains(&status);
                assert!(unknown, "{} is answered by {function}, too: {status}", route.key);
            }
        }
    }
}

// --- The cart --------------------------------------------------------------------------------------

fn sample() -> Value {
    repository::json("tests/events/place-order-body.json").unwrap()
}

fn refused(body: &Value) -> Option<String> {
    parse::<Cart>(body.to_string().as_bytes()).err().map(|problem| format!("{:?}", problem.errors))
}

/// Every object in the sample, as its JSON pointer and the schema it is documented by.
fn objects<'d>(document: &'d Value, schema: &'d Value, value: &Value, at: &str, found: &mut Vec<(String, &'d Value)>) {
    let schema = openapi::resolved(document, schema);
    if let Some(fields) = value.as_object() {
        found.push((at.to_owned(), schema));
        for (name, value) in fields {
            objects(document, &schema["properties"][name], value, &format!("{at}/{name}"), found);
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        objects(document, &schema["items"], item, &format!("{at}/{index}"), found);
    }
}

fn without(body: &Value, at: &str, field: &str) -> Value {
    let mut body = body.clone();
    body.pointer_mut(at).unwrap().as_object_mut().unwrap().remove(field);
    body
}

#[test]
fn the_documented_cart_is_the_one_that_is_parsed() {
    let (document, sample) = (document(), sample());
    assert_eq!(refused(&sample), None);
    let mut found = Vec::new();
    objects(&document, &document["components"]["schemas"]["Cart"], &sample, "", &mut found);
    assert!(found.len() > 10, "{found:?}");
    for (at, schema) in found {
        let documented = schema["properties"].as_object().unwrap_or_else(|| panic!("{at} is not documented"));
        let required: BTreeSet<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for field in sample.pointer(&at).unwrap().as_object().unwrap().keys() {
            assert!(documented.contains_key(field), "{at}/{field} is parsed, but not documented");
            let removed = refused(&without(&sample, &at, field));
            match required.contains(field.as_str()) {
                true => assert!(removed.is_some(), "{at}/{field} is documented as required, but not asked for"),
                // A postal code is required by countries that have one, not by the schema.
                false if field == "postal_code" || field == "region" => {}
                false => assert_eq!(removed, None, "{at}/{field} is asked for, but documented as optional"),
            }
        }
        let mut odd = sample.clone();
        odd.pointer_mut(&at).unwrap()["surprise"] = json!(1);
        assert!(refused(&odd).is_some_and(|said| said.contains("unknown field")), "{at} takes unknown fields");
    }
}

#[test]
fn every_documented_field_of_a_cart_is_known_to_the_parser() {
    let (document, sample) = (document(), sample());
    let mut found = Vec::new();
    objects(&document, &document["components"]["schemas"]["Cart"], &sample, "", &mut found);
    for (at, schema) in found {
        for field in schema["properties"].as_object().unwrap().keys() {
            let mut body = sample.clone();
            let object = body.pointer_mut(&at).unwrap();
            // A value no field takes: a known field says what is wrong with it, an unknown one that it is unknown. So
            // deep, because serde takes a list for a struct of as many optional fields.
            object[field] = json!([[[]]]);
            let said = refused(&body).unwrap_or_else(|| panic!("{at}/{field} takes anything"));
            assert!(!said.contains("unknown field"), "{at}/{field} is documented, but the parser does not know it");
        }
    }
}
