//! Exceptions: what a person must look at, and what they may safely do.

use super::event::{Draft, Event};
use super::state::Order;
use super::{Decided, Rejection};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What may safely be done about an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseAction {
    /// Run the workflow again: every effect is safe to repeat.
    Retry,
    /// Looked at, nothing to do.
    Resolve,
    /// Call the order off.
    Cancel,
}

/// An exception: a case for staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// 1, 2, 3, ... within the order.
    pub number: u16,
    /// The stage or the part of the system it arose in.
    pub stage: String,
    /// Which fulfillment order, if one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fulfillment: Option<u16>,
    /// What is wrong; never personal data.
    pub reason: String,
    /// What may be done.
    pub actions: Vec<CaseAction>,
}

/// A case and whether it is still open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCase {
    /// The case.
    pub case: Case,
    /// When it arose.
    pub opened_at: Timestamp,
    /// Has a person settled it?
    pub resolved: bool,
}

impl OpenCase {
    pub(super) fn new(case: Case, opened_at: Timestamp) -> Self {
        Self { case, opened_at, resolved: false }
    }
}

impl Order {
    /// A person must look. One open case per stage, fulfillment order and reason.
    ///
    /// # Errors
    /// None today; the type is that of every decision.
    pub fn decide_exception(&self, stage: &str, fulfillment: Option<u16>, reason: &str, retry: bool) -> Decided {
        let reason: String = reason.chars().take(500).collect();
        let same = |open: &OpenCase| {
            !open.resolved
                && open.case.stage == stage
                && open.case.fulfillment == fulfillment
                && open.case.reason == reason
        };
        if self.cases.iter().any(same) {
            return Ok(None);
        }
        let mut actions = vec![CaseAction::Resolve];
        if retry {
            actions.insert(0, CaseAction::Retry);
        }
        if !self.is_cancelled() && !self.has_left() && self.invoice.is_none() {
            actions.push(CaseAction::Cancel);
        }
        let case = Case { number: self.next_case(), stage: stage.to_owned(), fulfillment, reason, actions };
        Ok(Some(Draft::of(Event::ExceptionOpened(case))))
    }

    /// The number of the next case.
    pub(super) fn next_case(&self) -> u16 {
        u16::try_from(self.cases.len() + 1).unwrap_or(u16::MAX)
    }

    /// A person has looked.
    ///
    /// # Errors
    /// `Unknown` exception.
    pub fn decide_resolved(&self, number: u16, note: String) -> Decided {
        let case = self.case(number)?;
        Ok((!case.resolved).then(|| Draft::of(Event::ExceptionResolved { number, note })))
    }

    /// The workflow is started once more: every stage finds what is done and does the rest.
    ///
    /// # Errors
    /// `Unknown` exception; `NotAllowed` where a second run could not help.
    pub fn decide_redriven(&self, number: u16) -> Decided {
        let case = self.case(number)?;
        if case.resolved {
            return Ok(None);
        }
        if !case.case.actions.contains(&CaseAction::Retry) {
            let because = format!("exception {number} is not cured by running the workflow again");
            return Err(Rejection::NotAllowed { command: "retry", because });
        }
        Ok(Some(Draft::of(Event::Redriven { attempt: self.attempt + 1, exception: number })))
    }

    fn case(&self, number: u16) -> Result<&OpenCase, Rejection> {
        self.cases.iter().find(|open| open.case.number == number).ok_or(Rejection::Unknown("such exception"))
    }
}
