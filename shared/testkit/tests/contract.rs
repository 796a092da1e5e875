//! The contract, kept by the in-memory stores.

use std::future::{Ready, ready};
use waybill_testkit::{Memory, MemoryOrders, MemoryStock};

fn world() -> Ready<(MemoryOrders, MemoryStock)> {
    let memory = Memory::new();
    ready((memory.orders(), memory.stock()))
}

waybill_testkit::contract_tests!(world());
