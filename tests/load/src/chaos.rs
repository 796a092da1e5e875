//! A random second in which everything dies: every function's process is killed and every open call is cut, while orders
//! are on their way. People repeat what they did not get through; nobody repairs anything.

use crate::cutter::Cutter;
use crate::facts::facts;
use crate::judge::Facts;
use crate::processes::Processes;
use crate::scene::{Placed, Scene};
use crate::seeded::Seeded;
use crate::stations::{Until, work};
use futures::future::join_all;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::Instant;
use waybill_harness::partners::Partners;
use waybill_harness::proxy::Open;
use waybill_harness::{LocalOptions, Result};

/// One strike falls into each of these, at a moment that the seed chooses.
const ROUND: Duration = Duration::from_secs(20);
/// From a store's call to the next one, if the first was not answered with 201.
const AGAIN: Duration = Duration::from_millis(500);

/// From one look whether an order is on its way to the next.
const LOOK: Duration = Duration::from_millis(20);

/// What is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Chaos {
    /// Orders, placed within the time at moments that the seed chooses.
    pub orders: usize,
    /// How long it strikes, in seconds.
    pub seconds: u32,
    /// Chooses the moments. How the machine's own timing meets them, it cannot choose.
    pub seed: u64,
    /// How long an order may take to be over, in seconds.
    pub patience: u32,
}

impl Chaos {
    /// When orders are placed, and when everything dies: never before a tenth of the time, nor before an order is on its way.
    #[must_use]
    pub fn moments(&self) -> (Vec<Duration>, Vec<Duration>) {
        let (mut seeded, length) = (Seeded::new(self.seed), Duration::from_secs(self.seconds.into()));
        let mut placed: Vec<Duration> =
            (0..self.orders).map(|_| seeded.moment(Duration::ZERO, length * 9 / 10)).collect();
        placed.sort_unstable();
        let rounds = u32::try_from(length.as_millis().div_ceil(ROUND.as_millis())).unwrap_or(1).max(1);
        let from = |round: u32| (ROUND * round).max(length / 10);
        let strike = |round: u32| seeded.moment(from(round), (ROUND * (round + 1)).min(length));
        (placed, (0..rounds).map(strike).collect())
    }
}

/// The wires between the functions and whatever they call.
#[derive(Debug)]
pub struct Wires {
    aws: Cutter,
    stripe: Cutter,
    easypost: Cutter,
}

impl Wires {
    /// Lays them. They last as long as the runtime.
    ///
    /// # Errors
    /// When no ports are to be had.
    pub fn lay() -> Result<Arc<Self>> {
        Ok(Arc::new(Self { aws: Cutter::start()?, stripe: Cutter::start()?, easypost: Cutter::start()? }))
    }

    /// Has the functions of a local AWS call through them; and whoever waits for a function that is killed hears of it.
    #[must_use]
    pub fn through(self: &Arc<Self>, mut options: LocalOptions) -> LocalOptions {
        let wires = Arc::clone(self);
        options.gate = Some(Arc::new(Open));
        options.doorway = Some(Arc::new(move |proxy| {
            wires.aws.lead_to(proxy);
            Ok(wires.aws.url())
        }));
        options.parameters.insert("StripeBaseUrl".to_owned(), self.stripe.url());
        options.parameters.insert("EasyPostBaseUrl".to_owned(), self.easypost.url());
        options
    }

    /// Leads to the partners, once they are there.
    pub fn connect(&self, partners: &Partners) {
        self.stripe.lead_to(&partners.addresses().stripe);
        self.easypost.lead_to(&partners.addresses().easypost);
    }

    /// Cuts every open call, and tells how many connections that were.
    #[must_use]
    pub fn cut(&self) -> usize {
        self.aws.cut() + self.stripe.cut() + self.easypost.cut()
    }
}

/// What one strike hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Strike {
    /// When, in milliseconds from the beginning.
    pub at_ms: u64,
    /// Processes killed, by function.
    pub killed: BTreeMap<String, usize>,
    /// Connections cut.
    pub cut: usize,
    /// Orders that were accepted and not over.
    pub on_their_way: usize,
}

/// What it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aftermath {
    /// What was played.
    pub chaos: Chaos,
    /// What was struck.
    pub strikes: Vec<Strike>,
    /// Calls of stores that had to be repeated.
    pub repeated: usize,
    /// What the books say.
    pub facts: Facts,
    /// From the beginning to the last order's end.
    pub took: Duration,
}

impl Aftermath {
    /// What is not as it must be. A strike that hit nothing proves nothing: it counts as well.
    #[must_use]
    pub fn findings(&self) -> Vec<String> {
        let mut found = self.facts.findings();
        if self.facts.accepted.len() < self.chaos.orders {
            found.push(format!("{} of {} orders were accepted", self.facts.accepted.len(), self.chaos.orders));
        }
        for strike in &self.strikes {
            if strike.killed.is_empty() || strike.cut == 0 {
                found.push(format!("the strike after {} ms hit nothing", strike.at_ms));
            }
        }
        if self.strikes.iter().all(|strike| strike.on_their_way == 0) {
            found.push("no strike met an order on its way".to_owned());
        }
        found
    }
}

/// How many orders are how far.
#[derive(Debug, Default)]
struct Tally {
    accepted: AtomicUsize,
    over: AtomicUsize,
    repeated: AtomicUsize,
    /// Orders that were never accepted: then nobody may be waited for.
    lost: AtomicUsize,
}

impl Tally {
    /// Waits until an order is on its way, or all are over: a busy machine may have none by the chosen moment.
    async fn somebody_on_the_way(&self, orders: usize) {
        let is_quiet = || {
            let over = self.over.load(Ordering::SeqCst);
            over < orders && self.accepted.load(Ordering::SeqCst) <= over
        };
        while is_quiet() && self.lost.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// Plays it. `seen` is told of each strike and how many orders are over; `meanwhile` runs after the first strike (nothing,
/// unless a test breaks something).
///
/// # Errors
/// When the books are not shown in the end.
pub async fn play(
    scene: &Arc<Scene>,
    wires: &Wires,
    chaos: Chaos,
    (seen, meanwhile): (impl Fn(&str), impl AsyncFnOnce()),
) -> Result<Aftermath> {
    let (began, tally) = (Instant::now(), Tally::default());
    let (placed, moments) = chaos.moments();
    let lives = placed.into_iter().enumerate().map(|(number, at)| {
        let (tally, seen) = (&tally, &seen);
        async move {
            tokio::time::sleep_until(began + at).await;
            let id = live(scene, number, chaos, tally).await;
            seen(&format!("{} of {} orders are over", tally.over.load(Ordering::SeqCst), chaos.orders));
            id
        }
    });
    let striking = async {
        let mut meanwhile = Some(meanwhile);
        let mut strikes = Vec::new();
        for moment in moments {
            tokio::time::sleep_until(began + moment).await;
            tally.somebody_on_the_way(chaos.orders).await;
            let strike = strike(scene, wires, began.elapsed(), &tally);
            strikes.extend(strike.inspect(|strike| seen(&format!("struck: {} functions died", strike.killed.len()))));
            if let Some(meanwhile) = meanwhile.take() {
                meanwhile().await;
            }
        }
        strikes
    };
    let (ids, strikes) = tokio::join!(join_all(lives), striking);
    let took = began.elapsed();
    let accepted: Vec<String> = ids.into_iter().flatten().collect();
    let must_arrive: BTreeSet<String> = accepted.iter().cloned().collect();
    seen("reading the books");
    let facts = facts(scene, accepted, &must_arrive, |_| {}).await?;
    Ok(Aftermath { chaos, strikes, repeated: tally.repeated.load(Ordering::SeqCst), facts, took })
}

fn strike(scene: &Scene, wires: &Wires, at: Duration, tally: &Tally) -> Option<Strike> {
    let on_their_way = tally.accepted.load(Ordering::SeqCst) - tally.over.load(Ordering::SeqCst);
    let cut = wires.cut();
    // `kill` is there, or nothing of this would be: without it the strike is missed, and found missing.
    let processes = Processes::of(&scene.local.folder).kill_functions().ok()?;
    let mut killed = BTreeMap::new();
    for process in processes {
        *killed.entry(process.name).or_insert(0) += 1;
    }
    Some(Strike { at_ms: u64::try_from(at.as_millis()).unwrap_or(u64::MAX), killed, cut, on_their_way })
}

/// One order's life: the store calls until it is answered, then people carry it through.
async fn live(scene: &Scene, number: usize, chaos: Chaos, tally: &Tally) -> Option<String> {
    let patience = Duration::from_secs(chaos.patience.into());
    let deadline = Instant::now() + patience;
    let id = loop {
        match scene.place(number).await {
            Placed::Accepted(id) => break id,
            Placed::Refused(_) | Placed::Unanswered(_) if Instant::now() > deadline => {
                tally.lost.fetch_add(1, Ordering::SeqCst);
                return None;
            }
            Placed::Refused(_) | Placed::Unanswered(_) => {
                tally.repeated.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(AGAIN).await;
            }
        }
    };
    tally.accepted.fetch_add(1, Ordering::SeqCst);
    work(scene, std::slice::from_ref(&id), Until::Over, (patience, |_| {})).await;
    tally.over.fetch_add(1, Ordering::SeqCst);
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_chooses_the_moments_and_each_round_has_one_strike() {
        let chaos = |seed| Chaos { orders: 9, seconds: 50, seed, patience: 60 };
        let (placed, strikes) = chaos(4).moments();
        assert_eq!((placed.len(), strikes.len()), (9, 3));
        assert_eq!(chaos(4).moments(), (placed, strikes.clone()));
        assert_ne!(chaos(5).moments().1, strikes);
        for (round, at) in (0_u32..).zip(strikes) {
            assert!(at >= ROUND * round && at < ROUND * (round + 1) && at < Duration::from_secs(50), "{at:?}");
            assert!(at >= Duration::from_secs(5), "{at:?}");
        }
    }

    #[test]
    fn a_strike_that_hit_nothing_is_found() {
        let strike = Strike { at_ms: 1, killed: BTreeMap::new(), cut: 0, on_their_way: 1 };
        let chaos = Chaos { orders: 0, seconds: 1, seed: 1, patience: 1 };
        let (facts, took) = (Facts::default(), Duration::ZERO);
        let aftermath = Aftermath { chaos, strikes: vec![strike], repeated: 0, facts, took };
        assert_eq!(aftermath.findings(), ["the strike after 1 ms hit nothing"]);
    }
}
