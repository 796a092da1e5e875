//! Rules that were broken once, each by the smallest case that showed it.

use crate::sample::{
    account, after, begin, card, channel, currency, dispatched, given_back, goodwill, hold, let_go, line, one_site,
    other_card, outcome, paid_with, picked_and_labeled, placed, routed, site_per_line, start, step, usd,
};
use waybill_domain::ledger::{Account, balance};
use waybill_domain::money::Money;
use waybill_domain::order::{AccountKind, CancelReason, Order, PaymentAxis, PickedLine, RefundWish};
use waybill_domain::ports::{DisputeStatus, Disputed};
use waybill_domain::screening::Verdict;

/// 20.00 USD, out of the house and paid.
fn sold() -> Order {
    dispatched(&routed(&begin(placed(vec![line(1, "A", 2, usd(1_000))], card())), one_site), 1)
}

fn screened(order: &Order) -> Order {
    step(order, order.decide_screened(Verdict::Pass, vec![]))
}

fn failed(order: &Order, reference: &str) -> waybill_domain::order::Decided {
    order.decide_refund_failed(1, 1, reference.to_owned(), "declined".to_owned())
}

/// A refund that seemed given back as `re_1`, failed, and is tried again.
fn retried() -> Order {
    let order = sold();
    let order = step(&order, order.decide_refund(&goodwill(usd(500)), None));
    let order = step(&order, order.decide_refunded(1, 1, "re_1".to_owned()));
    let order = step(&order, failed(&order, "re_1"));
    step(&order, order.decide_refund_retried(1))
}

#[test]
fn the_failure_of_an_earlier_attempt_says_nothing_about_the_next() {
    assert_eq!(failed(&retried(), "re_1"), Ok(None));
}

#[test]
fn the_success_of_an_earlier_attempt_says_nothing_about_the_next() {
    assert_eq!(retried().decide_refunded(1, 1, "re_1".to_owned()), Ok(None));
}

#[test]
fn a_refund_that_arrived_after_all_is_recorded() {
    let order = sold();
    let order = step(&order, order.decide_refund(&goodwill(usd(500)), None));
    let order = step(&order, failed(&order, ""));
    assert_eq!(outcome(&order.decide_refunded(1, 1, "re_1".to_owned())), "recorded");
}

#[test]
fn no_more_is_given_back_by_a_retry_than_was_taken() {
    let order = sold();
    let order = step(&order, order.decide_refund(&goodwill(usd(2_000)), None));
    let order = step(&order, failed(&order, ""));
    let order = match order.decide_refund(&goodwill(usd(2_000)), None) {
        Ok(Some(draft)) => given_back(&step(&order, Ok(Some(draft)))),
        Ok(None) | Err(_) => order,
    };
    let order = match order.decide_refund_retried(1) {
        Ok(Some(draft)) => given_back(&step(&order, Ok(Some(draft)))),
        Ok(None) | Err(_) => order,
    };
    assert_eq!(order.broken_bounds(), [""; 0]);
}

#[test]
fn what_somebody_else_took_leaves_the_rest_to_us() {
    let order = routed(&begin(placed(vec![line(1, "A", 2, usd(1_000))], card())), one_site);
    let order = step(&order, order.decide_captured_outside("pi_1", usd(1)));
    assert_eq!(order.captures_wanted(1), Ok(vec![(1, usd(1_999))]));
    assert_eq!(order.unneeded_holds(), Ok(vec![]));
}

#[test]
fn a_draw_that_was_let_go_is_not_drawn_again() {
    // The credit pays the first part, of which nothing is found.
    let body = placed(vec![line(1, "A", 1, usd(500)), line(2, "B", 1, usd(500))], card());
    let order = begin(paid_with(body, &[(account(AccountKind::StoreCredit), 500)], card()));
    let order = routed(&order, site_per_line);
    let order = let_go(&step(&order, order.decide_picked(1, vec![PickedLine { line: 1, picked: 0 }])));
    assert_eq!(order.decide_authorized(1, hold(usd(500), "pi_1")), Ok(None));
}

#[test]
fn an_order_is_not_voided_while_money_is_held() {
    let body = placed(vec![line(1, "A", 1, usd(500)), line(2, "B", 1, usd(500))], card());
    let order = routed(&begin(paid_with(body, &[(card(), 500)], other_card())), site_per_line);
    let order = let_go(&step(&order, order.decide_picked(1, vec![PickedLine { line: 1, picked: 0 }])));
    assert!(order.payment.holds_money());
    assert_eq!(order.axes().payment, PaymentAxis::Authorized);
}

#[test]
fn an_order_that_cost_nothing_and_closed_is_paid() {
    let order = let_go(&routed(&begin(placed(vec![line(1, "A", 1, usd(0))], card())), one_site));
    let order = step(&order, order.decide_picked(1, vec![PickedLine { line: 1, picked: 1 }]));
    let order = step(&order, order.decide_packed(1, crate::sample::packing()));
    let order = step(&order, order.decide_labeled(1, crate::sample::label(1)));
    let order = crate::sample::left(&order, 1);
    let arrived = order.decide_tracked(1, waybill_domain::order::ShipmentStatus::Delivered, after(99));
    let order = step(&order, arrived);
    let order = step(&order, order.decide_completed());
    assert_eq!(order.axes().payment, PaymentAxis::Paid);
}

#[test]
fn after_a_final_decline_nothing_is_tried_until_another_method_is_named() {
    let body = placed(vec![line(1, "A", 1, usd(500)), line(2, "B", 1, usd(500))], card());
    let order = dispatched(&routed(&begin(body), site_per_line), 1);
    let order = step(&order, order.decide_lapsed("pi_1"));
    let order = step(&order, order.decide_declined(1, "authorize-1-1", "stolen_card".to_owned(), after(9)));
    assert_eq!(order.to_authorize(after(10)), Ok(None));
}

#[test]
fn the_same_card_named_again_is_no_news() {
    let order = screened(&begin(placed(vec![line(1, "A", 1, usd(500))], card())));
    let order = step(&order, order.decide_declined(1, "authorize-1-0", "generic_decline".to_owned(), start()));
    let order = step(&order, order.decide_method_named(1, other_card()));
    assert_eq!(order.decide_method_named(1, other_card()), Ok(None));
}

#[test]
fn a_payment_of_an_invoice_is_recorded_once() {
    let body = placed(vec![line(1, "A", 2, usd(1_000))], account(AccountKind::NetTerms));
    let order = dispatched(&routed(&begin(body), one_site), 1);
    let paid = |order: &Order| order.decide_invoice_paid(1, usd(500), "bank-1".to_owned());
    assert_eq!(paid(&step(&order, paid(&order))), Ok(None));
}

#[test]
fn an_order_that_ended_wants_no_money() {
    let order = screened(&begin(placed(vec![line(1, "A", 1, usd(500))], card())));
    let order = step(&order, order.decide_cancelled(CancelReason::Customer, "asked for".to_owned()));
    assert_eq!(order.to_authorize(start()), Ok(None));
}

#[test]
fn shipping_refunded_in_parts_comes_to_what_was_charged_on_each_account() {
    let mut body = placed(vec![line(1, "A", 1, usd(1_000))], card());
    (body.shipping.price, body.shipping.tax) = (usd(500), usd(50));
    body.total = body.computed_total().unwrap();
    let part = RefundWish { shipping: Some(usd(1)), ..crate::sample::units(&[]) };
    let order = dispatched(&routed(&begin(body), one_site), 1);
    let order = (0..550).fold(order, |order, _| step(&order, order.decide_refund(&part, None)));
    let on = |account| balance(order.history().iter().flat_map(|entry| &entry.postings), account, usd(0));
    assert_eq!((on(Account::TaxPayable), on(Account::ShippingIncome)), (Ok(usd(0)), Ok(usd(0))));
}

#[test]
fn facts_in_another_currency_are_errors() {
    let eur = |minor| Money::new(minor, currency("EUR"));
    let (order, fresh) = (sold(), screened(&begin(placed(vec![line(1, "A", 1, usd(500))], card()))));
    let (reference, payment, reason) = ("dp_1".to_owned(), "pi_1".to_owned(), "fraudulent".to_owned());
    let (amount, fee, status) = (eur(100), eur(0), DisputeStatus::Open);
    let seen = Disputed { reference, payment, amount, fee, reason, status, evidence_due: None };
    let held = routed(&begin(placed(vec![line(1, "A", 1, usd(500))], card())), one_site);
    let decided = [
        order.decide_disputed(&seen),
        order.decide_refunded_outside("pi_1", eur(100), "re_9"),
        fresh.decide_authorized(1, hold(eur(500), "pi_1")),
        held.decide_captured(1, Some(1), eur(500), "pi_1", true),
    ];
    assert_eq!(decided.map(|decided| outcome(&decided)), ["money"; 4]);
}

#[test]
fn a_capture_takes_something() {
    let order = picked_and_labeled(
        &routed(&begin(placed(vec![line(1, "A", 1, usd(500))], channel(false))), one_site),
        1,
        vec![PickedLine { line: 1, picked: 1 }],
    );
    let decided = [0, -1].map(|minor| outcome(&order.decide_captured(1, Some(1), usd(minor), "pi_1", false)));
    assert!(!decided.contains(&"recorded"), "{decided:?}");
}

#[test]
fn a_hold_of_nothing_does_not_lapse() {
    let order = screened(&begin(placed(vec![line(1, "A", 1, usd(0))], card())));
    let held = step(&order, order.decide_authorized(1, hold(usd(0), "pi_1_0")));
    assert_eq!(held.decide_lapsed("pi_1_0"), Ok(None));
}

#[test]
fn a_capture_takes_of_the_hold_that_gives_most() {
    let order = screened(&begin(placed(vec![line(1, "A", 1, usd(500))], card())));
    let order = step(&order, order.decide_authorized(1, hold(usd(500), "pi_1_0")));
    let order = step(&order, order.decide_authorized(1, hold(usd(100), "pi_1_1")));
    let chosen = order.payment.tender(1).and_then(|tender| tender.hold()).map(|hold| hold.reference.as_str());
    assert_eq!(chosen, Some("pi_1_0"));
}

#[test]
fn two_holds_of_half_the_amount_do_not_suffice() {
    let order = screened(&begin(placed(vec![line(1, "A", 1, usd(500))], card())));
    let order = step(&order, order.decide_authorized(1, hold(usd(300), "pi_1_0")));
    let order = step(&order, order.decide_authorized(1, hold(usd(300), "pi_1_1")));
    assert_eq!(order.to_authorize(start()).map(|wanted| wanted.map(|wanted| wanted.amount)), Ok(Some(usd(500))));
}

#[test]
fn a_card_that_was_declined_for_good_is_tried_anew_once_it_is_named_again() {
    let body = placed(vec![line(1, "A", 1, usd(500)), line(2, "B", 1, usd(500))], card());
    let order = dispatched(&routed(&begin(body), site_per_line), 1);
    let order = step(&order, order.decide_lapsed("pi_1"));
    let order = step(&order, order.decide_declined(1, "authorize-1-1", "stolen_card".to_owned(), after(9)));
    let order = step(&order, order.decide_method_named(1, card()));
    assert_eq!(order.to_authorize(after(10)).map(|wanted| wanted.map(|wanted| wanted.amount)), Ok(Some(usd(500))));
    assert_eq!(order.decide_method_named(1, card()), Ok(None));
}

#[test]
fn an_order_that_costs_nothing_goes_on_after_a_hold_on_it_has_lapsed() {
    let order = screened(&begin(placed(vec![line(1, "A", 1, usd(0))], card())));
    let order = step(&order, order.decide_authorized(1, hold(usd(1), "pi_1_0")));
    let order = step(&order, order.decide_lapsed("pi_1_0"));
    let order = crate::sample::authorized(&order);
    assert_eq!(outcome(&order.decide_routed(&one_site(&order))), "recorded");
}

#[test]
fn what_was_declined_for_good_after_a_part_has_left_is_still_lacking() {
    let lines = vec![line(1, "A", 1, usd(500)), line(2, "B", 1, usd(700))];
    let order = dispatched(&routed(&begin(placed(lines, card())), site_per_line), 1);
    assert_eq!(order.lacks_money(start()), Ok(false));
    let reference = order.payment.tenders[0].hold().unwrap().reference.clone();
    let order = step(&order, order.decide_lapsed(&reference));
    let effect = order.payment.tenders[0].authorize_effect();
    let order = step(&order, order.decide_declined(1, &effect, "stolen_card".to_owned(), start()));
    assert_eq!(order.to_authorize(start()), Ok(None));
    assert_eq!(order.lacks_money(start()), Ok(true));
}
