//! Inches, ounces and prices, in decimals and never in floats.

use super::nonsense;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Number;
use waybill_domain::money::{Currency, Money};
use waybill_domain::ports::PartnerError;

/// Millimetres in an inch: 25.4.
const MM_PER_INCH: Decimal = Decimal::from_parts(254, 0, 0, false, 1);
/// Grams in an ounce: 28.349523125.
const GRAMS_PER_OUNCE: Decimal = Decimal::from_parts(2_579_719_349, 6, 0, false, 9);

/// Millimetres in inches.
pub fn inches(millimetres: u32) -> Result<Number, PartnerError> {
    tenths(millimetres, MM_PER_INCH)
}

/// Grams in ounces.
pub fn ounces(grams: u32) -> Result<Number, PartnerError> {
    tenths(grams, GRAMS_PER_OUNCE)
}

/// One decimal, rounded up: a parcel declared too small is charged again later, with a fee.
fn tenths(amount: u32, unit: Decimal) -> Result<Number, PartnerError> {
    let exact = Decimal::from(amount).checked_div(unit).ok_or_else(|| nonsense("a measure beyond all measure"))?;
    let up = exact.round_dp_with_strategy(1, RoundingStrategy::AwayFromZero).normalize();
    serde_json::from_str(&up.to_string()).map_err(|_| nonsense("a measure that is no number"))
}

/// A price such as `7.58` and `USD`.
pub fn price(amount: &str, currency: &str) -> Result<Money, PartnerError> {
    let currency = Currency::try_from(currency.to_owned()).map_err(|_| nonsense("a price in an unknown currency"))?;
    let exact = Decimal::from_str_exact(amount).ok().filter(|exact| !exact.is_sign_negative());
    let minor = exact.and_then(|exact| exact.checked_mul(Decimal::from(10_u64.checked_pow(currency.exponent())?)));
    let whole = minor.filter(Decimal::is_integer).and_then(|minor| i64::try_from(minor).ok());
    whole.map(|minor| Money::new(minor, currency)).ok_or_else(|| nonsense("a price in no whole minor units"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_have_one_decimal_and_are_rounded_up() {
        let text = |number: Result<Number, PartnerError>| number.unwrap().to_string();
        #[rustfmt::skip]
        let table = [(0, "0"), (1, "0.1"), (254, "10"), (255, "10.1"), (256, "10.1"), (257, "10.2"), (u32::MAX, "169093200.6")];
        for (mm, expected) in table {
            assert_eq!(text(inches(mm)), expected, "{mm} mm");
        }
        for (grams, expected) in [(1, "0.1"), (28, "1"), (29, "1.1"), (454, "16.1"), (453, "16"), (1_000, "35.3")] {
            assert_eq!(text(ounces(grams)), expected, "{grams} g");
        }
        assert_eq!(GRAMS_PER_OUNCE.to_string(), "28.349523125");
    }

    #[test]
    fn prices_are_read_by_their_currency_and_never_rounded() {
        let minor = |amount, currency| price(amount, currency).map(Money::minor).ok();
        #[rustfmt::skip]
        let table = [
            (minor("7.58", "USD"), Some(758)),   (minor("8.20000", "USD"), Some(820)), (minor("5", "USD"), Some(500)),
            (minor("500", "JPY"), Some(500)),    (minor("1.205", "KWD"), Some(1_205)), (minor("0.00", "USD"), Some(0)),
            (minor("7.585", "USD"), None),       (minor("1.5", "JPY"), None),          (minor("-1.00", "USD"), None),
            (minor("7,58", "USD"), None),        (minor("", "USD"), None),             (minor("1e3", "USD"), None),
            (minor("7.58", "XXQ"), None),        (minor("99999999999999999999", "USD"), None),
        ];
        for (index, (read, expected)) in table.into_iter().enumerate() {
            assert_eq!(read, expected, "row {index}");
        }
    }
}
