//! What is due by the clock alone is recorded when it is due.

use crate::scene::{Scene, scene};
use waybill_domain::order::{CancelReason, Wait};
use waybill_domain::ports::Orders;
use waybill_domain::relay::Notice;
use waybill_testkit::{Step, at, tenant};

const HOUR: i64 = 3_600;

/// An order whose card was declined with `code` at noon and ten seconds, and a workflow that waits.
async fn declined(code: &str) -> Scene {
    let scene = scene(Step::Screened).await;
    scene.record(10, |order| order.decide_declined(1, "authorize-1-0", code.to_owned(), at(10))).await;
    let id = scene.order().id;
    scene.world.orders.keep_token(&tenant(), &id, Wait::Payment, "token-1", at(10)).await.unwrap();
    scene
}

#[tokio::test]
async fn a_payment_is_tried_again_when_its_time_has_come_and_not_before() {
    let scene = declined("insufficient_funds").await;
    scene.sweep_through(600..HOUR).await;
    assert_eq!(scene.events(3), [] as [&str; 0]);
    assert!(scene.world.workflows.answers().is_empty());
    scene.sweep(HOUR + 11).await;
    assert_eq!(scene.events(3), ["payment_retry_due"]);
    assert_eq!(scene.world.workflows.answers().len(), 1, "the workflow goes on");
    let told: Vec<Notice> = scene.world.queues.notices().into_iter().map(|message| message.notice).collect();
    assert!(told.contains(&Notice::PaymentFailed { tender: 1, retried: true, attempt: 0 }), "{told:?}");
}

#[tokio::test]
async fn an_order_whose_customer_does_not_answer_ends_when_their_time_is_over() {
    let scene = declined("card_declined").await;
    scene.sweep_through(600..72 * HOUR).await;
    assert_eq!(scene.events(3), ["reservation_lapsed"], "no exception: it is not overdue");
    scene.sweep(72 * HOUR + 11).await;
    let order = scene.order();
    assert_eq!(scene.events(3), ["reservation_lapsed", "payment_declined"]);
    assert_eq!(order.cancelled.map(|ended| ended.reason), Some(CancelReason::PaymentDeclined));
    let told: Vec<Notice> = scene.world.queues.notices().into_iter().map(|message| message.notice).collect();
    assert!(told.contains(&Notice::Cancelled), "{told:?}");
}

#[tokio::test]
async fn a_clock_that_struck_twice_records_once() {
    let scene = declined("insufficient_funds").await;
    scene.sweep(HOUR + 11).await;
    scene.sweep(HOUR + 11).await;
    scene.sweep(HOUR + 700).await;
    assert_eq!(scene.events(3), ["payment_retry_due"]);
}
