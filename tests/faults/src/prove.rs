//! Undisturbed runs first, which say where faults can strike and what the books have to say; then a run for each fault.

use crate::books::Books;
use crate::flow::Flow;
use crate::hub::{Fault, Hub, Site};
use crate::lab::{Lab, Outcome};
use crate::verdict::{Found, judge};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use waybill_harness::{Error, Progress, Result};

/// Undisturbed runs of each flow: a place counts when every one of them came by.
pub const UNDISTURBED: usize = 3;
/// Runs of one laboratory. It keeps everything in memory, and is slower the more it keeps.
pub const BATCH: usize = 120;

/// How often a run is made until its fault strikes: where two are equally fast, who comes by a place is a matter of luck.
const TRIES: usize = 3;

/// What an undisturbed flow does.
#[derive(Clone, Debug)]
pub struct Course {
    /// Which flow.
    pub flow: &'static Flow,
    /// Every place that each undisturbed run came by.
    pub sites: Vec<Site>,
    /// Calls and events of the first undisturbed run.
    pub calls: usize,
    /// What the books have to say in the end.
    pub books: Books,
}

/// A run that is to be made: a flow and what is to go wrong in it.
#[derive(Clone, Debug)]
pub struct Case {
    /// Which flow.
    pub flow: &'static Flow,
    /// One fault, or two.
    pub faults: Vec<Fault>,
}

impl Case {
    /// What replays it: `flow@place:kind`, places joined by `+`.
    #[must_use]
    pub fn id(&self) -> String {
        let faults: Vec<String> =
            self.faults.iter().map(|fault| format!("{}:{}", fault.site.id(), fault.kind)).collect();
        format!("{}@{}", self.flow.name, faults.join("+"))
    }

    /// Was the sending of a mail itself in doubt? The mail service knows no idempotency: it is sent again then, better twice
    /// than never.
    pub(crate) fn doubts_a_mail(&self) -> bool {
        self.faults.iter().any(|fault| fault.kind.leaves_doubt() && fault.site.name.starts_with("notify ▸"))
    }
}

/// What a run showed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shown {
    /// What replays it.
    pub case: String,
    /// The flow's name.
    pub flow: String,
    /// What was to go wrong.
    pub faults: Vec<Fault>,
    /// What came of it.
    pub found: Found,
    /// Milliseconds.
    pub took: u64,
}

/// How runs are made.
#[derive(Clone)]
pub struct Runner {
    /// How many at once.
    pub parallel: usize,
    /// Where to say what is being done.
    pub progress: Progress,
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Runner").field("parallel", &self.parallel).finish_non_exhaustive()
    }
}

impl Runner {
    /// Plays each flow undisturbed, [`UNDISTURBED`] times.
    ///
    /// # Errors
    /// When the local AWS does not start, a run does not end well, or two of them end differently.
    pub async fn undisturbed(&self, flows: &[&'static Flow]) -> Result<Vec<Course>> {
        let runs: Vec<Case> =
            (0..UNDISTURBED).flat_map(|_| flows.iter().map(|flow| Case { flow, faults: Vec::new() })).collect();
        let mut by_flow: BTreeMap<&str, Vec<Outcome>> = BTreeMap::new();
        let (outcomes, left) = self.batch(&runs, None, |_, _| {}).await?;
        let stuck: Vec<String> = outcomes.iter().filter_map(|outcome| outcome.stuck.clone()).collect();
        if !stuck.is_empty() {
            return Err(Error::Setup(format!("undisturbed, {}", stuck.join("; "))));
        }
        for (case, outcome) in runs.iter().zip(outcomes) {
            by_flow.entry(case.flow.name).or_default().push(outcome);
        }
        if !left.is_empty() {
            return Err(Error::Setup(format!("undisturbed runs left something: {}", left.join("; "))));
        }
        flows.iter().map(|flow| course(flow, &by_flow[flow.name])).collect()
    }

    /// Runs the cases in one laboratory; each is shown as soon as it is over. Answers what was left in the end.
    ///
    /// # Errors
    /// When the local AWS does not start or fails.
    pub async fn cases(
        &self,
        cases: &[Case],
        courses: &BTreeMap<&'static str, Course>,
        mut show: impl FnMut(Shown),
    ) -> Result<Vec<String>> {
        let judged = |number: usize, outcome: &Outcome| {
            let case = &cases[number];
            let found = judge(case, outcome, &courses[case.flow.name]);
            let took = u64::try_from(outcome.took.as_millis()).unwrap_or(u64::MAX);
            let flow = case.flow.name.to_owned();
            show(Shown { case: case.id(), flow, faults: case.faults.clone(), found, took });
        };
        self.batch(cases, Some(courses), judged).await.map(|(_, left)| left)
    }

    /// Runs in one laboratory, several at once, until each one's books say what those of its course do.
    async fn batch(
        &self,
        cases: &[Case],
        courses: Option<&BTreeMap<&'static str, Course>>,
        mut over: impl FnMut(usize, &Outcome),
    ) -> Result<(Vec<Outcome>, Vec<String>)> {
        let tries = if courses.is_some() { TRIES } else { 1 };
        let items: Vec<&'static Flow> = (0..tries).flat_map(|_| cases.iter().map(|case| case.flow)).collect();
        let lab = Arc::new(Lab::start(Arc::new(Hub::default()), &items, self.progress.clone()).await?);
        let places = Arc::new(Semaphore::new(self.parallel));
        let (mut under_way, of) = (JoinSet::new(), cases.len());
        for (number, case) in cases.iter().enumerate() {
            let expected = courses.map(|courses| courses[case.flow.name].books.clone());
            let (lab, places, case) = (lab.clone(), places.clone(), case.clone());
            under_way.spawn(async move {
                let _place = places.acquire_owned().await;
                (number, struck(&lab, &case, (number, of), expected.as_ref()).await)
            });
        }
        let mut outcomes = BTreeMap::new();
        while let Some(ended) = under_way.join_next().await {
            let (number, outcome) = ended.map_err(|error| Error::Setup(format!("a run broke off: {error}")))?;
            over(number, &outcome);
            outcomes.insert(number, outcome);
        }
        let case = |run: u32| cases.get(usize::try_from(run).ok()?.checked_rem(of)?);
        let named = |run: u32| case(run).map(Case::id).unwrap_or_default();
        let doubted = |run: u32| case(run).is_some_and(Case::doubts_a_mail);
        let left = lab.leftovers(named, doubted).await?;
        Ok((outcomes.into_values().collect(), left))
    }
}

/// The first run of a case in which its fault strikes; the last of [`TRIES`] where it never does. Each needs an item of its own.
async fn struck(lab: &Lab, case: &Case, (number, of): (usize, usize), expected: Option<&Books>) -> Outcome {
    let mut tries = (0..TRIES).map(|tried| u32::try_from(tried * of + number).unwrap_or(u32::MAX));
    let mut outcome = lab.run(tries.next().unwrap_or_default(), case.flow, case.faults.clone(), expected).await;
    for run in tries {
        if outcome.seen.waiting.is_empty() {
            break;
        }
        outcome = lab.run(run, case.flow, case.faults.clone(), expected).await;
    }
    outcome
}

/// What all undisturbed runs of a flow have in common.
///
/// # Errors
/// When one of them did not end well, or two ended differently.
pub fn course(flow: &'static Flow, outcomes: &[Outcome]) -> Result<Course> {
    let said = |what: String| Error::Setup(format!("{} undisturbed: {what}", flow.name));
    let (first, others) = outcomes.split_first().ok_or_else(|| said("no run".to_owned()))?;
    let books = first.books.clone().map_err(said)?;
    let unsound = books.unsound();
    if !unsound.is_empty() {
        return Err(said(unsound.join("; ")));
    }
    let mut sites = first.seen.sites.clone();
    for other in others {
        let differences = other.books.clone().map_err(said)?.differences(&books);
        if !differences.is_empty() {
            return Err(said(format!("two runs end differently: {}", differences.join("; "))));
        }
        sites.retain(|site| other.seen.sites.contains(site));
    }
    Ok(Course { flow, sites, calls: first.seen.sites.len(), books })
}
