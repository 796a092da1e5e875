//! Every event of a stream, message of a queue and webhook five times, in a hundred orders: one and the same end, and the same
//! lines on the statements of stock.
//!
//! A failure prints the seed that replays it. `WAYBILL_SEED` and `WAYBILL_PERMUTATIONS` say where to begin and how many.

use crate::audited::statements;
use crate::judge::wrong;
use crate::state::State;
use waybill_domain::order::FulfillmentStatus;
use waybill_testkit::Sabotage;
use waybill_tests::asl::Machine;
use waybill_tests::saga::{CancelAt, Demand, Dice, Disturbance, Picks, Run, Scenario, broken};

/// Orders of delivery tried per flow.
const PERMUTATIONS: u64 = 100;
/// How often each delivery comes.
const TIMES: usize = 5;
/// The first seed.
const SEED: u64 = 20_261_130;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// A run to its end, and what is wrong there.
fn end(machine: &Machine, scenario: &Scenario, seed: Option<u64>, sabotage: Option<Sabotage>) -> (State, Vec<String>) {
    let disturbance = seed.map_or(Disturbance::None, Disturbance::Shuffled);
    let mut run = Run::new(machine, scenario.clone(), disturbance).unwrap();
    if let Some(condition) = sabotage {
        run.world().faults.sabotage(condition);
    }
    run.go();
    let mut found = wrong(run.world(), false);
    // What a bank took back is in no scenario's books.
    if !scenario.script.disputes {
        found.extend(broken(&run, Demand::SameEndAndExceptions));
    }
    found.extend(run.complaints());
    let heard = match seed.map(Dice::new) {
        Some(mut dice) => statements(run.world(), TIMES, |left| dice.draw(left)),
        None => statements(run.world(), 1, |_| 0),
    };
    found.extend(heard.iter().filter(|line| line.starts_with("drift") || line.starts_with("not")).cloned());
    let mut state = State::of(run.world()).timeless(run.world());
    state.0.extend(heard);
    (state, found)
}

/// What is wrong with the permutations of a flow.
fn permuted(scenario: &Scenario, permutations: u64, sabotage: Option<Sabotage>) -> Vec<String> {
    let machine = Machine::read().unwrap();
    let (straight, found) = end(&machine, scenario, None, None);
    assert_eq!(found, Vec::<String>::new(), "without any permutation");
    let first = number("WAYBILL_SEED", SEED);
    println!("{}: seeds {first} to {}, state {}", scenario.name, first + permutations - 1, straight.hash());
    let mut failed = Vec::new();
    for seed in first..first + permutations {
        let (state, mut found) = end(&machine, scenario, Some(seed), sabotage);
        if state.hash() != straight.hash() {
            let unlike = state.unlike(&straight);
            found.push(format!("ends as {}, not as {}: {unlike:#?}", state.hash(), straight.hash()));
        }
        if !found.is_empty() {
            failed.push(format!("WAYBILL_SEED={seed} WAYBILL_PERMUTATIONS=1: {}", found.join("\n    ")));
        }
    }
    failed
}

#[track_caller]
fn same_end(scenario: &Scenario) {
    let permutations = number("WAYBILL_PERMUTATIONS", PERMUTATIONS);
    let failed = permuted(scenario, permutations, None);
    let (count, shown) = (failed.len(), failed.into_iter().take(3).collect::<Vec<_>>().join("\n  "));
    assert!(count == 0, "{}: {count} of {permutations} orders end otherwise\n  {shown}", scenario.name);
}

macro_rules! flows {
    ($($claim:ident: $scenario:expr;)+) => { $(
        #[test]
        fn $claim() {
            same_end(&$scenario);
        }
    )+ };
}

flows! {
    one_shipment_has_one_end_in_every_order_of_events: Scenario::one_shipment();
    two_shipments_have_one_end_in_every_order_of_events: Scenario::two_shipments();
    a_cancelled_order_has_one_end_in_every_order_of_events:
        Scenario::one_shipment().cancelled("called off before the pick", CancelAt::Part(FulfillmentStatus::Open));
    a_refunded_order_has_one_end_in_every_order_of_events: Scenario::one_shipment().returning("a unit sent back", 1);
    a_disputed_order_has_one_end_in_every_order_of_events: Scenario::one_shipment().disputed();
    a_backorder_has_one_end_in_every_order_of_events: Scenario::shipped_complete();
    a_declined_order_has_one_end_in_every_order_of_events: Scenario::declined_then_another_card();
    a_short_pick_has_one_end_in_every_order_of_events: Scenario::one_shipment().short(Picks::OneShort);
    a_channels_order_has_one_end_in_every_order_of_events: Scenario::of_a_channel();
}

// --- A check that cannot fail proves nothing ---------------------------------------------------------

#[test]
fn a_notifier_that_claims_nothing_is_found_out() {
    let found = permuted(&Scenario::one_shipment(), 3, Some(Sabotage::Claims)).join("\n");
    assert!(found.contains("a message was sent"), "not found out: {found}");
}

#[test]
fn a_workflow_that_starts_at_every_delivery_is_found_out() {
    let found = permuted(&Scenario::one_shipment(), 3, Some(Sabotage::Names)).join("\n");
    assert!(found.contains("+ started"), "not found out: {found}");
}
