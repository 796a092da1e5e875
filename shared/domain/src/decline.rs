//! Declines: what each of the processor's codes means for the next step, and when a payment is tried again.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What may be done about a decline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// The same card may do later: tried again on the schedule, and the customer may name another one meanwhile.
    RetryLater,
    /// The same card will not do as it is: the customer is asked for another one, or to correct it.
    AskCustomer,
    /// Nothing may be tried again: the order ends.
    Stop,
}

/// When a payment declined with [`Advice::RetryLater`] is tried again, counted from the first decline. After the last of
/// them the order ends. Card networks limit retries of a declined card to a handful in 30 days; this stays below.
pub const RETRIES: [SignedDuration; 3] =
    [SignedDuration::from_hours(1), SignedDuration::from_hours(24), SignedDuration::from_hours(72)];

/// How long a customer who was asked for another card, or sent to 3-D Secure, may take before the order ends.
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(72);

/// What a decline code means. Codes and next steps: Stripe, "Decline codes", and our own (`insufficient_balance`,
/// `amount_mismatch`, ...). One not listed is treated as the issuer's vague no: the customer is asked.
#[must_use]
pub fn advice(code: &str) -> Advice {
    match code {
        "insufficient_funds"
        | "issuer_not_available"
        | "processing_error"
        | "reenter_transaction"
        | "try_again_later"
        | "approve_with_id"
        | "withdrawal_count_limit_exceeded"
        | "card_velocity_exceeded" => Advice::RetryLater,
        "do_not_try_again"
        | "fraudulent"
        | "lost_card"
        | "merchant_blacklist"
        | "pickup_card"
        | "restricted_card"
        | "revocation_of_all_authorizations"
        | "revocation_of_authorization"
        | "security_violation"
        | "stolen_card"
        | "stop_payment_order"
        | "duplicate_transaction"
        | "payment_in_use"
        | "highest_risk_level" => Advice::Stop,
        // authentication_required, expired_card, incorrect_cvc, generic_decline, insufficient_balance, ...
        _ => Advice::AskCustomer,
    }
}

/// When a payment first declined at `first` and declined `times` in all is tried again; `None` after the last time.
#[must_use]
pub fn retry_at(first: Timestamp, times: u32) -> Option<Timestamp> {
    let pause = RETRIES.get(usize::try_from(times).ok()?.checked_sub(1)?)?;
    first.checked_add(*pause).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every decline code Stripe documents, and what its "next steps" come to.
    const CODES: &[(&str, Advice)] = &[
        ("authentication_required", Advice::AskCustomer),
        ("approve_with_id", Advice::RetryLater),
        ("call_issuer", Advice::AskCustomer),
        ("card_not_supported", Advice::AskCustomer),
        ("card_velocity_exceeded", Advice::RetryLater),
        ("currency_not_supported", Advice::AskCustomer),
        ("do_not_honor", Advice::AskCustomer),
        ("do_not_try_again", Advice::Stop),
        ("duplicate_transaction", Advice::Stop),
        ("expired_card", Advice::AskCustomer),
        ("fraudulent", Advice::Stop),
        ("generic_decline", Advice::AskCustomer),
        ("incorrect_number", Advice::AskCustomer),
        ("incorrect_cvc", Advice::AskCustomer),
        ("incorrect_pin", Advice::AskCustomer),
        ("incorrect_zip", Advice::AskCustomer),
        ("insufficient_funds", Advice::RetryLater),
        ("invalid_account", Advice::AskCustomer),
        ("invalid_amount", Advice::AskCustomer),
        ("invalid_cvc", Advice::AskCustomer),
        ("invalid_expiry_month", Advice::AskCustomer),
        ("invalid_expiry_year", Advice::AskCustomer),
        ("invalid_number", Advice::AskCustomer),
        ("invalid_pin", Advice::AskCustomer),
        ("issuer_not_available", Advice::RetryLater),
        ("lost_card", Advice::Stop),
        ("merchant_blacklist", Advice::Stop),
        ("new_account_information_available", Advice::AskCustomer),
        ("no_action_taken", Advice::AskCustomer),
        ("not_permitted", Advice::AskCustomer),
        ("offline_pin_required", Advice::AskCustomer),
        ("online_or_offline_pin_required", Advice::AskCustomer),
        ("pickup_card", Advice::Stop),
        ("pin_try_exceeded", Advice::AskCustomer),
        ("processing_error", Advice::RetryLater),
        ("reenter_transaction", Advice::RetryLater),
        ("restricted_card", Advice::Stop),
        ("revocation_of_all_authorizations", Advice::Stop),
        ("revocation_of_authorization", Advice::Stop),
        ("security_violation", Advice::Stop),
        ("service_not_allowed", Advice::AskCustomer),
        ("stolen_card", Advice::Stop),
        ("stop_payment_order", Advice::Stop),
        ("testmode_decline", Advice::AskCustomer),
        ("transaction_not_allowed", Advice::AskCustomer),
        ("try_again_later", Advice::RetryLater),
        ("withdrawal_count_limit_exceeded", Advice::RetryLater),
        ("a_code_of_next_year", Advice::AskCustomer),
    ];

    #[test]
    fn every_decline_code_has_its_next_step() {
        for (code, wanted) in CODES {
            assert_eq!(advice(code), *wanted, "{code}");
        }
    }

    #[test]
    fn retries_follow_the_published_schedule_and_end() {
        let first: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        let at = |times| retry_at(first, times).map(|at| at.to_string());
        assert_eq!(at(0), None);
        assert_eq!(at(1).as_deref(), Some("2026-11-23T13:00:00Z"));
        assert_eq!(at(2).as_deref(), Some("2026-11-24T12:00:00Z"));
        assert_eq!(at(3).as_deref(), Some("2026-11-26T12:00:00Z"));
        assert_eq!(at(4), None);
    }
}
