//! What decides whether an order goes on: screening, payment, review, cancelling, exceptions; and what each wait is told.

use crate::sample::{
    begin, card, dispatched, hold, label, labeled, let_go, line, one_site, outcome, placed, routed, start, step, usd,
};
use waybill_domain::order::{Answer, CancelReason, CaseAction, NewHold, Order, PickedLine, Rejection, Wait};
use waybill_domain::screening::Verdict;

fn fresh() -> Order {
    begin(placed(vec![line(1, "A", 2, usd(1_000))], card()))
}

fn screened(verdict: Verdict) -> Order {
    let order = fresh();
    step(&order, order.decide_screened(verdict, vec!["a rule".to_owned()]))
}

fn authorized(order: &Order, risk: bool) -> Order {
    let hold = NewHold { elevated_risk: risk, ..hold(usd(2_000), "pi_1") };
    step(order, order.decide_authorized(1, hold))
}

fn reviewed(approved: bool) -> Order {
    let order = authorized(&screened(Verdict::Review), false);
    step(&order, order.decide_reviewed(approved, "looked at".to_owned()))
}

fn cancelled(order: &Order) -> Order {
    step(order, order.decide_cancelled(CancelReason::Customer, "asked for".to_owned()))
}

/// The processor says no, as the answer to the first effect.
fn decline(order: &Order, code: &str) -> waybill_domain::order::Decided {
    order.decide_declined(1, "authorize-1-0", code.to_owned(), start())
}

fn declined(code: &str) -> Order {
    let order = screened(Verdict::Pass);
    step(&order, decline(&order, code))
}

fn to_act() -> Order {
    let order = screened(Verdict::Pass);
    step(&order, order.decide_action_required(1, "authorize-1-0", "pi_1".to_owned(), None, start()))
}

fn state(name: &str) -> Order {
    let routed = || routed(&fresh(), one_site);
    match name {
        "placed" => fresh(),
        "passed" => screened(Verdict::Pass),
        "odd" => screened(Verdict::Review),
        "rejected by rule" => screened(Verdict::Reject),
        "held" => authorized(&screened(Verdict::Pass), false),
        "held, risky" => authorized(&screened(Verdict::Pass), true),
        "held, odd" => authorized(&screened(Verdict::Review), false),
        "held, unscreened" => authorized(&fresh(), false),
        "approved" => reviewed(true),
        "rejected" => reviewed(false),
        "declined" => declined("stolen_card"),
        "declined, may do later" => declined("insufficient_funds"),
        "declined, to be corrected" => declined("generic_decline"),
        "to act" => to_act(),
        "routed" => routed(),
        "left" => dispatched(&routed(), 1),
        "called off" => cancelled(&authorized(&screened(Verdict::Pass), false)),
        "called off, routed" => cancelled(&routed()),
        "over" => {
            let order = cancelled(&routed());
            let_go(&step(&order, order.decide_stock_released()))
        }
        other => panic!("no state {other}"),
    }
}

#[test]
fn an_order_goes_on_only_when_screening_payment_and_review_let_it() {
    const YES: &str = "recorded";
    const NO: &str = "not allowed";
    const END: &str = "refused";
    const OLD: &str = "again";
    #[rustfmt::skip]
    let table: [(&str, [&str; 10]); 19] = [
        // state               screen authorize decline approve reject route cancel void release complete
        ("placed",             [YES,  YES,      YES,    NO,     NO,    NO,   YES,   OLD, NO,     OLD]),
        ("passed",             [OLD,  YES,      YES,    NO,     NO,    NO,   YES,   OLD, NO,     OLD]),
        ("odd",                [OLD,  YES,      YES,    YES,    YES,   NO,   YES,   OLD, NO,     OLD]),
        ("rejected by rule",   [END,  YES,      END,    END,    END,   END,  OLD,   OLD, YES,    END]),
        ("held",               [OLD,  OLD,      OLD,    NO,     NO,    YES,  YES,   NO,  NO,     OLD]),
        ("held, risky",        [OLD,  OLD,      OLD,    YES,    YES,   NO,   YES,   NO,  NO,     OLD]),
        ("held, odd",          [OLD,  OLD,      OLD,    YES,    YES,   NO,   YES,   NO,  NO,     OLD]),
        ("held, unscreened",   [YES,  OLD,      OLD,    NO,     NO,    NO,   YES,   NO,  NO,     OLD]),
        ("approved",           [OLD,  OLD,      OLD,    OLD,    NO,    YES,  YES,   NO,  NO,     OLD]),
        ("rejected",           [END,  OLD,      OLD,    END,    OLD,   END,  OLD,   YES, YES,    END]),
        ("declined",           [END,  YES,      OLD,    END,    END,   END,  OLD,   OLD, YES,    END]),
        ("declined, may do later",    [OLD, YES, OLD,   NO,     NO,    NO,   YES,   OLD, NO,     OLD]),
        ("declined, to be corrected", [OLD, YES, OLD,   NO,     NO,    NO,   YES,   OLD, NO,     OLD]),
        ("to act",             [OLD,  YES,      OLD,    NO,     NO,    NO,   YES,   OLD, NO,     OLD]),
        ("routed",             [OLD,  OLD,      OLD,    NO,     NO,    OLD,  YES,   NO,  NO,     OLD]),
        ("left",               [OLD,  OLD,      OLD,    NO,     NO,    OLD,  NO,    OLD, NO,     OLD]),
        ("called off",         [END,  OLD,      OLD,    END,    END,   END,  OLD,   YES, YES,    END]),
        ("called off, routed", [END,  OLD,      OLD,    END,    END,   END,  OLD,   YES, YES,    END]),
        ("over",               [END,  OLD,      OLD,    END,    END,   END,  OLD,   OLD, OLD,    END]),
    ];
    for (name, expected) in table {
        let order = state(name);
        let decided = [
            order.decide_screened(Verdict::Pass, vec![]),
            order.decide_authorized(1, hold(usd(2_000), "pi_1")),
            decline(&order, "stolen_card"),
            order.decide_reviewed(true, "fine".to_owned()),
            order.decide_reviewed(false, "no".to_owned()),
            order.decide_routed(&one_site(&order)),
            order.decide_cancelled(CancelReason::Merchant, "no".to_owned()),
            order.decide_voided("pi_1"),
            order.decide_stock_released(),
            order.decide_completed(),
        ];
        assert_eq!(decided.map(|decided| outcome(&decided)), expected, "{name}");
    }
}

#[test]
fn routing_gives_out_units_that_were_ordered_and_no_other() {
    let order = state("held");
    let exact = one_site(&order);
    let changed = |quantity: u32, line: usize| {
        let mut shares = exact.clone();
        (shares[0].quantity, shares[0].line) = (quantity, line);
        outcome(&order.decide_routed(&shares))
    };
    let table = [(2, 0, "recorded"), (1, 0, "recorded"), (3, 0, "not allowed"), (2, 1, "not allowed")];
    for (quantity, line, expected) in table {
        assert_eq!(changed(quantity, line), expected, "{quantity} of line {line}");
    }
    assert_eq!(outcome(&order.decide_routed(&[])), "not allowed");
}

#[test]
fn each_way_to_end_has_its_reason_and_takes_back_the_whole_debt() {
    use CancelReason::{Customer, OutOfStock, PaymentDeclined, Rejected, Screening};
    let all_short = {
        let order = state("routed");
        let order = step(&order, order.decide_picked(1, vec![PickedLine { line: 1, picked: 0 }]));
        step(&order, order.decide_completed())
    };
    let table = [
        (state("rejected by rule"), Screening),
        (state("declined"), PaymentDeclined),
        (state("rejected"), Rejected),
        (state("called off"), Customer),
        (all_short, OutOfStock),
    ];
    for (order, reason) in table {
        assert_eq!(order.cancelled.as_ref().map(|ended| ended.reason), Some(reason));
        assert_eq!(order.owed(), Ok(usd(0)), "{reason:?}");
        let postings: Vec<_> = order.history().iter().flat_map(|event| event.postings.clone()).collect();
        let receivable = waybill_domain::ledger::Account::CustomerReceivable;
        assert_eq!(waybill_domain::ledger::balance(&postings, receivable, usd(0)), Ok(usd(0)), "{reason:?}");
    }
}

#[test]
fn each_wait_is_told_to_go_on_to_end_or_nothing_yet() {
    const GO: Option<Answer> = Some(Answer::Success);
    const END: Option<Answer> = Some(Answer::Refused);
    let labeled = labeled(&state("routed"), 1);
    let picked = step(&state("routed"), state("routed").decide_picked(1, vec![PickedLine { line: 1, picked: 1 }]));
    let short = step(&state("routed"), state("routed").decide_picked(1, vec![PickedLine { line: 1, picked: 0 }]));
    let closed = {
        let order = crate::sample::delivered(&state("routed"), 1);
        step(&order, order.decide_completed())
    };
    #[rustfmt::skip]
    let table = [
        // state                             payment review pick  pack  hand over delivery
        ("held, odd", state("held, odd"),     [GO,   None,  None, None, None,     None]),
        ("held, risky", state("held, risky"), [GO,   None,  None, None, None,     None]),
        ("to act", state("to act"),           [None, GO,    None, None, None,     None]),
        ("declined, may do later", state("declined, may do later"), [None, GO, None, None, None, None]),
        ("declined, to be corrected", state("declined, to be corrected"), [None, GO, None, None, None, None]),
        ("declined", state("declined"),       [END,  END,   None, None, None,     END]),
        ("approved", state("approved"),       [GO,   GO,    None, None, None,     None]),
        ("rejected", state("rejected"),       [END,  END,   None, None, None,     END]),
        ("called off", state("called off"),   [END,  END,   None, None, None,     END]),
        ("routed", state("routed"),           [GO,   GO,    None, None, None,     None]),
        ("picked", picked,                    [GO,   GO,    GO,   None, None,     None]),
        ("labeled", labeled,                  [GO,   GO,    GO,   GO,   None,     None]),
        ("left", state("left"),               [GO,   GO,    GO,   GO,   GO,       None]),
        ("closed", closed,                    [GO,   GO,    GO,   GO,   GO,       GO]),
        ("short", short,                      [GO,   GO,    END,  END,  END,      None]),
        ("called off, routed", state("called off, routed"), [END, END, END, END, END, END]),
    ];
    for (name, order, expected) in table {
        let waits = [Wait::Payment, Wait::Review, Wait::Pick(1), Wait::Pack(1), Wait::HandOver(1), Wait::Delivery];
        assert_eq!(waits.map(|wait| order.answer(wait)), expected, "{name}");
        assert_eq!(order.answer(Wait::Pick(9)), None, "{name}");
    }
}

#[test]
fn an_exception_is_open_once_and_settled_once() {
    let order = state("routed");
    let order = step(&order, order.decide_exception("pick", Some(1), "overdue", true));
    assert_eq!(order.decide_exception("pick", Some(1), "overdue", true), Ok(None));
    assert_eq!(outcome(&order.decide_exception("pack", Some(1), "overdue", true)), "recorded");
    assert_eq!(order.cases[0].case.actions, [CaseAction::Retry, CaseAction::Resolve, CaseAction::Cancel]);

    let resolved = step(&order, order.decide_resolved(1, "found it".to_owned()));
    let retried = step(&order, order.decide_redriven(1));
    assert_eq!((resolved.attempt, retried.attempt), (0, 1));
    let plain = step(&state("left"), state("left").decide_exception("carrier", Some(1), "lost", false));
    assert_eq!(plain.cases[0].case.actions, [CaseAction::Resolve], "what has left cannot be called off");
    #[rustfmt::skip]
    let table = [
        // order, exception, resolve, retry
        (&order, 1, "recorded", "recorded"), (&resolved, 1, "again", "again"), (&retried, 1, "again", "again"),
        (&plain, 1, "recorded", "not allowed"), (&order, 2, "unknown", "unknown"),
    ];
    for (order, number, resolve, retry) in table {
        let outcomes = [order.decide_resolved(number, "ok".to_owned()), order.decide_redriven(number)];
        assert_eq!(outcomes.map(|decided| outcome(&decided)), [resolve, retry], "{:?}", order.cases);
    }
    assert_eq!(outcome(&resolved.decide_exception("pick", Some(1), "overdue", true)), "recorded");
}

#[test]
fn a_partners_refusal_is_on_the_timeline_once() {
    let order = state("routed");
    let order = step(&order, order.decide_partner_refused("payment", "capture-1", "expired", "too late"));
    assert_eq!(order.decide_partner_refused("payment", "capture-1", "expired", "too late"), Ok(None));
    assert_eq!(outcome(&order.decide_partner_refused("payment", "capture-2", "expired", "too late")), "recorded");
}

#[test]
fn money_held_after_the_end_is_recorded_so_that_it_is_let_go() {
    let order = cancelled(&state("passed"));
    assert!(!order.payment.holds_money());
    let order = authorized(&order, true);
    assert!(order.payment.holds_money() && order.is_cancelled() && !order.is_finished());
    assert_eq!(outcome(&order.decide_routed(&one_site(&order))), "refused");
    let order = step(&order, order.decide_voided("pi_1"));
    assert!(!order.payment.holds_money());
}

#[test]
fn a_label_without_a_parcel_is_not_wanted_while_the_order_may_not_go_on() {
    let order = state("routed");
    assert!(matches!(order.label_wanted(1), Err(Rejection::NotAllowed { .. })));
    let order = labeled(&order, 1);
    assert_eq!(order.decide_labeled(1, label(2)), Ok(None));
    assert_eq!(order.tracked_as("TRACK1"), Some(1));
    assert_eq!(order.tracked_as("TRACK2"), None);
}
