//! What is a drift, what is none, and what a batch that comes again does.

use crate::scene::{Scene, history};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use waybill_domain::ports::{Statements, Stock};
use waybill_domain::stock::audit::{Rule, Wrong};
use waybill_domain::stock::{Counter, Kind};
use waybill_testkit::{Trouble, block_on, id, tenant};

/// The record with `by` more on a counter since.
fn tampered(record: &Value, counter: Counter, by: i64) -> Option<(Value, i64)> {
    let units: i64 = record["dynamodb"]["NewImage"][counter.name()]["N"].as_str()?.parse().ok()?;
    let mut record = record.clone();
    record["dynamodb"]["NewImage"][counter.name()]["N"] = json!((units + by).to_string());
    Some((record, units + by))
}

#[test]
fn a_history_that_nobody_touched_has_a_line_for_every_change_and_no_drift() {
    let scene = history();
    let found = scene.hear_all();
    assert_eq!(found.drifts, []);
    assert_eq!(found.lines, scene.records.len() as u64);
    let lines = scene.auditor.statements.lines();
    assert_eq!(lines.len(), scene.records.len());
    let kinds: BTreeSet<Kind> = lines.iter().flat_map(|line| &line.movements).map(|moved| moved.kind).collect();
    for kind in [Kind::Received, Kind::Arrived, Kind::WrittenOff, Kind::Reserved, Kind::Allocated, Kind::Shipped] {
        assert!(kinds.contains(&kind), "{kind:?}");
    }
}

#[test]
fn every_counter_of_every_change_that_says_otherwise_is_one_drift_that_names_the_cause() {
    let scene = history();
    for (number, record) in scene.records.iter().enumerate() {
        for (counter, by) in Counter::ALL.into_iter().flat_map(|counter| [(counter, 1), (counter, -2)]) {
            let Some((tampered, found)) = tampered(record, counter, by) else { continue };
            // Statements of its own: each is looked at as if it were the only one.
            let fresh = history();
            let drifts = fresh.hear(std::slice::from_ref(&tampered)).unwrap().drifts;
            let [drift] = &drifts[..] else { panic!("record {number}, {counter:?}: {drifts:?}") };
            assert_eq!(drift.cause.as_deref(), record["dynamodb"]["NewImage"]["cause"]["S"].as_str());
            assert_eq!(
                (drift.rule, &drift.wrong[..]),
                (Rule::Deltas, &[Wrong { counter, expected: found - by, found }][..])
            );
            assert_eq!(fresh.auditor.statements.all_drifts(), drifts);
        }
    }
}

#[test]
fn a_batch_that_comes_again_writes_and_tells_nothing_new() {
    let mut scene = history();
    let sold = |record: &&Value| tampered(record, Counter::Available, 5);
    let number = scene.records.iter().position(|record| sold(&record).is_some()).unwrap();
    scene.records[number] = sold(&&scene.records[number]).unwrap().0;
    let first = scene.hear_all();
    let statements = &scene.auditor.statements;
    let (lines, drifts, told) = (statements.lines(), statements.all_drifts(), scene.auditor.bus.published());
    assert_eq!(first.drifts.len(), 1);
    let again = scene.hear_all();
    assert_eq!((again.lines, again.drifts.len()), (first.lines, 0), "the drift is known");
    assert_eq!((statements.lines(), statements.all_drifts()), (lines, drifts));
    assert_eq!(scene.auditor.bus.published(), told);
}

#[test]
fn whatever_call_fails_the_batch_comes_again_and_ends_as_if_nothing_had_failed() {
    let whole = history();
    whole.hear_all();
    let calls = whole.world.faults.calls().len();
    let expected = (whole.auditor.statements.lines(), whole.auditor.bus.published());
    let before = history().world.faults.calls().len();
    assert!(calls - before > whole.records.len(), "at least a line each");
    for nth in 1..=(calls - before) {
        for trouble in [Trouble::Unavailable, Trouble::AnswerLost] {
            let scene = history();
            scene.world.faults.fail_call(nth, trouble.clone());
            assert!(scene.hear(&scene.records).is_err(), "call {nth}: {trouble:?}");
            assert_eq!(scene.hear_all().drifts, [], "call {nth}: {trouble:?}");
            let mut told = scene.auditor.bus.published();
            told.dedup_by(|a, b| a.id == b.id);
            assert_eq!((scene.auditor.statements.lines(), told), expected, "call {nth}: {trouble:?}");
        }
    }
}

#[test]
fn counters_edited_by_hand_are_told_whatever_they_name() {
    let opened = || {
        let mut scene = Scene::new();
        scene.adjust("opening", 1, "LAMP-1", 5);
        scene
    };
    let first = opened().records[0].clone();
    let edited = |cause: Value| {
        let mut record = first.clone();
        record["dynamodb"]["OldImage"] = record["dynamodb"]["NewImage"].clone();
        record["dynamodb"]["NewImage"]["available"]["N"] = json!("999");
        record["dynamodb"]["NewImage"]["cause"] = cause;
        record["dynamodb"]["SequenceNumber"] = json!("200000");
        record
    };
    let kept = first["dynamodb"]["NewImage"]["cause"].clone();
    for (cause, rule) in [
        (kept, Rule::Repeated),
        (Value::Null, Rule::Uncaused),
        (json!({"S": "me"}), Rule::UnknownCause),
        (json!({"S": "ord-1#7"}), Rule::UnknownCause),
    ] {
        let drifts = opened().hear(&[edited(cause)]).unwrap().drifts;
        assert_eq!(drifts.iter().map(|drift| drift.rule).collect::<Vec<_>>(), [rule]);
    }
}

#[test]
fn what_one_cause_moved_twice_is_told_even_after_others_moved_between() {
    let mut scene = Scene::new();
    scene.adjust("first", 1, "LAMP-1", 5);
    let first = scene.records.clone();
    scene.adjust("second", 2, "LAMP-1", 5);
    assert_eq!(scene.hear_all().drifts, []);
    let mut again = first[0].clone();
    let image = |units: i64| {
        let mut image = first[0]["dynamodb"]["NewImage"].clone();
        for counter in ["available", "promisable", "fillable", "on_hand", "free"] {
            if image[counter].is_object() {
                let now: i64 = image[counter]["N"].as_str().unwrap().parse().unwrap();
                image[counter] = json!({"N": (now + units).to_string()});
            }
        }
        image
    };
    again["dynamodb"]["OldImage"] = image(5);
    again["dynamodb"]["OldImage"]["cause"] = json!({"S": "doc-other"});
    again["dynamodb"]["NewImage"] = image(10);
    again["dynamodb"]["SequenceNumber"] = json!("200000");
    let drifts = scene.hear(&[again.clone()]).unwrap().drifts;
    assert_eq!(drifts.iter().map(|drift| drift.rule).collect::<Vec<_>>(), [Rule::Repeated]);
    assert_eq!(scene.hear(&[again]).unwrap().drifts, [], "once");
}

#[test]
fn a_statement_is_read_newest_first_page_by_page() {
    let mut scene = Scene::new();
    for number in 0..5 {
        scene.adjust(&number.to_string(), number, "LAMP-1", 1);
    }
    scene.hear_all();
    let (mut after, mut lines) = (None, Vec::new());
    loop {
        let page = block_on(scene.auditor.statements.entries(&tenant(), &id("LAMP-1"), after.as_deref(), 3)).unwrap();
        lines.extend(page.rows);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(lines.len(), 10, "network and site of five adjustments");
    assert!(lines.is_sorted_by(|newer, older| newer.at >= older.at));
    let level = block_on(scene.world.stock.levels(&tenant(), &id("LAMP-1"))).unwrap();
    let newest = lines.iter().find(|line| line.counters.contains_key(&Counter::OnHand)).unwrap();
    let reno = level.sites.iter().find(|site| site.site == id("reno")).unwrap();
    assert_eq!(newest.counters[&Counter::OnHand], reno.level.on_hand);
}
