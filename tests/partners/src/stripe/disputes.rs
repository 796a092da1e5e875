//! A cardholder who wants the money back from the issuer.

use super::pages::Listed;
use std::collections::BTreeMap;

const DAY: i64 = 24 * 3_600;
/// Days to answer a dispute.
const DAYS_TO_ANSWER: i64 = 9;
/// What the processor charges for a dispute, in minor units: 15 dollars. It is kept, whoever wins.
pub const FEE: i64 = 1_500;
/// What a cardholder may give as reason.
pub const REASONS: [&str; 14] = [
    "bank_cannot_process",
    "check_returned",
    "credit_not_processed",
    "customer_initiated",
    "debit_not_authorized",
    "duplicate",
    "fraudulent",
    "general",
    "incorrect_account_details",
    "insufficient_funds",
    "product_not_received",
    "product_unacceptable",
    "subscription_canceled",
    "unrecognized",
];

/// Where a dispute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeStatus {
    /// The money is withdrawn; the merchant may answer.
    NeedsResponse,
    /// The issuer reads the answer.
    UnderReview,
    /// The merchant has the money back.
    Won,
    /// The cardholder keeps it.
    Lost,
    /// An inquiry: no money has moved; the merchant may answer.
    WarningNeedsResponse,
    /// An inquiry the issuer reads the answer to.
    WarningUnderReview,
    /// An inquiry from which no dispute came.
    WarningClosed,
}

impl DisputeStatus {
    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NeedsResponse => "needs_response",
            Self::UnderReview => "under_review",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::WarningNeedsResponse => "warning_needs_response",
            Self::WarningUnderReview => "warning_under_review",
            Self::WarningClosed => "warning_closed",
        }
    }

    /// Whether it is decided.
    pub const fn is_closed(self) -> bool {
        match self {
            Self::Won | Self::Lost | Self::WarningClosed => true,
            Self::NeedsResponse | Self::UnderReview | Self::WarningNeedsResponse | Self::WarningUnderReview => false,
        }
    }
}

/// Money withdrawn or reinstated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// `txn_…`
    pub id: String,
    /// Seconds since 1970.
    pub created: i64,
    /// Negative, where it is withdrawn.
    pub amount: i64,
    /// What the processor keeps of it.
    pub fee: i64,
}

/// What a cardholder claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// In minor units; all that is left, if left out.
    pub amount: Option<i64>,
    /// Why.
    pub reason: &'static str,
    /// Whether the issuer only asks.
    pub inquiry: bool,
}

/// The payment that is disputed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disputed {
    /// The intent.
    pub payment_intent: String,
    /// Its charge.
    pub charge: String,
    /// The card's brand.
    pub brand: &'static str,
    /// As much as is disputed, in minor units.
    pub amount: i64,
    /// The charge's currency.
    pub currency: &'static str,
}

/// A dispute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// `dp_…`
    pub id: String,
    /// Seconds since 1970.
    pub created: i64,
    /// What is disputed.
    pub of: Disputed,
    /// Why.
    pub reason: &'static str,
    /// Whether it only asks.
    pub inquiry: bool,
    /// Where it stands.
    pub status: DisputeStatus,
    /// Money withdrawn and reinstated, oldest first.
    pub movements: Vec<Movement>,
    /// What was put forward, by the name of its field.
    pub evidence: BTreeMap<String, String>,
    /// How often that was sent to the issuer.
    pub submissions: u32,
    /// The caller's own keys.
    pub metadata: BTreeMap<String, String>,
}

impl Dispute {
    /// A dispute that was just opened; no money has moved yet.
    pub fn open(id: String, now: i64, of: Disputed, claim: &Claim) -> Self {
        let Claim { reason, inquiry, .. } = *claim;
        let status = if inquiry { DisputeStatus::WarningNeedsResponse } else { DisputeStatus::NeedsResponse };
        let (movements, evidence, metadata) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        Self { id, created: now, of, reason, inquiry, status, movements, evidence, submissions: 0, metadata }
    }

    /// Until when it may be answered: the last second of a day.
    pub const fn due_by(&self) -> i64 {
        (self.created / DAY + DAYS_TO_ANSWER + 1) * DAY - 1
    }

    /// What is withdrawn and not reinstated, and what the processor has charged for it.
    pub fn withdrawn(&self) -> (i64, i64) {
        let amount: i64 = self.movements.iter().map(|movement| movement.amount).sum();
        (-amount, self.movements.iter().map(|movement| movement.fee).sum())
    }
}

impl Listed for Dispute {
    const NAME: &'static str = "dispute";

    fn created(&self) -> i64 {
        self.created
    }
}

/// The reason with which the table of reasons lives as long as the program.
pub fn reason(text: &str) -> Option<&'static str> {
    REASONS.into_iter().find(|reason| *reason == text)
}
