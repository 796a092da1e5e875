//! The template against folders, stages and the state machine.

use super::Findings;
use super::folders::Folder;
use crate::asl::{Machine, camel};
use crate::source::Source;
use crate::template::{Resource, Template};
use serde_json::Value;
use std::collections::BTreeSet;
use waybill_lambda::Stage;

/// Actions for which AWS knows no resource, or none that would be narrower.
const WITHOUT_RESOURCE: [&str; 3] = ["states:SendTaskSuccess", "states:SendTaskFailure", "ses:SendEmail"];

/// One function per folder, named after it, with its own log group and its own policies.
#[must_use]
pub fn functions_and_folders(template: &Template, folders: &[String]) -> Findings {
    let mut found = Vec::new();
    for folder in folders {
        let ours = template.functions().filter(|function| template.folder_of(function.id) == Some(folder)).count();
        if ours != 1 {
            found.push(format!("functions/{folder} is deployed by {ours} functions of the template, not by one"));
        }
    }
    for function in template.functions() {
        match template.folder_of(function.id).filter(|folder| folders.iter().any(|known| known == folder)) {
            Some(folder) => found.extend(of_its_own(template, function, folder)),
            None => found.push(format!(
                "{} has a CodeUri that is no folder's: {}",
                function.id,
                function.properties()["CodeUri"]
            )),
        }
    }
    found
}

fn of_its_own(template: &Template, function: Resource<'_>, folder: &str) -> Findings {
    let mut found = Vec::new();
    let (id, properties) = (function.id, function.properties());
    if id != format!("{}Function", camel(folder)) {
        found.push(format!("{id} runs {folder}: it must be called {}Function", camel(folder)));
    }
    if properties["FunctionName"]["Fn::Sub"] != format!("${{AWS::StackName}}-{folder}") {
        found.push(format!("{id} must have the FunctionName ${{AWS::StackName}}-{folder}"));
    }
    let group = properties["LoggingConfig"]["LogGroup"]["Ref"].as_str().and_then(|group| template.resource(group));
    let named = |group: &Resource<'_>| {
        let name = group.properties()["LogGroupName"]["Fn::Sub"].as_str();
        name == Some(&format!("/aws/lambda/${{AWS::StackName}}-{folder}"))
            && !group.properties()["RetentionInDays"].is_null()
    };
    if !group.as_ref().is_some_and(named) {
        found.push(format!("{id} needs a log group of its own, with its name and a retention"));
    }
    found.extend(policies(id, properties));
    found
}

/// Policies are written out, name their actions, and their resources where AWS knows any.
fn policies(id: &str, properties: &Value) -> Findings {
    let mut found = Vec::new();
    if !properties["Role"].is_null() {
        found.push(format!("{id} must have a role of its own, not `Role`"));
    }
    let policies = properties["Policies"].as_array().map(Vec::as_slice).unwrap_or_default();
    if policies.is_empty() || policies.iter().any(|policy| policy["Statement"].is_null()) {
        found.push(format!("{id} must have policies that are written out"));
    }
    for statement in policies.iter().filter_map(|policy| policy["Statement"].as_array()).flatten() {
        let actions: Vec<&str> =
            statement["Action"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if actions.is_empty() || actions.iter().any(|action| action.contains('*')) {
            found.push(format!("{id} may do {}: its actions must be listed one by one", statement["Action"]));
        }
        let narrow = statement["Resource"] != "*" || actions.iter().all(|action| WITHOUT_RESOURCE.contains(action));
        if !narrow {
            found.push(format!("{id} may do {actions:?} to everything"));
        }
    }
    found
}

/// The placeholders of the state machine, what the template puts in for them, and the stages are the same; and the
/// workflow's role may call exactly these functions.
#[must_use]
pub fn substitutions(template: &Template, machine: &Machine) -> Findings {
    let stages: BTreeSet<String> =
        Stage::ALL.into_iter().map(|stage| format!("{}FunctionArn", camel(stage.name()))).collect();
    let Some(workflow) = template.resources("AWS::Serverless::StateMachine").next() else {
        return vec!["the template has no state machine".to_owned()];
    };
    let given = workflow.properties()["DefinitionSubstitutions"].as_object().cloned().unwrap_or_default();
    let mut found = differences("DefinitionSubstitutions", &given.keys().cloned().collect(), "the stages", &stages);
    found.extend(differences("the state machine", &placeholders(machine), "the stages", &stages));
    for (name, value) in &given {
        let function = name.trim_end_matches("Arn");
        if value["Fn::GetAtt"] != serde_json::json!([function, "Arn"]) {
            found.push(format!("{name} must be the Arn of {function}, not {value}"));
        }
    }
    let statements = workflow.properties()["Policies"].as_array().into_iter().flatten();
    let statements = statements.filter_map(|policy| policy["Statement"].as_array()).flatten();
    let invoked = statements.filter(|statement| statement["Action"] == serde_json::json!(["lambda:InvokeFunction"]));
    let invoked = invoked.filter_map(|statement| statement["Resource"].as_array()).flatten();
    let invoked = invoked.filter_map(|resource| Some(format!("{}Arn", resource["Fn::GetAtt"][0].as_str()?))).collect();
    found.extend(differences("the workflow's role", &invoked, "the stages", &stages));
    found
}

/// Every placeholder in the definition, wherever it stands.
fn placeholders(machine: &Machine) -> BTreeSet<String> {
    let text = machine.0.to_string();
    let found = text.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
    found.map(|(name, _)| name.to_owned()).collect()
}

/// Every function has exactly one way to be run: the workflow, or a trigger of its own.
#[must_use]
pub fn ways_in(template: &Template) -> Findings {
    let integrations = template.resources("AWS::ApiGatewayV2::Integration");
    let integrations =
        integrations.filter_map(|resource| resource.properties()["IntegrationUri"]["Fn::GetAtt"][0].as_str());
    let mappings = template.resources("AWS::Lambda::EventSourceMapping");
    let mappings = mappings.filter_map(|resource| resource.properties()["FunctionName"]["Ref"].as_str());
    let events =
        template.functions().filter(|function| !function.properties()["Events"].is_null()).map(|function| function.id);
    let stages = template.functions().map(|function| function.id);
    let is_stage = |id: &&str| Stage::ALL.iter().any(|stage| format!("{}Function", camel(stage.name())) == **id);
    let ways: Vec<&str> = integrations.chain(mappings).chain(events).chain(stages.filter(is_stage)).collect();
    let count = |id: &str| ways.iter().filter(|way| **way == id).count();
    let odd = template.functions().map(|function| (function.id, count(function.id))).filter(|(_, ways)| *ways != 1);
    odd.map(|(id, ways)| format!("{id} can be run in {ways} ways: it must be a stage or have one trigger")).collect()
}

/// What an entry point reads of its environment (`text("…")`, `number("…")`) is what the template gives its function, no
/// less and, besides what every function gets, no more.
#[must_use]
pub fn settings(template: &Template, folders: &[Folder]) -> Findings {
    let everybodys = names(&template.0["Globals"]["Function"]["Environment"]["Variables"]);
    let mut found = Vec::new();
    for folder in folders {
        let Some(function) = template.resource(&format!("{}Function", camel(&folder.name))) else { continue };
        let given = names(&function.properties()["Environment"]["Variables"]);
        let read = read_by(&folder.main);
        let lacks = read.iter().filter(|name| !given.contains(*name) && !everybodys.contains(*name));
        found.extend(lacks.map(|name| format!("{} reads {name}, which the template does not give it", folder.name)));
        let idle = given.difference(&read);
        found.extend(idle.map(|name| format!("{} is given {name}, which it does not read", folder.name)));
    }
    found
}

fn names(variables: &Value) -> BTreeSet<String> {
    variables.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
}

/// The literals in capitals: settings are the only ones an entry point has.
fn read_by(main: &str) -> BTreeSet<String> {
    let is_setting = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    Source::of(main).literals.into_iter().map(|(_, text)| text).filter(|text| is_setting(text)).collect()
}

/// What is in one set and not in the other.
#[must_use]
pub fn differences(left: &str, a: &BTreeSet<String>, right: &str, b: &BTreeSet<String>) -> Findings {
    let only = |here: &str, there: &str, name: &String| format!("{name} is in {here}, but not in {there}");
    let missing = a.difference(b).map(|name| only(left, right, name));
    missing.chain(b.difference(a).map(|name| only(right, left, name))).collect()
}
