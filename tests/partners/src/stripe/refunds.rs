//! Money given back, or on its way.

use super::cards::Refunds;
use super::pages::Listed;
use std::collections::BTreeMap;

/// Seconds after which a refund that waits succeeds, and one that bounces fails, unless a test settles it before.
const SETTLES_AFTER: i64 = 3_600;

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundStatus {
    /// On its way.
    Pending,
    /// Given back, as far as anybody knows.
    Succeeded,
    /// The card's bank sent it back.
    Failed,
}

impl RefundStatus {
    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

/// A refund that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// `re_…`
    pub id: String,
    /// Seconds since 1970.
    pub created: i64,
    /// The intent it gives back from.
    pub payment_intent: String,
    /// The charge it gives back from.
    pub charge: String,
    /// In minor units.
    pub amount: i64,
    /// The charge's currency.
    pub currency: &'static str,
    /// Why.
    pub reason: Option<&'static str>,
    /// The caller's own keys.
    pub metadata: BTreeMap<String, String>,
    /// Where it stands.
    pub status: RefundStatus,
    /// Why it failed, and the balance transaction that brought the money back.
    pub failure: Option<(String, String)>,
    /// The balance transaction that took the money.
    pub transaction: String,
    /// What happens to it by itself, and when.
    pub settles: Option<(i64, RefundStatus)>,
}

impl Refund {
    /// Where a refund to such a card stands at first, and what becomes of it by itself.
    pub const fn prospects(fate: Refunds, now: i64) -> (RefundStatus, Option<(i64, RefundStatus)>) {
        match fate {
            Refunds::Succeed => (RefundStatus::Succeeded, None),
            Refunds::Wait => (RefundStatus::Pending, Some((now + SETTLES_AFTER, RefundStatus::Succeeded))),
            Refunds::Bounce => (RefundStatus::Succeeded, Some((now + SETTLES_AFTER, RefundStatus::Failed))),
        }
    }
}

impl Listed for Refund {
    const NAME: &'static str = "refund";

    fn created(&self) -> i64 {
        self.created
    }
}
