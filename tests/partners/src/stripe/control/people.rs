//! The people around the processor, each doing what they do behind our back.

use crate::stripe::disputes::{Claim, REASONS, reason};
use crate::stripe::refunds::RefundStatus;
use crate::stripe::refusal::Refusal;
use crate::stripe::wishes::{self, Metadata};
use crate::stripe::{Stripe, wire};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::Value;

type Answer = Result<Json<Value>, Refusal>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capture {
    payment_intent: String,
    #[serde(default)]
    amount: Option<i64>,
}

/// A clerk takes the money by hand; whatever is left is released.
pub async fn capture(State(stripe): State<Stripe>, Json(asked): Json<Capture>) -> Answer {
    if asked.amount.is_some_and(|amount| amount < 1) {
        return Err(Refusal::too_low("amount", 1));
    }
    let capture = wishes::Capture { amount: asked.amount, last: true, metadata: Metadata::default() };
    Ok(Json(wire::intent(stripe.books().capture(&asked.payment_intent, capture)?, false)))
}

/// How it went.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Succeeded,
    Failed,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authenticate {
    payment_intent: String,
    outcome: Outcome,
}

/// The shopper comes back from 3-D Secure.
pub async fn authenticate(State(stripe): State<Stripe>, Json(asked): Json<Authenticate>) -> Answer {
    let proved = asked.outcome == Outcome::Succeeded;
    Ok(Json(wire::intent(stripe.books().authenticate(&asked.payment_intent, proved)?, false)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settle {
    refund: String,
    status: Outcome,
    #[serde(default)]
    failure_reason: Option<String>,
}

/// The card's bank takes a refund, or sends it back.
pub async fn settle_refund(State(stripe): State<Stripe>, Json(asked): Json<Settle>) -> Answer {
    let status = match asked.status {
        Outcome::Succeeded => RefundStatus::Succeeded,
        Outcome::Failed => RefundStatus::Failed,
    };
    Ok(Json(wire::refund(stripe.books().settle(&asked.refund, status, asked.failure_reason)?)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dispute {
    payment_intent: String,
    #[serde(default)]
    amount: Option<i64>,
    #[serde(default)]
    reason: Option<String>,
    /// The issuer only asks: no money moves.
    #[serde(default)]
    inquiry: bool,
}

/// The cardholder wants the money back from the issuer.
pub async fn dispute(State(stripe): State<Stripe>, Json(asked): Json<Dispute>) -> Answer {
    let given = asked.reason.as_deref().unwrap_or("fraudulent");
    let unknown = || Refusal::invalid("reason", format!("must be one of {}", REASONS.join(", ")));
    let reason = reason(given).ok_or_else(unknown)?;
    let claim = Claim { amount: asked.amount, reason, inquiry: asked.inquiry };
    let mut books = stripe.books();
    let now = books.now();
    Ok(Json(wire::dispute(books.dispute(&asked.payment_intent, claim)?, now)))
}

/// Who has won.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Won,
    Lost,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Close {
    dispute: String,
    outcome: Verdict,
}

/// The issuer decides.
pub async fn close_dispute(State(stripe): State<Stripe>, Json(asked): Json<Close>) -> Answer {
    let mut books = stripe.books();
    let now = books.now();
    Ok(Json(wire::dispute(books.close_dispute(&asked.dispute, asked.outcome == Verdict::Won)?, now)))
}
