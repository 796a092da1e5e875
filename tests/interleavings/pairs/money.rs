//! Money, from several sides at once.

use crate::calls::{cancel, command, give_back, processor, refund, stage, sweep, tell};
use crate::ground::{Ground, cart, mugs, two_sites};
use crate::pair::{Make, Pair, Third};
use waybill_domain::catalog::Role;
use waybill_domain::order::{Order, Tender};
use waybill_domain::relay::Notice;
use waybill_gateways::payment_webhook::About;
use waybill_lambda::Stage;
use waybill_testkit::{at, usd};

/// What the workflow does for an order that was called off; nothing for another.
const UNDONE: &[Make] = &[|g| stage(g, Stage::VoidPayment, 0), |g| stage(g, Stage::ReleaseStock, 0)];

/// The worker gives back what was granted.
const GIVEN: &[Make] = &[|g| give_back(g, 1), |g| give_back(g, 2)];

/// An order called off while a stage has its money held.
const LET_GO: &[Third] = &[Third {
    why: "what was held for an order that had been called off meanwhile is let go again",
    is: |_, world| {
        let orders = world.memory.all_orders();
        let holds = world.processor.holds();
        orders.iter().all(Order::is_finished)
            && !holds.is_empty()
            && holds.iter().all(|hold| hold.held.voided && hold.held.captured.is_zero())
    },
}];

fn about_payment(ground: &Ground) -> About {
    About::Payment { reference: ground.payment(), owner: None }
}

#[test]
fn money_is_held_once() {
    let given = Ground::with(&mugs()).screened();
    Pair::new(given, |g| stage(g, Stage::Authorize, 0), |g| stage(g, Stage::Authorize, 0)).holds();
}

#[test]
fn an_order_called_off_while_its_money_is_being_held_holds_none() {
    Pair::new(Ground::with(&mugs()).screened(), cancel, |g| stage(g, Stage::Authorize, 0))
        .then(UNDONE)
        .or(LET_GO)
        .holds();
}

#[test]
fn an_order_called_off_while_it_is_approved_goes_back() {
    let risky = cart(&[("MUG-BLUE", 2, 1_800)], "pm_card_riskLevelElevated");
    let given = Ground::with(&risky).screened();
    Ground::does(stage(&given, Stage::Authorize, 0));
    let approve: Make = |g| command(g, Role::Support, ("review", "r"), |o| o.decide_reviewed(true, "fine".to_owned()));
    Pair::new(given, cancel, approve).then(UNDONE).holds();
}

#[test]
fn a_shipment_is_captured_once() {
    let given = Ground::with(&mugs()).handed_over();
    Pair::new(given, |g| stage(g, Stage::Dispatch, 1), |g| stage(g, Stage::Dispatch, 1)).holds();
}

#[test]
fn two_shipments_captured_at_once_are_captured_each() {
    let given = Ground::with(&two_sites()).handed_over();
    Pair::new(given, |g| stage(g, Stage::Dispatch, 1), |g| stage(g, Stage::Dispatch, 2)).holds();
}

#[test]
fn money_that_is_let_go_at_the_dashboard_while_it_is_captured_is_held_anew() {
    let given = Ground::with(&mugs()).handed_over();
    let void: Make = |g| {
        let about = about_payment(g);
        Box::pin(async move {
            // Taken already, it cannot be let go.
            let _refused = g.world.processor.void_outside(&g.world.processor.holds_of(&g.order)[0].held.reference);
            processor(g, "evt_void", about).await
        })
    };
    Pair::new(given, |g| stage(g, Stage::Dispatch, 1), void).holds();
}

#[test]
fn a_shipment_captured_while_the_processor_tells_of_it_is_captured_once() {
    let given = Ground::with(&mugs()).handed_over();
    let heard: Make = |g| processor(g, "evt_1", about_payment(g));
    Pair::new(given, |g| stage(g, Stage::Dispatch, 1), heard).holds();
}

#[test]
fn money_that_is_let_go_while_the_processor_tells_of_it_is_let_go_once() {
    let given = Ground::with(&mugs()).authorized();
    Ground::must(cancel(&given));
    let heard: Make = |g| processor(g, "evt_1", about_payment(g));
    Pair::new(given, |g| stage(g, Stage::VoidPayment, 0), heard).then(UNDONE).holds();
}

#[test]
fn of_two_refunds_of_everything_one_is_granted() {
    Pair::new(Ground::with(&mugs()).delivered(), |g| refund(g, "a", 2), |g| refund(g, "b", 2)).then(GIVEN).holds();
}

#[test]
fn two_refunds_of_a_unit_each_are_both_granted() {
    Pair::new(Ground::with(&mugs()).delivered(), |g| refund(g, "a", 1), |g| refund(g, "b", 1)).then(GIVEN).holds();
}

fn refunding() -> Ground {
    let given = Ground::with(&mugs()).delivered();
    Ground::must(refund(&given, "a", 1));
    given
}

#[test]
fn a_refund_that_two_workers_have_is_given_once() {
    Pair::new(refunding(), |g| give_back(g, 1), |g| give_back(g, 1)).holds();
}

#[test]
fn a_refund_that_the_processor_tells_of_while_it_is_given_is_given_once() {
    let heard: Make = |g| processor(g, "evt_1", About::Refunds { payment: g.payment(), owner: None });
    Pair::new(refunding(), |g| give_back(g, 1), heard).holds();
}

#[test]
fn a_refund_beside_one_at_the_dashboard_is_no_second_one() {
    let heard: Make = |g| {
        let about = About::Refunds { payment: g.payment(), owner: None };
        processor(g, "evt_1", about)
    };
    let given = Ground::with(&mugs()).delivered();
    given.world.processor.refund_outside(&given.payment(), usd(500)).unwrap();
    Pair::new(given, |g| refund(g, "a", 1), heard).then(GIVEN).holds();
}

#[test]
fn a_dispute_while_a_refund_is_given_is_told_to_staff_and_moves_nothing_twice() {
    let given = refunding();
    assert_eq!(given.world.processor.open_dispute(&given.payment(), usd(1_000)), "dp_0001");
    let heard: Make = |g| {
        let about = About::Dispute { reference: "dp_0001".to_owned(), payment: g.payment() };
        processor(g, "evt_1", about)
    };
    Pair::new(given, |g| give_back(g, 1), heard).holds();
}

#[test]
fn one_event_of_the_processor_delivered_twice_at_once_is_heard_once() {
    let given = Ground::with(&mugs()).handed_over();
    let payment = given.payment();
    given.world.processor.capture_outside(&payment, usd(500)).unwrap();
    let heard: Make = |g| processor(g, "evt_1", about_payment(g));
    Pair::new(given, heard, heard).holds();
}

/// A card was declined for want of funds, and its next time has come.
fn declined() -> Ground {
    let body = cart(&[("MUG-BLUE", 2, 1_800)], "pm_card_declines_1_insufficient_funds");
    let mut given = Ground::with(&body).screened();
    Ground::does(stage(&given, Stage::Authorize, 0));
    given.now = at(3_700);
    given
}

#[test]
fn a_payment_whose_time_comes_while_another_card_is_named_is_tried_with_that() {
    let name: Make = |g| {
        let with = Tender::Card {
            method: "pm_card_mastercard".to_owned().try_into().unwrap(),
            customer: None,
            return_url: None,
        };
        command(g, Role::Store, ("method", "m"), move |order| order.decide_method_named(1, with.clone()))
    };
    Pair::new(declined(), sweep, name).then(&[|g| stage(g, Stage::Authorize, 0)]).holds();
}

#[test]
fn an_order_called_off_while_its_payment_is_tried_again_holds_nothing() {
    let given = declined();
    Ground::must(sweep(&given));
    Pair::new(given, cancel, |g| stage(g, Stage::Authorize, 0)).then(UNDONE).or(LET_GO).holds();
}

#[test]
fn a_message_that_two_have_is_sent_once() {
    let tells: Make = |g| tell(g, Notice::OrderConfirmed);
    let mut given = Ground::with(&mugs());
    Ground::must(stage(&given, Stage::Screen, 0));
    given.now = at(10);
    Pair::new(given, tells, tells).holds();
}
