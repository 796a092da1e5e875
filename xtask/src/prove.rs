//! `cargo xtask prove`: every fault at every call of every flow.

mod journal;
mod table;

use crate::progress::{Bar, Screen};
use journal::Journal;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use waybill_faults::Found;
use waybill_faults::campaign::{Part, case};
use waybill_faults::flow::{FLOWS, Flow, named};
use waybill_faults::kind::Kind;
use waybill_faults::page::{chart, page};
use waybill_faults::prove::{BATCH, Case, Course, Runner, Shown};
use waybill_faults::report::Report;
use waybill_faults::summary::summary;
use waybill_harness::workspace::Workspace;
use waybill_harness::{Error, Result};

/// How many runs `--quick` picks.
const QUICK: usize = 40;
/// No new run begins after this time with `--quick`.
const QUICK_TIME: Duration = Duration::from_mins(3);
/// Runs whose faults did not strike are made again in another laboratory, so often.
const AGAIN: usize = 1;

/// What to prove.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Only this flow; may be said several times.
    #[arg(long = "flow", value_parser = flow)]
    flows: Vec<&'static str>,
    /// Only this kind of fault; may be said several times.
    #[arg(long = "kind")]
    kinds: Vec<Kind>,
    /// Only at places whose name has this text, as `audit-stock ▸`; may be said several times.
    #[arg(long)]
    at: Vec<String>,
    /// Some runs of every flow, picked by the seed, none that waits for a time-out: a few minutes.
    #[arg(long)]
    quick: bool,
    /// Picks the runs of `--quick`, `--sample` and `--pairs`.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// So many runs, picked by the seed.
    #[arg(long)]
    sample: Option<usize>,
    /// So many runs with two faults each, picked by the seed.
    #[arg(long)]
    pairs: Option<usize>,
    /// The k-th of n shares, as `2/8`.
    #[arg(long, value_parser = share)]
    share: Option<(usize, usize)>,
    /// Leaves out what earlier runs of the same code have shown, and reports them too.
    #[arg(long)]
    resume: bool,
    /// One run again, as the report names it.
    #[arg(long)]
    case: Option<String>,
    /// Stops beginning runs after so many minutes.
    #[arg(long)]
    minutes: Option<u64>,
    /// Runs at once in one laboratory.
    #[arg(long, default_value_t = 12)]
    parallel: usize,
    /// Where the report goes: `report.json`, `report.md`, `report.html`, `chart.svg`; beside the build's products by default.
    #[arg(long)]
    report: Option<PathBuf>,
}

fn flow(name: &str) -> std::result::Result<&'static str, String> {
    let all: Vec<&str> = FLOWS.iter().map(|flow| flow.name).collect();
    named(name).map(|flow| flow.name).ok_or(format!("the flows are {}", all.join(", ")))
}

fn share(text: &str) -> std::result::Result<(usize, usize), String> {
    let numbers = text.split_once('/').and_then(|(share, of)| Some((share.parse().ok()?, of.parse().ok()?)));
    numbers.filter(|(share, of)| (1..=*of).contains(share)).ok_or_else(|| "a share is k/n, k from 1 to n".to_owned())
}

/// Proves, prints the table, writes the report.
///
/// # Errors
/// When the local AWS does not start, or an undisturbed run does not end well.
pub async fn run(options: &Options) -> Result<ExitCode> {
    let screen = Screen::new();
    let flows = options.chosen();
    let line = screen.line("undisturbed runs");
    let mut runner = Runner { parallel: options.parallel, progress: line.reporter() };
    let courses = runner.undisturbed(&flows).await?;
    line.clear();
    let workspace = Workspace::find()?;
    let mut journal = Journal::open(&workspace, options.resume)?;
    let cases = options.cases(&courses)?;
    let bar = screen.bar("prove", 0);
    runner.progress = waybill_harness::silent();
    let campaign = Campaign { options, runner: &runner, bar: &bar, since: Instant::now() };
    campaign.go(&cases, &courses, &mut journal).await?;
    bar.clear();
    // A report is of runs with one fault or of pairs, as the cases are.
    let is_of_pairs = cases.iter().any(|case| case.faults.len() > 1);
    let mut shown = journal.shown();
    shown.retain(|one| (one.faults.len() > 1) == is_of_pairs);
    let report = Report {
        commit: journal.commit().to_owned(),
        command: std::env::args().skip(1).fold("cargo xtask".to_owned(), |all, one| format!("{all} {one}")),
        seed: options.seed,
        played: Report::played(&shown),
        flows: Report::rows(&courses, &shown),
        told: Report::told(&shown),
        left: journal.left(),
        left_before: journal.left_before(),
    };
    println!("{}", table::of(&report));
    let folder =
        options.report.as_ref().map_or_else(|| workspace.target.join("prove"), |folder| workspace.path(folder));
    write(&report, &folder)?;
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs, batch by batch.
struct Campaign<'a> {
    options: &'a Options,
    runner: &'a Runner,
    bar: &'a Bar,
    since: Instant,
}

impl Campaign<'_> {
    async fn go(&self, cases: &[Case], courses: &[Course], journal: &mut Journal) -> Result<()> {
        let by_flow: BTreeMap<&'static str, Course> =
            courses.iter().map(|course| (course.flow.name, course.clone())).collect();
        let mut todo: Vec<Case> = cases.iter().filter(|case| !journal.knows(&case.id())).cloned().collect();
        let mut done = cases.len() - todo.len();
        for round in 0..=AGAIN {
            let mut missed = BTreeSet::new();
            for batch in todo.chunks(BATCH) {
                if round == 0 && self.is_late() {
                    break;
                }
                let mut batch = batch.to_vec();
                batch.sort_by_key(haste);
                let mut all = Vec::new();
                let show = |shown: Shown| {
                    done += 1;
                    self.bar.of(cases.len().max(done)).at(done, &shown.case);
                    all.push(shown);
                };
                let left = self.runner.cases(&batch, &by_flow, show).await?;
                let is_missed = |shown: &&Shown| shown.found == Found::Missed;
                missed.extend(all.iter().filter(is_missed).map(|shown| shown.case.clone()));
                journal.add(all, left)?;
            }
            todo.retain(|case| missed.contains(&case.id()));
        }
        Ok(())
    }

    fn is_late(&self) -> bool {
        let limit = self.options.minutes.map(|minutes| Duration::from_secs(minutes * 60));
        let limit = limit.or(self.options.quick.then_some(QUICK_TIME));
        limit.is_some_and(|limit| self.since.elapsed() > limit)
    }
}

/// What waits for a time-out or the end of a lease goes first, so that a laboratory does not end with a few runs that wait.
fn haste(case: &Case) -> u8 {
    let any = |is: fn(Kind) -> bool| case.faults.iter().any(|fault| is(fault.kind));
    match () {
        () if any(Kind::is_slow) => 0,
        () if any(Kind::leaves_doubt) => 1,
        () => 2,
    }
}

impl Options {
    /// The test command's: `--quick` and nothing else.
    #[must_use]
    pub fn quick() -> Self {
        Self {
            flows: Vec::new(),
            kinds: Vec::new(),
            at: Vec::new(),
            quick: true,
            seed: 1,
            sample: None,
            pairs: None,
            share: None,
            resume: false,
            case: None,
            minutes: None,
            parallel: 12,
            report: None,
        }
    }

    fn chosen(&self) -> Vec<&'static Flow> {
        let of_case = self.case.as_deref().and_then(|case| case.split_once('@')).map(|(flow, _)| flow);
        let is_chosen = |flow: &&Flow| match of_case {
            Some(name) => flow.name == name,
            None => self.flows.is_empty() || self.flows.contains(&flow.name),
        };
        FLOWS.iter().filter(is_chosen).collect()
    }

    fn cases(&self, courses: &[Course]) -> Result<Vec<Case>> {
        if let Some(id) = &self.case {
            return case(id, courses).map(|case| vec![case]).map_err(Error::Setup);
        }
        let mut kinds: BTreeSet<Kind> = self.kinds.iter().copied().collect();
        if self.quick && kinds.is_empty() {
            kinds = Kind::ALL.into_iter().filter(|kind| !kind.is_slow()).collect();
        }
        let sample = self.sample.or(self.quick.then_some(QUICK));
        let (at, share, pairs, seed) = (self.at.clone(), self.share, self.pairs, self.seed);
        Ok(Part { kinds, at, share, sample, pairs, seed }.cases(courses))
    }
}

fn write(report: &Report, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(Error::at("create", folder))?;
    let json = serde_json::to_string_pretty(report).map_err(Error::json("the report"))?;
    let files = [
        ("report.json", json + "\n"),
        ("report.md", summary(report)),
        ("report.html", page(report)),
        ("chart.svg", chart(report)),
    ];
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(Error::at("write", &path))?;
    }
    eprintln!("written: {}", folder.join("report.html").display());
    Ok(())
}
