#![doc = include_str!("../README.md")]

mod effects;
mod pace;
mod stream;

pub use effects::Relay;
pub use pace::Pace;
pub use stream::handle;
pub use waybill_lambda::stream::{Change, Record, StreamEvent};
