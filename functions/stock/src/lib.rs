#![doc = include_str!("../README.md")]

mod asked;
mod availability;
mod counts;
mod documents;
mod levels;
mod lines;
mod route;
mod schema;
mod statement;
mod view;

pub use availability::Recent;
pub use route::{Api, App, Ports, router};
