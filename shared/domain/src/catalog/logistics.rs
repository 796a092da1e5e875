//! Sites, cartons and carriers.

use crate::address::{Address, Country};
use crate::id::{CartonId, SiteId};
use crate::money::Money;
use crate::text::Text;
use jiff::civil::{Date, Time, Weekday};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// A warehouse, store room or partner that holds stock and ships.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Its id.
    pub id: SiteId,
    /// Where parcels come from and returns go to.
    pub address: Address,
    /// For the carrier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Text<32>>,
    /// When it works.
    pub calendar: Calendar,
    /// Sites with a lower rank are used first.
    #[serde(default)]
    pub rank: u16,
}

/// When a site ships.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawCalendar", into = "RawCalendar")]
pub struct Calendar(RawCalendar);

/// A calendar as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawCalendar {
    /// IANA name, such as `America/New_York`.
    pub time_zone: String,
    /// Orders before this local time leave the same day.
    pub cut_off: Time,
    /// Working days, Monday is 1.
    pub working_days: Vec<i8>,
    /// Days nothing leaves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<Date>,
}

/// Why a calendar was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCalendar {
    /// Not in the IANA time zone database.
    #[error("time_zone is not in the IANA time zone database")]
    TimeZone,
    /// Not 1 to 7, or none at all.
    #[error("working_days must be one or more of 1 (Monday) to 7 (Sunday)")]
    WorkingDays,
}

impl Calendar {
    /// The time zone.
    #[must_use]
    pub fn time_zone(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::get(&self.0.time_zone).unwrap_or(jiff::tz::TimeZone::UTC)
    }

    /// Orders before this local time leave the same day.
    #[must_use]
    pub fn cut_off(&self) -> Time {
        self.0.cut_off
    }

    /// Does the site ship on that day?
    #[must_use]
    pub fn works_on(&self, day: Date) -> bool {
        let number = day.weekday().to_monday_one_offset();
        self.0.working_days.contains(&number) && !self.0.holidays.contains(&day)
    }
}

impl TryFrom<RawCalendar> for Calendar {
    type Error = InvalidCalendar;

    fn try_from(raw: RawCalendar) -> Result<Self, InvalidCalendar> {
        if jiff::tz::TimeZone::get(&raw.time_zone).is_err() {
            return Err(InvalidCalendar::TimeZone);
        }
        let legal = raw.working_days.iter().all(|day| Weekday::from_monday_one_offset(*day).is_ok());
        if !legal || raw.working_days.is_empty() {
            return Err(InvalidCalendar::WorkingDays);
        }
        Ok(Self(raw))
    }
}

impl From<Calendar> for RawCalendar {
    fn from(calendar: Calendar) -> Self {
        calendar.0
    }
}

/// A box, as the carrier sees it: outer sizes, and its own weight, which is added to the goods'.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carton {
    /// Its id, as printed on the shelf.
    pub id: CartonId,
    /// Outer length in millimetres.
    pub length_mm: NonZeroU32,
    /// Outer width in millimetres.
    pub width_mm: NonZeroU32,
    /// Outer height in millimetres.
    pub height_mm: NonZeroU32,
    /// Grams when empty.
    pub empty_grams: NonZeroU32,
    /// Grams of goods it may hold.
    pub max_grams: NonZeroU32,
}

/// A carrier and its rate table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carrier {
    /// Its id.
    pub id: Text<32>,
    /// What shoppers may choose, and what it takes.
    pub services: Vec<Service>,
}

/// A shipping service: what the shopper chooses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The name orders use, such as `standard`.
    pub name: Text<32>,
    /// The carrier's own names for it, the preferred first.
    pub carrier_services: Vec<Text<64>>,
    /// Business days from hand-over to the door.
    pub transit_days: u8,
    /// Where it goes; empty: everywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<Country>,
    /// What a parcel costs up to each weight, lightest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rates: Vec<Rate>,
}

/// One step of a rate table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Parcels of at most this many grams.
    pub up_to_grams: NonZeroU32,
    /// Cost this much.
    pub price: Money,
}

impl Carrier {
    /// The service of that name, if it goes to `country`.
    #[must_use]
    pub fn service(&self, name: &str, country: &Country) -> Option<&Service> {
        let goes = |service: &&Service| service.countries.is_empty() || service.countries.contains(country);
        self.services.iter().filter(|service| service.name.as_str() == name).find(goes)
    }
}
