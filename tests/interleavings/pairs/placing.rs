//! Orders placed at once, and called off meanwhile.

use crate::calls::{cancel, cancel_and_release, place};
use crate::ground::{Ground, KEY, last_one, mugs};
use crate::pair::Pair;

#[test]
fn of_two_orders_for_the_last_unit_one_gets_it() {
    Pair::new(Ground::new(), |g| place(g, "A", last_one()), |g| place(g, "B", last_one())).holds();
}

#[test]
fn one_order_placed_twice_at_once_is_one_order() {
    Pair::new(Ground::new(), |g| place(g, KEY, mugs()), |g| place(g, KEY, mugs())).holds();
}

#[test]
fn of_two_bodies_under_one_key_one_is_placed() {
    Pair::new(Ground::new(), |g| place(g, KEY, mugs()), |g| place(g, KEY, last_one())).holds();
}

#[test]
fn an_order_called_off_while_it_is_placed_is_not_there_yet_or_called_off() {
    Pair::new(Ground::new(), |g| place(g, KEY, mugs()), cancel).holds();
}

#[test]
fn a_unit_that_comes_back_while_it_is_asked_for_is_had_or_not() {
    let given = Ground::with(&last_one());
    Pair::new(given, |g| cancel_and_release(g, KEY), |g| place(g, "B", last_one())).holds();
}
