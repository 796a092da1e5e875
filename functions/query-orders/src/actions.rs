//! What staff may do with an order now.

use waybill_domain::order::{Order, PartStatus, RefundState, Tender, TenderState};

/// What staff may do with the order now, by the route's name.
pub fn actions(order: &Order) -> Vec<&'static str> {
    let mut actions = Vec::new();
    if order.needs_review() && !order.is_cancelled() {
        actions.push("review");
    }
    if !order.is_cancelled() && !order.has_left() && order.invoice.is_none() {
        actions.push("cancel");
    }
    if order.payment.tenders.iter().any(|tender| !is_the_channels(tender) && tender.refundable() > 0) {
        actions.push("refund");
    }
    let failed = |refund: &RefundState| refund.parts.iter().any(|(_, status)| *status == PartStatus::Failed);
    if order.payment.refunds.iter().any(failed) {
        actions.push("retry_refund");
    }
    if order.payment.is_pending() && !order.is_cancelled() {
        actions.push("name_payment_method");
    }
    actions
}

/// What the channel took, the channel gives back.
fn is_the_channels(tender: &TenderState) -> bool {
    matches!(tender.tender, Tender::Channel { .. })
}
