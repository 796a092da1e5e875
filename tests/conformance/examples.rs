//! Examples of states.

use crate::{holds, machine};
use serde_json::{Value, json};
use waybill_tests::rules::examples::{self, Example};

#[test]
fn every_state_has_an_example() {
    holds(&examples::one_per_state(&machine(), &Example::all().unwrap()));
}

#[test]
fn examples_show_what_the_machine_makes_of_them() {
    holds(&examples::agree_with_the_machine(&machine(), &Example::all().unwrap()));
}

#[test]
fn examples_are_of_the_functions_own_types() {
    holds(&examples::agree_with_the_functions(&machine(), &Example::all().unwrap()));
}

#[test]
fn what_a_state_hands_on_is_what_the_next_one_takes() {
    holds(&examples::hand_on(&machine(), &Example::all().unwrap()));
}

#[test]
fn an_example_that_drifted_is_found_out() {
    type Change = fn(&mut Value);
    let broken = |state: &str, change: fn(&mut Value)| {
        let mut all = Example::all().unwrap();
        change(&mut all.iter_mut().find(|example| example.state == state).unwrap().body);
        let machine = machine();
        let mut found = examples::agree_with_the_machine(&machine, &all);
        found.extend(examples::agree_with_the_functions(&machine, &all));
        found.extend(examples::hand_on(&machine, &all));
        found.join("\n")
    };
    let table: [(&str, Change, &str); 5] = [
        ("Pick", |body| body["payload"]["order_id"] = json!("ord-1"), "Pick: the payload is"),
        ("Pick", |body| body["payload"]["surprise"] = json!(1), "pick does not take it: unknown field `surprise`"),
        ("Route", |body| body["answer"] = json!({"sites": []}), "route does not take it: missing field `fulfillments`"),
        ("Fulfill", |body| body["items"][1]["fulfillment"] = json!(3), "an iteration's input"),
        ("Pick", |body| body["caught"][0]["next"] = json!("Pack"), "Pick does not lead to \"Pack\""),
    ];
    for (state, change, named) in table {
        let found = broken(state, change);
        assert!(found.contains(named), "{named} was not found out; found: {found}");
    }
}
