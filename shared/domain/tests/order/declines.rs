//! Declines: what each code makes of an order, the schedule to its end, the customer's time, and orders of which a part left.

use crate::sample::{
    account, after, authorized, begin, card, confirmed, dispatched, hold, line, one_site, other_card, outcome,
    paid_with, placed, routed, site_per_line, start, step, usd,
};
use jiff::Timestamp;
use waybill_domain::order::{AccountKind, CancelReason, NewHold, Order, PaymentAxis, Pending, Tender, TenderState};
use waybill_domain::screening::Verdict;

fn fresh(tender: Tender) -> Order {
    let order = begin(placed(vec![line(1, "A", 2, usd(1_000))], tender));
    step(&order, order.decide_screened(Verdict::Pass, vec![]))
}

/// The processor says no to what is tried now.
fn declined(order: &Order, number: u16, code: &str, now: Timestamp) -> Order {
    let effect = order.payment.tender(number).unwrap().authorize_effect();
    let draft = order.decide_declined(number, &effect, code.to_owned(), now).unwrap().unwrap();
    order.record(draft, now, waybill_domain::order::Actor("test".to_owned()), None).0
}

fn first(order: &Order) -> &TenderState {
    &order.payment.tenders[0]
}

fn becomes(order: &Order) -> &'static str {
    match (&first(order).pending, order.is_cancelled()) {
        (None, true) => "ends",
        (Some(Pending::Retry { .. }), false) => "tries again",
        (Some(Pending::Method { .. }), false) => "asks",
        _ => "something else",
    }
}

#[test]
fn each_code_makes_this_of_an_order() {
    #[rustfmt::skip]
    let table = [
        // code                        a card         a confirmed payment or an account
        ("insufficient_funds",         "tries again", "asks"), ("issuer_not_available",      "tries again", "asks"),
        ("processing_error",           "tries again", "asks"), ("reenter_transaction",       "tries again", "asks"),
        ("try_again_later",            "tries again", "asks"), ("approve_with_id",           "tries again", "asks"),
        ("card_velocity_exceeded",     "tries again", "asks"), ("withdrawal_count_limit_exceeded", "tries again", "asks"),
        ("authentication_required",    "asks",        "asks"), ("expired_card",              "asks",        "asks"),
        ("incorrect_cvc",              "asks",        "asks"), ("generic_decline",           "asks",        "asks"),
        ("do_not_honor",               "asks",        "asks"), ("insufficient_balance",      "asks",        "asks"),
        ("a_code_of_next_year",        "asks",        "asks"), ("",                          "asks",        "asks"),
        ("do_not_try_again",           "ends",        "ends"), ("fraudulent",                "ends",        "ends"),
        ("lost_card",                  "ends",        "ends"), ("stolen_card",               "ends",        "ends"),
        ("pickup_card",                "ends",        "ends"), ("restricted_card",           "ends",        "ends"),
        ("revocation_of_authorization", "ends",       "ends"), ("stop_payment_order",        "ends",        "ends"),
        ("highest_risk_level",         "ends",        "ends"), ("payment_in_use",            "ends",        "ends"),
    ];
    for (code, of_a_card, of_others) in table {
        let credit = account(AccountKind::StoreCredit);
        for (tender, expected) in [(card(), of_a_card), (confirmed(), of_others), (credit, of_others)] {
            let order = declined(&fresh(tender), 1, code, start());
            assert_eq!(becomes(&order), expected, "{code}");
            assert_eq!(order.axes().payment, PaymentAxis::Failed, "{code}");
            assert_eq!(first(&order).declined.as_deref(), Some(code));
        }
    }
}

#[test]
fn a_retry_comes_after_1_24_and_72_hours_and_then_the_order_ends() {
    let mut order = fresh(card());
    for hour in [1, 24, 72] {
        order = declined(&order, 1, "insufficient_funds", after(if hour == 1 { 0 } else { hour - 20 }));
        assert_eq!(order.timer(), Some(after(hour)));
        assert_eq!(order.to_authorize(after(hour)), Ok(None), "it waits");
        assert_eq!(order.decide_timer(after(hour - 1)), Ok(None));
        order = step(&order, order.decide_timer(after(hour)));
        assert_eq!(order.decide_timer(after(hour)), Ok(None));
        let wanted = order.to_authorize(after(hour)).unwrap().unwrap();
        assert_eq!((wanted.amount, wanted.on_session), (usd(2_000), false), "the shopper is not there");
    }
    let order = declined(&order, 1, "insufficient_funds", after(73));
    assert_eq!(order.cancelled.as_ref().unwrap().reason, CancelReason::PaymentDeclined);
    assert_eq!((order.timer(), order.owed()), (None, Ok(usd(0))));
}

#[test]
fn each_try_has_its_own_effect_and_is_answered_once() {
    let order = fresh(card());
    let effects = |order: &Order| first(order).authorize_effect();
    assert_eq!(effects(&order), "authorize-1-0");
    let again = declined(&order, 1, "insufficient_funds", start());
    assert_eq!(again.decide_declined(1, "authorize-1-0", "stolen_card".to_owned(), start()), Ok(None));
    let due = step(&again, again.decide_timer(after(1)));
    assert_eq!(effects(&due), "authorize-1-1");
    assert_eq!(
        due.decide_declined(1, "authorize-1-0", "stolen_card".to_owned(), start()),
        Ok(None),
        "of the first try"
    );
    let to_act =
        |order: &Order, effect: &str| order.decide_action_required(1, effect, "pi_1".to_owned(), None, start());
    assert_eq!(to_act(&due, "authorize-1-0"), Ok(None));
    assert_eq!(outcome(&to_act(&due, "authorize-1-1")), "recorded");
}

#[test]
fn a_customer_who_does_not_answer_in_72_hours_loses_the_order() {
    let order = fresh(card());
    let asked = declined(&order, 1, "generic_decline", start());
    let to_act = order.decide_action_required(1, "authorize-1-0", "pi_1".to_owned(), None, start());
    for waiting in [asked, step(&order, to_act)] {
        assert_eq!(waiting.timer(), Some(after(72)));
        assert_eq!(waiting.decide_timer(after(71)), Ok(None));
        let ended = step(&waiting, waiting.decide_timer(after(72)));
        assert_eq!(ended.cancelled.as_ref().unwrap().reason, CancelReason::PaymentDeclined);
        assert_eq!((ended.timer(), ended.decide_timer(after(99))), (None, Ok(None)));
        assert!(ended.proof().unwrap().holds());
        assert_eq!(outcome(&ended.decide_method_named(1, other_card())), "refused");
    }
}

#[test]
fn a_shopper_who_acted_pays_and_one_who_did_not_is_asked() {
    let order = fresh(card());
    let to_act = step(&order, order.decide_action_required(1, "authorize-1-0", "pi_1".to_owned(), None, start()));
    let paid = step(&to_act, to_act.decide_authorized(1, hold(usd(2_000), "pi_1")));
    assert!(paid.payment.is_authorized() && paid.timer().is_none());
    let fail = |order: &Order, reference: &str| {
        order.decide_action_failed(reference, "authentication_required".to_owned(), start())
    };
    assert_eq!(fail(&to_act, "pi_9"), Ok(None), "of another payment");
    assert_eq!(fail(&paid, "pi_1"), Ok(None), "too late");
    let asked = step(&to_act, fail(&to_act, "pi_1"));
    assert_eq!((becomes(&asked), fail(&asked, "pi_1")), ("asks", Ok(None)));
}

#[test]
fn another_card_is_tried_at_once_on_a_schedule_of_its_own() {
    let order = declined(&fresh(card()), 1, "insufficient_funds", start());
    let named = step(&order, order.decide_method_named(1, other_card()));
    assert_eq!((named.timer(), first(&named).declines.0), (None, 0));
    let wanted = named.to_authorize(after(0)).unwrap().unwrap();
    assert_eq!((wanted.with, wanted.effect.as_str(), wanted.on_session), (other_card(), "authorize-1-2", true));
    let again = declined(&named, 1, "insufficient_funds", after(30));
    assert_eq!(again.timer(), Some(after(31)), "its first retry");
}

#[test]
fn another_payment_is_named_only_where_one_is_waited_for_and_only_a_card() {
    let waits = declined(&fresh(account(AccountKind::StoreCredit)), 1, "insufficient_balance", start());
    let cash = account(AccountKind::GiftCard);
    let table = [
        (&fresh(card()), other_card(), "not allowed"),
        (&authorized(&fresh(card())), other_card(), "not allowed"),
        (&waits, cash, "not allowed"),
        (&waits, other_card(), "recorded"),
        (&waits, confirmed(), "recorded"),
    ];
    for (order, with, expected) in table {
        assert_eq!(outcome(&order.decide_method_named(1, with.clone())), expected, "{with:?}");
    }
    assert_eq!(outcome(&waits.decide_method_named(2, other_card())), "unknown");
}

#[test]
fn one_tender_waits_while_the_others_are_held_and_all_are_let_go_when_the_order_ends() {
    let order = begin(paid_with(placed(vec![line(1, "A", 2, usd(1_000))], card()), &[(card(), 500)], other_card()));
    let order = step(&order, order.decide_screened(Verdict::Pass, vec![]));
    let order = step(&order, order.decide_authorized(1, hold(usd(500), "pi_1")));
    let waits = declined(&order, 2, "insufficient_funds", start());
    assert!(waits.payment.is_pending() && !waits.payment.is_authorized());
    assert_eq!((waits.to_authorize(start()), waits.unneeded_holds()), (Ok(None), Ok(vec![])));
    assert_eq!(outcome(&waits.decide_routed(&one_site(&waits))), "not allowed");
    let ended = declined(&order, 2, "stolen_card", start());
    let unneeded = ended.unneeded_holds().unwrap();
    assert_eq!(unneeded.iter().map(|hold| hold.amount.minor()).collect::<Vec<_>>(), [500]);
    assert_eq!(outcome(&ended.decide_voided("pi_1")), "recorded");
}

/// Two parts, the first of which has left and is paid; what is held of the second lapses at hour 200.
fn half_way() -> Order {
    let order = begin(placed(vec![line(1, "A", 2, usd(1_000)), line(2, "B", 1, usd(500))], card()));
    let order = step(&order, order.decide_screened(Verdict::Pass, vec![]));
    let lasts = NewHold { expires_at: Some(after(200)), ..hold(usd(2_500), "pi_1") };
    let order = step(&order, order.decide_authorized(1, lasts));
    let order = step(&order, order.decide_routed(&site_per_line(&order)));
    dispatched(&order, 1)
}

#[test]
fn a_hold_that_lapsed_is_wanted_anew_for_what_is_still_to_be_taken() {
    let order = half_way();
    assert_eq!(order.to_authorize(after(199)), Ok(None));
    assert_eq!(order.lapsed_holds(after(199)).count(), 0);
    let wanted = order.to_authorize(after(200)).unwrap().unwrap();
    assert_eq!((wanted.amount, wanted.effect.as_str(), wanted.on_session), (usd(500), "authorize-1-1", false));
    assert_eq!(order.lapsed_holds(after(200)).map(|hold| hold.reference.as_str()).collect::<Vec<_>>(), ["pi_1"]);
    let lapsed = step(&order, order.decide_lapsed("pi_1"));
    assert_eq!((lapsed.decide_lapsed("pi_1"), lapsed.payment.capturable()), (Ok(None), 0));
    assert_eq!(outcome(&lapsed.decide_captured(1, Some(2), usd(500), "pi_1", true)), "not allowed");
    let anew = step(&lapsed, lapsed.decide_authorized(1, hold(usd(500), "pi_2")));
    let done = dispatched(&anew, 2);
    assert_eq!((done.payment.captured(), done.payment.capturable()), (usd(2_500), 0));
    assert_eq!(first(&done).holds.iter().map(|hold| hold.captured.minor()).collect::<Vec<_>>(), [2_000, 500]);
    assert!(done.proof().unwrap().holds());
}

#[test]
fn a_decline_after_a_part_has_left_does_not_end_the_order() {
    let order = half_way();
    let lapsed = step(&order, order.decide_lapsed("pi_1"));
    for code in ["stolen_card", "generic_decline", "insufficient_funds"] {
        let declined = declined(&lapsed, 1, code, after(200));
        assert!(!declined.is_cancelled(), "{code}");
        assert_eq!((declined.owed(), declined.payment.captured()), (Ok(usd(2_500)), usd(2_000)), "{code}");
        assert!(declined.proof().unwrap().holds(), "{code}");
        let named = step(&declined, declined.decide_method_named(1, other_card()));
        assert_eq!(named.to_authorize(after(201)).unwrap().unwrap().amount, usd(500));
    }
    let asked = declined(&lapsed, 1, "generic_decline", after(200));
    let late = step(&asked, asked.decide_timer(asked.timer().unwrap()));
    assert!(!late.is_cancelled() && late.timer().is_none());
}

#[test]
fn the_clock_knows_the_earliest_of_what_is_waited_for() {
    let order = begin(paid_with(placed(vec![line(1, "A", 2, usd(1_000))], card()), &[(card(), 500)], other_card()));
    let order = step(&order, order.decide_screened(Verdict::Pass, vec![]));
    assert_eq!(order.timer(), None);
    let one = declined(&order, 1, "generic_decline", start());
    assert_eq!(one.timer(), Some(after(72)));
    let both = declined(&one, 2, "insufficient_funds", after(10));
    assert_eq!((both.timer(), both.head().1), (Some(after(11)), Some(after(11))));
    let retried = step(&both, both.decide_timer(after(11)));
    assert_eq!(retried.timer(), Some(after(72)), "the customer's time goes on");
    let routed = routed(&begin(placed(vec![line(1, "A", 2, usd(1_000))], card())), one_site);
    assert_eq!(routed.timer(), None);
}
