//! Disputes (chargebacks): facts from outside, recorded whatever they break.

use super::Decided;
use super::event::Draft;
use super::payment::{Payment, add, take_off};
use super::payment_event::PaymentEvent;
use super::state::Order;
use crate::ledger::{Account, transfer};
use crate::money::Money;
use crate::ports::{DisputeStatus, Disputed};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A dispute as it was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// On which tender.
    pub tender: u16,
    /// The processor's id of it.
    pub reference: String,
    /// The holder's id of the payment disputed.
    pub payment: String,
    /// How much was withdrawn.
    pub amount: Money,
    /// What the processor charges for it.
    pub fee: Money,
    /// The bank's reason.
    pub reason: String,
    /// Until when evidence is taken, UTC, if the processor says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence_due: Option<Timestamp>,
}

/// A dispute and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeState {
    /// As it was opened.
    pub dispute: Dispute,
    /// Was it won? `None`: the bank has not decided.
    pub won: Option<bool>,
}

impl Payment {
    pub(super) fn open_dispute(&mut self, dispute: &Dispute) {
        self.change(dispute.tender, |tender| {
            add(&mut tender.disputed, dispute.amount);
            if let Some(hold) = tender.hold_mut(&dispute.payment) {
                add(&mut hold.disputed, dispute.amount);
            }
        });
        self.disputes.push(DisputeState { dispute: dispute.clone(), won: None });
    }

    pub(super) fn close_dispute(&mut self, reference: &str, won: bool) {
        let Some(known) = self.disputes.iter_mut().find(|known| known.dispute.reference == reference) else { return };
        known.won = Some(won);
        let dispute = known.dispute.clone();
        if won {
            self.change(dispute.tender, |tender| {
                take_off(&mut tender.disputed, dispute.amount);
                if let Some(hold) = tender.hold_mut(&dispute.payment) {
                    take_off(&mut hold.disputed, dispute.amount);
                }
            });
        }
    }
}

impl Order {
    /// What the processor says of a dispute: opened, then won or lost. To be asked until nothing is news.
    ///
    /// # Errors
    /// `Money` in another currency, or beyond 64 bits.
    pub fn decide_disputed(&self, seen: &Disputed) -> Decided {
        let Some(tender) = self.payment.tender_of(&seen.payment) else { return Ok(None) };
        self.in_own_currency(seen.amount)?;
        self.in_own_currency(seen.fee)?;
        let known = self.payment.disputes.iter().find(|known| known.dispute.reference == seen.reference);
        let Some(known) = known else {
            let cash = Account::CashAtProcessor;
            let mut postings = transfer(Account::Chargebacks, cash, seen.amount)?;
            postings.extend(transfer(Account::Fees, cash, seen.fee)?);
            let event = PaymentEvent::DisputeOpened(Dispute {
                tender: tender.number,
                reference: seen.reference.clone(),
                payment: seen.payment.clone(),
                amount: seen.amount,
                fee: seen.fee,
                reason: seen.reason.chars().take(100).collect(),
                evidence_due: seen.evidence_due,
            });
            return Ok(Some(Draft::of_payment(event, postings)));
        };
        let won = match (seen.status, known.won) {
            (DisputeStatus::Open, _) | (_, Some(_)) => return Ok(None),
            (DisputeStatus::Won, None) => true,
            (DisputeStatus::Lost, None) => false,
        };
        let (reference, amount) = (seen.reference.clone(), known.dispute.amount);
        // Lost, it stays where it is: a loss.
        let back = if won { amount } else { Money::zero(amount.currency()) };
        let postings = transfer(Account::CashAtProcessor, Account::Chargebacks, back)?;
        Ok(Some(Draft::of_payment(PaymentEvent::DisputeClosed { reference, won, amount }, postings)))
    }

    /// Facts from outside that break a bound: more given back or withdrawn than was taken, or more taken than held.
    #[must_use]
    pub fn broken_bounds(&self) -> Vec<String> {
        let mut broken = Vec::new();
        for tender in &self.payment.tenders {
            let number = tender.number;
            let gone = tender.refunded.minor() + tender.disputed.minor();
            if gone > tender.captured.minor() {
                let gone = Money::new(gone, tender.captured.currency());
                broken.push(format!(
                    "{gone} was given back or withdrawn of tender {number}, of which {} was taken",
                    tender.captured
                ));
            }
            for hold in tender.holds.iter().filter(|hold| hold.captured.minor() > hold.amount.minor()) {
                broken.push(format!("{} was taken of a hold of {} on tender {number}", hold.captured, hold.amount));
            }
        }
        broken
    }
}
