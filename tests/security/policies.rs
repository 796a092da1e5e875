//! Each function's policy is what it does, no more and no less: held against every call that the proxy recorded.

use crate::journeys::played;
use crate::world::{World, run};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use waybill_tests::template::{Resource, Template};

/// A function's folder, an action, and the resource by its name in the template.
type Grant = (String, String, String);

/// Actions of which AWS knows no resource, or none that our template could name.
const NO_RESOURCE: [&str; 3] = [
    // A task token is itself the permission to answer it.
    "states:SendTaskSuccess",
    "states:SendTaskFailure",
    // Narrowed by its condition on the From address instead: the verified identity may be the address or its domain.
    "ses:SendEmail",
];
const STREAM: [&str; 4] =
    ["dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords", "dynamodb:ListStreams"];
const QUEUE: [&str; 3] = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

/// A reference of the template as a name: `OrdersTable`, `OrdersTable/index/by_day`, `FilesBucket/reports/*`.
fn named(reference: &Value) -> String {
    if let Some(id) = reference["Ref"].as_str() {
        return id.to_owned();
    }
    if let (Some(id), Some(attribute)) = (reference["Fn::GetAtt"][0].as_str(), reference["Fn::GetAtt"][1].as_str()) {
        return if attribute == "StreamArn" { format!("{id}/stream") } else { id.to_owned() };
    }
    let text = reference["Fn::Sub"].as_str().or(reference.as_str()).unwrap_or_default();
    if let Some((_, key)) = text.split_once("-files-${AWS::AccountId}-${AWS::Region}/") {
        return format!("FilesBucket/{key}");
    }
    text.replace("${", "").replace(".Arn}", "")
}

fn listed(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |several| several.iter().collect())
}

fn folder(template: &Template, function: Resource<'_>) -> String {
    template.folder_of(function.id).unwrap().to_owned()
}

/// What the policies grant.
fn granted(template: &Template) -> BTreeSet<Grant> {
    let mut grants = BTreeSet::new();
    for function in template.functions() {
        let statements = function.properties()["Policies"].as_array().into_iter().flatten();
        for statement in statements.flat_map(|policy| listed(&policy["Statement"])) {
            for action in listed(&statement["Action"]) {
                for resource in listed(&statement["Resource"]) {
                    grants.insert((folder(template, function), action.as_str().unwrap().to_owned(), named(resource)));
                }
            }
        }
    }
    grants
}

/// What Lambda does in a function's name: reads its queue or stream, and puts what was given up on aside.
fn polled(template: &Template) -> BTreeSet<Grant> {
    let mut grants = BTreeSet::new();
    for source in template.resources("AWS::Lambda::EventSourceMapping") {
        let properties = source.properties();
        let function = template.resource(properties["FunctionName"]["Ref"].as_str().unwrap()).unwrap();
        let from = named(&properties["EventSourceArn"]);
        let actions: &[&str] = if from.ends_with("/stream") { &STREAM } else { &QUEUE };
        let mut add = |action: &str, resource: &str| {
            grants.insert((folder(template, function), action.to_owned(), resource.to_owned()));
        };
        for action in actions {
            add(action, &from);
        }
        let aside = &properties["DestinationConfig"]["OnFailure"]["Destination"];
        if !aside.is_null() {
            add("sqs:SendMessage", &named(aside));
        }
    }
    grants
}

/// What is wrong with the policies, given the calls that were made.
fn faults(template: &Template, used: &BTreeSet<Grant>) -> Vec<String> {
    let (granted, polled) = (granted(template), polled(template));
    let mut found = Vec::new();
    for (function, action, resource) in &granted {
        let is_wild = resource == "*" && !NO_RESOURCE.contains(&action.as_str());
        if action.contains('*') || is_wild {
            found.push(format!("{function} may {action} on {resource}: a wildcard"));
        }
    }
    let tell = |what: &'static str| {
        move |(function, action, resource): &Grant| format!("{function}: {action} on {resource} {what}")
    };
    let needed: BTreeSet<Grant> = used.union(&polled).cloned().collect();
    found.extend(granted.difference(&needed).map(tell("is granted and never used")));
    found.extend(used.difference(&granted).map(tell("is used and not granted")));
    found.extend(polled.difference(&granted).map(tell("is what its trigger needs")));
    found.extend(mail(template));
    found
}

/// Mail may leave from our own address only.
fn mail(template: &Template) -> Vec<String> {
    let mut found = Vec::new();
    for function in template.functions() {
        let statements = function.properties()["Policies"].as_array().into_iter().flatten();
        for statement in statements.flat_map(|policy| listed(&policy["Statement"])) {
            let sends = listed(&statement["Action"]).contains(&&json!("ses:SendEmail"));
            let narrowed = &statement["Condition"]["StringEqualsIfExists"]["ses:FromAddress"];
            if sends && *narrowed != json!({"Ref": "SenderEmail"}) {
                found.push(format!("{} may send mail from any address", function.id));
            }
        }
    }
    found
}

/// The template's name of what a call names.
fn logical(names: &BTreeMap<String, String>, resource: &str) -> String {
    if resource.is_empty() {
        return "*".to_owned();
    }
    if let Some(name) = names.get(resource) {
        return name.clone();
    }
    let (head, rest) = resource.split_once('/').unwrap_or((resource, ""));
    match (names.get(head).map(String::as_str), rest.split_once('/')) {
        // A folder of the bucket.
        (Some("FilesBucket"), Some((folder, _))) => format!("FilesBucket/{folder}/*"),
        (Some(name), _) => format!("{name}/{rest}"),
        (None, _) => resource.to_owned(),
    }
}

/// What the functions did, as recorded; and what they were refused.
fn recorded(world: &World, template: &Template) -> (BTreeSet<Grant>, Vec<String>) {
    let outputs = template.0["Outputs"].as_object().unwrap();
    let physical = |(name, output): (&String, &Value)| {
        Some((world.local.stack.output(name).ok()?.to_owned(), named(&output["Value"])))
    };
    let names: BTreeMap<String, String> = outputs.iter().filter_map(physical).collect();
    let (mut used, mut denied) = (BTreeSet::new(), Vec::new());
    for call in world.local.meter.calls() {
        if call.status == 403 {
            denied.push(format!("{} was refused {} {}", call.function, call.service, call.operation));
        }
        for permission in call.permissions {
            used.insert((call.function.clone(), permission.action, logical(&names, &permission.resource)));
        }
    }
    (used, denied)
}

#[test]
fn every_function_may_do_what_it_does_and_nothing_else() {
    run(async |world| {
        Box::pin(played(world)).await;
        let template = Template::read().unwrap();
        let (used, denied) = recorded(world, &template);
        println!(
            "{} grants used by {} functions",
            used.len(),
            used.iter().map(|grant| &grant.0).collect::<BTreeSet<_>>().len()
        );
        assert_eq!(denied, Vec::<String>::new());
        let found = faults(&template, &used);
        assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
    });
}

#[test]
fn a_policy_with_an_action_too_many_or_too_few_or_a_wildcard_is_found_out() {
    type Change = fn(&mut Value);
    let template = Template::read().unwrap();
    // As if everything granted were used.
    let used: BTreeSet<Grant> = granted(&template).difference(&polled(&template)).cloned().collect();
    assert_eq!(faults(&template, &used), Vec::<String>::new());
    let table: [(Change, &str); 6] = [
        (
            |all| statement(all, "Pick")["Action"] = json!(["dynamodb:PutItem", "dynamodb:Scan"]),
            "pick: dynamodb:Scan on OrdersTable is granted",
        ),
        (
            |all| statement(all, "Pick")["Action"] = json!(["dynamodb:Query"]),
            "pick: dynamodb:PutItem on OrdersTable is used",
        ),
        (
            |all| statement(all, "Pick")["Resource"] = json!({"Fn::GetAtt": ["StockTable", "Arn"]}),
            "pick: dynamodb:PutItem on StockTable is granted",
        ),
        (|all| statement(all, "Pick")["Action"] = json!("dynamodb:*"), "pick may dynamodb:*"),
        (|all| statement(all, "Pick")["Resource"] = json!("*"), "pick may dynamodb:PutItem on *"),
        (
            |all| {
                all["RelayTrigger"]["Properties"]["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0] =
                    json!("RefundDeadLetters");
            },
            "is what its trigger needs",
        ),
    ];
    for (change, named) in table {
        let Template(mut copy) = template.clone();
        change(&mut copy["Resources"]);
        let found = faults(&Template(copy), &used).join("\n");
        assert!(found.contains(named), "{named} was not found out; found: {found}");
    }
    let mut much = used.clone();
    much.insert(("pick".to_owned(), "kms:Decrypt".to_owned(), "*".to_owned()));
    assert_eq!(faults(&template, &much).len(), 1, "a call that no policy grants");
}

fn statement<'v>(resources: &'v mut Value, stage: &str) -> &'v mut Value {
    &mut resources[format!("{stage}Function")]["Properties"]["Policies"][0]["Statement"][0]
}
