#![doc = include_str!("../README.md")]

mod aftermath;
mod chart;
mod database;
mod dying;
mod embedded;
mod limits;
mod meter;
mod rates;
mod report;
mod sabotage;
mod sale;

pub use aftermath::Books;
pub use chart::svg;
pub use database::{CATALOG, Database, Error, ORDERS, Reach, STOCK};
pub use limits::{Limit, limits};
pub use meter::{Meter, Units};
pub use rates::{Rate, Rates, rates};
pub use report::Report;
pub use sale::{ITEM, Plan, Shop, Tally, item};

use std::time::Instant;

/// How far a sale has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// So many buyers have been served.
    Selling(u64),
    /// So many reservations have run out.
    Expiring(u64),
}

/// Plays a sale to its end.
///
/// # Errors
/// The database or the sweeper did not do what was asked.
pub async fn play(plan: Plan, progress: impl Fn(Stage) + Send + Sync + Clone + 'static) -> Result<Report, Error> {
    let shop = Shop::open(plan).await?;
    let started = Instant::now();
    let selling = progress.clone();
    let tally = shop.sell(move |buyers| selling(Stage::Selling(buyers))).await?;
    let took = started.elapsed();
    let after = shop.books().await?;
    Box::pin(shop.expire(|orders| progress(Stage::Expiring(orders)))).await?;
    Ok(Report::new(plan, &tally, took, after, shop.books().await?))
}
