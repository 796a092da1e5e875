//! Stripe's disputes, as much of them as is read here.

use super::amount::from_wire;
use super::nonsense;
use crate::http::plain;
use jiff::Timestamp;
use serde::Deserialize;
use waybill_domain::ports::{DisputeStatus, Disputed, PartnerError};

/// What the statuses of inquiries begin with.
const INQUIRY: &str = "warning_";

/// A dispute.
#[derive(Debug, Deserialize)]
pub struct Dispute {
    id: String,
    /// In Stripe's units of the currency.
    amount: i64,
    currency: String,
    charge: String,
    payment_intent: Option<String>,
    reason: String,
    status: Status,
    #[serde(default)]
    balance_transactions: Vec<Movement>,
    evidence_details: Option<Evidence>,
}

/// Where a dispute stands. A status that is not listed is an answer that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    WarningNeedsResponse,
    WarningUnderReview,
    WarningClosed,
    NeedsResponse,
    UnderReview,
    Won,
    Lost,
    Prevented,
}

/// A movement on the account, in the account's own currency.
#[derive(Debug, Deserialize)]
struct Movement {
    fee: i64,
    currency: String,
}

#[derive(Debug, Deserialize)]
struct Evidence {
    /// Seconds since 1970.
    due_by: Option<i64>,
}

/// Whether a dispute's status is that of an inquiry: a bank asks, and has withdrawn nothing.
pub fn is_inquiry(status: &str) -> bool {
    status.starts_with(INQUIRY)
}

impl Dispute {
    /// In our words. An inquiry is told as a dispute, with the amount asked about: none of it is withdrawn.
    pub fn disputed(self) -> Result<Disputed, PartnerError> {
        let due = self.evidence_details.as_ref().and_then(|evidence| evidence.due_by);
        let due = due.map(Timestamp::from_second).transpose();
        Ok(Disputed {
            amount: from_wire(self.amount, &self.currency)?,
            fee: from_wire(self.fee()?, &self.currency)?,
            status: self.status.told(),
            evidence_due: due.map_err(|_| nonsense("a time beyond all calendars"))?,
            // Only a charge that no intent made has none: it is not ours, and its own id says which it is.
            payment: self.payment_intent.unwrap_or(self.charge),
            reason: plain(&self.reason, 64),
            reference: self.id,
        })
    }

    /// A won dispute's fee may come back: as a movement with a negative one.
    fn fee(&self) -> Result<i64, PartnerError> {
        let ours = self.balance_transactions.iter().filter(|movement| movement.currency == self.currency);
        let sum = ours.map(|movement| movement.fee).try_fold(0_i64, i64::checked_add);
        sum.ok_or_else(|| nonsense("fees beyond all numbers"))
    }
}

impl Status {
    fn told(self) -> DisputeStatus {
        match self {
            Self::WarningNeedsResponse | Self::WarningUnderReview | Self::NeedsResponse | Self::UnderReview => {
                DisputeStatus::Open
            }
            Self::Won | Self::WarningClosed => DisputeStatus::Won,
            // A prevented dispute was settled in the customer's favor before it was one, without a fee.
            Self::Lost | Self::Prevented => DisputeStatus::Lost,
        }
    }
}
