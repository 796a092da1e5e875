//! The money of an order: what each tender holds, has taken and has given back.

use super::dispute::DisputeState;
use super::payment_event::PaymentEvent;
use super::placed::Placed;
use super::refund::{RefundPart, RefundState};
use super::tender::Tender;
use crate::money::{Currency, Money};
use jiff::Timestamp;

/// Money held on a tender, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The holder's id of it.
    pub reference: String,
    /// How much was held at first.
    pub amount: Money,
    /// Taken of it so far.
    pub captured: Money,
    /// Given back of that, or on its way back.
    pub refunded: Money,
    /// Withdrawn of that by disputes that are open or lost.
    pub disputed: Money,
    /// The processor thinks a person should look.
    pub elevated_risk: bool,
    /// When it lapses, UTC, if it does.
    pub expires_at: Option<Timestamp>,
    /// Can more be taken of it: neither let go, nor lapsed, nor taken for the last time?
    pub open: bool,
}

impl Authorization {
    /// What may still be taken of it, in minor units.
    #[must_use]
    pub fn capturable(&self) -> i64 {
        if self.open { self.amount.minor() - self.captured.minor() } else { 0 }
    }

    /// What may still be given back of it, in minor units; never less than nothing.
    #[must_use]
    pub fn refundable(&self) -> i64 {
        (self.captured.minor() - self.refunded.minor() - self.disputed.minor()).max(0)
    }
}

/// What a tender waits for before it is tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pending {
    /// The shopper, at the processor's address (3-D Secure).
    Action {
        /// The processor's id of the payment.
        reference: String,
        /// Where the shopper acts.
        url: Option<String>,
        /// When the order ends otherwise, UTC.
        until: Timestamp,
    },
    /// Its next time on the schedule.
    Retry {
        /// When, UTC.
        at: Timestamp,
    },
    /// Another payment method.
    Method {
        /// When the order ends otherwise, UTC.
        until: Timestamp,
    },
}

/// A tender and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenderState {
    /// 1, 2, ... within the order.
    pub number: u16,
    /// How much of the total it pays.
    pub amount: Money,
    /// With what, by now: a customer may have named another payment method.
    pub tender: Tender,
    /// Every hold there was; the last one is current.
    pub holds: Vec<Authorization>,
    /// What it waits for.
    pub pending: Option<Pending>,
    /// Why it was declined last.
    pub declined: Option<String>,
    /// Declined how often, and first when, since the payment method was named.
    pub declines: (u32, Option<Timestamp>),
    /// Declined for good: nothing is tried until another payment method is named.
    pub stopped: bool,
    /// Taken so far.
    pub captured: Money,
    /// Given back so far, or on its way back.
    pub refunded: Money,
    /// Withdrawn by disputes that are open or lost.
    pub disputed: Money,
    /// Paid of what was invoiced (net terms).
    pub settled: Money,
    /// How often anything was tried: part of the next try's id.
    pub tries: u32,
    pub(super) captures: Vec<(Option<u16>, Money)>,
}

impl TenderState {
    /// Is it held, or has it been taken?
    #[must_use]
    pub fn is_authorized(&self) -> bool {
        !self.holds.is_empty() && (self.captured.minor() > 0 || self.holds.iter().any(|hold| hold.open))
    }

    /// What may still be taken, in minor units.
    #[must_use]
    pub fn capturable(&self) -> i64 {
        self.holds.iter().map(Authorization::capturable).sum()
    }

    /// What may still be given back, in minor units; never less than nothing.
    #[must_use]
    pub fn refundable(&self) -> i64 {
        self.holds.iter().map(Authorization::refundable).sum()
    }

    /// The hold that captures take from: the one that gives most, of equals the newest.
    #[must_use]
    pub fn hold(&self) -> Option<&Authorization> {
        self.holds.iter().filter(|hold| hold.open).max_by_key(|hold| hold.capturable())
    }

    /// What was taken of it ahead of all shipments, or by somebody else, in minor units.
    pub(super) fn taken_ahead(&self) -> i64 {
        self.captures.iter().filter(|(part, _)| part.is_none()).map(|(_, amount)| amount.minor()).sum()
    }

    /// Was it taken for this fulfillment order, or (`None`) ahead of all?
    #[must_use]
    pub fn was_captured_for(&self, fulfillment: Option<u16>) -> bool {
        self.captures.iter().any(|(part, _)| *part == fulfillment)
    }

    /// The effect of its next authorization, claimed before the call: another one once something has come of the last.
    #[must_use]
    pub fn authorize_effect(&self) -> String {
        format!("authorize-{}-{}", self.number, self.tries)
    }

    pub(super) fn hold_mut(&mut self, reference: &str) -> Option<&mut Authorization> {
        self.holds.iter_mut().rev().find(|hold| hold.reference == reference)
    }
}

/// The money of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Its tenders, in the order they are used up.
    pub tenders: Vec<TenderState>,
    /// What was given back, or is to be.
    pub refunds: Vec<RefundState>,
    /// What customers' banks have taken back.
    pub disputes: Vec<DisputeState>,
    /// Held money was let go?
    pub voided: bool,
    /// Refunds by somebody else, by their reference.
    pub(super) outside: Vec<(String, RefundPart)>,
    pub(super) currency: Currency,
}

/// Recorded facts are in the order's currency; a sum beyond 64 bits is refused where it is decided.
pub(super) fn add(sum: &mut Money, amount: Money) {
    *sum = sum.plus(amount).unwrap_or(*sum);
}

pub(super) fn take_off(sum: &mut Money, amount: Money) {
    *sum = sum.minus(amount).unwrap_or(*sum);
}

impl Payment {
    pub(super) fn of(placed: &Placed) -> Self {
        let zero = Money::zero(placed.currency());
        let state = |part: &super::tender::Part| TenderState {
            number: part.number,
            amount: part.amount,
            tender: part.tender.clone(),
            holds: Vec::new(),
            pending: None,
            declined: None,
            declines: (0, None),
            stopped: false,
            captured: zero,
            refunded: zero,
            disputed: zero,
            settled: zero,
            tries: 0,
            captures: Vec::new(),
        };
        Self {
            tenders: placed.tenders.iter().map(state).collect(),
            refunds: Vec::new(),
            disputes: Vec::new(),
            voided: false,
            outside: Vec::new(),
            currency: placed.currency(),
        }
    }

    /// The tender of that number.
    #[must_use]
    pub fn tender(&self, number: u16) -> Option<&TenderState> {
        self.tenders.iter().find(|tender| tender.number == number)
    }

    /// The tender whose money is held under this reference.
    #[must_use]
    pub fn tender_of(&self, reference: &str) -> Option<&TenderState> {
        let holds = |tender: &&TenderState| tender.holds.iter().any(|hold| hold.reference == reference);
        self.tenders.iter().find(holds)
    }

    fn sum(&self, amount: impl Fn(&TenderState) -> Money) -> Money {
        let mut sum = Money::zero(self.currency);
        self.tenders.iter().for_each(|tender| add(&mut sum, amount(tender)));
        sum
    }

    /// Taken so far; of net terms: invoiced.
    #[must_use]
    pub fn captured(&self) -> Money {
        self.sum(|tender| tender.captured)
    }

    /// Given back so far, or on its way back.
    #[must_use]
    pub fn refunded(&self) -> Money {
        self.sum(|tender| tender.refunded)
    }

    /// Withdrawn by disputes that are open or lost.
    #[must_use]
    pub fn disputed(&self) -> Money {
        self.sum(|tender| tender.disputed)
    }

    /// Invoiced, neither given back nor paid yet (net terms).
    #[must_use]
    pub fn outstanding(&self) -> Money {
        let zero = Money::zero(self.currency);
        self.sum(|tender| {
            let billed = tender.captured.minus(tender.refunded).and_then(|billed| billed.minus(tender.settled));
            if tender.tender.is_invoiced() { billed.unwrap_or(zero) } else { zero }
        })
    }

    /// Are all tenders held, or taken?
    #[must_use]
    pub fn is_authorized(&self) -> bool {
        self.tenders.iter().all(TenderState::is_authorized)
    }

    /// Does a tender wait for the customer or for its next time?
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.tenders.iter().any(|tender| tender.pending.is_some())
    }

    /// Does the processor think a person should look?
    #[must_use]
    pub fn is_risky(&self) -> bool {
        self.tenders.iter().flat_map(|tender| &tender.holds).any(|hold| hold.elevated_risk)
    }

    /// Is money held that was neither taken nor let go?
    #[must_use]
    pub fn holds_money(&self) -> bool {
        self.tenders.iter().flat_map(|tender| &tender.holds).any(|hold| hold.open)
    }

    /// What may still be taken, in minor units.
    #[must_use]
    pub fn capturable(&self) -> i64 {
        self.tenders.iter().map(TenderState::capturable).sum()
    }

    /// What an event changes. Total: what is recorded has happened.
    pub(super) fn apply(&mut self, event: &PaymentEvent, at: Timestamp) {
        match event {
            PaymentEvent::RefundRequested(refund) => self.request(refund),
            PaymentEvent::Refunded { refund, reference, part } => self.refund(*refund, part, reference),
            PaymentEvent::RefundFailed { refund, reference, part, .. } => self.fail_refund(*refund, part, reference),
            PaymentEvent::RefundRetried { refund, attempt } => self.retry_refund(*refund, *attempt),
            PaymentEvent::DisputeOpened(dispute) => self.open_dispute(dispute),
            PaymentEvent::DisputeClosed { reference, won, .. } => self.close_dispute(reference, *won),
            PaymentEvent::Voided { tender, reference, .. } => {
                self.voided = true;
                self.change(*tender, |tender| tender.close(reference));
            }
            PaymentEvent::Lapsed { tender, reference, .. } => self.change(*tender, |tender| tender.close(reference)),
            PaymentEvent::Authorized { tender, .. }
            | PaymentEvent::ActionRequired { tender, .. }
            | PaymentEvent::Declined { tender, .. }
            | PaymentEvent::MethodNamed { tender, .. }
            | PaymentEvent::RetryDue { tender }
            | PaymentEvent::Captured { tender, .. }
            | PaymentEvent::InvoicePaid { tender, .. } => self.change(*tender, |tender| tender.apply(event, at)),
        }
    }

    pub(super) fn change(&mut self, number: u16, change: impl FnOnce(&mut TenderState)) {
        if let Some(tender) = self.tenders.iter_mut().find(|tender| tender.number == number) {
            change(tender);
        }
    }
}

impl TenderState {
    fn close(&mut self, reference: &str) {
        if let Some(hold) = self.hold_mut(reference) {
            hold.open = false;
        }
    }

    fn apply(&mut self, event: &PaymentEvent, at: Timestamp) {
        match event {
            PaymentEvent::Authorized { amount, reference, elevated_risk, expires_at, .. } => {
                let (amount, elevated_risk, expires_at) = (*amount, *elevated_risk, *expires_at);
                let zero = Money::zero(amount.currency());
                self.holds.push(Authorization {
                    reference: reference.clone(),
                    amount,
                    captured: zero,
                    refunded: zero,
                    disputed: zero,
                    elevated_risk,
                    expires_at,
                    open: true,
                });
                (self.pending, self.declined, self.tries) = (None, None, self.tries + 1);
                self.stopped = false;
            }
            PaymentEvent::ActionRequired { reference, url, until, .. } => {
                self.pending = Some(Pending::Action { reference: reference.clone(), url: url.clone(), until: *until });
            }
            PaymentEvent::Declined { code, retry_at, until, .. } => {
                self.declined = Some(code.clone());
                self.declines = (self.declines.0 + 1, self.declines.1.or(Some(at)));
                self.tries += 1;
                self.stopped = event.is_final_decline();
                self.pending = match (retry_at, until) {
                    (Some(at), _) => Some(Pending::Retry { at: *at }),
                    (None, Some(until)) => Some(Pending::Method { until: *until }),
                    (None, None) => None,
                };
            }
            PaymentEvent::MethodNamed { with, .. } => {
                self.tender = with.clone();
                (self.pending, self.declines, self.tries) = (None, (0, None), self.tries + 1);
                self.stopped = false;
            }
            PaymentEvent::RetryDue { .. } => self.pending = None,
            PaymentEvent::Captured { fulfillment, amount, reference, last, .. } => {
                add(&mut self.captured, *amount);
                self.captures.push((*fulfillment, *amount));
                if let Some(hold) = self.hold_mut(reference) {
                    add(&mut hold.captured, *amount);
                    hold.open = !*last && hold.amount.minor() > hold.captured.minor();
                }
            }
            PaymentEvent::InvoicePaid { amount, .. } => add(&mut self.settled, *amount),
            PaymentEvent::Voided { .. }
            | PaymentEvent::Lapsed { .. }
            | PaymentEvent::RefundRequested(_)
            | PaymentEvent::Refunded { .. }
            | PaymentEvent::RefundFailed { .. }
            | PaymentEvent::RefundRetried { .. }
            | PaymentEvent::DisputeOpened(_)
            | PaymentEvent::DisputeClosed { .. } => {}
        }
    }
}
