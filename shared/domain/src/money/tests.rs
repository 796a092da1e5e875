//! Money: rounding, sharing out, and the ends of 64 bits.

use super::*;
use proptest::prelude::*;

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::try_from("USD".to_owned()).unwrap())
}

#[test]
fn currencies_have_their_own_digits() {
    let show = |minor, code: &str| Money::new(minor, Currency::try_from(code.to_owned()).unwrap()).to_string();
    assert_eq!(show(-1205, "USD"), "-12.05 USD");
    assert_eq!(show(1205, "JPY"), "1205 JPY");
    assert_eq!(show(1205, "KWD"), "1.205 KWD");
    assert!(Currency::try_from("XXQ".to_owned()).is_err());
    assert!(Currency::try_from("usd".to_owned()).is_err());
}

#[test]
fn mixed_currencies_and_overflow_are_errors() {
    let eur = Money::new(1, Currency::try_from("EUR".to_owned()).unwrap());
    assert!(matches!(usd(1).plus(eur), Err(MoneyError::MixedCurrencies(..))));
    assert_eq!(usd(i64::MAX).plus(usd(1)), Err(MoneyError::Overflow));
    assert_eq!(usd(i64::MAX).times(2), Err(MoneyError::Overflow));
}

#[test]
fn fractions_are_rounded_half_away_from_zero() {
    let table = [
        (1, 1, 2, 1),
        (-1, 1, 2, -1),
        (1, 1, 3, 0),
        (2, 1, 3, 1),
        (-2, 1, 3, -1),
        (5, 1, 2, 3),
        (7, 0, 9, 0),
        (0, 7, 9, 0),
        (1_250, 1, 100, 13),
        (1_249, 1, 100, 12),
        (999, 82_500, 1_000_000, 82),
        (i64::MAX, 1, 1, i64::MAX),
        (i64::MIN, 1, 1, i64::MIN),
    ];
    for (minor, part, of, expected) in table {
        assert_eq!(usd(minor).fraction(part, of), Ok(usd(expected)), "{minor} * {part} / {of}");
    }
    assert_eq!(usd(i64::MAX).fraction(3, 2), Err(MoneyError::Overflow));
    assert_eq!(usd(i64::MIN).fraction(u32::MAX, 1), Err(MoneyError::Overflow));
}

/// What people pay, and what does not fit 64 bits when it is multiplied.
fn any_minor() -> impl Strategy<Value = i64> {
    prop_oneof![-1_000_000_000_i64..1_000_000_000, any::<i64>()]
}

proptest! {
    #[test]
    fn a_fraction_is_never_off_by_more_than_half_a_minor_unit(minor in any::<i64>(), part in 0_u32..=60_000_000, of in 1_u32..=u32::MAX) {
        let Ok(rounded) = usd(minor).fraction(part, of) else { return Ok(()) };
        let off = i128::from(rounded.minor()) * i128::from(of) - i128::from(minor) * i128::from(part);
        prop_assert!(2 * off.abs() <= i128::from(of));
        prop_assert_eq!(usd(minor).negated().and_then(|m| m.fraction(part, of)).ok(), rounded.negated().ok());
    }

    #[test]
    fn allocation_never_loses_or_invents_a_minor_unit(minor in any_minor(), weights in prop::collection::vec(0_u64..1_000_000, 1..40)) {
        let parts = usd(minor).allocate(&weights);
        prop_assert_eq!(parts.len(), weights.len());
        prop_assert_eq!(parts.iter().map(|p| p.minor()).sum::<i64>(), minor);
    }

    #[test]
    fn shares_of_adjoining_ranges_add_up_to_the_whole(minor in any_minor(), of in 1_u32..500, cut in 0_u32..500) {
        let cut = cut.min(of);
        let (first, second) = (usd(minor).share(0, cut, of), usd(minor).share(cut, of, of));
        prop_assert_eq!(first.minor() + second.minor(), minor);
    }
}
