//! A laboratory: a local AWS behind the hub, with items for its runs.

use crate::books::{Books, Outside, executions, have_ended};
use crate::flow::Flow;
use crate::hub::{Fault, Hub, Seen};
use crate::kind::time_out;
use crate::player::{Player, Stuck, sku_of};
use crate::verdict::is_one_mail_more;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use waybill_domain::id::{OrderId, TenantId};
use waybill_harness::api::Method;
use waybill_harness::proxy::Gate;
use waybill_harness::stack::NAME;
use waybill_harness::{Error, Local, LocalOptions, Progress, Result, seed};

/// How long one step may take, and the books when the flow is over, with whatever goes wrong: a mail or a refund whose sender
/// died waits a minute for the end of its lease.
const PATIENCE: Duration = Duration::from_mins(2);
const LOOK_AGAIN: Duration = Duration::from_millis(700);
/// Longer than a function's time-out, so that no message is at work twice unless a fault makes it so; and long enough that a
/// message outlives a dead sender's lease before it has been received too often.
const VISIBILITY: u64 = 25;
/// A message is received so often before it ends among the dead letters. It comes again seven times sooner than the template
/// has it, a function that is ended takes up to nine others' messages with it, and functions are ended all the time: what
/// the template grants in a quarter of an hour would be used up in two minutes by faults of other runs.
const RECEIPTS: u32 = 10;
/// What functions take their messages from.
const QUEUES: [&str; 3] = ["ChannelQueue", "NotificationQueue", "RefundQueue"];

/// A local AWS that is ready for runs.
#[derive(Debug)]
pub struct Lab {
    /// The local AWS.
    pub local: Local,
    /// Sees and strikes.
    pub hub: Arc<Hub>,
    /// How long a step of a flow, and the books after it, may take.
    pub patience: Duration,
    ended: Mutex<Vec<Ended>>,
}

/// A run that is over.
#[derive(Debug)]
struct Ended {
    run: u32,
    order: String,
    /// What the books said then.
    books: Books,
    /// What they say of an undisturbed run.
    expected: Books,
}

/// What became of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What was seen.
    pub seen: Seen,
    /// Everybody's books, as far as they could be read.
    pub books: std::result::Result<Books, Stuck>,
    /// Who could not do what.
    pub stuck: Option<Stuck>,
    /// How long it took.
    pub took: Duration,
}

impl Lab {
    /// Starts one with an item for a run of each of these flows, numbered from 0.
    ///
    /// # Errors
    /// When the local AWS does not start, or takes no item.
    pub async fn start(hub: Arc<Hub>, items: &[&'static Flow], progress: Progress) -> Result<Self> {
        let gate = Arc::clone(&hub);
        Self::start_behind(gate, hub, items, progress).await
    }

    /// As [`Lab::start`], with a gate of the caller's before the hub.
    ///
    /// # Errors
    /// As [`Lab::start`].
    pub async fn start_behind(
        gate: Arc<dyn Gate>,
        hub: Arc<Hub>,
        items: &[&'static Flow],
        progress: Progress,
    ) -> Result<Self> {
        let options = LocalOptions { gate: Some(gate), progress, ..LocalOptions::default() };
        let local = Local::start(options).await?;
        quicken(&local).await?;
        let lines: Vec<String> = (0..).zip(items).flat_map(|(run, flow)| item(run, flow)).collect();
        let name = format!("{}/runs.ndjson", local.tenant);
        seed::import(&local.aws, &local.stack, &name, lines.join("\n").into_bytes()).await?;
        Ok(Self { local, hub, patience: PATIENCE, ended: Mutex::default() })
    }

    /// Plays the flow that the item of this number was made for, with these faults, until the books say what is expected (of
    /// an undisturbed run: until they are quiet) or the patience ends. Each number once.
    pub async fn run(&self, run: u32, flow: &'static Flow, faults: Vec<Fault>, expected: Option<&Books>) -> Outcome {
        let started = Instant::now();
        let sku = sku_of(run);
        let mut marks = vec![(sku.clone(), "SKU"), (format!("F-{run}"), "REFERENCE")];
        if let Some(order) = self.order_of(&format!("{sku}-0")) {
            marks.push((order, "ORDER"));
        }
        self.hub.begin(run, &marks, faults);
        if let Some((function, until)) = flow.held {
            self.hub.hold(run, function, until);
        }
        let player = Player { local: &self.local, hub: &self.hub, flow, run, sku, patience: self.patience };
        let stuck = player.play().await.err();
        let books = settled(&player, expected).await;
        let seen = self.hub.end(run);
        if let (Some(order), Ok(books)) = (&seen.order, &books) {
            let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
            let expected = expected.unwrap_or(books).clone();
            ended.push(Ended { run, order: order.clone(), books: books.clone(), expected });
        }
        Outcome { seen, books, stuck, took: started.elapsed() }
    }

    /// The id that an order placed under this key has: known before it is placed.
    fn order_of(&self, key: &str) -> Option<String> {
        let tenant: TenantId = self.local.tenant.parse().ok()?;
        Some(OrderId::derive(&tenant, "POST /orders", key).to_string())
    }

    /// What is still on the queues when there was time enough to take it: what waits there may do something once more, and
    /// nobody would see it. One whose sender died waits for the end of its lease.
    async fn undrained(&self) -> Result<Vec<String>> {
        let deadline = Instant::now() + self.patience * 3 / 2;
        loop {
            let mut depths = self.local.aws.depths().await?;
            if let Some(unknown) = QUEUES.iter().find(|queue| !depths.contains_key(**queue)) {
                return Err(Error::Setup(format!("the stack has no {unknown}")));
            }
            depths.retain(|queue, depth| QUEUES.contains(&queue.as_str()) && *depth > 0);
            if depths.is_empty() || Instant::now() > deadline {
                return Ok(depths.iter().map(|(queue, depth)| format!("{depth} messages still on {queue}")).collect());
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// What lies in queues of dead letters and of failures when all runs are over and nothing is on a queue any more, what
    /// others have written down since about the runs, which are called as `named` has it, and what the proof of all books
    /// finds. Where the sending of a mail was in doubt, one mail may have left twice.
    ///
    /// # Errors
    /// When the local AWS does not tell.
    pub async fn leftovers(&self, named: impl Fn(u32) -> String, doubted: impl Fn(u32) -> bool) -> Result<Vec<String>> {
        let mut found = self.undrained().await?;
        for output in ["ChannelDeadLettersUrl", "NotificationDeadLettersUrl", "RefundDeadLettersUrl", "FailureQueueUrl"]
        {
            let Ok(queue) = self.local.stack.output(output) else { continue };
            for message in self.local.aws.receive_messages(queue).await? {
                let body: String = message.body.chars().take(300).collect();
                found.push(format!("left in {}: {body}", output.trim_end_matches("Url")));
            }
        }
        // What came twice may have come late: everybody outside is asked about every run once more.
        let outside = Outside::read(&self.local).await?;
        for Ended { run, order, books, expected } in self.ended.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let now = outside.about(*run, order);
            let mut since = books.since(&now);
            let is_known = doubted(*run) && is_one_mail_more(&now["mails"], expected);
            since.retain(|what| !(is_known && what.starts_with("mails")));
            found.extend(since.iter().map(|what| format!("after {} was over: {what}", named(*run))));
        }
        let until = Timestamp::now().checked_add(SignedDuration::from_mins(1)).unwrap_or_default();
        let asked = json!({"to": until.to_string()});
        let told = self.local.aws.invoke(&format!("{NAME}-reconcile"), &asked).await?;
        for (what, differences) in [("of money", &told["differences"]), ("of stock", &told["stock"]["drifts"])] {
            let all = differences.as_array().ok_or_else(|| Error::Setup(format!("the nightly proof says {told}")))?;
            found.extend(all.iter().map(|one| format!("the nightly proof finds {what}: {one}")));
        }
        if told["complete"] != true || told["stock"]["complete"] != true {
            found.push(format!("the nightly proof did not look at everything: {told}"));
        }
        Ok(found)
    }
}

/// Reads the books until they say what is expected; as they are when the patience ends. Reading them all is most of a run's
/// work, so it is waited for workflow and mails first.
async fn settled(player: &Player<'_>, expected: Option<&Books>) -> std::result::Result<Books, Stuck> {
    let deadline = Instant::now() + player.patience;
    let is_as_expected = |books: &Books| match expected {
        Some(expected) => books.differences(expected).is_empty(),
        None => books.is_quiet(),
    };
    loop {
        let is_late = Instant::now() > deadline;
        if is_late || seems_over(player, expected).await {
            let books = Books::of(player).await;
            if is_late || books.as_ref().is_ok_and(is_as_expected) {
                return books;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// Have as many mails left as are expected, and has the workflow ended?
async fn seems_over(player: &Player<'_>, expected: Option<&Books>) -> bool {
    let Some(order) = player.hub.order(player.run) else { return false };
    player.hub.mails(player.run) >= expected.map_or(1, Books::mails)
        && executions(player, &order).await.is_ok_and(|all| have_ended(&all))
}

/// The lines of the catalog for a run of the flow: its item, and what there is of it.
fn item(run: u32, flow: &Flow) -> Vec<String> {
    let sku = sku_of(run);
    let mut record = json!({
        "sku": sku, "title": "An item", "length_mm": 100, "width_mm": 80, "height_mm": 60, "weight_grams": 250,
        "prices": [{"minor": 1000, "currency": "USD"}],
    });
    if flow.announced > 0 {
        record["backorder"] = "backorder".into();
    }
    let mut lines = vec![json!({"kind": "items", "record": record}).to_string()];
    for (site, units) in ["reno", "columbus"].iter().zip(flow.stock) {
        if units > 0 {
            lines.push(json!({"kind": "stock", "record": {"sku": sku, "site": site, "on_hand": units}}).to_string());
        }
    }
    lines
}

/// Makes every function give up early, and a failed message come again soon: what the template sets is for
/// AWS, where nobody waits for a test.
async fn quicken(local: &Local) -> Result<()> {
    for function in local.aws.functions().await? {
        let name = function["FunctionName"].as_str().unwrap_or_default();
        let Some(folder) = name.strip_prefix(NAME).map(|rest| rest.trim_start_matches('-')) else { continue };
        let time_out = time_out(folder);
        // No part of a flow, and as long at work as there is to prove or to import.
        let is_outside = ["reconcile", "import-catalog"].contains(&folder);
        if is_outside || function["Timeout"].as_u64() <= Some(time_out) {
            continue;
        }
        let path = format!("/2015-03-31/functions/{name}/configuration");
        local.aws.rest("lambda", Method::PUT, &path, &json!({"Timeout": time_out})).await?;
    }
    local.aws.set_visibility(VISIBILITY).await?;
    local.aws.set_receipts(RECEIPTS).await
}
