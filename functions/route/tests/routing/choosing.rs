//! One site where one has all; once, however often it is asked.

use crate::scene::{Scene, come, item};
use serde_json::json;
use waybill_domain::order::CancelReason;
use waybill_testkit::{Step, Trouble, World, id, of_skus, tenant};

fn world() -> World {
    let world = World::new();
    let world = World { catalog: world.catalog.clone().with_seed(&tenant()), ..world };
    item(&world, "A", &json!({}));
    item(&world, "B", &json!({}));
    world
}

fn scene(stock: &[(&str, &str, i64)]) -> Scene {
    let world = world();
    for (site, sku, units) in stock {
        come(&world, site, &[(sku, *units)]);
    }
    Scene::new(world, of_skus(&[("A", 2), ("B", 3)]), Step::Authorized)
}

#[test]
fn a_site_of_lower_rank_that_has_all_ships_all() {
    let scene = scene(&[("reno", "A", 9), ("reno", "B", 2), ("columbus", "A", 2), ("columbus", "B", 3)]);
    assert_eq!(scene.route().unwrap(), [1]);
    let columbus = |sku, units| ("columbus".to_owned(), id(sku), units);
    assert_eq!(scene.parts(), [columbus("A", 2), columbus("B", 3)]);
}

#[test]
fn where_no_site_has_all_lines_are_filled_in_the_order_of_rank() {
    let scene = scene(&[("reno", "A", 1), ("reno", "B", 2), ("columbus", "A", 9), ("columbus", "B", 2)]);
    assert_eq!(scene.route().unwrap(), [1, 2]);
    let mut parts = scene.parts();
    parts.sort();
    let part = |site: &str, sku, units| (site.to_owned(), id(sku), units);
    assert_eq!(parts, [part("columbus", "A", 1), part("columbus", "B", 1), part("reno", "A", 1), part("reno", "B", 2)]);
}

#[test]
fn an_order_that_was_routed_is_answered_the_same_and_allocates_nothing_more() {
    let scene = scene(&[("reno", "A", 9), ("reno", "B", 9)]);
    let first = scene.route().unwrap();
    let (version, counters) = (scene.order().version, scene.world.memory.counters());
    assert_eq!(scene.route().unwrap(), first);
    assert_eq!((scene.order().version, scene.world.memory.counters()), (version, counters));
}

#[test]
fn a_routing_whose_answer_was_lost_is_found_done() {
    let scene = scene(&[("reno", "A", 9), ("reno", "B", 9)]);
    scene.world.faults.fail_next("orders.commit", Trouble::AnswerLost);
    assert_eq!(scene.route().unwrap_err(), "Transient");
    assert_eq!(scene.route().unwrap(), [1]);
    assert_eq!(scene.events(3), ["routed"]);
}

#[test]
fn an_order_called_off_before_is_refused_and_allocates_nothing() {
    let scene = scene(&[("reno", "A", 9), ("reno", "B", 9)]);
    scene.record(5, |order| order.decide_cancelled(CancelReason::Customer, "no".to_owned()));
    assert_eq!(scene.route().unwrap_err(), "Refused");
    assert_eq!(scene.parts(), []);
}
