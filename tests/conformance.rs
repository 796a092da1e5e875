//! The parts of the house that must agree, held together: each test fails with the names of what drifted.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use serde_json::{Value, json};
use std::collections::BTreeSet;
use waybill_lambda::Stage;
use waybill_tests::asl::Machine;
use waybill_tests::repository;
use waybill_tests::rules::examples::{self, Example};
use waybill_tests::rules::folders::{self, Folder};
use waybill_tests::rules::sources::{self, File};
use waybill_tests::rules::{Findings, dependencies, stack, undo, workflow};
use waybill_tests::source::Source;
use waybill_tests::template::Template;

fn machine() -> Machine {
    Machine::read().unwrap()
}

fn template() -> Template {
    Template::read().unwrap()
}

#[track_caller]
fn holds(findings: &Findings) {
    assert!(findings.is_empty(), "\n  {}\n", findings.join("\n  "));
}

// --- Folders, packages, binaries -----------------------------------------------------------------

#[test]
fn a_function_is_a_folder_a_package_and_a_binary_of_one_name_with_a_readme() {
    holds(&folders::one_name(&Folder::all().unwrap()));
}

#[test]
fn an_entry_point_only_wires() {
    holds(&folders::thin_entry_points(&Folder::all().unwrap()));
}

#[test]
fn every_stage_has_its_folder_and_every_folder_of_the_workflow_its_stage() {
    holds(&folders::stages_and_folders(&Folder::all().unwrap()));
}

// --- The template --------------------------------------------------------------------------------

#[test]
fn every_folder_is_deployed_by_one_function_with_its_own_log_group_and_policies() {
    holds(&stack::functions_and_folders(&template(), &repository::folders("functions").unwrap()));
}

#[test]
fn the_template_puts_in_exactly_the_stages_functions() {
    holds(&stack::substitutions(&template(), &machine()));
}

#[test]
fn every_function_is_a_stage_or_has_one_trigger() {
    holds(&stack::ways_in(&template()));
}

#[test]
fn a_template_that_drifted_is_found_out() {
    let names = repository::folders("functions").unwrap();
    let broken = |change: &dyn Fn(&mut Value)| {
        let Template(mut copy) = template();
        change(&mut copy["Resources"]);
        let copy = Template(copy);
        let mut found = stack::functions_and_folders(&copy, &names);
        found.extend(stack::substitutions(&copy, &machine()));
        found.extend(stack::ways_in(&copy));
        found.join("\n")
    };
    let table: [(&dyn Fn(&mut Value), &str); 9] = [
        (&|all| all["ShipFunction"]["Type"] = json!("Gone"), "functions/ship is deployed by 0 functions"),
        (
            &|all| all["ShipFunction"]["Properties"]["CodeUri"] = json!("../target/lambda/pick/"),
            "functions/pick is deployed by 2",
        ),
        (
            &|all| all["ShipFunction"]["Properties"]["CodeUri"] = json!("../target/lambda/sink/"),
            "ShipFunction has a CodeUri that is no folder's",
        ),
        (
            &|all| all["ShipFunction"]["Properties"]["LoggingConfig"]["LogGroup"]["Ref"] = json!("PickLogs"),
            "ShipFunction needs a log group of its own",
        ),
        (
            &|all| all["ShipLogs"]["Properties"]["RetentionInDays"] = Value::Null,
            "ShipFunction needs a log group of its own",
        ),
        (
            &|all| all["ShipFunction"]["Properties"]["Policies"] = json!(["AmazonDynamoDBFullAccess"]),
            "ShipFunction must have policies that are written out",
        ),
        (
            &|all| all["ShipFunction"]["Properties"]["Policies"][0]["Statement"][0]["Action"] = json!(["dynamodb:*"]),
            "ShipFunction may do",
        ),
        (
            &|all| {
                all["OrderWorkflow"]["Properties"]["DefinitionSubstitutions"]["PickFunctionArn"] =
                    json!({"Fn::GetAtt": ["PackFunction", "Arn"]})
            },
            "PickFunctionArn must be the Arn of PickFunction",
        ),
        (&|all| all["RelayTrigger"]["Type"] = json!("Gone"), "RelayFunction can be run in 0 ways"),
    ];
    for (change, named) in table {
        let found = broken(change);
        assert!(found.contains(named), "{named} was not found out; found: {found}");
    }
}

// --- The state machine ---------------------------------------------------------------------------

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
    let bytes = repository::text(waybill_tests::asl::DEFINITION).unwrap().len();
    assert!(bytes < workflow::MAX_BYTES, "{bytes} bytes");
}

#[test]
fn a_machine_that_drifted_is_found_out() {
    fn caught<'s>(state: &'s mut Value, error: &str) -> &'s mut Value {
        let clauses = state["Catch"].as_array_mut().unwrap();
        clauses.iter_mut().find(|clause| clause["ErrorEquals"] == json!([error])).unwrap()
    }
    fn forget(state: &mut Value, error: &str) {
        state["Catch"].as_array_mut().unwrap().retain(|clause| clause["ErrorEquals"] != json!([error]));
    }
    type Change = fn(&mut Value);
    let table: [(&str, Change, &str); 20] = [
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
    let machine = machine();
    for (state, change, named) in table {
        let broken = machine.with(state, change);
        assert_ne!(broken, machine, "{state} was not changed");
        let found = workflow::all(&broken).join("\n");
        assert!(found.contains(named), "{named} was not found out; found: {found}");
    }
}

// --- Examples ------------------------------------------------------------------------------------

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
    let broken = |state: &str, change: fn(&mut Value)| {
        let mut all = Example::all().unwrap();
        change(&mut all.iter_mut().find(|example| example.state == state).unwrap().body);
        let machine = machine();
        let mut found = examples::agree_with_the_machine(&machine, &all);
        found.extend(examples::agree_with_the_functions(&machine, &all));
        found.extend(examples::hand_on(&machine, &all));
        found.join("\n")
    };
    let table: [(&str, fn(&mut Value), &str); 5] = [
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

// --- Dependencies --------------------------------------------------------------------------------

#[test]
fn dependencies_point_one_way() {
    holds(&dependencies::forbidden_edges(&dependencies::packages().unwrap()));
}

#[test]
fn a_forbidden_dependency_is_found_out() {
    let packages = dependencies::packages().unwrap();
    let table = [
        ("waybill-domain", "tokio"),
        ("waybill-domain", "waybill-lambda"),
        ("waybill-lambda", "waybill-aws"),
        ("waybill-lambda", "aws-sdk-dynamodb"),
        ("waybill-aws", "lambda_runtime"),
        ("waybill-aws", "relay"),
        ("waybill-gateways", "aws-config"),
        ("ship", "aws-sdk-sqs"),
        ("ship", "waybill-testkit"),
        ("ship", "relay"),
        ("relay", "sweep"),
        ("waybill-testkit", "waybill-lambda"),
        ("ship", "waybill-harness"),
    ];
    for (from, to) in table {
        let mut broken = packages.clone();
        broken.iter_mut().find(|package| package.name == from).unwrap().uses.insert(to.to_owned());
        let found = dependencies::forbidden_edges(&broken);
        assert!(found.contains(&format!("{from} must not depend on {to}")), "{from} → {to}; found: {found:?}");
    }
}

#[test]
fn every_member_of_the_workspace_is_looked_at() {
    let root = repository::toml("Cargo.toml").unwrap();
    let members = root["workspace"]["members"].as_array().unwrap();
    let members = members.iter().flat_map(|member| match member.as_str().unwrap().strip_suffix("/*") {
        Some(group) => repository::folders(group).unwrap().iter().map(|name| format!("{group}/{name}")).collect(),
        None => vec![member.as_str().unwrap().to_owned()],
    });
    let seen = dependencies::packages().unwrap().into_iter().map(|package| package.folder).collect::<BTreeSet<_>>();
    assert_eq!(seen, members.collect::<BTreeSet<_>>());
}

// --- Sources -------------------------------------------------------------------------------------

fn files(folder: &str) -> Vec<File> {
    let found = File::all_in(folder).unwrap();
    assert!(!found.is_empty(), "{folder} holds no sources");
    found
}

#[test]
fn functions_libraries_name_no_aws_sdk() {
    holds(&sources::functions_know_no_aws_sdk(&files("functions")));
}

#[test]
fn the_domain_reads_no_clock_no_environment_and_waits_for_nothing() {
    holds(&sources::the_domain_is_pure(&files("shared/domain/src")));
}

#[test]
fn money_never_floats() {
    for folder in ["shared/domain", "shared/gateways", "shared/lambda", "shared/aws", "functions"] {
        holds(&sources::nothing_is_floating(&files(folder)));
    }
}

#[test]
fn conditions_of_writes_do_no_arithmetic() {
    holds(&sources::conditions_do_no_arithmetic(&files("shared/aws/src")));
}

#[test]
fn no_source_is_too_long_to_be_read_at_once() {
    let mut found = Findings::new();
    for folder in ["functions", "shared", "tests", "xtask"] {
        found.extend(sources::files_are_short(&files(folder)));
    }
    holds(&found);
}

#[test]
fn a_source_that_breaks_a_rule_is_found_out() {
    let file = |text: &str| vec![File { path: "x.rs".to_owned(), text: text.to_owned() }];
    let table: [(fn(&[File]) -> Findings, &str, &str); 9] = [
        (sources::functions_know_no_aws_sdk, "use aws_sdk_dynamodb::Client;", "x.rs names `aws_sdk_dynamodb`"),
        (sources::the_domain_is_pure, "fn f() { Timestamp::now() }", "x.rs reads the clock"),
        (sources::the_domain_is_pure, "fn f() { let at = Zoned :: now(); }", "x.rs reads the clock"),
        (sources::the_domain_is_pure, "async fn f() {}", "x.rs names `async`"),
        (sources::the_domain_is_pure, "use std::time::SystemTime;", "x.rs names `SystemTime`"),
        (sources::nothing_is_floating, "fn f(x: f64) {}", "x.rs names `f64`"),
        (sources::nothing_is_floating, "let x = 1_f32;", "x.rs names `1_f32`"),
        (sources::conditions_do_no_arithmetic, "\n x(\"on_hand - allocated >= :n\")", "x.rs:2 computes in a condition"),
        (sources::files_are_short, &"\n".repeat(401), "x.rs has 401 lines"),
    ];
    for (rule, text, named) in table {
        let found = rule(&file(text));
        assert!(found.iter().any(|finding| finding.contains(named)), "{named} was not found out: {found:?}");
    }
    let fine = "/// `SystemTime` and f64.\nfn f() -> impl Future<Output = ()>; // async\n const S: &str = \"tokio\";";
    holds(&sources::the_domain_is_pure(&file(fine)));
    holds(&sources::nothing_is_floating(&file(fine)));
}

#[test]
fn every_stage_there_is_stands_in_all_of_them() {
    let source = Source::of(&repository::text("shared/lambda/src/stage.rs").unwrap());
    let (_, body) = source.code.split_once("pub enum Stage {").unwrap();
    let (variants, _) = body.split_once('}').unwrap();
    let declared: Vec<String> =
        variants.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    let known: Vec<String> = Stage::ALL.into_iter().map(|stage| format!("{stage:?}")).collect();
    assert_eq!(declared, known);
}
