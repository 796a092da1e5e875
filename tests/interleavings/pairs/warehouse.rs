//! Stations, the workflow, shoppers and the carrier at one order.

use crate::calls::{cancel, carrier, hand_over, in_turn, pack, pick, relayed, stage};
use crate::ground::{Ground, mugs, two_sites};
use crate::pair::{Make, Pair, Third};
use waybill_domain::order::{Order, ShipmentStatus, Wait};
use waybill_lambda::Stage;

/// What the workflow does for an order that was called off; nothing for another.
const UNDONE: &[Make] = &[
    |g| stage(g, Stage::VoidLabel, 1),
    |g| stage(g, Stage::VoidLabel, 2),
    |g| stage(g, Stage::VoidPayment, 0),
    |g| stage(g, Stage::ReleaseStock, 0),
];

#[test]
fn of_two_scans_of_one_pick_one_counts() {
    Pair::new(Ground::with(&mugs()).routed(), |g| pick(g, "a", 1, 0), |g| pick(g, "b", 1, 1)).holds();
}

#[test]
fn one_pick_scanned_twice_is_one_pick() {
    Pair::new(Ground::with(&mugs()).routed(), |g| pick(g, "a", 1, 0), |g| pick(g, "a", 1, 0)).holds();
}

#[test]
fn stations_at_two_parts_of_one_order_do_not_disturb_each_other() {
    Pair::new(Ground::with(&two_sites()).routed(), |g| pick(g, "a", 1, 0), |g| pick(g, "b", 2, 1)).holds();
}

#[test]
fn an_order_called_off_while_it_is_picked_is_picked_or_not_and_goes_back() {
    Pair::new(Ground::with(&mugs()).routed(), cancel, |g| pick(g, "a", 1, 0)).then(UNDONE).holds();
}

#[test]
fn an_order_called_off_while_it_is_picked_short_has_what_was_not_found_held_back() {
    Pair::new(Ground::with(&mugs()).routed(), cancel, |g| pick(g, "a", 1, 1)).then(UNDONE).holds();
}

#[test]
fn an_order_called_off_while_it_is_packed_goes_back() {
    Pair::new(Ground::with(&mugs()).picked(), cancel, |g| pack(g, "a", 1)).then(UNDONE).holds();
}

/// An order called off while its label is bought.
const LABEL_BACK: &[Third] = &[Third {
    why: "a label bought for an order that had been called off meanwhile goes back, and the stage is refused",
    is: |said, world| {
        let is_back = world.labels.parcels().iter().all(|parcel| parcel.refunded);
        said[1].word == "Refused" && is_back && world.memory.all_orders().iter().all(Order::is_finished)
    },
}];

/// A label bought twice.
const SECOND_BACK: &[Third] = &[Third {
    why: "of two labels bought at once the one that was not recorded goes back",
    is: |said, world| {
        let order = &world.memory.all_orders()[0];
        let own = order.fulfillments[0].shipment.as_ref().map(|shipment| shipment.label.clone());
        let live = world.labels.live(&format!("{}-1", order.id));
        said.iter().all(|said| said.done) && live.first() == own.as_ref() && order.cases.is_empty()
    },
}];

#[test]
fn an_order_called_off_while_its_label_is_bought_has_none() {
    let given = Ground::with(&mugs()).packed();
    Pair::new(given, cancel, |g| stage(g, Stage::Ship, 1)).then(UNDONE).or(LABEL_BACK).holds();
}

#[test]
fn of_a_label_bought_twice_at_once_one_goes_back() {
    let given = Ground::with(&mugs()).packed();
    Pair::new(given, |g| stage(g, Stage::Ship, 1), |g| stage(g, Stage::Ship, 1)).or(SECOND_BACK).holds();
}

#[test]
fn an_order_called_off_while_it_is_handed_over_leaves_or_goes_back() {
    Pair::new(Ground::with(&mugs()).labeled(), cancel, |g| hand_over(g, "a", 1)).then(UNDONE).holds();
}

#[test]
fn an_order_called_off_while_one_of_its_parcels_is_handed_over_leaves_or_goes_back() {
    Pair::new(Ground::with(&two_sites()).labeled(), cancel, |g| hand_over(g, "a", 1)).then(UNDONE).holds();
}

#[test]
fn an_order_that_has_left_is_not_called_off_while_it_is_dispatched() {
    Pair::new(Ground::with(&mugs()).handed_over(), cancel, |g| stage(g, Stage::Dispatch, 1)).then(UNDONE).holds();
}

#[test]
fn a_parcel_delivered_while_it_is_dispatched_is_both() {
    let delivered: Make = |g| carrier(g, 1, ShipmentStatus::Delivered);
    Pair::new(Ground::with(&mugs()).handed_over(), delivered, |g| stage(g, Stage::Dispatch, 1)).holds();
}

#[test]
fn a_wait_is_answered_whether_the_pick_or_its_token_comes_first() {
    let waits: Make = |g| in_turn(vec![stage(g, Stage::Pick, 1), relayed(g, Some(Wait::Pick(1)))]);
    let picks: Make = |g| in_turn(vec![pick(g, "a", 1, 0), relayed(g, None)]);
    Pair::new(Ground::with(&mugs()).routed(), waits, picks).holds();
}
