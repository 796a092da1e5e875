//! Counts that may be halves or shares, kept as whole thousandths.

use serde::{Serialize, Serializer};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

/// A count in thousandths. An eventually consistent read costs half a unit, and a call that served
/// three orders costs each a third.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Units(u64);

impl Units {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// One half, the price of an eventually consistent read.
    pub const HALF: Self = Self(500);

    /// A whole number.
    #[must_use]
    pub const fn whole(count: u64) -> Self {
        Self(count * 1000)
    }

    /// Read from a JSON number such as `2.0` or `0.5`; anything else is nothing.
    #[must_use]
    pub fn read(number: &serde_json::Value) -> Self {
        let text = number.to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
        let whole: u64 = whole.parse().unwrap_or_default();
        Self(whole * 1000 + thousandths.parse::<u64>().unwrap_or_default())
    }

    /// So many times.
    #[must_use]
    pub const fn times(self, count: u64) -> Self {
        Self(self.0 * count)
    }

    /// What is left, or nothing.
    #[must_use]
    pub const fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// One of `count` equal shares; `count` of zero counts as one.
    #[must_use]
    pub fn share(self, count: usize) -> Self {
        let count = u64::try_from(count).unwrap_or(u64::MAX).max(1);
        Self(self.0.saturating_add(count / 2) / count)
    }
}

impl Add for Units {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Units {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sum for Units {
    fn sum<I: Iterator<Item = Self>>(units: I) -> Self {
        units.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Units {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0 / 1000, self.0 % 1000);
        if fraction == 0 {
            return formatter.pad(&whole.to_string());
        }
        let text = format!("{whole}.{fraction:03}");
        formatter.pad(text.trim_end_matches('0'))
    }
}

impl Serialize for Units {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_multiple_of(1000) {
            return serializer.serialize_u64(self.0 / 1000);
        }
        let number: f64 = self.to_string().parse().map_err(serde::ser::Error::custom)?;
        serializer.serialize_f64(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_read_without_floats() {
        let read = |number| Units::read(&number).to_string();
        assert_eq!(read(json!(2.0)), "2");
        assert_eq!(read(json!(0.5)), "0.5");
        assert_eq!(read(json!(13)), "13");
        assert_eq!(read(json!("no number")), "0");
    }

    #[test]
    fn a_share_is_rounded_to_the_thousandth() {
        assert_eq!(Units::whole(1).share(3).to_string(), "0.333");
        assert_eq!(Units::whole(2).share(3).to_string(), "0.667");
        assert_eq!(Units::whole(7).share(0), Units::whole(7));
    }

    #[test]
    fn whole_counts_are_whole_in_json() {
        assert_eq!(serde_json::to_value(Units::whole(12)).unwrap(), json!(12));
        assert_eq!(serde_json::to_value(Units::HALF).unwrap(), json!(0.5));
    }
}
