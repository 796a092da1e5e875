#![doc = include_str!("../README.md")]

mod record;
mod route;
mod stock;

pub use record::check;
pub use route::{Api, App, router};
pub use stock::StockLevels;
