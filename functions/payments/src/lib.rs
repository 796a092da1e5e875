#![doc = include_str!("../README.md")]

mod hear;
mod lease;
mod refresh;
mod route;

pub use hear::{Heard, hear};
pub use lease::Leased;
pub use refresh::{Asked, Refreshed, RefreshedTender, refresh};
pub use route::{Api, App, router};
