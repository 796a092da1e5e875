//! Money is held once per tender, whatever fails, and a decline leads where its code says.

use waybill_domain::order::{AccountKind, CancelReason, Order, PartStatus, PaymentAxis, Pending, Tender};
use waybill_domain::ports::{Commit, Orders};
use waybill_lambda::input::OrderInput;
use waybill_lambda::{Fault, Halt, advance};
use waybill_payments::Desk;
use waybill_testkit::{Trouble, World, account, at, block_on, card, first_of, placed, tenant, usd, with_tenders};

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

fn by(method: &str, return_url: Option<&str>) -> Tender {
    let return_url = return_url.map(|url| url.to_owned().try_into().unwrap());
    Tender::Card { method: method.to_owned().try_into().unwrap(), customer: None, return_url }
}

fn confirmed(reference: &str) -> Tender {
    Tender::Confirmed { reference: reference.to_owned().try_into().unwrap() }
}

impl Scene {
    fn run(&self, seconds: i64) -> Result<(), Halt> {
        let input = OrderInput { tenant: self.order.tenant.clone(), order_id: self.order.id.clone() };
        block_on(authorize::handle(&self.world.orders, &self.world.processor, input, at(seconds))).map(|_| ())
    }

    /// Runs as the workflow does: again after a fault.
    fn insist(&self) {
        for seconds in 0..4 {
            match self.run(seconds) {
                Ok(()) => return,
                Err(Halt::Fault(Fault::Transient(_) | Fault::Conflict(_))) => {}
                Err(halt) => panic!("{}", halt.chain()),
            }
        }
        panic!("still failing");
    }

    fn now(&self) -> Order {
        self.world.memory.order(&self.order.tenant, &self.order.id).unwrap()
    }

    fn pending(&self) -> Option<Pending> {
        self.now().payment.tenders[0].pending.clone()
    }
}

/// Every hold at the processor is in the order's books, and the other way round.
fn agree(scene: &Scene) {
    let order = scene.now();
    let ours: Vec<String> =
        order.payment.tenders.iter().flat_map(|tender| &tender.holds).map(|hold| hold.reference.clone()).collect();
    let theirs: Vec<String> =
        scene.world.processor.holds_of(&order.id).into_iter().map(|hold| hold.held.reference).collect();
    assert_eq!(ours, theirs);
    assert_eq!(scene.world.processor.open(&order.id), order.placed.total.minor());
    assert!(order.payment.is_authorized() && order.proof().unwrap().holds());
}

#[test]
fn whatever_call_fails_or_loses_its_answer_each_tender_is_held_once() {
    let two = || vec![(card(), 2_000), (by("pm_card_mastercard", None), 4_499)];
    let quiet = scene(two());
    quiet.insist();
    let calls = quiet.world.faults.calls().len();
    for trouble in [Trouble::AnswerLost, Trouble::Unavailable, Trouble::Conflict] {
        for nth in 1..=calls {
            let scene = scene(two());
            scene.world.faults.clear();
            scene.world.faults.fail_call(nth, trouble.clone());
            scene.insist();
            agree(&scene);
        }
    }
}

#[test]
fn a_failure_the_processor_repeats_for_a_key_ends_in_one_hold_whether_it_was_done_or_not() {
    for done in [true, false] {
        let scene = scene(vec![(card(), 6_499)]);
        scene.world.processor.spoil_next("payment.authorize", done);
        scene.insist();
        agree(&scene);
    }
}

#[test]
fn a_decline_is_tried_again_asks_the_customer_or_ends_the_order_by_its_code() {
    #[rustfmt::skip]
    let table = [
        ("insufficient_funds", "retry"), ("processing_error", "retry"), ("expired_card", "method"),
        ("generic_decline", "method"), ("authentication_required", "method"), ("lost_card", "end"), ("fraudulent", "end"),
    ];
    for (code, next) in table {
        let scene = scene(vec![(by(&format!("pm_card_declines_9_{code}"), None), 6_499)]);
        let halt = scene.run(1).unwrap_err();
        let came = match (&halt, scene.pending()) {
            (Halt::PaymentPending, Some(Pending::Retry { .. })) => "retry",
            (Halt::PaymentPending, Some(Pending::Method { .. })) => "method",
            (Halt::Refused(_), None) => "end",
            (_, _) => halt.name(),
        };
        assert_eq!(came, next, "{code}");
        // Asked again, nothing is tried before its time.
        let before = scene.now().version;
        assert_eq!(scene.run(2).unwrap_err().name(), halt.name());
        assert_eq!((scene.now().version, scene.now().axes().payment), (before, PaymentAxis::Failed));
    }
}

#[test]
fn a_declined_payment_is_held_at_its_next_time_under_another_key() {
    let scene = scene(vec![(by("pm_card_declines_1_insufficient_funds", None), 6_499)]);
    assert_eq!(scene.run(1).unwrap_err().name(), "PaymentPending");
    let due = |order: &Order| order.decide_timer(at(3_601));
    block_on(advance(&scene.world.orders, scene.now(), "sweep", at(3_601), due)).unwrap();
    scene.run(3_602).unwrap();
    agree(&scene);
}

#[test]
fn a_shopper_who_has_to_act_is_waited_for_and_then_the_order_goes_on() {
    let scene = scene(vec![(by("pm_card_authenticationRequired", Some("https://shop.invalid/back")), 6_499)]);
    assert_eq!(scene.run(1).unwrap_err().name(), "PaymentPending");
    let Some(Pending::Action { reference, url: Some(_), .. }) = scene.pending() else {
        panic!("{:?}", scene.pending())
    };
    scene.world.processor.authenticate(&reference, true).unwrap();
    let (orders, processor) = (&scene.world.orders, &scene.world.processor);
    let desk = Desk { orders, processor, actor: "processor".to_owned(), now: at(2) };
    block_on(desk.hear_payment(scene.now(), &reference)).unwrap();
    scene.run(3).unwrap();
    agree(&scene);
}

#[test]
fn a_payment_the_storefront_confirmed_is_taken_up_if_it_is_held_for_this_amount() {
    let fine = scene(vec![(confirmed("pi_shop"), 6_499)]);
    fine.world.processor.confirmed("pi_shop", usd(6_499));
    fine.insist();
    assert_eq!(fine.now().axes().payment, PaymentAxis::Authorized);
    for (held, code) in [(Some(6_498), "amount_mismatch"), (None, "resource_missing")] {
        let scene = scene(vec![(confirmed("pi_shop"), 6_499)]);
        if let Some(minor) = held {
            scene.world.processor.confirmed("pi_shop", usd(minor));
        }
        assert_eq!(scene.run(1).unwrap_err().name(), "PaymentPending", "{code}");
        assert_eq!(scene.now().payment.tenders[0].declined.as_deref(), Some(code));
    }
}

#[test]
fn one_payment_pays_one_order() {
    let scene = scene(vec![(confirmed("pi_shop"), 6_499)]);
    scene.world.processor.confirmed("pi_shop", usd(6_499));
    scene.insist();
    let body = with_tenders(placed(), vec![(confirmed("pi_shop"), 6_499)]);
    let (other, recorded) = first_of(&tenant(), "another", body);
    block_on(scene.world.orders.commit(Commit { before: None, after: &other, recorded: &recorded })).unwrap();
    let second = Scene { world: scene.world.clone(), order: other };
    assert_eq!(second.run(2).unwrap_err().name(), "Refused");
    let end = second.now();
    assert_eq!(end.payment.tenders[0].declined.as_deref(), Some("payment_in_use"));
    assert_eq!(end.cancelled.map(|ended| ended.reason), Some(CancelReason::PaymentDeclined));
    assert!(
        end.payment.refunds.iter().all(|refund| refund.parts.iter().all(|(_, status)| *status != PartStatus::Failed))
    );
}

#[test]
fn an_account_pays_what_is_available_on_it_and_no_more() {
    let credit = account(AccountKind::StoreCredit, "ada");
    for (available, outcome) in [(2_000, None), (1_999, Some("insufficient_balance"))] {
        let scene = scene(vec![(Tender::Account(credit.clone()), 2_000), (card(), 4_499)]);
        scene.world.memory.credit(&tenant(), &credit, usd(available));
        assert_eq!(scene.run(1).is_ok(), outcome.is_none());
        assert_eq!(scene.now().payment.tenders[0].declined.as_deref(), outcome);
        let left = scene.world.memory.balance(&tenant(), &credit);
        assert_eq!(left, [usd(if outcome.is_none() { 0 } else { available })]);
    }
}

#[test]
fn an_odd_payment_waits_for_a_person_and_a_cancelled_order_asks_for_no_money() {
    let odd = scene(vec![(by("pm_card_riskLevelElevated", None), 6_499)]);
    assert_eq!(odd.run(1).unwrap_err().name(), "ReviewRequired");
    let over = scene(vec![(card(), 6_499)]);
    let cancel = |order: &Order| order.decide_cancelled(CancelReason::Customer, String::new());
    block_on(advance(&over.world.orders, over.now(), "client:shop", at(1), cancel)).unwrap();
    assert_eq!(over.run(2).unwrap_err().name(), "Refused");
    assert_eq!(over.world.processor.holds(), []);
}
