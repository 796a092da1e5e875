#![doc = include_str!("../README.md")]

pub mod api;
pub mod aws;
mod error;
mod local;
pub mod meter;
mod ministack;
pub mod partners;
pub mod processes;
pub mod proxy;
mod scratch;
pub mod seed;
pub mod services;
mod signature;
pub mod stack;
pub mod tools;
pub mod workspace;

pub use error::{Error, Progress, Result, silent};
pub use local::{Doorway, Local, LocalOptions, SENDER};
