//! The warehouse's commands, the carrier's news and the money of a shipment, in every state of a fulfillment order.

use crate::sample::{
    after, all_found, begin, card, delivered, dispatched, label, labeled, line, one_site, outcome, packing, placed,
    routed, site, site_per_line, step, usd,
};
use waybill_domain::ledger::{Account, Posting, balance};
use waybill_domain::order::{CancelReason, Order, PickedLine, Rejection, ShipmentStatus, StockHold};
use waybill_domain::routing::Share;
use waybill_domain::stock::changes;

fn one_line() -> Order {
    routed(&begin(placed(vec![line(1, "A", 2, usd(1_000))], card())), one_site)
}

/// Two lines, a fulfillment order each.
fn two_sites() -> Order {
    let lines = vec![line(1, "A", 2, usd(1_000)), line(2, "B", 1, usd(500))];
    routed(&begin(placed(lines, card())), site_per_line)
}

fn found(picked: u32) -> Vec<PickedLine> {
    vec![PickedLine { line: 1, picked }]
}

fn cancelled(order: &Order) -> Order {
    step(order, order.decide_cancelled(CancelReason::Customer, "asked for".to_owned()))
}

/// The states a fulfillment order passes, by name.
fn states() -> Vec<(&'static str, Order)> {
    let open = one_line();
    let picked = step(&open, open.decide_picked(1, found(2)));
    let in_carton = step(&picked, picked.decide_packed(1, packing()));
    let labeled = labeled(&open, 1);
    let moving = step(&labeled, labeled.decide_tracked(1, ShipmentStatus::InTransit, after(50)));
    let handed_over = step(&labeled, labeled.decide_handed_over(1, "M-1".to_owned()));
    let delivered = delivered(&open, 1);
    vec![
        ("short", step(&open, open.decide_picked(1, found(0)))),
        ("called off", cancelled(&open)),
        ("called off, labeled", cancelled(&labeled)),
        ("dispatched", dispatched(&open, 1)),
        ("closed", step(&delivered, delivered.decide_completed())),
        ("delivered", delivered),
        ("open", open),
        ("picked", picked),
        ("packed", in_carton),
        ("labeled", labeled),
        ("moving, not scanned", moving),
        ("handed over", handed_over),
    ]
}

fn state(name: &str) -> Order {
    states().into_iter().find(|(state, _)| *state == name).unwrap().1
}

fn label_wanted(order: &Order) -> &'static str {
    match order.label_wanted(1) {
        Ok(Some(_)) => "wanted",
        Ok(None) => "again",
        Err(rejection) => outcome(&Err(rejection)),
    }
}

#[test]
fn each_state_takes_what_comes_next_knows_what_was_done_and_refuses_the_rest() {
    const NO: &str = "not allowed";
    #[rustfmt::skip]
    let table: [(&str, [&str; 12]); 12] = [
        // state              pick all   pick 1      pick 0      pack        pack else   label       hand over   other list  dispatch    void label  cancel      complete
        ("open",             ["recorded", "recorded", "recorded", NO,         NO,         NO,         NO,         NO,         NO,         "again",    "recorded", "again"]),
        ("picked",           ["again",    NO,         NO,         "recorded", "recorded", NO,         NO,         NO,         NO,         "again",    "recorded", "again"]),
        ("packed",           ["again",    NO,         NO,         "again",    NO,         "wanted",   NO,         NO,         NO,         "again",    "recorded", "again"]),
        ("labeled",          ["again",    NO,         NO,         "again",    NO,         "again",    "recorded", "recorded", NO,         NO,         "recorded", "again"]),
        ("moving, not scanned", ["again", NO,         NO,         "again",    NO,         "again",    "recorded", "recorded", NO,         NO,         NO,         "again"]),
        ("handed over",      ["again",    NO,         NO,         "again",    NO,         "again",    "again",    NO,         "recorded", NO,         NO,         "again"]),
        ("dispatched",       ["again",    NO,         NO,         "again",    NO,         "again",    "again",    NO,         "again",    NO,         NO,         "again"]),
        ("delivered",        ["again",    NO,         NO,         "again",    NO,         "again",    "again",    NO,         "again",    NO,         NO,         "recorded"]),
        ("closed",           ["again",    NO,         NO,         "again",    NO,         "again",    "again",    NO,         "again",    NO,         NO,         "again"]),
        ("short",            [NO,         NO,         "again",    NO,         NO,         NO,         NO,         NO,         NO,         "again",    "recorded", "recorded"]),
        ("called off",       ["refused",  "refused",  "refused",  "refused",  "refused",  "refused",  "refused",  "refused",  "refused",  "again",    "again",    "refused"]),
        ("called off, labeled", ["refused", "refused", "refused", "refused",  "refused",  "refused",  "refused",  "refused",  "refused",  "recorded", "again",    "refused"]),
    ];
    let mut otherwise = packing();
    otherwise.weight_grams += 1;
    for (name, expected) in table {
        let order = state(name);
        let outcomes = [
            outcome(&order.decide_picked(1, found(2))),
            outcome(&order.decide_picked(1, found(1))),
            outcome(&order.decide_picked(1, found(0))),
            outcome(&order.decide_packed(1, packing())),
            outcome(&order.decide_packed(1, otherwise.clone())),
            label_wanted(&order),
            outcome(&order.decide_handed_over(1, "M-1".to_owned())),
            outcome(&order.decide_handed_over(1, "M-2".to_owned())),
            outcome(&order.decide_dispatched(1)),
            outcome(&order.decide_label_voided(1)),
            outcome(&order.decide_cancelled(CancelReason::Merchant, "no".to_owned())),
            outcome(&order.decide_completed()),
        ];
        assert_eq!(outcomes, expected, "{name}");
    }
}

#[test]
fn a_fulfillment_order_that_does_not_exist_is_unknown_to_every_command() {
    let order = one_line();
    let decided = [
        order.decide_picked(9, found(2)),
        order.decide_packed(9, packing()),
        order.decide_labeled(9, label(9)),
        order.decide_handed_over(9, "M-1".to_owned()),
        order.decide_dispatched(9),
        order.decide_label_voided(9),
        order.decide_tracked(9, ShipmentStatus::InTransit, after(1)),
        order.decide_tracked(1, ShipmentStatus::InTransit, after(1)),
        order.decide_captured(1, Some(9), usd(1), "pi_1", false),
        order.captures_wanted(9).map(|_| None),
    ];
    assert_eq!(decided.map(|decided| outcome(&decided)), ["unknown"; 10]);
}

#[test]
fn a_pick_accounts_for_every_line_once_and_for_no_more_than_was_wanted() {
    let order = two_sites_as_one();
    let pick = |lines: &[(u16, u32)]| {
        let lines = lines.iter().map(|(line, picked)| PickedLine { line: *line, picked: *picked }).collect();
        match order.decide_picked(1, lines) {
            Err(Rejection::Invalid { pointer, .. }) => pointer,
            decided => outcome(&decided).to_owned(),
        }
    };
    let table: [(&[(u16, u32)], &str); 7] = [
        (&[(1, 2), (2, 1)], "recorded"),
        (&[(2, 0), (1, 1)], "recorded"),
        (&[], "/lines"),
        (&[(1, 2)], "/lines"),
        (&[(1, 2), (1, 2)], "/lines/1/line"),
        (&[(1, 2), (3, 1)], "/lines/1/line"),
        (&[(1, 3), (2, 1)], "/lines/0/picked"),
    ];
    for (lines, expected) in table {
        assert_eq!(pick(lines), expected, "{lines:?}");
    }
}

fn two_sites_as_one() -> Order {
    let lines = vec![line(1, "A", 2, usd(1_000)), line(2, "B", 1, usd(500))];
    routed(&begin(placed(lines, card())), one_site)
}

#[test]
fn old_news_and_news_after_delivery_change_nothing() {
    use ShipmentStatus::{Delayed, Delivered, InTransit, OutForDelivery, PreTransit};
    let order = state("moving, not scanned"); // in transit, seen at hour 50
    let table = [
        (InTransit, 51, "again"),
        (OutForDelivery, 49, "again"),
        (OutForDelivery, 50, "recorded"),
        (Delayed, 51, "recorded"),
        (PreTransit, 51, "again"),
        (Delivered, 51, "recorded"),
    ];
    for (status, hour, expected) in table {
        let decided = order.decide_tracked(1, status, after(hour));
        assert_eq!(outcome(&decided), expected, "{status:?} at hour {hour}");
    }
    let order = state("delivered");
    assert_eq!(order.decide_tracked(1, InTransit, after(200)), Ok(None));
}

#[test]
fn a_second_capture_moves_no_money() {
    let order = state("dispatched");
    assert_eq!(order.payment.captured(), usd(2_000));
    assert_eq!(order.captures_wanted(1), Ok(vec![]));
    for amount in [usd(2_000), usd(1)] {
        assert_eq!(order.decide_captured(1, Some(1), amount, "pi_1", true), Ok(None));
    }
}

#[test]
fn more_than_is_held_is_never_captured() {
    let order = state("handed over");
    let decided = order.decide_captured(1, Some(1), usd(2_001), "pi_1", true);
    assert_eq!(outcome(&decided), "not allowed");
}

fn held(order: &Order) -> i64 {
    let postings: Vec<Posting> = order.history().iter().flat_map(|event| event.postings.clone()).collect();
    balance(&postings, Account::Authorizations, usd(0)).unwrap().minor()
}

#[test]
fn the_hold_is_let_go_with_the_last_shipment_and_not_before() {
    let order = two_sites();
    assert_eq!((order.is_last_capture(1, 1), held(&order)), (false, 2_500));
    // One of two is found: less is captured than was held.
    let order = step(&order, order.decide_picked(2, vec![PickedLine { line: 2, picked: 0 }]));
    assert!(order.is_last_capture(1, 1), "the other will never ship");
    let order = dispatched(&order, 1);
    assert_eq!((order.payment.captured(), held(&order)), (usd(2_000), 0));
}

#[test]
fn a_shipment_that_costs_nothing_is_not_waited_for_when_the_hold_is_let_go() {
    let lines = vec![line(1, "A", 2, usd(1_000)), line(2, "GIFT", 1, usd(0))];
    let order = routed(&begin(placed(lines, card())), site_per_line);
    assert!(order.is_last_capture(1, 1));
    let short = step(&order, order.decide_picked(1, found(1)));
    let order = step(&short, short.decide_packed(1, packing()));
    let order = step(&order, order.decide_labeled(1, label(1)));
    let order = step(&order, order.decide_handed_over(1, "M-1".to_owned()));
    let order = step(&order, order.decide_dispatched(1));
    let order = step(&order, order.decide_captured(1, Some(1), usd(1_000), "pi_1", true));
    assert_eq!(held(&order), 0, "what was short is no longer held");
    let order = delivered(&order, 2);
    assert_eq!(order.captures_wanted(2), Ok(vec![]));
}

#[test]
fn a_discount_of_the_whole_order_makes_no_shipment_cost_less_than_nothing() {
    let mut body = placed(vec![line(1, "A", 3, usd(100)), line(2, "B", 1, usd(0))], card());
    body.lines[1].tax = usd(500);
    body.discount = usd(600);
    body.total = body.computed_total().unwrap();
    let order = routed(&begin(body), site_per_line);
    let due: Vec<i64> = order.fulfillments.iter().map(|part| order.due(part).unwrap().minor()).collect();
    assert_eq!((due.iter().sum::<i64>(), due.iter().all(|due| *due >= 0)), (200, true), "{due:?}");
}

#[test]
fn a_label_that_came_after_the_end_is_kept_so_that_it_can_be_given_back() {
    let order = cancelled(&state("packed"));
    let order = step(&order, order.decide_labeled(1, label(1)));
    assert_eq!(order.fulfillment(1).unwrap().supported_actions(), [""; 0]);
    assert_eq!(outcome(&order.decide_handed_over(1, "M-1".to_owned())), "refused");
    let order = step(&order, order.decide_label_voided(1));
    assert_eq!(order.decide_label_voided(1), Ok(None));
    assert_eq!(order.decide_labeled(1, label(2)), Ok(None));
}

#[test]
fn a_large_order_gives_back_in_steps_that_each_fit_a_transaction() {
    let lines = (1..=90).map(|number| line(number, &format!("I{number}"), 2, usd(100))).collect();
    let split = |order: &Order| {
        let halves = site_per_line(order).into_iter().flat_map(|share| {
            let other = Share { site: site("south"), quantity: 1, ..share.clone() };
            [Share { quantity: 1, ..share }, other]
        });
        halves.collect()
    };
    let mut order = cancelled(&routed(&begin(placed(lines, card())), split));
    let mut given_back = 0;
    while let Some(draft) = order.decide_stock_released().unwrap() {
        assert!(changes(&draft.movements).len() <= 95, "{} counters", draft.movements.len());
        given_back += draft.movements.iter().map(|movement| movement.quantity).sum::<i64>();
        order = step(&order, Ok(Some(draft)));
    }
    assert_eq!((given_back, order.stock), (180, StockHold::Released));
}

#[test]
fn what_staff_may_do_is_what_the_commands_allow() {
    for (name, order) in states() {
        let part = order.fulfillment(1).unwrap();
        let recorded = |decided| outcome(&decided) == "recorded";
        let allowed = [
            ("pick", recorded(order.decide_picked(1, all_found(&order, 1)))),
            ("pack", recorded(order.decide_packed(1, packing()))),
            ("hand_over", recorded(order.decide_handed_over(1, "M-9".to_owned()))),
        ];
        let allowed: Vec<&str> = allowed.iter().filter(|(_, yes)| *yes).map(|(action, _)| *action).collect();
        assert_eq!(part.supported_actions(), allowed, "{name}");
    }
}
