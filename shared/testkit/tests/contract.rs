//! The contract, kept by the in-memory stores.

use waybill_testkit::{Memory, MemoryOrders, MemoryStock};

async fn world() -> (MemoryOrders, MemoryStock) {
    let memory = Memory::new();
    (memory.orders(), memory.stock())
}

waybill_testkit::contract_tests!(world());
