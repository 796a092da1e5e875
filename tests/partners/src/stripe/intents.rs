//! One payment intent: what it may do next, and what it holds, takes and gives back.

mod attempts;

use super::cards::Card;
use super::currency::Currency;
use super::declines::Decline;
use super::states::{Illegal, Status};
use crate::ids::Ids;
use std::collections::BTreeMap;

/// Seconds in which a hold may be captured: seven days, as for every card network when the shopper is there.
pub const HOLD_LASTS: i64 = 7 * 24 * 3_600;
/// The processor takes no more captures of one hold than this.
const MOST_CAPTURES: u32 = 50;

/// One attempt to charge a payment method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// `ch_…`
    pub id: String,
    /// Seconds since 1970.
    pub created: i64,
    /// What was charged.
    pub card: Card,
    /// Why the issuer declined, if it did.
    pub declined: Option<Decline>,
    /// Whether the shopper proved who they are.
    pub authenticated: bool,
    /// When the hold lapses, if it is one.
    pub capture_before: Option<i64>,
    /// Taken so far.
    pub captured: i64,
    /// In so many captures.
    pub captures: u32,
    /// Given back so far, or about to be.
    pub refunded: i64,
    /// Withdrawn by disputes and not reinstated.
    pub disputed: i64,
    /// Whether a dispute was ever opened.
    pub was_disputed: bool,
}

impl Charge {
    /// Whether the issuer approved.
    pub const fn paid(&self) -> bool {
        self.declined.is_none()
    }
}

/// When an intent's money is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// As soon as it is approved.
    Automatic,
    /// Held until one capture takes it.
    Manual,
    /// Held until several captures have taken it.
    Several,
}

/// What a caller asks for when creating an intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// In minor units.
    pub amount: i64,
    /// The currency.
    pub currency: &'static Currency,
    /// What to charge.
    pub card: Option<Card>,
    /// Charge it at once.
    pub confirm: bool,
    /// When to take it.
    pub capture: Method,
    /// Decline rather than ask the shopper to act.
    pub no_action: bool,
    /// Whether a payment method may send the shopper elsewhere, so that a return address is needed.
    pub may_redirect: bool,
    /// Where the shopper comes back to.
    pub return_url: Option<String>,
    /// Who pays, as the caller names them.
    pub customer: Option<String>,
    /// What the payment method is kept for.
    pub setup_future_usage: Option<&'static str>,
    /// For people.
    pub description: Option<String>,
    /// The caller's own keys.
    pub metadata: BTreeMap<String, String>,
}

/// Why the last attempt came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The issuer declined.
    Declined(Decline),
    /// The shopper did not prove who they are.
    Unauthenticated,
}

/// A payment intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// `pi_…`
    pub id: String,
    /// Seconds since 1970.
    pub created: i64,
    /// What was asked for.
    pub wish: Wish,
    /// Where it stands.
    pub status: Status,
    /// The attempts to charge, oldest first.
    pub charges: Vec<Charge>,
    /// Why the last attempt failed, and with which card: that one is detached from the intent.
    pub problem: Option<(Problem, Card)>,
    /// When and why it was canceled.
    pub canceled: Option<(i64, Option<&'static str>)>,
}

impl Intent {
    /// A new intent, not yet confirmed.
    pub fn new(wish: Wish, ids: &mut Ids, now: i64) -> Self {
        let status = if wish.card.is_some() { Status::RequiresConfirmation } else { Status::RequiresPaymentMethod };
        let (id, charges) = (ids.mint("pi"), Vec::new());
        Self { id, created: now, wish, status, charges, problem: None, canceled: None }
    }

    /// The latest attempt to charge, once there was one.
    pub fn charge(&self) -> Option<&Charge> {
        self.charges.last()
    }

    /// What the issuer approved.
    pub fn authorized(&self) -> i64 {
        if self.charge().is_some_and(Charge::paid) { self.wish.amount } else { 0 }
    }

    /// What is still held and may be captured.
    pub fn capturable(&self) -> i64 {
        if self.status == Status::RequiresCapture { self.wish.amount - self.captured() } else { 0 }
    }

    /// What has been taken.
    pub fn captured(&self) -> i64 {
        self.charge().map_or(0, |charge| charge.captured)
    }

    /// What has been given back, or is about to be.
    pub fn refunded(&self) -> i64 {
        self.charge().map_or(0, |charge| charge.refunded)
    }

    /// What disputes have withdrawn and not reinstated.
    pub fn disputed(&self) -> i64 {
        self.charge().map_or(0, |charge| charge.disputed)
    }

    /// Whether the charge has been given back in full: while more may be captured, it has not.
    pub fn fully_refunded(&self) -> bool {
        self.captured() > 0 && self.refunded() == self.captured() && self.status != Status::RequiresCapture
    }

    /// The decline that stands, if the last attempt was declined.
    pub fn declined(&self) -> Option<Decline> {
        match self.problem {
            Some((Problem::Declined(decline), _)) => Some(decline),
            Some((Problem::Unauthenticated, _)) | None => None,
        }
    }

    /// Takes `amount` (all that is held, if none is said). A last capture releases what it does not take.
    ///
    /// Of a hold that was captured in part, `amount` may be 0 in the last capture: as the processor documents for
    /// multicapture, that releases the rest, and the intent has succeeded.
    pub fn capture(&mut self, amount: Option<i64>, last: bool) -> Result<(), Illegal> {
        let held = self.capturable();
        match (self.status, self.charges.last_mut()) {
            (Status::Succeeded, _) => Err(Illegal::AlreadyCaptured),
            (Status::RequiresCapture, Some(charge)) => {
                let amount = amount.unwrap_or(held);
                if amount > held {
                    return Err(Illegal::OverCapture);
                }
                if amount == 0 && (charge.captured == 0 || !last) {
                    return Err(Illegal::CaptureOfNothing);
                }
                if !last && self.wish.capture != Method::Several {
                    return Err(Illegal::NoMulticapture);
                }
                if charge.captures == MOST_CAPTURES {
                    return Err(Illegal::TooManyCaptures);
                }
                charge.captured += amount;
                charge.captures += 1;
                if last || amount == held {
                    self.status = Status::Succeeded;
                }
                Ok(())
            }
            (status, _) => Err(Illegal::NotCapturable(status)),
        }
    }

    /// Releases what is held. What was already captured stays captured.
    ///
    /// The API reference lets every intent that `requires_capture` be canceled, one captured in part too: «the remaining
    /// `amount_capturable` is automatically refunded». It is `canceled` from then on. (The guide to multicapture names
    /// another way to let go of the rest, a last capture of 0, after which the intent has `succeeded`.)
    pub fn cancel(&mut self, reason: Option<&'static str>, now: i64) -> Result<(), Illegal> {
        match self.status {
            Status::Succeeded | Status::Canceled => Err(Illegal::NotCancelable(self.status)),
            Status::RequiresPaymentMethod
            | Status::RequiresConfirmation
            | Status::RequiresAction
            | Status::RequiresCapture => {
                self.status = Status::Canceled;
                self.canceled = Some((now, reason));
                Ok(())
            }
        }
    }

    /// Lets the hold lapse if its time has come, and says when it did. As documented: an intent of which nothing was
    /// captured is `canceled`, one captured in part has `succeeded`.
    pub fn lapse(&mut self, now: i64) -> Option<i64> {
        let due = self.charge()?.capture_before?;
        if self.status != Status::RequiresCapture || now < due {
            return None;
        }
        if self.captured() > 0 {
            self.status = Status::Succeeded;
        } else {
            self.status = Status::Canceled;
            self.canceled = Some((due, Some("automatic")));
        }
        Some(due)
    }

    /// Gives back `amount` (all that is left, if none is said), and says how much that was.
    pub fn refund(&mut self, amount: Option<i64>) -> Result<i64, Illegal> {
        let currency = self.wish.currency;
        let Some(charge) = self.charges.last_mut().filter(|charge| charge.captured > 0) else {
            return Err(Illegal::NothingToRefund(self.id.clone()));
        };
        if charge.disputed > 0 {
            return Err(Illegal::ChargedBack(charge.id.clone()));
        }
        let left = charge.captured - charge.refunded;
        if left == 0 {
            return Err(Illegal::AlreadyRefunded(charge.id.clone()));
        }
        let amount = amount.unwrap_or(left);
        if amount > left {
            return Err(Illegal::OverRefund { asked: currency.format(amount), left: currency.format(left) });
        }
        charge.refunded += amount;
        Ok(amount)
    }
}

#[cfg(test)]
mod tests;
