//! Orders with money at the processor, and a reconciler to run over them.

use reconcile::{Books, Report, Window};
use std::sync::{Arc, Mutex};
use waybill_domain::order::Order;
use waybill_domain::ports::{Commit, Files, Hold, Orders, PaymentProcessor, StoreError};
use waybill_payments::Desk;
use waybill_testkit::{
    FakeProcessor, MemoryOrders, MemoryStatements, Step, World, at, block_on, bring_to, first, tenant, usd,
};

/// When the reconciler runs: what was made at the beginning has settled.
pub const LATER: i64 = 3_600;

/// A folder.
#[derive(Clone, Debug, Default)]
pub struct Folder(pub Arc<Mutex<Vec<(String, String)>>>);

impl Files for Folder {
    async fn read(&self, _: &str) -> Result<Vec<u8>, StoreError> {
        Err(StoreError::Broken("nothing is read here".into()))
    }

    async fn write_json(&self, name: &str, body: String) -> Result<(), StoreError> {
        self.0.lock().unwrap().push((name.to_owned(), body));
        Ok(())
    }
}

pub struct Scene {
    pub world: World,
    pub folder: Folder,
    pub statements: MemoryStatements,
}

impl Scene {
    pub fn new() -> Self {
        let world = World::seeded();
        let statements = world.memory.statements();
        Self { world, folder: Folder::default(), statements }
    }

    fn desk(&self) -> Desk<'_, waybill_testkit::MemoryOrders, waybill_testkit::FakeProcessor> {
        let (orders, processor) = (&self.world.orders, &self.world.processor);
        Desk { orders, processor, actor: "test".to_owned(), now: at(0) }
    }

    /// An order that was placed under `key`, and its money held.
    pub fn held(&self, key: &str) -> Order {
        let (order, recorded) = first(key);
        block_on(self.world.orders.commit(Commit { before: None, after: &order, recorded: &recorded })).unwrap();
        block_on(self.desk().authorize(order)).unwrap()
    }

    /// One that left and is paid.
    pub fn paid(&self, key: &str) -> Order {
        let order = self.held(key);
        let order = block_on(bring_to(&self.world.orders, order, Step::Dispatched)).unwrap();
        block_on(self.desk().capture(order, 1)).unwrap()
    }

    /// Money held at the processor for an order, and never heard of here.
    pub fn hidden(&self, order: &Order, key: &str) {
        let hold = Hold {
            tenant: &tenant(),
            order: &order.id,
            tender: 1,
            method: "pm_card_visa",
            customer: None,
            amount: usd(6_499),
            return_url: None,
            key,
        };
        block_on(self.world.processor.authorize(&hold)).unwrap();
    }

    pub fn run(&self) -> Report {
        self.run_at(LATER, i64::from(u32::MAX))
    }

    pub fn run_at(&self, seconds: i64, until: i64) -> Report {
        self.run_over(Window::before(at(seconds), at(until)), seconds)
    }

    pub fn run_over(&self, window: Window, seconds: i64) -> Report {
        block_on(reconcile::handle(self.books(), window, || at(seconds))).unwrap()
    }

    pub fn books(&self) -> Books<'_, MemoryOrders, MemoryStatements, FakeProcessor, Folder> {
        let World { orders, processor, .. } = &self.world;
        Books { orders, stock: &self.statements, processor, files: &self.folder }
    }

    pub fn now(&self, order: &Order) -> Order {
        self.world.memory.order(&order.tenant, &order.id).unwrap()
    }
}
