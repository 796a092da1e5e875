//! The template against folders, stages and the state machine.

use crate::{holds, machine, template};
use serde_json::{Value, json};
use waybill_tests::repository;
use waybill_tests::rules::folders::Folder;
use waybill_tests::rules::stack;
use waybill_tests::template::Template;

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
fn every_setting_that_is_read_is_given_and_none_besides() {
    holds(&stack::settings(&template(), &Folder::all().unwrap()));
}

#[test]
fn a_template_that_drifted_is_found_out() {
    type Change = fn(&mut Value);
    let names = repository::folders("functions").unwrap();
    let folders = Folder::all().unwrap();
    let broken = |change: Change| {
        let Template(mut copy) = template();
        change(&mut copy["Resources"]);
        let copy = Template(copy);
        let mut found = stack::functions_and_folders(&copy, &names);
        found.extend(stack::substitutions(&copy, &machine()));
        found.extend(stack::ways_in(&copy));
        found.extend(stack::settings(&copy, &folders));
        found.join("\n")
    };
    let table: [(Change, &str); 11] = [
        (|all| all["ShipFunction"]["Type"] = json!("Gone"), "functions/ship is deployed by 0 functions"),
        (
            |all| all["ShipFunction"]["Properties"]["CodeUri"] = json!("../target/lambda/pick/"),
            "functions/pick is deployed by 2",
        ),
        (
            |all| all["ShipFunction"]["Properties"]["CodeUri"] = json!("../target/lambda/sink/"),
            "ShipFunction has a CodeUri that is no folder's",
        ),
        (
            |all| all["ShipFunction"]["Properties"]["LoggingConfig"]["LogGroup"]["Ref"] = json!("PickLogs"),
            "ShipFunction needs a log group of its own",
        ),
        (
            |all| all["ShipLogs"]["Properties"]["RetentionInDays"] = Value::Null,
            "ShipFunction needs a log group of its own",
        ),
        (
            |all| all["ShipFunction"]["Properties"]["Policies"] = json!(["AmazonDynamoDBFullAccess"]),
            "ShipFunction must have policies that are written out",
        ),
        (
            |all| all["ShipFunction"]["Properties"]["Policies"][0]["Statement"][0]["Action"] = json!(["dynamodb:*"]),
            "ShipFunction may do",
        ),
        (
            |all| {
                all["OrderWorkflow"]["Properties"]["DefinitionSubstitutions"]["PickFunctionArn"] =
                    json!({"Fn::GetAtt": ["PackFunction", "Arn"]});
            },
            "PickFunctionArn must be the Arn of PickFunction",
        ),
        (|all| all["RelayTrigger"]["Type"] = json!("Gone"), "RelayFunction can be run in 0 ways"),
        (
            |all| all["ShipFunction"]["Properties"]["Environment"] = Value::Null,
            "ship reads STRIPE_BASE_URL, which the template does not give it",
        ),
        (
            |all| all["ShipFunction"]["Properties"]["Environment"]["Variables"]["SHIP_FAST"] = json!("1"),
            "ship is given SHIP_FAST, which it does not read",
        ),
    ];
    for (change, named) in table {
        let found = broken(change);
        assert!(found.contains(named), "{named} was not found out; found: {found}");
    }
}
