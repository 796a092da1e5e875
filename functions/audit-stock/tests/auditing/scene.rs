//! A world whose table of stock tells of every write, and an auditor to hear of it.

use audit_stock::{Auditor, Found, StreamEvent, handle};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use waybill_domain::id::DocumentId;
use waybill_domain::order::{Actor, Order};
use waybill_domain::ports::{Commit, Filed, Orders, Stock};
use waybill_domain::stock::audit::{Counters, place_name};
use waybill_domain::stock::{Body, Document, Kind, Movement, Reason, Shelf, Stow};
use waybill_lambda::Fault;
use waybill_testkit::{
    MemoryBus, MemoryCatalog, MemoryStatements, Step, World, at, block_on, bring_to, first, id, tenant,
};

pub type Auditing = Auditor<MemoryStatements, MemoryCatalog, MemoryBus>;

pub struct Scene {
    pub world: World,
    pub auditor: Auditing,
    /// Every record so far, as the stream tells it.
    pub records: Vec<Value>,
    known: BTreeMap<Shelf, Counters>,
    causes: BTreeMap<Shelf, (String, i64)>,
}

impl Scene {
    pub fn new() -> Self {
        let world = World::seeded();
        let (statements, catalog) = (world.memory.statements(), world.catalog.clone());
        let auditor = Auditor { statements, catalog, bus: MemoryBus::failing(world.faults.clone()) };
        let mut scene = Self { world, auditor, records: Vec::new(), known: BTreeMap::new(), causes: BTreeMap::new() };
        // What was there before anybody listened.
        scene.known = scene.counters();
        scene
    }

    fn counters(&self) -> BTreeMap<Shelf, Counters> {
        let mut shelves: BTreeMap<Shelf, Counters> = BTreeMap::new();
        for ((_, shelf, counter), units) in self.world.memory.counters() {
            shelves.entry(shelf).or_default().insert(counter, units);
        }
        shelves
    }

    /// Tells of everything that differs from what was told before, as moved by `cause`.
    fn tell(&mut self, cause: &str, seconds: i64) {
        let now = self.counters();
        for (shelf, counters) in &now {
            let before = self.known.get(shelf);
            if before == Some(counters) {
                continue;
            }
            let earlier = self.causes.insert(shelf.clone(), (cause.to_owned(), seconds));
            let old = before.map(|counters| image(counters, earlier.as_ref()));
            let new = image(counters, Some(&(cause.to_owned(), seconds)));
            self.records.push(record(shelf, old, &new, self.records.len(), seconds));
        }
        self.known = now;
    }

    /// Files a document of these movements.
    pub fn file(&mut self, key: &str, seconds: i64, movements: Vec<Movement>) -> String {
        let document = Document {
            id: DocumentId::derive(&tenant(), "test", key),
            at: at(seconds),
            actor: Actor("test".to_owned()),
            body: Body::Adjustment { site: id("reno"), note: None },
            movements,
            request: None,
        };
        assert_eq!(block_on(self.world.stock.file(&tenant(), &document, &[])).unwrap(), Filed::Stored);
        self.tell(document.id.as_str(), seconds);
        document.id.to_string()
    }

    /// `units` more, or fewer, of an item at `reno`.
    pub fn adjust(&mut self, key: &str, seconds: i64, sku: &str, units: i64) -> String {
        let moved = Movement::at(Kind::Adjusted, id(sku), id("reno"), units).because(Reason::Count);
        self.file(key, seconds, vec![moved])
    }

    /// An order that goes through its whole life.
    pub fn order(&mut self, key: &str) -> Order {
        let (order, recorded) = first(key);
        block_on(self.world.orders.commit(Commit { before: None, after: &order, recorded: &recorded })).unwrap();
        let mut order = order;
        self.tell(&format!("{}#1", order.id), 100);
        for step in Step::ALL.into_iter().skip(1) {
            let version = order.version;
            order = block_on(bring_to(&self.world.orders, order, step)).unwrap();
            let moved: Vec<_> = order
                .history()
                .iter()
                .filter(|entry| entry.version > version && !entry.movements.is_empty())
                .map(|entry| entry.version)
                .collect();
            if let [version] = moved[..] {
                self.tell(&format!("{}#{version}", order.id), 100 + i64::from(version));
            } else {
                assert!(moved.is_empty(), "one event at a time: {moved:?}");
            }
        }
        order
    }

    pub fn hear(&self, records: &[Value]) -> Result<Found, Fault> {
        let event: StreamEvent = serde_json::from_value(json!({"Records": records})).unwrap();
        block_on(handle(&self.auditor, event))
    }

    pub fn hear_all(&self) -> Found {
        self.hear(&self.records).unwrap()
    }
}

/// A history of everything that moves units: documents of each kind, lots, announcements, and an order.
pub fn history() -> Scene {
    let mut scene = Scene::new();
    let sku = "LAMP-1";
    let lot = |name: &str| Some(Stow { lot: Some(id(name)), ..Stow::default() });
    let there = |kind, units| Movement::at(kind, id(sku), id("reno"), units);
    scene.file("receipt", 1, vec![there(Kind::Received, 9).of(lot("L1")), there(Kind::Received, 3).of(lot("L2"))]);
    let announced = DocumentId::derive(&tenant(), "test", "announcement");
    let expected = Movement::network(Kind::Expected, id(sku), 6).announced(announced.clone());
    scene.file("announcement", 2, vec![expected]);
    scene.file("arrival", 3, vec![there(Kind::Arrived, 4).announced(announced).of(lot("L2"))]);
    scene.adjust("loss", 4, sku, -1);
    scene.file("withheld", 5, vec![there(Kind::Withheld, 2).of(lot("L1")).because(Reason::Damage)]);
    scene.file("written off", 6, vec![there(Kind::WrittenOff, 1).of(lot("L1")).because(Reason::Damage)]);
    scene.file("restored", 7, vec![there(Kind::Restored, 1).of(lot("L1"))]);
    scene.order("k1");
    scene
}

/// An item as the stream tells it.
fn image(counters: &Counters, cause: Option<&(String, i64)>) -> Value {
    let mut image = json!({});
    for (counter, units) in counters {
        image[counter.name()] = json!({"N": units.to_string()});
    }
    if let Some((cause, seconds)) = cause {
        image["cause"] = json!({"S": cause});
        image["moved_at"] = json!({"S": at(*seconds).to_string()});
    }
    image
}

fn record(shelf: &Shelf, old: Option<Value>, new: &Value, number: usize, seconds: i64) -> Value {
    let pk = format!("T#{}#SKU#{}", tenant(), shelf.sku);
    let keys = json!({"pk": {"S": pk}, "sk": {"S": place_name(&shelf.place, None)}});
    let mut change = json!({
        "Keys": keys, "NewImage": new, "SequenceNumber": (100_000 + number).to_string(),
        "ApproximateCreationDateTime": at(seconds).as_second() + 1,
    });
    if let Some(old) = old {
        change["OldImage"] = old;
    }
    json!({"eventName": "MODIFY", "dynamodb": change})
}
