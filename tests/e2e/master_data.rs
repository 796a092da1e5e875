//! Master data and stock levels.

use crate::world::{item, number, run, stock, usd};
use serde_json::json;
use waybill_harness::api::{Call, Method, Role};
use waybill_harness::seed;

#[test]
fn a_record_is_stored_as_checked_and_read_back() {
    run(async |local| {
        let id = format!("BOX-{}", number());
        let carton =
            json!({"id": id, "length_mm": 10, "width_mm": 10, "height_mm": 10, "empty_grams": 5, "max_grams": 100});
        let path = format!("/catalog/cartons/{id}");
        let stored = local.api.put(Role::Admin, &path, &carton).await.unwrap();
        assert_eq!(stored, carton);
        assert_eq!(local.api.get(Role::Warehouse, &path).await.unwrap(), carton);
        let all = local.api.get(Role::Support, "/catalog/cartons").await.unwrap();
        assert!(all["records"].as_array().unwrap().contains(&carton));
    });
}

#[test]
fn a_bad_record_is_refused_with_the_field_and_the_rule() {
    run(async |local| {
        let table = [
            (
                "/catalog/items/A",
                json!({"sku": "A", "title": "A", "length_mm": 0, "width_mm": 1, "height_mm": 1, "weight_grams": 1}),
                422,
                "/length_mm",
            ),
            (
                "/catalog/items/A",
                json!({"sku": "B", "title": "A", "length_mm": 1, "width_mm": 1, "height_mm": 1, "weight_grams": 1}),
                422,
                "/sku",
            ),
            (
                "/catalog/items/A",
                json!({"sku": "A", "title": "A", "length_mm": 1, "width_mm": 1, "height_mm": 1, "weight_grams": 1, "gtin": "123"}),
                422,
                "/gtin",
            ),
            ("/catalog/stores/x", json!({"id": "x", "name": "X", "currencies": ["ZZZ"]}), 422, "/currencies/0"),
            ("/catalog/clients/x", json!({"id": "x", "tenant": "demo", "role": "admin"}), 404, ""),
            ("/catalog/dreams/x", json!({}), 404, ""),
        ];
        for (path, record, status, pointer) in table {
            let answer = local.api.send(Some(Role::Admin), Call::new(Method::PUT, path).json(&record)).await.unwrap();
            assert_eq!(answer.status, status, "{path}: {}", answer.text);
            if !pointer.is_empty() {
                assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{}", answer.text);
            }
        }
    });
}

#[test]
fn a_level_below_what_is_allocated_is_refused_and_moves_nothing() {
    run(async |local| {
        let sku = item(local, 3).await;
        let order = crate::world::place(local, &crate::world::cart(&sku, 2, 1000)).await;
        crate::world::until_part(local, &order, "open").await;
        let call =
            |n: serde_json::Value| Call::new(Method::PUT, format!("/stock/{sku}/reno")).json(&json!({"on_hand": n}));
        let low = local.api.send(Some(Role::Admin), call(json!(1))).await.unwrap();
        assert_eq!(low.status, 409, "{}", low.text);
        assert_eq!(stock(local, &sku).await, (1, 3));
        for bad in [json!(-1), json!(4_294_967_296_u64), json!("many"), json!(1.5)] {
            assert_eq!(local.api.send(Some(Role::Admin), call(bad.clone())).await.unwrap().status, 422, "{bad}");
        }
        let nowhere = Call::new(Method::PUT, format!("/stock/{sku}/atlantis")).json(&json!({"on_hand": 1}));
        assert_eq!(local.api.send(Some(Role::Admin), nowhere).await.unwrap().status, 404);
        local.api.put(Role::Admin, &format!("/stock/{sku}/reno"), &json!({"on_hand": 9})).await.unwrap();
        assert_eq!(stock(local, &sku).await, (7, 9));
    });
}

#[test]
fn an_import_applies_the_good_lines_and_names_the_broken_ones() {
    run(async |local| {
        let sku = format!("IMPORT-{}", number());
        let item = json!({"kind": "items", "record": {"sku": sku, "title": "I", "length_mm": 1, "width_mm": 1, "height_mm": 1, "weight_grams": 1, "prices": [usd(1)]}});
        let count = json!({"kind": "stock", "record": {"sku": sku, "site": "reno", "on_hand": 7}});
        let bad = json!({"kind": "stock", "record": {"sku": sku, "site": "atlantis", "on_hand": 7}});
        let file = format!("{item}\nnot json\n{count}\n{bad}\n{}\n", json!({"kind": "dreams", "record": {}}));
        let name = format!("{}/broken-{sku}.ndjson", local.tenant);
        let refused = seed::import(&local.aws, &local.stack, &name, file.into_bytes()).await.unwrap_err().to_string();
        for wanted in ["\"line\":2", "\"line\":4", "\"line\":5", "/record/site", "/kind"] {
            assert!(refused.contains(wanted), "{wanted} in {refused}");
        }
        assert_eq!(stock(local, &sku).await, (7, 7), "the good lines are applied");
    });
}
