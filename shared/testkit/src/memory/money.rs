//! What an event about money needs: draws on accounts, whose a payment is, and the bounds in the head.

use super::books::{Head, Left, broken};
use std::collections::BTreeMap;
use waybill_domain::money::Currency;
use waybill_domain::order::{Account, Event, Order, PartStatus, PaymentEvent, Recorded, RefundPart};
use waybill_domain::ports::StoreError;

/// A change of what is available on an account, in minor units.
pub(super) type Change = (Account, Currency, i64);

/// Every draw and return, each balance once.
pub(super) fn draws(recorded: &Recorded) -> Result<Vec<Change>, StoreError> {
    let mut deltas: BTreeMap<(Account, Currency), i64> = BTreeMap::new();
    for draw in &recorded.draws {
        let delta = deltas.entry((draw.account.clone(), draw.amount.currency())).or_default();
        *delta = delta.checked_add(draw.amount.minor()).ok_or_else(|| broken("draws beyond 64 bits"))?;
    }
    let moved = deltas.into_iter().filter(|(_, delta)| *delta != 0);
    Ok(moved.map(|((account, currency), delta)| (account, currency, delta)).collect())
}

/// The payment at the processor that the event says this order is paid with.
pub(super) fn payment(after: &Order, event: &Event) -> Option<String> {
    let Event::Payment(PaymentEvent::Authorized { tender, amount, reference, .. }) = event else { return None };
    let state = after.payment.tender(*tender)?;
    (state.tender.is_processed() && !amount.is_zero()).then(|| reference.clone())
}

/// What may still be taken and given back of each tender.
pub(super) fn left(order: &Order) -> BTreeMap<u16, Left> {
    let tenders = order.payment.tenders.iter();
    let left = tenders
        .map(|tender| (tender.number, Left { capturable: tender.capturable(), refundable: tender.refundable() }));
    left.collect()
}

/// Does what we do ourselves stay within what the head allows? Facts from outside have happened.
pub(super) fn is_within(head: &Head, before: &Order, event: &Event) -> bool {
    let left = |tender: u16| head.left.get(&tender).copied().unwrap_or_default();
    let Event::Payment(event) = event else { return true };
    let mut back: BTreeMap<u16, i64> = BTreeMap::new();
    let mut give = |part: &RefundPart| *back.entry(part.tender).or_default() += part.amount.minor();
    if let PaymentEvent::Captured { tender, fulfillment: Some(_), amount, .. } = event {
        return amount.minor() <= left(*tender).capturable.max(0);
    }
    if let PaymentEvent::RefundRequested(refund) = event {
        refund.parts.iter().for_each(&mut give);
    }
    if let PaymentEvent::RefundRetried { refund, .. } = event {
        let parts = before.payment.refunds.iter().filter(|known| known.refund.number == *refund);
        let parts = parts.flat_map(|known| &known.parts);
        parts.filter(|(_, status)| *status == PartStatus::Failed).for_each(|(part, _)| give(part));
    }
    back.iter().all(|(tender, amount)| *amount <= left(*tender).refundable.max(0))
}
