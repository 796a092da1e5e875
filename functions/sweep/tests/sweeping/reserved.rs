//! A reservation that is not paid ends when its time is over; units that came are given to those who wait.

use crate::scene::{Scene, scene, scene_of};
use waybill_domain::order::{Placed, StockHold};
use waybill_domain::ports::Stock;
use waybill_domain::stock::{Body, Kind, Movement};
use waybill_testkit::{Step, World, block_on, document, document_id, first_of, id, of_skus, placed, receipt, tenant};

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;

/// Sweeps every minute, as the schedule does.
async fn sweep_every_minute(scene: &Scene, seconds: std::ops::Range<i64>) {
    for seconds in seconds.step_by(60) {
        scene.sweep(seconds).await;
    }
}

fn mugs(scene: &Scene) -> i64 {
    scene.world.memory.available(&tenant(), &id("MUG-BLUE"))
}

#[tokio::test]
async fn a_reservation_that_is_not_paid_ends_at_its_time_and_its_units_are_for_others() {
    let scene = scene(Step::Screened).await;
    let promised = mugs(&scene);
    sweep_every_minute(&scene, 0..HOUR).await;
    assert_eq!((scene.order().stock, mugs(&scene)), (StockHold::Reserved, promised));
    scene.sweep(HOUR + MINUTE).await;
    assert_eq!((scene.order().stock, mugs(&scene)), (StockHold::Lapsed, promised + 2));
    assert!(scene.world.memory.reservations().is_empty() && scene.world.memory.unbalanced().is_empty());
    assert!(!scene.order().is_cancelled(), "it may still be paid");
}

/// The order's standstill is told of after half an hour; its reservation ends after that.
#[tokio::test]
async fn a_reservation_that_ends_after_the_standstill_is_told_of_ends_no_later() {
    for minutes in [31, 45, 61, 90, 180, 600] {
        let order = Placed { reserve_minutes: serde_json::from_value(minutes.into()).unwrap(), ..placed() };
        let scene = scene_of(World::seeded(), first_of(&tenant(), "k", order), Step::Screened).await;
        sweep_every_minute(&scene, 0..minutes * MINUTE).await;
        assert_eq!(scene.order().stock, StockHold::Reserved, "{minutes} minutes");
        sweep_every_minute(&scene, minutes * MINUTE..(minutes + 2) * MINUTE).await;
        assert_eq!(scene.order().stock, StockHold::Lapsed, "{minutes} minutes");
        let lapsed = scene.order().history().last().unwrap().at;
        let late = lapsed.as_second() - waybill_testkit::at(minutes * MINUTE).as_second();
        assert!((0..=MINUTE).contains(&late), "{minutes} minutes: {late} seconds late");
    }
}

#[tokio::test]
async fn a_reservation_ends_once_and_its_units_come_back_once() {
    let scene = scene(Step::Screened).await;
    let promised = mugs(&scene);
    sweep_every_minute(&scene, 0..3 * HOUR).await;
    let lapsed = scene.order().history().iter().filter(|event| event.event.name() == "reservation_lapsed").count();
    assert_eq!((lapsed, mugs(&scene)), (1, promised + 2));
}

#[tokio::test]
async fn what_is_paid_stays_reserved_however_long_it_stands() {
    let scene = scene(Step::Authorized).await;
    scene.sweep_through(600..48 * HOUR).await;
    assert_eq!(scene.order().stock, StockHold::Reserved);
}

/// Two lamps are waited for, and come in.
async fn waiting() -> Scene {
    let world = World::seeded();
    let expected = Movement::network(Kind::Expected, id("LAMP"), 5).announced(document_id(&tenant(), "announced"));
    let body = Body::Announcement { site: id("reno"), due: "2026-11-20".parse().unwrap(), reference: None };
    let announced = document(&tenant(), "announced", body, vec![expected]);
    world.stock.file(&tenant(), &announced, &[]).await.unwrap();
    let mut order = of_skus(&[("LAMP", 2)]);
    order.lines[0].backordered = 2;
    let scene = scene_of(world, first_of(&tenant(), "k", order), Step::Authorized).await;
    assert_eq!(scene.order().waits_for(), [(id("LAMP"), 2)].into());
    scene
}

fn come(scene: &Scene, units: i64) {
    let came = receipt(&tenant(), &format!("{units} came"), "reno", &[("LAMP", units)]);
    block_on(scene.world.stock.file(&tenant(), &came, &[])).unwrap();
}

/// The stream's record was lost.
#[tokio::test]
async fn units_that_came_unheard_are_given_to_the_order_that_waits_for_them() {
    let scene = waiting().await;
    come(&scene, 1);
    scene.sweep(10 * MINUTE).await;
    assert_eq!(scene.order().waits_for(), [(id("LAMP"), 1)].into());
    come(&scene, 3);
    scene.sweep(30 * MINUTE).await;
    assert_eq!((scene.order().waits_for(), scene.events(3)), ([].into(), vec!["backorder_filled"; 2]));
    assert_eq!(scene.world.memory.available(&tenant(), &id("LAMP")), 2);
    assert!(scene.world.memory.unbalanced().is_empty());
}

#[tokio::test]
async fn an_order_that_waits_for_units_is_not_overdue_before_they_are() {
    let scene = waiting().await;
    scene.sweep_through(600..24 * HOUR).await;
    assert_eq!(scene.order().cases.len(), 0, "two days after it was to ship");
    scene.sweep_through(24 * HOUR..72 * HOUR).await;
    assert_eq!(scene.order().cases.len(), 1);
}
