//! What a run of load came to: figures, and what is not as it must be.

use crate::arrivals::Arrival;
use crate::latency::Latency;
use crate::load::Run;
use crate::plan::Plan;
use crate::processes::Machine;
use crate::scene::Placed;
use crate::starts::{busiest, most_allowed, waits};
use crate::watch::{Sample, longest_not_empty};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The figures of a run. Times are in milliseconds unless named otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What was planned.
    pub plan: Plan,
    /// Where it ran.
    pub machine: Machine,
    /// Orders that stores wanted to place.
    pub offered: usize,
    /// Orders answered with 201.
    pub accepted: usize,
    /// All others, by what the store was told.
    pub errors: BTreeMap<String, usize>,
    /// The most orders accepted in any second.
    pub accepted_in_busiest_second: usize,
    /// From when an order was due to its answer.
    pub answered: Latency,
    /// From an order's first event to its execution: how far the relay was behind.
    pub start_lag: Latency,
    /// Executions started.
    pub started: usize,
    /// The most of them in any second.
    pub started_in_busiest_second: usize,
    /// The most of them in any ten seconds.
    pub started_in_busiest_ten_seconds: usize,
    /// The most orders that waited for their start at the same time.
    pub deepest_backlog: usize,
    /// From the last order due to the last start, in seconds.
    pub drained_after_seconds: u64,
    /// Each queue that ever held a message.
    pub queues: BTreeMap<String, Queue>,
    /// Memory of the local AWS, which keeps everything.
    pub local_aws_mib: Memory,
    /// Memory of all the functions' processes together.
    pub functions_mib: Memory,
    /// The most processes of functions at the same time.
    pub most_processes: usize,
    /// Orders delivered.
    pub delivered: usize,
    /// Orders whose proof holds.
    pub proven: usize,
    /// From beginning to end, in seconds.
    pub took_seconds: u64,
    /// What is not as it must be.
    pub findings: Vec<String>,
}

/// A queue over a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Queue {
    /// The most messages seen on it.
    pub deepest: u64,
    /// The longest time it was never seen empty, in seconds: no message on it was older.
    pub oldest_at_most: u64,
}

/// Memory over a run, in MiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// At the first look.
    pub first: u64,
    /// At the last.
    pub last: u64,
    /// The most.
    pub most: u64,
}

impl Memory {
    fn of(kib: impl IntoIterator<Item = u64>) -> Self {
        let mib: Vec<u64> = kib.into_iter().map(|kib| kib / 1_024).collect();
        let ends = (mib.first(), mib.last(), mib.iter().max());
        let or_none = |value: Option<&u64>| value.copied().unwrap_or_default();
        Self { first: or_none(ends.0), last: or_none(ends.1), most: or_none(ends.2) }
    }
}

impl Report {
    /// Of a run.
    #[must_use]
    pub fn of(run: &Run) -> Self {
        let at: Vec<i64> = run.starts.iter().map(|start| start.at_ms).collect();
        let accepted: Vec<&Arrival> = run.arrived.all.iter().filter(|arrival| arrival.accepted().is_some()).collect();
        let mut answered_at: Vec<i64> = accepted.iter().map(|arrival| wide(arrival.answered.as_millis())).collect();
        answered_at.sort_unstable();
        let last_due = run.arrived.began_ms + i64::from(run.plan.arrivals.seconds()) * 1_000;
        let drained = at.last().map_or(0, |last| u64::try_from((last - last_due).max(0)).unwrap_or(0) / 1_000);
        let mut report = Self {
            plan: run.plan,
            machine: run.machine.clone(),
            offered: run.arrived.all.len(),
            accepted: accepted.len(),
            errors: errors(&run.arrived.all),
            accepted_in_busiest_second: busiest(&answered_at, 1_000),
            answered: Latency::of(run.arrived.all.iter().map(Arrival::took_ms)),
            start_lag: Latency::of(waits(&run.first_events, &run.starts)),
            started: at.len(),
            started_in_busiest_second: busiest(&at, 1_000),
            started_in_busiest_ten_seconds: busiest(&at, 10_000),
            deepest_backlog: deepest_backlog(run),
            drained_after_seconds: drained,
            queues: queues(&run.samples),
            local_aws_mib: Memory::of(run.samples.iter().map(|sample| sample.local_aws_kib)),
            functions_mib: Memory::of(run.samples.iter().map(functions_kib)),
            most_processes: run.samples.iter().map(|sample| sample.functions.len()).max().unwrap_or(0),
            delivered: run.facts.orders.iter().filter(|order| order.fulfillment == "delivered").count(),
            proven: run.facts.orders.iter().filter(|order| order.unproven.is_empty()).count(),
            took_seconds: run.took.as_secs(),
            findings: run.facts.findings(),
        };
        report.findings.extend(report.pacing());
        report.findings.extend(unstarted(run));
        report
    }

    /// Whether starts kept to the quota, in any second and in any ten.
    fn pacing(&self) -> Vec<String> {
        let windows = [(1, self.started_in_busiest_second), (10, self.started_in_busiest_ten_seconds)];
        let over = windows.into_iter().filter(|(seconds, most)| *most > most_allowed(self.plan.quota, *seconds));
        over.map(|(seconds, most)| {
            format!("{most} starts within {seconds} s at a quota of {} a second", self.plan.quota)
        })
        .collect()
    }

    /// Is everything as it must be?
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Accepted and never started.
fn unstarted(run: &Run) -> Vec<String> {
    let started: BTreeSet<&str> = run.starts.iter().map(|start| start.order.as_str()).collect();
    let accepted = run.arrived.all.iter().filter_map(Arrival::accepted);
    accepted.filter(|id| !started.contains(id)).map(|id| format!("{id}: accepted and never started")).collect()
}

/// What stores were told that were not told 201, and how many.
pub(crate) fn errors(arrivals: &[Arrival]) -> BTreeMap<String, usize> {
    let mut errors = BTreeMap::new();
    for arrival in arrivals {
        let kind = match &arrival.placed {
            Placed::Accepted(_) => continue,
            Placed::Refused(status) => status.to_string(),
            Placed::Unanswered(why) => (*why).to_owned(),
        };
        *errors.entry(kind).or_insert(0) += 1;
    }
    errors
}

fn queues(samples: &[Sample]) -> BTreeMap<String, Queue> {
    let names: BTreeSet<&String> = samples.iter().flat_map(|sample| sample.queues.keys()).collect();
    let of = |name: &String| Queue {
        deepest: samples.iter().filter_map(|sample| sample.queues.get(name)).max().copied().unwrap_or_default(),
        oldest_at_most: longest_not_empty(samples, name),
    };
    let all = names.into_iter().map(|name| (name.clone(), of(name)));
    all.filter(|(_, queue)| queue.deepest > 0).collect()
}

fn functions_kib(sample: &Sample) -> u64 {
    sample.functions.iter().map(|process| process.resident_kib).sum()
}

/// Orders with a first event and no execution yet, at the worst moment: looked at whenever an order comes.
fn deepest_backlog(run: &Run) -> usize {
    let mut placed: Vec<i64> = run.first_events.values().copied().collect();
    placed.sort_unstable();
    let backlog = |(index, at): (usize, &i64)| {
        let started = run.starts.partition_point(|start| start.at_ms <= *at);
        (index + 1).saturating_sub(started)
    };
    placed.iter().enumerate().map(backlog).max().unwrap_or(0)
}

/// Milliseconds that fit any run.
pub(crate) fn wide(millis: u128) -> i64 {
    i64::try_from(millis).unwrap_or(i64::MAX)
}
