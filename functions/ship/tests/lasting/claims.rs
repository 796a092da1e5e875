//! A label is bought only for goods whose money can still be taken.

use waybill_domain::order::{CancelReason, Order, Tender};
use waybill_domain::ports::{Commit, Orders};
use waybill_lambda::Halt;
use waybill_lambda::input::PartInput;
use waybill_payments::Desk;
use waybill_testkit::{Step, Trouble, World, at, block_on, bring_to, first_of, placed, tenant, usd, with_tenders};

const DAY: i64 = 86_400;

/// Packed; the money was held at the beginning, for seven days.
struct Scene {
    world: World,
    order: Order,
}

fn scene(method: &str) -> Scene {
    let customer = Some("cus_1".to_owned().try_into().unwrap());
    scene_with(Tender::Card { method: method.to_owned().try_into().unwrap(), customer, return_url: None })
}

fn scene_with(tender: Tender) -> Scene {
    let world = World::seeded();
    world.processor.confirmed("pi_shop", usd(6_499));
    let (order, recorded) = first_of(&tenant(), "k", with_tenders(placed(), vec![(tender, 6_499)]));
    block_on(world.orders.commit(Commit { before: None, after: &order, recorded: &recorded })).unwrap();
    let desk = Desk { orders: &world.orders, processor: &world.processor, actor: "test".to_owned(), now: at(0) };
    block_on(desk.authorize(order.clone())).unwrap();
    let held = world.memory.order(&order.tenant, &order.id).unwrap();
    let order = block_on(bring_to(&world.orders, held, Step::Packed)).unwrap();
    Scene { world, order }
}

impl Scene {
    fn run(&self, seconds: i64) -> Result<(), Halt> {
        block_on(self.begin(seconds))
    }

    async fn begin(&self, seconds: i64) -> Result<(), Halt> {
        self.world.processor.set_clock(at(seconds));
        let (tenant, order_id) = (self.order.tenant.clone(), self.order.id.clone());
        let World { orders, processor, catalog, labels, .. } = &self.world;
        let input = PartInput { tenant, order_id, fulfillment: 1 };
        Box::pin(ship::handle(orders, processor, catalog, labels, input, at(seconds))).await.map(|_| ())
    }

    fn now(&self) -> Order {
        self.world.memory.order(&self.order.tenant, &self.order.id).unwrap()
    }

    fn labels(&self) -> usize {
        self.world.labels.live(self.order.id.as_str()).len()
    }
}

#[test]
fn money_that_lasts_a_day_more_is_left_alone() {
    let scene = scene("pm_card_visa");
    scene.run(6 * DAY - 1).unwrap();
    assert_eq!((scene.world.processor.holds_of(&scene.order.id).len(), scene.labels()), (1, 1));
}

/// Two executions of one order, each of which finds nothing bought.
#[tokio::test]
async fn of_two_labels_bought_at_once_the_one_that_is_not_recorded_goes_back() {
    let scene = scene("pm_card_visa");
    let (one, other) = tokio::join!(scene.begin(1), scene.begin(1));
    assert!(one.is_ok() && other.is_ok());
    let bought = scene.world.labels.parcels().iter().filter(|parcel| parcel.quoted.label.is_some()).count();
    assert_eq!((bought, scene.labels()), (2, 1));
    let own = scene.now().fulfillments[0].shipment.clone().unwrap().label;
    assert_eq!(scene.world.labels.live(scene.order.id.as_str()), [own]);
    assert!(scene.now().cases.is_empty());
}

#[tokio::test]
async fn a_second_label_that_is_not_taken_back_is_told_to_staff() {
    let scene = scene("pm_card_visa");
    scene.world.faults.fail_next("labels.refund", Trouble::Refused("SHIPMENT.REFUND.UNAVAILABLE".to_owned()));
    let (one, other) = tokio::join!(scene.begin(1), scene.begin(1));
    assert!(one.is_ok() && other.is_ok());
    let cases: Vec<String> = scene.now().cases.iter().map(|open| open.case.reason.clone()).collect();
    assert_eq!((scene.labels(), cases.len()), (2, 1));
    assert!(cases[0].starts_with("a second label was bought, shipment shp_"), "{}", cases[0]);
}

#[test]
fn money_that_lapses_within_a_day_is_held_anew_first_and_only_once() {
    for late in [6 * DAY, 7 * DAY - 1, 7 * DAY, 30 * DAY] {
        let scene = scene("pm_card_visa");
        scene.world.faults.fail_next("payment.authorize", Trouble::AnswerLost);
        assert!(scene.run(late).is_err());
        assert_eq!(scene.labels(), 0);
        scene.run(late).unwrap();
        scene.run(late).unwrap();
        assert_eq!(
            (scene.world.processor.open(&scene.order.id), scene.world.processor.holds_of(&scene.order.id).len()),
            (6_499, 2)
        );
        assert_eq!(scene.labels(), 1);
        assert!(scene.now().proof().unwrap().holds(), "{late}");
    }
}

#[test]
fn goods_do_not_leave_for_money_that_is_declined() {
    for (code, name, cancelled) in [("insufficient_funds", "Defect", false), ("stolen_card", "Refused", true)] {
        let scene = scene("pm_card_visa");
        scene.world.faults.fail_next("payment.authorize", Trouble::Refused(code.to_owned()));
        let halt = scene.run(6 * DAY).unwrap_err();
        assert_eq!((halt.name(), scene.labels()), (name, 0), "{code}: {}", halt.chain());
        let ended = scene.now().cancelled.map(|ended| ended.reason);
        assert_eq!(ended, cancelled.then_some(CancelReason::PaymentDeclined), "{code}");
    }
}

#[test]
fn a_storefronts_payment_leaves_while_it_lasts_and_not_after() {
    let confirmed = || scene_with(Tender::Confirmed { reference: "pi_shop".to_owned().try_into().unwrap() });
    let in_time = confirmed();
    in_time.run(7 * DAY - 1).unwrap();
    assert_eq!(in_time.labels(), 1);
    let late = confirmed();
    let halt = late.run(7 * DAY).unwrap_err();
    assert_eq!((halt.name(), late.labels()), ("Defect", 0), "{}", halt.chain());
    assert!(late.now().payment.is_pending(), "the shopper is asked for another card");
}
