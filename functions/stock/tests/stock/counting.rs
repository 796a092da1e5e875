//! Counts, cases, decisions and the schedule.

use crate::door::{MUG, Scene, scene};
use serde_json::{Value, json};

fn count(scene: &Scene, client: &str, key: &str, counted: i64) -> Value {
    let body = json!({"site": "reno", "lines": [{"sku": MUG, "counted": counted}]});
    let answer = scene.post(client, key, "/stock/counts", &body);
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()
}

fn decide(scene: &Scene, client: &str, key: &str, count: &Value, decision: &str) -> (u16, String) {
    let path = format!("/stock/counts/{}/decision", count["id"].as_str().unwrap());
    let answer = scene.post(client, key, &path, &json!({"decision": decision, "note": "looked again"}));
    if answer.status == 201 { (201, answer.body) } else { answer.problem() }
}

fn cases(scene: &Scene) -> Vec<Value> {
    scene.get("desk", "/stock/cases").json()["cases"].as_array().unwrap().clone()
}

#[test]
fn a_count_that_agrees_moves_nothing_and_asks_nobody() {
    let scene = scene();
    let before = scene.levels(MUG, "reno");
    assert_eq!(count(&scene, "floor", "c", before.1)["disagrees"], json!(false));
    assert_eq!((cases(&scene), scene.levels(MUG, "reno")), (vec![], before));
}

#[test]
fn a_count_that_disagrees_changes_nothing_until_another_person_approves() {
    let scene = scene();
    let before = scene.levels(MUG, "reno");
    let counted = count(&scene, "floor", "c", before.1 - 3);
    assert_eq!((counted["disagrees"].clone(), scene.levels(MUG, "reno")), (json!(true), before));
    let case = &cases(&scene)[0];
    assert_eq!((&case["count"], &case["lines"][0]["difference"]), (&counted["id"], &json!(-3)));
    assert_eq!((&case["lines"][0]["proposed"], &case["lines"][0]["missing_of_orders"]), (&json!(-3), &json!(0)));
    // Two leave meanwhile: what is approved is the difference, not the number.
    let gone = json!({"site": "reno", "lines": [{"sku": MUG, "quantity": -2, "reason": "use"}]});
    assert_eq!(scene.post("chief", "u", "/stock/adjustments", &gone).status, 201);
    let first = decide(&scene, "desk", "d", &counted, "approve");
    assert_eq!(first.0, 201, "{}", first.1);
    assert_eq!(decide(&scene, "desk", "d", &counted, "approve"), first, "the same call again");
    assert_eq!(scene.levels(MUG, "reno").1, before.1 - 5);
    assert_eq!(cases(&scene), Vec::<Value>::new());
    assert_eq!(decide(&scene, "desk", "d2", &counted, "reject"), (409, "not-allowed-now".to_owned()));
    assert_eq!(scene.levels(MUG, "reno").1, before.1 - 5);
    scene.adds_up();
}

#[test]
fn a_rejected_count_moves_nothing() {
    let scene = scene();
    let before = scene.levels(MUG, "reno");
    let counted = count(&scene, "floor", "c", before.1 + 9);
    assert_eq!(decide(&scene, "desk", "d", &counted, "reject").0, 201);
    assert_eq!((cases(&scene), scene.levels(MUG, "reno")), (vec![], before));
}

#[test]
fn an_admin_alone_may_approve_a_count_of_their_own() {
    let scene = scene();
    let (_, on_hand, ..) = scene.levels(MUG, "reno");
    let own = count(&scene, "chief", "c", on_hand + 1);
    assert_eq!(decide(&scene, "chief", "d", &own, "approve").0, 201);
    assert_eq!(scene.levels(MUG, "reno").1, on_hand + 1);
}

#[test]
fn a_count_is_refused_by_field_and_rule() {
    let scene = scene();
    let table = [
        (json!([{"sku": MUG, "counted": -1}]), "/lines/0/counted"),
        (json!([{"sku": MUG, "counted": 1_000_001}]), "/lines/0/counted"),
        (json!([{"sku": MUG, "counted": 1}, {"sku": MUG, "counted": 2}]), "/lines/1/sku"),
        (json!([{"sku": "MILK", "counted": 1}]), "/lines/0/lot"),
        (json!([]), "/lines"),
    ];
    for (lines, pointer) in table {
        let answer = scene.post("floor", "k", "/stock/counts", &json!({"site": "reno", "lines": lines}));
        assert_eq!(answer.problem(), (422, pointer.to_owned()), "{lines}");
    }
    let path = "/stock/counts/doc-none/decision";
    assert_eq!(scene.post("desk", "k", path, &json!({"decision": "approve", "note": "n"})).status, 404);
}

#[test]
fn what_was_never_counted_is_due_and_what_was_just_counted_is_not() {
    let scene = scene();
    let due = |path: &str| {
        let answer = scene.get("floor", path).json();
        let items = answer["items"].as_array().unwrap().iter();
        items.map(|row| row["sku"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let before = due("/stock/counts/due?site=reno");
    assert!(before.contains(&MUG.to_owned()) && !before.contains(&"SET".to_owned()), "{before:?}");
    let (_, on_hand, ..) = scene.levels(MUG, "reno");
    count(&scene, "floor", "c", on_hand);
    let after = due("/stock/counts/due?site=reno");
    assert_eq!(after.len(), before.len() - 1);
    assert!(!after.contains(&MUG.to_owned()));
    assert_eq!(due("/stock/counts/due?site=dallas"), Vec::<String>::new(), "nothing was ever there");
    let last = before.last().unwrap();
    assert!(!due(&format!("/stock/counts/due?site=reno&cursor={last}")).contains(last));
    for (path, status) in
        [("/stock/counts/due", 400), ("/stock/counts/due?site=atlantis", 404), ("/stock/counts/due?x=1", 400)]
    {
        assert_eq!(scene.get("floor", path).status, status, "{path}");
    }
}
