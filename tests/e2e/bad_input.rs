//! Bad input gets a clear error and changes nothing.

use crate::world::{cart, item, number, post_order, run, stock, usd};
use serde_json::{Value, json};
use waybill_harness::Local;
use waybill_harness::api::{Answer, Call, Method, Role};

async fn send(local: &Local, role: Option<Role>, body: impl Into<Vec<u8>>, key: Option<&str>) -> Answer {
    let mut call = Call::new(Method::POST, "/orders").header("content-type", "application/json").body(body);
    if let Some(key) = key {
        call = call.key(key);
    }
    local.api.send(role, call).await.unwrap()
}

fn changed(mut cart: Value, change: impl FnOnce(&mut Value)) -> Value {
    change(&mut cart);
    cart
}

#[test]
fn every_bad_cart_is_refused_with_the_field_and_the_rule_and_stores_nothing() {
    run(async |local| {
        let sku = item(local, 50).await;
        let good = || cart(&sku, 1, 1000);
        let many: Vec<Value> =
            (0..91).map(|n| json!({"sku": format!("NO-{n}"), "quantity": 1, "unit_price": usd(1)})).collect();
        let table: Vec<(&str, Value, u16, &str)> = vec![
            ("an unknown field", changed(good(), |c| c["surprise"] = json!(1)), 422, "/surprise"),
            ("a quantity of zero", changed(good(), |c| c["lines"][0]["quantity"] = json!(0)), 422, "/lines/0/quantity"),
            (
                "a negative quantity",
                changed(good(), |c| c["lines"][0]["quantity"] = json!(-1)),
                422,
                "/lines/0/quantity",
            ),
            ("an unknown SKU", changed(good(), |c| c["lines"][0]["sku"] = json!("NOT-THERE")), 422, "/lines/0/sku"),
            (
                "mixed currency",
                changed(good(), |c| c["shipping"]["price"]["currency"] = json!("EUR")),
                422,
                "/shipping/price/currency",
            ),
            ("unknown currency", changed(good(), |c| c["currency"] = json!("XXQ")), 422, "/currency"),
            ("a currency the store has not", changed(good(), |c| c["currency"] = json!("JPY")), 422, "/currency"),
            ("totals that do not add up", changed(good(), |c| c["total"]["minor"] = json!(1)), 422, "/total"),
            (
                "over-long text",
                changed(good(), |c| c["customer"]["name"] = json!("x".repeat(101))),
                422,
                "/customer/name",
            ),
            (
                "no e-mail address",
                changed(good(), |c| c["customer"]["email"] = json!("nobody")),
                422,
                "/customer/email",
            ),
            (
                "a missing field",
                changed(good(), |c| {
                    c.as_object_mut().unwrap().remove("payments");
                }),
                422,
                "",
            ),
            ("an amount as a float", changed(good(), |c| c["total"]["minor"] = json!(15.5)), 422, "/total/minor"),
            ("more than 90 items", changed(good(), |c| c["lines"] = json!(many)), 422, "/lines"),
            ("no lines", changed(good(), |c| c["lines"] = json!([])), 422, "/lines"),
            (
                "an unserved country",
                changed(good(), |c| c["ship_to"]["country"] = json!("DE")),
                422,
                "/shipping/service",
            ),
        ];
        let before = local.aws.scan(local.stack.output("OrdersTableName").unwrap()).await.unwrap();
        for (what, cart, status, pointer) in table {
            let answer = post_order(local, &cart).await;
            assert_eq!(answer.status, status, "{what}: {}", answer.text);
            assert_eq!(answer.content_type, "application/problem+json", "{what}");
            let problem = answer.json();
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{what}: {problem}");
            assert!(!problem["errors"][0]["rule"].as_str().unwrap_or_default().is_empty(), "{what}");
        }
        let after = local.aws.scan(local.stack.output("OrdersTableName").unwrap()).await.unwrap();
        let ours = |items: &[Value]| items.iter().filter(|item| item.to_string().contains(&sku)).count();
        assert_eq!(ours(&before), ours(&after), "nothing was stored");
        assert_eq!(stock(local, &sku).await, (50, 50));
    });
}

#[test]
fn a_body_that_is_no_json_or_too_large_is_refused() {
    run(async |local| {
        let key = format!("raw-{}", number());
        assert_eq!(send(local, Some(Role::Store), "{", Some(&key)).await.status, 400);
        assert_eq!(send(local, Some(Role::Store), vec![b'{', 0xff, b'}'], Some(&key)).await.status, 400);
        assert_eq!(send(local, Some(Role::Store), "[]", Some(&key)).await.status, 422);
        let large = format!("{{\"reference\":\"{}\"}}", "x".repeat(210 * 1024));
        assert_eq!(send(local, Some(Role::Store), large, Some(&key)).await.status, 413);
    });
}

#[test]
fn a_missing_empty_or_long_key_is_refused() {
    run(async |local| {
        let body = cart("MUG-BLUE", 1, 1800).to_string();
        for key in [None, Some(String::new()), Some("k".repeat(256))] {
            let answer = send(local, Some(Role::Store), body.clone(), key.as_deref()).await;
            assert_eq!(answer.status, 400, "{key:?}: {}", answer.text);
            assert_eq!(answer.json()["errors"][0]["pointer"], "header/Idempotency-Key");
        }
    });
}

#[test]
fn without_the_right_token_nothing_is_answered() {
    run(async |local| {
        let body = cart("MUG-BLUE", 1, 1800).to_string();
        assert_eq!(send(local, None, body.clone(), Some("k")).await.status, 401);
        for role in [Role::Warehouse, Role::Support, Role::Admin] {
            assert_eq!(send(local, Some(role), body.clone(), Some("k")).await.status, 403, "{role}");
        }
        let forged = Call::new(Method::POST, "/orders").key("k").body(body);
        let token = local.api.tokens()[&Role::Store].clone();
        let forged = forged.header("authorization", format!("Bearer {}AAAA", &token[..token.len() - 4]));
        assert_eq!(local.api.send(None, forged).await.unwrap().status, 401);
    });
}

#[test]
fn fifty_calls_under_one_key_place_one_order_and_get_one_answer() {
    run(async |local| {
        let sku = item(local, 50).await;
        let (body, key) = (cart(&sku, 1, 1000).to_string(), format!("same-{}", number()));
        let calls = (0..50).map(|_| send(local, Some(Role::Store), body.clone(), Some(&key)));
        let answers = futures::future::join_all(calls).await;
        for answer in &answers {
            assert_eq!(answer.status, 201, "{}", answer.text);
            assert_eq!(answer.text, answers[0].text, "byte for byte");
        }
        assert_eq!(stock(local, &sku).await.0, 49);
        let other = changed(serde_json::from_str(&body).unwrap(), |c| c["reference"] = json!("another"));
        let answer = send(local, Some(Role::Store), other.to_string(), Some(&key)).await;
        assert_eq!(answer.status, 422, "{}", answer.text);
        assert_eq!(answer.json()["type"], "urn:waybill:problem:idempotency-key-reused");
    });
}

#[test]
fn the_last_unit_is_sold_once_however_many_want_it() {
    run(async |local| {
        let sku = item(local, 1).await;
        let buyers: Vec<Value> = (0..8).map(|_| cart(&sku, 1, 1000)).collect();
        let answers = futures::future::join_all(buyers.iter().map(|cart| post_order(local, cart))).await;
        let count = |status| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((count(201), count(409)), (1, 7), "{answers:?}");
        let loser = answers.iter().find(|answer| answer.status == 409).unwrap();
        assert_eq!(loser.json()["type"], "urn:waybill:problem:out-of-stock");
        assert_eq!(stock(local, &sku).await, (0, 1));
    });
}

#[test]
fn unknown_orders_and_foreign_ids_are_not_found() {
    run(async |local| {
        for path in
            ["/orders/ord-00000000000000000000000000000000", "/orders/../x", "/orders/%00", "/orders/x/timeline"]
        {
            let answer = local.api.send(Some(Role::Support), Call::new(Method::GET, path)).await.unwrap();
            assert_eq!(answer.status, 404, "{path}: {}", answer.text);
        }
    });
}
