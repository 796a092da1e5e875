//! Units that were promised and are at no site: what is there ships, the rest is waited for, and staff are told.

use crate::scene::{Scene, come, item, lose};
use serde_json::json;
use waybill_domain::order::{Fill, Placed, StockHold};
use waybill_domain::stock::Counter;
use waybill_testkit::{Step, World, id, of_skus, tenant};

/// Two lamps at each site, three of them ordered.
fn scene() -> Scene {
    scene_of(Fill::FillAvailable)
}

fn scene_of(fill: Fill) -> Scene {
    let world = World::seeded();
    item(&world, "LAMP", &json!({}));
    come(&world, "reno", &[("LAMP", 2)]);
    come(&world, "columbus", &[("LAMP", 2)]);
    Scene::new(world, Placed { fill, ..of_skus(&[("LAMP", 3)]) }, Step::Authorized)
}

#[test]
fn an_order_of_which_nothing_is_there_waits_and_staff_see_it_once() {
    let scene = scene();
    lose(&scene.world, "reno", "LAMP", 2);
    lose(&scene.world, "columbus", "LAMP", 2);
    assert_eq!(scene.route().unwrap_err(), "StockPending");
    assert_eq!(scene.route().unwrap_err(), "StockPending");
    let order = scene.order();
    assert_eq!(scene.events(3), ["units_lost"]);
    assert_eq!(order.waits_for(), [(id("LAMP"), 3)].into());
    assert_eq!(order.cases[0].case.reason, "units that were promised are at no site: 3 of LAMP");
    assert!(scene.world.memory.counters().iter().all(|((_, shelf, counter), units)| {
        shelf.sku != id("LAMP") || *counter != Counter::Allocated || *units == 0
    }));
}

#[test]
fn what_is_left_ships_and_the_rest_is_waited_for() {
    let scene = scene();
    lose(&scene.world, "reno", "LAMP", 2);
    assert_eq!(scene.route().unwrap(), [1]);
    assert_eq!(scene.parts(), [("columbus".to_owned(), id("LAMP"), 2)]);
    assert_eq!(scene.events(3), ["units_lost", "routed"]);
    assert_eq!((scene.order().waits_for(), scene.order().stock), ([(id("LAMP"), 1)].into(), StockHold::Reserved));
}

#[test]
fn an_order_that_ships_whole_waits_for_a_unit_that_is_lost() {
    for fill in [Fill::FillOrKill, Fill::ShipComplete] {
        let scene = scene_of(fill);
        lose(&scene.world, "reno", "LAMP", 2);
        assert_eq!(scene.route().unwrap_err(), "StockPending", "{fill:?}");
        assert_eq!((scene.events(3), scene.order().waits_for()), (vec!["units_lost"], [(id("LAMP"), 1)].into()));
    }
}

#[test]
fn units_that_are_found_again_ship_with_the_order() {
    let scene = scene();
    lose(&scene.world, "reno", "LAMP", 2);
    lose(&scene.world, "columbus", "LAMP", 2);
    scene.route().unwrap_err();
    come(&scene.world, "columbus", &[("LAMP", 4)]);
    scene.record(90_000, |order| order.decide_filled(&id("LAMP"), 3));
    assert_eq!(scene.route().unwrap(), [1]);
    assert_eq!(scene.parts(), [("columbus".to_owned(), id("LAMP"), 3)]);
    assert_eq!(scene.world.memory.available(&tenant(), &id("LAMP")), 1);
}

#[test]
fn a_unit_that_went_to_another_site_is_not_lost() {
    let scene = scene();
    lose(&scene.world, "reno", "LAMP", 2);
    come(&scene.world, "columbus", &[("LAMP", 2)]);
    assert_eq!(scene.route().unwrap(), [1]);
    assert_eq!(scene.events(3), ["routed"]);
}
