//! A clock that stands still.

use jiff::{SignedDuration, Timestamp};

/// Monday, 2 November 2026, noon UTC: a working day of every seeded site, before its cut-off.
const EPOCH: i64 = 1_793_620_800;

/// `seconds` after the tests' epoch.
#[must_use]
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(EPOCH + seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_epoch_is_a_monday_at_noon() {
        assert_eq!(at(0).to_string(), "2026-11-02T12:00:00Z");
        assert_eq!(at(61).to_string(), "2026-11-02T12:01:01Z");
    }
}
