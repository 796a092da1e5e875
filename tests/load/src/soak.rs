//! A long run at an even rate: what must not grow is fitted with a line.

use crate::arrivals::{Arrival, Arrived, place_all};
use crate::facts::facts;
use crate::judge::Facts;
use crate::latency::Latency;
use crate::plan::Arrivals;
use crate::processes::Machine;
use crate::report::errors;
use crate::scene::Scene;
use crate::starts::{Start, starts};
use crate::stations::{Until, work};
use crate::trend::{Point, Tolerance, Trend};
use crate::watch::{Sample, Watch};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;
use waybill_harness::Result;

/// From one look at memory and queues to the next.
const PACE: Duration = Duration::from_secs(5);
/// Tokens are good for an hour.
const RENEWAL: Duration = Duration::from_mins(30);
/// How long an order may take from its acceptance to its end.
const PATIENCE: Duration = Duration::from_mins(2);
/// Seconds of latencies that become one point.
const BUCKET: u64 = 30;

/// What is judged, and by how much it may rise from the first to the last point that is judged.
pub const TOLERANCES: [(&str, Tolerance); 6] = [
    ("memory of the functions' processes, KiB", Tolerance { percent: 5, floor: 4_096 }),
    ("open files of the functions' processes", Tolerance { percent: 5, floor: 16 }),
    ("processes of functions", Tolerance { percent: 10, floor: 4 }),
    ("messages on queues", Tolerance { percent: 10, floor: 10 }),
    ("median answer to a store, ms", Tolerance { percent: 25, floor: 25 }),
    ("median lag of the relay, ms", Tolerance { percent: 25, floor: 250 }),
];

/// What a soak came to.
#[derive(Clone, Debug, Serialize)]
pub struct Soaked {
    /// How orders arrived.
    pub arrivals: Arrivals,
    /// Where it ran.
    pub machine: Machine,
    /// Orders that stores wanted to place.
    pub offered: usize,
    /// Orders accepted.
    pub accepted: usize,
    /// From when an order was due to its answer.
    pub answered: Latency,
    /// What each series does.
    pub trends: BTreeMap<&'static str, Trend>,
    /// What the local AWS does, which keeps everything it is told: shown, not judged. KiB.
    pub local_aws: Trend,
    /// What is not as it must be.
    pub findings: Vec<String>,
}

/// All that was measured.
#[derive(Debug)]
struct Measured {
    arrived: Arrived,
    samples: Vec<Sample>,
    first_events: BTreeMap<String, i64>,
    starts: Vec<Start>,
}

/// Places orders at an even rate and carries every one through. `say` is told how many were answered and how many are over.
///
/// # Errors
/// When the local AWS or a partner does not answer us.
pub async fn soak(scene: &Arc<Scene>, arrivals: Arrivals, say: impl Fn(usize, usize)) -> Result<Soaked> {
    let machine = Machine::this();
    let watch = Watch::start(scene, PACE);
    let renewing = tokio::spawn(renew(Arc::clone(scene)));
    let lives = Mutex::new(JoinSet::new());
    let (answered, over) = (std::cell::Cell::new(0), Arc::new(std::sync::atomic::AtomicUsize::new(0)));
    let count = || over.load(std::sync::atomic::Ordering::Relaxed);
    let arrived = place_all(scene, &arrivals.planned(), |arrival| {
        answered.set(answered.get() + 1);
        say(answered.get(), count());
        if let Some(id) = arrival.accepted() {
            let (scene, id, over) = (Arc::clone(scene), id.to_owned(), Arc::clone(&over));
            lives.lock().unwrap_or_else(PoisonError::into_inner).spawn(async move {
                work(&scene, &[id], Until::Over, (PATIENCE, |_| {})).await;
                over.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            });
        }
    })
    .await;
    // What is still under way when the last order has come is no part of the even rate any more.
    let samples = watch.stop().await;
    let mut lives = lives.into_inner().unwrap_or_else(PoisonError::into_inner);
    while lives.join_next().await.is_some() {
        say(answered.get(), count());
    }
    renewing.abort();
    scene.renew_tokens().await?;
    let accepted: Vec<String> = arrived.all.iter().filter_map(Arrival::accepted).map(str::to_owned).collect();
    let must_arrive: BTreeSet<String> = accepted.iter().cloned().collect();
    let facts = facts(scene, accepted, &must_arrive, |_| {}).await?;
    let (first_events, starts) = (scene.first_events().await?, starts(&scene.local).await?);
    Ok(judged(arrivals, machine, &Measured { arrived, samples, first_events, starts }, &facts))
}

async fn renew(scene: Arc<Scene>) {
    loop {
        tokio::time::sleep(RENEWAL).await;
        // Refused tokens show as errors of the callers.
        let _ = scene.renew_tokens().await;
    }
}

fn judged(arrivals: Arrivals, machine: Machine, measured: &Measured, facts: &Facts) -> Soaked {
    let mut findings = facts.findings();
    let arrived = &measured.arrived.all;
    let accepted = arrived.iter().filter(|arrival| arrival.accepted().is_some()).count();
    if accepted < arrived.len() {
        let kinds: Vec<String> = errors(arrived).iter().map(|(kind, count)| format!("{count} × {kind}")).collect();
        let lost = arrived.len() - accepted;
        findings.push(format!("{lost} of {} orders were not accepted: {}", arrived.len(), kinds.join(", ")));
    }
    let mut trends = BTreeMap::new();
    for ((name, tolerance), points) in TOLERANCES.into_iter().zip(series(measured)) {
        let trend = Trend::of(&points, tolerance);
        if trend.grows() {
            findings.push(format!("{name}: rises by {} from {}, {} at most", trend.rise, trend.mean, trend.allowed));
        }
        trends.insert(name, trend);
    }
    let local_aws: Vec<Point> = points(&measured.samples, |sample| sample.local_aws_kib);
    let answered = Latency::of(arrived.iter().map(Arrival::took_ms));
    let local_aws = Trend::of(&local_aws, Tolerance { percent: 100, floor: u64::MAX });
    Soaked { arrivals, machine, offered: arrived.len(), accepted, answered, trends, local_aws, findings }
}

/// The series that are judged, in the order of [`TOLERANCES`].
fn series(measured: &Measured) -> [Vec<Point>; 6] {
    let samples = &measured.samples;
    let lasting = lasting(samples);
    let of_lasting = |sample: &Sample, value: fn(&crate::processes::Running) -> u64| -> u64 {
        sample.functions.iter().filter(|process| lasting.contains(&process.id)).map(value).sum()
    };
    let is_working = |name: &str| !name.ends_with("DeadLetters") && name != "FailureQueue";
    let depth = |sample: &Sample| -> u64 {
        sample.queues.iter().filter(|(name, _)| is_working(name)).map(|(_, depth)| depth).sum()
    };
    let began = measured.arrived.began_ms;
    let answers = measured.arrived.all.iter().map(|arrival| (arrival.planned.as_secs(), arrival.took_ms()));
    let first: BTreeMap<&str, i64> =
        measured.starts.iter().rev().map(|start| (start.order.as_str(), start.at_ms)).collect();
    let lags = measured.first_events.iter().filter_map(|(id, at)| {
        let lag = first.get(id.as_str())? - at;
        Some((u64::try_from((at - began).max(0) / 1_000).ok()?, u64::try_from(lag.max(0)).ok()?))
    });
    [
        points(samples, |sample| of_lasting(sample, |process| process.resident_kib)),
        points(samples, |sample| of_lasting(sample, |process| process.files)),
        points(samples, |sample| u64::try_from(sample.functions.len()).unwrap_or(u64::MAX)),
        points(samples, depth),
        medians(answers),
        medians(lags),
    ]
}

/// The processes that were there at every look of the judged part. New ones are smaller, and would hide what grows.
fn lasting(samples: &[Sample]) -> BTreeSet<u32> {
    let from = samples.last().map_or(0, |last| last.second / 4);
    let mut judged = samples.iter().filter(|sample| sample.second >= from).map(ids);
    let first = judged.next().unwrap_or_default();
    judged.fold(first, |lasting, there| lasting.intersection(&there).copied().collect())
}

fn ids(sample: &Sample) -> BTreeSet<u32> {
    sample.functions.iter().map(|process| process.id).collect()
}

fn points(samples: &[Sample], value: impl Fn(&Sample) -> u64) -> Vec<Point> {
    samples.iter().map(|sample| Point { second: sample.second, value: value(sample) }).collect()
}

/// The median of each bucket of seconds.
fn medians(measured: impl Iterator<Item = (u64, u64)>) -> Vec<Point> {
    let mut buckets: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for (second, value) in measured {
        buckets.entry(second / BUCKET).or_default().push(value);
    }
    buckets
        .into_iter()
        .map(|(bucket, values)| Point { second: bucket * BUCKET, value: Latency::of(values).p50 })
        .collect()
}

#[cfg(test)]
#[path = "soak_tests.rs"]
mod tests;
