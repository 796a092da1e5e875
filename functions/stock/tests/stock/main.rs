//! Stock over HTTP, over memory.

#![expect(clippy::unwrap_used, reason = "tests")]

mod counting;
mod door;
mod moving;
mod selling;
mod stating;
