//! The table of test payment methods: what the issuer says to each, and what becomes of the money later.

use super::declines::{Decline, card as declined_for};
use std::borrow::Cow;

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

/// What happens when a payment method is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The amount is held.
    Approved,
    /// No money moves.
    Declined(Decline),
    /// No money moves so many times, then the amount is held.
    DeclinedAtFirst(u32, Decline),
    /// The shopper must first prove who they are; the issuer may decline all the same.
    ActionRequired(Option<Decline>),
}

/// What becomes of a refund to the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refunds {
    /// It succeeds at once.
    Succeed,
    /// It is pending, and succeeds later.
    Wait,
    /// It succeeds at once, and fails later.
    Bounce,
}

/// One test payment method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its id.
    pub id: Cow<'static, str>,
    /// The card's brand.
    pub brand: &'static str,
    /// The last digits of its number.
    pub last4: &'static str,
    /// What the processor's own check finds.
    pub risk: Risk,
    /// What the issuer answers.
    pub outcome: Outcome,
    /// What becomes of refunds.
    pub refunds: Refunds,
    /// Why its holder disputes every payment, if they do.
    pub disputes: Option<&'static str>,
}

const DECLINED: &str = "Your card was declined.";

const fn approved(id: &'static str, brand: &'static str, last4: &'static str) -> Card {
    let (risk, outcome) = (Risk::Normal, Outcome::Approved);
    Card { id: Cow::Borrowed(id), brand, last4, risk, outcome, refunds: Refunds::Succeed, disputes: None }
}

const fn with(id: &'static str, last4: &'static str, outcome: Outcome) -> Card {
    let (brand, risk) = ("visa", Risk::Normal);
    Card { id: Cow::Borrowed(id), brand, last4, risk, outcome, refunds: Refunds::Succeed, disputes: None }
}

const fn declined(id: &'static str, last4: &'static str, reason: &'static str, message: &'static str) -> Card {
    with(id, last4, Outcome::Declined(declined_for(reason, message)))
}

/// Stripe documents no decline code for these: the error code says it.
const fn faulty(id: &'static str, last4: &'static str, code: &'static str, message: &'static str) -> Card {
    with(id, last4, Outcome::Declined(Decline { code, reason: None, message }))
}

const fn risky(id: &'static str, last4: &'static str, risk: Risk, outcome: Outcome) -> Card {
    let (brand, id) = ("visa", Cow::Borrowed(id));
    Card { id, brand, last4, risk, outcome, refunds: Refunds::Succeed, disputes: None }
}

const fn refunding(id: &'static str, last4: &'static str, refunds: Refunds) -> Card {
    let (brand, id, risk, outcome) = ("visa", Cow::Borrowed(id), Risk::Normal, Outcome::Approved);
    Card { id, brand, last4, risk, outcome, refunds, disputes: None }
}

const fn disputing(id: &'static str, last4: &'static str, reason: &'static str) -> Card {
    let (brand, id, risk, outcome) = ("visa", Cow::Borrowed(id), Risk::Normal, Outcome::Approved);
    Card { id, brand, last4, risk, outcome, refunds: Refunds::Succeed, disputes: Some(reason) }
}

/// Stripe's own test payment methods.
#[rustfmt::skip]
static CARDS: [Card; 27] = [
    approved("pm_card_visa",       "visa",       "4242"),
    approved("pm_card_visa_debit", "visa",       "5556"),
    approved("pm_card_mastercard", "mastercard", "4444"),
    approved("pm_card_amex",       "amex",       "8431"),
    approved("pm_card_discover",   "discover",   "9424"),
    risky("pm_card_riskLevelElevated", "9235", Risk::Elevated, Outcome::Approved),
    risky("pm_card_radarBlock",        "0019", Risk::Highest,  Outcome::Declined(declined_for("fraudulent", DECLINED))),
    with("pm_card_authenticationRequired",                  "3184", Outcome::ActionRequired(None)),
    with("pm_card_authenticationRequiredOnSetup",           "3155", Outcome::ActionRequired(None)),
    with("pm_card_threeDSecure2Required",                   "3220", Outcome::ActionRequired(None)),
    with("pm_card_threeDSecureRequired",                    "3063", Outcome::ActionRequired(None)),
    with("pm_card_threeDSecureRequiredChargeDeclined",      "1629", Outcome::ActionRequired(Some(declined_for("generic_decline", DECLINED)))),
    declined("pm_card_chargeDeclined",                      "0002", "generic_decline",        DECLINED),
    declined("pm_card_chargeDeclinedInsufficientFunds",     "9995", "insufficient_funds",     "Your card has insufficient funds."),
    declined("pm_card_chargeDeclinedLostCard",              "9987", "lost_card",              DECLINED),
    declined("pm_card_chargeDeclinedStolenCard",            "9979", "stolen_card",            DECLINED),
    declined("pm_card_chargeDeclinedVelocityLimitExceeded", "6975", "card_velocity_exceeded", "Your card was declined for making repeated attempts too frequently or exceeding its amount limit."),
    declined("pm_card_chargeDeclinedDoNotHonor",            "0028", "do_not_honor",           DECLINED),
    declined("pm_card_chargeDeclinedFraudulent",            "0019", "fraudulent",             DECLINED),
    faulty("pm_card_chargeDeclinedExpiredCard",     "0069", "expired_card",     "Your card has expired."),
    faulty("pm_card_chargeDeclinedIncorrectCvc",    "0127", "incorrect_cvc",    "Your card's security code is incorrect."),
    faulty("pm_card_chargeDeclinedProcessingError", "0119", "processing_error", "An error occurred while processing your card. Try again in a little bit."),
    faulty("pm_card_chargeDeclinedIncorrectNumber", "4241", "incorrect_number", "Your card number is incorrect."),
    refunding("pm_card_pendingRefund",                      "7726", Refunds::Wait),
    refunding("pm_card_refundFail",                         "5126", Refunds::Bounce),
    disputing("pm_card_createDispute",                      "0259", "fraudulent"),
    disputing("pm_card_createDisputeProductNotReceived",    "2685", "product_not_received"),
];

impl Card {
    /// The test payment method of this id. The brand may be left out of a decline's name or put in
    /// (`pm_card_visa_chargeDeclinedLostCard`).
    ///
    /// Two families are ours, for what Stripe has no test method for: `pm_card_decline_<decline code>`, and
    /// `pm_card_declines_<n>_times_<decline code>`, which is declined n times for one order and tender, then approved.
    pub fn find(id: &str) -> Option<Self> {
        let plain = id.strip_prefix("pm_card_visa_").map(|rest| format!("pm_card_{rest}"));
        let known = |card: &&Self| card.id == id || Some(&*card.id) == plain.as_deref();
        CARDS.iter().find(known).cloned().or_else(|| Self::of_ours(id))
    }

    fn of_ours(id: &str) -> Option<Self> {
        let outcome = if let Some(code) = id.strip_prefix("pm_card_decline_") {
            Outcome::Declined(Decline::find(code)?)
        } else {
            let (times, code) = id.strip_prefix("pm_card_declines_")?.split_once("_times_")?;
            Outcome::DeclinedAtFirst(times.parse().ok()?, Decline::find(code)?)
        };
        Some(Self { id: Cow::Owned(id.to_owned()), ..with("", "0341", outcome) })
    }
}

#[cfg(test)]
mod tests {
    use super::{CARDS, Card, Outcome};
    use crate::stripe::declines::{DECLINES, Decline};
    use std::collections::BTreeSet;

    #[test]
    fn no_payment_method_is_listed_twice() {
        let ids: BTreeSet<_> = CARDS.iter().map(|card| &card.id).collect();
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

    #[test]
    fn every_decline_has_a_payment_method_of_ours() {
        for decline in DECLINES {
            let id = format!("pm_card_decline_{}", decline.reason.unwrap());
            assert_eq!(Card::find(&id).unwrap().outcome, Outcome::Declined(decline), "{id}");
        }
        let funds = Decline::find("insufficient_funds").unwrap();
        let twice = Card::find("pm_card_declines_2_times_insufficient_funds").unwrap();
        assert_eq!(twice.outcome, Outcome::DeclinedAtFirst(2, funds));
        for id in ["pm_card_decline_boredom", "pm_card_declines_x_times_lost_card", "pm_card_declines_2_lost_card"] {
            assert_eq!(Card::find(id), None, "{id}");
        }
    }
}
