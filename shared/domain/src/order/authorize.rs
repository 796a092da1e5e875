//! Having money held, again where that is needed, and letting it go.

use super::event::{Draft, Event};
use super::payment::{Pending, TenderState};
use super::payment_event::PaymentEvent;
use super::state::Order;
use super::tender::{Draw, Tender};
use super::{Decided, Rejection};
use crate::decline::{Advice, PATIENCE, advice, retry_at};
use crate::ledger::{Account, transfer};
use crate::money::{Money, MoneyError};
use jiff::Timestamp;

/// Money that is held, to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewHold {
    /// How much.
    pub amount: Money,
    /// The holder's id of it.
    pub reference: String,
    /// The processor thinks a person should look.
    pub elevated_risk: bool,
    /// When it lapses, UTC, if it does.
    pub expires_at: Option<Timestamp>,
}

/// A tender to be authorized now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Which tender.
    pub tender: u16,
    /// With what.
    pub with: Tender,
    /// How much has to be held.
    pub amount: Money,
    /// The effect to claim, and the last part of the call's id.
    pub effect: String,
    /// Is the shopper there to act, or is this a retry or a renewal?
    pub on_session: bool,
}

/// A hold that is to be let go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unneeded {
    /// On which tender.
    pub tender: u16,
    /// The holder's id of it.
    pub reference: String,
    /// How much of it is still held.
    pub amount: Money,
    /// Is it held by our processor, which has to be told?
    pub processed: bool,
}

impl Order {
    /// The first tender that has to be authorized by `now`: never held, or its hold does not last or suffice for what is
    /// still to be taken. One that waits for the customer or for its next time is left out.
    ///
    /// # Errors
    /// `Money` beyond 64 bits.
    pub fn to_authorize(&self, now: Timestamp) -> Result<Option<Wanted>, MoneyError> {
        if self.is_cancelled() {
            return Ok(None);
        }
        for tender in self.payment.tenders.iter().filter(|tender| tender.pending.is_none() && !tender.stopped) {
            let amount = self.still_to_take(tender)?;
            let first = tender.holds.is_empty();
            // Also where nothing is to be taken: without a hold that is open the order is not routed.
            let unheld = self.fulfillments.is_empty() && !tender.is_authorized();
            if first || unheld || held_at(tender, now) < amount.minor() {
                return Ok(Some(Wanted {
                    tender: tender.number,
                    with: tender.tender.clone(),
                    amount,
                    effect: tender.authorize_effect(),
                    on_session: first && tender.declines.0 == 0,
                }));
            }
        }
        Ok(None)
    }

    /// Is less held at `now` than is still to be taken, of any tender: also one that was declined for good, or waits?
    ///
    /// # Errors
    /// `Money` beyond 64 bits.
    pub fn lacks_money(&self, now: Timestamp) -> Result<bool, MoneyError> {
        for tender in &self.payment.tenders {
            if held_at(tender, now) < self.still_to_take(tender)?.minor() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What is still to be taken with a tender: of the shipments that were planned for it and of what is not
    /// planned yet, or of its whole amount.
    pub(super) fn still_to_take(&self, tender: &TenderState) -> Result<Money, MoneyError> {
        let zero = Money::zero(self.placed.currency());
        if self.fulfillments.is_empty() {
            return tender.amount.minus(tender.captured);
        }
        let live = self.fulfillments.iter().filter(|part| !part.is_dropped());
        let unplanned = zero.plus(self.takes_unplanned(tender)?)?;
        live.filter(|part| !tender.was_captured_for(Some(part.number))).try_fold(unplanned, |sum, part| {
            let take = self.takes_left(part)?.into_iter().find(|(number, _)| *number == tender.number);
            take.map_or(Ok(sum), |(_, amount)| sum.plus(amount))
        })
    }

    /// Is the amount in the order's currency?
    pub(super) fn in_own_currency(&self, amount: Money) -> Result<(), MoneyError> {
        Money::zero(self.placed.currency()).plus(amount).map(|_| ())
    }

    pub(super) fn tender_state(&self, number: u16) -> Result<&TenderState, Rejection> {
        self.payment.tender(number).ok_or(Rejection::Unknown("such tender"))
    }

    /// Money is held. A fact from outside: recorded even when the order was cancelled meanwhile, so that it is let go.
    /// A draw on an account of the merchant's is ours, and refused then.
    ///
    /// # Errors
    /// `Unknown` tender; `Cancelled` for an account; `Money` beyond 64 bits.
    pub fn decide_authorized(&self, number: u16, hold: NewHold) -> Decided {
        let tender = self.tender_state(number)?;
        let account = tender.tender.account();
        let known = match account {
            Some(_) => !tender.holds.is_empty(),
            None => self.payment.tender_of(&hold.reference).is_some(),
        };
        if known {
            return Ok(None);
        }
        let NewHold { amount, reference, elevated_risk, expires_at } = hold;
        self.in_own_currency(amount)?;
        let postings = transfer(Account::Authorizations, Account::AuthorizationsHeld, amount)?;
        let mut draw = None;
        if let Some(account) = account {
            self.refuse_if_cancelled()?;
            draw = Some(Draw { account: account.clone(), amount: amount.negated()? });
        }
        let event = PaymentEvent::Authorized { tender: number, amount, reference, elevated_risk, expires_at };
        Ok(Some(Draft::of_payment(event, postings).drawing(draw)))
    }

    /// The shopper has to act at the processor, as the answer to `effect`.
    ///
    /// # Errors
    /// `Unknown` tender; `Cancelled`.
    pub fn decide_action_required(
        &self,
        number: u16,
        effect: &str,
        reference: String,
        url: Option<String>,
        now: Timestamp,
    ) -> Decided {
        let tender = self.tender_state(number)?;
        if tender.authorize_effect() != effect || tender.pending.is_some() {
            return Ok(None);
        }
        self.refuse_if_cancelled()?;
        let until = now.checked_add(PATIENCE).unwrap_or(now);
        let event = PaymentEvent::ActionRequired { tender: number, reference, url, until, attempt: tender.tries };
        Ok(Some(Draft::of(Event::Payment(event))))
    }

    /// The answer to `effect` is no. By what the code advises, the same is tried again, the customer is asked, or the
    /// order ends; an order of which a part has left never ends by it.
    ///
    /// # Errors
    /// `Unknown` tender; `Cancelled` when it has ended before; `Money` beyond 64 bits.
    pub fn decide_declined(&self, number: u16, effect: &str, code: String, now: Timestamp) -> Decided {
        let tender = self.tender_state(number)?;
        if tender.authorize_effect() != effect || tender.pending.is_some() {
            return Ok(None);
        }
        self.refuse_if_cancelled()?;
        self.decline(tender, code, now)
    }

    /// The shopper did not pass 3-D Secure, or the processor gave the payment up.
    ///
    /// # Errors
    /// `Money` beyond 64 bits.
    pub fn decide_action_failed(&self, reference: &str, code: String, now: Timestamp) -> Decided {
        let waits = |tender: &&TenderState| matches!(&tender.pending, Some(Pending::Action { reference: ours, .. }) if ours == reference);
        match self.payment.tenders.iter().find(waits) {
            Some(tender) if !self.is_cancelled() => self.decline(tender, code, now),
            Some(_) | None => Ok(None),
        }
    }

    fn decline(&self, tender: &TenderState, code: String, now: Timestamp) -> Decided {
        let (times, first) = (tender.declines.0 + 1, tender.declines.1.unwrap_or(now));
        let until = now.checked_add(PATIENCE).ok();
        let (retry_at, until) = match (advice(&code), &tender.tender) {
            (Advice::RetryLater, Tender::Card { .. }) => (retry_at(first, times), None),
            (Advice::RetryLater | Advice::AskCustomer, _) => (None, until),
            (Advice::Stop, _) => (None, None),
        };
        let event = PaymentEvent::Declined { tender: tender.number, code, retry_at, until, attempt: tender.tries };
        let ends = event.is_final_decline() && !self.has_left();
        let postings = if ends { self.called_off()? } else { Vec::new() };
        Ok(Some(Draft::of_payment(event, postings)))
    }

    /// The customer named another payment method; after a final decline that may be the same, tried anew.
    ///
    /// # Errors
    /// `Unknown` tender; `Cancelled`; `NotAllowed` where nothing is waited for, or the tender is not one of those our
    /// processor takes.
    pub fn decide_method_named(&self, number: u16, with: Tender) -> Decided {
        let tender = self.tender_state(number)?;
        self.refuse_if_cancelled()?;
        let not_allowed =
            |because: &str| Rejection::NotAllowed { command: "change the payment", because: because.to_owned() };
        if tender.pending.is_none() && !tender.stopped && tender.tender == with {
            return Ok(None);
        }
        if tender.pending.is_none() && tender.declined.is_none() {
            return Err(not_allowed("this tender waits for nothing"));
        }
        if !with.is_processed() {
            return Err(not_allowed("only a card can take its place"));
        }
        Ok(Some(Draft::of(Event::Payment(PaymentEvent::MethodNamed { tender: number, with }))))
    }

    /// When the next thing about its money is due by the clock alone, UTC.
    pub(super) fn payment_timer(&self) -> Option<Timestamp> {
        let pending = self.payment.tenders.iter().filter_map(|tender| tender.pending.as_ref());
        let at = |pending: &Pending| match pending {
            Pending::Action { until, .. } | Pending::Method { until } => *until,
            Pending::Retry { at } => *at,
        };
        pending.map(at).min().filter(|_| !self.is_cancelled())
    }

    /// Has something been put on the clock since `before`, which a sweeper that planned its next look then knows nothing of;
    /// or is a payment waited for no more, so that the order has to move again, long before that look?
    #[must_use]
    pub fn is_newly_timed(&self, before: &Self) -> bool {
        let goes_on = before.payment.is_pending() && !self.payment.is_pending() && !self.is_cancelled();
        goes_on || (self.timer().is_some() && self.timer() != before.timer())
    }

    /// What is due of its money by the clock: a retry, or the end of an order whose customer did not answer.
    pub(super) fn decide_payment_timer(&self, now: Timestamp) -> Decided {
        if self.is_cancelled() {
            return Ok(None);
        }
        for tender in &self.payment.tenders {
            let number = tender.number;
            match &tender.pending {
                Some(Pending::Retry { at }) if *at <= now => {
                    return Ok(Some(Draft::of(Event::Payment(PaymentEvent::RetryDue { tender: number }))));
                }
                Some(Pending::Action { until, .. } | Pending::Method { until }) if *until <= now => {
                    let code = tender.declined.clone().unwrap_or_else(|| "authentication_timeout".to_owned());
                    let (retry_at, until, attempt) = (None, None, tender.tries);
                    let event = PaymentEvent::Declined { tender: number, code, retry_at, until, attempt };
                    let postings = if self.has_left() { Vec::new() } else { self.called_off()? };
                    return Ok(Some(Draft::of_payment(event, postings)));
                }
                Some(_) | None => {}
            }
        }
        Ok(None)
    }

    /// Holds that will not be taken any more: all of a cancelled order; what is left once every shipment is paid; and a
    /// second hold on a tender whose first suffices.
    ///
    /// # Errors
    /// `Money` beyond 64 bits.
    pub fn unneeded_holds(&self) -> Result<Vec<Unneeded>, MoneyError> {
        let mut unneeded = Vec::new();
        for tender in &self.payment.tenders {
            let mut wanted = if self.is_cancelled() { 0 } else { self.still_to_take(tender)?.minor() };
            let free = tender.amount.is_zero() && !self.is_cancelled() && self.invoice.is_none();
            // The newest was made because those before it did not last or suffice.
            for hold in tender.holds.iter().rev().filter(|hold| hold.open) {
                let is_needed = wanted > 0 || (free && self.fulfillments.is_empty());
                wanted -= hold.capturable();
                if !is_needed {
                    unneeded.push(Unneeded {
                        tender: tender.number,
                        reference: hold.reference.clone(),
                        amount: Money::new(hold.capturable(), hold.amount.currency()),
                        processed: tender.tender.is_processed() && !hold.amount.is_zero(),
                    });
                }
            }
        }
        Ok(unneeded)
    }

    /// A hold that is not needed was let go.
    ///
    /// # Errors
    /// `NotAllowed` for one that is needed; `Money` beyond 64 bits.
    pub fn decide_voided(&self, reference: &str) -> Decided {
        let Some((tender, hold)) = self.open_hold(reference) else { return Ok(None) };
        if !self.unneeded_holds()?.iter().any(|unneeded| unneeded.reference == reference) {
            let because = "the order is not cancelled, and the money is still to be taken".to_owned();
            return Err(Rejection::NotAllowed { command: "void the payment", because });
        }
        let amount = Money::new(hold.capturable(), hold.amount.currency());
        let postings = transfer(Account::AuthorizationsHeld, Account::Authorizations, amount)?;
        let draw = tender.tender.account().map(|account| Draw { account: account.clone(), amount });
        let event = PaymentEvent::Voided { tender: tender.number, reference: reference.to_owned(), amount };
        Ok(Some(Draft::of_payment(event, postings).drawing(draw)))
    }

    /// A hold lapsed, or somebody else let it go: a fact from outside. A hold of nothing is known to nobody outside, and
    /// stays.
    ///
    /// # Errors
    /// `Money` beyond 64 bits.
    pub fn decide_lapsed(&self, reference: &str) -> Decided {
        let Some((tender, hold)) = self.open_hold(reference) else { return Ok(None) };
        if hold.amount.is_zero() {
            return Ok(None);
        }
        let amount = Money::new(hold.capturable(), hold.amount.currency());
        let postings = transfer(Account::AuthorizationsHeld, Account::Authorizations, amount)?;
        let draw = tender.tender.account().map(|account| Draw { account: account.clone(), amount });
        let event = PaymentEvent::Lapsed { tender: tender.number, reference: reference.to_owned(), amount };
        Ok(Some(Draft::of_payment(event, postings).drawing(draw)))
    }

    fn open_hold(&self, reference: &str) -> Option<(&TenderState, &super::Authorization)> {
        let tender = self.payment.tender_of(reference)?;
        let hold = tender.holds.iter().find(|hold| hold.reference == reference && hold.open)?;
        Some((tender, hold))
    }

    /// Holds that have lapsed by `now` without anybody having said so.
    pub fn lapsed_holds(&self, now: Timestamp) -> impl Iterator<Item = &super::Authorization> {
        let holds = self.payment.tenders.iter().flat_map(|tender| &tender.holds);
        holds.filter(move |hold| hold.open && hold.expires_at.is_some_and(|at| at <= now))
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
}

/// What the largest hold on a tender that lasts beyond `now` still gives, in minor units: a capture takes of one hold.
fn held_at(tender: &TenderState, now: Timestamp) -> i64 {
    let lasting = tender.holds.iter().filter(|hold| hold.expires_at.is_none_or(|at| at > now));
    lasting.map(super::Authorization::capturable).max().unwrap_or(0)
}
