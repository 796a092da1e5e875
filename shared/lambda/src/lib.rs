#![doc = include_str!("../README.md")]

pub mod advance;
pub mod backorders;
pub mod batch;
pub mod config;
pub mod fault;
pub mod filing;
pub mod http;
pub mod input;
pub mod record;
pub mod report;
pub mod serve;
pub mod stage;
pub mod stream;
pub mod terms;

pub use advance::{Advanced, advance, load, try_advance};
pub use fault::{Fault, Halt};
pub use serve::{now, serve};
pub use stage::Stage;
pub use terms::Terms;
