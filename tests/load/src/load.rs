//! A run of load: orders arrive, the relay starts what was accepted, people carry a sample through, the books are judged.

use crate::arrivals::{Arrival, Arrived, place_all};
use crate::facts::facts;
use crate::judge::Facts;
use crate::plan::Plan;
use crate::processes::Machine;
use crate::report::Report;
use crate::scene::Scene;
use crate::series::Series;
use crate::starts::{Start, starts};
use crate::stations::{Until, work};
use crate::watch::{Sample, Watch};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use waybill_harness::Result;

/// From one look at memory and queues to the next.
const PACE: Duration = Duration::from_secs(1);
/// What orders may take beyond what the quota makes them wait: a busy machine, not a slow relay.
const PATIENCE: Duration = Duration::from_mins(5);

/// What a run is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Orders are placed.
    Placing {
        /// Answered so far.
        answered: usize,
        /// Of which accepted.
        accepted: usize,
    },
    /// The backlog drains.
    Draining {
        /// Executions so far.
        started: usize,
        /// Orders accepted.
        of: usize,
    },
    /// Everything accepted is looked at.
    Reaching {
        /// Orders at their first wait.
        there: usize,
        /// Orders accepted.
        of: usize,
    },
    /// People carry the sample through.
    Carrying {
        /// Orders over.
        over: usize,
        /// Orders in the sample.
        of: usize,
    },
    /// The books are read.
    Proving {
        /// Orders read.
        read: usize,
    },
}

/// Everything that is known of a run.
#[derive(Debug)]
pub struct Run {
    /// What was planned.
    pub plan: Plan,
    /// On which machine.
    pub machine: Machine,
    /// How each order fared at the door.
    pub arrived: Arrived,
    /// When each order's first event was, in milliseconds since the epoch.
    pub first_events: BTreeMap<String, i64>,
    /// When executions were started.
    pub starts: Vec<Start>,
    /// Memory and queues.
    pub samples: Vec<Sample>,
    /// What the books say in the end.
    pub facts: Facts,
    /// From beginning to end.
    pub took: Duration,
}

impl Run {
    /// What it came to.
    #[must_use]
    pub fn report(&self) -> Report {
        Report::of(self)
    }

    /// What happened second by second.
    #[must_use]
    pub fn series(&self) -> Series {
        Series::of(self)
    }
}

/// Runs the plan on a scene whose relay was told the plan's parameters. `say` is told what it is at.
///
/// # Errors
/// When the local AWS or a partner does not answer us. What the orders' callers meet is no error but a figure.
pub async fn run(scene: &Arc<Scene>, plan: &Plan, say: impl Fn(Stage)) -> Result<Run> {
    let (machine, began) = (Machine::this(), Instant::now());
    let watch = Watch::start(scene, PACE);
    let arrived = place(scene, plan, &say).await;
    let accepted: Vec<String> = arrived.all.iter().filter_map(Arrival::accepted).map(str::to_owned).collect();
    drain(scene, plan, &accepted, &say).await?;
    let of = accepted.len();
    work(scene, &accepted, Until::FirstWait, (PATIENCE, |there| say(Stage::Reaching { there, of }))).await;
    let sample = spread(&accepted, plan.sample);
    let of = sample.len();
    work(scene, &sample, Until::Over, (PATIENCE, |over| say(Stage::Carrying { over, of }))).await;
    let samples = watch.stop().await;
    let must_arrive: BTreeSet<String> = sample.into_iter().collect();
    let facts = facts(scene, accepted, &must_arrive, |read| say(Stage::Proving { read })).await?;
    let (first_events, starts) = (scene.first_events().await?, starts(&scene.local).await?);
    Ok(Run { plan: *plan, machine, arrived, first_events, starts, samples, facts, took: began.elapsed() })
}

/// Places what is planned.
pub async fn place(scene: &Arc<Scene>, plan: &Plan, say: impl Fn(Stage)) -> Arrived {
    let (answered, accepted) = (Cell::new(0), Cell::new(0));
    place_all(scene, &plan.arrivals.planned(), |arrival| {
        answered.set(answered.get() + 1);
        accepted.set(accepted.get() + usize::from(arrival.accepted().is_some()));
        say(Stage::Placing { answered: answered.get(), accepted: accepted.get() });
    })
    .await
}

/// Waits until everything accepted has an execution, or the time is over that the quota gives it.
async fn drain(scene: &Scene, plan: &Plan, accepted: &[String], say: impl Fn(Stage)) -> Result<()> {
    let of = accepted.len();
    let at_the_quota = u64::try_from(of).unwrap_or(u64::MAX) / u64::from(plan.quota.max(1));
    let deadline = Instant::now() + Duration::from_secs(at_the_quota) + PATIENCE;
    loop {
        let started: BTreeSet<String> = starts(&scene.local).await?.into_iter().map(|start| start.order).collect();
        let count = accepted.iter().filter(|id| started.contains(*id)).count();
        say(Stage::Draining { started: count, of });
        if count == of || Instant::now() > deadline {
            return Ok(());
        }
        tokio::time::sleep(PACE).await;
    }
}

/// So many of all, evenly: the first, the last, and those between.
#[must_use]
pub fn spread(all: &[String], count: usize) -> Vec<String> {
    let count = count.min(all.len());
    let last = all.len().saturating_sub(1);
    let at = |number: usize| (number * last).checked_div(count.saturating_sub(1)).unwrap_or(0);
    (0..count).filter_map(|number| all.get(at(number)).cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_spread_over_all() {
        let all: Vec<String> = (0..10).map(|number| number.to_string()).collect();
        assert_eq!(spread(&all, 3), ["0", "4", "9"]);
        assert_eq!(spread(&all, 1), ["0"]);
        assert_eq!(spread(&all, 99).len(), 10);
        assert!(spread(&[], 3).is_empty());
    }
}
