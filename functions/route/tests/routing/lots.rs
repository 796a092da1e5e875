//! Of items kept by lot and expiry, what expires first goes first; what has expired stays.

use crate::scene::{Scene, item, stowed};
use serde_json::json;
use waybill_domain::order::{Fill, Placed};
use waybill_domain::stock::{Counter, Place, Shelf, Stow};
use waybill_testkit::{Step, World, id, of_skus, tenant};

fn lot(name: &str, expires: &str) -> Stow {
    Stow { lot: Some(id(name)), expires: Some(expires.parse().unwrap()), ..Stow::default() }
}

/// Routed on 3 November: four units have expired by then, three expire soon, two late.
fn scene(units: u32) -> Scene {
    let world = World::seeded();
    item(&world, "SERUM", &json!({"tracking": {"lot": true, "expiry": true}}));
    let stows = [(lot("LATE", "2027-05-01"), 2), (lot("OLD", "2026-11-03"), 4), (lot("SOON", "2026-11-04"), 3)];
    stowed(&world, "SERUM", &stows);
    let placed = Placed { fill: Fill::FillAvailable, ..of_skus(&[("SERUM", units)]) };
    Scene::new(world, placed, Step::Authorized)
}

/// Lots and units of its one fulfillment order.
fn picked(scene: &Scene) -> Vec<(String, u32)> {
    let lines = &scene.order().fulfillments[0].lines;
    let stows = lines.iter().flat_map(|line| line.stows.clone());
    stows.map(|picked| (picked.stow.lot.unwrap().to_string(), picked.quantity)).collect()
}

fn free(scene: &Scene, name: &str, expires: &str) -> i64 {
    let shelf = Shelf { sku: id("SERUM"), place: Place::Stow(id("reno"), lot(name, expires)) };
    let counters = scene.world.memory.counters();
    counters[&(tenant(), shelf, Counter::Free)]
}

#[test]
fn what_expires_first_is_allocated_first() {
    let scene = scene(4);
    assert_eq!(scene.route().unwrap(), [1]);
    assert_eq!(picked(&scene), [("SOON".to_owned(), 3), ("LATE".to_owned(), 1)]);
    assert_eq!((free(&scene, "SOON", "2026-11-04"), free(&scene, "LATE", "2027-05-01")), (0, 1));
}

#[test]
fn what_has_expired_is_allocated_to_nobody() {
    let scene = scene(5);
    scene.route().unwrap();
    assert_eq!(picked(&scene), [("SOON".to_owned(), 3), ("LATE".to_owned(), 2)]);
    assert_eq!(free(&scene, "OLD", "2026-11-03"), 4);
}

#[test]
fn units_that_have_expired_are_missed_and_what_is_fit_ships() {
    let scene = scene(7);
    assert_eq!(scene.route().unwrap(), [1]);
    assert_eq!(picked(&scene), [("SOON".to_owned(), 3), ("LATE".to_owned(), 2)]);
    let order = scene.order();
    assert_eq!((order.waits_for(), order.cases.len()), ([(id("SERUM"), 2)].into(), 1));
    assert_eq!(order.cases[0].case.reason, "units that were promised are at no site: 2 of SERUM");
}

#[test]
fn two_orders_get_different_units_of_a_lot() {
    let scene = scene(2);
    let other = Scene::keyed(scene.world.clone(), "other", of_skus(&[("SERUM", 3)]), Step::Authorized);
    scene.route().unwrap();
    other.route().unwrap();
    assert_eq!(picked(&scene), [("SOON".to_owned(), 2)]);
    assert_eq!(picked(&other), [("SOON".to_owned(), 1), ("LATE".to_owned(), 2)]);
    assert_eq!((free(&scene, "SOON", "2026-11-04"), free(&scene, "LATE", "2027-05-01")), (0, 0));
}
