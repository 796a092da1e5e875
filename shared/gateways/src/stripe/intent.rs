//! Stripe's payment intents, as much of them as is read here, and what they mean.

use super::amount::from_wire;
use super::list::Listed;
use super::refusal::ErrorBody;
use super::{nonsense, notes};
use crate::http::Trouble;
use jiff::Timestamp;
use serde::Deserialize;
use waybill_domain::ports::{Authorized, Held, PartnerError};

/// A payment intent.
#[derive(Debug, Deserialize)]
pub struct Intent {
    pub id: String,
    pub status: Status,
    /// Amounts are in Stripe's units of the currency.
    amount: i64,
    amount_capturable: i64,
    amount_received: i64,
    currency: String,
    /// In full: every call asks for it, and one that forgets to is answered with what cannot be read.
    latest_charge: Option<Charge>,
    pub last_payment_error: Option<ErrorBody>,
    next_action: Option<NextAction>,
    #[serde(default)]
    metadata: notes::Notes,
}

/// Where an intent stands. A status that is not listed is an answer that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    Processing,
    RequiresCapture,
    Canceled,
    Succeeded,
}

#[derive(Debug, Deserialize)]
struct Charge {
    #[serde(default)]
    paid: bool,
    #[serde(default)]
    amount_refunded: i64,
    outcome: Option<Outcome>,
    payment_method_details: Option<MethodDetails>,
}

#[derive(Debug, Deserialize)]
struct Outcome {
    risk_level: Option<String>,
}

#[derive(Debug, Deserialize)]
struct MethodDetails {
    card: Option<CardDetails>,
}

#[derive(Debug, Deserialize)]
struct CardDetails {
    /// Seconds since 1970.
    capture_before: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct NextAction {
    redirect_to_url: Option<Redirect>,
}

#[derive(Debug, Deserialize)]
struct Redirect {
    url: Option<String>,
}

impl Intent {
    /// What it says of the money, whoever made it.
    pub fn truth(self) -> Result<Authorized, PartnerError> {
        match self.status {
            Status::RequiresCapture | Status::Succeeded => self.held().map(Authorized::Held),
            Status::Canceled if self.has_held() => self.held().map(Authorized::Held),
            Status::Canceled => Ok(declined("canceled")),
            Status::RequiresAction => Ok(self.action()),
            Status::RequiresPaymentMethod => Ok(match self.last_payment_error {
                Some(error) => Authorized::Declined { code: error.decline() },
                None => declined("payment_method_required"),
            }),
            Status::RequiresConfirmation => Ok(declined("not_confirmed")),
            Status::Processing => Err(processing()),
        }
    }

    /// What the shopper must do.
    pub fn action(self) -> Authorized {
        let url = self.next_action.and_then(|next| next.redirect_to_url).and_then(|redirect| redirect.url);
        Authorized::ActionRequired { reference: self.id, url }
    }

    /// The hold, if there ever was one.
    pub fn held(self) -> Result<Held, PartnerError> {
        if self.status == Status::Processing {
            return Err(processing());
        }
        if !self.has_held() {
            return Err(nonsense("an intent that never held money"));
        }
        let money = |amount| from_wire(amount, &self.currency);
        let note = |name: &str| self.metadata.get(name).map(String::as_str);
        Ok(Held {
            amount: money(self.amount)?,
            capturable: money(self.amount_capturable)?,
            captured: money(self.amount_received)?,
            refunded: money(self.amount_refunded())?,
            voided: self.status == Status::Canceled,
            elevated_risk: self.is_risky(),
            expires_at: self.expires_at()?,
            captures: notes::captures(&self.metadata, &self.currency)?,
            owner: notes::owner(note),
            reference: self.id,
        })
    }

    /// Whether money was held at any time.
    pub fn has_held(&self) -> bool {
        match self.status {
            Status::RequiresCapture | Status::Succeeded => true,
            Status::Canceled => {
                self.latest_charge.as_ref().is_some_and(|charge| charge.paid) || self.amount_received > 0
            }
            Status::RequiresPaymentMethod
            | Status::RequiresConfirmation
            | Status::RequiresAction
            | Status::Processing => false,
        }
    }

    /// Some of it was taken and the rest is still held.
    pub fn is_partly_captured(&self) -> bool {
        self.status == Status::RequiresCapture && self.amount_received > 0
    }

    /// Some of it was taken, all of that by us, and the rest let go of.
    pub fn is_released(&self) -> Result<bool, PartnerError> {
        if self.status != Status::Succeeded || self.amount_received >= self.amount {
            return Ok(false);
        }
        let captures = notes::captures(&self.metadata, &self.currency)?;
        let taken = from_wire(self.amount_received, &self.currency)?;
        let ours = captures.values().try_fold(0_i64, |sum, capture| sum.checked_add(capture.minor()));
        Ok(ours == Some(taken.minor()))
    }

    /// Never more than was taken: what an authorization that was let go of held counts as refunded, too, where that was
    /// done by hand or by lapse in an account whose own API version is older than ours.
    fn amount_refunded(&self) -> i64 {
        self.latest_charge.as_ref().map_or(0, |charge| charge.amount_refunded).min(self.amount_received)
    }

    fn expires_at(&self) -> Result<Option<Timestamp>, PartnerError> {
        let card = self.latest_charge.as_ref().and_then(|charge| charge.payment_method_details.as_ref()?.card.as_ref());
        let before = card.and_then(|card| card.capture_before);
        before.map(Timestamp::from_second).transpose().map_err(|_| nonsense("a time beyond all calendars"))
    }

    fn is_risky(&self) -> bool {
        let outcome = self.latest_charge.as_ref().and_then(|charge| charge.outcome.as_ref());
        let level = outcome.and_then(|outcome| outcome.risk_level.as_deref());
        level.is_some_and(|level| level == "elevated" || level == "highest")
    }
}

impl Listed<Intent> {
    /// The one intent that tells the truth about the tender: a live hold before a captured one before one that
    /// was let go. Those that never held money (declined, abandoned) say nothing, but one that is still
    /// processing may yet hold some.
    pub fn best(self) -> Result<Option<Intent>, PartnerError> {
        if self.has_more {
            return Err(nonsense("more intents for one tender than a page holds"));
        }
        let rank = |intent: &Intent| match intent.status {
            Status::RequiresCapture => 3,
            Status::Succeeded => 2,
            Status::Processing => 1,
            Status::Canceled
            | Status::RequiresPaymentMethod
            | Status::RequiresConfirmation
            | Status::RequiresAction => 0,
        };
        let told = |intent: &Intent| intent.status == Status::Processing || intent.has_held();
        // Newest first, as they come; of equals the oldest wins, so that the answer is the same every time.
        Ok(self.data.into_iter().filter(told).max_by_key(rank))
    }
}

fn declined(code: &str) -> Authorized {
    Authorized::Declined { code: code.to_owned() }
}

fn processing() -> PartnerError {
    Trouble::Nonsense("Stripe", "a card is still processing").unavailable()
}
