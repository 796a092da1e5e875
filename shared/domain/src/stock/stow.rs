//! Units that differ: by bin, lot, serial number or expiry; and which of them go first.

use crate::id::{BinId, LotId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What tells units of an item at a site from others.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stow {
    /// May be sold up to the day before this one. The first in the order of stows: what expires first goes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Date>,
    /// The maker's lot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<LotId>,
    /// One unit's serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<LotId>,
    /// Where it lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bin: Option<BinId>,
}

impl Stow {
    /// The part that adapters' keys cannot tell from an absent one: `-`, and the last day of the year 9999.
    fn ambiguous(&self) -> Option<&'static str> {
        let dash = |id: Option<&str>| id == Some("-");
        match () {
            () if self.expires.is_some_and(|day| day >= jiff::civil::date(9999, 12, 31)) => Some("expires"),
            () if dash(self.lot.as_ref().map(LotId::as_str)) => Some("lot"),
            () if dash(self.serial.as_ref().map(LotId::as_str)) => Some("serial"),
            () if dash(self.bin.as_ref().map(BinId::as_str)) => Some("bin"),
            () => None,
        }
    }
}

/// What an item's units are told apart by. With none of it, a site has just a number of units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "four questions about an item, each answered for itself")]
pub struct Tracking {
    /// By bin.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bin: bool,
    /// By lot.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lot: bool,
    /// One by one, by serial number.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub serial: bool,
    /// By the day they expire.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expiry: bool,
}

impl Tracking {
    /// Are all units alike?
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// The stow, if it says what the item asks for and nothing else; else the field and the rule.
    ///
    /// # Errors
    /// The name of the first field that is missing, or too many, and the rule.
    pub fn check(&self, stow: Stow) -> Result<Option<Stow>, (&'static str, &'static str)> {
        let asked = [
            ("expires", self.expiry, stow.expires.is_some()),
            ("lot", self.lot, stow.lot.is_some()),
            ("serial", self.serial, stow.serial.is_some()),
            ("bin", self.bin, stow.bin.is_some()),
        ];
        if let Some(name) = stow.ambiguous() {
            return Err((name, "stands for having none"));
        }
        for (name, asked, given) in asked {
            match (asked, given) {
                (true, false) => return Err((name, "is needed: the item is kept by it")),
                (false, true) => return Err((name, "is not something this item is kept by")),
                (true, true) | (false, false) => {}
            }
        }
        Ok((!self.is_none()).then_some(stow))
    }
}

/// Units of one stow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picked {
    /// Which.
    pub stow: Stow,
    /// How many.
    pub quantity: u32,
}

/// A stow and what is free of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stocked {
    /// Which.
    pub stow: Stow,
    /// Units not spoken for.
    pub free: i64,
}

/// `quantity` units, first expired first out; without an expiry last, then by lot, serial number and bin. What has
/// expired by `today` is left where it is. `None`: there are not so many.
#[must_use]
pub fn fefo(stocked: &[Stocked], quantity: u32, today: Date) -> Option<Vec<Picked>> {
    let mut fit: Vec<&Stocked> = stocked.iter().filter(|one| one.stow.expires.is_none_or(|day| day > today)).collect();
    fit.sort_by_key(|one| (one.stow.expires.is_none(), &one.stow));
    let mut wanted = quantity;
    let mut picked = Vec::new();
    for one in fit {
        let taken = u32::try_from(one.free.max(0)).unwrap_or(u32::MAX).min(wanted);
        if taken > 0 {
            wanted -= taken;
            picked.push(Picked { stow: one.stow.clone(), quantity: taken });
        }
    }
    (wanted == 0).then_some(picked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lot(name: &str, expires: Option<&str>, free: i64) -> Stocked {
        let expires = expires.map(|day| day.parse().unwrap());
        Stocked { stow: Stow { lot: Some(name.parse().unwrap()), expires, ..Stow::default() }, free }
    }

    #[test]
    fn what_expires_first_goes_first_and_what_has_expired_stays() {
        let today: Date = "2026-06-01".parse().unwrap();
        let there = [
            lot("none", None, 9),
            lot("late", Some("2027-01-01"), 9),
            lot("gone", Some("2026-06-01"), 9),
            lot("soon", Some("2026-06-02"), 2),
        ];
        let names = |quantity| {
            let picked = fefo(&there, quantity, today)?;
            let name = |one: &Picked| (one.stow.lot.clone().unwrap().to_string(), one.quantity);
            Some(picked.iter().map(name).collect::<Vec<_>>())
        };
        assert_eq!(names(3), Some(vec![("soon".into(), 2), ("late".into(), 1)]));
        assert_eq!(names(20), Some(vec![("soon".into(), 2), ("late".into(), 9), ("none".into(), 9)]));
        assert_eq!(names(21), None);
    }

    #[test]
    fn a_stow_says_what_the_item_asks_for_and_nothing_else() {
        let tracking = Tracking { lot: true, ..Tracking::default() };
        assert_eq!(tracking.check(Stow::default()).map_err(|(name, _)| name), Err("lot"));
        assert_eq!(Tracking::default().check(lot("x", None, 1).stow).map_err(|(name, _)| name), Err("lot"));
        assert_eq!(Tracking::default().check(Stow::default()), Ok(None));
        assert!(tracking.check(lot("x", None, 1).stow).is_ok_and(|stow| stow.is_some()));
        assert_eq!(tracking.check(lot("-", None, 1).stow).map_err(|(name, _)| name), Err("lot"));
    }
}
