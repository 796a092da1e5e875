//! What stores and staff are told of an item, and when.

use crate::scene::Scene;
use serde_json::json;
use waybill_domain::catalog::Kind;
use waybill_testkit::{Trouble, tenant};

const SKU: &str = "VASE-1";

/// An item that is low below 5 units.
fn scene() -> Scene {
    let scene = Scene::new();
    let item = json!({"sku": SKU, "title": "A vase", "length_mm": 1, "width_mm": 1, "height_mm": 1, "weight_grams": 1,
        "low_stock": 5});
    scene.world.catalog.keep(&tenant(), Kind::Item, SKU, item);
    scene
}

fn told(scene: &Scene) -> Vec<(&'static str, i64)> {
    scene.auditor.bus.published().iter().map(|event| (event.kind.name(), event.available)).collect()
}

#[test]
fn a_threshold_that_is_crossed_is_told_once_and_again_only_when_it_is_crossed_again() {
    let mut scene = scene();
    for (number, by) in (0..).zip([10, -4, -2, -1, 4, -5, -2, 1]) {
        scene.adjust(&format!("adjusted {number}"), number, SKU, by);
    }
    scene.hear_all();
    let expected = [("stock.back", 10), ("stock.low", 4), ("stock.low", 2), ("stock.back", 1)];
    assert_eq!(told(&scene), expected);
    scene.hear_all();
    assert_eq!(told(&scene), expected, "a batch that comes again tells nothing");
}

#[test]
fn an_event_says_what_it_is_about_and_keeps_its_id_when_it_is_published_again() {
    let mut scene = scene();
    scene.adjust("opening", 1, SKU, 9);
    scene.hear_all();
    scene.adjust("loss", 2, SKU, -8);
    // The line is not written, so that the bus hears of it a second time.
    let fallen = scene.records[2..].to_vec();
    scene.world.faults.fail_next("statements.enter", Trouble::Unavailable);
    assert!(scene.hear(&fallen).is_err());
    scene.hear(&fallen).unwrap();
    let events = scene.auditor.bus.published();
    assert_eq!(events.len(), 3);
    assert_eq!(events[1], events[2]);
    let event = serde_json::to_value(&events[1]).unwrap();
    assert_eq!(event["specversion"], "1.0");
    assert_eq!((&event["type"], &event["source"]), (&json!("stock.low"), &json!("waybill/stock")));
    assert_eq!((&event["sku"], &event["available"], &event["threshold"]), (&json!(SKU), &json!(1), &json!(5)));
    assert_eq!(event["tenant"], json!(tenant()));
    assert!(events[0].id.starts_with("evt-") && events[0].id != events[1].id);
}

#[test]
fn an_item_without_a_threshold_or_a_record_is_never_told_to_be_low() {
    let mut scene = Scene::new();
    scene.adjust("opening", 1, "UNKNOWN-1", 9);
    scene.adjust("loss", 2, "UNKNOWN-1", -9);
    scene.hear_all();
    assert_eq!(told(&scene), [("stock.back", 9)]);
}
