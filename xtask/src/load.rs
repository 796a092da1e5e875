//! `cargo xtask load`: orders at a rising rate; for an hour; or while everything dies.

use crate::local::start;
use crate::progress::{Bar, Line, Screen};
use serde_json::json;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use waybill_harness::workspace::Workspace;
use waybill_harness::{Error, LocalOptions};
use waybill_load::{Arrivals, Chaos, LEAST_QUOTA, Plan, Scene, Stage, Wires};

/// Items that are ordered, in turn.
const ITEMS: usize = 8;
/// Units of each: more than any run orders.
const UNITS: u32 = 1_000_000;
/// The sweeper starts orders by itself once they are five minutes old, besides the relay: no backlog may last so long.
const LONGEST_BACKLOG: u32 = 240;
/// Where the chart and the figures go, under `target/local`.
const CHART: &str = "load.svg";
const FIGURES: &str = "load.json";

/// What to run. Without `--soak` and `--chaos`: a rising rate.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Orders a second at the end of the rise.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    peak: u32,
    /// How long orders arrive.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    seconds: u32,
    /// Workflows that may be started a second; a tenth of the peak by default.
    #[arg(long, value_parser = clap::value_parser!(u32).range(i64::from(LEAST_QUOTA)..=1_000))]
    quota: Option<u32>,
    /// Orders carried through to the shopper's door.
    #[arg(long, default_value_t = 5)]
    sample: usize,
    /// An even rate for so many minutes instead; nothing may grow.
    #[arg(long, value_name = "MINUTES", conflicts_with = "chaos", value_parser = clap::value_parser!(u32).range(1..=1_440))]
    soak: Option<u32>,
    /// With `--soak`: milliseconds from one order to the next.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(10..=60_000))]
    every_ms: u32,
    /// Orders for so many seconds, while every function is killed and every call is cut at random moments.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=3_600))]
    chaos: Option<u32>,
    /// With `--chaos`: how many orders.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    orders: u32,
    /// With `--chaos`: chooses the moments; the clock does by default.
    #[arg(long)]
    seed: Option<u64>,
    /// Print one JSON document on standard output.
    #[arg(long)]
    json: bool,
}

/// Starts everything, runs, prints, ends everything.
///
/// # Errors
/// When anything on the way fails. What is found wrong is no error: it is printed, and the program fails.
pub async fn run(options: &Options) -> Result<ExitCode, Error> {
    let screen = Screen::new();
    let is_right = match (options.soak, options.chaos) {
        (Some(minutes), _) => soak(&screen, options, minutes).await?,
        (None, Some(seconds)) => chaos(&screen, options, seconds).await?,
        (None, None) => rise(&screen, options).await?,
    };
    Ok(if is_right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn rise(screen: &Screen, options: &Options) -> Result<bool, Error> {
    let quota = options.quota.unwrap_or((options.peak / 10).max(LEAST_QUOTA));
    let backlog = options.peak.saturating_mul(options.seconds) / 2 / quota;
    if backlog > LONGEST_BACKLOG {
        return Err(Error::Setup(format!(
            "the backlog would last {backlog} s at a quota of {quota} a second, {LONGEST_BACKLOG} at most: after five \
             minutes the sweeper starts orders as well. Give a higher --quota, or fewer --seconds"
        )));
    }
    let arrivals = Arrivals::Rising { peak: options.peak, seconds: options.seconds };
    let plan = Plan { arrivals, quota, told: None, sample: options.sample };
    let parameters = plan.parameters().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let scene = scene(screen, LocalOptions { parameters, ..LocalOptions::default() }).await?;
    let bar = screen.bar("load", u64::from(options.peak) * u64::from(options.seconds) / 2);
    let run = waybill_load::run(&scene, &plan, |stage| show(&bar, stage)).await?;
    bar.clear();
    let (report, series) = (run.report(), run.series());
    let figures = json!({"report": report, "series": series});
    write(CHART, &waybill_load::svg(&report, &series))?;
    write(FIGURES, &format!("{figures:#}\n"))?;
    if options.json {
        println!("{figures}");
    } else {
        println!("{}\n\nThe chart is in target/local/{CHART}.", waybill_load::of_load(&report));
    }
    Ok(report.is_right())
}

fn show(bar: &Bar, stage: Stage) {
    match stage {
        Stage::Placing { answered, accepted } => bar.at(answered, &format!("orders answered, {accepted} accepted")),
        Stage::Draining { started, of } => bar.of(of).at(started, "workflows started"),
        Stage::Reaching { there, of } => bar.of(of).at(there, "orders wait for the warehouse"),
        Stage::Carrying { over, of } => bar.of(of).at(over, "orders carried to the door"),
        Stage::Proving { read } => bar.at(read, "orders' books read"),
    }
}

async fn soak(screen: &Screen, options: &Options, minutes: u32) -> Result<bool, Error> {
    let scene = scene(screen, LocalOptions::default()).await?;
    let arrivals = Arrivals::Steady { every_ms: options.every_ms, seconds: minutes * 60 };
    let bar = screen.bar("soak", u64::from(minutes) * 60_000 / u64::from(options.every_ms));
    let soaked = waybill_load::soak(&scene, arrivals, |answered, over| {
        bar.at(answered, &format!("orders answered, {over} over"));
    });
    let soaked = soaked.await?;
    bar.clear();
    if options.json {
        println!("{}", json!(soaked));
    } else {
        println!("{}", waybill_load::of_soak(&soaked));
    }
    Ok(soaked.findings.is_empty())
}

async fn chaos(screen: &Screen, options: &Options, seconds: u32) -> Result<bool, Error> {
    let seed = options.seed.unwrap_or_else(by_the_clock);
    let orders = usize::try_from(options.orders).unwrap_or(usize::MAX);
    let again = format!("cargo xtask load --chaos {seconds} --orders {orders} --seed {seed}");
    eprintln!("the same moments again: {again}");
    let wires = Wires::lay()?;
    let scene = scene(screen, wires.through(LocalOptions::default())).await?;
    wires.connect(&scene.local.partners);
    let line = screen.line("chaos");
    let played = Chaos { orders, seconds, seed, patience: 180 };
    let aftermath = waybill_load::play(&scene, &wires, played, (|text: &str| line.say(text), async || {})).await?;
    line.clear();
    let findings = aftermath.findings();
    if options.json {
        let took = aftermath.took.as_secs();
        println!("{}", json!({"again": again, "strikes": aftermath.strikes, "seconds": took, "findings": findings}));
    } else {
        println!("{}\n\nThe same moments again: {again}", waybill_load::of_chaos(&aftermath));
    }
    Ok(findings.is_empty())
}

fn by_the_clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs())
}

async fn scene(screen: &Screen, options: LocalOptions) -> Result<Arc<Scene>, Error> {
    let line: Line = screen.line("set-up");
    let local = start(&line, options).await?;
    line.say("making items to order");
    let scene = Scene::set(Arc::new(local), "LOAD", (ITEMS, UNITS)).await?;
    line.clear();
    Ok(scene)
}

fn write(name: &str, text: &str) -> Result<(), Error> {
    let file = Workspace::find()?.local(name);
    std::fs::write(&file, text).map_err(Error::at("write", &file))
}
