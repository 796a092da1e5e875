//! A cancelled order holds no money, whatever was lost on the way.

use waybill_domain::order::{CancelReason, Order, Pending, Tender};
use waybill_domain::ports::{Commit, Orders};
use waybill_lambda::input::OrderInput;
use waybill_lambda::{Fault, Halt, advance};
use waybill_payments::Desk;
use waybill_testkit::{Trouble, World, at, block_on, card, first_of, placed, tenant, usd, with_tenders};

struct Scene {
    world: World,
    order: Order,
}

fn scene(tenders: Vec<(Tender, i64)>) -> Scene {
    let world = World::seeded();
    let (order, recorded) = first_of(&tenant(), "k", with_tenders(placed(), tenders));
    block_on(world.orders.commit(Commit { before: None, after: &order, recorded: &recorded })).unwrap();
    Scene { world, order }
}

impl Scene {
    fn authorize(&self) -> Result<Order, Halt> {
        let (orders, processor) = (&self.world.orders, &self.world.processor);
        block_on(Desk { orders, processor, actor: "test".to_owned(), now: at(1) }.authorize(self.now()))
    }

    fn cancel(&self) {
        let cancel = |order: &Order| order.decide_cancelled(CancelReason::Customer, String::new());
        block_on(advance(&self.world.orders, self.now(), "client:shop", at(2), cancel)).unwrap();
        self.world.faults.clear();
    }

    fn run(&self, seconds: i64) -> Result<(), Halt> {
        let input = OrderInput { tenant: self.order.tenant.clone(), order_id: self.order.id.clone() };
        block_on(void_payment::handle(&self.world.orders, &self.world.processor, input, at(seconds))).map(|_| ())
    }

    fn now(&self) -> Order {
        self.world.memory.order(&self.order.tenant, &self.order.id).unwrap()
    }

    fn nothing_held(&self) {
        let order = self.now();
        assert_eq!((self.world.processor.open(&order.id), order.payment.holds_money()), (0, false));
        assert!(order.proof().unwrap().holds());
    }
}

#[test]
fn every_hold_is_let_go_of_once_whatever_call_fails() {
    let held = || {
        let scene = scene(vec![(card(), 3_000), (card(), 3_499)]);
        scene.authorize().unwrap();
        scene.cancel();
        scene
    };
    let quiet = held();
    quiet.run(100).unwrap();
    quiet.nothing_held();
    let calls = quiet.world.faults.calls().len();
    for trouble in [Trouble::AnswerLost, Trouble::Unavailable, Trouble::Conflict] {
        for nth in 1..=calls {
            let scene = held();
            scene.world.faults.fail_call(nth, trouble.clone());
            let _ = scene.run(100);
            scene.run(101).unwrap();
            scene.nothing_held();
        }
    }
}

#[test]
fn money_whose_holding_was_never_heard_of_is_found_and_let_go_of() {
    let scene = scene(vec![(card(), 6_499)]);
    scene.world.faults.fail_next("payment.authorize", Trouble::AnswerLost);
    assert!(scene.authorize().is_err());
    assert_eq!(scene.world.processor.open(&scene.order.id), 6_499);
    scene.cancel();
    scene.run(100).unwrap();
    scene.nothing_held();
}

#[test]
fn while_the_processors_search_may_not_know_yet_the_stage_comes_again() {
    let scene = scene(vec![(card(), 6_499)]);
    scene.world.faults.fail_next("payment.authorize", Trouble::Unavailable);
    assert!(scene.authorize().is_err());
    scene.cancel();
    assert!(matches!(scene.run(60), Err(Halt::Fault(Fault::Transient(_)))));
    scene.run(100).unwrap();
    scene.nothing_held();
}

#[test]
fn a_shopper_who_is_still_proving_who_they_are_pays_nothing_however_fast_they_are() {
    for faster in [false, true] {
        let tender = Tender::Card {
            method: "pm_card_authenticationRequired".to_owned().try_into().unwrap(),
            customer: None,
            return_url: Some("https://shop.invalid".to_owned().try_into().unwrap()),
        };
        let scene = scene(vec![(tender, 6_499)]);
        let order = scene.authorize().unwrap();
        let Some(Pending::Action { reference, .. }) = &order.payment.tenders[0].pending else { panic!("no action") };
        scene.cancel();
        if faster {
            scene.world.processor.authenticate(reference, true).unwrap();
        }
        scene.run(100).unwrap();
        scene.world.processor.authenticate(reference, true).unwrap();
        scene.nothing_held();
    }
}

#[test]
fn what_was_taken_ahead_is_asked_to_be_given_back_or_told_to_staff_once() {
    let channel = Tender::Channel { reference: "450789469".to_owned().try_into().unwrap(), collected: true };
    let prepaid = Tender::Confirmed { reference: "pi_shop".to_owned().try_into().unwrap() };
    for (tender, refunds, cases) in [(channel, 0, 1), (prepaid, 1, 0)] {
        let scene = scene(vec![(tender, 6_499)]);
        scene.world.processor.confirmed("pi_shop", usd(6_499));
        scene.world.processor.capture_outside("pi_shop", usd(6_499)).unwrap();
        scene.authorize().unwrap();
        scene.cancel();
        scene.run(100).unwrap();
        scene.run(101).unwrap();
        let order = scene.now();
        assert_eq!((order.payment.refunds.len(), order.cases.len()), (refunds, cases));
        scene.nothing_held();
    }
}

#[test]
fn an_order_that_goes_on_keeps_its_money() {
    let scene = scene(vec![(card(), 6_499)]);
    scene.authorize().unwrap();
    scene.run(100).unwrap();
    assert_eq!(scene.world.processor.open(&scene.order.id), 6_499);
}

#[test]
fn a_failure_the_processor_repeats_for_a_key_does_not_keep_the_money() {
    for done in [true, false] {
        let scene = scene(vec![(card(), 6_499)]);
        scene.authorize().unwrap();
        scene.cancel();
        scene.world.processor.spoil_next("payment.void", done);
        let came = (100..104).any(|seconds| scene.run(seconds).is_ok());
        assert!(came, "done: {done}");
        scene.nothing_held();
    }
}
