//! Orders, and what staff and suppliers do to the stock meanwhile.

use crate::calls::{self, cancel_and_release, count, file, fill, lose, place, set, stage};
use crate::ground::{Ground, KEY, announcement, lamps, last_one, mugs};
use crate::pair::{Make, Pair};
use waybill_domain::id::DocumentId;
use waybill_domain::stock::filing::{Ask, Line};
use waybill_lambda::Stage;
use waybill_testkit::{at, id, tenant};

fn counted() -> DocumentId {
    DocumentId::derive(&tenant(), "POST /stock", "count")
}

fn decide(approved: bool) -> Ask {
    Ask::Decide { count: counted(), approved, note: "seen".to_owned().try_into().unwrap(), is_admin: false }
}

/// A count found nothing where one unit should be.
fn disagreeing() -> Ground {
    let ground = Ground::new();
    Ground::must(file(&ground, "count", count("LAST-ONE", 0)));
    ground
}

/// Five announced lamps come in.
fn arrive() -> Ask {
    Ask::Receive {
        site: id("columbus"),
        announcement: Some(announcement()),
        reference: None,
        lines: vec![Line::new(id("LAMP"), 5)],
    }
}

/// An order waits for two lamps of three, and five have come in.
fn lamps_are_here() -> Ground {
    let ground = Ground::with_lamps();
    Ground::must(place(&ground, KEY, lamps(3)));
    Ground::must(file(&ground, "receipt", arrive()));
    ground
}

#[test]
fn a_count_beside_an_order_says_what_is_there() {
    let one: Make = |g| file(g, "count", count("LAST-ONE", 0));
    Pair::new(Ground::new(), one, |g| place(g, KEY, last_one())).holds();
}

#[test]
fn a_unit_that_is_written_off_while_it_is_sold_is_one_or_the_other() {
    Pair::new(disagreeing(), |g| file(g, "yes", decide(true)), |g| place(g, KEY, last_one())).losing().holds();
}

#[test]
fn of_two_decisions_on_a_count_one_stands() {
    Pair::new(disagreeing(), |g| file(g, "yes", decide(true)), |g| file(g, "no", decide(false))).holds();
}

#[test]
fn of_two_levels_set_at_once_the_last_stands() {
    Pair::new(Ground::new(), |g| file(g, "a", set("MUG-BLUE", 1_001)), |g| file(g, "b", set("MUG-BLUE", 1_002)))
        .holds();
}

#[test]
fn a_level_set_while_a_parcel_leaves_is_what_was_said_or_less_that_parcel() {
    let given = Ground::with(&mugs()).handed_over();
    Pair::new(given, |g| file(g, "a", set("MUG-BLUE", 1_001)), |g| stage(g, Stage::Dispatch, 1)).holds();
}

#[test]
fn a_count_beside_a_dispatch_has_the_parcel_here_or_gone() {
    let given = Ground::with(&mugs()).handed_over();
    Pair::new(given, |g| file(g, "count", count("MUG-BLUE", 999)), |g| stage(g, Stage::Dispatch, 1)).holds();
}

#[test]
fn a_unit_that_is_lost_while_it_is_sold_is_one_or_the_other() {
    Pair::new(Ground::new(), |g| file(g, "loss", lose("LAST-ONE", 1)), |g| place(g, KEY, last_one())).losing().holds();
}

#[test]
fn a_promised_unit_that_is_lost_while_sites_are_chosen_is_allocated_or_waited_for() {
    let given = Ground::with(&last_one()).authorized();
    Pair::new(given, |g| file(g, "loss", lose("LAST-ONE", 1)), |g| stage(g, Stage::Route, 0)).losing().holds();
}

#[test]
fn units_that_go_to_another_site_while_sites_are_chosen_are_allocated_where_they_are() {
    let leave: Make = |g| {
        let due = at(5 * 86_400).to_zoned(jiff::tz::TimeZone::UTC).date();
        let lines = vec![Line::new(id("MUG-BLUE"), 999)];
        file(g, "transfer", Ask::Transfer { from: id("reno"), to: id("columbus"), due, reference: None, lines })
    };
    Pair::new(Ground::with(&mugs()).authorized(), leave, |g| stage(g, Stage::Route, 0)).holds();
}

#[test]
fn units_given_to_those_who_wait_are_not_sold_to_others() {
    Pair::new(lamps_are_here(), |g| fill(g, "LAMP"), |g| place(g, "B", lamps(4))).holds();
}

#[test]
fn units_that_come_for_an_order_that_is_called_off_are_for_the_next() {
    Pair::new(lamps_are_here(), |g| fill(g, "LAMP"), |g| cancel_and_release(g, KEY)).holds();
}

#[test]
fn two_workers_give_the_same_units_once() {
    Pair::new(lamps_are_here(), |g| fill(g, "LAMP"), |g| fill(g, "LAMP")).holds();
}

#[test]
fn units_that_come_in_while_they_are_promised_are_promised_once() {
    Pair::new(Ground::with_lamps(), |g| file(g, "receipt", arrive()), |g| place(g, KEY, lamps(3))).holds();
}

#[test]
fn what_was_announced_comes_in_once() {
    Pair::new(Ground::with_lamps(), |g| file(g, "a", arrive()), |g| file(g, "b", arrive())).holds();
}

#[test]
fn units_given_to_those_who_wait_while_sites_are_chosen_ship_with_the_order() {
    let given = lamps_are_here().authorized();
    Pair::new(given, |g| fill(g, "LAMP"), |g| calls::stage(g, Stage::Route, 0))
        .then(&[|g| stage(g, Stage::Route, 0)])
        .holds();
}
