//! Amounts on Stripe's wire: minor units of ISO 4217, but for three currencies.

use crate::http::Trouble;
use waybill_domain::money::{Currency, Money};
use waybill_domain::ports::PartnerError;

/// Digits after the point in Stripe's amounts.
fn decimals(currency: Currency) -> u32 {
    match currency.code() {
        // Both have no minor unit any more; Stripe goes on taking hundredths, which have to be zero.
        "ISK" | "UGX" => 2,
        // A fifth is its minor unit, which no decimal amount can say.
        "MGA" => 0,
        _ => currency.exponent(),
    }
}

/// The amount as Stripe takes it.
pub fn to_wire(money: Money) -> Result<i64, PartnerError> {
    let (ours, theirs) = (money.currency().exponent(), decimals(money.currency()));
    rescaled(money.minor(), ours, theirs).ok_or_else(|| PartnerError::Refused {
        code: "amount_invalid".to_owned(),
        message: format!("{money} cannot be said in the units the processor uses"),
    })
}

/// An amount Stripe gave.
pub fn from_wire(amount: i64, code: &str) -> Result<Money, PartnerError> {
    let nonsense = |what| Trouble::Nonsense("Stripe", what).broken();
    let currency = Currency::try_from(code.to_uppercase()).map_err(|_| nonsense("an unknown currency"))?;
    let minor = rescaled(amount, decimals(currency), currency.exponent());
    minor.map(|minor| Money::new(minor, currency)).ok_or_else(|| nonsense("an amount in no whole minor units"))
}

fn rescaled(amount: i64, from: u32, to: u32) -> Option<i64> {
    let more = 10_i64.checked_pow(to.saturating_sub(from))?;
    let less = 10_i64.checked_pow(from.saturating_sub(to))?;
    let scaled = amount.checked_mul(more)?;
    (scaled % less == 0).then_some(scaled / less)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor: i64, code: &str) -> Money {
        Money::new(minor, Currency::try_from(code.to_owned()).unwrap())
    }

    #[test]
    fn amounts_go_out_and_come_back_in_stripes_units() {
        #[rustfmt::skip]
        let table = [
            (money(1_099, "USD"), 1_099), (money(1_205, "JPY"), 1_205), (money(1_230, "KWD"), 1_230),
            (money(500, "ISK"), 50_000),  (money(7, "UGX"), 700),       (money(50, "MGA"), 5),
        ];
        for (ours, theirs) in table {
            assert_eq!(to_wire(ours).unwrap(), theirs, "{ours}");
            let code = ours.currency().code().to_lowercase();
            assert_eq!(from_wire(theirs, &code).unwrap(), ours, "{ours}");
        }
    }

    #[test]
    fn stripes_currencies_without_decimals_have_none_here_either() {
        let none = ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];
        for code in none {
            assert_eq!(decimals(money(0, code).currency()), 0, "{code}");
        }
    }

    #[test]
    fn what_cannot_be_said_is_refused_and_never_rounded() {
        assert!(matches!(to_wire(money(51, "MGA")), Err(PartnerError::Refused { .. })));
        assert!(matches!(to_wire(money(i64::MAX, "ISK")), Err(PartnerError::Refused { .. })));
        assert!(matches!(from_wire(501, "isk"), Err(PartnerError::Broken(_))));
        assert!(matches!(from_wire(501, "xxq"), Err(PartnerError::Broken(_))));
    }
}
