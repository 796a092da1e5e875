//! The intent's rules, without HTTP.

use super::{Card, Currency, HOLD_LASTS, Ids, Illegal, Intent, Method, Problem, Status, Wish};
use crate::stripe::issuer::{Issuer, Tries};
use crate::stripe::wishes::Confirm;
use std::collections::BTreeMap;

const NOW: i64 = 1_700_000_000;

fn wish(card: &str) -> Wish {
    Wish {
        amount: 1_000,
        currency: Currency::find("usd").unwrap(),
        card: Card::find(card),
        confirm: true,
        capture: Method::Manual,
        no_action: false,
        may_redirect: false,
        return_url: None,
        customer: None,
        setup_future_usage: None,
        description: None,
        metadata: BTreeMap::new(),
    }
}

fn confirm(intent: &mut Intent, wish: Confirm) -> Result<(), Illegal> {
    let mut issuer = Issuer { ids: &mut Ids::default(), tries: &mut Tries::default(), now: NOW };
    intent.confirm(wish, &mut issuer)
}

fn intent(wish: Wish) -> Intent {
    let mut intent = Intent::new(wish, &mut Ids::default(), NOW);
    confirm(&mut intent, Confirm::default()).unwrap();
    intent
}

fn authenticate(intent: &mut Intent, proved: bool) -> Result<(), Illegal> {
    let mut issuer = Issuer { ids: &mut Ids::default(), tries: &mut Tries::default(), now: NOW };
    intent.authenticate(proved, &mut issuer)
}

fn held() -> Intent {
    intent(wish("pm_card_visa"))
}

/// Status, capturable, captured, refunded.
fn standing(intent: &Intent) -> (Status, i64, i64, i64) {
    (intent.status, intent.capturable(), intent.captured(), intent.refunded())
}

#[test]
fn authorizing_holds_money_and_takes_none() {
    assert_eq!(standing(&held()), (Status::RequiresCapture, 1_000, 0, 0));
}

#[test]
fn automatic_capture_takes_the_money_at_once() {
    let taken = intent(Wish { capture: Method::Automatic, ..wish("pm_card_visa") });
    assert_eq!(standing(&taken), (Status::Succeeded, 0, 1_000, 0));
}

#[test]
fn a_decline_holds_nothing() {
    let declined = intent(wish("pm_card_visa_chargeDeclined"));
    assert_eq!(standing(&declined), (Status::RequiresPaymentMethod, 0, 0, 0));
    assert_eq!(declined.declined().unwrap().reason, Some("generic_decline"));
}

#[test]
fn authentication_waits_for_the_shopper_or_is_declined_if_there_is_none() {
    let waiting = intent(wish("pm_card_authenticationRequired"));
    assert_eq!((waiting.status, waiting.charge()), (Status::RequiresAction, None));
    let absent = intent(Wish { no_action: true, ..wish("pm_card_authenticationRequired") });
    assert_eq!(absent.status, Status::RequiresPaymentMethod);
    assert_eq!(absent.declined().unwrap().code, "authentication_required");
}

#[test]
fn a_partial_capture_releases_the_rest() {
    let mut intent = held();
    intent.capture(Some(400), true).unwrap();
    assert_eq!(standing(&intent), (Status::Succeeded, 0, 400, 0));
}

#[test]
fn a_second_capture_moves_no_money() {
    let mut intent = held();
    intent.capture(None, true).unwrap();
    assert_eq!(intent.capture(Some(1), true), Err(Illegal::AlreadyCaptured));
    assert_eq!(standing(&intent), (Status::Succeeded, 0, 1_000, 0));
}

#[test]
fn more_than_is_held_cannot_be_captured() {
    let mut intent = held();
    assert_eq!(intent.capture(Some(1_001), true), Err(Illegal::OverCapture));
    assert_eq!(standing(&intent), (Status::RequiresCapture, 1_000, 0, 0));
}

#[test]
fn with_multicapture_the_remainder_stays_capturable() {
    let mut intent = intent(Wish { capture: Method::Several, ..wish("pm_card_visa") });
    intent.capture(Some(400), false).unwrap();
    assert_eq!(standing(&intent), (Status::RequiresCapture, 600, 400, 0));
    assert_eq!(intent.capture(Some(601), false), Err(Illegal::OverCapture));
    intent.capture(Some(600), false).unwrap();
    assert_eq!(standing(&intent), (Status::Succeeded, 0, 1_000, 0));
}

#[test]
fn a_capture_is_last_unless_multicapture_was_asked_for() {
    let mut intent = held();
    assert_eq!(intent.capture(Some(400), false), Err(Illegal::NoMulticapture));
    assert_eq!(standing(&intent), (Status::RequiresCapture, 1_000, 0, 0));
}

#[test]
fn canceling_releases_the_hold_and_ends_everything() {
    let mut intent = held();
    intent.cancel(Some("abandoned"), NOW).unwrap();
    assert_eq!(standing(&intent), (Status::Canceled, 0, 0, 0));
    assert_eq!(intent.capture(None, true), Err(Illegal::NotCapturable(Status::Canceled)));
    assert_eq!(intent.cancel(None, NOW), Err(Illegal::NotCancelable(Status::Canceled)));
}

#[test]
fn a_captured_intent_cannot_be_canceled() {
    let mut intent = held();
    intent.capture(None, true).unwrap();
    assert_eq!(intent.cancel(None, NOW), Err(Illegal::NotCancelable(Status::Succeeded)));
}

#[test]
fn no_more_is_refunded_than_was_captured() {
    let mut intent = held();
    assert_eq!(intent.refund(None), Err(Illegal::NothingToRefund(intent.id.clone())));
    intent.capture(Some(700), true).unwrap();
    assert_eq!(intent.refund(Some(500)), Ok(500));
    let over = Illegal::OverRefund { asked: "$2.01".into(), left: "$2.00".into() };
    assert_eq!(intent.refund(Some(201)), Err(over));
    assert_eq!(intent.refund(None), Ok(200));
    let charge = intent.charge().unwrap().id.clone();
    assert_eq!(intent.refund(Some(1)), Err(Illegal::AlreadyRefunded(charge)));
    assert_eq!(standing(&intent), (Status::Succeeded, 0, 700, 700));
}

fn partly_captured() -> Intent {
    let mut intent = intent(Wish { capture: Method::Several, ..wish("pm_card_visa") });
    intent.capture(Some(400), false).unwrap();
    intent
}

#[test]
fn a_shopper_who_proves_who_they_are_is_charged_and_one_who_does_not_is_asked_for_another_card() {
    let mut waiting = intent(wish("pm_card_authenticationRequired"));
    authenticate(&mut waiting, true).unwrap();
    assert_eq!(standing(&waiting), (Status::RequiresCapture, 1_000, 0, 0));
    assert_eq!(authenticate(&mut waiting, true), Err(Illegal::NothingToAuthenticate(Status::RequiresCapture)));

    let mut failed = intent(wish("pm_card_authenticationRequired"));
    authenticate(&mut failed, false).unwrap();
    assert_eq!((failed.status, failed.charge()), (Status::RequiresPaymentMethod, None));
    assert!(matches!(failed.problem, Some((Problem::Unauthenticated, _))));

    let mut declined = intent(wish("pm_card_threeDSecureRequiredChargeDeclined"));
    authenticate(&mut declined, true).unwrap();
    assert_eq!(declined.declined().unwrap().reason, Some("generic_decline"));
}

#[test]
fn a_declined_intent_is_confirmed_with_another_card_only() {
    let mut intent = intent(wish("pm_card_visa_chargeDeclined"));
    assert_eq!(confirm(&mut intent, Confirm::default()), Err(Illegal::NoPaymentMethod));
    confirm(&mut intent, Confirm { card: Card::find("pm_card_amex"), ..Confirm::default() }).unwrap();
    assert_eq!(standing(&intent), (Status::RequiresCapture, 1_000, 0, 0));
    assert_eq!((intent.charges.len(), intent.problem.as_ref()), (2, None));
    let again = confirm(&mut intent, Confirm::default());
    assert_eq!(again, Err(Illegal::NotConfirmable(Status::RequiresCapture)));
}

#[test]
fn a_hold_lapses_after_seven_days_and_is_canceled_or_if_partly_captured_succeeds() {
    for (mut intent, expected) in
        [(held(), (Status::Canceled, 0, 0, 0)), (partly_captured(), (Status::Succeeded, 0, 400, 0))]
    {
        assert_eq!(intent.lapse(NOW + HOLD_LASTS - 1), None);
        assert_eq!(intent.lapse(NOW + 2 * HOLD_LASTS), Some(NOW + HOLD_LASTS));
        assert_eq!(standing(&intent), expected);
        assert_eq!(intent.lapse(NOW + 3 * HOLD_LASTS), None);
    }
}

#[test]
fn a_last_capture_of_nothing_lets_go_of_the_rest_but_only_after_another() {
    let mut intent = partly_captured();
    assert_eq!(intent.capture(Some(0), false), Err(Illegal::CaptureOfNothing));
    intent.capture(Some(0), true).unwrap();
    assert_eq!(standing(&intent), (Status::Succeeded, 0, 400, 0));
    assert_eq!(held().capture(Some(0), true), Err(Illegal::CaptureOfNothing));
}

#[test]
fn canceling_a_partly_captured_intent_keeps_what_was_taken_and_lets_go_of_the_rest() {
    let mut intent = partly_captured();
    intent.cancel(None, NOW).unwrap();
    assert_eq!(standing(&intent), (Status::Canceled, 0, 400, 0));
    assert_eq!(intent.refund(None), Ok(400));
}

#[test]
fn a_charge_is_refunded_in_full_only_when_no_more_can_be_captured() {
    let mut intent = partly_captured();
    assert_eq!((intent.refund(None), intent.fully_refunded()), (Ok(400), false));
    intent.capture(Some(0), true).unwrap();
    assert!(intent.fully_refunded());
}

#[test]
fn a_hold_is_captured_fifty_times_at_most() {
    let mut intent = intent(Wish { capture: Method::Several, ..wish("pm_card_visa") });
    for _ in 0..50 {
        intent.capture(Some(1), false).unwrap();
    }
    assert_eq!(intent.capture(None, true), Err(Illegal::TooManyCaptures));
    assert_eq!(intent.captured(), 50);
}

#[test]
fn what_was_charged_back_is_not_refunded_too() {
    let mut intent = held();
    intent.capture(None, true).unwrap();
    intent.charges[0].disputed = 300;
    assert_eq!(intent.refund(Some(100)), Err(Illegal::ChargedBack(intent.charges[0].id.clone())));
}
