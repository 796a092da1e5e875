//! `flash-sale`: plays one, prints what it came to, and fails if anything is not as it must be.

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use waybill_flash::{Error, Plan, Rates, Reach, Report, Stage, play, rates, svg};

/// Plays a flash sale on an embedded DynamoDB.
#[derive(Debug, Parser)]
struct Options {
    /// Who want one unit each.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    buyers: u64,
    /// Units there are.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    units: u64,
    /// Shards the item is spread over; 1 leaves it on its one counter.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=90))]
    shards: u16,
    /// Clients that place orders at the same time.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    processes: u16,
    /// One of so many buyers' processes dies between its hold and its order; 0: none.
    #[arg(long, default_value_t = 1_000)]
    die_one_in: u64,
    /// So many orders, and as many reservations, are made without losers to measure both rates; 0: none.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(0..=1_000_000))]
    rates: u64,
    /// Reaches the database over HTTP on loopback, rather than within the process.
    #[arg(long)]
    http: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    /// Where the chart goes.
    #[arg(long, default_value = "target/flash-sale.svg")]
    chart: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options).await {
        Ok(report) if report.is_right() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<Report, Error> {
    let plan = Plan {
        buyers: options.buyers,
        units: options.units,
        shards: options.shards,
        processes: options.processes.into(),
        die_one_in: options.die_one_in,
        is_sabotaged: false,
        is_metered: true,
        reach: if options.http { Reach::Http } else { Reach::Within },
    };
    let rates = if options.rates > 0 { Some(measured(options.rates, plan).await?) } else { None };
    let report = played(plan).await?;
    let report = if let Some(rates) = rates { report.with(rates) } else { report };
    if let Some(folder) = options.chart.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&options.chart, svg(&report))?;
    if options.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        println!("{}\n\nThe chart is in {}.", report.tables(), options.chart.display());
    }
    Ok(report)
}

/// Both rates, of `count` each.
async fn measured(count: u64, plan: Plan) -> Result<Rates, Error> {
    let spinner = ProgressBar::new_spinner().with_message(format!("{count} orders, {count} reservations"));
    spinner.enable_steady_tick(Duration::from_millis(200));
    let rates = rates(count, plan.processes, plan.reach).await;
    spinner.finish_and_clear();
    rates
}

async fn played(plan: Plan) -> Result<Report, Error> {
    let (selling, expiring) = bars(plan);
    let (sold, expired) = (selling.clone(), expiring.clone());
    let report = play(plan, move |stage| match stage {
        Stage::Selling(buyers) => sold.set_position(buyers),
        Stage::Expiring(orders) => expired.set_position(orders),
    })
    .await;
    selling.finish_and_clear();
    expiring.finish_and_clear();
    report
}

fn bars(plan: Plan) -> (ProgressBar, ProgressBar) {
    let all = indicatif::MultiProgress::new();
    let bar = |length: u64, what: &'static str| {
        let style = ProgressStyle::with_template("{prefix:>10} {bar:40} {pos}/{len} {eta}");
        let bar = all.add(ProgressBar::new(length)).with_prefix(what);
        style.map(|style| bar.clone().with_style(style)).unwrap_or(bar)
    };
    (bar(plan.buyers, "buyers"), bar(plan.units, "lapsed"))
}
