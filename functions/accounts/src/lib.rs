#![doc = include_str!("../README.md")]

mod adjust;
mod route;
mod schema;

pub use adjust::{Answer, Call, handle};
pub use route::{Api, App, router};
pub use schema::{AccountView, AdjustmentBody, AdjustmentView};
