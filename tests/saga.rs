//! Whole orders in process, each with one thing going wrong, at every place it can go wrong.

#![expect(clippy::unwrap_used, reason = "tests")]

use waybill_domain::order::{FulfillmentStatus as Status, Order};
use waybill_domain::ports::{Hold, Labels, Mailer, Parcel, PaymentProcessor};
use waybill_lambda::Stage;
use waybill_testkit::{Trouble, World, block_on, id, usd};
use waybill_tests::asl::Machine;
use waybill_tests::saga::{CancelAt, Demand, Disturbance, Picks, Run, Scenario, broken};

/// Calls that change nothing: that their answer is lost and that they were never made is the same.
const READS: [&str; 20] = [
    "accounts.available",
    "catalog.all",
    "catalog.client",
    "catalog.find",
    "labels.find",
    "orders.claimed",
    "orders.load",
    "orders.paid_with",
    "orders.tokens",
    "orders.tracked",
    "payment.dispute",
    "payment.find",
    "payment.look_up",
    "payment.refunds",
    "stock.announced",
    "stock.free",
    "stock.levels",
    "stock.networks",
    "stock.waiting",
    "watch.due",
];

/// The runs of one scenario.
struct Trials {
    machine: Machine,
    scenario: Scenario,
    runs: usize,
    failed: Vec<String>,
}

impl Trials {
    fn of(scenario: Scenario) -> Self {
        Self { machine: Machine::read().unwrap(), scenario, runs: 0, failed: Vec::new() }
    }

    /// One run; the names of the calls made, and what was counted.
    fn run(&mut self, disturbance: Disturbance, demand: Demand) -> (Vec<&'static str>, [usize; 4], Vec<Stage>) {
        let what = format!("{disturbance:?}");
        let lasts = !disturbance.passes();
        let mut run = Run::new(&self.machine, self.scenario.clone(), disturbance).unwrap();
        run.go();
        self.runs += 1;
        let mut found = broken(&run, demand);
        if lasts {
            run.mend();
            let after = broken(&run, Demand::AnyEnd);
            found.extend(after.into_iter().map(|finding| format!("mended: {finding}")));
        }
        let (calls, counts, invoked) = (run.calls(), run.counts(), run.invoked().to_vec());
        if !found.is_empty() {
            self.failed.push(format!("{what}:\n    {}", found.join("\n    ")));
        }
        (calls, counts, invoked)
    }

    /// Nothing wrong; then every single thing that can be, once.
    fn every_trouble_once(mut self) -> Self {
        let (calls, [invocations, _, records, waits], _) = self.run(Disturbance::None, Demand::SameEnd);
        self.run(Disturbance::AllTwice, Demand::SameEnd);
        self.run(Disturbance::RelayedTwice, Demand::SameEnd);
        for number in 1..=invocations {
            self.run(Disturbance::Before(number), Demand::SameEnd);
            self.run(Disturbance::After(number), Demand::SameEnd);
            self.run(Disturbance::Twice(number), Demand::SameEnd);
        }
        for number in 1..=records {
            self.run(Disturbance::Lost(number), Demand::SameEnd);
        }
        // Who lets their reservation lapse first is in that wait; nobody coming at all ends the order, as elsewhere.
        for number in 1 + usize::from(self.scenario.script.is_late)..=waits {
            self.run(Disturbance::Late(number), Demand::SameEndAndExceptions);
        }
        for (number, call) in (1..).zip(&calls) {
            self.run(Disturbance::Call(number, Trouble::Unavailable), Demand::SameEnd);
            if !READS.contains(call) {
                self.run(Disturbance::Call(number, Trouble::AnswerLost), Demand::SameEnd);
            }
            if *call == "orders.commit" {
                self.run(Disturbance::Call(number, Trouble::Conflict), Demand::SameEnd);
            }
        }
        self
    }

    /// Called off right before each invocation: too late, or everything goes back.
    fn called_off_at_every_moment(mut self) -> Self {
        let (_, [invocations, ..], _) = self.run(Disturbance::None, Demand::SameEnd);
        for number in 1..=invocations {
            self.run(Disturbance::CancelledBefore(number), Demand::AnyEnd);
        }
        self
    }

    /// Every stage the scenario runs fails for good, one after the other; then it is mended and staff retry.
    fn every_stage_for_good(mut self) -> Self {
        let (.., invoked) = self.run(Disturbance::None, Demand::SameEnd);
        for stage in Stage::ALL.into_iter().filter(|stage| invoked.contains(stage)) {
            for error in ["Defect", "Transient"] {
                self.run(Disturbance::Stage(stage, error), Demand::EndOrException);
            }
        }
        self
    }

    /// Every call of a partner is refused for good, one after the other; then it is mended and staff retry.
    fn every_refusal_of_a_partner(mut self) -> Self {
        let (calls, ..) = self.run(Disturbance::None, Demand::SameEnd);
        let mut partners: Vec<&str> =
            calls.into_iter().filter(|call| call.starts_with("payment.") || call.starts_with("labels.")).collect();
        partners.sort_unstable();
        partners.dedup();
        for call in partners {
            self.run(Disturbance::Partner(call), Demand::EndOrException);
        }
        self
    }

    #[track_caller]
    fn done(self) {
        println!("{}: {} runs", self.scenario.name, self.runs);
        let shown: Vec<&str> = self.failed.iter().take(12).map(String::as_str).collect();
        let (name, failed, runs) = (self.scenario.name, self.failed.len(), self.runs);
        assert!(failed == 0, "{name}: {failed} of {runs} runs broke something\n  {}", shown.join("\n  "));
    }
}

macro_rules! scenarios {
    ($($claim:ident: $scenario:expr;)+) => { $(
        #[test]
        fn $claim() {
            Trials::of($scenario).every_trouble_once().done();
        }
    )+ };
}

scenarios! {
    one_shipment_ends_the_same_whatever_fails_once: Scenario::one_shipment();
    two_shipments_end_the_same_whatever_fails_once: Scenario::two_shipments();
    people_ahead_of_the_workflow_lead_to_the_same_end: Scenario::one_shipment().eagerly();
    an_approved_order_ends_the_same_whatever_fails_once: Scenario::reviewed(true);
    a_rejected_order_gives_everything_back_whatever_fails_once: Scenario::reviewed(false);
    a_declined_order_gives_everything_back_whatever_fails_once: Scenario::declined();
    a_declined_payment_is_tried_again_by_the_schedule_whatever_fails_once: Scenario::declined_then_retried();
    an_order_declined_every_time_ends_whatever_fails_once: Scenario::declined_every_time();
    another_card_takes_a_declined_ones_place_whatever_fails_once: Scenario::declined_then_another_card();
    an_order_whose_shopper_names_no_other_card_ends_whatever_fails_once: Scenario::declined_and_never_answered();
    an_order_goes_on_after_3d_secure_whatever_fails_once: Scenario::authenticated();
    a_shopper_who_fails_3d_secure_may_name_another_card_whatever_fails_once: Scenario::authentication_failed();
    an_order_whose_shopper_never_returns_from_3d_secure_ends_whatever_fails_once: Scenario::authentication_abandoned();
    called_off_while_declined_nothing_is_ever_held: Scenario::declined_and_called_off();
    called_off_at_3d_secure_nothing_stays_held: Scenario::called_off_at_authentication();
    two_cards_pay_for_two_shipments_whatever_fails_once: Scenario::two_cards();
    one_card_waits_for_the_other_whatever_fails_once: Scenario::two_cards_one_declined();
    a_gift_card_and_a_card_pay_whatever_fails_once: Scenario::gift_card_and_card();
    a_gift_card_pays_alone_whatever_fails_once: Scenario::gift_card_alone();
    a_gift_card_that_is_too_small_is_not_touched_whatever_fails_once: Scenario::gift_card_too_small();
    an_invoice_is_paid_once_whatever_fails_once: Scenario::net_terms();
    a_storefronts_payment_is_taken_once_whatever_fails_once: Scenario::confirmed_by_the_storefront();
    a_refund_is_given_once_whatever_fails_once: Scenario::one_shipment().returning("a unit sent back", 1);
    a_refund_goes_back_to_two_cards_once_whatever_fails_once: Scenario::two_cards().returning("two cards, sent back", 2);
    a_refund_goes_back_to_a_gift_card_once_whatever_fails_once: Scenario::gift_card_and_card().returning("a gift card, sent back", 2);
    money_that_lapsed_is_held_anew_whatever_fails_once: Scenario::lapsed_before_capture();
    money_of_two_cards_that_lapsed_is_held_anew_whatever_fails_once: Scenario::two_cards_lapsed();
    an_order_screened_out_gives_everything_back_whatever_fails_once: Scenario::screened_out();
    a_free_order_ends_the_same_whatever_fails_once: Scenario::free();
    a_unit_not_found_is_not_charged_whatever_fails_once: Scenario::one_shipment().short(Picks::OneShort);
    a_shipment_not_found_is_not_charged_whatever_fails_once: Scenario::two_shipments().short(Picks::NothingFirst);
    an_order_not_found_gives_everything_back_whatever_fails_once: Scenario::one_shipment().short(Picks::Nothing);
    an_order_to_ship_complete_ships_when_all_has_come_whatever_fails_once: Scenario::shipped_complete();
    what_is_here_ships_and_the_rest_when_it_comes_whatever_fails_once: Scenario::filled_later();
    called_off_while_it_waits_everything_goes_back: Scenario::called_off_while_waiting();
    an_order_paid_late_is_reserved_again_whatever_fails_once: Scenario::paid_late();
    an_order_paid_when_all_is_sold_gives_the_money_back_whatever_fails_once: Scenario::paid_too_late();
    an_order_paid_late_may_wait_like_any_other_whatever_fails_once: Scenario::paid_late_and_backordered();
    units_lost_before_sites_are_chosen_are_waited_for_whatever_fails_once: Scenario::lost_before_routing();
    sixty_items_from_three_sites_are_routed_in_steps_whatever_fails_once: Scenario::sixty_items();
    sixty_items_called_off_go_back_in_steps_whatever_fails_once: Scenario::sixty_items().cancelled("sixty items, called off", CancelAt::Part(Status::Open));
    called_off_at_once_nothing_is_ever_held: Scenario::one_shipment().cancelled("called off at once", CancelAt::Once);
    called_off_in_review_everything_goes_back: Scenario::reviewed(true).cancelled("called off in review", CancelAt::Review);
    called_off_before_the_pick_everything_goes_back: Scenario::one_shipment().cancelled("called off before the pick", CancelAt::Part(Status::Open));
    called_off_before_the_pack_everything_goes_back: Scenario::one_shipment().cancelled("called off before the pack", CancelAt::Part(Status::Picked));
    called_off_before_hand_over_everything_goes_back: Scenario::one_shipment().cancelled("called off before hand-over", CancelAt::Part(Status::Labeled));
    called_off_with_parts_at_different_points_everything_goes_back: Scenario::two_shipments().cancelled("two shipments, called off", CancelAt::Part(Status::Labeled));
    called_off_when_a_part_has_left_nothing_changes: Scenario::two_shipments().cancelled("called off too late", CancelAt::Part(Status::HandedOver));
}

#[test]
fn called_off_at_any_moment_an_order_is_whole_or_nothing() {
    Trials::of(Scenario::one_shipment()).called_off_at_every_moment().done();
    Trials::of(Scenario::two_shipments()).called_off_at_every_moment().done();
    Trials::of(Scenario::reviewed(true)).called_off_at_every_moment().done();
    Trials::of(Scenario::declined_then_retried()).called_off_at_every_moment().done();
    Trials::of(Scenario::authenticated()).called_off_at_every_moment().done();
    Trials::of(Scenario::gift_card_and_card()).called_off_at_every_moment().done();
    Trials::of(Scenario::lapsed_before_capture()).called_off_at_every_moment().done();
    Trials::of(Scenario::shipped_complete()).called_off_at_every_moment().done();
    Trials::of(Scenario::filled_later()).called_off_at_every_moment().done();
    Trials::of(Scenario::paid_late()).called_off_at_every_moment().done();
}

#[test]
fn a_stage_that_fails_for_good_ends_the_order_or_is_seen_and_can_be_mended() {
    Trials::of(Scenario::one_shipment()).every_stage_for_good().done();
    Trials::of(Scenario::two_shipments()).every_stage_for_good().done();
    Trials::of(Scenario::reviewed(true)).every_stage_for_good().done();
    let called_off = Scenario::one_shipment().cancelled("called off before hand-over", CancelAt::Part(Status::Labeled));
    Trials::of(called_off).every_stage_for_good().done();
    Trials::of(Scenario::declined_then_retried()).every_stage_for_good().done();
    Trials::of(Scenario::two_cards()).every_stage_for_good().done();
}

#[test]
fn what_a_partner_refuses_ends_the_order_or_is_seen_and_can_be_mended() {
    Trials::of(Scenario::one_shipment()).every_refusal_of_a_partner().done();
    Trials::of(Scenario::two_shipments()).every_refusal_of_a_partner().done();
    Trials::of(Scenario::two_cards()).every_refusal_of_a_partner().done();
    Trials::of(Scenario::lapsed_before_capture()).every_refusal_of_a_partner().done();
    Trials::of(Scenario::two_cards().returning("two cards, sent back", 2)).every_refusal_of_a_partner().done();
    let called_off = CancelAt::Part(Status::Labeled);
    let called_off = Scenario::one_shipment().cancelled("called off before hand-over", called_off);
    Trials::of(called_off).every_refusal_of_a_partner().done();
}

// --- A check that cannot fail proves nothing ---------------------------------------------------------

fn hold_again(world: &World, order: &Order) {
    let (tenant, order) = (&order.tenant, &order.id);
    let (method, amount, key) = ("pm_card_visa", usd(500), "again");
    let hold = Hold { tenant, order, tender: 1, method, customer: None, amount, return_url: None, key };
    block_on(world.processor.authorize(&hold)).unwrap();
}

/// Somebody gives money back at the processor's dashboard, and nobody tells the order.
fn give_back(world: &World, order: &Order) {
    let hold = &world.processor.holds_of(&order.id)[0];
    world.processor.refund_outside(&hold.held.reference, usd(1)).unwrap();
}

fn buy_again(world: &World, order: &Order) {
    let (reference, to) = (format!("{}-1", order.id), &order.placed.ship_to);
    let packing = order.fulfillments[0].packing.as_ref().unwrap();
    let parcel = Parcel { reference: &reference, from: to, from_phone: None, to, to_phone: None, packing };
    let quoted = block_on(world.labels.quote(&parcel)).unwrap();
    block_on(world.labels.buy(&quoted.shipment, &quoted.offers[0].id)).unwrap();
}

fn find_a_unit(world: &World, order: &Order) {
    world.memory.receive(&order.tenant, &id("MUG-BLUE"), &id("reno"), 1);
}

fn mail_again(world: &World, _: &Order) {
    let mail = world.mailer.sent()[0].clone();
    block_on(world.mailer.send(&mail)).unwrap();
}

#[test]
fn an_end_that_is_wrong_is_found_out() {
    type Tamper = fn(&World, &Order);
    let table: [(Tamper, &str); 5] = [
        (hold_again, "held in the processor's books, of an order that is over"),
        (give_back, "given back by the order and in the processor's books"),
        (buy_again, "has 2 labels"),
        (find_a_unit, "on hand changed by -2"),
        (mail_again, "sent without need"),
    ];
    let machine = Machine::read().unwrap();
    for (tamper, named) in table {
        let mut run = Run::new(&machine, Scenario::one_shipment(), Disturbance::None).unwrap();
        run.go();
        assert_eq!(broken(&run, Demand::SameEnd), Vec::<String>::new());
        tamper(run.world(), &run.order().unwrap());
        let found = broken(&run, Demand::SameEnd).join("\n");
        assert!(found.contains(named), "{named} was not found out; found: {found}");
    }
}

#[test]
fn a_machine_that_does_not_undo_is_found_out() {
    let machine = Machine::read().unwrap();
    let table = [
        ("VoidPayment", "neither finished nor seen by anybody"),
        ("VoidLabel", "the label of fulfillment order 1 was not given back"),
    ];
    for (state, named) in table {
        let broken_machine = machine.with(state, |state| {
            state["Arguments"]["FunctionName"] = serde_json::json!("${ReleaseStockFunctionArn}");
            state["Arguments"]["Payload"] = machine.state("ReleaseStock").unwrap().body["Arguments"]["Payload"].clone();
        });
        let called_off = CancelAt::Part(Status::Labeled);
        let scenario = Scenario::one_shipment().cancelled("called off before hand-over", called_off);
        let mut run = Run::new(&broken_machine, scenario, Disturbance::None).unwrap();
        run.go();
        let found = broken(&run, Demand::AnyEnd).join("\n");
        assert!(found.contains(named), "{named} was not found out; found: {found}");
    }
}
