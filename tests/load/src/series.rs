//! A run, second by second: what the chart draws.

use crate::latency::Latency;
use crate::load::Run;
use crate::report::wide;
use crate::watch::Sample;
use serde::Serialize;
use std::collections::BTreeMap;

/// What happened in one second of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Second {
    /// Orders due.
    pub offered: usize,
    /// Orders answered with 201.
    pub accepted: usize,
    /// Executions started.
    pub started: usize,
    /// The median of the answers that came, in milliseconds; none came: `None`.
    pub answered_p50: Option<u64>,
    /// The slowest of them.
    pub answered_max: Option<u64>,
    /// Orders waiting for their start at its end.
    pub backlog: usize,
    /// Messages on the queues, where they were looked at.
    pub queued: Option<u64>,
    /// Memory of the functions' processes, in MiB.
    pub functions_mib: Option<u64>,
    /// Memory of the local AWS, in MiB.
    pub local_aws_mib: Option<u64>,
}

/// A run, second by second.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Series {
    /// From the run's beginning.
    pub seconds: Vec<Second>,
}

impl Series {
    /// Of a run.
    #[must_use]
    pub fn of(run: &Run) -> Self {
        let since = |at_ms: i64| usize::try_from((at_ms - run.arrived.began_ms).max(0) / 1_000).unwrap_or(0);
        let last = run.starts.iter().map(|start| since(start.at_ms)).max().unwrap_or(0);
        let due = usize::try_from(run.plan.arrivals.seconds()).unwrap_or(0);
        let looked = |sample: &Sample| usize::try_from(sample.second).unwrap_or(0);
        let watched = run.samples.last().map_or(0, looked);
        let mut seconds = vec![Second::default(); last.max(due).max(watched) + 1];
        for sample in &run.samples {
            let functions: u64 = sample.functions.iter().map(|process| process.resident_kib).sum();
            add(&mut seconds, looked(sample), |second| {
                second.queued = Some(sample.queues.values().sum());
                second.functions_mib = Some(functions / 1_024);
                second.local_aws_mib = Some(sample.local_aws_kib / 1_024);
            });
        }
        let mut answers: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        for arrival in &run.arrived.all {
            let [planned, answered] =
                [arrival.planned, arrival.answered].map(|at| since(run.arrived.began_ms + wide(at.as_millis())));
            add(&mut seconds, planned, |second| second.offered += 1);
            if arrival.accepted().is_some() {
                add(&mut seconds, answered, |second| second.accepted += 1);
            }
            answers.entry(answered).or_default().push(arrival.took_ms());
        }
        for start in &run.starts {
            add(&mut seconds, since(start.at_ms), |second| second.started += 1);
        }
        for (at, took) in answers {
            let Latency { p50, max, .. } = Latency::of(took);
            add(&mut seconds, at, |second| (second.answered_p50, second.answered_max) = (Some(p50), Some(max)));
        }
        let (mut placed, mut started) = (vec![0_usize; seconds.len()], 0);
        for at in run.first_events.values() {
            if let Some(count) = placed.get_mut(since(*at)) {
                *count += 1;
            }
        }
        let mut waiting = 0_usize;
        for (second, placed) in seconds.iter_mut().zip(placed) {
            waiting += placed;
            started += second.started;
            second.backlog = waiting.saturating_sub(started);
        }
        Self { seconds }
    }
}

fn add(seconds: &mut [Second], at: usize, change: impl FnOnce(&mut Second)) {
    if let Some(second) = seconds.get_mut(at) {
        change(second);
    }
}
