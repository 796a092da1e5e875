//! What the demo prints: timelines, mails, proofs, costs.

use super::fields::{Order, balances, events, verdict};
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use serde_json::{Value, json};
use std::fmt;
use std::time::Duration;
use waybill_harness::api::Role;
use waybill_harness::meter::{Bill, Units};
use waybill_harness::services::Mail;
use waybill_harness::{Error, Local};

/// `2026-11-22T` of a time, and `07:49:23.587` after it.
const DATE: usize = 11;
const TIME: usize = 12;
/// Characters of an actor that are shown.
const ACTOR: usize = 20;

/// An order at the end of the demo.
#[derive(Debug)]
pub struct Ended {
    id: String,
    order: Value,
    timeline: Vec<Value>,
    mails: Vec<Mail>,
    proof: Value,
    bill: Bill,
}

impl Ended {
    /// Asks the API, the outbox and the meter.
    pub async fn read(local: &Local, id: &str) -> Result<Self, Error> {
        let order = local.api.get(Role::Support, &format!("/orders/{id}")).await?;
        let timeline = events(&local.api.get(Role::Support, &format!("/orders/{id}/timeline")).await?);
        let mut mails = local.aws.outbox().await?;
        mails.retain(|mail| mail.subject.contains(id) || mail.text.contains(id));
        // Before the proof is read: looking costs, too.
        let bill = local.bill(id).await?;
        let proof = local.api.get(Role::Support, &format!("/orders/{id}/proof")).await?;
        Ok(Self { id: id.to_owned(), order, timeline, mails, proof, bill })
    }

    fn json(&self) -> Value {
        let axis = |name: &str| Order(&self.order).axis(name).to_owned();
        json!({
            "id": self.id,
            "status": axis("status"),
            "payment_status": axis("payment_status"),
            "fulfillment_status": axis("fulfillment_status"),
            "timeline": self.timeline,
            "emails": self.mails,
            "proof": self.proof,
            "cost": self.bill.cost,
            "bill": self.bill.rows,
        })
    }
}

/// Everything that is printed.
#[derive(Debug)]
pub struct Report {
    /// The orders, in the order they were placed.
    pub orders: Vec<Ended>,
    /// What served no order in particular.
    pub overhead: Bill,
    /// From the command's start.
    pub took: Duration,
}

impl Report {
    /// One document.
    pub fn json(&self) -> Value {
        let orders: Vec<Value> = self.orders.iter().map(Ended::json).collect();
        json!({"orders": orders, "overhead": self.overhead.cost, "seconds": self.took.as_secs()})
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ended in &self.orders {
            writeln!(formatter, "\nOrder {}\n{}\n", ended.id, Order(&ended.order).summary())?;
            writeln!(formatter, "{}\n", timeline(&ended.timeline))?;
            writeln!(formatter, "{}\n", mails(&ended.mails))?;
            writeln!(formatter, "Its money is {}\n{}\n", verdict(&ended.proof), accounts(&ended.proof))?;
            writeln!(formatter, "{}\n", units(&ended.bill))?;
        }
        writeln!(formatter, "Costs per order\n{}", costs(&self.orders, &self.overhead))?;
        write!(formatter, "\nDone in {} s.", self.took.as_secs())
    }
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header);
    table
}

fn number(units: Units) -> Cell {
    Cell::new(units).set_alignment(CellAlignment::Right)
}

fn timeline(events: &[Value]) -> Table {
    let mut table = table(&["#", "At (UTC)", "Event", "By", "What"]);
    for event in events {
        let text = |name: &str| match &event[name] {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => other.to_string(),
        };
        let at: String = text("at").chars().skip(DATE).take(TIME).collect();
        table.add_row([text("version"), at, text("type"), shortened(&text("actor")), text("summary")]);
    }
    table
}

/// Ids of app clients are long and say nothing: their beginning tells one from another.
fn shortened(actor: &str) -> String {
    match actor.char_indices().nth(ACTOR) {
        Some((end, _)) => format!("{}…", &actor[..end]),
        None => actor.to_owned(),
    }
}

fn mails(mails: &[Mail]) -> Table {
    let mut table = table(&["Mail to", "Subject"]);
    for mail in mails {
        table.add_row([mail.to.join(", "), mail.subject.clone()]);
    }
    table
}

/// What the order's entries leave on each account: what is positive is the merchant's, or owed to it.
fn accounts(proof: &Value) -> Table {
    let mut table = table(&["Account", "Debit, minor units", "Credit, minor units"]);
    for (account, minor, currency) in balances(proof) {
        let amount = Cell::new(format!("{} {currency}", minor.unsigned_abs())).set_alignment(CellAlignment::Right);
        let (debit, credit) = if minor < 0 { (Cell::new(""), amount) } else { (amount, Cell::new("")) };
        table.add_row([Cell::new(account), debit, credit]);
    }
    table
}

fn units(bill: &Bill) -> Table {
    let mut table = table(&["Function", "DynamoDB call", "Item", "Times", "Write units", "Read units"]);
    for row in &bill.rows {
        let times = Cell::new(row.count).set_alignment(CellAlignment::Right);
        table.add_row([
            Cell::new(&row.function),
            Cell::new(&row.operation),
            Cell::new(&row.item),
            times,
            number(row.write_units),
            number(row.read_units),
        ]);
    }
    table
}

fn costs(orders: &[Ended], overhead: &Bill) -> Table {
    let header = ["Order", "Transitions", "Stages", "Other calls", "Write units", "Read units", "SQS requests"];
    let mut table = table(&header);
    let bills = orders.iter().map(|ended| (ended.id.as_str(), &ended.bill));
    for (name, bill) in bills.chain([("(no order)", overhead)]) {
        let cost = &bill.cost;
        table.add_row([
            Cell::new(name),
            Cell::new(cost.transitions).set_alignment(CellAlignment::Right),
            number(cost.stage_invocations),
            number(cost.other_invocations),
            number(cost.write_units),
            number(cost.read_units),
            number(cost.sqs_requests),
        ]);
    }
    table
}
