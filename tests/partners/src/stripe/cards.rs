//! The table of test payment methods: what the issuer says to each.

/// How risky the processor's own check finds a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Risk {
    /// Nothing to see.
    Normal,
    /// Approved, but placed before a reviewer.
    Elevated,
    /// Blocked before the issuer is asked.
    Highest,
}

/// What a decline says.
#[derive(Debug, PartialEq, Eq)]
pub struct Decline {
    /// The error code.
    pub code: &'static str,
    /// Why, where the code alone does not say it.
    pub reason: Option<&'static str>,
    /// For the shopper.
    pub message: &'static str,
}

/// What happens when a payment method is charged.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The amount is held.
    Approved,
    /// No money moves.
    Declined(Decline),
    /// The shopper must first prove who they are.
    ActionRequired,
}

/// One test payment method.
#[derive(Debug, PartialEq, Eq)]
pub struct Card {
    /// Its id.
    pub id: &'static str,
    /// The card's brand.
    pub brand: &'static str,
    /// The last digits of its number.
    pub last4: &'static str,
    /// What the processor's own check finds.
    pub risk: Risk,
    /// What the issuer answers.
    pub outcome: Outcome,
}

/// The decline of a payment that would need the shopper's presence, when the caller has said there is none.
pub static AUTHENTICATION_REQUIRED: Decline = Decline {
    code: "authentication_required",
    reason: Some("authentication_required"),
    message: "Your card was declined. This transaction requires authentication.",
};

const DECLINED: &str = "Your card was declined.";

const fn approved(id: &'static str, brand: &'static str, last4: &'static str) -> Card {
    Card { id, brand, last4, risk: Risk::Normal, outcome: Outcome::Approved }
}

const fn declined(id: &'static str, last4: &'static str, reason: &'static str, message: &'static str) -> Card {
    let decline = Decline { code: "card_declined", reason: Some(reason), message };
    Card { id, brand: "visa", last4, risk: Risk::Normal, outcome: Outcome::Declined(decline) }
}

const fn faulty(id: &'static str, last4: &'static str, code: &'static str, message: &'static str) -> Card {
    let decline = Decline { code, reason: None, message };
    Card { id, brand: "visa", last4, risk: Risk::Normal, outcome: Outcome::Declined(decline) }
}

#[rustfmt::skip]
static CARDS: [Card; 19] = [
    approved("pm_card_visa",       "visa",       "4242"),
    approved("pm_card_visa_debit", "visa",       "5556"),
    approved("pm_card_mastercard", "mastercard", "4444"),
    approved("pm_card_amex",       "amex",       "8431"),
    approved("pm_card_discover",   "discover",   "9424"),
    Card { risk: Risk::Elevated, ..approved("pm_card_riskLevelElevated", "visa", "9235") },
    Card { outcome: Outcome::ActionRequired, ..approved("pm_card_authenticationRequired", "visa", "3184") },
    declined("pm_card_chargeDeclined",                      "0002", "generic_decline",        DECLINED),
    declined("pm_card_chargeDeclinedInsufficientFunds",     "9995", "insufficient_funds",     "Your card has insufficient funds."),
    declined("pm_card_chargeDeclinedLostCard",              "9987", "lost_card",              DECLINED),
    declined("pm_card_chargeDeclinedStolenCard",            "9979", "stolen_card",            DECLINED),
    declined("pm_card_chargeDeclinedVelocityLimitExceeded", "6975", "card_velocity_exceeded", "Your card was declined for making repeated attempts too frequently or exceeding its amount limit."),
    declined("pm_card_chargeDeclinedDoNotHonor",            "0028", "do_not_honor",           DECLINED),
    declined("pm_card_chargeDeclinedFraudulent",            "0019", "fraudulent",             DECLINED),
    Card { risk: Risk::Highest, ..declined("pm_card_radarBlock", "0019", "fraudulent",        DECLINED) },
    faulty("pm_card_chargeDeclinedExpiredCard",     "0069", "expired_card",     "Your card has expired."),
    faulty("pm_card_chargeDeclinedIncorrectCvc",    "0127", "incorrect_cvc",    "Your card's security code is incorrect."),
    faulty("pm_card_chargeDeclinedProcessingError", "0119", "processing_error", "An error occurred while processing your card. Try again in a little bit."),
    faulty("pm_card_chargeDeclinedIncorrectNumber", "4241", "incorrect_number", "Your card number is incorrect."),
];

impl Card {
    /// The test payment method of this id. The brand may be left out of a decline's name or put in
    /// (`pm_card_visa_chargeDeclinedLostCard`).
    pub fn find(id: &str) -> Option<&'static Self> {
        let plain = id.strip_prefix("pm_card_visa_").map(|rest| format!("pm_card_{rest}"));
        let known = |card: &&Self| card.id == id || Some(card.id) == plain.as_deref();
        CARDS.iter().find(known)
    }
}

#[cfg(test)]
mod tests {
    use super::{CARDS, Card, Outcome};
    use std::collections::BTreeSet;

    #[test]
    fn no_payment_method_is_listed_twice() {
        let ids: BTreeSet<_> = CARDS.iter().map(|card| card.id).collect();
        assert_eq!(ids.len(), CARDS.len());
    }

    #[test]
    fn a_decline_is_found_with_and_without_its_brand() {
        let plain = Card::find("pm_card_chargeDeclinedLostCard").unwrap();
        assert_eq!(Card::find("pm_card_visa_chargeDeclinedLostCard"), Some(plain));
        assert_eq!(Card::find("pm_card_visa").unwrap().outcome, Outcome::Approved);
        assert_eq!(Card::find("pm_card_visa_debit").unwrap().last4, "5556");
        assert_eq!(Card::find("pm_card_unheard_of"), None);
    }
}
