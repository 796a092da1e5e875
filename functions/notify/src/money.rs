//! What messages say of money.

use crate::render::RenderError;
use jiff::Timestamp;
use minijinja::{Value, context};
use waybill_domain::money::{Money, MoneyError};
use waybill_domain::order::{AccountKind, Order, Pending, Tender, TenderState};

/// What becomes of the money of an order that ended before its time.
pub(crate) fn ended(order: &Order) -> Result<Value, MoneyError> {
    let zero = Money::zero(order.placed.currency());
    let ours: Vec<&TenderState> =
        order.payment.tenders.iter().filter(|tender| !matches!(tender.tender, Tender::Channel { .. })).collect();
    let sum = |of: &dyn Fn(&TenderState) -> Result<Money, MoneyError>| {
        ours.iter().try_fold(zero, |sum, tender| sum.plus(of(tender)?))
    };
    let held = sum(&|tender| if tender.tender.is_processed() { untaken(tender) } else { Ok(zero) })?;
    let taken = sum(&|tender| if tender.tender.is_invoiced() { Ok(zero) } else { Ok(tender.captured) })?;
    let mut drawn = Vec::new();
    for tender in &ours {
        let amount = untaken(tender)?;
        let on = tender.tender.account().and_then(|account| balance(account.account));
        drawn.extend(on.filter(|_| !amount.is_zero()).map(|on| context! { amount => amount.to_string(), on }));
    }
    Ok(context! { charged_by_us => !ours.is_empty(), held => said(held), taken => said(taken), drawn })
}

/// Held and not taken, be it let go by now or not.
fn untaken(tender: &TenderState) -> Result<Money, MoneyError> {
    let zero = Money::zero(tender.amount.currency());
    tender.holds.last().map_or(Ok(zero), |hold| hold.amount.minus(hold.captured))
}

/// What a customer has a balance on; a credit limit is none.
fn balance(kind: AccountKind) -> Option<&'static str> {
    match kind {
        AccountKind::NetTerms => None,
        AccountKind::StoreCredit => Some("store credit"),
        AccountKind::GiftCard => Some("gift card"),
    }
}

fn said(amount: Money) -> Option<String> {
    (amount.minor() > 0).then(|| amount.to_string())
}

/// What a payment waits for: with what it is about and until when.
pub(crate) fn pending(order: &Order, number: u16) -> Result<Value, RenderError> {
    let tender = order.payment.tender(number).ok_or(RenderError::NoPayment(number))?;
    let pending = tender.pending.as_ref().ok_or(RenderError::NoPayment(number))?;
    let (until, url) = match pending {
        Pending::Action { url, until, .. } => (until, url.as_deref()),
        Pending::Retry { at } => (at, None),
        Pending::Method { until } => (until, None),
    };
    let (amount, ends) = (tender.amount.to_string(), !order.has_left());
    Ok(context! { amount, until => minute(*until), url, ends })
}

/// What was given back, and where it is now.
pub(crate) fn refunded(order: &Order, refund: u16, part: u16) -> Result<Value, RenderError> {
    let missing = || RenderError::NoRefund(refund);
    let known = order.payment.refunds.iter().find(|known| known.refund.number == refund).ok_or_else(missing)?;
    let (part, _) = known.parts.iter().find(|(known, _)| known.number == part).ok_or_else(missing)?;
    let tender = order.payment.tender(part.tender).ok_or_else(missing)?;
    let to = match &tender.tender {
        Tender::Card { .. } | Tender::Confirmed { .. } | Tender::Channel { .. } => "card",
        Tender::Account(account) => account.account.name(),
    };
    Ok(context! { amount => part.amount.to_string(), to })
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
