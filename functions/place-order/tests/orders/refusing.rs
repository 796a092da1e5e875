//! What is refused: with a problem that names the field, and nothing stored.

use crate::door::{cart, context, place, request, send, with, world};
use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::json;
use waybill_testkit::Trouble;

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
