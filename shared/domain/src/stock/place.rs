//! The names of places: in a statement, among drifts, and as the sort keys of counters.

use super::counter::Place;
use super::stow::Stow;
use crate::id::{BinId, LotId};
use jiff::civil::Date;
use std::fmt;
use std::str::FromStr;

const NETWORK: &str = "ATP";
const SITE: &str = "SITE#";
const STOW: &str = "#STOW#";
const ANNOUNCED: &str = "ANNOUNCED#";
/// In place of a day, the last of them: what does not expire comes last.
const NEVER: &str = "9999-12-31";
/// In place of a lot, a serial number or a bin.
const NOTHING: &str = "-";

/// Not the name of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("names no place of counters")]
pub struct InvalidPlace;

/// What expires first stands first among the stows of a site, and those stand right behind it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network => f.write_str(NETWORK),
            Self::Site(site) => write!(f, "{SITE}{site}"),
            Self::Stow(site, stow) => {
                let expires = stow.expires.map_or_else(|| NEVER.to_owned(), |day| day.to_string());
                let lot = stow.lot.as_ref().map_or(NOTHING, LotId::as_str);
                let serial = stow.serial.as_ref().map_or(NOTHING, LotId::as_str);
                let bin = stow.bin.as_ref().map_or(NOTHING, BinId::as_str);
                write!(f, "{SITE}{site}{STOW}{expires}#{lot}#{serial}#{bin}")
            }
            Self::Announced(document) => write!(f, "{ANNOUNCED}{document}"),
        }
    }
}

impl FromStr for Place {
    type Err = InvalidPlace;

    fn from_str(name: &str) -> Result<Self, InvalidPlace> {
        if name == NETWORK {
            return Ok(Self::Network);
        }
        if let Some(document) = name.strip_prefix(ANNOUNCED) {
            return Ok(Self::Announced(legal(document)?));
        }
        let at_site = name.strip_prefix(SITE).ok_or(InvalidPlace)?;
        match at_site.split_once(STOW) {
            None => Ok(Self::Site(legal(at_site)?)),
            Some((site, units)) => Ok(Self::Stow(legal(site)?, stow(units)?)),
        }
    }
}

fn legal<T: FromStr>(text: &str) -> Result<T, InvalidPlace> {
    text.parse().map_err(|_| InvalidPlace)
}

fn stow(name: &str) -> Result<Stow, InvalidPlace> {
    let parts: Vec<&str> = name.split('#').collect();
    let &[expires, lot, serial, bin] = parts.as_slice() else { return Err(InvalidPlace) };
    let expires = if expires == NEVER { None } else { Some(legal::<Date>(expires)?) };
    Ok(Stow { expires, lot: part(lot)?, serial: part(serial)?, bin: part(bin)? })
}

fn part<T: FromStr>(text: &str) -> Result<Option<T>, InvalidPlace> {
    if text == NOTHING { Ok(None) } else { legal(text).map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id<T: FromStr<Err: fmt::Debug>>(text: &str) -> T {
        text.parse().unwrap()
    }

    #[test]
    fn a_place_is_found_again_by_its_name() {
        let stow = Stow {
            expires: Some(id("2027-01-31")),
            lot: Some(id("L-1")),
            serial: Some(id("S.1")),
            bin: Some(id("A_01")),
        };
        let bin = Stow { bin: Some(id("A_01")), ..Stow::default() };
        let table = [
            (Place::Network, "ATP"),
            (Place::Site(id("reno")), "SITE#reno"),
            (Place::Stow(id("reno"), stow), "SITE#reno#STOW#2027-01-31#L-1#S.1#A_01"),
            (Place::Stow(id("reno"), bin), "SITE#reno#STOW#9999-12-31#-#-#A_01"),
            (Place::Announced(id("doc-1")), "ANNOUNCED#doc-1"),
        ];
        for (place, name) in table {
            assert_eq!((place.to_string().as_str(), name.parse()), (name, Ok(place)));
        }
    }

    #[test]
    fn what_names_no_place_is_none() {
        for name in [
            "",
            "HOLD",
            "ATP#1",
            "SITE#",
            "SITE#Main Street",
            "SITE#reno#STOW#2027-13-01#-#-#-",
            "SITE#reno#STOW#2027-01-01#-#-",
            "SITE#reno#STOW#2027-01-01#-#-#-#-",
            "ANNOUNCED#",
        ] {
            assert_eq!(name.parse::<Place>(), Err(InvalidPlace), "{name}");
        }
    }
}
