//! Charging the payment method: at once, or after the shopper has proved who they are.

use super::{Card, Charge, Decline, HOLD_LASTS, Illegal, Intent, Method, Problem, Status};
use crate::stripe::cards::Outcome;
use crate::stripe::declines::AUTHENTICATION_REQUIRED;
use crate::stripe::issuer::{Issuer, Verdict};
use crate::stripe::wishes::{Confirm, Update};

impl Intent {
    /// Charges the payment method, or one named only now.
    pub fn confirm(&mut self, wish: Confirm, issuer: &mut Issuer<'_>) -> Result<(), Illegal> {
        match self.status {
            Status::Succeeded | Status::RequiresCapture | Status::Canceled => {
                return Err(Illegal::NotConfirmable(self.status));
            }
            Status::RequiresPaymentMethod | Status::RequiresConfirmation | Status::RequiresAction => {}
        }
        let return_url = wish.return_url.or_else(|| self.wish.return_url.clone());
        if return_url.is_none() && self.wish.may_redirect {
            return Err(Illegal::NoReturnUrl);
        }
        let Some(card) = wish.card.or_else(|| self.wish.card.clone()) else {
            return Err(Illegal::NoPaymentMethod);
        };
        self.wish.return_url = return_url;
        self.wish.setup_future_usage = wish.setup_future_usage.or(self.wish.setup_future_usage);
        self.wish.no_action = wish.no_action.unwrap_or(self.wish.no_action);
        self.attempt(card, issuer);
        Ok(())
    }

    /// Asks the issuer; whatever it says is where the intent stands then.
    fn attempt(&mut self, card: Card, issuer: &mut Issuer<'_>) {
        self.problem = None;
        match issuer.ask(&card, &self.wish.metadata) {
            Verdict::Approved => self.charge_card(card, None, false, issuer),
            Verdict::Declined(decline) => self.charge_card(card, Some(decline), false, issuer),
            Verdict::ActionRequired if self.wish.no_action => {
                self.charge_card(card, Some(AUTHENTICATION_REQUIRED), false, issuer);
            }
            Verdict::ActionRequired => {
                self.wish.card = Some(card);
                self.status = Status::RequiresAction;
            }
        }
    }

    /// The shopper comes back from proving who they are, having done so or not.
    pub fn authenticate(&mut self, proved: bool, issuer: &mut Issuer<'_>) -> Result<(), Illegal> {
        let waiting = self.status == Status::RequiresAction;
        let Some(card) = self.wish.card.clone().filter(|_| waiting) else {
            return Err(Illegal::NothingToAuthenticate(self.status));
        };
        if !proved {
            self.wish.card = None;
            self.problem = Some((Problem::Unauthenticated, card));
            self.status = Status::RequiresPaymentMethod;
            return Ok(());
        }
        let declined = match card.outcome {
            Outcome::ActionRequired(declined) => declined,
            Outcome::Approved | Outcome::Declined(_) | Outcome::DeclinedAtFirst(..) => None,
        };
        self.charge_card(card, declined, true, issuer);
        Ok(())
    }

    fn charge_card(&mut self, card: Card, declined: Option<Decline>, authenticated: bool, issuer: &mut Issuer<'_>) {
        let (now, at_once) = (issuer.now, self.wish.capture == Method::Automatic);
        let taken = declined.is_none() && at_once;
        self.charges.push(Charge {
            id: issuer.ids.mint("ch"),
            created: now,
            card: card.clone(),
            declined,
            authenticated,
            capture_before: (declined.is_none() && !at_once).then_some(now + HOLD_LASTS),
            captured: if taken { self.wish.amount } else { 0 },
            captures: u32::from(taken),
            refunded: 0,
            disputed: 0,
            was_disputed: false,
        });
        self.status = match (declined, at_once) {
            (Some(_), _) => Status::RequiresPaymentMethod,
            (None, false) => Status::RequiresCapture,
            (None, true) => Status::Succeeded,
        };
        // A declined payment method is detached: the caller has to name one again.
        self.wish.card = declined.is_none().then(|| card.clone());
        self.problem = declined.map(|decline| (Problem::Declined(decline), card));
    }

    /// Changes what was asked for. Metadata and description may change at any time, the rest only before money is held.
    pub fn update(&mut self, update: Update) -> Result<(), Illegal> {
        let open = match self.status {
            Status::RequiresPaymentMethod | Status::RequiresConfirmation | Status::RequiresAction => true,
            Status::RequiresCapture | Status::Succeeded | Status::Canceled => false,
        };
        let Update { amount, card, customer, setup_future_usage, description, metadata } = update;
        for (name, given) in [("amount", amount.is_some()), ("payment_method", card.is_some())] {
            if given && !open {
                return Err(Illegal::NotUpdatable(name, self.status));
            }
        }
        self.wish.amount = amount.unwrap_or(self.wish.amount);
        if card.is_some() {
            self.wish.card = card;
            self.status = Status::RequiresConfirmation;
        }
        self.wish.customer = customer.or_else(|| self.wish.customer.take());
        self.wish.setup_future_usage = setup_future_usage.or(self.wish.setup_future_usage);
        self.wish.description = description.or_else(|| self.wish.description.take());
        metadata.apply_to(&mut self.wish.metadata);
        Ok(())
    }
}
