#![doc = include_str!("../README.md")]

mod builders;
mod catalog;
mod clock;
pub mod contract;
mod documents;
mod faults;
mod mailer;
mod memory;
mod partners;
mod queues;
mod story;
mod workflows;
mod world;

pub use builders::{
    a_cart, account, bulky, card, first, first_at, first_of, id, of_skus, placed, tenant, usd, with_tenders,
};
pub use catalog::{MemoryCatalog, Seed, seed};
pub use clock::at;
pub use documents::{document, document_id, receipt};
pub use faults::{Faults, Sabotage, Trouble, block_on};
pub use mailer::MemoryMailer;
pub use memory::{Memory, MemoryBus, MemoryOrders, MemoryStatements, MemoryStock, Written};
pub use partners::{BookedHold, BookedParcel, FakeLabels, FakeProcessor};
pub use queues::MemoryQueues;
pub use story::{Step, bring_to, order_at, payment, story};
pub use workflows::{MemoryWorkflows, Started};
pub use world::World;
