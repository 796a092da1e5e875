//! News of payments, refunds and disputes, in any order and number.

use crate::scene::{Scene, by, scene};
use serde_json::{Value, json};
use waybill_domain::order::{CancelReason, PaymentAxis, RefundLine, RefundWish, Tender};
use waybill_domain::ports::ReturnStatus;
use waybill_lambda::{Halt, advance};
use waybill_testkit::{Step, Trouble, at, block_on, bring_to, usd};

fn about_refund(event: &str) -> Value {
    json!({"id": event, "type": "refund.updated", "data": {"object": {"id": "re_0001", "payment_intent": "pi_0001"}}})
}

fn about_dispute(event: &str, status: &str) -> Value {
    json!({"id": event, "type": "charge.dispute.updated",
        "data": {"object": {"id": "dp_0001", "payment_intent": "pi_0001", "status": status}}})
}

/// An order that left and is paid.
fn paid() -> Scene {
    let scene = scene(by("pm_card_visa"));
    let order = block_on(scene.desk().authorize(scene.order.clone())).unwrap();
    let order = block_on(bring_to(&scene.world.orders, order, Step::Dispatched)).unwrap();
    block_on(scene.desk().capture(order, 1)).unwrap();
    scene
}

fn ask_back(scene: &Scene) {
    let lines = vec![RefundLine { line: 1, quantity: 1 }];
    let reason = "came back".to_owned().try_into().unwrap();
    let wish = RefundWish { lines, shipping: None, goodwill: None, overcharge: false, reason };
    let ask = advance(&scene.world.orders, scene.now(), "user:ada", at(9), |order| order.decide_refund(&wish, None));
    block_on(ask).unwrap();
}

fn proven(scene: &Scene) {
    assert_eq!(scene.now().proof().unwrap().differences(), Vec::<String>::new());
}

#[test]
fn before_after_or_beside_the_calls_answer_a_hold_is_recorded_once() {
    let before = scene(by("pm_card_visa"));
    before.world.faults.fail_next("payment.authorize", Trouble::AnswerLost);
    assert!(block_on(before.desk().authorize(before.order.clone())).is_err());
    let after = scene(by("pm_card_visa"));
    block_on(after.desk().authorize(after.order.clone())).unwrap();
    let beside = scene(by("pm_card_visa"));
    let news = |scene: &Scene| ["evt_1", "evt_2", "evt_1"].map(|event| scene.about_payment(event, "pi_0001"));
    block_on(async {
        let [one, two, again] = &news(&beside);
        let authorize = async { Box::pin(beside.desk().authorize(beside.order.clone())).await.map(|_| ()) };
        let hear = async {
            // Unknown at first: sent again.
            while beside.arrives(one).await != 200 {}
        };
        let _ = futures::join!(authorize, hear, beside.arrives(two), beside.arrives(again));
    });
    for scene in [before, after, beside] {
        block_on(async {
            for event in &news(&scene) {
                assert_eq!(scene.arrives(event).await, 200);
            }
        });
        block_on(scene.desk().authorize(scene.now())).unwrap();
        assert_eq!((scene.count("payment_authorized"), scene.world.processor.open(&scene.order.id)), (1, 6_499));
        proven(&scene);
    }
}

#[test]
fn an_event_heard_before_asks_nobody_and_one_whose_hearing_failed_is_heard_when_it_comes_again() {
    let scene = scene(by("pm_card_visa"));
    block_on(scene.desk().authorize(scene.order.clone())).unwrap();
    scene.world.processor.capture_outside("pi_0001", usd(100)).unwrap();
    let event = scene.about_payment("evt_1", "pi_0001");
    scene.world.faults.fail_next("payment.look_up", Trouble::Unavailable);
    assert_eq!(block_on(scene.arrives(&event)), 503);
    assert_eq!(scene.count("payment_captured"), 0);
    assert_eq!(block_on(scene.arrives(&event)), 200);
    scene.world.faults.clear();
    assert_eq!(block_on(scene.arrives(&event)), 200);
    assert!(!scene.world.faults.calls().contains(&"payment.look_up"));
    assert_eq!(scene.count("payment_captured"), 1);
    proven(&scene);
}

#[test]
fn whichever_call_of_hearing_fails_the_next_delivery_has_one_effect() {
    let heard = |trouble: Option<(usize, Trouble)>| {
        let scene = paid();
        scene.world.processor.refund_outside("pi_0001", usd(500)).unwrap();
        scene.world.faults.clear();
        if let Some((nth, trouble)) = trouble {
            scene.world.faults.fail_call(nth, trouble);
            block_on(scene.arrives(&about_refund("evt_1")));
        }
        // Where the lease could not be given back another event of the same news comes in.
        block_on(scene.arrives(&about_refund("evt_1")));
        block_on(scene.arrives(&about_refund("evt_2")));
        assert_eq!((scene.count("refunded"), scene.now().payment.refunded()), (1, usd(500)));
        proven(&scene);
        scene.world.faults.calls().len()
    };
    let calls = heard(None);
    for nth in 1..=calls {
        for trouble in [Trouble::AnswerLost, Trouble::Unavailable, Trouble::Conflict] {
            heard(Some((nth, trouble)));
        }
    }
}

#[test]
fn a_lost_capture_is_recorded_by_its_news_and_not_taken_again() {
    let scene = scene(by("pm_card_visa"));
    let order = block_on(scene.desk().authorize(scene.order.clone())).unwrap();
    let order = block_on(bring_to(&scene.world.orders, order, Step::Dispatched)).unwrap();
    scene.world.faults.fail_next("payment.capture", Trouble::AnswerLost);
    assert!(matches!(block_on(scene.desk().capture(order, 1)), Err(Halt::Fault(_))));
    block_on(async {
        for event in ["evt_1", "evt_2", "evt_1"] {
            assert_eq!(scene.arrives(&scene.about_payment(event, "pi_0001")).await, 200);
        }
    });
    block_on(scene.desk().capture(scene.now(), 1)).unwrap();
    assert_eq!((scene.count("payment_captured"), scene.world.processor.captured(&scene.order.id)), (1, 6_499));
    assert_eq!(scene.now().axes().payment, PaymentAxis::Paid);
    proven(&scene);
}

#[test]
fn a_refund_on_its_way_is_given_back_and_when_it_fails_late_it_is_owed_and_told_once() {
    let scene = paid();
    ask_back(&scene);
    scene.world.processor.next_refunds([ReturnStatus::Pending]);
    block_on(scene.desk().refund(scene.now(), 1)).unwrap();
    assert_eq!(scene.now().payment.refunded(), usd(1_800));
    let failed = ReturnStatus::Failed { code: "lost_or_stolen_card".to_owned() };
    scene.world.processor.settle_refund("re_0001", failed);
    for event in ["evt_1", "evt_2", "evt_1"] {
        assert_eq!(block_on(scene.arrives(&about_refund(event))), 200);
    }
    assert_eq!((scene.count("refund_failed"), scene.now().cases.len()), (1, 1));
    assert_eq!(scene.now().payment.refunded(), usd(0));
    proven(&scene);
}

#[test]
fn a_refunds_news_may_come_before_its_answer() {
    let scene = paid();
    ask_back(&scene);
    scene.world.faults.fail_next("payment.refund", Trouble::AnswerLost);
    assert!(block_on(scene.desk().refund(scene.now(), 1)).is_err());
    assert_eq!(block_on(scene.arrives(&about_refund("evt_1"))), 200);
    block_on(scene.desk().refund(scene.now(), 1)).unwrap();
    assert_eq!((scene.count("refunded"), scene.world.processor.refunded(&scene.order.id)), (1, 1_800));
    assert!(scene.now().cases.is_empty());
    proven(&scene);
}

#[test]
fn a_dispute_is_recorded_opened_and_closed_once_whichever_news_comes_first_and_staff_are_told() {
    for (won, kept) in [(true, 6_499), (false, 0)] {
        let scene = paid();
        let dispute = scene.world.processor.open_dispute("pi_0001", usd(6_499));
        scene.world.processor.close_dispute(&dispute, won);
        // The news of its opening come last, and twice.
        for (event, status) in [("evt_2", "lost"), ("evt_1", "needs_response"), ("evt_1", "needs_response")] {
            assert_eq!(block_on(scene.arrives(&about_dispute(event, status))), 200);
        }
        assert_eq!((scene.count("dispute_opened"), scene.count("dispute_closed")), (1, 1));
        assert_eq!(scene.now().payment.tenders[0].refundable(), kept);
        assert_eq!(scene.now().cases.len(), 1);
        proven(&scene);
    }
}

#[test]
fn money_disputed_after_it_was_given_back_breaks_a_bound_and_is_told() {
    let scene = paid();
    ask_back(&scene);
    block_on(scene.desk().refund(scene.now(), 1)).unwrap();
    let _dispute = scene.world.processor.open_dispute("pi_0001", usd(6_499));
    assert_eq!(block_on(scene.arrives(&about_dispute("evt_1", "needs_response"))), 200);
    let reasons: Vec<String> = scene.now().cases.iter().map(|case| case.case.reason.clone()).collect();
    assert!(reasons.iter().any(|reason| reason.contains("given back or withdrawn")), "{reasons:?}");
    proven(&scene);
}

#[test]
fn money_that_arrives_for_an_order_that_has_ended_is_let_go_of() {
    let scene = scene(by("pm_card_visa"));
    scene.world.faults.fail_next("payment.authorize", Trouble::AnswerLost);
    assert!(block_on(scene.desk().authorize(scene.order.clone())).is_err());
    let cancel = |order: &waybill_domain::order::Order| order.decide_cancelled(CancelReason::Customer, String::new());
    block_on(advance(&scene.world.orders, scene.now(), "client:shop", at(2), cancel)).unwrap();
    assert_eq!(block_on(scene.arrives(&scene.about_payment("evt_1", "pi_0001"))), 200);
    assert_eq!((scene.world.processor.open(&scene.order.id), scene.now().payment.holds_money()), (0, false));
    proven(&scene);
}

#[test]
fn a_storefronts_abandoned_payment_is_heard_and_a_refund_of_an_unknown_payment_comes_again() {
    let scene = scene(Tender::Confirmed { reference: "pi_shop".to_owned().try_into().unwrap() });
    scene.world.processor.confirmed("pi_cart", usd(5));
    let mut event = scene.about_payment("evt_1", "pi_cart");
    event["data"]["object"]["metadata"] = json!({});
    assert_eq!(block_on(scene.arrives(&event)), 200);
    assert_eq!(block_on(scene.arrives(&about_refund("evt_2"))), 404);
    assert_eq!(block_on(scene.arrives(&about_dispute("evt_3", "lost"))), 404);
    assert_eq!(scene.now().version, 1);
}
