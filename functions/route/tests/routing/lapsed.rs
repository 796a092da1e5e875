//! A reservation that lapsed is made again before sites are chosen, or the order ends.

use crate::scene::{Scene, announce, come, item, lose};
use serde_json::json;
use waybill_domain::order::{CancelReason, Fill, Placed, StockHold};
use waybill_testkit::{Step, Trouble, World, at, id, of_skus, tenant};

/// An order of two lamps, which was not paid in time, and then was.
fn scene(fill: Fill, may_wait: bool) -> Scene {
    let world = World::seeded();
    item(&world, "LAMP", &if may_wait { json!({"backorder": "backorder"}) } else { json!({}) });
    come(&world, "reno", &[("LAMP", 2)]);
    let placed = Placed { fill, ..of_skus(&[("LAMP", 2)]) };
    let scene = Scene::new(world, placed, Step::Screened);
    scene.record(3_700, |order| order.decide_timer(at(3_700)));
    assert_eq!(scene.order().stock, StockHold::Lapsed);
    scene.bring_to(Step::Authorized);
    scene
}

fn available(scene: &Scene) -> i64 {
    scene.world.memory.available(&tenant(), &id("LAMP"))
}

#[test]
fn what_is_still_there_is_reserved_again_and_ships() {
    let scene = scene(Fill::FillOrKill, false);
    assert_eq!(available(&scene), 2);
    assert_eq!(scene.route().unwrap(), [1]);
    assert_eq!(scene.events(4), ["reconfirmed", "routed"]);
    assert_eq!((scene.order().stock, available(&scene)), (StockHold::Allocated, 0));
}

#[test]
fn an_order_whose_units_are_sold_ends_and_says_why() {
    let scene = scene(Fill::FillOrKill, true);
    lose(&scene.world, "reno", "LAMP", 1);
    assert_eq!(scene.route().unwrap_err(), "Refused");
    let ended = scene.order().cancelled.unwrap();
    assert_eq!(ended.reason, CancelReason::OutOfStock);
    assert_eq!(ended.note, "not paid before its reservation ended, and not enough is left of LAMP");
    assert_eq!(available(&scene), 1, "nothing of it is held");
    assert_eq!(scene.route().unwrap_err(), "Refused", "again");
    assert_eq!(scene.events(4), ["cancelled"]);
}

#[test]
fn an_item_that_may_not_be_waited_for_ends_the_order_whatever_it_wants() {
    for fill in [Fill::FillAvailable, Fill::ShipComplete] {
        let scene = scene(fill, false);
        announce(&scene.world, "LAMP", 5);
        lose(&scene.world, "reno", "LAMP", 1);
        assert_eq!(scene.route().unwrap_err(), "Refused", "{fill:?}");
    }
}

#[test]
fn what_is_announced_is_waited_for_as_the_order_wants() {
    for (fill, routed, left) in [(Fill::FillAvailable, Ok(vec![1]), 1), (Fill::ShipComplete, Err(()), 1)] {
        let scene = scene(fill, true);
        announce(&scene.world, "LAMP", 5);
        lose(&scene.world, "reno", "LAMP", 1);
        let answer = scene.route();
        assert_eq!(answer.clone().map_err(|_| ()), routed, "{fill:?}");
        if let Err(name) = answer {
            assert_eq!(name, "StockPending");
        }
        assert_eq!(scene.order().waits_for(), [(id("LAMP"), left)].into(), "{fill:?}");
        assert_eq!(scene.events(4)[0], "reconfirmed");
        assert!(!scene.order().is_cancelled());
    }
}

#[test]
fn nothing_that_is_not_announced_is_promised() {
    let scene = scene(Fill::ShipComplete, true);
    lose(&scene.world, "reno", "LAMP", 2);
    announce(&scene.world, "LAMP", 1);
    assert_eq!(scene.route().unwrap_err(), "Refused");
    assert_eq!(scene.order().cancelled.unwrap().reason, CancelReason::OutOfStock);
}

#[test]
fn a_reservation_whose_answer_was_lost_is_made_once() {
    let scene = scene(Fill::FillOrKill, false);
    scene.world.faults.fail_next("orders.commit", Trouble::AnswerLost);
    assert_eq!(scene.route().unwrap_err(), "Transient");
    assert_eq!(scene.route().unwrap(), [1]);
    assert_eq!(scene.events(4), ["reconfirmed", "routed"]);
    assert_eq!(available(&scene), 0);
}
