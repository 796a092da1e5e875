//! The payments of a cart become the tenders of an order.

use super::cart::{CartError, CartPayment, field};
use super::tender::{Account, AccountKind, MAX_TENDERS, Part, Tender};
use crate::id::{AccountId, TenantId, digest_of};
use crate::money::Money;

/// The tenders, checked to pay `total` exactly.
pub(super) fn parts(payments: &[CartPayment], tenant: &TenantId, total: Money) -> Result<Vec<Part>, CartError> {
    if payments.is_empty() || payments.len() > MAX_TENDERS {
        return Err(field("/payments", format!("must be 1 to {MAX_TENDERS}")));
    }
    let rest = rest(payments, total)?;
    let parts = payments.iter().zip(1_u16..).map(|(payment, number)| {
        let tender = tender(payment, tenant, &format!("/payments/{}", number - 1))?;
        Ok(Part { number, amount: payment.amount.unwrap_or(rest), tender })
    });
    let parts = parts.collect::<Result<Vec<_>, CartError>>()?;
    for (index, part) in parts.iter().enumerate() {
        if parts[..index].iter().any(|earlier| earlier.tender == part.tender && !is_charged_anew(&part.tender)) {
            return Err(field(format!("/payments/{index}"), "pays with what another payment pays with"));
        }
    }
    Ok(parts)
}

/// A payment method may be charged twice; one payment, account or card code is one tender.
fn is_charged_anew(tender: &Tender) -> bool {
    match tender {
        Tender::Card { .. } => true,
        Tender::Confirmed { .. } | Tender::Channel { .. } | Tender::Account(_) => false,
    }
}

/// What the payment without an amount pays.
fn rest(payments: &[CartPayment], total: Money) -> Result<Money, CartError> {
    let mut rest = total;
    for (index, payment) in payments.iter().enumerate() {
        let Some(amount) = payment.amount else { continue };
        let at = |name: &str| format!("/payments/{index}/amount/{name}");
        if amount.currency() != total.currency() {
            return Err(field(at("currency"), "must be the order's currency"));
        }
        if amount.minor() <= 0 {
            return Err(field(at("minor"), "must be more than nothing"));
        }
        rest = rest.minus(amount)?;
    }
    let open = payments.iter().filter(|payment| payment.amount.is_none()).count();
    match open {
        0 if rest.is_zero() => Ok(rest),
        0 => Err(field("/payments", format!("must add up to {total}"))),
        // An order that costs nothing is paid with nothing.
        1 if rest.minor() > 0 || (rest.is_zero() && payments.len() == 1) => Ok(rest),
        1 => Err(field("/payments", format!("must add up to {total}, with something left for each"))),
        _ => Err(field("/payments", "may leave the amount out of one only")),
    }
}

/// The tender of a payment method named after the order was placed.
///
/// # Errors
/// As in a cart.
pub fn named_tender(payment: &CartPayment, tenant: &TenantId) -> Result<Tender, CartError> {
    tender(payment, tenant, "")
}

fn tender(payment: &CartPayment, tenant: &TenantId, at: &str) -> Result<Tender, CartError> {
    let CartPayment { amount: _, method, customer, return_url, intent, account, gift_card } = payment;
    if method.is_none() && (customer.is_some() || return_url.is_some()) {
        return Err(field(at, "has customer or return_url without method"));
    }
    if return_url.as_ref().is_some_and(|url| !url.as_str().starts_with("https://")) {
        return Err(field(format!("{at}/return_url"), "must be an https address"));
    }
    match (method, intent, account, gift_card) {
        (Some(method), None, None, None) => {
            let (method, customer, return_url) = (method.clone(), customer.clone(), return_url.clone());
            Ok(Tender::Card { method, customer, return_url })
        }
        (None, Some(reference), None, None) => Ok(Tender::Confirmed { reference: reference.clone() }),
        (None, None, Some(Account { account: AccountKind::GiftCard, .. }), None) => Err(field(
            format!("{at}/account/account"),
            "must be net_terms or store_credit: name a gift card by its code",
        )),
        (None, None, Some(account), None) => Ok(Tender::Account(account.clone())),
        (None, None, None, Some(code)) => {
            let id = gift_card_id(tenant, code.as_str());
            let id = id.ok_or_else(|| field(format!("{at}/gift_card"), "is no code"))?;
            Ok(Tender::Account(Account { account: AccountKind::GiftCard, id }))
        }
        _ => Err(field(at, "must have exactly one of method, intent, account and gift_card")),
    }
}

/// The account of a gift card: a digest of its code, so that no list or log can be spent.
#[must_use]
pub fn gift_card_id(tenant: &TenantId, code: &str) -> Option<AccountId> {
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    if code.is_empty() {
        return None;
    }
    digest_of(&[tenant.as_str(), "gift_card", &code])[..40].to_owned().try_into().ok()
}
