//! An order, and the sweeper.

use relay::{Pace, Relay};
use waybill_domain::order::{Actor, Decided, Order, Recorded};
use waybill_domain::ports::{Commit, Committed, Orders};
use waybill_testkit::{MemoryOrders, MemoryQueues, MemoryWorkflows, Step, World, at, bring_to, first};

/// A world with an order in it, at some point of its life.
pub struct Scene {
    pub world: World,
    relay: Relay<MemoryOrders, MemoryWorkflows, MemoryQueues>,
}

pub async fn scene(step: Step) -> Scene {
    scene_of(World::seeded(), first("k"), step).await
}

/// A world with this order in it, at some point of its life.
pub async fn scene_of(world: World, (order, recorded): (Order, Recorded), step: Step) -> Scene {
    let commit = Commit { before: None, after: &order, recorded: &recorded };
    assert_eq!(world.orders.commit(commit).await.unwrap(), Committed::Stored);
    bring_to(&world.orders, order, step).await.unwrap();
    let relay = Relay {
        orders: world.orders.clone(),
        workflows: world.workflows.clone(),
        queues: world.queues.clone(),
        pace: Pace::new(1_000, 1),
    };
    Scene { world, relay }
}

impl Scene {
    pub fn order(&self) -> Order {
        self.world.memory.all_orders().remove(0)
    }

    /// The names of its last events, after the first `skip`.
    pub fn events(&self, skip: usize) -> Vec<&'static str> {
        self.order().history()[skip..].iter().map(|recorded| recorded.event.name()).collect()
    }

    pub async fn sweep(&self, seconds: i64) {
        assert_eq!(sweep::handle(&self.relay, &self.world.stock, at(seconds)).await.unwrap().failed, 0);
    }

    /// Sweeps every ten minutes, from one time to another.
    pub async fn sweep_through(&self, seconds: std::ops::Range<i64>) {
        for seconds in seconds.step_by(600) {
            self.sweep(seconds).await;
        }
    }

    /// Records what `decide` leads to, as a stage or a person would.
    pub async fn record(&self, seconds: i64, decide: impl Fn(&Order) -> Decided) {
        let order = self.order();
        let draft = decide(&order).unwrap().unwrap();
        let (after, recorded) = order.record(draft, at(seconds), Actor("stage:test".to_owned()), None);
        let commit = Commit { before: Some(&order), after: &after, recorded: &recorded };
        assert_eq!(self.world.orders.commit(commit).await.unwrap(), Committed::Stored);
    }
}
