//! A check that cannot fail proves nothing: of each condition that a store or a partner does not keep, the pairs tell.

use crate::calls::{cancel, file, give_back, pick, place, refund, set, stage, tell};
use crate::ground::{Ground, last_one, mugs};
use crate::pair::{Make, Pair};
use waybill_domain::relay::Notice;
use waybill_lambda::Stage;
use waybill_testkit::Sabotage;

/// The pair holds; with the condition not kept it does not, and that is what is said.
#[track_caller]
fn is_caught(pair: Pair, condition: Sabotage, named: &str) {
    assert_eq!(pair.explore().findings, Vec::<String>::new(), "with every condition kept");
    let found = pair.sabotaged(condition).explore().findings.join("\n");
    assert!(found.contains(named), "{condition:?} was not found out; found: {found}");
}

#[test]
fn a_counter_that_goes_below_what_is_there_is_found_out() {
    let pair = Pair::new(Ground::new(), |g| place(g, "A", last_one()), |g| place(g, "B", last_one()));
    is_caught(pair, Sabotage::Units, "Promisable of LAST-ONE is -1");
}

#[test]
fn an_event_written_over_another_is_found_out() {
    let pair = Pair::new(Ground::with(&mugs()).routed(), cancel, |g| pick(g, "a", 1, 0));
    is_caught(pair, Sabotage::Version, "ends otherwise");
}

#[test]
fn a_message_that_is_claimed_by_two_is_found_out() {
    let tells: Make = |g| tell(g, Notice::OrderConfirmed);
    is_caught(Pair::new(Ground::with(&mugs()), tells, tells), Sabotage::Claims, "a message was sent 2 times");
}

#[test]
fn a_processor_that_forgets_its_keys_is_found_out() {
    let given = Ground::with(&mugs()).delivered();
    Ground::must(refund(&given, "a", 1));
    let pair = Pair::new(given, |g| give_back(g, 1), |g| give_back(g, 1));
    is_caught(pair, Sabotage::Keys, "was given back twice");
}

#[test]
fn money_held_again_is_found_out() {
    let given = Ground::with(&mugs()).screened();
    let pair = Pair::new(given, |g| stage(g, Stage::Authorize, 0), |g| stage(g, Stage::Authorize, 0));
    is_caught(pair, Sabotage::Keys, "ends otherwise");
}

#[test]
fn a_level_set_on_what_was_there_before_is_found_out() {
    let pair =
        Pair::new(Ground::new(), |g| file(g, "a", set("MUG-BLUE", 1_001)), |g| file(g, "b", set("MUG-BLUE", 1_002)));
    is_caught(pair, Sabotage::Seen, "ends otherwise");
}
