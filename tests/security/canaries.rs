//! Words of persons and secrets that stand nowhere else: found where they belong, and in no log, execution, message, error
//! answer or exception.

use crate::journeys::{CHANNEL, GIFT_CODE, PERSONAL, played};
use crate::world::{World, run};
use serde_json::json;
use waybill_harness::Local;
use waybill_harness::api::Role;
use waybill_harness::aws::{LOGS, Paging};
use waybill_harness::partners::Partners;

/// A text, and where it was found.
struct Trace {
    place: String,
    text: String,
}

fn trace(place: impl Into<String>, text: impl Into<String>) -> Trace {
    Trace { place: place.into(), text: text.into() }
}

/// Every place where a word stands that should not be there. Upper and lower case are one, as searches of logs have it.
fn found(words: &[String], traces: &[Trace]) -> Vec<String> {
    let mut found = Vec::new();
    for Trace { place, text } in traces {
        let lower = text.to_lowercase();
        for word in words {
            if let Some(at) = lower.find(&word.to_lowercase()) {
                let around: String = lower[at.saturating_sub(120)..].chars().take(200).collect();
                found.push(format!("{word} in {place}: …{around}…"));
            }
        }
    }
    found
}

/// What the functions and the workflow logged.
async fn logs(local: &Local) -> Vec<Trace> {
    let paging = Paging { list: "logGroups", asked: "nextToken", answered: "nextToken" };
    let groups = local.aws.pages(LOGS, "DescribeLogGroups", json!({}), paging).await.unwrap();
    let mut lines = Vec::new();
    for group in groups {
        let name = group["logGroupName"].as_str().unwrap();
        let paging = Paging { list: "events", asked: "nextToken", answered: "nextToken" };
        let events = local.aws.pages(LOGS, "FilterLogEvents", json!({"logGroupName": name}), paging).await.unwrap();
        lines.extend(events.iter().map(|event| trace(name, event["message"].as_str().unwrap_or_default())));
    }
    lines
}

/// Inputs, outputs and histories of every execution.
async fn executions(local: &Local) -> Vec<Trace> {
    let machine = local.stack.output("StateMachineArn").unwrap();
    let mut traces = Vec::new();
    for execution in local.aws.executions(machine).await.unwrap() {
        let arn = execution["executionArn"].as_str().unwrap();
        let described = local.aws.execution(arn).await.unwrap();
        traces.push(trace("an execution", described.to_string()));
        let history = local.aws.history(arn).await.unwrap();
        traces.push(trace("an execution's history", json!(history).to_string()));
    }
    traces
}

/// What functions told queues, the workflow and the bus, but for a channel's dead letters; and what lies in dead letters.
async fn messages(local: &Local) -> Vec<Trace> {
    let letters = local.stack.output("ChannelDeadLettersUrl").unwrap();
    let told = local.meter.words().into_iter().filter(|words| words.request["QueueUrl"] != letters);
    let mut traces: Vec<Trace> = told.map(|words| trace(words.service, words.request.to_string())).collect();
    for output in ["NotificationDeadLettersUrl", "RefundDeadLettersUrl", "FailureQueueUrl"] {
        let left = local.aws.receive_messages(local.stack.output(output).unwrap()).await.unwrap();
        traces.extend(left.into_iter().map(|message| trace(output, format!("{message:?}"))));
    }
    traces
}

/// Exceptions as staff see them, and as they are listed.
async fn exceptions(local: &Local, orders: &[String]) -> Vec<Trace> {
    let listed = local.api.get(Role::Support, "/exceptions?limit=100").await.unwrap();
    let mut traces = vec![trace("the list of exceptions", listed.to_string())];
    for id in orders {
        let order = local.api.get(Role::Support, &format!("/orders/{id}")).await.unwrap();
        traces.push(trace("an order's exceptions", order["exceptions"].to_string()));
    }
    traces
}

/// Every secret there is: the partners', a gift card's code, tokens and the keys of their clients.
fn secrets(world: &World) -> Vec<String> {
    let mut all = Vec::new();
    for secret in Partners::secrets().as_object().unwrap().values() {
        let several = secret.as_array().cloned().unwrap_or_else(|| vec![secret.clone()]);
        all.extend(several.iter().map(|one| one.as_str().unwrap().to_owned()));
    }
    all.push(GIFT_CODE.to_owned());
    let signature = |token: &String| token.rsplit('.').next().unwrap().to_owned();
    all.extend(world.ours.tokens.values().map(signature));
    all
}

#[test]
fn no_persons_word_and_no_secret_leaves_its_place() {
    run(async |world| {
        let local = &world.local;
        let played = Box::pin(played(world)).await;
        let mut traces = logs(local).await;
        let lines = traces.len();
        assert!(!traces.iter().any(|line| line.text.contains("panicked at")), "a function panicked");
        traces.extend(executions(local).await);
        traces.extend(messages(local).await);
        traces.extend(exceptions(local, &played.orders).await);
        traces.extend(played.refusals.iter().map(|text| trace("an answer", text)));
        println!(
            "{} lines of logs and {} other traces of {} orders, {} refusals among them",
            lines,
            traces.len() - lines,
            played.orders.len(),
            played.refusals.len()
        );
        assert!(lines > 200 && played.refusals.len() > 20, "too little was played");
        let words: Vec<String> = PERSONAL.iter().chain(&CHANNEL).map(ToString::to_string).collect();
        let leaked = found(&[words.clone(), secrets(world)].concat(), &traces);
        assert!(leaked.is_empty(), "{} traces:\n{}", leaked.len(), leaked[..leaked.len().min(20)].join("\n"));
        where_they_belong(world, &words).await;
    });
}

/// The search finds the words where they must be: in the orders' items and in the channel's dead letters. And the partners'
/// echoes did hold what is looked for.
async fn where_they_belong(world: &World, words: &[String]) {
    let local = &world.local;
    let items = local.aws.scan(local.stack.output("OrdersTableName").unwrap()).await.unwrap();
    let items = [trace("the orders' table", json!(items).to_string())];
    for word in words {
        assert!(!found(std::slice::from_ref(word), &items).is_empty(), "{word} was never stored: it was not played");
    }
    let letters = local.stack.output("ChannelDeadLettersUrl").unwrap();
    let told = local.meter.words().into_iter().filter(|words| words.request["QueueUrl"] == letters);
    let dead: Vec<Trace> = told.map(|words| trace("dead letters", words.request.to_string())).collect();
    assert!(!found(&[CHANNEL[0].to_owned()], &dead).is_empty(), "no dead letter has the channel's words");
    assert!(found(&[GIFT_CODE.to_owned()], &items).is_empty(), "a gift card's code is stored");
    let echoed = [world.processor.said(), world.carrier.said()].concat();
    assert!(echoed.len() >= 3, "a partner has not echoed");
    let echoed: Vec<Trace> = echoed.into_iter().map(|said| trace("an echo", said)).collect();
    let secret = Partners::secrets()["stripe_secret_key"].as_str().unwrap().to_owned();
    for word in [secret, "Zqcanarystreet".to_owned()] {
        assert!(!found(&[word], &echoed).is_empty(), "the echoes have nothing to hide");
    }
}

#[test]
fn a_line_with_a_persons_word_is_found_out() {
    let words = ["Zqcanaryname".to_owned(), "sk_test_local".to_owned()];
    let line = |text: &str| found(&words, &[trace("/aws/lambda/waybill-ship", text)]).len();
    assert_eq!(line(r#"{"message":"no label for Zqcanaryname Doe"}"#), 1);
    assert_eq!(line(r#"{"message":"NO LABEL FOR ZQCANARYNAME, key sk_test_local"}"#), 2);
    assert_eq!(line(r#"{"message":"invocation done","order_ids":["ord-1"]}"#), 0);
}
