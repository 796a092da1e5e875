//! The pairs.

mod money;
mod placing;
mod stock;
mod warehouse;
