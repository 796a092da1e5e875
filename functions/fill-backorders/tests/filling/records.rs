//! Which records ask for anything.

use crate::scene::{record, scene};
use serde_json::json;
use waybill_lambda::{Fault, Halt};

#[test]
fn a_record_that_shows_nobody_waiting_or_nothing_here_reads_nothing() {
    let scene = scene();
    scene.waits("a", 10, 2);
    let counters =
        |available: &str, fillable: &str| json!({"available": {"N": available}, "fillable": {"N": fillable}});
    let before = scene.world.faults.calls().len();
    for (pk, sk, image) in [
        ("T#acme#SKU#LAMP", "ATP", counters("5", "5")),
        ("T#acme#SKU#LAMP", "ATP", counters("-2", "0")),
        ("T#acme#SKU#LAMP", "ATP", counters("-3", "-1")),
        ("T#acme#SKU#LAMP", "ATP", json!(null)),
        ("T#acme#SKU#LAMP", "ATP", json!({})),
        ("T#acme#SKU#LAMP", "SITE#reno", counters("-2", "2")),
        ("T#acme#RESERVATION#ord-1", "HOLD", counters("-2", "2")),
    ] {
        assert_eq!(scene.run(vec![record(pk, sk, image)]).unwrap(), Vec::<String>::new(), "{pk} {sk}");
    }
    assert_eq!(scene.world.faults.calls().len(), before);
}

#[test]
fn a_record_of_another_tenants_item_gives_nothing_of_ours() {
    let scene = scene();
    let order = scene.waits("a", 10, 2);
    scene.come("two", 2);
    let image = scene.record().dynamodb.new_image;
    assert_eq!(scene.run(vec![record("T#other#SKU#LAMP", "ATP", image)]).unwrap(), Vec::<String>::new());
    assert_eq!(scene.left(&order), 2);
}

#[test]
fn counters_that_are_no_numbers_are_malformed() {
    let scene = scene();
    for odd in [json!({"N": "two"}), json!({"N": "1.5"}), json!({"N": ""})] {
        let image = json!({"available": {"N": "-2"}, "fillable": odd});
        let refused = scene.run(vec![record("T#acme#SKU#LAMP", "ATP", image)]);
        assert!(matches!(refused, Err(Halt::Fault(Fault::Malformed(_)))), "{odd}: {refused:?}");
    }
}
