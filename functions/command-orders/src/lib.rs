#![doc = include_str!("../README.md")]

mod asked;
mod command;
mod money;
mod money_schema;
mod route;
mod schema;
mod staff;
mod station;
mod warehouse;

pub use command::{Answer, Call, Changed, Command, handle};
pub use money::{Preview, Refunding};
pub use route::{Api, App, Ports, router};
