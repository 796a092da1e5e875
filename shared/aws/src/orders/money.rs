//! What an event about money needs in its transaction: what it draws on accounts, whose a payment is, and the bounds in
//! the head. Conditions cannot do arithmetic, so the numbers compared are stored.

use super::commit::{Guard, Write, ours};
use crate::classify::broken;
use crate::keys::{self, key, number, text};
use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use std::collections::BTreeMap;
use waybill_domain::id::TenantId;
use waybill_domain::money::Money;
use waybill_domain::order::{Event, Order, PartStatus, PaymentEvent, Recorded, RefundPart, TenderState};
use waybill_domain::ports::StoreError;

/// Every draw and return, each balance once: a draw needs what it takes, a return needs the account.
pub(super) fn draws(table: &str, tenant: &TenantId, recorded: &Recorded) -> Result<Vec<Write>, StoreError> {
    let mut deltas = BTreeMap::new();
    for draw in &recorded.draws {
        let delta: &mut i64 = deltas.entry((&draw.account, draw.amount.currency())).or_default();
        *delta = delta.checked_add(draw.amount.minor()).ok_or_else(|| broken("draws beyond 64 bits"))?;
    }
    let moved = deltas.into_iter().filter(|(_, delta)| *delta != 0);
    let write = |((account, currency), delta): ((&_, _), i64)| {
        let key = key(keys::account(tenant, account), keys::balance(currency));
        let update = balance(table, Money::new(delta, currency)).set_key(Some(key));
        let update = if delta > 0 { update.condition_expression("attribute_exists(pk)") } else { update };
        let item = TransactWriteItem::builder().update(update.build().map_err(ours)?).build();
        Ok(Write { item, guards: Guard::Account(account.clone()) })
    };
    moved.map(write).collect()
}

/// `ADD` to what is available; less only on the condition that it is there.
pub(super) fn balance(table: &str, change: Money) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
    let update = Update::builder()
        .table_name(table)
        .update_expression("ADD #available :change")
        .expression_attribute_names("#available", "available")
        .expression_attribute_values(":change", number(change.minor()));
    if !change.is_negative() {
        return update;
    }
    let least = number(change.minor().unsigned_abs());
    update.condition_expression("#available >= :least").expression_attribute_values(":least", least)
}

/// A payment at the processor belongs to the first order that is paid with it.
pub(super) fn pointer(table: &str, after: &Order, event: &Event) -> Result<Option<Write>, StoreError> {
    let Event::Payment(PaymentEvent::Authorized { tender, amount, reference, .. }) = event else { return Ok(None) };
    let is_processed = after.payment.tender(*tender).is_some_and(|state| state.tender.is_processed());
    if !is_processed || amount.is_zero() {
        return Ok(None);
    }
    let mut item = key(keys::payment(&after.tenant, reference), "ORDER");
    item.insert("order_id".to_owned(), text(after.id.as_str()));
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .condition_expression("attribute_not_exists(pk) OR order_id = :me")
        .expression_attribute_values(":me", text(after.id.as_str()));
    let item = TransactWriteItem::builder().put(put.build().map_err(ours)?).build();
    Ok(Some(Write { item, guards: Guard::Payment }))
}

fn capturable(tender: u16) -> String {
    format!("capturable_{tender}")
}

fn refundable(tender: u16) -> String {
    format!("refundable_{tender}")
}

/// What the head must still allow for this event: attribute and minor units. Only what we do ourselves is bounded; facts
/// from outside have happened.
pub(super) fn bounds(before: &Order, event: &Event) -> BTreeMap<String, i64> {
    let Event::Payment(event) = event else { return BTreeMap::new() };
    let mut bounds = BTreeMap::new();
    let mut bound = |name: String, amount: Money| *bounds.entry(name).or_default() += amount.minor();
    if let PaymentEvent::Captured { tender, fulfillment: Some(_), amount, .. } = event {
        bound(capturable(*tender), *amount);
    }
    if let PaymentEvent::RefundRequested(refund) = event {
        refund.parts.iter().for_each(|part| bound(refundable(part.tender), part.amount));
    }
    if let PaymentEvent::RefundRetried { refund, .. } = event {
        failed_parts(before, *refund).for_each(|part| bound(refundable(part.tender), part.amount));
    }
    bounds.retain(|_, amount| *amount > 0);
    bounds
}

/// What is asked for once more when a refund is retried.
fn failed_parts(order: &Order, refund: u16) -> impl Iterator<Item = &RefundPart> {
    let parts = order.payment.refunds.iter().filter(move |known| known.refund.number == refund);
    let parts = parts.flat_map(|known| &known.parts);
    parts.filter(|(_, status)| *status == PartStatus::Failed).map(|(part, _)| part)
}

/// What may still be taken and given back of each tender, where the event changes it: attribute and minor units.
pub(super) fn left(before: &Order, after: &Order) -> Vec<(String, i64)> {
    let both = |tender: &TenderState| {
        [(capturable(tender.number), tender.capturable()), (refundable(tender.number), tender.refundable())]
    };
    let was: BTreeMap<String, i64> = before.payment.tenders.iter().flat_map(both).collect();
    let is = after.payment.tenders.iter().flat_map(both);
    is.filter(|(name, minor)| was.get(name).is_none_or(|was| was != minor)).collect()
}
