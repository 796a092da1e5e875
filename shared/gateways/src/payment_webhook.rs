//! Stripe's webhooks: is it them, and what is to be asked for again?
//!
//! News name what changed and nothing more: events come late, twice and in any order, so whoever gets one asks
//! Stripe for the truth.

mod news;
mod signature;

pub use crate::event::MalformedEvent;
pub use news::{About, PaymentNews, parse};
pub use signature::{BadSignature, HEADER, TOLERANCE_SECONDS, verify};
