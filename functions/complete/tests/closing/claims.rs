//! An order is closed when everything is settled, and what is not needed goes back first.

use waybill_domain::order::{Order, PaymentAxis, PickedLine, Tender};
use waybill_domain::ports::{Commit, Orders};
use waybill_lambda::advance;
use waybill_lambda::input::OrderWait;
use waybill_payments::Desk;
use waybill_testkit::{Step, World, at, block_on, bring_to, card, first_of, placed, tenant, usd, with_tenders};

struct Scene {
    world: World,
    order: Order,
}

fn scene(tender: Tender) -> Scene {
    let world = World::seeded();
    world.processor.confirmed("pi_shop", usd(6_499));
    world.processor.capture_outside("pi_shop", usd(6_499)).unwrap();
    let (order, recorded) = first_of(&tenant(), "k", with_tenders(placed(), vec![(tender, 6_499)]));
    block_on(world.orders.commit(Commit { before: None, after: &order, recorded: &recorded })).unwrap();
    let desk = Desk { orders: &world.orders, processor: &world.processor, actor: "test".to_owned(), now: at(1) };
    let order = block_on(desk.authorize(order)).unwrap();
    Scene { world, order }
}

impl Scene {
    fn now(&self) -> Order {
        self.world.memory.order(&self.order.tenant, &self.order.id).unwrap()
    }

    fn bring_to(&self, step: Step) {
        block_on(bring_to(&self.world.orders, self.now(), step)).unwrap();
    }

    /// Of two mugs and a shirt so many mugs are found, and the shirt or not.
    fn find(&self, mugs: u32, shirts: u32) {
        self.bring_to(Step::Routed);
        let found = [(1, mugs), (2, shirts)].map(|(line, picked)| PickedLine { line, picked }).to_vec();
        let pick = |order: &Order| order.decide_picked(1, found.clone());
        block_on(advance(&self.world.orders, self.now(), "test", at(2), pick)).unwrap();
    }

    fn run(&self) {
        let (tenant, order_id) = (self.order.tenant.clone(), self.order.id.clone());
        let input = OrderWait { tenant, order_id, task_token: "token".to_owned() };
        block_on(complete::handle(&self.world.orders, &self.world.processor, input, at(100))).unwrap();
    }
}

#[test]
fn what_is_delivered_and_paid_is_closed_and_the_token_kept_either_way() {
    let scene = scene(card());
    scene.bring_to(Step::Dispatched);
    scene.run();
    assert!(scene.now().invoice.is_none());
    let (orders, processor) = (&scene.world.orders, &scene.world.processor);
    let desk = Desk { orders, processor, actor: "test".to_owned(), now: at(3) };
    block_on(desk.capture(scene.now(), 1)).unwrap();
    scene.bring_to(Step::Delivered);
    scene.run();
    assert!(scene.now().invoice.is_some());
    assert_eq!(scene.world.memory.tokens(&scene.order.tenant, &scene.order.id).len(), 1);
}

#[test]
fn an_order_of_which_nothing_was_found_lets_go_of_its_money_and_ends() {
    let scene = scene(card());
    scene.find(0, 0);
    scene.run();
    let order = scene.now();
    assert!(order.is_cancelled() && !order.payment.holds_money());
    assert_eq!((scene.world.processor.open(&order.id), order.axes().payment), (0, PaymentAxis::Voided));
    assert!(order.proof().unwrap().holds());
}

#[test]
fn what_was_paid_ahead_for_what_was_not_found_is_given_back_once() {
    let scene = scene(Tender::Confirmed { reference: "pi_shop".to_owned().try_into().unwrap() });
    scene.find(1, 1);
    scene.run();
    scene.run();
    let order = scene.now();
    assert_eq!(order.payment.refunds.len(), 1);
    let owed = order.owed().unwrap();
    assert_eq!(order.payment.refunds[0].refund.total, usd(6_499).minus(owed).unwrap());
    assert!(order.proof().unwrap().holds());
}
