//! What a test lets others do at the processor: shoppers, staff at its dashboard, banks, time, and its own failures.

use super::FakeProcessor;
use super::books::Standing;
use jiff::Timestamp;
use waybill_domain::money::Money;
use waybill_domain::ports::{DisputeStatus, Disputed, PartnerError, ReturnStatus};

/// What the processor charges for a dispute, in minor units.
const DISPUTE_FEE: i64 = 1_500;

impl FakeProcessor {
    /// Its clock stands at `now` from here on: holds that have lapsed by then are let go, and keys older than 24 hours
    /// are forgotten.
    pub fn set_clock(&self, now: Timestamp) {
        self.books().set_clock(now);
    }

    /// The next `call` (`payment.capture`, ...) that bears a new key is answered by a failure of the processor's own,
    /// which it repeats for that key from then on; what was asked was `done` or not.
    pub fn spoil_next(&self, call: &'static str, done: bool) {
        self.books().spoiled.push((call, done));
    }

    /// A storefront has a payment confirmed, with manual capture: held, and nobody's yet.
    pub fn confirmed(&self, reference: &str, amount: Money) {
        let mut books = self.books();
        let now = books.now();
        books.begin(reference.to_owned(), amount, None).approve(now);
    }

    /// A storefront's payment whose shopper has yet to act.
    pub fn unconfirmed(&self, reference: &str, amount: Money) {
        self.books().begin(reference.to_owned(), amount, None);
    }

    /// The shopper comes back from 3-D Secure, having `passed` or not.
    ///
    /// # Errors
    /// There is no such payment.
    pub fn authenticate(&self, reference: &str, passed: bool) -> Result<(), PartnerError> {
        let mut books = self.books();
        let now = books.now();
        let payment = books.payment(reference)?;
        match (&payment.standing, passed) {
            (Standing::Acting, true) => payment.approve(now),
            (Standing::Acting, false) => {
                payment.standing = Standing::Declined("payment_intent_authentication_failure".to_owned());
            }
            (Standing::Held | Standing::Declined(_), _) => {}
        }
        Ok(())
    }

    /// A hold lapses: the bank lets go of what was not taken.
    ///
    /// # Errors
    /// There is no such payment.
    pub fn lapse(&self, reference: &str) -> Result<(), PartnerError> {
        self.books().payment(reference)?.lapse();
        Ok(())
    }

    /// Staff take money of a hold at the processor's dashboard.
    ///
    /// # Errors
    /// Not as much is held.
    pub fn capture_outside(&self, reference: &str, amount: Money) -> Result<(), PartnerError> {
        self.books().capture(reference, amount, false, None).map(|_| ())
    }

    /// Staff let go of a hold at the processor's dashboard.
    ///
    /// # Errors
    /// It was taken.
    pub fn void_outside(&self, reference: &str) -> Result<(), PartnerError> {
        self.books().void(reference)
    }

    /// Staff give money back at the processor's dashboard; the processor's id of it.
    ///
    /// # Errors
    /// Not as much was taken.
    pub fn refund_outside(&self, reference: &str, amount: Money) -> Result<String, PartnerError> {
        self.books().refund(reference, amount, None).map(|refund| refund.reference)
    }

    /// What becomes of the refunds to come, first to last; after them all succeed at once.
    pub fn next_refunds(&self, statuses: impl IntoIterator<Item = ReturnStatus>) {
        self.books().next_refunds.extend(statuses);
    }

    /// A refund goes on: it succeeds, or fails late.
    pub fn settle_refund(&self, reference: &str, status: ReturnStatus) {
        let mut books = self.books();
        let found = books.refunds.iter_mut().find(|refund| refund.reference == reference);
        let payment = found.map(|refund| {
            refund.status = status;
            refund.payment.clone()
        });
        if let Some(payment) = payment {
            books.tally_refunds(&payment);
        }
    }

    /// The customer's bank takes money back; the processor's id of the dispute.
    #[must_use]
    pub fn open_dispute(&self, payment: &str, amount: Money) -> String {
        let mut books = self.books();
        let reference = format!("dp_{:04}", books.disputes.len() + 1);
        books.disputes.push(Disputed {
            reference: reference.clone(),
            payment: payment.to_owned(),
            amount,
            fee: Money::new(DISPUTE_FEE, amount.currency()),
            reason: "fraudulent".to_owned(),
            status: DisputeStatus::Open,
            evidence_due: None,
        });
        reference
    }

    /// The bank decides.
    pub fn close_dispute(&self, reference: &str, won: bool) {
        let status = if won { DisputeStatus::Won } else { DisputeStatus::Lost };
        if let Some(dispute) = self.books().disputes.iter_mut().find(|dispute| dispute.reference == reference) {
            dispute.status = status;
        }
    }
}
