#![doc = include_str!("../README.md")]

mod builders;
mod catalog;
mod clock;
pub mod contract;
mod faults;
mod mailer;
mod memory;
mod notices;
mod partners;
mod story;
mod workflows;
mod world;

pub use builders::{a_cart, bulky, first, first_at, first_of, id, of_skus, placed, tenant, usd};
pub use catalog::{MemoryCatalog, Seed, seed};
pub use clock::at;
pub use faults::{Faults, Trouble, block_on};
pub use mailer::MemoryMailer;
pub use memory::{Memory, MemoryOrders, MemoryStock};
pub use notices::MemoryNotices;
pub use partners::{BookedHold, BookedParcel, FakeLabels, FakeProcessor};
pub use story::{Step, bring_to, order_at, story};
pub use workflows::{MemoryWorkflows, Started};
pub use world::World;
