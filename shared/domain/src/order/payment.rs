//! Authorizing, capturing and letting go of money.

use super::event::{Draft, Event};
use super::fulfillment::Fulfillment;
use super::placed::{Placed, Tender};
use super::state::Order;
use super::{Decided, Rejection};
use crate::ledger::{Account, Posting, balance, transfer};
use crate::money::{Currency, Money, MoneyError};

/// Money held for the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// How much was held at first.
    pub amount: Money,
    /// The holder's id of it.
    pub reference: String,
    /// The processor thinks a person should look.
    pub elevated_risk: bool,
}

/// The money of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// What is held.
    pub authorization: Option<Authorization>,
    /// Why nothing is.
    pub declined: Option<String>,
    /// Taken so far.
    pub captured: Money,
    /// Given back so far.
    pub refunded: Money,
    /// Let go?
    pub voided: bool,
    captures: Vec<(Option<u16>, Money)>,
}

impl Payment {
    pub(super) fn none(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self {
            authorization: None,
            declined: None,
            captured: zero,
            refunded: zero,
            voided: false,
            captures: Vec::new(),
        }
    }

    pub(super) fn capture(&mut self, fulfillment: Option<u16>, amount: Money) {
        // Recorded facts are in the order's currency; a sum beyond 64 bits is refused where it is decided.
        self.captured = self.captured.plus(amount).unwrap_or(self.captured);
        self.captures.push((fulfillment, amount));
    }

    /// Is money held that was neither taken nor let go?
    #[must_use]
    pub fn holds_money(&self) -> bool {
        self.authorization.is_some() && !self.voided && self.captured.is_zero()
    }

    /// What may still be captured, in minor units of the order's currency.
    #[must_use]
    pub fn capturable(&self) -> i64 {
        let held = self.authorization.as_ref().filter(|_| !self.voided);
        held.map_or(0, |held| held.amount.minor() - self.captured.minor())
    }

    fn was_captured_for(&self, fulfillment: u16) -> bool {
        self.captures.iter().any(|(part, _)| *part == Some(fulfillment))
    }
}

impl Placed {
    /// The account that money taken for the order goes to.
    fn collecting(&self) -> Account {
        match self.tender {
            Tender::Card { .. } => Account::CashAtProcessor,
            Tender::Channel { .. } => Account::ChannelReceivable,
        }
    }
}

impl Order {
    /// Has authorizing been settled either way?
    #[must_use]
    pub fn is_authorization_settled(&self) -> bool {
        self.payment.authorization.is_some() || self.payment.declined.is_some()
    }

    /// Money is held. A fact from outside: recorded even when the order was cancelled meanwhile, so that it is let go.
    ///
    /// # Errors
    /// `Money` beyond 64 bits.
    pub fn decide_authorized(&self, amount: Money, reference: String, elevated_risk: bool) -> Decided {
        if self.payment.authorization.is_some() {
            return Ok(None);
        }
        let postings = transfer(Account::Authorizations, Account::AuthorizationsHeld, amount)?;
        let event = Event::PaymentAuthorized { amount, reference, elevated_risk };
        Ok(Some(Draft::of(event).moving_money(postings)))
    }

    /// The processor said no: the order ends.
    ///
    /// # Errors
    /// `Cancelled` when it has ended before; `Money` beyond 64 bits.
    pub fn decide_declined(&self, code: String) -> Decided {
        if self.is_authorization_settled() {
            return Ok(None);
        }
        self.refuse_if_cancelled()?;
        let postings = self.called_off()?;
        Ok(Some(Draft::of(Event::PaymentDeclined { code }).moving_money(postings)))
    }

    /// What to capture for a shipment now: `None` when nothing is left to take for it.
    ///
    /// # Errors
    /// `Unknown` fulfillment order; `NotAllowed` when it needs more than is held (nothing is captured then).
    pub fn capture_wanted(&self, number: u16) -> Result<Option<Money>, Rejection> {
        let part = self.fulfillment(number).ok_or(Rejection::Unknown("such fulfillment order"))?;
        let due = self.due(part)?;
        let prepaid = self.payment.captures.iter().any(|(part, _)| part.is_none());
        if self.payment.was_captured_for(number) || prepaid || due.minor() <= 0 {
            return Ok(None);
        }
        self.check_capturable(due)?;
        Ok(Some(due))
    }

    /// Is this the last shipment to be captured? The rest of the hold is let go with it. Shipments that cost nothing
    /// are never captured and not waited for.
    #[must_use]
    pub fn is_last_capture(&self, number: u16) -> bool {
        let others = self.fulfillments.iter().filter(|part| part.number != number && !part.is_dropped());
        let is_free = |part: &Fulfillment| self.due(part).is_ok_and(|due| due.minor() <= 0);
        others.into_iter().all(|part| self.payment.was_captured_for(part.number) || is_free(part))
    }

    /// The postings that let go of what is left of the hold, for an order that is over: whatever was not captured by
    /// now never will be.
    pub(super) fn let_go(&self) -> Result<Vec<Posting>, MoneyError> {
        let postings = self.history().iter().flat_map(|recorded| &recorded.postings);
        let rest = balance(postings, Account::Authorizations, Money::zero(self.placed.currency()))?;
        transfer(Account::AuthorizationsHeld, Account::Authorizations, rest)
    }

    /// Money was taken: for one shipment, or (`None`) ahead of all.
    ///
    /// # Errors
    /// `Unknown` fulfillment order; `NotAllowed` beyond what is held; `Money` beyond 64 bits.
    pub fn decide_captured(&self, fulfillment: Option<u16>, amount: Money, reference: String) -> Decided {
        if self.payment.captures.iter().any(|(part, _)| *part == fulfillment) {
            return Ok(None);
        }
        if fulfillment.is_some_and(|number| self.fulfillment(number).is_none()) {
            return Err(Rejection::Unknown("such fulfillment order"));
        }
        self.check_capturable(amount)?;
        let mut postings = transfer(self.placed.collecting(), Account::CustomerReceivable, amount)?;
        postings.extend(transfer(Account::AuthorizationsHeld, Account::Authorizations, amount)?);
        let last = fulfillment.is_none_or(|number| self.is_last_capture(number));
        if last {
            let rest = Money::new(self.payment.capturable(), amount.currency()).minus(amount)?;
            postings.extend(transfer(Account::AuthorizationsHeld, Account::Authorizations, rest)?);
        }
        let event = Event::PaymentCaptured { fulfillment, amount, reference };
        Ok(Some(Draft::of(event).moving_money(postings)))
    }

    /// The held money of a cancelled order was let go.
    ///
    /// # Errors
    /// `NotAllowed` for an order that goes on.
    pub fn decide_voided(&self) -> Decided {
        let Some(held) = self.payment.authorization.as_ref().filter(|_| self.payment.holds_money()) else {
            return Ok(None);
        };
        if !self.is_cancelled() {
            let because = "the order is not cancelled".to_owned();
            return Err(Rejection::NotAllowed { command: "void the payment", because });
        }
        Ok(Some(Draft::of(Event::PaymentVoided { amount: held.amount }).moving_money(self.let_go()?)))
    }

    /// A partner refused a call of ours: on the timeline once per effect and code.
    ///
    /// # Errors
    /// None today; the type is that of every decision.
    pub fn decide_partner_refused(&self, partner: &str, effect: &str, code: &str, message: &str) -> Decided {
        let event = Event::PartnerRefused {
            partner: partner.to_owned(),
            effect: effect.to_owned(),
            code: code.to_owned(),
            message: message.chars().take(300).collect(),
        };
        let known = self.history().iter().any(|recorded| recorded.event == event);
        Ok((!known).then(|| Draft::of(event)))
    }

    fn check_capturable(&self, amount: Money) -> Result<(), Rejection> {
        let capturable = self.payment.capturable();
        if amount.minor() <= capturable {
            return Ok(());
        }
        let held = Money::new(capturable, amount.currency());
        let because = format!("{amount} is more than the {held} still held");
        Err(Rejection::NotAllowed { command: "capture", because })
    }
}
