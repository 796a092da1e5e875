//! What stores are told.

use crate::door::{MUG, Scene, scene, units};
use serde_json::{Value, json};

fn told(scene: &Scene, query: &str) -> Vec<Value> {
    let answer = scene.get("shop", &format!("/availability?{query}"));
    assert_eq!((answer.status, answer.cache.as_deref()), (200, Some("private, max-age=2")), "{}", answer.body);
    assert!((0..=2).contains(&answer.json()["age_seconds"].as_i64().unwrap()), "{}", answer.body);
    answer.json()["items"].as_array().unwrap().clone()
}

fn row(sku: &str, known: bool, available: i64, backorder: bool, expected: Option<&str>) -> Value {
    json!({"sku": sku, "known": known, "available": available, "backorder": backorder, "expected": expected})
}

#[test]
fn a_store_is_told_what_is_left_to_it_in_the_order_asked_for() {
    let scene = scene();
    scene.post("floor", "r", "/stock/receipts", &units("CUP", 9));
    let (available, ..) = scene.levels(MUG, "reno");
    let rows = told(&scene, &format!("sku={MUG}&sku=GHOST&sku=CUP&sku=NEW&sku=CUP"));
    // Of nine cups two are safety stock and one is left to other channels.
    let wanted = [
        row(MUG, true, available, false, None),
        row("GHOST", false, 0, false, None),
        row("CUP", true, 6, false, None),
        row("NEW", true, 0, false, None),
    ];
    assert_eq!(rows, wanted);
}

#[test]
fn safety_stock_leaves_none_rather_than_less() {
    let scene = scene();
    scene.post("floor", "r", "/stock/receipts", &units("CUP", 2));
    assert_eq!(told(&scene, "sku=CUP"), [row("CUP", true, 0, false, None)]);
}

#[test]
fn what_is_announced_may_be_ordered_where_the_item_allows_it() {
    let scene = scene();
    for sku in ["NEW", "CUP"] {
        let body = json!({"site": "reno", "due": "2026-12-24", "lines": [{"sku": sku, "quantity": 5}]});
        assert_eq!(scene.post("chief", sku, "/stock/announcements", &body).status, 201);
    }
    let wanted = [row("NEW", true, 0, true, Some("2026-12-24")), row("CUP", true, 0, false, Some("2026-12-24"))];
    assert_eq!(told(&scene, "sku=NEW&sku=CUP"), wanted);
}

#[test]
fn a_bundle_is_there_as_often_as_all_its_parts_are() {
    let parts = |cups: i64, new: i64, announced: bool| {
        let scene = scene();
        for (sku, units_here) in [("CUP", cups), ("NEW", new)] {
            if units_here > 0 {
                assert_eq!(scene.post("floor", sku, "/stock/receipts", &units(sku, units_here)).status, 201);
            }
        }
        if announced {
            let body = json!({"site": "reno", "due": "2026-12-24", "lines": [{"sku": "NEW", "quantity": 5}]});
            assert_eq!(scene.post("chief", "a", "/stock/announcements", &body).status, 201);
        }
        told(&scene, "sku=SET").remove(0)
    };
    // Two cups a set, three cups are left to others.
    assert_eq!(parts(10, 2, false), row("SET", true, 2, false, None));
    assert_eq!(parts(10, 9, false), row("SET", true, 3, false, None));
    assert_eq!(parts(4, 9, false), row("SET", true, 0, false, None));
    assert_eq!(parts(10, 0, true), row("SET", true, 0, true, Some("2026-12-24")));
    assert_eq!(parts(4, 0, true), row("SET", true, 0, false, None), "cups are neither here nor announced");
}

#[test]
fn an_answer_is_at_most_two_seconds_old_and_says_so() {
    let scene = scene();
    let before = told(&scene, &format!("sku={MUG}"));
    scene.world.faults.clear();
    let reads = || scene.world.faults.calls().iter().filter(|call| **call == "stock.networks").count();
    let once = reads();
    assert_eq!(told(&scene, &format!("sku={MUG}")), before);
    assert_eq!(reads(), once, "the second answer is the first one's");
}

#[test]
fn a_question_names_one_to_a_hundred_items() {
    let scene = scene();
    let many: Vec<String> = (0..101).map(|n| format!("sku=S{n}")).collect();
    for query in ["", "site=reno", &many.join("&")] {
        assert_eq!(scene.get("shop", &format!("/availability?{query}")).status, 400, "{query}");
    }
    assert_eq!(told(&scene, &many[1..].join("&")).len(), 100);
}
