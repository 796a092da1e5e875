//! The real template on the local AWS, with real HTTP to the fake partners: whole orders, and what goes wrong with them.
//!
//! One local AWS serves every test here; it is ended with the process. Tests share its stock and its lists, so each works
//! with orders of its own and with differences.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod backorders;
mod bad_input;
mod channel;
mod journeys;
mod lists;
mod local_invoke;
mod master_data;
mod money;
mod operations;
mod refusals;
mod stock;
mod world;
