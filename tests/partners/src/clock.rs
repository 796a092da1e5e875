//! The time the partners live in.

use crate::kept::Kept;
use jiff::{SignedDuration, Timestamp};

/// Tells the partners what time it is.
pub trait Clock: Send + Sync + 'static {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The machine's own clock: what [`crate::Partners::start`] uses.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock which moves only when it is told to, for tests of what expires.
#[derive(Debug)]
pub struct StoppedClock(Kept<Timestamp>);

impl StoppedClock {
    /// A clock standing at `at`.
    #[must_use]
    pub fn at(at: Timestamp) -> Self {
        Self(Kept::new(at))
    }

    /// Moves the clock forward (or back, if `by` is negative); past the end of time it stays where it is.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.0.lock();
        *now = now.checked_add(by).unwrap_or(*now);
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock()
    }
}

impl<C: Clock> Clock for std::sync::Arc<C> {
    fn now(&self) -> Timestamp {
        self.as_ref().now()
    }
}
