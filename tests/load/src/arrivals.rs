//! Places orders when they are due, whether or not those before have been answered.

use crate::scene::{Placed, Scene};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How one arrival went. Times are from the run's beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When it was due.
    pub planned: Duration,
    /// When the answer was there, or its lack was known.
    pub answered: Duration,
    /// The answer.
    pub placed: Placed,
}

impl Arrival {
    /// From when it was due, not from when it was sent: a generator that falls behind must not flatter what it measures.
    #[must_use]
    pub fn took_ms(&self) -> u64 {
        u64::try_from(self.answered.saturating_sub(self.planned).as_millis()).unwrap_or(u64::MAX)
    }

    /// The order's id, if it was accepted.
    #[must_use]
    pub fn accepted(&self) -> Option<&str> {
        match &self.placed {
            Placed::Accepted(id) => Some(id),
            Placed::Refused(_) | Placed::Unanswered(_) => None,
        }
    }
}

/// All arrivals of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// When the run began, in milliseconds since the epoch.
    pub began_ms: i64,
    /// The arrivals, in the order they were due.
    pub all: Vec<Arrival>,
}

/// Places an order at each planned moment; returns when the last is answered. `answered` is told of each as it comes.
///
/// # Panics
/// Never: a task that panicked counts as not answered.
pub async fn place_all(scene: &Arc<Scene>, planned: &[Duration], answered: impl Fn(&Arrival)) -> Arrived {
    let (began, began_ms) = (Instant::now(), epoch_ms());
    let mut open = JoinSet::new();
    let mut all = Vec::new();
    let mut keep = |arrival: Option<Arrival>| {
        all.extend(arrival.inspect(&answered));
    };
    for (number, at) in planned.iter().copied().enumerate() {
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(began + at) => break,
                Some(done) = open.join_next() => keep(done.ok()),
            }
        }
        let scene = Arc::clone(scene);
        open.spawn(async move {
            let placed = scene.place(number).await;
            Arrival { planned: at, answered: began.elapsed(), placed }
        });
    }
    while let Some(done) = open.join_next().await {
        keep(done.ok());
    }
    all.sort_by_key(|arrival| arrival.planned);
    Arrived { began_ms, all }
}

/// Milliseconds since the epoch.
pub fn epoch_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}
