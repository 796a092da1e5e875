#![doc = include_str!("../README.md")]

pub mod books;
pub mod campaign;
pub mod flow;
pub mod hub;
pub mod kind;
pub mod lab;
mod name;
pub mod page;
pub mod player;
pub mod prove;
pub mod report;
pub mod summary;
mod verdict;

pub use verdict::{Found, judge};
