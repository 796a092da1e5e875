//! Money in minor units of an ISO 4217 currency. Never a float.

use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// An ISO 4217 currency code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "String")]
pub struct Currency(&'static str);

// By hand: the derive would borrow the code from the input for ever.
impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::try_from(code).map_err(serde::de::Error::custom)
    }
}

impl Currency {
    /// The three-letter code.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0
    }

    /// Digits after the decimal point: 2 for USD, 0 for JPY, 3 for KWD.
    #[must_use]
    pub fn exponent(self) -> u32 {
        rusty_money::iso::find(self.0).map_or(2, |currency| currency.exponent)
    }
}

impl std::fmt::Debug for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;

    fn try_from(code: String) -> Result<Self, MoneyError> {
        let known = rusty_money::iso::find(&code).filter(|_| code.len() == 3);
        known
            .map(|currency| Self(currency.iso_alpha_code))
            .ok_or_else(|| MoneyError::UnknownCurrency(code.chars().filter(|c| !c.is_control()).take(8).collect()))
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.0.to_owned()
    }
}

/// An amount in minor units (cents for USD, yen for JPY, thousandths for KWD); may be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// Why an amount could not be computed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not in ISO 4217.
    #[error("`{0}` is no ISO 4217 currency")]
    UnknownCurrency(String),
    /// Two currencies in one sum.
    #[error("{0:?} and {1:?} cannot be mixed")]
    MixedCurrencies(Currency, Currency),
    /// Beyond the 64-bit range.
    #[error("the amount is too large")]
    Overflow,
}

impl Money {
    /// `minor` minor units of `currency`.
    #[must_use]
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in `currency`.
    #[must_use]
    pub fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// Minor units.
    #[must_use]
    pub fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// Less than nothing?
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.minor < 0
    }

    /// Exactly nothing?
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// The sum.
    ///
    /// # Errors
    /// Mixed currencies, or beyond 64 bits.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// The difference.
    ///
    /// # Errors
    /// Mixed currencies, or beyond 64 bits.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        let minor = self.minor.checked_sub(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// `quantity` times this.
    ///
    /// # Errors
    /// Beyond 64 bits.
    pub fn times(self, quantity: u32) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_mul(i64::from(quantity)).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// `part / of` of this, rounded to a whole minor unit, half away from zero.
    ///
    /// # Errors
    /// Beyond 64 bits.
    pub fn fraction(self, part: u32, of: u32) -> Result<Self, MoneyError> {
        let (part, of) = (i128::from(part), i128::from(of.max(1)));
        let size = (2 * i128::from(self.minor).abs() * part + of) / (2 * of);
        let minor = i64::try_from(size * i128::from(self.minor.signum())).map_err(|_| MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// The other sign.
    ///
    /// # Errors
    /// Beyond 64 bits.
    pub fn negated(self) -> Result<Self, MoneyError> {
        Self::zero(self.currency).minus(self)
    }

    /// What of this falls on units `from..to` of `of`: shares of adjoining ranges add up to the whole,
    /// because each is the difference of two rounded-down running totals.
    #[must_use]
    pub fn share(self, from: u32, to: u32, of: u32) -> Self {
        let running = |units: u32| match units {
            0 => 0,
            units if units >= of => i128::from(self.minor),
            units => divided(self.minor, i128::from(units), i128::from(of)).0,
        };
        // A share of an i64 fits an i64.
        let minor = i64::try_from(running(to) - running(from.min(to))).unwrap_or(self.minor);
        Self { minor, ..self }
    }

    /// Splits this by `weights`, largest remainder first, the earlier one on a tie: the parts add up
    /// to the whole. All weights zero: everything falls on the first part.
    #[must_use]
    pub fn allocate(self, weights: &[u64]) -> Vec<Self> {
        let total: i128 = weights.iter().map(|w| i128::from(*w)).sum();
        let exact = |w: &u64| if total == 0 { (0, 0) } else { divided(self.minor, i128::from(*w), total) };
        let mut parts: Vec<(i128, i128)> = weights.iter().map(exact).collect();
        let given: i128 = parts.iter().map(|(part, _)| part).sum();
        let mut left = i128::from(self.minor) - given;
        if total == 0 {
            if let Some(first) = parts.first_mut() {
                first.0 = left;
            }
            left = 0;
        }
        let mut by_remainder: Vec<usize> = (0..parts.len()).collect();
        by_remainder.sort_by_key(|index| std::cmp::Reverse(parts[*index].1));
        for index in by_remainder.into_iter().take(usize::try_from(left).unwrap_or(0)) {
            parts[index].0 += 1;
        }
        let part = |minor| Self { minor: i64::try_from(minor).unwrap_or(self.minor), ..self };
        parts.into_iter().map(|(minor, _)| part(minor)).collect()
    }

    fn same(self, other: Self) -> Result<(), MoneyError> {
        // Codes are of one table, so the same currency is nearly always at the same address.
        if std::ptr::eq(self.currency.0, other.currency.0) || self.currency == other.currency {
            return Ok(());
        }
        Err(MoneyError::MixedCurrencies(self.currency, other.currency))
    }
}

/// `minor * part / of`, rounded down, and the remainder. Amounts people pay fit 64 bits all the way, which divides several
/// times faster.
fn divided(minor: i64, part: i128, of: i128) -> (i128, i128) {
    let short = i64::try_from(part).ok().and_then(|part| minor.checked_mul(part)).zip(i64::try_from(of).ok());
    if let Some((product, of)) = short {
        return (product.div_euclid(of).into(), product.rem_euclid(of).into());
    }
    let product = i128::from(minor) * part;
    (product.div_euclid(of), product.rem_euclid(of))
}

impl std::fmt::Display for Money {
    /// `12.34 USD`, with as many digits as the currency has.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = self.currency.exponent();
        let unit = 10_u64.pow(digits);
        let (whole, part) = (self.minor.unsigned_abs() / unit, self.minor.unsigned_abs() % unit);
        let sign = if self.minor < 0 { "-" } else { "" };
        let code = self.currency.code();
        match digits {
            0 => write!(f, "{sign}{whole} {code}"),
            _ => write!(f, "{sign}{whole}.{part:0width$} {code}", width = digits as usize),
        }
    }
}
