//! Counters against every movement there ever was.

use crate::scene::{LATER, Scene};
use reconcile::Window;
use serde_json::{Value, json};
use waybill_domain::id::DocumentId;
use waybill_domain::order::Actor;
use waybill_domain::ports::{Filed, Statements, Stock};
use waybill_domain::stock::audit::{Counters, Entry};
use waybill_domain::stock::{Body, Counter, Document, Kind, Movement, Place, Shelf, Stow};
use waybill_testkit::{Trouble, at, block_on, id, tenant};

const SKU: &str = "LAMP-1";

fn site() -> Shelf {
    Shelf::site(id(SKU), id("reno"))
}

/// Two lots, an announcement that has come in in part, and units withheld.
fn stocked(scene: &Scene) {
    let lot = |name: &str| Some(Stow { lot: Some(id(name)), ..Stow::default() });
    let there = |kind, units| Movement::at(kind, id(SKU), id("reno"), units);
    let announced = DocumentId::derive(&tenant(), "test", "2");
    let documents = [
        vec![there(Kind::Received, 9).of(lot("L1")), there(Kind::Received, 3).of(lot("L2"))],
        vec![Movement::network(Kind::Expected, id(SKU), 6).announced(announced.clone())],
        vec![there(Kind::Arrived, 4).announced(announced).of(lot("L2"))],
        vec![there(Kind::Withheld, 2).of(lot("L1"))],
    ];
    for (number, movements) in (1..).zip(documents) {
        let document = Document {
            id: DocumentId::derive(&tenant(), "test", &number.to_string()),
            at: at(number),
            actor: Actor("test".to_owned()),
            body: Body::Adjustment { site: id("reno"), note: None },
            movements,
            request: None,
        };
        assert_eq!(block_on(scene.world.stock.file(&tenant(), &document, &[])).unwrap(), Filed::Stored);
    }
}

#[test]
fn stock_that_every_movement_explains_is_proven_and_counted() {
    let scene = Scene::new();
    stocked(&scene);
    scene.held("1");
    scene.paid("2");
    let report = scene.run();
    assert_eq!(report.stock.drifts, []);
    assert!(report.complete && report.stock.complete && report.stock.read_units > 0);
    let shelves = scene.world.memory.counters().into_keys().map(|(_, shelf, _)| shelf);
    let shelves: std::collections::BTreeSet<Shelf> = shelves.collect();
    assert_eq!(report.stock.shelves, shelves.len() as u64);
    assert!(shelves.iter().any(|shelf| matches!(shelf.place, Place::Announced(_))));
    assert!(report.stock.documents > 4 && report.stock.moving == 0);
    let files = scene.folder.0.lock().unwrap().clone();
    let body: Value = serde_json::from_str(&files[0].1).unwrap();
    assert_eq!((&body["stock"]["complete"], &body["stock"]["drifts"]), (&json!(true), &json!([])));
}

#[test]
fn every_single_counter_that_says_otherwise_is_found_and_no_other_is_blamed() {
    let counters: Vec<_> = {
        let scene = Scene::new();
        stocked(&scene);
        scene.paid("1");
        scene.world.memory.counters().into_keys().collect()
    };
    for (tenant, shelf, counter) in counters {
        let scene = Scene::new();
        stocked(&scene);
        scene.paid("1");
        scene.world.memory.tamper(&tenant, &shelf, counter, 3);
        let drifts = scene.run().stock.drifts;
        let [drift] = &drifts[..] else { panic!("{shelf:?} {counter:?}: {drifts:?}") };
        assert_eq!((drift.counter, drift.found - drift.expected), (counter.name(), 3));
        assert_eq!((drift.sku.as_str(), &drift.place), (shelf.sku.as_str(), &shelf.place.to_string()));
    }
}

#[test]
fn a_drift_is_a_case_that_is_opened_once_and_reported_every_night() {
    let scene = Scene::new();
    stocked(&scene);
    scene.world.memory.tamper(&tenant(), &site(), Counter::OnHand, -1);
    let first = scene.run();
    assert_eq!((first.stock.drifts.len(), first.stock.opened), (1, 1));
    let second = scene.run_at(2 * LATER, i64::from(u32::MAX));
    assert_eq!((second.stock.drifts.len(), second.stock.opened), (1, 0));
    assert_eq!(block_on(scene.statements.drifts(&tenant(), None, 10)).unwrap().rows.len(), 1);
}

#[test]
fn a_drift_names_the_line_where_the_statement_breaks() {
    let scene = Scene::new();
    stocked(&scene);
    scene.world.memory.tamper(&tenant(), &site(), Counter::OnHand, -5);
    let (mut on_hand, mut free) = (0, 0);
    for (number, units, really) in [(1, 12, 12), (3, 4, 4), (5, 1, -4), (6, 2, 2)] {
        (on_hand, free) = (on_hand + really, free + units);
        let entry = Entry {
            at: at(number),
            sequence: (100 + number).to_string(),
            shelf: site(),
            shard: None,
            cause: Some(format!("doc-{number}")),
            movements: vec![Movement::at(Kind::Received, id(SKU), id("reno"), units)],
            deltas: Counters::from([(Counter::OnHand, really), (Counter::Free, units)]),
            counters: Counters::from([(Counter::OnHand, on_hand), (Counter::Free, free)]),
        };
        block_on(scene.statements.enter(&tenant(), &entry)).unwrap();
    }
    let drifts = scene.run().stock.drifts;
    let since = drifts[0].since.as_ref().unwrap();
    assert_eq!((since.at, since.cause.as_deref()), (at(5), Some("doc-5")));
}

#[test]
fn what_was_moved_just_now_is_counted_as_moving_and_not_judged() {
    let scene = Scene::new();
    stocked(&scene);
    scene.world.memory.tamper(&tenant(), &site(), Counter::OnHand, 1);
    let soon = Window { from: at(-60), to: at(2), until: at(i64::from(u32::MAX)) };
    let report = scene.run_over(soon, 60);
    assert_eq!(report.stock.drifts, []);
    assert!(report.stock.moving >= 4, "{:?}", report.stock);
}

#[test]
fn a_run_whose_time_is_over_before_all_is_read_judges_nothing() {
    let scene = Scene::new();
    scene.world.memory.tamper(&tenant(), &site(), Counter::OnHand, 1);
    let report = scene.run_at(LATER, LATER);
    assert!(!report.complete && !report.stock.complete && report.stock.drifts.is_empty());
}

#[test]
fn stock_that_cannot_be_read_fails_the_run_which_is_repeated() {
    let scene = Scene::new();
    scene.world.faults.fail_next("statements.survey", Trouble::Unavailable);
    let window = Window::before(at(LATER), at(i64::from(u32::MAX)));
    let books = scene.books();
    assert!(block_on(reconcile::handle(books, window, || at(LATER))).is_err());
    assert!(scene.run().complete);
}
