//! Screening by policy and review by a person.

use super::event::{Draft, Event};
use super::state::Order;
use super::{Decided, Rejection};
use crate::screening::Verdict;

impl Order {
    /// `Cancelled` if the order has ended.
    pub(super) fn refuse_if_cancelled(&self) -> Result<(), Rejection> {
        if self.is_cancelled() { Err(Rejection::Cancelled) } else { Ok(()) }
    }

    /// The merchant's policy was applied. A rejection ends the order.
    ///
    /// # Errors
    /// `Cancelled`; `Money` beyond 64 bits.
    pub fn decide_screened(&self, verdict: Verdict, reasons: Vec<String>) -> Decided {
        self.refuse_if_cancelled()?;
        if self.screening.is_some() {
            return Ok(None);
        }
        let postings = if verdict == Verdict::Reject { self.called_off()? } else { Vec::new() };
        Ok(Some(Draft::of(Event::Screened { verdict, reasons }).moving_money(postings)))
    }

    /// A person approves or rejects. A rejection ends the order.
    ///
    /// # Errors
    /// `Cancelled`; `NotAllowed` when nobody asked for a review or it was decided the other way.
    pub fn decide_reviewed(&self, approved: bool, note: String) -> Decided {
        if self.review == Some(approved) {
            return Ok(None);
        }
        self.refuse_if_cancelled()?;
        if !self.needs_review() {
            let because = "no review is open".to_owned();
            return Err(Rejection::NotAllowed { command: "review", because });
        }
        let postings = if approved { Vec::new() } else { self.called_off()? };
        Ok(Some(Draft::of(Event::Reviewed { approved, note }).moving_money(postings)))
    }
}
