//! Reservations, backorders and routing in steps: what is recorded, what moves, and when.

use crate::sample::{
    after, all_found, authorized, begin, card, left, line, one_site, other_card, outcome, packing, placed, sku, step,
    usd,
};
use waybill_domain::order::{Answer, CancelReason, Event, Fill, LineUnits, Order, Placed, StockHold, Wait};
use waybill_domain::routing::{Share, chunk};
use waybill_domain::screening::Verdict;
use waybill_domain::stock::{Kind, Movement, Picked, Stow, changes};

/// Three of A, two of them still to come; one of B.
fn body(fill: Fill) -> Placed {
    let mut body = placed(vec![line(1, "A", 3, usd(1_000)), line(2, "B", 1, usd(500))], card());
    (body.fill, body.lines[0].backordered) = (fill, 2);
    body
}

fn ready(body: Placed) -> Order {
    let order = begin(body);
    authorized(&step(&order, order.decide_screened(Verdict::Pass, vec![])))
}

fn moved(order: &Order) -> Vec<(Kind, String, i64)> {
    let moved = |movement: &Movement| (movement.kind, movement.sku.to_string(), movement.quantity);
    order.history().last().unwrap().movements.iter().map(moved).collect()
}

fn units(order: &Order) -> Vec<u32> {
    order.demand().into_iter().map(|(_, units)| units).collect()
}

fn available(order: &Order) -> Vec<Share> {
    one_site(order).into_iter().filter(|share| share.quantity > 0).collect()
}

fn cancelled(order: &Order) -> Order {
    step(order, order.decide_cancelled(CancelReason::Customer, "asked for".to_owned()))
}

#[test]
fn each_policy_routes_what_it_may_while_units_are_still_to_come() {
    let table = [(Fill::ShipComplete, vec![0, 0], None), (Fill::FillAvailable, vec![1, 1], Some(Answer::Success))];
    for (fill, expected, answer) in table {
        let order = ready(body(fill));
        let (reserved, waits) = (order.history()[0].movements.clone(), order.waits_for());
        assert_eq!(
            reserved.iter().map(|movement| movement.kind).collect::<Vec<_>>(),
            [Kind::Reserved, Kind::Backordered, Kind::Reserved]
        );
        assert_eq!(waits.into_iter().collect::<Vec<_>>(), [(sku("A"), 2)]);
        assert_eq!((units(&order), order.answer(Wait::Stock)), (expected, answer), "{fill:?}");
        assert_eq!(order.waits_for_stock(), answer.is_none());
    }
}

#[test]
fn an_order_to_ship_complete_goes_on_when_the_last_unit_has_come() {
    let order = ready(body(Fill::ShipComplete));
    let order = step(&order, order.decide_filled(&sku("A"), 1));
    assert_eq!((moved(&order), order.answer(Wait::Stock)), (vec![(Kind::Filled, "A".to_owned(), 1)], None));
    let order = step(&order, order.decide_filled(&sku("A"), 9));
    assert_eq!(
        (moved(&order), order.answer(Wait::Stock)),
        (vec![(Kind::Filled, "A".to_owned(), 1)], Some(Answer::Success))
    );
    assert_eq!((order.decide_filled(&sku("A"), 1), order.decide_filled(&sku("B"), 1)), (Ok(None), Ok(None)));
    assert_eq!(units(&order), [3, 1]);
    let order = step(&order, order.decide_routed(&one_site(&order)));
    assert_eq!((order.stock, order.has_unrouted()), (StockHold::Allocated, false));
}

#[test]
fn what_comes_later_is_another_shipment_of_another_start() {
    let order = ready(body(Fill::FillAvailable));
    let order = step(&order, order.decide_routed(&available(&order)));
    assert_eq!((order.stock, units(&order), order.fulfillments.len()), (StockHold::Reserved, vec![0, 0], 1));
    let filled = step(&order, order.decide_filled(&sku("A"), 2));
    assert_eq!((filled.attempt, units(&filled)), (1, vec![2, 0]));
    let routed = step(&filled, filled.decide_routed(&available(&filled)));
    let lines = |order: &Order| -> Vec<(u16, u16, u32, u32)> {
        let parts = order.fulfillments.iter();
        parts
            .flat_map(|part| part.lines.iter().map(|line| (part.number, line.line, line.first_unit, line.quantity)))
            .collect()
    };
    assert_eq!(lines(&routed), [(1, 1, 0, 1), (1, 2, 0, 1), (2, 1, 1, 2)]);
    assert_eq!(routed.stock, StockHold::Allocated);
}

#[test]
fn the_hold_is_kept_for_what_ships_later_and_the_order_stays_open() {
    let order = ready(body(Fill::FillAvailable));
    let order = step(&order, order.decide_routed(&available(&order)));
    assert!(!order.is_last_capture(1, 1));
    let order = left(&crate::sample::labeled(&order, 1), 1);
    assert_eq!((order.payment.captured(), order.unneeded_holds()), (usd(1_500), Ok(vec![])));
    let delivered = step(&order, order.decide_tracked(1, waybill_domain::order::ShipmentStatus::Delivered, after(99)));
    assert_eq!(delivered.decide_completed(), Ok(None));
    assert_eq!(delivered.axes().fulfillment.name(), "partially_delivered");
    let order = step(&delivered, delivered.decide_filled(&sku("A"), 2));
    let order = step(&order, order.decide_routed(&available(&order)));
    let order = crate::sample::delivered(&order, 2);
    assert_eq!(order.payment.captured(), usd(3_500));
    assert_eq!(outcome(&order.decide_completed()), "recorded");
}

#[test]
fn units_lost_wait_and_are_seen_by_staff_in_one_event() {
    let mut whole = body(Fill::FillOrKill);
    whole.lines[0].backordered = 0;
    let order = ready(whole);
    let lost = |line, units| order.decide_units_lost(&[LineUnits { line, units }]);
    let table = [(1, 4, "not allowed"), (1, 3, "recorded"), (2, 1, "recorded"), (9, 1, "unknown"), (1, 0, "again")];
    for (line, units, expected) in table {
        assert_eq!(outcome(&lost(line, units)), expected, "{units} of line {line}");
    }
    let order = step(&order, lost(1, 2));
    assert_eq!((moved(&order), units(&order)), (vec![(Kind::Unfilled, "A".to_owned(), 2)], vec![0, 0]));
    assert_eq!(order.cases.len(), 1);
    let filled = step(&order, order.decide_filled(&sku("A"), 2));
    assert_eq!(units(&filled), [3, 1]);
}

fn limited() -> Order {
    let mut body = body(Fill::ShipComplete);
    body.reserve_minutes = Some(60.try_into().unwrap());
    let order = begin(body);
    step(&order, order.decide_screened(Verdict::Pass, vec![]))
}

#[test]
fn a_reservation_that_is_not_paid_lapses_once_and_one_that_is_paid_never() {
    let order = limited();
    assert_eq!((order.reserved_until(), order.timer()), (Some(after(1)), Some(after(1))));
    assert_eq!(order.decide_timer(crate::sample::start()), Ok(None));
    let lapsed = step(&order, order.decide_timer(after(1)));
    assert_eq!(lapsed.stock, StockHold::Lapsed);
    let a = |kind, units| (kind, "A".to_owned(), units);
    assert_eq!(moved(&lapsed), [a(Kind::Released, 1), a(Kind::Unpromised, 2), (Kind::Released, "B".to_owned(), 1)]);
    assert!(lapsed.waits_for().is_empty() && lapsed.timer().is_none());
    assert_eq!(lapsed.decide_timer(after(9)), Ok(None));
    let paid = authorized(&order);
    assert_eq!((paid.reserved_until(), paid.decide_timer(after(9))), (None, Ok(None)));
    let hold = paid.decide_lapsed("pi_1");
    assert_eq!(step(&paid, hold).reserved_until(), None, "its hold is made anew");
    let ended = cancelled(&lapsed);
    let released = step(&ended, ended.decide_stock_released());
    assert_eq!((moved(&released), released.stock), (vec![], StockHold::Released));
}

#[test]
fn a_retry_by_the_schedule_and_another_card_renew_a_reservation() {
    let order = limited();
    let effect = order.payment.tender(1).unwrap().authorize_effect();
    let declined = |code: &str| step(&order, order.decide_declined(1, &effect, code.to_owned(), order.changed_at));
    let retried = declined("insufficient_funds");
    // Declined an hour after the beginning: tried again an hour later, and kept an hour from then.
    assert_eq!((retried.timer(), retried.reserved_until()), (Some(after(2)), Some(after(3))));
    let due = step(&retried, retried.decide_timer(after(2)));
    assert_eq!(
        due.reserved_until(),
        Some(after(3)),
        "the retry that was due renews it, though it is not pending any more"
    );
    let asked = declined("expired_card");
    assert_eq!(asked.reserved_until(), Some(after(1)));
    let named = step(&asked, asked.decide_method_named(1, other_card()));
    assert_eq!(named.reserved_until(), named.changed_at.checked_add(jiff::SignedDuration::from_hours(1)).ok());
}

#[test]
fn a_reservation_that_lapsed_is_made_again_and_gone_is_gone() {
    let order = limited();
    let lapsed = authorized(&step(&order, order.decide_timer(after(1))));
    assert_eq!(outcome(&lapsed.decide_routed(&one_site(&lapsed))), "not allowed");
    let order = step(&lapsed, lapsed.decide_reconfirmed(&[]));
    assert_eq!(
        (order.stock, units(&order), order.decide_reconfirmed(&[])),
        (StockHold::Reserved, vec![3, 1], Ok(None))
    );
    let waits = step(&lapsed, lapsed.decide_reconfirmed(&[LineUnits { line: 1, units: 3 }]));
    assert_eq!((units(&waits), waits.waits_for()[&sku("A")]), (vec![0, 0], 3));
    assert_eq!(outcome(&cancelled(&lapsed).decide_reconfirmed(&[])), "refused");
}

#[test]
fn called_off_while_it_waits_an_order_gives_back_its_units_and_its_place() {
    let order = ready(body(Fill::FillAvailable));
    let order = cancelled(&step(&order, order.decide_routed(&available(&order)[..1])));
    assert_eq!(outcome(&order.decide_filled(&sku("A"), 1)), "refused");
    assert_eq!(order.waits_for()[&sku("A")], 2);
    let order = step(&order, order.decide_stock_released());
    let a = |kind, units| (kind, "A".to_owned(), units);
    assert_eq!(moved(&order), [a(Kind::Unpromised, 2), (Kind::Released, "B".to_owned(), 1), a(Kind::Deallocated, 1)]);
    assert!(order.waits_for().is_empty() && order.stock == StockHold::Released);
}

#[test]
fn five_hundred_allocations_are_made_and_given_back_in_steps_that_each_fit_a_transaction() {
    let lines = (1..=80).map(|number| line(number, &format!("I{number}"), 6, usd(100))).collect();
    let mut order = ready(placed(lines, card()));
    let sites = ["east", "west", "north"].map(crate::sample::site);
    let shares = (0..80).flat_map(|line| sites.clone().map(|site| Share { site, line, quantity: 2, stows: vec![] }));
    let (mut left, mut steps) = (shares.collect::<Vec<_>>(), 0);
    while !left.is_empty() {
        let (now, later) = chunk(&left);
        let before = order.work().len();
        order = step(&order, order.decide_routed(&now));
        let items = changes(&order.history().last().unwrap().movements).len() + order.work().len() - before;
        assert!(items <= 97, "{items} items");
        (left, steps) = (later, steps + 1);
    }
    assert_eq!((steps, order.stock, order.fulfillments.len()), (8, StockHold::Allocated, 3));
    assert!(order.fulfillments.iter().all(|part| part.lines.len() == 80));
    let due: i64 = order.fulfillments.iter().map(|part| order.due(part).unwrap().minor()).sum();
    assert_eq!(due, 48_000);
    order = cancelled(&order);
    let mut back = 0;
    while let Some(draft) = order.decide_stock_released().unwrap() {
        assert!(changes(&draft.movements).len() <= 97);
        back += draft.movements.iter().map(|movement| movement.quantity).sum::<i64>();
        order = step(&order, Ok(Some(draft)));
    }
    assert_eq!((back, order.stock), (480, StockHold::Released));
}

#[test]
fn of_an_item_kept_by_stow_the_short_ones_are_the_last_and_the_rest_ships() {
    let order = ready(placed(vec![line(1, "A", 5, usd(100))], card()));
    let lot = |name: &str| Stow { lot: Some(name.parse().unwrap()), ..Stow::default() };
    let stows = vec![Picked { stow: lot("L1"), quantity: 2 }, Picked { stow: lot("L2"), quantity: 3 }];
    let share = Share { site: crate::sample::site("east"), line: 0, quantity: 5, stows: stows.clone() };
    let wrong = Share { stows: stows[..1].to_vec(), ..share.clone() };
    assert_eq!(outcome(&order.decide_routed(&[wrong])), "not allowed");
    let told = |order: &Order| -> Vec<(Kind, String, i64)> {
        let lot = |movement: &Movement| movement.stow.as_ref().and_then(|stow| stow.lot.clone()).unwrap().to_string();
        let moved = order.history().last().unwrap().movements.iter();
        moved.map(|movement| (movement.kind, lot(movement), movement.quantity)).collect()
    };
    let by =
        |kind, units: &[(&str, i64)]| units.iter().map(|(lot, n)| (kind, (*lot).to_owned(), *n)).collect::<Vec<_>>();
    let order = step(&order, order.decide_routed(&[share]));
    assert_eq!(told(&order), by(Kind::Allocated, &[("L1", 2), ("L2", 3)]));
    let mut found = all_found(&order, 1);
    found[0].picked = 1;
    let order = step(&order, order.decide_picked(1, found));
    assert_eq!(told(&order), by(Kind::Shorted, &[("L1", 1), ("L2", 3)]));
    let order = step(&order, order.decide_packed(1, packing()));
    let order = step(&order, order.decide_labeled(1, crate::sample::label(1)));
    let order = step(&order, order.decide_handed_over(1, "M-1".to_owned()));
    let order = step(&order, order.decide_dispatched(1));
    assert_eq!(told(&order), by(Kind::Shipped, &[("L1", 1)]));
    assert!(matches!(order.history().last().unwrap().event, Event::Dispatched { .. }));
}
