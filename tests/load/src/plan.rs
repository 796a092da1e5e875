//! When orders arrive: planned before the first one, so that a slow answer cannot slow the next order down.

use serde::Serialize;
use std::time::Duration;

/// The relay takes up to 100 events at once and has 60 seconds: below this many starts a second a batch of first events
/// alone would outlast it.
pub const LEAST_QUOTA: u32 = 2;

/// A run of load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// How orders arrive.
    pub arrivals: Arrivals,
    /// Executions started a second: what the relay is held to, and the run is judged by.
    pub quota: u32,
    /// What the relay is told instead of the quota. Only a sabotaged run has any.
    pub told: Option<u32>,
    /// Orders that people carry through to the shopper's door.
    pub sample: usize,
}

/// How orders arrive over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrivals {
    /// At a rate that rises from nothing to `peak` orders a second in `seconds`.
    Rising {
        /// Orders a second at the end.
        peak: u32,
        /// From beginning to end.
        seconds: u32,
    },
    /// One every `every_ms`, for `seconds`.
    Steady {
        /// Milliseconds from one order to the next.
        every_ms: u32,
        /// From beginning to end.
        seconds: u32,
    },
}

impl Arrivals {
    /// When each order arrives, from the run's beginning, in order.
    #[must_use]
    pub fn planned(self) -> Vec<Duration> {
        match self {
            Self::Rising { peak, seconds } => {
                let (peak, length) = (u64::from(peak).max(1), u64::from(seconds) * 1_000);
                // By the time t, peak·t²/(2·length) orders have arrived.
                let at = |order: u64| (2 * order * 1_000 * length / peak).isqrt();
                (1..u64::MAX).map(at).take_while(|at| *at <= length).map(Duration::from_millis).collect()
            }
            Self::Steady { every_ms, seconds } => {
                let (every, length) = (u64::from(every_ms).max(1), u64::from(seconds) * 1_000);
                (1..=length / every).map(|order| Duration::from_millis(order * every)).collect()
            }
        }
    }

    /// From the first order to the last, in seconds.
    #[must_use]
    pub fn seconds(self) -> u32 {
        match self {
            Self::Rising { seconds, .. } | Self::Steady { seconds, .. } => seconds,
        }
    }
}

impl Plan {
    /// What the relay is told, as parameters of the template. The local AWS runs one relay at a time, so that one has the
    /// whole quota.
    #[must_use]
    pub fn parameters(&self) -> [(&'static str, String); 2] {
        let told = self.told.unwrap_or(self.quota);
        [("StartsPerSecond", told.to_string()), ("RelayConcurrency", "1".to_owned())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rising_rate_ends_at_its_peak() {
        let planned = Arrivals::Rising { peak: 20, seconds: 30 }.planned();
        assert_eq!(planned.len(), 300, "half of what the peak would have made");
        let within =
            |from: u64, to: u64| planned.iter().filter(|at| (from * 1_000..to * 1_000).contains(&millis(**at))).count();
        assert_eq!((within(0, 1), within(14, 15), within(29, 30)), (0, 9, 19));
        assert!(planned.is_sorted());
    }

    #[test]
    fn a_steady_rate_is_even() {
        let planned = Arrivals::Steady { every_ms: 500, seconds: 2 }.planned();
        assert_eq!(planned.into_iter().map(millis).collect::<Vec<_>>(), [500, 1_000, 1_500, 2_000]);
    }

    fn millis(at: Duration) -> u64 {
        u64::try_from(at.as_millis()).unwrap()
    }
}
