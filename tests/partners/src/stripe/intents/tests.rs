//! The intent's rules, without HTTP.

use super::{Card, Currency, Ids, Illegal, Intent, Method, Status, Wish};
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
        return_url: None,
        description: None,
        metadata: BTreeMap::new(),
    }
}

fn intent(wish: Wish) -> Intent {
    Intent::create(wish, &mut Ids::default(), NOW)
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
    assert_eq!(declined.declined.unwrap().reason, Some("generic_decline"));
}

#[test]
fn authentication_waits_for_the_shopper_or_is_declined_if_there_is_none() {
    let waiting = intent(wish("pm_card_authenticationRequired"));
    assert_eq!((waiting.status, &waiting.charge), (Status::RequiresAction, &None));
    let absent = intent(Wish { no_action: true, ..wish("pm_card_authenticationRequired") });
    assert_eq!(absent.status, Status::RequiresPaymentMethod);
    assert_eq!(absent.declined.unwrap().code, "authentication_required");
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
    let charge = intent.charge.as_ref().unwrap().id.clone();
    assert_eq!(intent.refund(Some(1)), Err(Illegal::AlreadyRefunded(charge)));
    assert_eq!(standing(&intent), (Status::Succeeded, 0, 700, 700));
}
