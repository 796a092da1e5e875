//! An order that stands still is told of once.

use crate::scene::{Scene, scene};
use waybill_testkit::Step;

const DAY: i64 = 86_400;

fn told(scene: &Scene) -> Vec<(String, bool)> {
    let order = scene.order();
    let swept = order.cases.iter().filter(|open| open.case.stage == "sweep");
    swept.map(|open| (open.case.reason.clone(), open.resolved)).collect()
}

#[tokio::test]
async fn one_standstill_is_one_exception_however_long_it_lasts() {
    let scene = scene(Step::Authorized).await;
    scene.sweep(1_000).await;
    assert_eq!(told(&scene), [], "not overdue");
    scene.sweep_through(1_800..7 * DAY).await;
    let since = "nothing has happened since 2026-11-02T12:00:02Z".to_owned();
    assert_eq!(told(&scene), [(since, false)]);
}

#[tokio::test]
async fn what_people_say_of_a_standstill_is_no_progress_and_no_second_standstill() {
    let scene = scene(Step::Authorized).await;
    scene.sweep_through(1_800..DAY).await;
    scene.record(DAY, |order| order.decide_resolved(1, "known".to_owned())).await;
    scene.record(DAY, |order| order.decide_partner_refused("carrier", "label-1", "no", "no")).await;
    scene.record(DAY, |order| order.decide_exception("carrier", None, "late", false)).await;
    scene.sweep_through(DAY..7 * DAY).await;
    assert_eq!(told(&scene).len(), 1);
}

#[tokio::test]
async fn a_standstill_after_progress_is_another_one() {
    let scene = scene(Step::Authorized).await;
    scene.sweep_through(1_800..DAY).await;
    scene.record(DAY, |order| order.decide_redriven(1)).await;
    assert_eq!(told(&scene), [("nothing has happened since 2026-11-02T12:00:02Z".to_owned(), true)]);
    scene.sweep_through(DAY..7 * DAY).await;
    let told = told(&scene);
    assert_eq!((told.len(), told[1].0.as_str()), (2, "nothing has happened since 2026-11-03T12:00:00Z"));
    assert_eq!(scene.world.workflows.started().len(), 1, "the second start, as long as nothing came of it");
}

#[tokio::test]
async fn an_order_that_stands_still_costs_a_handful_of_looks() {
    let scene = scene(Step::Authorized).await;
    scene.world.faults.clear();
    scene.sweep_through(600..7 * DAY).await;
    let looks = scene.world.faults.calls().into_iter().filter(|call| *call == "orders.load").count();
    assert!(looks <= 20, "{looks}");
}
