//! A refund, as the API shows it.

use serde::Serialize;
use utoipa::ToSchema;
use waybill_domain::money::Money;
use waybill_domain::order::{PartStatus, Refund, RefundLine, RefundPart, RefundState};

/// What is given back, what for, and to which tenders. Minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RefundView {
    /// 1, 2, ... within the order; absent in a preview.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u16>,
    /// `preview`, `requested`, `refunded`, or `failed`: something of it is to be tried again.
    status: &'static str,
    /// All of it.
    #[schema(value_type = Object)]
    total: Money,
    /// Of the price of goods.
    #[schema(value_type = Object)]
    goods: Money,
    /// Of the taxes.
    #[schema(value_type = Object)]
    tax: Money,
    /// Of shipping, and of discounts and adjustments of the order as a whole; may be negative.
    #[schema(value_type = Object)]
    shipping_and_discounts: Money,
    /// For goodwill.
    #[schema(value_type = Object)]
    goodwill: Money,
    /// Of what was taken and not owed.
    #[schema(value_type = Object)]
    overcharge: Money,
    /// Units it is for.
    #[schema(value_type = Vec<Object>)]
    lines: Vec<RefundLine>,
    /// What goes back where, the tender used last first.
    parts: Vec<RefundPartView>,
    /// Why.
    reason: String,
}

/// What of a refund goes back to one tender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RefundPartView {
    /// Which tender.
    tender: u16,
    /// How much.
    #[schema(value_type = Object)]
    amount: Money,
    /// `preview`, `requested`, `refunded` or `failed`.
    status: &'static str,
    /// The processor's id of it, once given back: for support and admins.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

impl RefundView {
    /// What would be given back.
    #[must_use]
    pub fn preview(refund: &Refund) -> Self {
        let part = |part: &RefundPart| RefundPartView::new(part, "preview", None);
        let parts = refund.parts.iter().map(part).collect();
        Self { number: None, ..Self::new(refund, "preview", parts) }
    }

    /// What was asked for and what became of it; with the processor's ids for those who may see them.
    #[must_use]
    pub fn of(state: &RefundState, with_references: bool) -> Self {
        let part = |(part, status): &(RefundPart, PartStatus)| match status {
            PartStatus::Requested => RefundPartView::new(part, "requested", None),
            PartStatus::Done(reference) => {
                RefundPartView::new(part, "refunded", with_references.then(|| reference.clone()))
            }
            PartStatus::Failed => RefundPartView::new(part, "failed", None),
        };
        let parts: Vec<RefundPartView> = state.parts.iter().map(part).collect();
        let any = |status: &&str| parts.iter().any(|part| part.status == *status);
        let status = ["failed", "requested"].into_iter().find(|status| any(status)).unwrap_or("refunded");
        Self::new(&state.refund, status, parts)
    }

    fn new(refund: &Refund, status: &'static str, parts: Vec<RefundPartView>) -> Self {
        Self {
            number: Some(refund.number),
            status,
            total: refund.total,
            goods: refund.goods,
            tax: refund.tax,
            shipping_and_discounts: refund.extra,
            goodwill: refund.goodwill,
            overcharge: refund.overcharge,
            lines: refund.lines.clone(),
            parts,
            reason: refund.reason.as_str().to_owned(),
        }
    }
}

impl RefundPartView {
    fn new(part: &RefundPart, status: &'static str, reference: Option<String>) -> Self {
        Self { tender: part.tender, amount: part.amount, status, reference }
    }
}
