//! What a caller asks for, parsed: after this nothing is missing, unknown or out of bounds.

use super::cards::Card;
use super::currency::Currency;
use super::form::Params;
use super::intents::{Method, Wish};
use super::refusal::Refusal;
use std::collections::BTreeMap;

/// Accepted when creating an intent, without a meaning here.
const CREATE_TOLERATED: [&str; 8] = [
    "automatic_payment_methods",
    "confirmation_method",
    "payment_method_types",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
];
const CAPTURE_TOLERATED: [&str; 2] = ["statement_descriptor", "statement_descriptor_suffix"];
const CANCEL_REASONS: [&str; 4] = ["duplicate", "fraudulent", "requested_by_customer", "abandoned"];
const REFUND_REASONS: [&str; 3] = ["duplicate", "fraudulent", "requested_by_customer"];
const NEEDS_RETURN_URL: &str = "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. \
    Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. \
    If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and \
    `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.";

/// A capture, as asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// What to take; all that is held, if left out.
    pub amount: Option<i64>,
    /// Whether the rest is released.
    pub last: bool,
    /// Keys to add to the intent's own.
    pub metadata: BTreeMap<String, String>,
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

/// Reads a new intent.
pub fn create(mut params: Params) -> Result<Wish, Refusal> {
    let amount = params.integer("amount", 1)?.ok_or_else(|| Refusal::missing("amount"))?;
    let currency = currency(&mut params)?;
    let card = params.text("payment_method")?.map(|id| card(&id)).transpose()?;
    let confirm = params.flag("confirm")?.unwrap_or(false);
    let return_url = params.text("return_url")?;
    let capture_method = params.choice("capture_method", &["automatic", "automatic_async", "manual"])?;
    let absent = params.flag("off_session")?.unwrap_or(false);
    let no_action = params.flag("error_on_requires_action")?.unwrap_or(false) || absent;
    let several = multicapture(&mut params)?;
    let description = params.text("description")?;
    let metadata = metadata(&mut params)?;
    if let Some(customer) = params.text("customer")? {
        return Err(Refusal::no_such_param("customer", &customer, "customer"));
    }
    if confirm && return_url.is_none() && may_redirect(&params) {
        return Err(Refusal::invalid("return_url", NEEDS_RETURN_URL));
    }
    params.tolerate(&CREATE_TOLERATED);
    params.finish()?;
    bounded(amount, currency)?;
    if confirm && card.is_none() {
        return Err(Refusal::missing("payment_method"));
    }
    let capture = match (capture_method, several) {
        (Some("manual"), true) => Method::Several,
        (Some("manual"), false) => Method::Manual,
        (Some(_) | None, _) => Method::Automatic,
    };
    Ok(Wish { amount, currency, card, confirm, capture, no_action, return_url, description, metadata })
}

/// Reads a capture.
pub fn capture(mut params: Params) -> Result<Capture, Refusal> {
    let amount = params.integer("amount_to_capture", 1)?;
    let last = params.flag("final_capture")?.unwrap_or(true);
    let metadata = metadata(&mut params)?;
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
    let metadata = metadata(&mut params)?;
    params.finish()?;
    if payment_intent.is_none() && charge.is_none() {
        return Err(Refusal::missing("payment_intent"));
    }
    Ok(Refund { payment_intent, charge, amount, reason, metadata })
}

fn currency(params: &mut Params) -> Result<&'static Currency, Refusal> {
    let code = params.need("currency")?;
    let known = Currency::codes();
    let invalid = || format!("Invalid currency: {code}. Stripe currently supports these currencies: {known}");
    Currency::find(&code).ok_or_else(|| Refusal::invalid("currency", invalid()))
}

fn card(id: &str) -> Result<&'static Card, Refusal> {
    Card::find(id).ok_or_else(|| Refusal::no_such_param("PaymentMethod", id, "payment_method"))
}

/// Without a list of payment methods the account's own apply, and some of those redirect the shopper.
fn may_redirect(params: &Params) -> bool {
    let mut settings = params.clone().group("automatic_payment_methods");
    !params.has("payment_method_types") && settings.remove("allow_redirects").as_deref() != Some("never")
}

fn multicapture(params: &mut Params) -> Result<bool, Refusal> {
    let name = "payment_method_options[card][request_multicapture]";
    Ok(params.choice(name, &["if_available", "never"])? == Some("if_available"))
}

fn metadata(params: &mut Params) -> Result<BTreeMap<String, String>, Refusal> {
    let metadata = params.group("metadata");
    let too_long = |(key, value): (&String, &String)| key.chars().count() > 40 || value.chars().count() > 500;
    if metadata.len() > 50 || metadata.iter().any(too_long) {
        let rule = "Metadata can have up to 50 keys, with key names up to 40 characters long and values up to 500.";
        return Err(Refusal::invalid("metadata", rule));
    }
    Ok(metadata)
}

fn bounded(amount: i64, currency: &'static Currency) -> Result<(), Refusal> {
    if amount < currency.minimum {
        return Err(Refusal::amount_too_small(currency));
    }
    if amount > currency.maximum {
        return Err(Refusal::amount_too_large(currency));
    }
    if !currency.can_settle(amount) {
        let rule = format!("Invalid amount: amounts in {} must be divisible by 10.", currency.code);
        return Err(Refusal::invalid("amount", rule));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Method, Params, create};

    const GOOD: &str = "amount=1000&currency=usd&payment_method=pm_card_visa&confirm=true&capture_method=manual\
                        &payment_method_types[]=card";

    #[test]
    fn a_complete_wish_is_read() {
        let wish = create(Params::parse(GOOD.as_bytes())).unwrap();
        assert_eq!((wish.confirm, wish.capture), (true, Method::Manual));
        assert_eq!((wish.amount, wish.currency.code), (1_000, "usd"));
    }

    #[test]
    fn every_flaw_is_refused_by_name() {
        #[rustfmt::skip]
        let table = [
            ("amount=1000",    "",                   Some("parameter_missing"),         "amount"),
            ("amount=1000",    "amount=12.5",        Some("parameter_invalid_integer"), "amount"),
            ("amount=1000",    "amount=-5",          Some("parameter_invalid_integer"), "amount"),
            ("amount=1000",    "amount=49",          Some("amount_too_small"),          "amount"),
            ("amount=1000",    "amount=100000000",   Some("amount_too_large"),          "amount"),
            ("currency=usd",   "",                   Some("parameter_missing"),         "currency"),
            ("currency=usd",   "currency=xxx",       None,                              "currency"),
            ("currency=usd",   "currency=",          Some("parameter_invalid_empty"),   "currency"),
            ("currency=usd",   "currency=kwd&amount=1005", None,                        "amount"),
            ("confirm=true",   "confirm=yes",        None,                              "confirm"),
            ("confirm=true",   "confirm=true&tip=1", Some("parameter_unknown"),         "tip"),
            ("confirm=true",   "confirm=true&customer=cus_1", Some("resource_missing"), "customer"),
            ("manual",         "later",              None,                              "capture_method"),
            ("pm_card_visa",   "pm_card_nobody",     Some("resource_missing"),          "payment_method"),
            ("payment_method=pm_card_visa", "",      Some("parameter_missing"),         "payment_method"),
            ("payment_method_types[]=card", "",      None,                              "return_url"),
        ];
        for (part, instead, code, param) in table {
            let body = GOOD.replacen(part, instead, 1);
            let refusal = create(Params::parse(body.as_bytes())).expect_err(&body);
            assert_eq!((refusal.code, refusal.param.as_deref()), (code, Some(param)), "{body}: {}", refusal.message);
        }
    }
}
