//! `cargo xtask demo`: whole orders, from the store's door to the shopper's.

mod fields;
mod place;
mod refund;
mod report;
mod story;

use crate::local::start;
use crate::progress::{Line, Screen};
use futures::future::join_all;
use report::{Ended, Report};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use waybill_harness::{Error, Local, LocalOptions};

/// The calls of an order go on for a moment after it is delivered: notifications, the last stage.
const QUIET: Duration = Duration::from_millis(1500);
const PATIENCE: Duration = Duration::from_secs(20);

/// What to play.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// How many orders; the first comes through the channel queue, the others through the API.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=100))]
    orders: u32,
    /// Print one JSON document on standard output.
    #[arg(long)]
    json: bool,
}

/// Starts everything, plays, prints, ends everything.
///
/// # Errors
/// When anything on the way fails, or an order does not arrive.
pub async fn run(options: &Options) -> Result<ExitCode, Error> {
    let screen = Screen::new();
    let line = screen.line("set-up");
    let local = start(&line, LocalOptions::default()).await?;
    line.finish("ready");
    let orders = play(&local, &screen, options.orders).await?;
    line.say("support refunds a broken unit");
    // The channel settles the first order's money itself.
    for id in orders.iter().skip(1) {
        refund::one_unit(&local, id).await?;
    }
    line.say("waiting for the last notifications");
    settle(&local).await;
    line.clear();
    let mut ended = Vec::new();
    for id in orders {
        ended.push(Ended::read(&local, &id).await?);
    }
    let report = Report { orders: ended, overhead: local.overhead().await?, took: screen.elapsed() };
    if options.json {
        println!("{}", report.json());
    } else {
        println!("{report}");
    }
    local.stop();
    Ok(ExitCode::SUCCESS)
}

/// Places the orders and drives all of them at once; answers their ids.
async fn play(local: &Local, screen: &Screen, count: u32) -> Result<Vec<String>, Error> {
    let line = screen.line("order 1");
    line.say("a Shopify order arrives on the channel queue");
    let mut placed = vec![(place::through_channel(local).await?, line)];
    for number in 2..=count {
        let line = screen.line(&format!("order {number}"));
        line.say("the store posts an order");
        placed.push((place::through_api(local, number).await?, line));
    }
    let mut ids = Vec::new();
    let stories = placed.iter().map(|(id, line)| story::play(local, id, line));
    for (outcome, (id, line)) in join_all(stories).await.into_iter().zip(&placed) {
        end(outcome, id, line)?;
        ids.push(id.clone());
    }
    Ok(ids)
}

fn end(outcome: Result<(), Error>, id: &str, line: &Line) -> Result<(), Error> {
    if let Err(cause) = outcome {
        line.finish(&format!("{id} failed"));
        return Err(cause);
    }
    line.finish(&format!("{id} delivered"));
    Ok(())
}

/// Waits until no function has called anything for a while.
async fn settle(local: &Local) {
    let deadline = Instant::now() + PATIENCE;
    let mut seen = (local.meter.calls().len(), Instant::now());
    while seen.1.elapsed() < QUIET && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let count = local.meter.calls().len();
        if count != seen.0 {
            seen = (count, Instant::now());
        }
    }
}
