//! What a caller asks to be done with an intent there is, or with its money.

use super::{Metadata, action_refused, bounded, card, customer, future_usage};
use crate::stripe::cards::Card;
use crate::stripe::currency::Currency;
use crate::stripe::form::Params;
use crate::stripe::refusal::Refusal;
use std::collections::BTreeMap;

const CAPTURE_TOLERATED: [&str; 2] = ["statement_descriptor", "statement_descriptor_suffix"];
const CONFIRM_TOLERATED: [&str; 7] = [
    "capture_method",
    "mandate_data",
    "payment_method_options",
    "payment_method_types",
    "receipt_email",
    "shipping",
    "use_stripe_sdk",
];
const UPDATE_TOLERATED: [&str; 6] = [
    "payment_method_options",
    "payment_method_types",
    "receipt_email",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
];
const CANCEL_REASONS: [&str; 4] = ["duplicate", "fraudulent", "requested_by_customer", "abandoned"];
const REFUND_REASONS: [&str; 3] = ["duplicate", "fraudulent", "requested_by_customer"];

/// A confirmation, as asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confirm {
    /// What to charge; what the intent names, if left out.
    pub card: Option<Card>,
    /// Decline rather than ask the shopper to act.
    pub no_action: Option<bool>,
    /// Where the shopper comes back to.
    pub return_url: Option<String>,
    /// What the payment method is kept for.
    pub setup_future_usage: Option<&'static str>,
}

/// A change of what an intent was created with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// In minor units.
    pub amount: Option<i64>,
    /// What to charge.
    pub card: Option<Card>,
    /// Who pays.
    pub customer: Option<String>,
    /// What the payment method is kept for.
    pub setup_future_usage: Option<&'static str>,
    /// For people.
    pub description: Option<String>,
    /// The caller's own keys.
    pub metadata: Metadata,
}

/// A capture, as asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// What to take; all that is held, if left out.
    pub amount: Option<i64>,
    /// Whether the rest is released.
    pub last: bool,
    /// Keys to add to the intent's own.
    pub metadata: Metadata,
}

/// A refund, as asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The intent, or…
    pub payment_intent: Option<String>,
    /// …the charge to give back from.
    pub charge: Option<String>,
    /// What to give back; all that is left, if left out.
    pub amount: Option<i64>,
    /// Why.
    pub reason: Option<&'static str>,
    /// The caller's own keys.
    pub metadata: BTreeMap<String, String>,
}

/// An answer to a dispute, as given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What speaks for the payment, by the name of its field.
    pub fields: BTreeMap<String, String>,
    /// Whether it goes to the issuer now.
    pub submit: bool,
    /// The caller's own keys.
    pub metadata: Metadata,
}

/// Reads a confirmation.
pub fn confirm(mut params: Params) -> Result<Confirm, Refusal> {
    let card = params.text("payment_method")?.map(|id| card(&id)).transpose()?;
    let no_action = action_refused(&mut params)?;
    let return_url = params.text("return_url")?;
    let setup_future_usage = future_usage(&mut params)?;
    params.tolerate(&CONFIRM_TOLERATED);
    params.finish()?;
    Ok(Confirm { card, no_action, return_url, setup_future_usage })
}

/// Reads an update of an intent in `currency`.
pub fn update(mut params: Params, currency: &'static Currency) -> Result<Update, Refusal> {
    let amount = params.integer("amount", 1)?;
    let card = params.text("payment_method")?.map(|id| card(&id)).transpose()?;
    let customer = customer(&mut params)?;
    let setup_future_usage = future_usage(&mut params)?;
    let description = params.text("description")?;
    let metadata = Metadata::read(&mut params)?;
    params.tolerate(&UPDATE_TOLERATED);
    params.finish()?;
    amount.map_or(Ok(()), |amount| bounded(amount, currency))?;
    Ok(Update { amount, card, customer, setup_future_usage, description, metadata })
}

/// Reads a capture.
pub fn capture(mut params: Params) -> Result<Capture, Refusal> {
    let amount = params.integer("amount_to_capture", 0)?;
    let last = params.flag("final_capture")?.unwrap_or(true);
    let metadata = Metadata::read(&mut params)?;
    params.tolerate(&CAPTURE_TOLERATED);
    params.finish()?;
    Ok(Capture { amount, last, metadata })
}

/// Reads a cancel: its reason.
pub fn cancel(mut params: Params) -> Result<Option<&'static str>, Refusal> {
    let reason = params.choice("cancellation_reason", &CANCEL_REASONS)?;
    params.finish()?;
    Ok(reason)
}

/// Reads a refund.
pub fn refund(mut params: Params) -> Result<Refund, Refusal> {
    let payment_intent = params.text("payment_intent")?;
    let charge = params.text("charge")?;
    let amount = params.integer("amount", 1)?;
    let reason = params.choice("reason", &REFUND_REASONS)?;
    let metadata = Metadata::read(&mut params)?.into_new();
    params.finish()?;
    if payment_intent.is_none() && charge.is_none() {
        return Err(Refusal::missing("payment_intent"));
    }
    Ok(Refund { payment_intent, charge, amount, reason, metadata })
}

/// Reads an answer to a dispute.
pub fn evidence(mut params: Params) -> Result<Evidence, Refusal> {
    let fields = params.group("evidence");
    let submit = params.flag("submit")?.unwrap_or(true);
    let metadata = Metadata::read(&mut params)?;
    params.finish()?;
    Ok(Evidence { submit: submit && !fields.is_empty(), fields, metadata })
}
