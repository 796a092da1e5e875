//! Our books against the processor's.

use waybill_domain::order::Order;
use waybill_domain::ports::Held;

/// What differs between an order's books and the processor's, for one payment; empty when they agree. In words, without
/// personal data.
#[must_use]
pub fn differences(order: &Order, held: &Held) -> Vec<String> {
    let payment = &held.reference;
    let known = order.payment.tender_of(payment);
    let Some(ours) = known.and_then(|state| state.holds.iter().find(|hold| hold.reference == *payment)) else {
        return vec![format!("payment {payment} of {} is in no entry of the order", held.amount)];
    };
    let pairs = [
        ("held", ours.amount.minor(), held.amount.minor()),
        ("captured", ours.captured.minor(), held.captured.minor()),
        ("capturable", ours.capturable(), held.capturable.minor()),
        ("refunded", ours.refunded.minor(), held.refunded.minor()),
    ];
    let differs = pairs.into_iter().filter(|(_, ours, theirs)| ours != theirs);
    differs
        .map(|(what, ours, theirs)| format!("payment {payment}: {what} {ours} here, {theirs} at the processor"))
        .collect()
}
