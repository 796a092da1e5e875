//! Everybody's books about one order when nothing moves any more: ours, the processor's, the carrier's, the stock's, the
//! mail's, the workflows'.

use crate::name::Marks;
use crate::player::{Player, Stuck};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use waybill_harness::Local;
use waybill_harness::api::Role;
use waybill_harness::aws::STEP_FUNCTIONS;
use waybill_harness::services::Mail;

/// What the books say, with everything left out that only one run has.
#[derive(Clone, Debug, PartialEq)]
pub struct Books(pub Value);

/// What everybody outside has written down about everything.
pub(crate) struct Outside {
    processor: Value,
    carrier: Value,
    mails: Vec<Mail>,
}

impl Outside {
    pub(crate) async fn read(local: &Local) -> waybill_harness::Result<Self> {
        Ok(Self {
            processor: local.partners.stripe_books().await?,
            carrier: local.partners.easypost_books().await?,
            mails: local.aws.outbox().await?,
        })
    }

    /// What of it is about an order.
    pub(crate) fn about(&self, run: u32, order: &str) -> Value {
        let mut marks = Marks::default();
        for (text, label) in [(order, "ORDER"), (&format!("F-{run}"), "REFERENCE"), (&format!("F{run}"), "REFERENCE")] {
            marks.add(text, 0, label);
        }
        let ours = self.mails.iter().filter(|mail| mail.text.contains(order)).map(|mail| marks.plain(&mail.subject));
        let mut mails: Vec<String> = ours.filter(|told| !OVERTAKEN.iter().any(|end| told.contains(end))).collect();
        mails.sort();
        json!({"processor": money(&self.processor, order), "carrier": labels(&self.carrier, order), "mails": mails})
    }
}

/// What is compared between a struck run and an undisturbed one; the order of reading in reports.
const CHAPTERS: [&str; 8] = ["order", "events", "ledger", "processor", "carrier", "stock", "mails", "executions"];

/// The events that lead to one mail each; so do a shipment that is delivered, and an order that ends before its time.
const TOLD: [&str; 3] = ["placed", "dispatched", "refunded"];
/// How the mails end that are not sent where the payment has gone on meanwhile: whether one leaves is a matter of who is
/// faster.
const OVERTAKEN: [&str; 3] = ["did not go through yet", "means of payment", "confirm the payment"];

impl Books {
    /// Reads them all.
    ///
    /// # Errors
    /// What could not be read.
    pub async fn of(player: &Player<'_>) -> Result<Self, Stuck> {
        let said = |error: waybill_harness::Error| error.to_string();
        let id = player.hub.order(player.run).ok_or("there is no order")?;
        let local = player.local;
        let order = player.order().await?;
        let proof = player.look(Role::Support, &format!("/orders/{id}/proof")).await?;
        let stock = player.look(Role::Admin, &format!("/stock/{}", player.sku)).await?;
        let outside = Outside::read(local).await.map_err(said)?.about(player.run, &id);
        Ok(Self(json!({
            "order": head(&order),
            "events": events(&proof),
            "ledger": {"holds": proof["holds"], "balances": proof["balances"]},
            "processor": outside["processor"],
            "carrier": outside["carrier"],
            "stock": levels(&stock),
            "mails": outside["mails"],
            "executions": executions(player, &id).await?,
        })))
    }

    /// What others say of the order now that they did not say when these books were read.
    pub(crate) fn since(&self, now: &Value) -> Vec<String> {
        let mut found = Vec::new();
        for chapter in ["processor", "carrier", "mails"] {
            apart(chapter, &now[chapter], &self.0[chapter], &mut found);
        }
        found
    }

    /// How many mails they tell of.
    pub(crate) fn mails(&self) -> usize {
        self.0["mails"].as_array().map_or(0, Vec::len)
    }

    /// Is everything of an undisturbed run over: the workflow, and a mail for every message that was asked for?
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        let events: u64 = TOLD.into_iter().filter_map(|kind| self.0["events"][kind].as_u64()).sum();
        let parts = self.0["order"]["fulfillments"].as_array().into_iter().flatten();
        let delivered = parts.filter(|part| part["shipment"] == "delivered").count();
        let ended_early = usize::from(self.0["order"]["status"] == "cancelled");
        let messages = events + u64::try_from(delivered + ended_early).unwrap_or_default();
        have_ended(&self.0["executions"])
            && u64::try_from(self.mails()).unwrap_or_default() >= messages
            && self.unsound().is_empty()
    }

    /// What differs from an undisturbed run's, in words.
    #[must_use]
    pub fn differences(&self, undisturbed: &Self) -> Vec<String> {
        let differs = |chapter: &&&str| self.0[**chapter] != undisturbed.0[**chapter];
        let told = |chapter: &&str| {
            let (ours, theirs) = (&self.0[*chapter], &undisturbed.0[*chapter]);
            let mut paths = Vec::new();
            apart(chapter, ours, theirs, &mut paths);
            paths.join("; ")
        };
        CHAPTERS.iter().filter(differs).map(told).collect()
    }

    /// What must hold whatever went wrong, alone or together, and does not.
    #[must_use]
    pub fn unsound(&self) -> Vec<String> {
        let mut found = Vec::new();
        let books = &self.0;
        if books["ledger"]["holds"] != true {
            found.push("the order's proof does not hold".to_owned());
        }
        let sum = |chapter: &str, field: &str| -> i64 {
            books[chapter].as_array().into_iter().flatten().filter_map(|entry| entry[field].as_i64()).sum()
        };
        let (taken, returned) = (&books["order"]["captured"], &books["order"]["refunded"]);
        let is_ours = books["order"]["channel"] == "api";
        if is_ours
            && (*taken != json!(sum("processor", "captured")) || *returned != json!(sum("processor", "refunded")))
        {
            found.push(format!(
                "the order says {taken} taken and {returned} returned, the processor {}",
                books["processor"]
            ));
        }
        let is_over = books["order"]["status"] != "placed";
        let seen = books["order"]["cases"].as_array().is_some_and(|cases| !cases.is_empty());
        if !is_over && !seen {
            found.push("the order has not ended, and nobody sees it".to_owned());
        }
        if is_over && !seen && sum("processor", "held") != 0 {
            found.push(format!("money is still held: {}", books["processor"]));
        }
        if books["carrier"]["twice"] != 0 {
            found.push(format!("labels were bought twice: {}", books["carrier"]));
        }
        found.extend(stock(&books["stock"], is_over));
        found
    }
}

/// Σ on hand = allocated + ATP + held back, where no reservation is live; nothing below nothing.
fn stock(stock: &Value, is_over: bool) -> Vec<String> {
    let mut found = Vec::new();
    let sites = stock["sites"].as_array().cloned().unwrap_or_default();
    let sum = |field: &str| -> i64 { sites.iter().filter_map(|site| site[field].as_i64()).sum() };
    let units = |field: &str| stock[field].as_i64().unwrap_or_default();
    let (here, there) = (sum("on_hand"), sum("allocated") + units("available") - units("backordered") + sum("held"));
    if is_over && here != there {
        found.push(format!("{here} units on hand, {there} allocated, available or held: {stock}"));
    }
    if ["on_hand", "allocated", "held"].iter().any(|field| sites.iter().any(|site| site[*field].as_i64() < Some(0))) {
        found.push(format!("a counter is below nothing: {stock}"));
    }
    found
}

/// Where two values differ.
fn apart(path: &str, ours: &Value, theirs: &Value, found: &mut Vec<String>) {
    if ours == theirs {
        return;
    }
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for name in names {
                let value = |fields: &serde_json::Map<String, Value>| fields.get(name).cloned().unwrap_or_default();
                apart(&format!("{path}.{name}"), &value(a), &value(b), found);
            }
        }
        _ => found.push(format!("{path} is {ours}, undisturbed {theirs}")),
    }
}

fn head(order: &Value) -> Value {
    let parts: Vec<Value> = order["fulfillments"].as_array().into_iter().flatten().map(part).collect();
    let open = order["exceptions"].as_array().into_iter().flatten().filter(|case| case["resolved"] != true);
    let cases: Vec<Value> = open.map(|case| case["stage"].clone()).collect();
    json!({
        "status": order["status"], "payment_status": order["payment_status"],
        "fulfillment_status": order["fulfillment_status"], "channel": order["channel"],
        "captured": order["captured"]["minor"], "refunded": order["refunded"]["minor"],
        "owed": order["owed"]["minor"], "fulfillments": parts, "cases": cases,
    })
}

fn part(part: &Value) -> Value {
    let lines = part["lines"].as_array().cloned().unwrap_or_default();
    let lines: Vec<Value> = lines.iter().map(|line| json!([line["quantity"], line["picked"]])).collect();
    json!({"site": part["site"], "status": part["status"], "lines": lines, "shipment": part["shipment"]["status"],
           "voided": part["shipment"]["voided"]})
}

/// How often each kind of event was recorded.
fn events(proof: &Value) -> Value {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for entry in proof["entries"].as_array().into_iter().flatten() {
        let name = entry["event"].as_str().unwrap_or_default().to_owned();
        *counts.entry(name).or_default() += 1;
    }
    json!(counts)
}

fn money(books: &Value, id: &str) -> Value {
    let intents = books["intents"].as_array().into_iter().flatten();
    let ours = intents.filter(|intent| intent["metadata"]["order_id"] == id || intent["metadata"]["order"] == id);
    let told = ours.map(|intent| {
        let field = |name: &str| intent[name].clone();
        json!({"status": field("status"), "captured": field("captured"), "refunded": field("refunded"),
               "held": field("held"), "disputed": field("disputed")})
    });
    let mut told: Vec<Value> = told.collect();
    told.sort_by_key(Value::to_string);
    told.into()
}

fn labels(books: &Value, id: &str) -> Value {
    let shipments = books["shipments"].as_array().into_iter().flatten();
    let ours = shipments.filter(|shipment| shipment["reference"].as_str().is_some_and(|name| name.starts_with(id)));
    let mut live: BTreeMap<String, u32> = BTreeMap::new();
    let (mut bought, mut refunded) = (0, 0);
    for shipment in ours.filter(|shipment| shipment["bought"] == true) {
        bought += 1;
        if shipment["refunded"] == true {
            refunded += 1;
        } else {
            *live.entry(shipment["reference"].to_string()).or_default() += 1;
        }
    }
    let twice = live.values().filter(|labels| **labels > 1).count();
    json!({"bought": bought, "refunded": refunded, "twice": twice})
}

fn levels(stock: &Value) -> Value {
    let sites = stock["sites"].as_array().into_iter().flatten();
    let told = sites.map(|site| {
        json!({"site": site["site"], "on_hand": site["on_hand"], "allocated": site["allocated"], "held": site["held"]})
    });
    let sites: Vec<Value> = told.collect();
    json!({"available": stock["available"], "promisable": stock["promisable"], "backordered": stock["backordered"],
           "sites": sites})
}

/// Has the workflow been started, and is no attempt still running?
pub(crate) fn have_ended(executions: &Value) -> bool {
    executions.as_array().is_some_and(|all| !all.is_empty() && !all.contains(&json!("RUNNING")))
}

/// How every attempt of the order's workflow ended.
pub(crate) async fn executions(player: &Player<'_>, id: &str) -> Result<Value, Stuck> {
    let machine = player.local.stack.output("StateMachineArn").map_err(|error| error.to_string())?;
    let prefix = machine.replace(":stateMachine:", ":execution:");
    let mut ended = Vec::new();
    for attempt in 0..10 {
        let asked = json!({"executionArn": format!("{prefix}:{id}-{attempt}")});
        match player.local.aws.call(STEP_FUNCTIONS, "DescribeExecution", &asked).await {
            Ok(execution) => ended.push(execution["status"].clone()),
            Err(waybill_harness::Error::Refused { .. }) => break,
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(ended.into())
}
