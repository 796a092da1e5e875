#![doc = include_str!("../README.md")]

mod route;
mod stock;

pub use route::{Api, App, router};
pub use stock::StockLevels;
