//! The time the partners live in.

use crate::kept::Kept;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

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

impl<C: Clock> Clock for Arc<C> {
    fn now(&self) -> Timestamp {
        self.as_ref().now()
    }
}

/// A clock that goes with another one and can be set ahead of it: what `POST /_control/clock` moves.
pub struct MovableClock {
    base: Box<dyn Clock>,
    ahead: Kept<SignedDuration>,
}

impl MovableClock {
    /// A clock which, until it is moved, says what `base` says.
    pub fn new(base: impl Clock) -> Self {
        Self { base: Box::new(base), ahead: Kept::default() }
    }

    /// Moves it forward for good; past the end of time it stays where it is.
    pub fn advance(&self, by: SignedDuration) {
        let base = self.base.now();
        let mut ahead = self.ahead.lock();
        let moved = ahead.checked_add(by).filter(|moved| base.checked_add(*moved).is_ok());
        *ahead = moved.unwrap_or(*ahead);
    }

    /// How far it has been moved.
    pub fn ahead(&self) -> SignedDuration {
        *self.ahead.lock()
    }

    /// The time it would be had nobody moved it: the time whoever checks a signature lives in.
    pub fn unmoved(&self) -> Timestamp {
        self.base.now()
    }
}

impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        let base = self.base.now();
        base.checked_add(self.ahead()).unwrap_or(base)
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock as _, MovableClock, SignedDuration, StoppedClock, Timestamp};

    #[test]
    fn a_movable_clock_starts_with_its_base_and_keeps_what_it_was_moved_by() {
        let clock = MovableClock::new(StoppedClock::at(Timestamp::UNIX_EPOCH));
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
        clock.advance(SignedDuration::from_secs(90));
        clock.advance(SignedDuration::from_secs(10));
        assert_eq!((clock.now().as_second(), clock.unmoved().as_second()), (100, 0));
        clock.advance(SignedDuration::MAX);
        assert_eq!(clock.now().as_second(), 100);
    }
}
