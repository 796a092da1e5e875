//! A payment processor with manual capture, and what others may do in its books.

mod back;
mod books;
mod idempotency;
mod outside;
mod table;
#[cfg(test)]
mod tests;

pub use books::BookedHold;

use crate::faults::{Faults, Sabotage, copied, locked};
use books::Books;
use idempotency::{Answer, Asked, Said};
use jiff::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard};
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::money::Money;
use waybill_domain::ports::{Authorized, Disputed, Held, Hold, Page, PartnerError, PaymentProcessor, Return, Returned};

/// A payment processor. Test payment methods do what their names say:
///
/// | Method | What becomes of it |
/// |---|---|
/// | `pm_card_chargeDeclined…`, `pm_card_radarBlock` | declined, with the code the processor documents for it |
/// | `pm_card_declines_2_insufficient_funds` | declined twice with that code, per tender, and then held |
/// | `pm_card_authenticationRequired` | the shopper acts ([`FakeProcessor::authenticate`]); declined where nobody is there |
/// | `pm_card_riskLevelElevated` | held; a person should look |
/// | `pm_card_singleCapture` | held; captured once only, the rest is let go then |
/// | every other | held |
#[derive(Clone, Debug, Default)]
pub struct FakeProcessor {
    books: Arc<Mutex<Books>>,
    faults: Faults,
}

impl FakeProcessor {
    /// Nothing held.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing held; fails when `faults` say so.
    #[must_use]
    pub fn failing(faults: Faults) -> Self {
        Self { books: Arc::default(), faults }
    }

    pub(crate) fn copy(&self, faults: &Faults) -> Self {
        Self { books: copied(&self.books), faults: faults.clone() }
    }

    /// The failures to come.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Every hold there ever was, oldest first.
    #[must_use]
    pub fn holds(&self) -> Vec<BookedHold> {
        self.books().holds().collect()
    }

    /// The holds of one order that were made by us.
    #[must_use]
    pub fn holds_of(&self, order: &OrderId) -> Vec<BookedHold> {
        let is_its = |hold: &BookedHold| hold.held.owner.as_ref().is_some_and(|owner| owner.order == *order);
        self.holds().into_iter().filter(is_its).collect()
    }

    /// The hold of that reference.
    #[must_use]
    pub fn hold(&self, reference: &str) -> Option<BookedHold> {
        self.holds().into_iter().find(|hold| hold.held.reference == reference)
    }

    /// What was taken for an order, in minor units.
    #[must_use]
    pub fn captured(&self, order: &OrderId) -> i64 {
        self.holds_of(order).iter().map(|hold| hold.held.captured.minor()).sum()
    }

    /// What is still held for an order, in minor units.
    #[must_use]
    pub fn open(&self, order: &OrderId) -> i64 {
        self.holds_of(order).iter().map(BookedHold::open).sum()
    }

    /// What was given back for an order, in minor units; what is on its way included.
    #[must_use]
    pub fn refunded(&self, order: &OrderId) -> i64 {
        self.holds_of(order).iter().map(|hold| hold.held.refunded.minor()).sum()
    }

    /// What banks have withdrawn of an order's payments by disputes that are open or lost, in minor units.
    #[must_use]
    pub fn disputed(&self, order: &OrderId) -> i64 {
        let holds = self.holds_of(order);
        let books = self.books();
        holds.iter().map(|hold| books.disputed(&hold.held.reference)).sum()
    }

    /// The refunds of a payment, failed ones included, oldest first.
    #[must_use]
    pub fn refunds_of(&self, payment: &str) -> Vec<Returned> {
        self.books().refunds_of(payment)
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        locked(&self.books)
    }

    /// Answers a call that bears a key: once, and the same answer again.
    fn once(
        &self,
        call: &'static str,
        key: &str,
        asked: String,
        work: impl FnOnce(&mut Books) -> Result<Answer, PartnerError>,
    ) -> Result<Answer, PartnerError> {
        let mut books = self.books();
        if self.faults.spares(Sabotage::Keys) {
            return work(&mut books);
        }
        let asked = Asked { call, key, what: asked };
        match books.known(&asked)? {
            Some(Said::Answered(answer)) => Ok(answer),
            Some(Said::Refused(code, message)) => Err(PartnerError::Refused { code, message }),
            Some(Said::Spoiled) => Err(PartnerError::Spent(format!("{call}: the key's first answer was a 500").into())),
            None => books.answer(&asked, work),
        }
    }
}

impl PaymentProcessor for FakeProcessor {
    async fn authorize(&self, hold: &Hold<'_>) -> Result<Authorized, PartnerError> {
        let Hold { tenant, order, tender, method, customer, amount, return_url, key } = hold;
        let asked = format!("{tenant} {order} {tender} {method} {customer:?} {amount} {return_url:?}");
        let work = || {
            let authorize = |books: &mut Books| Ok(Answer::Authorized(books.authorize(hold)));
            self.once("payment.authorize", key, asked, authorize)?.authorized()
        };
        self.faults.partner("payment.authorize", work).await
    }

    async fn find(&self, tenant: &TenantId, order: &OrderId, tender: u16) -> Result<Option<Held>, PartnerError> {
        self.faults.partner("payment.find", || Ok(self.books().find(tenant, order, tender))).await
    }

    async fn look_up(&self, reference: &str) -> Result<Authorized, PartnerError> {
        self.faults.partner("payment.look_up", || self.books().look_up(reference)).await
    }

    async fn capture(
        &self,
        reference: &str,
        amount: Money,
        last: bool,
        effect: &str,
        key: &str,
    ) -> Result<Held, PartnerError> {
        let asked = format!("{reference} {amount} {last} {effect}");
        let work = || {
            let capture = |books: &mut Books| books.capture(reference, amount, last, Some(effect)).map(Answer::Held);
            self.once("payment.capture", key, asked, capture)?.held()
        };
        self.faults.partner("payment.capture", work).await
    }

    async fn void(&self, reference: &str, key: &str) -> Result<(), PartnerError> {
        let work = || {
            let void = |books: &mut Books| books.void(reference).map(|()| Answer::Done);
            self.once("payment.void", key, reference.to_owned(), void).map(|_| ())
        };
        self.faults.partner("payment.void", work).await
    }

    async fn refund(&self, wish: &Return<'_>) -> Result<Returned, PartnerError> {
        let Return { reference, amount, effect, key } = wish;
        let asked = format!("{reference} {amount} {effect}");
        let work = || {
            let refund =
                |books: &mut Books| books.refund(reference, *amount, Some((*effect).to_owned())).map(Answer::Returned);
            self.once("payment.refund", key, asked, refund)?.returned()
        };
        self.faults.partner("payment.refund", work).await
    }

    async fn refunds(&self, payment: &str) -> Result<Vec<Returned>, PartnerError> {
        self.faults.partner("payment.refunds", || Ok(self.books().refunds_of(payment))).await
    }

    async fn dispute(&self, reference: &str) -> Result<Disputed, PartnerError> {
        self.faults.partner("payment.dispute", || self.books().dispute(reference)).await
    }

    async fn booked(&self, from: Timestamp, to: Timestamp, after: Option<&str>) -> Result<Page<Held>, PartnerError> {
        self.faults.partner("payment.booked", || Ok(self.books().booked(from, to, after))).await
    }
}
