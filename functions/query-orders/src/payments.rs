//! The money of an order, as the API shows it: never a payment method, and the processor's ids only to those who need them.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use waybill_domain::money::Money;
use waybill_domain::order::{DisputeState, Payment, Pending, Tender, TenderState};
use waybill_lambda::http::RefundView;

/// What an order is paid with, or a part of it. Minor units.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentView {
    /// 1, 2, ... within the order.
    number: u16,
    /// `card`, `confirmed` (by the storefront), `channel`, `net_terms`, `store_credit` or `gift_card`.
    kind: &'static str,
    /// How much of the total.
    #[schema(value_type = Object)]
    amount: Money,
    /// `none`, `pending`, `authorized`, `captured`, `partially_captured`, `declined` or `voided`.
    status: &'static str,
    /// Taken so far; of net terms: invoiced.
    #[schema(value_type = Object)]
    captured: Money,
    /// Given back so far, or on its way back.
    #[schema(value_type = Object)]
    refunded: Money,
    /// What may still be given back.
    #[schema(value_type = Object)]
    refundable: Money,
    /// Withdrawn by disputes that are open or lost.
    #[schema(value_type = Object)]
    disputed: Money,
    /// The code it was declined with last.
    #[serde(skip_serializing_if = "Option::is_none")]
    declined: Option<String>,
    /// What it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pending: Option<PendingView>,
    /// When the money held lapses, RFC 3339 UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    expires_at: Option<Timestamp>,
    /// The processor's ids of what is or was held: for support and admins.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    references: Vec<String>,
}

/// What a payment waits for.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PendingView {
    /// The shopper confirms it with the bank (3-D Secure).
    Action {
        /// Where.
        #[serde(skip_serializing_if = "Option::is_none")]
        url: Option<String>,
        /// Until when, RFC 3339 UTC; then the order ends.
        #[schema(value_type = String)]
        until: Timestamp,
    },
    /// It is tried again.
    Retry {
        /// When, RFC 3339 UTC.
        #[schema(value_type = String)]
        retry_at: Timestamp,
    },
    /// Another payment method is named.
    Method {
        /// Until when, RFC 3339 UTC; then the order ends.
        #[schema(value_type = String)]
        until: Timestamp,
    },
}

/// What a customer's bank has taken back. Minor units.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DisputeView {
    /// Which payment.
    payment: u16,
    /// `open`, `won` or `lost`.
    status: &'static str,
    /// How much was withdrawn.
    #[schema(value_type = Object)]
    amount: Money,
    /// What the processor charges for it.
    #[schema(value_type = Object)]
    fee: Money,
    /// The bank's reason.
    reason: String,
    /// Until when evidence is taken, RFC 3339 UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    evidence_due: Option<Timestamp>,
    /// The processor's id of it: for support and admins.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

/// Payments, refunds and disputes; with the processor's ids for those who may see them.
pub fn views(payment: &Payment, with_references: bool) -> (Vec<PaymentView>, Vec<RefundView>, Vec<DisputeView>) {
    let tenders = payment.tenders.iter().map(|tender| PaymentView::new(tender, with_references));
    let refunds = payment.refunds.iter().map(|refund| RefundView::of(refund, with_references));
    let disputes = payment.disputes.iter().map(|dispute| DisputeView::new(dispute, with_references));
    (tenders.collect(), refunds.collect(), disputes.collect())
}

impl PaymentView {
    fn new(tender: &TenderState, with_references: bool) -> Self {
        let references = tender.holds.iter().map(|hold| hold.reference.clone());
        Self {
            number: tender.number,
            kind: kind(&tender.tender),
            amount: tender.amount,
            status: status(tender),
            captured: tender.captured,
            refunded: tender.refunded,
            refundable: Money::new(tender.refundable(), tender.amount.currency()),
            disputed: tender.disputed,
            declined: tender.declined.clone(),
            pending: tender.pending.as_ref().map(PendingView::from),
            expires_at: tender.hold().and_then(|hold| hold.expires_at),
            references: if with_references { references.collect() } else { Vec::new() },
        }
    }
}

fn kind(tender: &Tender) -> &'static str {
    match tender {
        Tender::Card { .. } => "card",
        Tender::Confirmed { .. } => "confirmed",
        Tender::Channel { .. } => "channel",
        Tender::Account(account) => account.account.name(),
    }
}

/// What waits comes first, then what was taken, then what is held: the rest has neither.
fn status(tender: &TenderState) -> &'static str {
    let is_held = tender.hold().is_some();
    match () {
        () if tender.pending.is_some() => "pending",
        () if tender.captured.minor() > 0 && tender.capturable() > 0 => "partially_captured",
        () if tender.captured.minor() > 0 => "captured",
        () if is_held => "authorized",
        // Once another method is named, what the last one was declined with counts no more.
        () if tender.declined.is_some() && tender.declines.0 > 0 => "declined",
        () if !tender.holds.is_empty() => "voided",
        () => "none",
    }
}

impl From<&Pending> for PendingView {
    fn from(pending: &Pending) -> Self {
        match pending {
            Pending::Action { url, until, reference: _ } => Self::Action { url: url.clone(), until: *until },
            Pending::Retry { at } => Self::Retry { retry_at: *at },
            Pending::Method { until } => Self::Method { until: *until },
        }
    }
}

impl DisputeView {
    fn new(state: &DisputeState, with_references: bool) -> Self {
        let dispute = &state.dispute;
        Self {
            payment: dispute.tender,
            status: match state.won {
                None => "open",
                Some(true) => "won",
                Some(false) => "lost",
            },
            amount: dispute.amount,
            fee: dispute.fee,
            reason: dispute.reason.clone(),
            evidence_due: dispute.evidence_due,
            reference: with_references.then(|| dispute.reference.clone()),
        }
    }
}
