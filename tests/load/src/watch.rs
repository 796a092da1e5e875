//! Looks at memory, open files and queues at an even pace while a run is on.

use crate::processes::{Processes, Running};
use crate::scene::Scene;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};
use waybill_harness::{Local, Result};

/// What was seen at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// Seconds from the run's beginning.
    pub second: u64,
    /// Memory of the local AWS, which keeps everything it was ever told, in KiB.
    pub local_aws_kib: u64,
    /// The functions' processes.
    pub functions: Vec<Running>,
    /// Messages on each queue, those in flight included.
    pub queues: BTreeMap<String, u64>,
}

/// Looks until it is stopped.
#[derive(Debug)]
pub struct Watch {
    stop: oneshot::Sender<()>,
    watching: JoinHandle<Vec<Sample>>,
}

impl Watch {
    /// Begins to look, once in every `pace`.
    #[must_use]
    pub fn start(scene: &Arc<Scene>, pace: Duration) -> Self {
        let (stop, mut stopped) = oneshot::channel();
        let scene = Arc::clone(scene);
        let watching = tokio::spawn(async move {
            let (began, mut samples) = (Instant::now(), Vec::new());
            let mut ticks = interval(pace);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    _ = ticks.tick() => {}
                    _ = &mut stopped => return samples,
                }
                // A look that failed is a gap in the series, not the run's end.
                if let Ok(sample) = look(&scene.local, began.elapsed().as_secs()).await {
                    samples.push(sample);
                }
            }
        });
        Self { stop, watching }
    }

    /// Ends it; what was seen.
    pub async fn stop(self) -> Vec<Sample> {
        // It may have ended by a panic of its own: then there is nothing to tell.
        let _ = self.stop.send(());
        self.watching.await.unwrap_or_default()
    }
}

async fn look(local: &Local, second: u64) -> Result<Sample> {
    let processes = Processes::of(&local.folder);
    let local_aws_kib = processes.local_aws().iter().map(|process| process.resident_kib).sum();
    Ok(Sample { second, local_aws_kib, functions: processes.functions(), queues: local.aws.depths().await? })
}

/// The longest time in seconds in which a queue was never seen empty: no message on it was older.
#[must_use]
pub fn longest_not_empty(samples: &[Sample], queue: &str) -> u64 {
    let (mut longest, mut since) = (0, None);
    for sample in samples {
        let is_empty = sample.queues.get(queue).is_none_or(|depth| *depth == 0);
        since = if is_empty { None } else { since.or(Some(sample.second)) };
        longest = longest.max(since.map_or(0, |since| sample.second - since));
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queues_age_is_at_most_the_time_it_was_never_empty() {
        let depths = [0, 3, 2, 0, 1, 1, 4, 0];
        let sample = |(second, depth): (u64, &u64)| Sample {
            second,
            local_aws_kib: 0,
            functions: Vec::new(),
            queues: BTreeMap::from([("RefundQueue".to_owned(), *depth)]),
        };
        let samples: Vec<Sample> = (0..).zip(&depths).map(sample).collect();
        assert_eq!(longest_not_empty(&samples, "RefundQueue"), 2);
        assert_eq!(longest_not_empty(&samples, "OtherQueue"), 0);
    }
}
