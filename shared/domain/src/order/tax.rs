//! Taxes on a price: an amount the caller states or rates we apply, on top of the price or contained in it. The rule is
//! published in docs/pricing.md.

use super::cart::{CartError, field, too_large};
use crate::money::Money;
use crate::text::Text;
use serde::{Deserialize, Serialize};

/// Taxes on one line, or on the shipping.
pub const MAX_TAXES: usize = 6;

/// The whole, in millionths.
const WHOLE: u32 = 1_000_000;
/// Digits after the point of a rate.
const DECIMALS: usize = 6;

/// A tax rate as a fraction of the price, exact to the millionth: `0.0825` is 8.25 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rate(u32);

/// Why a text is no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a decimal fraction of 0 to 10 with at most 6 decimals, such as \"0.0825\"")]
pub struct InvalidRate;

impl Rate {
    /// In millionths.
    #[must_use]
    pub fn millionths(self) -> u32 {
        self.0
    }
}

impl TryFrom<String> for Rate {
    type Error = InvalidRate;

    fn try_from(text: String) -> Result<Self, InvalidRate> {
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || whole.len() > 2 || decimals.len() > DECIMALS {
            return Err(InvalidRate);
        }
        let number = |text: &str| text.parse::<u32>().map_err(|_| InvalidRate);
        let millionths = number(whole)? * WHOLE + number(&format!("{decimals:0<DECIMALS$}"))?;
        if millionths > 10 * WHOLE { Err(InvalidRate) } else { Ok(Self(millionths)) }
    }
}

impl From<Rate> for String {
    fn from(rate: Rate) -> Self {
        rate.to_string()
    }
}

impl std::fmt::Display for Rate {
    /// Without needless zeros: `0.2`, not `0.200000`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{}.{:0DECIMALS$}", self.0 / WHOLE, self.0 % WHOLE);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// A tax of a cart, which we compute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CartTax {
    /// What invoices call it.
    pub name: Text<40>,
    /// The rate.
    pub rate: Rate,
    /// Contained in the price, rather than on top of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub included: bool,
}

/// A tax as computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tax {
    /// What invoices call it.
    pub name: Text<40>,
    /// The rate.
    pub rate: Rate,
    /// How much.
    pub amount: Money,
}

/// What a cart says about the taxes on a price.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taxation<'a> {
    /// The amount the caller states.
    pub(super) tax: Option<Money>,
    /// Is that contained in the price?
    pub(super) tax_included: bool,
    /// The rates the caller leaves to us.
    pub(super) taxes: &'a [CartTax],
}

/// The taxes on a price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Taxed {
    /// All of them.
    pub(super) tax: Money,
    /// Contained in the price?
    pub(super) included: bool,
    /// One by one, where we computed them.
    pub(super) taxes: Vec<Tax>,
}

impl Taxation<'_> {
    /// The taxes on `price`, which already has its discount; errors name fields of `at`.
    pub(super) fn on(self, price: Money, at: &str) -> Result<Taxed, CartError> {
        let Self { tax, tax_included, taxes } = self;
        if taxes.is_empty() {
            let tax = tax.unwrap_or(Money::zero(price.currency()));
            if tax_included && tax.minor() > price.minor() {
                return Err(field(format!("{at}/tax"), "is more than the price that includes it"));
            }
            return Ok(Taxed { tax, included: tax_included, taxes: Vec::new() });
        }
        if tax.is_some() {
            return Err(field(format!("{at}/taxes"), "must not stand beside tax: state the one or the other"));
        }
        if tax_included {
            return Err(field(format!("{at}/tax_included"), "is about tax: each of taxes says it for itself"));
        }
        if taxes.len() > MAX_TAXES {
            return Err(field(format!("{at}/taxes"), format!("must be at most {MAX_TAXES}")));
        }
        let included = taxes[0].included;
        if taxes.iter().any(|tax| tax.included != included) {
            return Err(field(format!("{at}/taxes"), "must be all included in the price or all on top of it"));
        }
        computed(price, taxes, included).ok_or_else(|| too_large(at))
    }
}

/// Each tax, rounded for itself, half away from zero. Included ones are taken out of the price together, so that no
/// minor unit is lost between them, and fall to each by its rate, largest remainder first. `None` beyond 64 bits.
fn computed(price: Money, taxes: &[CartTax], included: bool) -> Option<Taxed> {
    let rates = taxes.iter().map(|tax| tax.rate.0);
    let amounts = if included {
        let sum: u32 = rates.clone().sum();
        let weights: Vec<u64> = rates.map(u64::from).collect();
        price.fraction(sum, WHOLE + sum).ok()?.allocate(&weights)
    } else {
        rates.map(|rate| price.fraction(rate, WHOLE).ok()).collect::<Option<Vec<_>>>()?
    };
    let tax = amounts.iter().try_fold(Money::zero(price.currency()), |sum, amount| sum.plus(*amount)).ok()?;
    let named = taxes.iter().zip(amounts);
    let taxes = named.map(|(tax, amount)| Tax { name: tax.name.clone(), rate: tax.rate, amount }).collect();
    Some(Taxed { tax, included, taxes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use proptest::prelude::*;

    fn rate(text: &str) -> Result<Rate, InvalidRate> {
        Rate::try_from(text.to_owned())
    }

    #[test]
    fn a_rate_is_a_plain_decimal_fraction_and_nothing_else() {
        let table = [
            ("0", 0, "0"),
            ("0.0", 0, "0"),
            ("0.0825", 82_500, "0.0825"),
            ("0.20", 200_000, "0.2"),
            ("0.000001", 1, "0.000001"),
            ("1", 1_000_000, "1"),
            ("10", 10_000_000, "10"),
            ("10.000000", 10_000_000, "10"),
        ];
        for (text, millionths, shown) in table {
            let rate = rate(text).unwrap();
            assert_eq!((rate.millionths(), rate.to_string().as_str()), (millionths, shown), "{text}");
        }
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "-0.1",
            "+0.1",
            "0,1",
            "1e-2",
            " 0.1",
            "0.0000001",
            "10.000001",
            "11",
            "99.5",
            "100",
            "0x1",
            "٠.١",
        ] {
            assert_eq!(rate(text), Err(InvalidRate), "{text}");
        }
        for number in ["0.0825", "0", "1"] {
            assert!(serde_json::from_str::<Rate>(number).is_err(), "a JSON number {number}");
        }
    }

    proptest! {
        #[test]
        fn included_taxes_add_up_and_leave_what_the_rates_are_of(minor in 0..=i64::MAX, rates in prop::collection::vec(0_u32..=10_000_000, 1..=MAX_TAXES)) {
            let price = Money::new(minor, Currency::try_from("KWD".to_owned()).unwrap());
            let name: Text<40> = "VAT".to_owned().try_into().unwrap();
            let taxes: Vec<_> = rates.iter().map(|rate| CartTax { name: name.clone(), rate: Rate(*rate), included: true }).collect();
            let taxed = Taxation { tax: None, tax_included: false, taxes: &taxes }.on(price, "/lines/0").unwrap();
            let sum: i64 = taxed.taxes.iter().map(|tax| tax.amount.minor()).sum();
            prop_assert_eq!(sum, taxed.tax.minor());
            prop_assert!(taxed.taxes.iter().all(|tax| !tax.amount.is_negative()) && sum <= minor);
            // Net times the rates is the tax again, to within the rounding of the tax.
            let all: i128 = rates.iter().map(|rate| i128::from(*rate)).sum();
            let off = i128::from(minor - sum) * all - i128::from(sum) * 1_000_000;
            prop_assert!(2 * off.abs() <= all + 1_000_000);
        }

        #[test]
        fn a_tax_on_top_does_not_depend_on_the_others(minor in 0_i64..1_000_000_000, rates in prop::collection::vec(0_u32..=10_000_000, 1..=MAX_TAXES)) {
            let price = Money::new(minor, Currency::try_from("JPY".to_owned()).unwrap());
            let name: Text<40> = "GST".to_owned().try_into().unwrap();
            let taxes: Vec<_> = rates.iter().map(|rate| CartTax { name: name.clone(), rate: Rate(*rate), included: false }).collect();
            let taxed = computed(price, &taxes, false).unwrap();
            for (tax, alone) in taxed.taxes.iter().zip(&taxes) {
                prop_assert_eq!(tax.amount, computed(price, std::slice::from_ref(alone), false).unwrap().tax);
            }
        }
    }
}
