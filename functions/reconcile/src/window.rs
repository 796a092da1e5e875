//! Which payments are compared, and by when a run has to be done.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use waybill_lambda::Fault;

/// How far back payments are compared, unless the event says otherwise: longer than a hold lasts.
const BACK: SignedDuration = SignedDuration::from_hours(8 * 24);
/// What is younger than this, unless the event says otherwise, is left for the next run: a call may be under way.
const SETTLED: SignedDuration = SignedDuration::from_mins(15);
/// What is left of the function's time for the report.
const FOR_THE_REPORT: SignedDuration = SignedDuration::from_secs(20);

/// Which payments are compared, and by when a run has to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Payments made since then, UTC.
    pub from: Timestamp,
    /// And before then: what is younger has not settled. An order that has changed since is left for the next run too.
    pub to: Timestamp,
    /// The run stops then.
    pub until: Timestamp,
}

impl Window {
    /// The 8 days before `now`, but for the last quarter of an hour.
    #[must_use]
    pub fn before(now: Timestamp, until: Timestamp) -> Self {
        Self { from: earlier(now, BACK), to: earlier(now, SETTLED), until }
    }

    /// [`Window::before`], or what the event says: `from` and `to`.
    ///
    /// # Errors
    /// `Malformed` for what is no time.
    pub fn of(event: &Value, now: Timestamp, until: Timestamp) -> Result<Self, Fault> {
        let usual = Self::before(now, until);
        let time = |name: &str, usual: Timestamp| match event.get(name).and_then(Value::as_str) {
            Some(text) => text.parse().map_err(|error: jiff::Error| Fault::Malformed(error.into())),
            None => Ok(usual),
        };
        Ok(Self { from: time("from", usual.from)?, to: time("to", usual.to)?, until })
    }

    /// When a run stops whose function is ended at `deadline`, in milliseconds since 1970.
    #[must_use]
    pub fn until(deadline: u64) -> Timestamp {
        let deadline = i64::try_from(deadline).ok().and_then(|deadline| Timestamp::from_millisecond(deadline).ok());
        earlier(deadline.unwrap_or(Timestamp::MAX), FOR_THE_REPORT)
    }

    /// Does it lie in the window?
    #[must_use]
    pub fn has(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

fn earlier(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_sub(by).unwrap_or(Timestamp::MIN)
}
