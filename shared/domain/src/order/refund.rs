//! Giving money back: quoted to the cent, split over the tenders, requested once, settled once per tender.

use super::event::Draft;
use super::payment::{Payment, TenderState, add, take_off};
use super::payment_event::PaymentEvent;
use super::state::Order;
use super::tender::{Draw, Tender};
use super::{Decided, Rejection};
use crate::ledger::{Account, transfer};
use crate::money::{Money, MoneyError};
use crate::text::Text;
use serde::{Deserialize, Serialize};

/// Units of a line to be paid back for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundLine {
    /// The order line.
    pub line: u16,
    /// Units, at least 1.
    pub quantity: u32,
}

/// What is to be given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundWish {
    /// Units that were shipped: their price and tax, less their share of discounts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<RefundLine>,
    /// Of what was charged for shipping, its tax included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping: Option<Money>,
    /// Beyond that, for the customer's goodwill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goodwill: Option<Money>,
    /// What was taken and is not owed (an order that was paid ahead, then cancelled or short).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overcharge: bool,
    /// Why, in words for the timeline; never personal data.
    pub reason: Text<200>,
}

/// What of a refund goes back where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundPart {
    /// 1, 2, ... within the refund; 0 for somebody else's.
    pub number: u16,
    /// To which tender.
    pub tender: u16,
    /// The holder's id of the hold it was taken of.
    pub payment: String,
    /// How much.
    pub amount: Money,
}

/// A refund as it was requested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// 1, 2, ... within the order.
    pub number: u16,
    /// What for.
    pub lines: Vec<RefundLine>,
    /// Of the price of goods.
    pub goods: Money,
    /// Of the taxes.
    pub tax: Money,
    /// Of shipping, and of order-level discounts and adjustments.
    pub extra: Money,
    /// Shipping asked for, its tax included; part of `tax` and `extra`.
    pub shipping: Money,
    /// For goodwill.
    pub goodwill: Money,
    /// Of what was taken and not owed.
    pub overcharge: Money,
    /// All of it.
    pub total: Money,
    /// By tender, the one used last first.
    pub parts: Vec<RefundPart>,
    /// Why.
    pub reason: Text<200>,
}

/// Where a part of a refund stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartStatus {
    /// Asked for.
    Requested,
    /// Given back under this reference.
    Done(String),
    /// Failed: the money is with the merchant, and owed.
    Failed,
}

/// A refund and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundState {
    /// As it was requested.
    pub refund: Refund,
    /// Which attempt is current; the first is 0.
    pub attempt: u16,
    /// Its parts, and where each stands.
    pub parts: Vec<(RefundPart, PartStatus)>,
}

impl RefundState {
    /// The effect of a part of it, claimed before the call.
    #[must_use]
    pub fn effect(&self, part: u16) -> String {
        match self.attempt {
            0 => format!("refund-{}-{part}", self.refund.number),
            attempt => format!("refund-{}-{part}-{attempt}", self.refund.number),
        }
    }

    /// The parts still to be given back.
    pub fn requested(&self) -> impl Iterator<Item = &RefundPart> {
        self.parts.iter().filter(|(_, status)| *status == PartStatus::Requested).map(|(part, _)| part)
    }
}

impl Payment {
    pub(super) fn request(&mut self, refund: &Refund) {
        refund.parts.iter().for_each(|part| self.give_back(part));
        let parts = refund.parts.iter().map(|part| (part.clone(), PartStatus::Requested)).collect();
        self.refunds.push(RefundState { refund: refund.clone(), attempt: 0, parts });
    }

    fn give_back(&mut self, part: &RefundPart) {
        self.change(part.tender, |tender| {
            add(&mut tender.refunded, part.amount);
            if let Some(hold) = tender.hold_mut(&part.payment) {
                add(&mut hold.refunded, part.amount);
            }
        });
    }

    fn take_back(&mut self, part: &RefundPart) {
        self.change(part.tender, |tender| {
            take_off(&mut tender.refunded, part.amount);
            if let Some(hold) = tender.hold_mut(&part.payment) {
                take_off(&mut hold.refunded, part.amount);
            }
        });
    }

    fn status_mut(&mut self, refund: Option<u16>, part: &RefundPart) -> Option<&mut PartStatus> {
        let refund = self.refunds.iter_mut().find(|known| Some(known.refund.number) == refund)?;
        let found = refund.parts.iter_mut().find(|(known, _)| known.number == part.number);
        found.map(|(_, status)| status)
    }

    pub(super) fn refund(&mut self, refund: Option<u16>, part: &RefundPart, reference: &str) {
        let done = PartStatus::Done(reference.to_owned());
        let before = self.status_mut(refund, part).map(|status| std::mem::replace(status, done));
        match before {
            Some(PartStatus::Requested | PartStatus::Done(_)) => {}
            Some(PartStatus::Failed) => self.give_back(part),
            None => {
                self.outside.push((reference.to_owned(), part.clone()));
                self.give_back(part);
            }
        }
    }

    pub(super) fn fail_refund(&mut self, refund: Option<u16>, part: &RefundPart, reference: &str) {
        match self.status_mut(refund, part) {
            Some(status) => *status = PartStatus::Failed,
            None => self.outside.retain(|(known, _)| known != reference),
        }
        self.take_back(part);
    }

    pub(super) fn retry_refund(&mut self, number: u16, attempt: u16) {
        let Some(known) = self.refunds.iter_mut().find(|known| known.refund.number == number) else { return };
        known.attempt = attempt;
        let mut again = Vec::new();
        for (part, status) in known.parts.iter_mut().filter(|(_, status)| *status == PartStatus::Failed) {
            *status = PartStatus::Requested;
            again.push(part.clone());
        }
        for part in &again {
            self.give_back(part);
        }
    }

    fn parts_sum(&self, wanted: impl Fn(&PartStatus) -> bool) -> Result<Money, MoneyError> {
        let parts = self.refunds.iter().flat_map(|refund| &refund.parts);
        parts
            .filter(|(_, status)| wanted(status))
            .try_fold(Money::zero(self.currency), |sum, (part, _)| sum.plus(part.amount))
    }

    /// Is a refund asked for that has not arrived?
    #[must_use]
    pub fn has_refunds_under_way(&self) -> bool {
        self.refunds.iter().any(|refund| refund.requested().next().is_some())
    }

    /// Asked for, and neither given back nor failed.
    pub(crate) fn refunds_under_way(&self) -> Result<Money, MoneyError> {
        self.parts_sum(|status| *status == PartStatus::Requested)
    }

    /// Asked for and not given back: also what failed is owed.
    pub(crate) fn refunds_owed(&self) -> Result<Money, MoneyError> {
        self.parts_sum(|status| !matches!(status, PartStatus::Done(_)))
    }

    /// Credited against what was sold.
    pub(crate) fn credited(&self) -> Result<Money, MoneyError> {
        let refunds = self.refunds.iter().map(|known| known.refund.total.minus(known.refund.overcharge));
        refunds.into_iter().try_fold(Money::zero(self.currency), |sum, one| sum.plus(one?))
    }

    /// Given back of what was not owed, by us or by somebody else.
    pub(crate) fn returned_unowed(&self) -> Result<Money, MoneyError> {
        let ours = self.refunds.iter().map(|known| known.refund.overcharge);
        let others = self.outside.iter().map(|(_, part)| part.amount);
        ours.chain(others).try_fold(Money::zero(self.currency), Money::plus)
    }
}

impl Order {
    /// A refund is requested. `total`, where the caller states it, must be what the refund comes to.
    ///
    /// # Errors
    /// As [`Order::quote_refund`]; `Invalid` for another total.
    pub fn decide_refund(&self, wish: &RefundWish, total: Option<Money>) -> Decided {
        let refund = self.quote_refund(wish)?;
        if total.is_some_and(|total| total != refund.total) {
            let rule = format!("must be {}, what the refund comes to", refund.total);
            return Err(Rejection::Invalid { pointer: "/total".to_owned(), rule });
        }
        let payable = Account::RefundsPayable;
        let mut postings = transfer(Account::Sales, payable, refund.goods.plus(refund.goodwill)?)?;
        postings.extend(transfer(Account::TaxPayable, payable, refund.tax)?);
        postings.extend(transfer(Account::ShippingIncome, payable, refund.extra)?);
        postings.extend(transfer(Account::CustomerReceivable, payable, refund.overcharge)?);
        Ok(Some(Draft::of_payment(PaymentEvent::RefundRequested(refund), postings)))
    }

    /// A part of a refund was given back under `reference`.
    ///
    /// # Errors
    /// `Unknown` refund or part; `Money` beyond 64 bits.
    pub fn decide_refunded(&self, number: u16, part: u16, reference: String) -> Decided {
        let (part, status) = self.refund_part(number, part)?;
        let state = self.tender_state(part.tender)?;
        let is_open = match status {
            PartStatus::Done(_) => false,
            // Also one that was called failed: that it arrived after all is a fact. Of an earlier attempt it is stale.
            PartStatus::Requested | PartStatus::Failed => !self.has_failed(&reference),
        };
        if !is_open {
            return Ok(None);
        }
        let amount = part.amount;
        let postings = transfer(Account::RefundsPayable, state.tender.collecting(), amount)?;
        let draw = state.tender.account().map(|account| Draw { account: account.clone(), amount });
        let event = PaymentEvent::Refunded { refund: Some(number), part: part.clone(), reference };
        Ok(Some(Draft::of_payment(event, postings).drawing(draw)))
    }

    /// A part of a refund failed, at once or after it seemed given back.
    ///
    /// # Errors
    /// `Unknown` refund or part; `Money` beyond 64 bits.
    pub fn decide_refund_failed(&self, number: u16, part: u16, reference: String, code: String) -> Decided {
        let (part, status) = self.refund_part(number, part)?;
        let state = self.tender_state(part.tender)?;
        let postings = match status {
            PartStatus::Failed => return Ok(None),
            PartStatus::Requested if self.has_failed(&reference) => return Ok(None),
            PartStatus::Requested => Vec::new(),
            // Another attempt's failure says nothing about this one.
            PartStatus::Done(done) if *done != reference => return Ok(None),
            PartStatus::Done(_) => transfer(state.tender.collecting(), Account::RefundsPayable, part.amount)?,
        };
        let taken_back = state.tender.account().filter(|_| !postings.is_empty());
        let draw = match taken_back {
            Some(account) => Some(Draw { account: account.clone(), amount: part.amount.negated()? }),
            None => None,
        };
        let event = PaymentEvent::RefundFailed { refund: Some(number), part: part.clone(), reference, code };
        Ok(Some(Draft::of_payment(event, postings).drawing(draw)))
    }

    /// Somebody else gave money back of the payment `payment`: a fact from outside, recorded whatever it exceeds.
    ///
    /// # Errors
    /// `Money` beyond 64 bits.
    pub fn decide_refunded_outside(&self, payment: &str, amount: Money, reference: &str) -> Decided {
        let known = self.history().iter().any(|recorded| recorded.event.is_refund_of(reference));
        let Some(tender) = self.payment.tender_of(payment).filter(|_| !known) else { return Ok(None) };
        self.in_own_currency(amount)?;
        let postings = transfer(Account::CustomerReceivable, tender.tender.collecting(), amount)?;
        let part = RefundPart { number: 0, tender: tender.number, payment: payment.to_owned(), amount };
        let event = PaymentEvent::Refunded { refund: None, part, reference: reference.to_owned() };
        Ok(Some(Draft::of_payment(event, postings)))
    }

    /// Somebody else's refund failed.
    ///
    /// # Errors
    /// `Money` beyond 64 bits.
    pub fn decide_refund_failed_outside(&self, reference: &str, code: String) -> Decided {
        let Some((_, part)) = self.payment.outside.iter().find(|(known, _)| known == reference) else {
            return Ok(None);
        };
        let collecting = self.tender_state(part.tender)?.tender.collecting();
        let postings = transfer(collecting, Account::CustomerReceivable, part.amount)?;
        let (part, reference) = (part.clone(), reference.to_owned());
        Ok(Some(Draft::of_payment(PaymentEvent::RefundFailed { refund: None, part, reference, code }, postings)))
    }

    /// What failed of a refund is tried again.
    ///
    /// # Errors
    /// `Unknown` refund; `NotAllowed` where nothing failed.
    pub fn decide_refund_retried(&self, number: u16) -> Decided {
        let known = self.payment.refunds.iter().find(|known| known.refund.number == number);
        let known = known.ok_or(Rejection::Unknown("such refund"))?;
        if !known.parts.iter().any(|(_, status)| *status == PartStatus::Failed) {
            let because = format!("nothing of refund {number} has failed");
            return Err(Rejection::NotAllowed { command: "retry the refund", because });
        }
        self.check_retry(known)?;
        let event = PaymentEvent::RefundRetried { refund: number, attempt: known.attempt + 1 };
        Ok(Some(Draft::of_payment(event, Vec::new())))
    }

    /// What failed counts as left to refund, so something else may have been refunded of it meanwhile.
    fn check_retry(&self, known: &RefundState) -> Result<(), Rejection> {
        for tender in &self.payment.tenders {
            for hold in &tender.holds {
                let failed = known.parts.iter().filter(|(part, status)| {
                    *status == PartStatus::Failed && part.payment == hold.reference && part.tender == tender.number
                });
                let failed: i64 = failed.map(|(part, _)| part.amount.minor()).sum();
                if failed > hold.refundable() {
                    let left = Money::new(hold.refundable(), hold.amount.currency());
                    let because = format!("only {left} of it is left: it was refunded otherwise");
                    return Err(Rejection::NotAllowed { command: "retry the refund", because });
                }
            }
        }
        Ok(())
    }

    /// Did the processor's refund of that id fail? Failing is the last that is heard of one.
    fn has_failed(&self, refund: &str) -> bool {
        let failed = |recorded: &super::Recorded| matches!(&recorded.event, super::Event::Payment(PaymentEvent::RefundFailed { reference, .. }) if reference == refund);
        !refund.is_empty() && self.history().iter().any(failed)
    }

    fn refund_part(&self, number: u16, part: u16) -> Result<&(RefundPart, PartStatus), Rejection> {
        let known = self.payment.refunds.iter().find(|known| known.refund.number == number);
        let known = known.ok_or(Rejection::Unknown("such refund"))?;
        known.parts.iter().find(|(known, _)| known.number == part).ok_or(Rejection::Unknown("such part of the refund"))
    }

    /// `amount` over the tenders, the one used last first. Bounded by what each has left.
    pub(super) fn refund_parts(&self, amount: Money) -> Result<Vec<RefundPart>, Rejection> {
        let (mut left, mut parts) = (amount.minor(), Vec::new());
        let ours = |tender: &&TenderState| match tender.tender {
            Tender::Card { .. } | Tender::Confirmed { .. } | Tender::Account(_) => true,
            // What the channel took, the channel gives back.
            Tender::Channel { .. } => false,
        };
        for tender in self.payment.tenders.iter().rev().filter(ours) {
            for hold in tender.holds.iter().rev() {
                let share = left.min(hold.refundable());
                if share > 0 {
                    left -= share;
                    parts.push(RefundPart {
                        number: u16::try_from(parts.len() + 1).unwrap_or(u16::MAX),
                        tender: tender.number,
                        payment: hold.reference.clone(),
                        amount: Money::new(share, amount.currency()),
                    });
                }
            }
        }
        if left == 0 {
            return Ok(parts);
        }
        let most = amount.minus(Money::new(left, amount.currency()))?;
        let because = format!("{amount} is more than the {most} that we took and still have");
        Err(Rejection::NotAllowed { command: "refund", because })
    }
}
