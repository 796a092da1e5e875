//! What a caller asks for, parsed: after this nothing is missing, unknown or out of bounds.

mod changes;
mod metadata;

use super::cards::Card;
use super::currency::Currency;
use super::form::Params;
use super::intents::{Method, Wish};
use super::refusal::Refusal;
pub use changes::{Capture, Confirm, Evidence, Refund, Update, cancel, capture, confirm, evidence, refund, update};
pub use metadata::Metadata;

/// Accepted when creating an intent, without a meaning here.
const CREATE_TOLERATED: [&str; 9] = [
    "automatic_payment_methods",
    "confirmation_method",
    "mandate_data",
    "payment_method_types",
    "receipt_email",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "use_stripe_sdk",
];
/// Why a confirmation needs an address to come back to.
pub const NEEDS_RETURN_URL: &str = "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. \
    Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. \
    If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and \
    `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.";

/// Reads a new intent.
pub fn create(mut params: Params) -> Result<Wish, Refusal> {
    let amount = params.integer("amount", 1)?.ok_or_else(|| Refusal::missing("amount"))?;
    let currency = currency(&mut params)?;
    let card = params.text("payment_method")?.map(|id| card(&id)).transpose()?;
    let confirm = params.flag("confirm")?.unwrap_or(false);
    let return_url = params.text("return_url")?;
    let capture_method = params.choice("capture_method", &["automatic", "automatic_async", "manual"])?;
    let no_action = action_refused(&mut params)?.unwrap_or(false);
    let setup_future_usage = future_usage(&mut params)?;
    let several = multicapture(&mut params)?;
    let description = params.text("description")?;
    let metadata = Metadata::read(&mut params)?.into_new();
    let customer = customer(&mut params)?;
    let may_redirect = may_redirect(&params);
    if confirm && return_url.is_none() && may_redirect {
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
    let wish = Wish {
        amount,
        currency,
        card,
        confirm,
        capture,
        no_action,
        may_redirect,
        return_url,
        customer,
        setup_future_usage,
        description,
        metadata,
    };
    Ok(wish)
}

fn currency(params: &mut Params) -> Result<&'static Currency, Refusal> {
    let code = params.need("currency")?;
    let known = Currency::codes();
    let invalid = || format!("Invalid currency: {code}. Stripe currently supports these currencies: {known}");
    Currency::find(&code).ok_or_else(|| Refusal::invalid("currency", invalid()))
}

fn card(id: &str) -> Result<Card, Refusal> {
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

fn customer(params: &mut Params) -> Result<Option<String>, Refusal> {
    let Some(id) = params.text("customer")? else { return Ok(None) };
    if id.starts_with("cus_") { Ok(Some(id)) } else { Err(Refusal::no_such_param("customer", &id, "customer")) }
}

fn future_usage(params: &mut Params) -> Result<Option<&'static str>, Refusal> {
    params.choice("setup_future_usage", &["off_session", "on_session"])
}

/// Whether the shopper is not to be asked for anything, if the caller says: because they are not there
/// (`off_session` may also say why), or because the caller cannot send them anywhere.
fn action_refused(params: &mut Params) -> Result<Option<bool>, Refusal> {
    let absent = params.choice("off_session", &["true", "false", "one_off", "recurring"])?;
    let refused = params.flag("error_on_requires_action")?;
    let absent = absent.map(|absent| absent != "false");
    Ok(absent.into_iter().chain(refused).reduce(|absent, refused| absent || refused))
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
            ("confirm=true",   "confirm=true&customer=me", Some("resource_missing"), "customer"),
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
