//! EasyPost's webhooks: is it them, and what is the news?

mod news;
mod signature;

pub use crate::event::MalformedEvent;
pub use news::{CarrierNews, parse};
pub use signature::{BadSignature, HEADER, verify};
