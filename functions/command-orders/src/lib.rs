#![doc = include_str!("../README.md")]

mod command;
mod route;
mod schema;
mod station;

pub use command::{Answer, Call, Changed, handle};
pub use route::{Api, App, router};
