//! Statements and drifts: page by page, of one tenant and one item, whatever a cursor says.

use crate::door::{MUG, Scene, scene};
use serde_json::Value;
use waybill_domain::id::TenantId;
use waybill_domain::ports::Statements;
use waybill_domain::stock::audit::{Counters, Drift, Entry, Rule, Wrong};
use waybill_domain::stock::{Counter, Kind, Movement, Shelf};
use waybill_testkit::{at, block_on, id, tenant};

fn entry(sku: &str, seconds: i64) -> Entry {
    let cause = format!("ord-{seconds}#1");
    Entry {
        at: at(seconds),
        sequence: seconds.to_string(),
        shelf: Shelf::site(id(sku), id("reno")),
        shard: None,
        cause: Some(cause),
        movements: vec![Movement::at(Kind::Received, id(sku), id("reno"), 3)],
        deltas: Counters::from([(Counter::OnHand, 3), (Counter::Free, 3)]),
        counters: Counters::from([(Counter::OnHand, seconds), (Counter::Free, seconds)]),
    }
}

fn drift(tenant: TenantId, seconds: i64) -> Drift {
    Drift {
        tenant,
        shelf: Shelf::network(id(MUG)),
        shard: Some(3),
        at: at(seconds),
        cause: None,
        rule: Rule::Uncaused,
        wrong: vec![Wrong { counter: Counter::Available, expected: 5, found: 6 }],
    }
}

/// Sixty lines of the mug and one of a T-shirt; sixty drifts, and one of somebody else.
fn told() -> Scene {
    let scene = scene();
    for seconds in 1..=60 {
        block_on(scene.statements.enter(&tenant(), &entry(MUG, seconds))).unwrap();
        assert!(block_on(scene.statements.open_drift(&drift(tenant(), seconds))).unwrap());
    }
    block_on(scene.statements.enter(&tenant(), &entry("TEE-M-BLACK", 61))).unwrap();
    assert!(block_on(scene.statements.open_drift(&drift(id("other"), 61))).unwrap());
    scene
}

/// Every row of a list, and how many each page had.
fn all(scene: &Scene, path: &str, rows: &str) -> (Vec<Value>, Vec<usize>) {
    let (mut found, mut sizes, mut from) = (Vec::new(), Vec::new(), String::new());
    loop {
        let answer = scene.get("desk", &format!("{path}{from}"));
        assert_eq!(answer.status, 200, "{}", answer.body);
        let page = answer.json();
        let some = page[rows].as_array().unwrap().clone();
        sizes.push(some.len());
        found.extend(some);
        match page["next"].as_str() {
            Some(next) => from = format!("?cursor={}", next.replace('#', "%23").replace(':', "%3A")),
            None => return (found, sizes),
        }
    }
}

#[test]
fn a_statement_tells_every_change_newest_first_and_page_by_page() {
    let scene = told();
    let (lines, sizes) = all(&scene, "/stock/MUG-BLUE/entries", "lines");
    assert_eq!(sizes, [50, 10]);
    let causes: Vec<_> = lines.iter().map(|line| line["cause"].as_str().unwrap().to_owned()).collect();
    assert_eq!(causes, (1..=60).rev().map(|n| format!("ord-{n}#1")).collect::<Vec<_>>());
    let last = &lines[59];
    assert_eq!(last["place"], serde_json::json!({"kind": "site", "site": "reno"}));
    assert_eq!(last["changes"][0], serde_json::json!({"counter": "on_hand", "units": 3}));
    assert_eq!(last["counters"][1], serde_json::json!({"counter": "free", "units": 1}));
    assert_eq!(last["movements"][0]["kind"], "received");
}

#[test]
fn drifts_tell_what_is_wrong_and_where() {
    let scene = told();
    let (drifts, sizes) = all(&scene, "/stock/drifts", "drifts");
    assert_eq!(sizes, [50, 10]);
    let first = &drifts[0];
    assert_eq!((first["sku"].as_str(), first["at"].as_str()), (Some(MUG), Some(at(60).to_string().as_str())));
    assert_eq!(first["place"], serde_json::json!({"kind": "network", "shard": 3}));
    assert_eq!(first["says"], "changed, and nothing says by what");
    assert_eq!(first["wrong"][0], serde_json::json!({"counter": "available", "expected": 5, "found": 6}));
}

#[test]
fn what_is_no_cursor_of_ours_is_refused() {
    let scene = told();
    for path in ["/stock/MUG-BLUE/entries", "/stock/drifts"] {
        for made_up in ["", "SITE%23~", "~", "ATP", "ENTRY%23~", "0", "%F0%9F%8D%B5", &"9".repeat(2_000)] {
            let answer = scene.get("desk", &format!("{path}?cursor={made_up}"));
            assert_eq!(answer.problem(), (400, "query/cursor".to_owned()), "{path} {made_up}");
        }
        assert_eq!(scene.get("desk", &format!("{path}?page=2")).problem().0, 400);
    }
}

#[test]
fn nobody_reads_another_tenants_statements_or_without_the_role() {
    let scene = told();
    assert_eq!(scene.get("shop", "/stock/drifts").status, 403);
    assert_eq!(scene.get("shop", "/stock/MUG-BLUE/entries").status, 403);
    assert_eq!(scene.get("desk", "/stock/NOTHING/entries").status, 404);
    assert_eq!(scene.get("stranger", "/stock/MUG-BLUE/entries").status, 404);
    assert_eq!(scene.get("floor", "/stock/drifts").status, 200);
    let theirs = scene.get("stranger", "/stock/drifts");
    assert_eq!(theirs.json()["drifts"].as_array().map(Vec::len), Some(1), "{}", theirs.body);
}
