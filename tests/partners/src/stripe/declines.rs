//! Every reason an issuer gives for saying no, as the processor documents them.

/// What a decline says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decline {
    /// The error code.
    pub code: &'static str,
    /// Why, where the code alone does not say it.
    pub reason: Option<&'static str>,
    /// For the shopper.
    pub message: &'static str,
}

const DECLINED: &str = "Your card was declined.";
const UNSUPPORTED: &str = "Your card does not support this type of purchase.";
const TRY_AGAIN: &str = "An error occurred while processing your card. Try again in a little bit.";
const TOO_OFTEN: &str =
    "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.";

/// The code is `card_declined`; only the reason tells one from another.
pub const fn card(reason: &'static str, message: &'static str) -> Decline {
    Decline { code: "card_declined", reason: Some(reason), message }
}

/// The code says it already.
const fn own(code: &'static str, message: &'static str) -> Decline {
    Decline { code, reason: Some(code), message }
}

/// The decline of a payment that would need the shopper's presence, when the caller has said there is none.
pub const AUTHENTICATION_REQUIRED: Decline =
    own("authentication_required", "Your card was declined. This transaction requires authentication.");

/// The processor's table of decline codes, in its order.
#[rustfmt::skip]
pub static DECLINES: [Decline; 47] = [
    AUTHENTICATION_REQUIRED,
    card("approve_with_id",                   DECLINED),
    card("call_issuer",                       DECLINED),
    card("card_not_supported",                UNSUPPORTED),
    card("card_velocity_exceeded",            TOO_OFTEN),
    card("currency_not_supported",            "Your card is not supported for this currency."),
    card("do_not_honor",                      DECLINED),
    card("do_not_try_again",                  DECLINED),
    card("duplicate_transaction",             "A payment with identical amount and credit card information was submitted very recently."),
    own("expired_card",                       "Your card has expired."),
    card("fraudulent",                        DECLINED),
    card("generic_decline",                   DECLINED),
    own("incorrect_number",                   "Your card number is incorrect."),
    own("incorrect_cvc",                      "Your card's security code is incorrect."),
    card("incorrect_pin",                     "Your PIN is incorrect."),
    own("incorrect_zip",                      "The zip code you supplied failed validation."),
    card("insufficient_funds",                "Your card has insufficient funds."),
    card("invalid_account",                   "Invalid account."),
    card("invalid_amount",                    "Your card was declined for an invalid amount."),
    own("invalid_cvc",                        "Your card's security code is invalid."),
    own("invalid_expiry_month",               "Your card's expiration month is invalid."),
    own("invalid_expiry_year",                "Your card's expiration year is invalid."),
    own("invalid_number",                     "Your card number is invalid."),
    card("invalid_pin",                       "Your PIN is invalid."),
    card("issuer_not_available",              DECLINED),
    card("lost_card",                         DECLINED),
    card("merchant_blacklist",                DECLINED),
    card("new_account_information_available", DECLINED),
    card("no_action_taken",                   DECLINED),
    card("not_permitted",                     DECLINED),
    card("offline_pin_required",              "Your card requires a PIN."),
    card("online_or_offline_pin_required",    "Your card requires a PIN."),
    card("pickup_card",                       DECLINED),
    card("pin_try_exceeded",                  "The allowable number of PIN tries was exceeded."),
    own("processing_error",                   TRY_AGAIN),
    card("reenter_transaction",               TRY_AGAIN),
    card("restricted_card",                   DECLINED),
    card("revocation_of_all_authorizations",  DECLINED),
    card("revocation_of_authorization",       DECLINED),
    card("security_violation",                DECLINED),
    card("service_not_allowed",               DECLINED),
    card("stolen_card",                       DECLINED),
    card("stop_payment_order",                DECLINED),
    card("testmode_decline",                  "Your card was declined. Your request was in live mode, but used a known test card."),
    card("transaction_not_allowed",           UNSUPPORTED),
    card("try_again_later",                   TRY_AGAIN),
    card("withdrawal_count_limit_exceeded",   "You have exceeded the balance or credit limit available on your card."),
];

impl Decline {
    /// The decline of this code, by the name the processor's table gives it.
    pub fn find(reason: &str) -> Option<Self> {
        DECLINES.iter().find(|decline| decline.reason == Some(reason)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::{DECLINES, Decline};
    use std::collections::BTreeSet;

    #[test]
    fn every_documented_decline_is_there_once() {
        let reasons: BTreeSet<_> = DECLINES.iter().filter_map(|decline| decline.reason).collect();
        assert_eq!(reasons.len(), DECLINES.len());
        assert_eq!(Decline::find("lost_card").unwrap().code, "card_declined");
        assert_eq!(Decline::find("expired_card").unwrap().code, "expired_card");
        assert_eq!(Decline::find("unheard_of"), None);
    }
}
