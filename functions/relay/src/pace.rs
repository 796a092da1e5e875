//! Starts of the workflow, spread over time.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// One invocation's share of the account's start rate.
#[derive(Debug)]
pub struct Pace {
    gap: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// `per_second` starts for the account, shared by `concurrency` invocations; zero of either counts as one.
    #[must_use]
    pub fn new(per_second: u32, concurrency: u32) -> Self {
        let gap = Duration::from_secs(1) * concurrency.max(1) / per_second.max(1);
        Self { gap, next: Mutex::new(None) }
    }

    /// How long the caller has to wait before the next start; its slot is taken.
    #[must_use]
    pub fn take(&self, now: Instant) -> Duration {
        let Ok(mut next) = self.next.lock() else { return self.gap };
        let slot = next.map_or(now, |next| next.max(now));
        *next = Some(slot + self.gap);
        slot - now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_are_a_gap_apart_and_time_unused_is_not_saved_up() {
        let pace = Pace::new(10, 2);
        let begin = Instant::now();
        assert_eq!(pace.take(begin), Duration::ZERO);
        assert_eq!(pace.take(begin), Duration::from_millis(200));
        assert_eq!(pace.take(begin), Duration::from_millis(400));
        let later = begin + Duration::from_mins(1);
        assert_eq!(pace.take(later), Duration::ZERO);
        assert_eq!(pace.take(later), Duration::from_millis(200));
    }
}
