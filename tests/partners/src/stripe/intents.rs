//! One payment intent: what it may do next, and what it holds, takes and gives back.

use super::cards::{AUTHENTICATION_REQUIRED, Card, Decline, Outcome};
use super::currency::Currency;
use super::states::{Illegal, Status};
use crate::ids::Ids;
use std::collections::BTreeMap;

/// The one attempt to charge a payment method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// `ch_…`
    pub id: String,
    /// Seconds since 1970.
    pub created: i64,
    /// What was charged.
    pub card: &'static Card,
    /// Whether the issuer approved.
    pub paid: bool,
    /// Taken so far.
    pub captured: i64,
    /// Given back so far.
    pub refunded: i64,
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
    pub card: Option<&'static Card>,
    /// Charge it at once.
    pub confirm: bool,
    /// When to take it.
    pub capture: Method,
    /// Decline rather than ask the shopper to act.
    pub no_action: bool,
    /// Where the shopper comes back to.
    pub return_url: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// The caller's own keys.
    pub metadata: BTreeMap<String, String>,
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
    /// The attempt to charge, once there was one.
    pub charge: Option<Charge>,
    /// Why the attempt failed.
    pub declined: Option<&'static Decline>,
    /// When and why it was canceled.
    pub canceled: Option<(i64, Option<&'static str>)>,
}

impl Intent {
    /// Creates an intent and, if asked to, charges its payment method.
    pub fn create(wish: Wish, ids: &mut Ids, now: i64) -> Self {
        let confirm = wish.confirm;
        let status = if wish.card.is_some() { Status::RequiresConfirmation } else { Status::RequiresPaymentMethod };
        let id = ids.mint("pi");
        let mut intent = Self { id, created: now, wish, status, charge: None, declined: None, canceled: None };
        if confirm {
            intent.confirm(ids, now);
        }
        intent
    }

    fn confirm(&mut self, ids: &mut Ids, now: i64) {
        let Some(card) = self.wish.card else { return };
        let (paid, declined) = match &card.outcome {
            Outcome::ActionRequired if !self.wish.no_action => {
                self.status = Status::RequiresAction;
                return;
            }
            Outcome::ActionRequired => (false, Some(&AUTHENTICATION_REQUIRED)),
            Outcome::Declined(decline) => (false, Some(decline)),
            Outcome::Approved => (true, None),
        };
        let at_once = self.wish.capture == Method::Automatic;
        let captured = if paid && at_once { self.wish.amount } else { 0 };
        self.charge = Some(Charge { id: ids.mint("ch"), created: now, card, paid, captured, refunded: 0 });
        self.declined = declined;
        self.status = match (paid, at_once) {
            (false, _) => Status::RequiresPaymentMethod,
            (true, false) => Status::RequiresCapture,
            (true, true) => Status::Succeeded,
        };
    }

    /// What is still held and may be captured.
    pub fn capturable(&self) -> i64 {
        if self.status == Status::RequiresCapture { self.wish.amount - self.captured() } else { 0 }
    }

    /// What has been taken.
    pub fn captured(&self) -> i64 {
        self.charge.as_ref().map_or(0, |charge| charge.captured)
    }

    /// What has been given back.
    pub fn refunded(&self) -> i64 {
        self.charge.as_ref().map_or(0, |charge| charge.refunded)
    }

    /// Takes `amount` (all that is held, if none is said). A last capture releases what it does not take.
    pub fn capture(&mut self, amount: Option<i64>, last: bool) -> Result<(), Illegal> {
        let held = self.capturable();
        match (self.status, &mut self.charge) {
            (Status::Succeeded, _) => Err(Illegal::AlreadyCaptured),
            (Status::RequiresCapture, Some(charge)) => {
                let amount = amount.unwrap_or(held);
                if amount > held {
                    return Err(Illegal::OverCapture);
                }
                if !last && self.wish.capture != Method::Several {
                    return Err(Illegal::NoMulticapture);
                }
                charge.captured += amount;
                if last || amount == held {
                    self.status = Status::Succeeded;
                }
                Ok(())
            }
            (status, _) => Err(Illegal::NotCapturable(status)),
        }
    }

    /// Releases what is held. What was already captured stays captured.
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

    /// Gives back `amount` (all that is left, if none is said), and says how much that was.
    pub fn refund(&mut self, amount: Option<i64>) -> Result<i64, Illegal> {
        let currency = self.wish.currency;
        let Some(charge) = self.charge.as_mut().filter(|charge| charge.captured > 0) else {
            return Err(Illegal::NothingToRefund(self.id.clone()));
        };
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
