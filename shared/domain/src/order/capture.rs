//! Taking held money, shipment by shipment.

use super::event::{Draft, Event};
use super::fulfillment::Fulfillment;
use super::payment::TenderState;
use super::payment_event::PaymentEvent;
use super::state::Order;
use super::tender::Draw;
use super::{Decided, Rejection};
use crate::ledger::{Account, transfer};
use crate::money::{Money, MoneyError};

impl Order {
    /// What a fulfillment order takes of each tender. The planned shipments are laid out along the tenders one after the
    /// other, so the answer does not depend on which shipment is paid first: two that are paid at once never reach for
    /// the same cent.
    ///
    /// # Errors
    /// Beyond 64 bits.
    pub fn takes(&self, part: &Fulfillment) -> Result<Vec<(u16, Money)>, MoneyError> {
        self.laid_out(part, |_| 0)
    }

    /// What of that is not taken ahead of all shipments, or by somebody else: that pays the last of a tender.
    pub(super) fn takes_left(&self, part: &Fulfillment) -> Result<Vec<(u16, Money)>, MoneyError> {
        self.laid_out(part, TenderState::taken_ahead)
    }

    fn laid_out(
        &self,
        part: &Fulfillment,
        ahead: impl Fn(&TenderState) -> i64,
    ) -> Result<Vec<(u16, Money)>, MoneyError> {
        let earlier = self.fulfillments.iter().take_while(|other| other.number != part.number);
        let begin = earlier
            .map(|part| self.planned(part))
            .try_fold(Money::zero(self.placed.currency()), |sum, one| sum.plus(one?))?;
        let (begin, end) = (begin.minor(), begin.plus(self.planned(part)?)?.minor());
        let mut left = self.due(part)?.minor();
        let mut from = 0_i64;
        let mut takes = Vec::new();
        for tender in &self.payment.tenders {
            let to = from.saturating_add(tender.amount.minor());
            let first = begin.max(from);
            let whole = (end.min(to) - first).clamp(0, left.max(0));
            left -= whole;
            let share = ((first + whole).min(to - ahead(tender)) - first).clamp(0, whole);
            if share > 0 {
                takes.push((tender.number, Money::new(share, tender.amount.currency())));
            }
            from = to;
        }
        Ok(takes)
    }

    /// What units that are in no shipment yet will take of a tender: they are laid out after all that are.
    pub(super) fn takes_unplanned(&self, tender: &TenderState) -> Result<Money, MoneyError> {
        let zero = Money::zero(self.placed.currency());
        if !self.has_unrouted() {
            return Ok(zero);
        }
        let planned = self.fulfillments.iter().try_fold(zero, |sum, part| sum.plus(self.planned(part)?))?;
        let mut earlier = self.payment.tenders.iter().take_while(|other| other.number != tender.number);
        let from = earlier.try_fold(zero, |sum, other| sum.plus(other.amount))?;
        let end = from.plus(tender.amount)?.minor() - tender.taken_ahead();
        Ok(Money::new((end - from.minor().max(planned.minor())).max(0), tender.amount.currency()))
    }

    /// What a fulfillment order earns with all that was planned for it, found or not.
    fn planned(&self, part: &Fulfillment) -> Result<Money, MoneyError> {
        self.earned_by(part)?.total()?.plus(self.lost_by(part)?.total()?)
    }

    /// What to take for a shipment now, per tender: nothing where it is taken already, or was ahead of all.
    ///
    /// # Errors
    /// `Unknown` fulfillment order; `Money` beyond 64 bits.
    pub fn captures_wanted(&self, number: u16) -> Result<Vec<(u16, Money)>, Rejection> {
        let part = self.fulfillment(number).ok_or(Rejection::Unknown("such fulfillment order"))?;
        if part.is_dropped() {
            return Ok(Vec::new());
        }
        let is_open = |tender: &TenderState| !tender.was_captured_for(Some(number));
        let open = |(tender, _): &(u16, Money)| self.payment.tender(*tender).is_some_and(is_open);
        Ok(self.takes_left(part)?.into_iter().filter(open).collect())
    }

    /// Is this the last shipment to be taken of a tender? The rest of the hold is let go with it.
    #[must_use]
    pub fn is_last_capture(&self, number: u16, tender: u16) -> bool {
        let Some(state) = self.payment.tender(tender) else { return true };
        let others = self.fulfillments.iter().filter(|part| part.number != number && !part.is_dropped());
        if !self.takes_unplanned(state).is_ok_and(Money::is_zero) {
            return false;
        }
        let mut open = others.filter(|part| !state.was_captured_for(Some(part.number)));
        !open.any(|part| self.takes_left(part).is_ok_and(|takes| takes.iter().any(|(number, _)| *number == tender)))
    }

    /// Money was taken of the hold `reference`: for one shipment, or (`None`) ahead of all; with `last`, the rest of the
    /// hold was let go with it.
    ///
    /// # Errors
    /// `Unknown` tender or fulfillment order; `NotAllowed` beyond what is held; `Money` beyond 64 bits.
    pub fn decide_captured(
        &self,
        number: u16,
        fulfillment: Option<u16>,
        amount: Money,
        reference: &str,
        last: bool,
    ) -> Decided {
        let tender = self.tender_state(number)?;
        if tender.was_captured_for(fulfillment) {
            return Ok(None);
        }
        if fulfillment.is_some_and(|number| self.fulfillment(number).is_none()) {
            return Err(Rejection::Unknown("such fulfillment order"));
        }
        if amount.minor() <= 0 {
            let rule = "must be more than nothing".to_owned();
            return Err(Rejection::Invalid { pointer: "/amount/minor".to_owned(), rule });
        }
        self.in_own_currency(amount)?;
        let held =
            tender.holds.iter().find(|hold| hold.reference == reference).map_or(0, super::Authorization::capturable);
        if amount.minor() > held {
            let held = Money::new(held, amount.currency());
            let because = format!("{amount} is more than the {held} still held");
            return Err(Rejection::NotAllowed { command: "capture", because });
        }
        Ok(Some(captured(tender, fulfillment, amount, reference, last)?))
    }

    /// Somebody else took money of a hold of ours: `taken` is all that was taken of it. A fact from outside: recorded
    /// whatever it exceeds.
    ///
    /// # Errors
    /// `Money` beyond 64 bits.
    pub fn decide_captured_outside(&self, reference: &str, taken: Money) -> Decided {
        let Some(tender) = self.payment.tender_of(reference) else { return Ok(None) };
        let known = tender.holds.iter().find(|hold| hold.reference == reference).map(|hold| hold.captured);
        let more = taken.minus(known.unwrap_or(taken))?;
        if more.minor() <= 0 {
            return Ok(None);
        }
        Ok(Some(captured(tender, None, more, reference, false)?))
    }

    /// An invoice (net terms) was paid, or a part of it.
    ///
    /// # Errors
    /// `Unknown` tender; `NotAllowed` for one that is not invoiced, or beyond what is open of it; `Invalid` amount.
    pub fn decide_invoice_paid(&self, number: u16, amount: Money, reference: String) -> Decided {
        let tender = self.tender_state(number)?;
        let invalid =
            |pointer: &str, rule: &str| Err(Rejection::Invalid { pointer: pointer.to_owned(), rule: rule.to_owned() });
        if amount.currency() != self.placed.currency() {
            return invalid("/amount/currency", "must be the order's currency");
        }
        if amount.minor() <= 0 {
            return invalid("/amount/minor", "must be more than nothing");
        }
        let not_allowed = |because: String| Err(Rejection::NotAllowed { command: "record the payment", because });
        let Some(account) = tender.tender.account().filter(|_| tender.tender.is_invoiced()) else {
            return not_allowed(format!("tender {number} is not invoiced"));
        };
        let known = self.invoice_paid_as(number, &reference);
        if known.is_some_and(|known| known == amount) {
            return Ok(None);
        }
        if known.is_some() {
            return not_allowed("another amount was recorded under this reference".to_owned());
        }
        let open = tender.captured.minus(tender.refunded)?.minus(tender.settled)?;
        if amount.minor() > open.minor() {
            return not_allowed(format!("{amount} is more than the {open} still open"));
        }
        let postings = transfer(Account::CashAtBank, Account::TradeReceivable, amount)?;
        let draw = Draw { account: account.clone(), amount };
        let event = PaymentEvent::InvoicePaid { tender: number, amount, reference };
        Ok(Some(Draft::of_payment(event, postings).drawing([draw])))
    }
}

impl Order {
    /// What was recorded of a tender's invoice under this reference.
    fn invoice_paid_as(&self, number: u16, wanted: &str) -> Option<Money> {
        self.history().iter().find_map(|recorded| {
            let Event::Payment(PaymentEvent::InvoicePaid { tender, amount, reference }) = &recorded.event else {
                return None;
            };
            (*tender == number && reference == wanted).then_some(*amount)
        })
    }
}

/// The draft of a capture: what is not covered by the hold moves no memorandum.
fn captured(
    tender: &TenderState,
    fulfillment: Option<u16>,
    amount: Money,
    reference: &str,
    last: bool,
) -> Result<Draft, MoneyError> {
    let held = tender.holds.iter().find(|hold| hold.reference == reference).map_or(0, super::Authorization::capturable);
    let covered = amount.minor().min(held);
    let rest = Money::new(if last { held - covered } else { 0 }, amount.currency());
    let released = rest.plus(Money::new(covered, amount.currency()))?;
    let mut postings = transfer(tender.tender.collecting(), Account::CustomerReceivable, amount)?;
    postings.extend(transfer(Account::AuthorizationsHeld, Account::Authorizations, released)?);
    let unused = tender.tender.account().filter(|_| !rest.is_zero());
    let draw = unused.map(|account| Draw { account: account.clone(), amount: rest });
    let (tender, reference) = (tender.number, reference.to_owned());
    let event = PaymentEvent::Captured { tender, fulfillment, amount, reference, last };
    Ok(Draft::of_payment(event, postings).drawing(draw))
}
