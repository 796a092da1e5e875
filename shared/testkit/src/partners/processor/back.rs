//! Money that goes back: refunds, and what banks take.

use super::books::{Books, sum, zero};
use crate::partners::refused;
use waybill_domain::money::Money;
use waybill_domain::ports::{DisputeStatus, Disputed, PartnerError, ReturnStatus, Returned};

impl Books {
    pub fn refund(&mut self, reference: &str, amount: Money, effect: Option<String>) -> Result<Returned, PartnerError> {
        let disputed = self.disputed(reference);
        let number = self.refunds.len() + 1;
        let held = &self.payment(reference)?.hold.held;
        let left = held.captured.minor() - held.refunded.minor();
        if disputed > 0 {
            return Err(refused("charge_disputed", "the charge was charged back"));
        }
        if left <= 0 {
            return Err(refused("charge_already_refunded", "all of it was given back, or nothing was taken"));
        }
        if amount.minor() > left || amount.minor() <= 0 || amount.currency() != held.amount.currency() {
            return Err(refused("amount_too_large", "more than was taken and not given back"));
        }
        let status = if self.next_refunds.is_empty() { ReturnStatus::Succeeded } else { self.next_refunds.remove(0) };
        let (reference, payment) = (format!("re_{number:04}"), reference.to_owned());
        self.refunds.push(Returned { reference, payment: payment.clone(), amount, effect, status });
        self.tally_refunds(&payment);
        Ok(self.refunds[number - 1].clone())
    }

    /// A payment's refunds, as its hold shows them: those that failed are with the merchant again.
    pub fn tally_refunds(&mut self, payment: &str) {
        let gone: i64 = self.refunds_of(payment).iter().filter(|refund| !has_failed(refund)).map(minor).sum();
        if let Ok(payment) = self.payment(payment) {
            payment.hold.held.refunded = sum(zero(payment.hold.held.amount), gone);
        }
    }

    pub fn refunds_of(&self, payment: &str) -> Vec<Returned> {
        self.refunds.iter().filter(|refund| refund.payment == payment).cloned().collect()
    }

    pub fn dispute(&self, reference: &str) -> Result<Disputed, PartnerError> {
        let found = self.disputes.iter().find(|dispute| dispute.reference == reference);
        found.cloned().ok_or_else(|| refused("resource_missing", "no such dispute"))
    }

    /// Withdrawn of a payment by disputes that are open or lost, in minor units.
    pub fn disputed(&self, payment: &str) -> i64 {
        let of_it = self.disputes.iter().filter(|dispute| dispute.payment == payment);
        of_it.filter(|dispute| dispute.status != DisputeStatus::Won).map(|dispute| dispute.amount.minor()).sum()
    }
}

fn minor(refund: &Returned) -> i64 {
    refund.amount.minor()
}

fn has_failed(refund: &Returned) -> bool {
    matches!(refund.status, ReturnStatus::Failed { .. })
}
