//! The processor does what the real one documents.

use super::*;
use crate::{Trouble, at, block_on, id, tenant, usd};
use std::collections::BTreeMap;
use waybill_domain::ports::ReturnStatus;

fn ask_with(
    processor: &FakeProcessor,
    key: &str,
    minor: i64,
    method: &str,
    return_url: Option<&str>,
) -> Result<Authorized, PartnerError> {
    let (tenant, order) = (tenant(), id("ord-1"));
    let (amount, customer) = (usd(minor), None);
    block_on(processor.authorize(&Hold {
        tenant: &tenant,
        order: &order,
        tender: 1,
        method,
        customer,
        amount,
        return_url,
        key,
    }))
}

fn ask(processor: &FakeProcessor, key: &str, minor: i64) -> Result<Authorized, PartnerError> {
    ask_with(processor, key, minor, "pm_card_visa", None)
}

fn take(processor: &FakeProcessor, minor: i64, last: bool, effect: &str, key: &str) -> Result<Held, PartnerError> {
    block_on(processor.capture("pi_0001", usd(minor), last, effect, key))
}

fn give_back(processor: &FakeProcessor, minor: i64, key: &str) -> Result<Returned, PartnerError> {
    block_on(processor.refund(&Return { reference: "pi_0001", amount: usd(minor), effect: "refund-1-1", key }))
}

fn code<T: std::fmt::Debug>(answer: Result<T, PartnerError>) -> String {
    match answer {
        Err(PartnerError::Refused { code, .. }) => code,
        other => format!("{other:?}"),
    }
}

fn declined(answer: Result<Authorized, PartnerError>) -> Option<String> {
    match answer.unwrap() {
        Authorized::Declined { code } => Some(code),
        Authorized::Held(_) | Authorized::ActionRequired { .. } => None,
    }
}

#[test]
fn a_repeated_key_holds_no_more_money_even_when_the_first_answer_was_lost() {
    let processor = FakeProcessor::new();
    processor.faults().fail_next("payment.authorize", Trouble::AnswerLost);
    assert!(matches!(ask(&processor, "k", 500), Err(PartnerError::Unavailable(_))));
    assert!(matches!(ask(&processor, "k", 500), Ok(Authorized::Held(_))));
    assert_eq!(code(ask(&processor, "k", 501)), "idempotency_error");
    assert_eq!(processor.open(&id("ord-1")), 500);
}

#[test]
fn a_key_is_forgotten_after_a_day_and_then_holds_again() {
    let processor = FakeProcessor::new();
    ask(&processor, "k", 500).unwrap();
    processor.set_clock(at(86_399));
    ask(&processor, "k", 500).unwrap();
    assert_eq!(processor.open(&id("ord-1")), 500);
    processor.set_clock(at(86_400));
    ask(&processor, "k", 500).unwrap();
    assert_eq!(processor.open(&id("ord-1")), 1_000);
}

#[test]
fn a_failure_of_its_own_is_repeated_for_the_key_whether_or_not_it_was_done() {
    for (done, open) in [(true, 500), (false, 0)] {
        let processor = FakeProcessor::new();
        processor.spoil_next("payment.authorize", done);
        assert!(matches!(ask(&processor, "k", 500), Err(PartnerError::Unavailable(_))));
        assert!(matches!(ask(&processor, "k", 500), Err(PartnerError::Spent(_))));
        assert_eq!(processor.open(&id("ord-1")), open);
        assert_eq!(block_on(processor.find(&tenant(), &id("ord-1"), 1)).unwrap().is_some(), done);
        ask(&processor, "another", 500).unwrap();
        assert_eq!(processor.open(&id("ord-1")), open + 500);
    }
}

#[test]
fn captures_stay_within_the_hold_are_noted_by_effect_and_the_last_lets_go_of_the_rest() {
    let processor = FakeProcessor::new();
    ask(&processor, "k", 500).unwrap();
    assert!(take(&processor, 200, false, "capture-1", "c1").is_ok());
    assert!(take(&processor, 200, false, "capture-1", "c1").is_ok());
    assert_eq!(code(take(&processor, 301, false, "capture-2", "c2")), "amount_too_large");
    assert_eq!(processor.open(&id("ord-1")), 300);
    let held = take(&processor, 100, true, "capture-2", "c3").unwrap();
    assert_eq!((held.captured, held.capturable), (usd(300), usd(0)));
    let noted = BTreeMap::from([("capture-1".to_owned(), usd(200)), ("capture-2".to_owned(), usd(100))]);
    assert_eq!(held.captures, noted);
    assert_eq!((processor.open(&id("ord-1")), processor.captured(&id("ord-1"))), (0, 300));
    assert_eq!(code(take(&processor, 1, true, "capture-3", "c4")), "payment_intent_unexpected_state");
    assert_eq!(code(block_on(processor.void("pi_0001", "v"))), "payment_intent_unexpected_state");
}

#[test]
fn a_hold_lapses_after_seven_days_and_nothing_is_taken_of_it_any_more() {
    let processor = FakeProcessor::new();
    ask(&processor, "k", 500).unwrap();
    processor.set_clock(at(7 * 86_400 - 1));
    take(&processor, 200, false, "capture-1", "c1").unwrap();
    processor.set_clock(at(7 * 86_400));
    assert_eq!(code(take(&processor, 100, false, "capture-2", "c2")), "payment_intent_unexpected_state");
    assert_eq!((processor.open(&id("ord-1")), processor.captured(&id("ord-1"))), (0, 200));
    let hold = processor.hold("pi_0001").unwrap();
    assert!(hold.held.voided && hold.held.capturable.is_zero());
}

#[test]
fn refunds_stay_within_what_was_taken_and_one_that_fails_is_with_the_merchant_again() {
    let processor = FakeProcessor::new();
    ask(&processor, "k", 500).unwrap();
    assert_eq!(code(give_back(&processor, 1, "r0")), "charge_already_refunded");
    take(&processor, 500, true, "capture-1", "c1").unwrap();
    processor.next_refunds([ReturnStatus::Pending]);
    let refund = give_back(&processor, 300, "r1").unwrap();
    assert_eq!(give_back(&processor, 300, "r1").unwrap(), refund);
    assert_eq!(code(give_back(&processor, 201, "r2")), "amount_too_large");
    assert_eq!(processor.refunded(&id("ord-1")), 300);
    processor.settle_refund(&refund.reference, ReturnStatus::Failed { code: "expired_or_canceled_card".to_owned() });
    assert_eq!(processor.refunded(&id("ord-1")), 0);
    give_back(&processor, 500, "r3").unwrap();
    assert_eq!(processor.refunds_of("pi_0001").len(), 2);
}

#[test]
fn a_disputed_payment_is_not_refunded_until_the_dispute_is_won() {
    let processor = FakeProcessor::new();
    ask(&processor, "k", 500).unwrap();
    take(&processor, 500, true, "capture-1", "c1").unwrap();
    let dispute = processor.open_dispute("pi_0001", usd(500));
    assert_eq!(code(give_back(&processor, 1, "r1")), "charge_disputed");
    assert_eq!(processor.disputed(&id("ord-1")), 500);
    processor.close_dispute(&dispute, true);
    assert_eq!(processor.disputed(&id("ord-1")), 0);
    assert!(give_back(&processor, 1, "r2").is_ok());
}

#[test]
fn a_shopper_who_is_there_proves_who_they_are_and_one_who_is_not_is_declined() {
    let processor = FakeProcessor::new();
    let ask = |key: &str, url| ask_with(&processor, key, 500, "pm_card_authenticationRequired", url);
    assert_eq!(declined(ask("k", None)).as_deref(), Some("authentication_required"));
    for (key, reference, passed) in [("k1", "pi_0001", true), ("k2", "pi_0002", false)] {
        assert!(matches!(ask(key, Some("https://shop.invalid")), Ok(Authorized::ActionRequired { .. })));
        processor.authenticate(reference, passed).unwrap();
        let now = block_on(processor.look_up(reference));
        assert_eq!(matches!(now, Ok(Authorized::Held(_))), passed);
    }
    assert_eq!(processor.open(&id("ord-1")), 500);
}

#[test]
fn a_method_declines_as_often_as_its_name_says() {
    let processor = FakeProcessor::new();
    let ask = |key: &str| declined(ask_with(&processor, key, 500, "pm_card_declines_2_insufficient_funds", None));
    assert_eq!(ask("k1").as_deref(), Some("insufficient_funds"));
    assert_eq!(ask("k1").as_deref(), Some("insufficient_funds"));
    assert_eq!(ask("k2").as_deref(), Some("insufficient_funds"));
    assert_eq!(ask("k3"), None);
}

#[test]
fn its_list_has_every_hold_of_the_time_page_by_page_with_its_owner_where_it_has_one() {
    let processor = FakeProcessor::new();
    for number in 0..25 {
        processor.set_clock(at(number));
        ask(&processor, &format!("k{number}"), 100).unwrap();
    }
    processor.confirmed("pi_shop", usd(7));
    processor.unconfirmed("pi_left", usd(7));
    let (mut after, mut rows) = (None, Vec::new());
    loop {
        let page = block_on(processor.booked(at(5), at(25), after.as_deref())).unwrap();
        rows.extend(page.rows);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(rows.len(), 21);
    assert_eq!(rows.iter().filter(|held| held.owner.is_none()).count(), 1);
}
