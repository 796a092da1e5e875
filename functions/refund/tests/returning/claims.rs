//! Money is given back once, whatever fails, however often the message comes.

use waybill_domain::order::{AccountKind, Order, PartStatus, PaymentAxis, RefundLine, RefundWish, Tender};
use waybill_domain::ports::{Commit, Orders, ReturnStatus};
use waybill_domain::relay::RefundMessage;
use waybill_lambda::{Fault, advance};
use waybill_payments::Desk;
use waybill_testkit::{
    Step, Trouble, World, account, at, block_on, bring_to, card, first_of, placed, tenant, usd, with_tenders,
};

/// An order that left and is paid, of which a mug and a shirt are to be paid back.
struct Scene {
    world: World,
    order: Order,
}

fn wish() -> RefundWish {
    let line = |line, quantity| RefundLine { line, quantity };
    RefundWish {
        lines: vec![line(1, 1), line(2, 1)],
        shipping: None,
        goodwill: None,
        overcharge: false,
        reason: "came back".to_owned().try_into().unwrap(),
    }
}

fn scene(tenders: Vec<(Tender, i64)>) -> Scene {
    let world = World::seeded();
    let credit = account(AccountKind::StoreCredit, "ada");
    world.memory.credit(&tenant(), &credit, usd(1_000));
    let (order, recorded) = first_of(&tenant(), "k", with_tenders(placed(), tenders));
    block_on(world.orders.commit(Commit { before: None, after: &order, recorded: &recorded })).unwrap();
    let desk = Desk { orders: &world.orders, processor: &world.processor, actor: "test".to_owned(), now: at(1) };
    let order = block_on(desk.authorize(order)).unwrap();
    let order = block_on(bring_to(&world.orders, order, Step::Dispatched)).unwrap();
    let order = block_on(desk.capture(order, 1)).unwrap();
    let ask = |order: &Order| order.decide_refund(&wish(), None);
    let order = block_on(advance(&world.orders, order, "user:ada", at(2), ask)).unwrap();
    world.faults.clear();
    Scene { world, order }
}

fn two() -> Vec<(Tender, i64)> {
    vec![(card(), 3_000), (card(), 3_499)]
}

impl Scene {
    fn run(&self, attempt: u16, seconds: i64) -> Result<Option<String>, Fault> {
        let (tenant, order_id) = (self.order.tenant.clone(), self.order.id.clone());
        let body = serde_json::to_string(&RefundMessage { tenant, order_id, refund: 1, attempt }).unwrap();
        block_on(refund::handle(&self.world.orders, &self.world.processor, &body, at(seconds)))
    }

    /// Runs as the queue does: again after a fault.
    fn insist(&self) {
        let came = (10..14).any(|seconds| match self.run(0, seconds) {
            Ok(_) => true,
            Err(Fault::Transient(_) | Fault::Conflict(_)) => false,
            Err(fault @ (Fault::Malformed(_) | Fault::Defect(_))) => panic!("{}", fault.chain()),
        });
        assert!(came, "still failing");
    }

    fn now(&self) -> Order {
        self.world.memory.order(&self.order.tenant, &self.order.id).unwrap()
    }

    fn agree(&self) {
        let order = self.now();
        assert_eq!(self.world.processor.refunded(&order.id), 4_200);
        assert_eq!((order.payment.refunded(), order.axes().payment), (usd(4_200), PaymentAxis::PartiallyRefunded));
        assert!(!order.payment.has_refunds_under_way());
        assert_eq!(order.proof().unwrap().differences(), Vec::<String>::new());
    }
}

#[test]
fn whatever_call_fails_or_loses_its_answer_the_money_goes_back_once() {
    let quiet = scene(two());
    quiet.insist();
    let calls = quiet.world.faults.calls().len();
    for trouble in [Trouble::AnswerLost, Trouble::Unavailable, Trouble::Conflict] {
        for nth in 1..=calls {
            let scene = scene(two());
            scene.world.faults.fail_call(nth, trouble.clone());
            scene.insist();
            scene.insist();
            scene.agree();
        }
    }
}

#[test]
fn a_failure_the_processor_repeats_for_a_key_is_one_refund_whether_it_was_done_or_not() {
    for done in [true, false] {
        let scene = scene(two());
        scene.world.processor.spoil_next("payment.refund", done);
        scene.insist();
        scene.agree();
    }
}

#[test]
fn the_answer_lost_for_more_than_a_day_is_asked_for_and_not_repeated() {
    let scene = scene(two());
    scene.world.faults.fail_next("payment.refund", Trouble::AnswerLost);
    assert!(scene.run(0, 10).is_err());
    // By now the processor has forgotten the key.
    scene.world.processor.set_clock(at(2 * 86_400));
    scene.run(0, 2 * 86_400).unwrap();
    scene.agree();
}

#[test]
fn one_click_twice_is_one_refund_also_at_the_same_time() {
    let scene = scene(two());
    let message = |refund| RefundMessage { tenant: tenant(), order_id: scene.order.id.clone(), refund, attempt: 0 };
    let body = serde_json::to_string(&message(1)).unwrap();
    block_on(async {
        let run = || refund::handle(&scene.world.orders, &scene.world.processor, &body, at(10));
        let _ = futures::join!(run(), run(), run());
    });
    scene.insist();
    scene.agree();
}

#[test]
fn what_was_drawn_from_an_account_goes_back_to_it() {
    let credit = account(AccountKind::StoreCredit, "ada");
    let scene = scene(vec![(card(), 5_499), (Tender::Account(credit.clone()), 1_000)]);
    assert_eq!(scene.world.memory.balance(&tenant(), &credit), [usd(0)]);
    scene.insist();
    scene.insist();
    assert_eq!(scene.world.memory.balance(&tenant(), &credit), [usd(1_000)]);
    assert_eq!(scene.world.processor.refunded(&scene.order.id), 3_200);
}

#[test]
fn a_refund_that_fails_is_still_owed_told_to_staff_and_given_back_by_the_next_attempt() {
    let scene = scene(vec![(card(), 6_499)]);
    let failed = || ReturnStatus::Failed { code: "expired_or_canceled_card".to_owned() };
    scene.world.processor.next_refunds([failed()]);
    scene.insist();
    let order = scene.now();
    assert_eq!((order.payment.refunded(), order.cases.len()), (usd(0), 1));
    assert!(order.payment.refunds[0].parts.iter().all(|(_, status)| *status == PartStatus::Failed));
    assert!(order.proof().unwrap().holds());
    let retry = |order: &Order| order.decide_refund_retried(1);
    block_on(advance(&scene.world.orders, order, "user:ada", at(20), retry)).unwrap();
    // The first attempt's message once more: nothing.
    scene.run(0, 21).unwrap();
    assert_eq!(scene.world.processor.refunded(&scene.order.id), 0);
    scene.run(1, 22).unwrap();
    scene.run(1, 23).unwrap();
    scene.agree();
}

#[test]
fn a_refund_the_processor_refuses_is_on_the_timeline_and_told_to_staff() {
    let scene = scene(vec![(card(), 6_499)]);
    let _dispute = scene.world.processor.open_dispute("pi_0001", usd(6_499));
    scene.insist();
    let order = scene.now();
    let names: Vec<&str> = order.history().iter().map(|entry| entry.event.name()).collect();
    assert!(names.ends_with(&["partner_refused", "refund_failed", "exception_opened"]), "{names:?}");
    assert!(order.proof().unwrap().holds());
}

#[test]
fn a_message_that_makes_no_sense_is_malformed_and_one_about_no_refund_a_defect() {
    let scene = scene(vec![(card(), 6_499)]);
    let send = |body: &str| block_on(refund::handle(&scene.world.orders, &scene.world.processor, body, at(1)));
    assert!(matches!(send("{}"), Err(Fault::Malformed(_))));
    let about = |tenant: &str, refund: u16| {
        format!(r#"{{"tenant":"{tenant}","order_id":"{}","refund":{refund},"attempt":0}}"#, scene.order.id)
    };
    assert!(matches!(send(&about("acme", 2)), Err(Fault::Defect(_))));
    assert!(matches!(send(&about("other", 1)), Err(Fault::Defect(_))));
    assert_eq!(scene.world.processor.refunded(&scene.order.id), 0);
}
