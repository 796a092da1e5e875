//! The contract, kept by the in-memory stores.

use std::future::{Ready, ready};
use waybill_testkit::{Memory, MemoryOrders, MemoryStatements, MemoryStock};

fn world() -> Ready<(MemoryOrders, MemoryStock, MemoryStatements)> {
    let memory = Memory::new();
    ready((memory.orders(), memory.stock(), memory.statements()))
}

waybill_testkit::contract_tests!(world());
