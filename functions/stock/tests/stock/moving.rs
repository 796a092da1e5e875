//! What comes in, leaves and is put right.

use crate::door::{Answer, MUG, scene, units};
use serde_json::json;
use waybill_testkit::Trouble;

#[test]
fn the_same_call_gets_the_same_bytes_and_moves_once() {
    let scene = scene();
    let (_, before, ..) = scene.levels(MUG, "reno");
    let first = scene.post("floor", "k", "/stock/receipts", &units(MUG, 5));
    assert_eq!(first.status, 201, "{}", first.body);
    assert_eq!(scene.post("floor", "k", "/stock/receipts", &units(MUG, 5)), first);
    assert_eq!(scene.levels(MUG, "reno").1, before + 5);
    let other = scene.post("floor", "k", "/stock/receipts", &units(MUG, 6));
    assert_eq!(other.problem(), (422, "idempotency-key-reused".to_owned()));
    let elsewhere = scene.post(
        "floor",
        "k",
        "/stock/transfers",
        &json!({
        "from": "reno", "to": "dallas", "due": "2026-12-01", "lines": [{"sku": MUG, "quantity": 1}]}),
    );
    assert_eq!(elsewhere.status, 201, "a key is of its route");
    let id = first.json()["id"].as_str().unwrap().to_owned();
    let shown = scene.get("desk", &format!("/stock/documents/{id}"));
    assert_eq!((shown.status, shown.body), (200, first.body));
    assert_eq!(scene.get("stranger", &format!("/stock/documents/{id}")).status, 404, "another merchant's is unknown");
    scene.adds_up();
}

#[test]
fn a_broken_body_is_refused_by_field_and_rule_and_changes_nothing() {
    let scene = scene();
    let before = scene.world.memory.counters();
    let line = |more: serde_json::Value| json!({"site": "reno", "lines": [more]});
    let table = [
        (line(json!({"sku": MUG, "quantity": 0})), "/lines/0/quantity"),
        (line(json!({"sku": MUG, "quantity": -3})), "/lines/0/quantity"),
        (line(json!({"sku": MUG, "quantity": 1_000_001})), "/lines/0/quantity"),
        (line(json!({"sku": MUG, "quantity": 1.5})), "/lines/0/quantity"),
        (line(json!({"sku": MUG, "quantity": u64::MAX})), "/lines/0/quantity"),
        (line(json!({"sku": MUG})), "/lines/0"),
        (line(json!({"sku": "NONE", "quantity": 1})), "/lines/0/sku"),
        (line(json!({"sku": "a b", "quantity": 1})), "/lines/0/sku"),
        (line(json!({"sku": "SET", "quantity": 1})), "/lines/0/sku"),
        (line(json!({"sku": "MILK", "quantity": 1})), "/lines/0/lot"),
        (line(json!({"sku": MUG, "quantity": 1, "bin": "A1"})), "/lines/0/bin"),
        (line(json!({"sku": MUG, "quantity": 1, "expires": "2026-13-01"})), "/lines/0/expires"),
        (line(json!({"sku": MUG, "quantity": 1, "color": "blue"})), "/lines/0/color"),
        (json!({"site": "atlantis", "lines": [{"sku": MUG, "quantity": 1}]}), "/site"),
        (json!({"site": "reno", "lines": []}), "/lines"),
        (json!({"site": "reno", "announcement": "doc-1", "lines": [{"sku": MUG, "quantity": 1}]}), "/announcement"),
    ];
    for (body, pointer) in table {
        let answer = scene.post("floor", "k", "/stock/receipts", &body);
        assert_eq!(answer.problem(), (422, pointer.to_owned()), "{body}: {}", answer.body);
    }
    assert_eq!(scene.world.memory.counters(), before);
}

#[test]
fn what_is_announced_is_promisable_comes_in_and_may_be_withdrawn() {
    let scene = scene();
    let announced = scene.post(
        "chief",
        "a",
        "/stock/announcements",
        &json!({
        "site": "reno", "due": "2026-12-01", "reference": "PO-7", "lines": [{"sku": "NEW", "quantity": 10}]}),
    );
    assert_eq!(announced.status, 201, "{}", announced.body);
    let id = announced.json()["id"].as_str().unwrap().to_owned();
    let levels = scene.get("floor", "/stock/NEW").json();
    assert_eq!((&levels["available"], &levels["promisable"]), (&json!(0), &json!(10)));
    let coming = json!([{"document": id, "site": "reno", "due": "2026-12-01", "remaining": 10}]);
    assert_eq!(levels["announcements"], coming);
    let receipt =
        |quantity: i64| json!({"site": "reno", "announcement": id, "lines": [{"sku": "NEW", "quantity": quantity}]});
    let first = scene.post("floor", "r1", "/stock/receipts", &receipt(4)).json();
    assert_eq!(first["movements"][0]["kind"], "arrived");
    let path = format!("/stock/announcements/{id}/withdrawal");
    assert_eq!(scene.post("chief", "w", &path, &json!({"note": "the rest is cancelled"})).status, 201);
    let again = scene.post("chief", "w2", &path, &json!({"note": "and again"}));
    assert_eq!(again.problem(), (409, "not-allowed-now".to_owned()));
    let rest = scene.post("floor", "r2", "/stock/receipts", &receipt(6)).json();
    assert_eq!(rest["movements"][0]["kind"], "received", "they came all the same, announced by nobody");
    let levels = scene.get("floor", "/stock/NEW").json();
    assert_eq!((&levels["available"], &levels["promisable"]), (&json!(10), &json!(10)));
    assert_eq!(levels["announcements"], json!([]));
    scene.adds_up();
}

#[test]
fn a_transfer_leaves_one_site_and_comes_in_at_the_other() {
    let scene = scene();
    let (available, before, ..) = scene.levels(MUG, "reno");
    let out = |quantity: i64| json!({"from": "reno", "to": "dallas", "due": "2026-12-01", "lines": [{"sku": MUG, "quantity": quantity}]});
    let short = scene.post("floor", "t0", "/stock/transfers", &out(before + 1));
    assert_eq!(short.problem(), (409, "/lines/0/quantity".to_owned()), "{}", short.body);
    assert!(short.body.contains("reno") && short.body.contains("not-enough-units"), "{}", short.body);
    let sent = scene.post("floor", "t1", "/stock/transfers", &out(3)).json();
    assert_eq!(scene.levels(MUG, "reno").1, before - 3);
    assert_eq!(scene.levels(MUG, "reno").0, available - 3, "what is on the way is not here");
    let receipt = json!({"site": "dallas", "announcement": sent["id"], "lines": [{"sku": MUG, "quantity": 3}]});
    assert_eq!(scene.post("floor", "r", "/stock/receipts", &receipt).status, 201);
    assert_eq!(scene.levels(MUG, "dallas"), (available, 3, 3, 0));
    scene.adds_up();
}

#[test]
fn units_are_held_back_restored_and_written_off() {
    let scene = scene();
    let (available, on_hand, free, _) = scene.levels(MUG, "reno");
    let adjust = |key: &str, action: &str, quantity: i64| {
        let line = json!({"sku": MUG, "quantity": quantity, "reason": "damage"});
        scene.post("chief", key, "/stock/adjustments", &json!({"site": "reno", "action": action, "lines": [line]}))
    };
    let done = |answer: Answer| assert_eq!(answer.status, 201, "{}", answer.body);
    done(adjust("1", "withhold", 5));
    assert_eq!(scene.levels(MUG, "reno"), (available - 5, on_hand, free - 5, 5));
    done(adjust("2", "restore", 2));
    done(adjust("3", "write_off", 1));
    assert_eq!(scene.levels(MUG, "reno"), (available - 3, on_hand - 1, free - 3, 2));
    assert_eq!(adjust("4", "write_off", 3).status, 409, "only two are held back");
    done(adjust("5", "adjust", -4));
    assert_eq!(scene.levels(MUG, "reno"), (available - 7, on_hand - 5, free - 7, 2));
    scene.adds_up();
}

#[test]
fn everybody_does_what_their_role_allows() {
    let scene = scene();
    let adjustment = json!({"site": "reno", "lines": [{"sku": MUG, "quantity": 1, "reason": "found"}]});
    let announcement = json!({"site": "reno", "due": "2026-12-01", "lines": [{"sku": MUG, "quantity": 1}]});
    let table = [
        ("shop", "/stock/receipts", units(MUG, 1)),
        ("desk", "/stock/receipts", units(MUG, 1)),
        ("shop", "/stock/counts", json!({"site": "reno", "lines": [{"sku": MUG, "counted": 1}]})),
        ("floor", "/stock/adjustments", adjustment.clone()),
        ("desk", "/stock/adjustments", adjustment),
        ("floor", "/stock/announcements", announcement),
        ("floor", "/stock/counts/doc-1/decision", json!({"decision": "approve", "note": "n"})),
    ];
    for (client, path, body) in table {
        assert_eq!(scene.post(client, "k", path, &body).status, 403, "{client} {path}");
    }
    assert_eq!(scene.put("floor", &format!("/stock/{MUG}/reno"), &json!({"on_hand": 1})).status, 403);
    assert_eq!(scene.get("shop", &format!("/stock/{MUG}")).status, 403);
    assert_eq!(scene.post("nobody", "k", "/stock/receipts", &units(MUG, 1)).status, 401);
    assert_eq!(scene.post("stranger", "k", "/stock/receipts", &units(MUG, 1)).problem(), (422, "/site".to_owned()));
}

#[test]
fn on_hand_is_set_for_items_whose_units_are_all_alike() {
    let scene = scene();
    let path = format!("/stock/{MUG}/reno");
    for on_hand in [7, 7, 0, 12] {
        let answer = scene.put("chief", &path, &json!({"on_hand": on_hand}));
        assert_eq!(answer.status, 200, "{}", answer.body);
        let sites = answer.json()["sites"].as_array().unwrap().clone();
        let reno = sites.iter().find(|site| site["site"] == "reno").unwrap();
        assert_eq!(reno["on_hand"], json!(on_hand));
    }
    for bad in [json!(-1), json!(4_294_967_296_u64), json!("many"), json!(1.5)] {
        assert_eq!(scene.put("chief", &path, &json!({"on_hand": bad})).problem(), (422, "/on_hand".to_owned()));
    }
    assert_eq!(scene.put("chief", "/stock/MILK/reno", &json!({"on_hand": 1})).problem(), (422, "/on_hand".to_owned()));
    assert_eq!(scene.put("chief", "/stock/NONE/reno", &json!({"on_hand": 1})).status, 404);
    assert_eq!(scene.put("chief", &format!("/stock/{MUG}/atlantis"), &json!({"on_hand": 1})).status, 404);
    scene.adds_up();
}

#[test]
fn lots_are_shown_apart_and_add_up() {
    let scene = scene();
    let lot = |name: &str, quantity: i64| json!({"sku": "MILK", "quantity": quantity, "lot": name});
    let body = json!({"site": "reno", "lines": [lot("L1", 4), lot("L2", 6)]});
    assert_eq!(scene.post("floor", "r", "/stock/receipts", &body).status, 201);
    let gone = json!({"site": "reno", "lines": [{"sku": "MILK", "quantity": -5, "lot": "L1", "reason": "expiry"}]});
    let short = scene.post("chief", "a", "/stock/adjustments", &gone);
    assert_eq!(short.problem(), (409, "/lines/0/quantity".to_owned()), "ten are there, of this lot only four");
    let levels = scene.get("floor", "/stock/MILK").json();
    let lots: Vec<_> =
        levels["sites"][0]["stows"].as_array().unwrap().iter().map(|one| (&one["lot"], &one["on_hand"])).collect();
    assert_eq!(lots, vec![(&json!("L1"), &json!(4)), (&json!("L2"), &json!(6))]);
    scene.adds_up();
}

#[test]
fn a_call_whose_answer_was_lost_gets_it_the_second_time_and_one_that_came_late_is_decided_anew() {
    let scene = scene();
    let (_, before, ..) = scene.levels(MUG, "reno");
    scene.world.faults.fail_next("stock.file", Trouble::AnswerLost);
    assert_eq!(scene.post("floor", "k", "/stock/receipts", &units(MUG, 5)).status, 503);
    assert_eq!(scene.post("floor", "k", "/stock/receipts", &units(MUG, 5)).status, 201);
    scene.world.faults.fail_next("stock.file", Trouble::Conflict);
    assert_eq!(scene.post("floor", "k2", "/stock/receipts", &units(MUG, 1)).status, 201);
    assert_eq!(scene.levels(MUG, "reno").1, before + 6);
    for nth in 1..=5 {
        scene.world.faults.fail_nth("stock.file", nth, Trouble::Conflict);
    }
    let busy = scene.post("floor", "k3", "/stock/receipts", &units(MUG, 1));
    assert_eq!(busy.problem(), (409, "not-allowed-now".to_owned()));
    assert_eq!((scene.levels(MUG, "reno").1, scene.world.faults.pending()), (before + 6, 0));
    scene.adds_up();
}
