//! Orders that wait for lamps, and records of the stock table's stream.

use fill_backorders::{Change, Record, StreamEvent};
use serde_json::{Value, json};
use waybill_domain::order::{Fill, Order};
use waybill_domain::ports::{Commit, Committed, Filed, Orders, Stock};
use waybill_domain::stock::{Body, Kind, Movement, Reason};
use waybill_lambda::Halt;
use waybill_testkit::{World, at, block_on, document, document_id, first_at, id, of_skus, receipt, tenant};

pub struct Scene {
    pub world: World,
}

/// A hundred lamps are announced; none is here.
pub fn scene() -> Scene {
    let world = World::seeded();
    let expected = Movement::network(Kind::Expected, id("LAMP"), 100).announced(document_id(&tenant(), "announced"));
    let body = Body::Announcement { site: id("reno"), due: "2026-11-20".parse().unwrap(), reference: None };
    let announced = document(&tenant(), "announced", body, vec![expected]);
    block_on(world.stock.file(&tenant(), &announced, &[])).unwrap();
    Scene { world }
}

/// A record of an item of counters.
pub fn record(pk: &str, sk: &str, new_image: Value) -> Record {
    Record { dynamodb: Change { keys: json!({"pk": {"S": pk}, "sk": {"S": sk}}), new_image } }
}

impl Scene {
    /// An order waits for so many since then.
    pub fn waits(&self, key: &str, seconds: i64, units: u32) -> Order {
        self.ordered(key, seconds, (units, units))
    }

    /// An order of so many, of which so many are waited for.
    pub fn ordered(&self, key: &str, seconds: i64, (units, backordered): (u32, u32)) -> Order {
        let mut placed = of_skus(&[("LAMP", units)]);
        placed.lines[0].backordered = backordered;
        placed.fill = Fill::FillAvailable;
        let (order, recorded) = first_at(&tenant(), key, placed, at(seconds));
        let commit = Commit { before: None, after: &order, recorded: &recorded };
        assert_eq!(block_on(self.world.orders.commit(commit)).unwrap(), Committed::Stored);
        order
    }

    /// So many come in.
    pub fn come(&self, key: &str, units: i64) {
        let came = receipt(&tenant(), key, "reno", &[("LAMP", units)]);
        block_on(self.world.stock.file(&tenant(), &came, &[])).unwrap();
    }

    /// So many are not there any more.
    pub fn lose(&self, units: i64) {
        let lost = Movement::at(Kind::Adjusted, id("LAMP"), id("reno"), -units).because(Reason::Loss);
        let body = Body::Adjustment { site: id("reno"), note: None };
        let filed = block_on(self.world.stock.file(&tenant(), &document(&tenant(), "lost", body, vec![lost]), &[]));
        assert_eq!(filed.unwrap(), Filed::Stored);
    }

    /// The record of the lamps' counters as they are now.
    pub fn record(&self) -> Record {
        let network = block_on(self.world.stock.levels(&tenant(), &id("LAMP"))).unwrap().network;
        let number = |units: i64| json!({"N": units.to_string()});
        let image = json!({"available": number(network.available), "fillable": number(network.fillable)});
        record("T#acme#SKU#LAMP", "ATP", image)
    }

    pub fn run(&self, records: Vec<Record>) -> Result<Vec<String>, Halt> {
        let event = StreamEvent { records };
        block_on(fill_backorders::handle(&self.world.orders, &self.world.stock, event, at(1_000)))
    }

    /// How many an order still waits for.
    pub fn left(&self, order: &Order) -> i64 {
        let order = self.world.memory.order(&tenant(), &order.id).unwrap();
        order.waits_for().values().sum()
    }

    pub fn available(&self) -> i64 {
        assert_eq!(self.world.memory.unbalanced(), []);
        self.world.memory.available(&tenant(), &id("LAMP"))
    }
}
