//! Every port of the domain, in memory, failing together on demand.

use crate::catalog::seed;
use crate::{
    FakeLabels, FakeProcessor, Faults, Memory, MemoryCatalog, MemoryMailer, MemoryOrders, MemoryQueues, MemoryStock,
    MemoryWorkflows, id, tenant,
};

/// A world to run stages in. Clones are the same world.
#[derive(Clone, Debug)]
pub struct World {
    /// What is stored, for assertions.
    pub memory: Memory,
    /// Orders, lists and the sweeper's list; accounts, leased requests and the reconciler's pages.
    pub orders: MemoryOrders,
    /// Stock.
    pub stock: MemoryStock,
    /// Master data.
    pub catalog: MemoryCatalog,
    /// The workflow service.
    pub workflows: MemoryWorkflows,
    /// The queues of messages to customers and of refunds.
    pub queues: MemoryQueues,
    /// Outgoing mail.
    pub mailer: MemoryMailer,
    /// The payment processor.
    pub processor: FakeProcessor,
    /// The seller of labels.
    pub labels: FakeLabels,
    /// The failures of all of them.
    pub faults: Faults,
}

impl World {
    /// Nothing in it.
    #[must_use]
    pub fn new() -> Self {
        let faults = Faults::new();
        let memory = Memory::failing(faults.clone());
        Self {
            orders: memory.orders(),
            stock: memory.stock(),
            memory,
            catalog: MemoryCatalog::failing(faults.clone()),
            workflows: MemoryWorkflows::failing(faults.clone()),
            queues: MemoryQueues::failing(faults.clone()),
            mailer: MemoryMailer::failing(faults.clone()),
            processor: FakeProcessor::failing(faults.clone()),
            labels: FakeLabels::failing(faults.clone()),
            faults,
        }
    }

    /// A world of its own with the same in it, where no call was made yet. Planned failures stay behind.
    #[must_use]
    pub fn copy(&self) -> Self {
        let faults = self.faults.fresh();
        let memory = self.memory.copy(&faults);
        Self {
            orders: memory.orders(),
            stock: memory.stock(),
            memory,
            catalog: self.catalog.copy(&faults),
            workflows: self.workflows.copy(&faults),
            queues: self.queues.copy(&faults),
            mailer: self.mailer.copy(&faults),
            processor: self.processor.copy(&faults),
            labels: self.labels.copy(&faults),
            faults,
        }
    }

    /// With the demo's master data and stock, of [`tenant`].
    #[must_use]
    pub fn seeded() -> Self {
        let mut world = Self::new();
        world.catalog = world.catalog.with_seed(&tenant());
        for (sku, site, units) in seed().stock {
            world.memory.receive(&tenant(), &id(&sku), &id(&site), units);
        }
        world
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}
