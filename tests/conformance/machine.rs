//! The state machine.

use crate::{holds, machine};
use serde_json::{Value, json};
use waybill_tests::asl::DEFINITION;
use waybill_tests::repository;
use waybill_tests::rules::{undo, workflow};

#[test]
fn every_task_is_a_stage_and_every_stage_a_task() {
    holds(&workflow::tasks_and_stages(&machine()));
}

#[test]
fn the_stages_that_wait_and_only_they_are_called_with_a_task_token() {
    holds(&workflow::waits(&machine()));
}

#[test]
fn every_task_has_a_deadline() {
    holds(&workflow::deadlines(&machine()));
}

#[test]
fn every_task_retries_what_passes_by_itself() {
    holds(&workflow::retries(&machine()));
}

#[test]
fn every_failure_is_caught_and_a_refusal_has_a_way_of_its_own() {
    holds(&workflow::catches(&machine()));
}

#[test]
fn no_error_is_waited_for_that_nothing_raises() {
    holds(&workflow::error_names(&machine()));
}

#[test]
fn the_machine_has_tasks_and_maps_only() {
    holds(&workflow::kinds(&machine()));
}

#[test]
fn a_pending_payment_is_waited_for_and_looked_at_again() {
    holds(&workflow::what_is_pending_goes_round(&machine()));
}

#[test]
fn every_effect_is_undone_whatever_fails_before_hand_over() {
    holds(&undo::effects_are_undone(&machine()));
}

#[test]
fn nothing_is_undone_once_goods_have_left() {
    holds(&undo::nothing_is_undone_after_hand_over(&machine()));
}

#[test]
fn an_order_of_one_shipment_takes_at_most_twelve_transitions() {
    let machine = machine();
    let path: Vec<&str> = machine.happy_path().iter().map(|place| place.name).collect();
    assert!(path.contains(&"Dispatch") && path.last() == Some(&"Complete"), "{path:?}");
    assert!(path.len() <= 12, "{} transitions: {path:?}", path.len());
    println!("{} transitions: {}", path.len(), path.join(" → "));
}

#[test]
fn the_definition_is_small_enough_for_step_functions() {
    let bytes = repository::text(DEFINITION).unwrap().len();
    assert!(bytes < workflow::MAX_BYTES, "{bytes} bytes");
}

/// How a state is broken.
type Change = fn(&mut Value);

fn forget(state: &mut Value, error: &str) {
    state["Catch"].as_array_mut().unwrap().retain(|clause| clause["ErrorEquals"] != json!([error]));
}

#[test]
fn a_machine_that_drifted_is_found_out() {
    fn caught<'s>(state: &'s mut Value, error: &str) -> &'s mut Value {
        let mut clauses = state["Catch"].as_array_mut().unwrap().iter_mut();
        clauses.find(|clause| clause["ErrorEquals"] == json!([error])).unwrap()
    }
    let table: [(&str, Change, &str); 26] = [
        ("Ship", |state| state["TimeoutSeconds"] = Value::Null, "Ship has no TimeoutSeconds"),
        ("Ship", |state| state["Retry"] = json!([]), "Ship does not retry Transient"),
        (
            "Ship",
            |state| state["Retry"][0]["ErrorEquals"] = json!(["Transient", "Conflict"]),
            "Ship does not retry Lambda.ServiceException",
        ),
        ("Ship", |state| state["Retry"][0]["MaxAttempts"] = json!(1), "must retry"),
        (
            "Ship",
            |state| state["Retry"][0]["ErrorEquals"][0] = json!("Transitory"),
            "Ship waits for `Transitory`, which nothing raises",
        ),
        ("Ship", |state| forget(state, "States.ALL"), "Ship must end with a Catch of States.ALL alone"),
        ("Ship", |state| forget(state, "Refused"), "Ship has no Catch of Refused"),
        ("Pick", |state| forget(state, "States.Timeout"), "Pick has no Catch of States.Timeout"),
        ("Authorize", |state| forget(state, "ReviewRequired"), "Authorize has no Catch of ReviewRequired"),
        ("Authorize", |state| forget(state, "PaymentPending"), "Authorize has no Catch of PaymentPending"),
        (
            "AwaitPayment",
            |state| state["Next"] = json!("Route"),
            "does not lead to AwaitPayment and from there to Authorize",
        ),
        ("Route", |state| forget(state, "StockPending"), "Route has no Catch of StockPending"),
        (
            "AwaitStock",
            |state| state["Next"] = json!("Route"),
            "does not lead to AwaitStock and from there to Authorize",
        ),
        (
            "AwaitStock",
            |state| caught(state, "Refused")["Next"] = json!("ReleaseStock"),
            "AwaitStock on Refused does not lead to VoidPayment, so that Authorize is not undone",
        ),
        (
            "AwaitPayment",
            |state| caught(state, "Refused")["Next"] = json!("ReleaseStock"),
            "AwaitPayment on Refused does not lead to VoidPayment, so that Authorize is not undone",
        ),
        (
            "Pick",
            |state| state["Resource"] = json!("arn:aws:states:::lambda:invoke"),
            "Pick must use `lambda:invoke.waitForTaskToken`",
        ),
        (
            "Ship",
            |state| state["Resource"] = json!("arn:aws:states:::lambda:invoke.waitForTaskToken"),
            "Ship must use `lambda:invoke`",
        ),
        (
            "Ship",
            |state| state["Arguments"]["FunctionName"] = json!("${SinkFunctionArn}"),
            "Ship calls `${SinkFunctionArn}`, which is no Stage",
        ),
        (
            "Ship",
            |state| state["Arguments"]["FunctionName"] = json!("${PackFunctionArn}"),
            "Stage::Ship is called by no state",
        ),
        ("Ship", |state| state["Type"] = json!("Pass"), "Ship is a Pass"),
        (
            "Authorize",
            |state| caught(state, "Refused")["Next"] = json!("ReleaseStock"),
            "Authorize on Refused does not lead to VoidPayment, so that Authorize is not undone",
        ),
        (
            "VoidPayment",
            |state| state["Next"] = json!("CompensationException"),
            "does not lead to ReleaseStock, so that Route is not undone",
        ),
        (
            "HandOver",
            |state| caught(state, "States.ALL")["Next"] = json!("VoidLabelException"),
            "HandOver on States.ALL does not lead to VoidLabel, so that Ship is not undone",
        ),
        (
            "Complete",
            |state| caught(state, "Refused")["Next"] = json!("CompleteException"),
            "Pick on Refused does not lead to VoidPayment",
        ),
        (
            "Dispatch",
            |state| caught(state, "States.ALL")["Next"] = json!("VoidLabel"),
            "VoidLabel can be reached after HandOver",
        ),
        ("DispatchException", |state| state["Catch"] = json!([]), "Abandon can be reached after HandOver"),
    ];
    for (state, change, named) in table {
        let broken = machine().with(state, change);
        assert_ne!(broken, machine(), "{state} was not changed");
        let found = workflow::all(&broken).join("\n");
        assert!(found.contains(named), "{named} was not found out; found: {found}");
    }
}
