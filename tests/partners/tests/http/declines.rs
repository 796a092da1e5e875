//! Every decline code the processor documents, as a caller meets it.

use crate::world::World;

/// Codes that are error codes of their own; every other one comes as `card_declined`.
const OWN: [&str; 10] = [
    "authentication_required",
    "expired_card",
    "incorrect_number",
    "incorrect_cvc",
    "incorrect_zip",
    "invalid_cvc",
    "invalid_expiry_month",
    "invalid_expiry_year",
    "invalid_number",
    "processing_error",
];

const CODES: &str = "authentication_required approve_with_id call_issuer card_not_supported card_velocity_exceeded \
    currency_not_supported do_not_honor do_not_try_again duplicate_transaction expired_card fraudulent generic_decline \
    incorrect_number incorrect_cvc incorrect_pin incorrect_zip insufficient_funds invalid_account invalid_amount \
    invalid_cvc invalid_expiry_month invalid_expiry_year invalid_number invalid_pin issuer_not_available lost_card \
    merchant_blacklist new_account_information_available no_action_taken not_permitted offline_pin_required \
    online_or_offline_pin_required pickup_card pin_try_exceeded processing_error reenter_transaction restricted_card \
    revocation_of_all_authorizations revocation_of_authorization security_violation service_not_allowed stolen_card \
    stop_payment_order testmode_decline transaction_not_allowed try_again_later withdrawal_count_limit_exceeded";

#[tokio::test]
async fn every_documented_decline_can_be_had_and_holds_nothing() {
    let world = World::new().await;
    let mut tried = 0;
    for reason in CODES.split_whitespace() {
        let answer = world.create(&[("payment_method", &format!("pm_card_decline_{reason}"))]).await;
        let code = if OWN.contains(&reason) { reason } else { "card_declined" };
        assert_eq!(answer.stripe_error(), (402, "card_error", code, ""), "{reason}");
        assert_eq!(answer.text("/error/decline_code"), reason);
        assert_eq!(answer.text("/error/payment_intent/last_payment_error/decline_code"), reason);
        tried += 1;
    }
    let books = world.books().await;
    assert_eq!((tried, &books["totals"]["usd"]["authorized"]), (47, &serde_json::json!(0)));
    assert_eq!(books["intents"][1]["decline_code"], "approve_with_id");
}
