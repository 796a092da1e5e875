//! EasyPost's webhooks: is it them, and what is the news?

mod news;
mod signature;

pub use news::{CarrierNews, MalformedEvent, parse};
pub use signature::{BadSignature, HEADER, verify};
