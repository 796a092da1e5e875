//! A payment processor with manual capture.

use super::{refused, unheard_of};
use crate::faults::{Faults, locked};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::money::Money;
use waybill_domain::ports::{Authorized, Held, Hold, PartnerError, PaymentProcessor};

const UNEXPECTED_STATE: &str = "payment_intent_unexpected_state";

/// A hold in the processor's books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookedHold {
    /// Whose order it is for.
    pub tenant: TenantId,
    /// Which order it is for.
    pub order: OrderId,
    /// As the processor shows it.
    pub held: Held,
    /// Nothing is held any more: all taken, or the rest let go with the last capture.
    pub settled: bool,
}

impl BookedHold {
    /// What is still held, in minor units.
    #[must_use]
    pub fn open(&self) -> i64 {
        if self.settled || self.held.voided { 0 } else { self.held.amount.minor() - self.held.captured.minor() }
    }
}

/// What was answered under a key; a refusal is one too.
type Said = Result<Authorized, (String, String)>;

#[derive(Debug, Default)]
struct Books {
    holds: Vec<BookedHold>,
    /// By key: what was asked, and what was answered.
    keys: BTreeMap<String, (String, Said)>,
}

/// A payment processor. `pm_card_chargeDeclined…`, `pm_card_authenticationRequired` and `pm_card_riskLevelElevated` do
/// what their names say; every other method has the money.
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

    /// The failures to come.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Every hold there ever was.
    #[must_use]
    pub fn holds(&self) -> Vec<BookedHold> {
        locked(&self.books).holds.clone()
    }

    /// The holds of one order.
    #[must_use]
    pub fn holds_of(&self, order: &OrderId) -> Vec<BookedHold> {
        self.holds().into_iter().filter(|hold| hold.order == *order).collect()
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
}

impl Books {
    /// Does `work` once per key: repeated, the first answer again; for something else, a refusal.
    fn once(
        &mut self,
        key: &str,
        asked: String,
        work: impl FnOnce(&mut Self) -> Result<Authorized, PartnerError>,
    ) -> Result<Authorized, PartnerError> {
        if let Some((first, said)) = self.keys.get(key) {
            if *first != asked {
                return Err(refused("idempotency_error", "the key was used for another request"));
            }
            return said.clone().map_err(|(code, message)| refused(&code, &message));
        }
        let said = match work(self) {
            Ok(answer) => Ok(answer),
            Err(PartnerError::Refused { code, message }) => Err((code, message)),
            Err(error @ (PartnerError::Unavailable(_) | PartnerError::Broken(_))) => return Err(error),
        };
        self.keys.insert(key.to_owned(), (asked, said.clone()));
        said.map_err(|(code, message)| refused(&code, &message))
    }

    fn authorize(&mut self, asked: &Hold<'_>) -> Authorized {
        if let Some(code) = decline(asked.method) {
            return Authorized::Declined { code: code.to_owned() };
        }
        let held = Held {
            reference: format!("pi_{:04}", self.holds.len() + 1),
            amount: asked.amount,
            captured: Money::zero(asked.amount.currency()),
            voided: false,
            elevated_risk: asked.method.ends_with("riskLevelElevated"),
        };
        let (tenant, order) = (asked.tenant.clone(), asked.order.clone());
        self.holds.push(BookedHold { tenant, order, held: held.clone(), settled: false });
        Authorized::Held(held)
    }

    fn hold(&mut self, reference: &str) -> Result<&mut BookedHold, PartnerError> {
        let found = self.holds.iter_mut().find(|hold| hold.held.reference == reference);
        found.ok_or_else(|| unheard_of("such hold"))
    }

    fn capture(&mut self, reference: &str, amount: Money, last: bool) -> Result<Held, PartnerError> {
        let hold = self.hold(reference)?;
        if hold.settled || hold.held.voided {
            return Err(refused(UNEXPECTED_STATE, "nothing is held any more"));
        }
        if amount.minor() > hold.open() {
            return Err(refused("amount_too_large", "more than is held"));
        }
        hold.held.captured = hold.held.captured.plus(amount).map_err(|error| PartnerError::Broken(error.into()))?;
        hold.settled = last || hold.open() == 0;
        Ok(hold.held.clone())
    }

    fn void(&mut self, reference: &str) -> Result<Held, PartnerError> {
        let hold = self.hold(reference)?;
        if hold.settled {
            return Err(refused(UNEXPECTED_STATE, "the money was taken"));
        }
        hold.held.voided = true;
        Ok(hold.held.clone())
    }
}

/// The code a method is declined with.
fn decline(method: &str) -> Option<&'static str> {
    let (_, why) = method.split_once("chargeDeclined").unwrap_or((method, "no"));
    match why {
        "no" => method.ends_with("authenticationRequired").then_some("authentication_required"),
        "InsufficientFunds" => Some("insufficient_funds"),
        "LostCard" => Some("lost_card"),
        "ExpiredCard" => Some("expired_card"),
        _ => Some("generic_decline"),
    }
}

/// An answer that is a hold.
fn held(answer: Authorized) -> Result<Held, PartnerError> {
    match answer {
        Authorized::Held(held) => Ok(held),
        Authorized::Declined { .. } => Err(refused("idempotency_error", "the key was used for another request")),
    }
}

impl PaymentProcessor for FakeProcessor {
    async fn authorize(&self, hold: &Hold<'_>) -> Result<Authorized, PartnerError> {
        let asked = format!("authorize {} {} {} {}", hold.tenant, hold.order, hold.method, hold.amount);
        let work = || locked(&self.books).once(hold.key, asked, |books| Ok(books.authorize(hold)));
        self.faults.partner("payment.authorize", work).await
    }

    async fn find(&self, tenant: &TenantId, order: &OrderId) -> Result<Option<Held>, PartnerError> {
        let work = || {
            let books = locked(&self.books);
            let ours = books.holds.iter().filter(|hold| hold.tenant == *tenant && hold.order == *order);
            // A live hold tells the truth before one that was taken, and that before one that was let go.
            let rank = |hold: &&BookedHold| match (hold.held.voided, hold.settled) {
                (true, _) => 0,
                (false, true) => 1,
                (false, false) => 2,
            };
            Ok(ours.rev().max_by_key(rank).map(|hold| hold.held.clone()))
        };
        self.faults.partner("payment.find", work).await
    }

    async fn look_up(&self, reference: &str) -> Result<Held, PartnerError> {
        let work = || locked(&self.books).hold(reference).map(|hold| hold.held.clone());
        self.faults.partner("payment.look_up", work).await
    }

    async fn capture(&self, reference: &str, amount: Money, last: bool, key: &str) -> Result<Held, PartnerError> {
        let asked = format!("capture {reference} {amount} {last}");
        let capture = |books: &mut Books| books.capture(reference, amount, last).map(Authorized::Held);
        let work = || locked(&self.books).once(key, asked, capture).and_then(held);
        self.faults.partner("payment.capture", work).await
    }

    async fn void(&self, reference: &str, key: &str) -> Result<(), PartnerError> {
        let asked = format!("void {reference}");
        let void = |books: &mut Books| books.void(reference).map(Authorized::Held);
        let work = || locked(&self.books).once(key, asked, void).map(|_| ());
        self.faults.partner("payment.void", work).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block_on;
    use crate::{Trouble, id, tenant, usd};

    fn ask(processor: &FakeProcessor, key: &str, minor: i64) -> Result<Authorized, PartnerError> {
        let (tenant, order) = (tenant(), id("ord-1"));
        let hold = Hold { tenant: &tenant, order: &order, method: "pm_card_visa", amount: usd(minor), key };
        block_on(processor.authorize(&hold))
    }

    #[test]
    fn a_repeated_key_holds_no_more_money_even_when_the_first_answer_was_lost() {
        let processor = FakeProcessor::new();
        processor.faults().fail_next("payment.authorize", Trouble::AnswerLost);
        assert!(matches!(ask(&processor, "k", 500), Err(PartnerError::Unavailable(_))));
        assert!(matches!(ask(&processor, "k", 500), Ok(Authorized::Held(_))));
        assert!(matches!(ask(&processor, "k", 501), Err(PartnerError::Refused { .. })));
        assert_eq!(processor.open(&id("ord-1")), 500);
    }

    #[test]
    fn captures_stay_within_the_hold_and_the_last_lets_go_of_the_rest() {
        let processor = FakeProcessor::new();
        let _ = ask(&processor, "k", 500).unwrap();
        let capture = |minor, last, key: &str| block_on(processor.capture("pi_0001", usd(minor), last, key));
        assert!(capture(200, false, "c1").is_ok() && capture(200, false, "c1").is_ok());
        assert!(matches!(capture(301, false, "c2"), Err(PartnerError::Refused { .. })));
        assert_eq!(processor.open(&id("ord-1")), 300);
        assert_eq!(capture(100, true, "c3").unwrap().captured, usd(300));
        assert_eq!((processor.open(&id("ord-1")), processor.captured(&id("ord-1"))), (0, 300));
        assert!(matches!(capture(1, true, "c4"), Err(PartnerError::Refused { .. })));
        assert!(matches!(block_on(processor.void("pi_0001", "v")), Err(PartnerError::Refused { .. })));
    }
}
