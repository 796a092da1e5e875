#![doc = include_str!("../README.md")]

mod audit;
mod stream;

pub use audit::{Auditor, Found, handle};
pub use stream::{Change, StreamEvent};
