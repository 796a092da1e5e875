//! Every command about money in every state of an order: recorded, no news, or refused by name.

use crate::sample::{
    account, authorized, begin, card, channel, delivered, dispatched, given_back, goodwill, hold, let_go, line,
    one_site, other_card, outcome, paid_with, placed, routed, start, step, usd,
};
use waybill_domain::order::{AccountKind, CancelReason, Order, Tender};
use waybill_domain::ports::{DisputeStatus, Disputed};
use waybill_domain::screening::Verdict;

fn fresh_with(tender: Tender) -> Order {
    let order = begin(placed(vec![line(1, "A", 2, usd(1_000))], tender));
    step(&order, order.decide_screened(Verdict::Pass, vec![]))
}

fn paid_by(tender: Tender) -> Order {
    let order = authorized(&fresh_with(tender));
    dispatched(&step(&order, order.decide_routed(&one_site(&order))), 1)
}

fn cancelled(order: &Order) -> Order {
    step(order, order.decide_cancelled(CancelReason::Customer, "asked for".to_owned()))
}

fn declined(code: &str) -> Order {
    let order = fresh_with(card());
    step(&order, order.decide_declined(1, "authorize-1-0", code.to_owned(), start()))
}

fn seen(status: DisputeStatus) -> Disputed {
    let (reference, payment, reason) = ("dp_1".to_owned(), "pi_1".to_owned(), "fraudulent".to_owned());
    Disputed { reference, payment, amount: usd(700), fee: usd(15), reason, status, evidence_due: None }
}

fn disputed(status: DisputeStatus) -> Order {
    let order = step(&paid_by(card()), paid_by(card()).decide_disputed(&seen(DisputeStatus::Open)));
    if status == DisputeStatus::Open { order } else { step(&order, order.decide_disputed(&seen(status))) }
}

fn asked() -> Order {
    let order = paid_by(card());
    step(&order, order.decide_refund(&goodwill(usd(500)), None))
}

fn failed(order: &Order) -> Order {
    step(order, order.decide_refund_failed(1, 1, "re_1_1_0".to_owned(), "declined".to_owned()))
}

fn outside() -> Order {
    let order = paid_by(card());
    step(&order, order.decide_refunded_outside("pi_1", usd(100), "re_9"))
}

fn state(name: &str) -> Order {
    match name {
        "fresh" => fresh_with(card()),
        "held" => authorized(&fresh_with(card())),
        "to act" => {
            let order = fresh_with(card());
            step(&order, order.decide_action_required(1, "authorize-1-0", "pi_1".to_owned(), None, start()))
        }
        "tries again" => declined("insufficient_funds"),
        "asks" => declined("generic_decline"),
        "declined" => declined("stolen_card"),
        "lapsed" => {
            let order = authorized(&fresh_with(card()));
            step(&order, order.decide_lapsed("pi_1"))
        }
        "called off" => cancelled(&authorized(&fresh_with(card()))),
        "let go" => let_go(&cancelled(&authorized(&fresh_with(card())))),
        "taken" => paid_by(card()),
        "closed" => {
            let order = delivered(&routed(&begin(placed(vec![line(1, "A", 2, usd(1_000))], card())), one_site), 1);
            step(&order, order.decide_completed())
        }
        "refund asked" => asked(),
        "refund failed" => failed(&asked()),
        "refunded" => given_back(&asked()),
        "refund failed late" => failed(&given_back(&asked())),
        "refunded outside" => outside(),
        "disputed" => disputed(DisputeStatus::Open),
        "dispute won" => disputed(DisputeStatus::Won),
        "dispute lost" => disputed(DisputeStatus::Lost),
        "invoiced" => paid_by(account(AccountKind::NetTerms)),
        "by a channel" => paid_by(channel(false)),
        other => panic!("no state {other}"),
    }
}

const YES: &str = "recorded";
const OLD: &str = "again";
const NO: &str = "not allowed";
const END: &str = "refused";
const NONE: &str = "unknown";

#[test]
fn holding_and_taking_money_in_every_state() {
    #[rustfmt::skip]
    let table: [(&str, [&str; 11]); 21] = [
        // state               hold  to act decline failed name  lapse void  ship  ahead all   invoice
        ("fresh",              [YES, YES,   YES,    OLD,   NO,   OLD,  OLD,  NONE, NO,   OLD,  NO]),
        ("held",               [OLD, OLD,   OLD,    OLD,   NO,   YES,  NO,   NONE, YES,  YES,  NO]),
        ("to act",             [YES, OLD,   OLD,    YES,   YES,  OLD,  OLD,  NONE, NO,   OLD,  NO]),
        ("tries again",        [YES, OLD,   OLD,    OLD,   YES,  OLD,  OLD,  NONE, NO,   OLD,  NO]),
        ("asks",               [YES, OLD,   OLD,    OLD,   YES,  OLD,  OLD,  NONE, NO,   OLD,  NO]),
        ("declined",           [YES, OLD,   OLD,    OLD,   END,  OLD,  OLD,  NONE, NO,   OLD,  NO]),
        ("lapsed",             [OLD, OLD,   OLD,    OLD,   NO,   OLD,  OLD,  NONE, NO,   YES,  NO]),
        ("called off",         [OLD, OLD,   OLD,    OLD,   END,  YES,  YES,  NONE, YES,  YES,  NO]),
        ("let go",             [OLD, OLD,   OLD,    OLD,   END,  OLD,  OLD,  NONE, NO,   YES,  NO]),
        ("taken",              [OLD, OLD,   OLD,    OLD,   NO,   OLD,  OLD,  OLD,  NO,   OLD,  NO]),
        ("closed",             [OLD, OLD,   OLD,    OLD,   NO,   OLD,  OLD,  OLD,  NO,   OLD,  NO]),
        ("refund asked",       [OLD, OLD,   OLD,    OLD,   NO,   OLD,  OLD,  OLD,  NO,   OLD,  NO]),
        ("refund failed",      [OLD, OLD,   OLD,    OLD,   NO,   OLD,  OLD,  OLD,  NO,   OLD,  NO]),
        ("refunded",           [OLD, OLD,   OLD,    OLD,   NO,   OLD,  OLD,  OLD,  NO,   OLD,  NO]),
        ("refund failed late", [OLD, OLD,   OLD,    OLD,   NO,   OLD,  OLD,  OLD,  NO,   OLD,  NO]),
        ("refunded outside",   [OLD, OLD,   OLD,    OLD,   NO,   OLD,  OLD,  OLD,  NO,   OLD,  NO]),
        ("disputed",           [OLD, OLD,   OLD,    OLD,   NO,   OLD,  OLD,  OLD,  NO,   OLD,  NO]),
        ("dispute won",        [OLD, OLD,   OLD,    OLD,   NO,   OLD,  OLD,  OLD,  NO,   OLD,  NO]),
        ("dispute lost",       [OLD, OLD,   OLD,    OLD,   NO,   OLD,  OLD,  OLD,  NO,   OLD,  NO]),
        ("invoiced",           [OLD, OLD,   OLD,    OLD,   NO,   OLD,  OLD,  OLD,  NO,   OLD,  YES]),
        ("by a channel",       [OLD, OLD,   OLD,    OLD,   NO,   OLD,  OLD,  OLD,  NO,   OLD,  NO]),
    ];
    for (name, expected) in table {
        let order = state(name);
        let first = "authorize-1-0";
        let decided = [
            order.decide_authorized(1, hold(usd(2_000), "pi_1")),
            order.decide_action_required(1, first, "pi_1".to_owned(), None, start()),
            order.decide_declined(1, first, "stolen_card".to_owned(), start()),
            order.decide_action_failed("pi_1", "authentication_required".to_owned(), start()),
            order.decide_method_named(1, other_card()),
            order.decide_lapsed("pi_1"),
            order.decide_voided("pi_1"),
            order.decide_captured(1, Some(1), usd(2_000), "pi_1", true),
            order.decide_captured(1, None, usd(2_000), "pi_1", true),
            order.decide_captured_outside("pi_1", usd(2_000)),
            order.decide_invoice_paid(1, usd(500), "bank-1".to_owned()),
        ];
        assert_eq!(decided.map(|decided| outcome(&decided)), expected, "{name}");
    }
}

#[test]
fn giving_money_back_in_every_state() {
    #[rustfmt::skip]
    let table: [(&str, [&str; 9]); 15] = [
        // state               ask   given failed other retry outside its failure opened closed
        ("fresh",              [NO,  NONE, NONE,  NONE, NONE, OLD,    OLD,        OLD,   OLD]),
        ("held",               [NO,  NONE, NONE,  NONE, NONE, YES,    OLD,        YES,   YES]),
        ("called off",         [NO,  NONE, NONE,  NONE, NONE, YES,    OLD,        YES,   YES]),
        ("taken",              [YES, NONE, NONE,  NONE, NONE, YES,    OLD,        YES,   YES]),
        ("closed",             [YES, NONE, NONE,  NONE, NONE, YES,    OLD,        YES,   YES]),
        ("refund asked",       [YES, YES,  YES,   YES,  NO,   YES,    OLD,        YES,   YES]),
        ("refund failed",      [YES, OLD,  OLD,   OLD,  YES,  YES,    OLD,        YES,   YES]),
        ("refunded",           [YES, OLD,  YES,   OLD,  NO,   YES,    OLD,        YES,   YES]),
        ("refund failed late", [YES, OLD,  OLD,   OLD,  YES,  YES,    OLD,        YES,   YES]),
        ("refunded outside",   [YES, NONE, NONE,  NONE, NONE, OLD,    YES,        YES,   YES]),
        ("disputed",           [YES, NONE, NONE,  NONE, NONE, YES,    OLD,        OLD,   YES]),
        ("dispute won",        [YES, NONE, NONE,  NONE, NONE, YES,    OLD,        OLD,   OLD]),
        ("dispute lost",       [YES, NONE, NONE,  NONE, NONE, YES,    OLD,        OLD,   OLD]),
        ("invoiced",           [YES, NONE, NONE,  NONE, NONE, YES,    OLD,        YES,   YES]),
        ("by a channel",       [NO,  NONE, NONE,  NONE, NONE, YES,    OLD,        YES,   YES]),
    ];
    for (name, expected) in table {
        let order = state(name);
        let failed = |reference: &str| order.decide_refund_failed(1, 1, reference.to_owned(), "declined".to_owned());
        let decided = [
            order.decide_refund(&goodwill(usd(1_000)), None),
            order.decide_refunded(1, 1, "re_1_1_0".to_owned()),
            failed("re_1_1_0"),
            failed("re_other"),
            order.decide_refund_retried(1),
            order.decide_refunded_outside("pi_1", usd(100), "re_9"),
            order.decide_refund_failed_outside("re_9", "declined".to_owned()),
            order.decide_disputed(&seen(DisputeStatus::Open)),
            order.decide_disputed(&seen(DisputeStatus::Lost)),
        ];
        assert_eq!(decided.map(|decided| outcome(&decided)), expected, "{name}");
    }
}

#[test]
fn an_invoice_is_paid_up_to_what_is_open_of_it() {
    let order = paid_by(account(AccountKind::NetTerms));
    let pay = |order: &Order, minor| order.decide_invoice_paid(1, usd(minor), format!("bank-{minor}"));
    let table = [(0, "invalid"), (-1, "invalid"), (2_001, NO), (2_000, YES), (1, YES)];
    for (minor, expected) in table {
        assert_eq!(outcome(&pay(&order, minor)), expected, "{minor}");
    }
    let part = step(&order, pay(&order, 1_500));
    assert_eq!((outcome(&pay(&part, 501)), part.payment.outstanding()), (NO, usd(500)));
    let refunded = step(&part, part.decide_refund(&goodwill(usd(200)), None));
    assert_eq!(
        (outcome(&pay(&refunded, 301)), outcome(&pay(&refunded, 300))),
        (NO, YES),
        "what is credited is not owed"
    );
    let draws = part.history().iter().flat_map(|recorded| &recorded.draws).map(|draw| draw.amount.minor());
    assert_eq!(draws.collect::<Vec<_>>(), [-2_000, 1_500], "what is paid can be spent again");
}

#[test]
fn facts_beyond_every_bound_are_recorded_and_said_to_staff() {
    let order = paid_by(card());
    assert_eq!(order.broken_bounds(), [""; 0]);
    let back = step(&order, order.decide_refunded_outside("pi_1", usd(2_001), "re_9"));
    assert_eq!(back.broken_bounds().len(), 1);
    assert_eq!(back.payment.tenders[0].refundable(), 0);
    let more = state("held");
    let more = step(&more, more.decide_captured_outside("pi_1", usd(2_001)));
    assert_eq!(more.broken_bounds().len(), 1);
    let gone = step(&asked(), asked().decide_disputed(&Disputed { amount: usd(1_501), ..seen(DisputeStatus::Open) }));
    assert_eq!(gone.broken_bounds().len(), 1);
    for order in [back, more, gone] {
        assert_eq!(order.proof().unwrap().differences(), [""; 0]);
    }
}

#[test]
fn each_tender_is_taken_for_what_it_pays_and_the_last_capture_lets_the_rest_go() {
    let body = placed(vec![line(1, "A", 2, usd(1_000)), line(2, "B", 1, usd(500))], card());
    let credit = account(AccountKind::StoreCredit);
    let order =
        routed(&begin(paid_with(body, &[(credit, 700), (card(), 1_500)], other_card())), crate::sample::site_per_line);
    assert_eq!(order.captures_wanted(1), Ok(vec![(1, usd(700)), (2, usd(1_300))]));
    assert_eq!(order.captures_wanted(2), Ok(vec![(2, usd(200)), (3, usd(300))]));
    let last = |part| [1, 2, 3].map(|tender| order.is_last_capture(part, tender));
    assert_eq!((last(1), last(2)), ([true, false, false], [false, false, true]));
    let second_first = dispatched(&dispatched(&order, 2), 1);
    let first_first = dispatched(&dispatched(&order, 1), 2);
    for order in [second_first, first_first] {
        let taken: Vec<i64> = order.payment.tenders.iter().map(|tender| tender.captured.minor()).collect();
        assert_eq!((taken, order.payment.holds_money()), (vec![700, 1_500, 300], false));
    }
}
