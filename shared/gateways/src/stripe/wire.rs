//! Stripe's resources, as much of them as is read here.

use super::amount::from_wire;
use super::nonsense;
use crate::http::{Trouble, plain};
use serde::Deserialize;
use waybill_domain::ports::{Held, PartnerError};

/// A payment intent.
#[derive(Debug, Deserialize)]
pub struct Intent {
    pub id: String,
    pub status: Status,
    amount: i64,
    currency: String,
    amount_received: i64,
    latest_charge: Option<LatestCharge>,
    pub last_payment_error: Option<ErrorBody>,
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

/// In full only where the call asked for it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum LatestCharge {
    Id(#[expect(dead_code, reason = "read only to tell it from a charge")] String),
    Full(Charge),
}

#[derive(Debug, Deserialize)]
struct Charge {
    #[serde(default)]
    paid: bool,
    outcome: Option<Outcome>,
}

#[derive(Debug, Deserialize)]
struct Outcome {
    risk_level: Option<String>,
}

/// A page of a search.
#[derive(Debug, Deserialize)]
pub struct Found {
    data: Vec<Intent>,
    #[serde(default)]
    has_more: bool,
}

/// The body of a refusal.
#[derive(Debug, Deserialize)]
pub struct Refusal {
    pub error: ErrorBody,
}

/// What went wrong, in Stripe's words.
#[derive(Debug, Deserialize)]
pub struct ErrorBody {
    #[serde(rename = "type")]
    kind: Option<String>,
    code: Option<String>,
    decline_code: Option<String>,
    pub message: Option<String>,
}

impl Intent {
    /// The hold, if there ever was one.
    pub fn held(self) -> Result<Held, PartnerError> {
        if self.status == Status::Processing {
            return Err(Trouble::Nonsense("Stripe", "the intent is still processing").unavailable());
        }
        if !self.has_held() {
            return Err(nonsense("an intent that never held money"));
        }
        Ok(Held {
            amount: from_wire(self.amount, &self.currency)?,
            captured: from_wire(self.amount_received, &self.currency)?,
            voided: self.status == Status::Canceled,
            elevated_risk: self.is_risky(),
            reference: self.id,
        })
    }

    fn has_held(&self) -> bool {
        match self.status {
            Status::RequiresCapture | Status::Succeeded => true,
            Status::Canceled => self.charge().is_some_and(|charge| charge.paid) || self.amount_received > 0,
            Status::RequiresPaymentMethod
            | Status::RequiresConfirmation
            | Status::RequiresAction
            | Status::Processing => false,
        }
    }

    fn charge(&self) -> Option<&Charge> {
        match &self.latest_charge {
            Some(LatestCharge::Full(charge)) => Some(charge),
            Some(LatestCharge::Id(_)) | None => None,
        }
    }

    fn is_risky(&self) -> bool {
        let outcome = self.charge().and_then(|charge| charge.outcome.as_ref());
        outcome
            .and_then(|outcome| outcome.risk_level.as_deref())
            .is_some_and(|level| level == "elevated" || level == "highest")
    }
}

impl Found {
    /// The one intent that tells the truth about the order: a live hold before a captured one before one that
    /// was let go. Those that never held money (declined, abandoned) say nothing, but one that is still
    /// processing may yet hold some.
    pub fn best(self) -> Result<Option<Intent>, PartnerError> {
        if self.has_more {
            return Err(nonsense("more intents for one order than a page holds"));
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

impl Refusal {
    /// The card was declined, as opposed to our request.
    pub fn is_decline(&self) -> bool {
        self.error.is("card_error")
    }
}

impl ErrorBody {
    fn is(&self, kind: &str) -> bool {
        self.kind.as_deref() == Some(kind)
    }

    /// Why a card was declined.
    pub fn decline(&self) -> String {
        let code = self.decline_code.as_deref().or(self.code.as_deref());
        plain(code.unwrap_or("card_declined"), 64)
    }

    /// Why a request was refused; a reused idempotency key has a type and no code.
    pub fn code(&self) -> String {
        let kind = self.kind.as_deref();
        let code = if self.is("idempotency_error") { kind } else { self.code.as_deref().or(kind) };
        plain(code.unwrap_or("unknown"), 64)
    }
}
