//! Stripe's refunds, as much of them as is read here.

use super::amount::from_wire;
use super::notes::{EFFECT, Notes};
use crate::http::plain;
use serde::Deserialize;
use waybill_domain::ports::{PartnerError, ReturnStatus, Returned};

/// A refund.
#[derive(Debug, Deserialize)]
pub struct Refund {
    pub id: String,
    /// In Stripe's units of the currency.
    amount: i64,
    currency: String,
    payment_intent: Option<String>,
    status: Option<Status>,
    failure_reason: Option<String>,
    reason: Option<String>,
    metadata: Option<Notes>,
}

/// Where a refund stands. A status that is not listed is an answer that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Pending,
    RequiresAction,
    Succeeded,
    Failed,
    Canceled,
}

impl Refund {
    /// Whether money was given back. Before API version 2025-03-31 a hold that lapsed left a refund of money that was
    /// never taken.
    pub fn gives_back(&self) -> bool {
        self.reason.as_deref() != Some("expired_uncaptured_charge")
    }

    /// In our words, as a refund of `payment` where it does not name its own.
    pub fn returned(self, payment: &str) -> Result<Returned, PartnerError> {
        Ok(Returned {
            amount: from_wire(self.amount, &self.currency)?,
            status: self.status(),
            effect: self.metadata.and_then(|mut notes| notes.remove(EFFECT)),
            payment: self.payment_intent.unwrap_or_else(|| payment.to_owned()),
            reference: self.id,
        })
    }

    fn status(&self) -> ReturnStatus {
        let failed = |default| {
            let code = self.failure_reason.as_deref().unwrap_or(default);
            ReturnStatus::Failed { code: plain(code, 64) }
        };
        match self.status {
            // Null is allowed and says nothing, least of all that it failed.
            Some(Status::Pending | Status::RequiresAction) | None => ReturnStatus::Pending,
            Some(Status::Succeeded) => ReturnStatus::Succeeded,
            Some(Status::Failed) => failed("unknown"),
            Some(Status::Canceled) => failed("canceled"),
        }
    }
}
