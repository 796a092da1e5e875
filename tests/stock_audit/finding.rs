//! What the adapters write is proven, and a number changed beside them is found: at once and at night.

use crate::database::{Database, ORDERS, STOCK};
use audit_stock::{Auditor, Found, StreamEvent, handle};
use aws_sdk_dynamodb::types::AttributeValue;
use reconcile::{Books, Report, Window};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use waybill_aws::{DynamoOrders, DynamoStatements, DynamoStock};
use waybill_domain::id::DocumentId;
use waybill_domain::order::{Actor, Order};
use waybill_domain::ports::{Commit, Filed, Files, Orders, Statements, Stock, StoreError};
use waybill_domain::stock::audit::Rule;
use waybill_domain::stock::{Body, Counter, Document, Kind, Movement, Stow};
use waybill_testkit::{FakeProcessor, MemoryBus, MemoryCatalog, Step, at, bring_to, first, id, tenant};

/// When the night's audit runs.
const LATER: i64 = 2 * 86_400;

struct Folder;

impl Files for Folder {
    async fn read(&self, _: &str) -> Result<Vec<u8>, StoreError> {
        Err(StoreError::Broken("nothing is read here".into()))
    }

    async fn write_json(&self, _: &str, _: String) -> Result<(), StoreError> {
        Ok(())
    }
}

struct Scene {
    database: Database,
    orders: DynamoOrders,
    stock: DynamoStock,
    auditor: Auditor<DynamoStatements, MemoryCatalog, MemoryBus>,
}

impl Scene {
    /// Documents of several kinds, and an order that goes through its whole life.
    async fn lived() -> Self {
        let database = Database::new().await;
        let client = &database.client;
        let statements = DynamoStatements::new(client.clone(), ORDERS, STOCK);
        let auditor = Auditor { statements, catalog: MemoryCatalog::seeded(&tenant()), bus: MemoryBus::default() };
        let orders = DynamoOrders::new(client.clone(), ORDERS, STOCK);
        let stock = DynamoStock::new(client.clone(), STOCK);
        let scene = Self { database, orders, stock, auditor };
        let lot = |name: &str| Some(Stow { lot: Some(id(name)), ..Stow::default() });
        let there = |kind, sku: &str, units| Movement::at(kind, id(sku), id("reno"), units);
        scene.file(1, vec![there(Kind::Received, "MUG-BLUE", 50), there(Kind::Received, "TEE-M-BLACK", 9)]).await;
        scene.file(2, vec![there(Kind::Received, "LAMP-1", 9).of(lot("L1"))]).await;
        let announced = DocumentId::derive(&tenant(), "test", "3");
        let expected = Movement::network(Kind::Expected, id("LAMP-1"), 6).announced(announced.clone());
        scene.file(3, vec![expected]).await;
        scene.file(4, vec![there(Kind::Arrived, "LAMP-1", 4).announced(announced).of(lot("L2"))]).await;
        scene.file(5, vec![there(Kind::Withheld, "LAMP-1", 2).of(lot("L1"))]).await;
        scene.file(6, vec![there(Kind::Adjusted, "MUG-BLUE", -3)]).await;
        Box::pin(scene.order()).await;
        scene
    }

    async fn file(&self, number: i64, movements: Vec<Movement>) {
        let document = Document {
            id: DocumentId::derive(&tenant(), "test", &number.to_string()),
            at: at(number),
            actor: Actor("test".to_owned()),
            body: Body::Adjustment { site: id("reno"), note: None },
            movements,
            request: None,
        };
        assert_eq!(self.stock.file(&tenant(), &document, &[]).await.unwrap(), Filed::Stored);
    }

    async fn order(&self) -> Order {
        let (order, recorded) = first("k1");
        self.orders.commit(Commit { before: None, after: &order, recorded: &recorded }).await.unwrap();
        Box::pin(bring_to(&self.orders, order, Step::Closed)).await.unwrap()
    }

    async fn hear(&self, records: &[Value]) -> Found {
        let event: StreamEvent = serde_json::from_value(json!({"Records": records})).unwrap();
        handle(&self.auditor, event).await.unwrap()
    }

    async fn night(&self) -> Report {
        let processor = FakeProcessor::default();
        let (orders, stock) = (&self.orders, &self.auditor.statements);
        let books = Books { orders, stock, processor: &processor, files: &Folder };
        let window = Window::before(at(LATER), at(i64::from(u32::MAX)));
        Box::pin(reconcile::handle(books, window, || at(LATER))).await.unwrap()
    }

    /// Adds to a counter as a hand in the table would: its cause is left as it is.
    async fn tamper(&self, sku: &str, place: &str, counter: Counter, by: i64) {
        let update = self
            .database
            .client
            .update_item()
            .table_name(STOCK)
            .key("pk", AttributeValue::S(format!("T#{}#SKU#{sku}", tenant())))
            .key("sk", AttributeValue::S(place.to_owned()))
            .update_expression("ADD #counter :by")
            .expression_attribute_names("#counter", counter.name())
            .expression_attribute_values(":by", AttributeValue::N(by.to_string()));
        update.send().await.unwrap();
    }
}

#[tokio::test]
async fn what_the_adapters_write_is_a_line_each_and_no_drift_by_day_or_night() {
    let scene = Box::pin(Scene::lived()).await;
    let records = scene.database.records().await;
    let found = scene.hear(&records).await;
    assert_eq!(found.drifts, []);
    assert_eq!(found.lines, records.len() as u64);
    let page = scene.auditor.statements.entries(&tenant(), &id("MUG-BLUE"), None, 100).await.unwrap();
    let kinds: BTreeSet<Kind> = page.rows.iter().flat_map(|line| &line.movements).map(|moved| moved.kind).collect();
    let expected = [Kind::Reserved, Kind::Allocated, Kind::Shipped, Kind::Received, Kind::Adjusted];
    assert_eq!(kinds, expected.into_iter().collect());
    let report = Box::pin(scene.night()).await;
    assert!(report.stock.complete && report.stock.read_units > 0);
    assert_eq!((&report.stock.drifts[..], report.stock.moving, report.stock.documents), (&[][..], 0, 6));
    assert_eq!((report.stock.skus, report.stock.unreadable.len()), (3, 0));
}

#[tokio::test]
async fn a_batch_that_comes_again_writes_nothing_new() {
    let scene = Box::pin(Scene::lived()).await;
    let records = scene.database.records().await;
    scene.hear(&records).await;
    let count = async || {
        let scan = scene.database.client.scan().table_name(STOCK).send().await.unwrap();
        scan.count()
    };
    let before = count().await;
    scene.hear(&records).await;
    assert_eq!(count().await, before);
    assert_eq!(scene.database.records().await.len(), records.len(), "what the audit writes is no change of a counter");
}

#[tokio::test]
async fn a_counter_changed_by_a_hand_is_found_at_once_and_at_night_with_the_line_where_it_broke() {
    let places = [
        ("MUG-BLUE", "ATP", Counter::Available),
        ("MUG-BLUE", "SITE#reno", Counter::OnHand),
        ("LAMP-1", "SITE#reno#STOW#9999-12-31#L1#-#-", Counter::Held),
    ];
    for (sku, place, counter) in places {
        let scene = Box::pin(Scene::lived()).await;
        let honest = scene.database.records().await.len();
        scene.tamper(sku, place, counter, 7).await;
        let records = scene.database.records().await;
        assert_eq!(records.len(), honest + 1, "{place}");
        let found = scene.hear(&records).await;
        let [drift] = &found.drifts[..] else { panic!("{place}: {:?}", found.drifts) };
        assert_eq!((drift.rule, drift.shelf.place.to_string().as_str()), (Rule::Repeated, place));
        assert_eq!((drift.wrong[0].counter, drift.wrong[0].found - drift.wrong[0].expected), (counter, 7));
        let cases = scene.auditor.statements.drifts(&tenant(), None, 10).await.unwrap().rows;
        assert_eq!(cases, found.drifts);
        assert_eq!(scene.hear(&records).await.drifts, [], "it is told once");

        let report = Box::pin(scene.night()).await;
        let [drift] = &report.stock.drifts[..] else { panic!("{place}: {:?}", report.stock.drifts) };
        assert_eq!((drift.place.as_str(), drift.counter, drift.found - drift.expected), (place, counter.name(), 7));
        let since = drift.since.as_ref().unwrap();
        let page = scene.auditor.statements.entries(&tenant(), &id(sku), None, 100).await.unwrap();
        let line = page.rows.iter().find(|line| line.cause.is_none()).unwrap();
        assert_eq!((since.at, &since.cause), (line.at, &None), "the line that names no movement");
    }
}
