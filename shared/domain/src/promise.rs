//! The delivery date promised at the door.

use crate::catalog::{Calendar, Service, Site};
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

/// How far ahead a working day is looked for. A calendar without one in a year promises nothing.
const HORIZON_DAYS: u16 = 366;

/// What the shopper is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// Handed to the carrier by this day, at the site.
    pub ship_by: Date,
    /// At the door by this day.
    pub deliver_by: Date,
}

/// No working day within a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the site has no working day within a year")]
pub struct NeverShips;

/// The promise for an order placed `at`: the site's next working day not yet past its cut-off, then the
/// service's transit in business days (Monday to Friday).
///
/// # Errors
/// `NeverShips` when the calendar has no working day within a year.
pub fn promise(site: &Site, service: &Service, at: Timestamp) -> Result<Promise, NeverShips> {
    arriving(service, ships_on(&site.calendar, at)?)
}

fn arriving(service: &Service, ship_by: Date) -> Result<Promise, NeverShips> {
    let business = |day: Date| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let mut deliver_by = ship_by;
    for _ in 0..service.transit_days {
        deliver_by = next(deliver_by, business)?;
    }
    Ok(Promise { ship_by, deliver_by })
}

/// The promise for an order that waits for units which are due on `due`: they are there to be shipped from the working day
/// after it.
///
/// # Errors
/// `NeverShips` when the calendar has no working day within a year.
pub fn promise_after(site: &Site, service: &Service, at: Timestamp, due: Date) -> Result<Promise, NeverShips> {
    let there = next(due, |day| site.calendar.works_on(day))?;
    arriving(service, there.max(ships_on(&site.calendar, at)?))
}

fn ships_on(calendar: &Calendar, at: Timestamp) -> Result<Date, NeverShips> {
    let local = at.to_zoned(calendar.time_zone());
    if calendar.works_on(local.date()) && local.time() < calendar.cut_off() {
        return Ok(local.date());
    }
    next(local.date(), |day| calendar.works_on(day))
}

/// The first day after `day` that is `wanted`.
fn next(day: Date, wanted: impl Fn(Date) -> bool) -> Result<Date, NeverShips> {
    let mut candidate = day;
    for _ in 0..HORIZON_DAYS {
        candidate = candidate.tomorrow().map_err(|_| NeverShips)?;
        if wanted(candidate) {
            return Ok(candidate);
        }
    }
    Err(NeverShips)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn site(days: &[i8]) -> Site {
        serde_json::from_value(json!({
            "id": "main",
            "address": {"name":"W","line1":"1 Dock","city":"Reno","region":"NV","postal_code":"89501","country":"US"},
            "calendar": {"time_zone":"America/New_York","cut_off":"14:00:00","working_days":days,"holidays":["2026-11-26"]}
        }))
        .unwrap()
    }

    fn service(transit_days: u8) -> Service {
        serde_json::from_value(json!({"name":"standard","carrier_services":["X"],"transit_days":transit_days})).unwrap()
    }

    #[test]
    fn promises_follow_cut_off_weekends_and_holidays() {
        // (placed at, UTC; ship by; deliver by after two business days). New York is UTC-5 in November.
        let table = [
            ("2026-11-23T18:59:00Z", "2026-11-23", "2026-11-25"), // Monday 13:59
            ("2026-11-23T19:00:00Z", "2026-11-24", "2026-11-26"), // Monday 14:00: too late
            ("2026-11-25T20:00:00Z", "2026-11-27", "2026-12-01"), // Wednesday late; Thursday is a holiday
            ("2026-11-21T12:00:00Z", "2026-11-23", "2026-11-25"), // Saturday
        ];
        for (at, ship_by, deliver_by) in table {
            let promised = promise(&site(&[1, 2, 3, 4, 5]), &service(2), at.parse().unwrap()).unwrap();
            let expected = Promise { ship_by: ship_by.parse().unwrap(), deliver_by: deliver_by.parse().unwrap() };
            assert_eq!(promised, expected, "{at}");
        }
    }

    #[test]
    fn what_is_due_later_ships_from_the_working_day_after() {
        let table = [
            ("2026-12-04", "2026-12-07", "2026-12-09"), // due on a Friday
            ("2026-11-25", "2026-11-27", "2026-12-01"), // Thursday is a holiday
            ("2026-11-20", "2026-11-24", "2026-11-26"), // overdue: no earlier than what is here
        ];
        for (due, ship_by, deliver_by) in table {
            let at = "2026-11-23T19:00:00Z".parse().unwrap();
            let promised = promise_after(&site(&[1, 2, 3, 4, 5]), &service(2), at, due.parse().unwrap()).unwrap();
            let expected = Promise { ship_by: ship_by.parse().unwrap(), deliver_by: deliver_by.parse().unwrap() };
            assert_eq!(promised, expected, "{due}");
        }
    }
}
