//! A shipment's money is taken once, of each tender its share, whatever fails.

use waybill_domain::order::{Label, Order, Packing, PaymentAxis, PickedLine, Tender};
use waybill_domain::ports::{Commit, Orders};
use waybill_domain::routing::Share;
use waybill_domain::screening::Verdict;
use waybill_lambda::input::PartInput;
use waybill_lambda::{Fault, Halt, advance};
use waybill_payments::Desk;
use waybill_testkit::{Trouble, World, at, block_on, card, first_of, id, placed, tenant, usd, with_tenders};

/// Two mugs from Reno, a shirt from Columbus, both handed over; paid with two cards.
struct Scene {
    world: World,
    order: Order,
}

fn two_cards() -> Vec<(Tender, i64)> {
    vec![(card(), 3_000), (card(), 3_499)]
}

fn scene(tenders: Vec<(Tender, i64)>) -> Scene {
    let world = World::seeded();
    let (order, recorded) = first_of(&tenant(), "k", with_tenders(placed(), tenders));
    block_on(world.orders.commit(Commit { before: None, after: &order, recorded: &recorded })).unwrap();
    let desk = Desk { orders: &world.orders, processor: &world.processor, actor: "test".to_owned(), now: at(1) };
    block_on(desk.authorize(order.clone())).unwrap();
    let scene = Scene { world, order };
    let share = |site: &str, line, quantity| Share { site: id(site), line, quantity, stows: Vec::new() };
    scene.step(&|order| order.decide_screened(Verdict::Pass, Vec::new()));
    scene.step(&|order| order.decide_routed(&[share("reno", 0, 2), share("columbus", 1, 1)]));
    for part in [1, 2] {
        scene.step(&|order| {
            let lines = order.fulfillment(part).into_iter().flat_map(|part| &part.lines);
            let lines = lines.map(|line| PickedLine { line: line.line, picked: line.quantity }).collect();
            order.decide_picked(part, lines)
        });
        scene.step(&|order| order.decide_packed(part, packing()));
        scene.step(&|order| order.decide_labeled(part, label(part)));
        scene.step(&|order| order.decide_handed_over(part, "M-1".to_owned()));
    }
    scene.world.faults.clear();
    scene
}

fn packing() -> Packing {
    Packing { carton: id("BOX-S"), weight_grams: 920, length_mm: 230, width_mm: 160, height_mm: 100 }
}

fn label(part: u16) -> Label {
    Label {
        shipment: format!("shp_{part}"),
        carrier: "USPS".to_owned(),
        service: "GroundAdvantage".to_owned(),
        tracking_code: format!("94{part}"),
        label_url: "https://labels.invalid/1.png".to_owned(),
        cost: usd(735),
    }
}

impl Scene {
    fn step(&self, decide: &dyn Fn(&Order) -> waybill_domain::order::Decided) {
        block_on(advance(&self.world.orders, self.now(), "test", at(2), decide)).unwrap();
    }

    async fn run(&self, fulfillment: u16, seconds: i64) -> Result<(), Halt> {
        let (tenant, order_id) = (self.order.tenant.clone(), self.order.id.clone());
        let input = PartInput { tenant, order_id, fulfillment };
        Box::pin(dispatch::handle(&self.world.orders, &self.world.processor, input, at(seconds))).await.map(|_| ())
    }

    /// Runs as the workflow does: again after a fault.
    async fn insist(&self, fulfillment: u16) {
        for seconds in 10..20 {
            match self.run(fulfillment, seconds).await {
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
}

/// All of it was taken, once; our books and the processor's say the same.
fn all_taken(scene: &Scene) {
    let order = scene.now();
    let processor = &scene.world.processor;
    assert_eq!((processor.captured(&order.id), processor.open(&order.id)), (order.placed.total.minor(), 0));
    for tender in &order.payment.tenders {
        assert_eq!(tender.captured, tender.amount);
        let theirs: i64 = processor
            .holds_of(&order.id)
            .iter()
            .filter(|hold| hold.held.owner.as_ref().is_some_and(|owner| owner.tender == tender.number))
            .map(|hold| hold.held.captured.minor())
            .sum();
        assert_eq!(tender.captured.minor(), theirs);
    }
    assert_eq!(order.axes().payment, PaymentAxis::Paid);
    assert!(!order.payment.holds_money());
    assert_eq!(order.proof().unwrap().differences(), Vec::<String>::new());
    assert_eq!(scene.world.memory.unbalanced(), []);
}

#[test]
fn two_shipments_dispatched_at_once_never_take_the_same_cent() {
    let scene = scene(two_cards());
    block_on(async { futures::join!(scene.insist(1), scene.insist(2)) });
    all_taken(&scene);
    let scene = self::scene(two_cards());
    block_on(async { futures::join!(scene.insist(2), scene.insist(1), scene.insist(2), scene.insist(1)) });
    all_taken(&scene);
}

#[test]
fn whatever_call_fails_or_loses_its_answer_each_shipment_is_paid_once() {
    let quiet = scene(two_cards());
    block_on(async {
        quiet.insist(2).await;
        quiet.insist(1).await;
    });
    let calls = quiet.world.faults.calls().len();
    for trouble in [Trouble::AnswerLost, Trouble::Unavailable, Trouble::Conflict] {
        for nth in 1..=calls {
            let scene = scene(two_cards());
            scene.world.faults.fail_call(nth, trouble.clone());
            block_on(async {
                scene.insist(2).await;
                scene.insist(1).await;
            });
            all_taken(&scene);
        }
    }
}

#[test]
fn a_failure_the_processor_repeats_for_a_key_is_one_capture_whether_it_was_done_or_not() {
    for done in [true, false] {
        let scene = scene(vec![(card(), 6_499)]);
        scene.world.processor.spoil_next("payment.capture", done);
        block_on(async {
            scene.insist(1).await;
            scene.insist(2).await;
        });
        all_taken(&scene);
    }
}

#[test]
fn a_card_that_is_captured_once_only_is_held_anew_for_the_rest() {
    let tender = Tender::Card {
        method: "pm_card_singleCapture".to_owned().try_into().unwrap(),
        customer: Some("cus_1".to_owned().try_into().unwrap()),
        return_url: None,
    };
    let scene = scene(vec![(tender, 6_499)]);
    block_on(async {
        scene.insist(1).await;
        scene.insist(2).await;
    });
    all_taken(&scene);
    assert_eq!(scene.world.processor.holds().len(), 2);
}

#[test]
fn a_hold_that_lapsed_is_made_anew_before_it_is_taken() {
    let scene = scene(two_cards());
    let week = 8 * 86_400;
    scene.world.processor.set_clock(at(week));
    block_on(async {
        scene.run(1, week).await.unwrap();
        scene.run(2, week).await.unwrap();
    });
    all_taken(&scene);
    assert_eq!(scene.world.processor.holds().len(), 4);
}

#[test]
fn a_hold_the_bank_let_go_of_early_is_made_anew_too() {
    let scene = scene(vec![(card(), 6_499)]);
    scene.world.processor.lapse("pi_0001").unwrap();
    block_on(async {
        scene.insist(1).await;
        scene.insist(2).await;
    });
    all_taken(&scene);
}

#[test]
fn what_staff_took_at_the_processor_is_not_taken_again_and_somebody_is_told() {
    let scene = scene(vec![(card(), 6_499)]);
    scene.world.processor.capture_outside("pi_0001", usd(6_499)).unwrap();
    block_on(async {
        scene.insist(1).await;
        scene.insist(2).await;
    });
    let order = scene.now();
    assert_eq!((order.payment.captured(), scene.world.processor.captured(&order.id)), (usd(6_499), 6_499));
    assert!(order.cases.iter().any(|case| case.case.reason.contains("somebody else")));
    assert!(order.proof().unwrap().holds());
}

#[test]
fn money_that_cannot_be_taken_after_the_goods_left_is_for_staff_and_cancels_nothing() {
    let scene = scene(vec![(card(), 6_499)]);
    scene.world.faults.fail_next("payment.capture", Trouble::Refused("amount_too_small".to_owned()));
    scene.world.faults.fail_nth("payment.capture", 2, Trouble::Refused("amount_too_small".to_owned()));
    let halt = block_on(scene.run(1, 10)).unwrap_err();
    assert_eq!(halt.name(), "Defect", "{}", halt.chain());
    let order = scene.now();
    assert!(!order.is_cancelled() && order.history().iter().any(|entry| entry.event.name() == "partner_refused"));
    assert_eq!(scene.world.processor.captured(&order.id), 0);
}
