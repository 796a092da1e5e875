//! Sees every call and event, tells whose it is, counts it, and strikes where a run is to be struck.

use crate::kind::{Class, Kind, conflict};
use crate::name::{Marks, digest, subject};
use crate::player::is;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use waybill_harness::proxy::{Event, Fate, Gate, Passage, Turn};

/// Functions that only look, as often as the one who plays the flow pleases: their calls are no part of it.
const LOOKERS: [&str; 2] = ["query-orders", "sweep"];
/// A route of a function that is part of flows otherwise, and how often it is read is up to whoever reads the books.
const LOOKED_AT: (&str, &str) = ("GET", "/stock/");

/// How soon a held event is looked at again.
const HELD: Duration = Duration::from_millis(50);

/// A place in a flow where a fault can strike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Site {
    /// Who calls what about which items; or who gets which event.
    pub name: String,
    /// The how manieth of that name, from 1.
    pub nth: u32,
    /// What it is.
    pub class: Class,
}

impl Site {
    /// Eight digits that stand for it on the command line.
    #[must_use]
    pub fn id(&self) -> String {
        digest(&format!("{}#{}", self.name, self.nth))[..8].to_owned()
    }
}

/// One thing that is to go wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Where.
    pub site: Site,
    /// What.
    pub kind: Kind,
}

/// What was seen of a run.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Every place it came by, in the order of the first time.
    pub sites: Vec<Site>,
    /// The faults that have not struck yet.
    pub waiting: Vec<Fault>,
    /// The events of its order that were committed, as they are stored, and the waits that were begun (`token` and `wait`).
    pub events: Vec<Value>,
    /// Its order, once there is one.
    pub order: Option<String>,
    /// Mails about it that have left.
    pub mails: usize,
    counts: HashMap<String, u32>,
}

#[derive(Debug, Default)]
struct Inner {
    marks: Marks,
    runs: BTreeMap<u32, Seen>,
    /// Which function waits for which type of event.
    holds: BTreeMap<u32, (&'static str, &'static str)>,
    /// Whose event a process works on.
    current: HashMap<u32, BTreeSet<u32>>,
    /// Processes that work on an event which is no part of a flow.
    looking: BTreeSet<u32>,
    /// Which function a process is.
    functions: HashMap<u32, String>,
}

/// The gate of a laboratory.
#[derive(Debug)]
pub struct Hub {
    inner: Mutex<Inner>,
    bell: watch::Sender<u64>,
}

impl Default for Hub {
    fn default() -> Self {
        Self { inner: Mutex::default(), bell: watch::Sender::new(0) }
    }
}

impl Hub {
    /// A run begins: whatever names one of the marks is its own; these faults strike it.
    pub fn begin(&self, run: u32, marks: &[(String, &'static str)], faults: Vec<Fault>) {
        let mut inner = self.locked();
        for (text, label) in marks {
            inner.marks.add(text, run, label);
        }
        inner.runs.insert(run, Seen { waiting: faults, ..Seen::default() });
    }

    /// A function gets no event of the run before the order has one of this type: so that a flow means the same however
    /// long what should come first is held up.
    pub fn hold(&self, run: u32, function: &'static str, until: &'static str) {
        self.locked().holds.insert(run, (function, until));
    }

    /// A run ends: what was seen of it.
    pub fn end(&self, run: u32) -> Seen {
        let mut inner = self.locked();
        inner.marks.forget(run);
        inner.holds.remove(&run);
        inner.runs.remove(&run).unwrap_or_default()
    }

    /// What was seen of a run so far.
    pub fn seen(&self, run: u32) -> Seen {
        self.locked().runs.get(&run).cloned().unwrap_or_default()
    }

    /// The run's order, as soon as one was stored.
    pub fn order(&self, run: u32) -> Option<String> {
        self.locked().runs.get(&run).and_then(|seen| seen.order.clone())
    }

    /// How many mails of the run were taken so far.
    pub fn mails(&self, run: u32) -> usize {
        self.locked().runs.get(&run).map_or(0, |seen| seen.mails)
    }

    /// The run that a call belongs to, and what the place is called there.
    pub fn place(&self, passage: &Passage<'_>) -> Option<(u32, String)> {
        self.locked().whose(passage)
    }

    /// Waits until what was seen of the run is as wanted; `false` when the patience ends first.
    pub async fn until(&self, run: u32, patience: Duration, wanted: impl Fn(&Seen) -> bool) -> bool {
        let deadline = Instant::now() + patience;
        let mut bell = self.bell.subscribe();
        loop {
            if self.locked().runs.get(&run).is_some_and(&wanted) {
                return true;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || tokio::time::timeout(left, bell.changed()).await.is_err() {
                return false;
            }
        }
    }

    fn locked(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate for Hub {
    fn call(&self, passage: &Passage<'_>) -> Fate {
        let mut inner = self.locked();
        let Some((run, name)) = inner.whose(passage) else { return Fate::Pass };
        let class = Class::of(passage.service, passage.operation);
        match inner.pass(run, name, class) {
            Some(Kind::Conflict) => conflict(passage.operation, parts(passage)),
            Some(kind) => kind.fate(inner.function(passage.process), passage.service).unwrap_or(Fate::Pass),
            None => Fate::Pass,
        }
    }

    fn answered(&self, passage: &Passage<'_>, status: u16, answer: &[u8]) {
        if !(200..300).contains(&status) {
            return;
        }
        let mut inner = self.locked();
        if inner.learn(passage, answer) {
            drop(inner);
            self.bell.send_modify(|rung| *rung += 1);
        }
    }

    fn event(&self, event: &Event<'_>) -> Turn {
        let mut inner = self.locked();
        let function = event.function.trim_start_matches("waybill-").to_owned();
        inner.functions.insert(event.process, function.clone());
        inner.looking.remove(&event.process);
        let text = String::from_utf8_lossy(event.body);
        let runs = inner.marks.runs(&text);
        inner.current.insert(event.process, runs.iter().copied().collect());
        if only_looks(&function, &text) {
            inner.looking.insert(event.process);
            return Turn::Deliver;
        }
        if runs.iter().any(|run| inner.is_held(*run, &function)) {
            return Turn::Held(HELD);
        }
        let mut turn = Turn::Deliver;
        for (run, what) in deliveries(&text, &inner.marks, &runs) {
            if let Some(kind) = inner.pass(run, format!("{function} ◂ {what}"), Class::Event) {
                turn = kind.turn().unwrap_or(turn);
            }
        }
        turn
    }

    fn finished(&self, process: u32) {
        let mut inner = self.locked();
        inner.current.remove(&process);
        inner.looking.remove(&process);
    }
}

impl Inner {
    /// The run that a call belongs to, and what the call is named there.
    fn whose(&self, passage: &Passage<'_>) -> Option<(u32, String)> {
        let Passage { process, service, operation, key, body } = *passage;
        if self.looking.contains(&process) {
            return None;
        }
        let function = self.function(process);
        let text = String::from_utf8_lossy(body);
        let mut runs: BTreeSet<u32> = self.marks.runs(&text).into_iter().collect();
        runs.extend(self.marks.runs(operation));
        runs.extend(self.marks.runs(key));
        if runs.is_empty() {
            runs.clone_from(self.current.get(&process)?);
        }
        let run = runs.first().copied().filter(|run| runs.len() == 1 && self.runs.contains_key(run))?;
        let parsed: Value = serde_json::from_slice(body).unwrap_or_default();
        let about = subject(service, operation, &parsed, &self.marks);
        let name = format!("{function} ▸ {} {about}", self.marks.plain(operation));
        Some((run, name.trim_end().to_owned()))
    }

    fn is_held(&self, run: u32, function: &str) -> bool {
        let Some((_, until)) = self.holds.get(&run).filter(|(held, _)| *held == function) else { return false };
        !self.runs.get(&run).is_some_and(|seen| seen.events.iter().any(|event| is(event, until)))
    }

    fn function(&self, process: u32) -> &str {
        self.functions.get(&process).map_or("?", String::as_str)
    }

    /// Counts a place; the fault that strikes there.
    fn pass(&mut self, run: u32, name: String, class: Class) -> Option<Kind> {
        let seen = self.runs.get_mut(&run)?;
        let nth = seen.counts.entry(name.clone()).or_default();
        *nth += 1;
        let site = Site { name, nth: *nth, class };
        let at = seen.waiting.iter().position(|fault| fault.site.name == site.name && fault.site.nth == site.nth);
        seen.sites.push(site);
        at.map(|at| seen.waiting.remove(at).kind)
    }

    /// What an answered call tells: events and waits that are stored, names that partners gave. Has anything been learned?
    fn learn(&mut self, passage: &Passage<'_>, answer: &[u8]) -> bool {
        let is_database = passage.service.starts_with("DynamoDB");
        if is_database && Class::of(passage.service, passage.operation) == Class::Read {
            return false;
        }
        let Some((run, _)) = self.whose(passage) else { return false };
        if passage.operation == "POST /v2/email/outbound-emails" {
            let seen = self.runs.get_mut(&run);
            return seen.is_some_and(|seen| {
                seen.mails += 1;
                true
            });
        }
        let body = if is_database { passage.body } else { answer };
        let parsed: Value = serde_json::from_slice(body).unwrap_or_default();
        if !is_database {
            names(&parsed, &mut |text, label| self.marks.add(text, run, label));
            return false;
        }
        let puts = parsed["TransactItems"].as_array().into_iter().flatten().map(|item| &item["Put"]["Item"]);
        let single = std::iter::once(&parsed["Item"]);
        let mut learned = false;
        for item in puts.chain(single) {
            learned |= self.store(run, item);
        }
        learned
    }

    fn store(&mut self, run: u32, item: &Value) -> bool {
        let text = |name: &str| item[name]["S"].as_str().unwrap_or_default();
        let (pk, sk) = (text("pk"), text("sk"));
        let Some((_, order)) = pk.split_once("#ORDER#") else { return false };
        let Some(seen) = self.runs.get_mut(&run) else { return false };
        if let Some(wait) = sk.strip_prefix("TOKEN#") {
            self.marks.add(text("token"), run, "TOKEN");
            let wait = wait.rsplit_once('#').map_or(wait, |(wait, _)| wait);
            seen.events.push(serde_json::json!({"token": true, "wait": wait}));
            return true;
        }
        if !sk.starts_with("EVENT#") {
            return false;
        }
        self.marks.add(order, run, "ORDER");
        seen.order = Some(order.to_owned());
        seen.events.push(serde_json::from_str(text("body")).unwrap_or_default());
        true
    }
}

/// Does a function get this event only for somebody to look, as often as they please?
fn only_looks(function: &str, event: &str) -> bool {
    if LOOKERS.contains(&function) {
        return true;
    }
    let parsed: Value = serde_json::from_str(event).unwrap_or_default();
    let (method, path) = (&parsed["requestContext"]["http"]["method"], parsed["rawPath"].as_str().unwrap_or_default());
    *method == LOOKED_AT.0 && path.starts_with(LOOKED_AT.1)
}

/// How many parts a transaction has.
fn parts(passage: &Passage<'_>) -> usize {
    let parsed: Value = serde_json::from_slice(passage.body).unwrap_or_default();
    parsed["TransactItems"].as_array().map_or(1, Vec::len)
}

/// Ids that a partner gave: what comes later may name nothing else.
fn names(answer: &Value, found: &mut impl FnMut(&str, &'static str)) {
    let text = |name: &str| answer[name].as_str().unwrap_or_default();
    for (name, label) in [("id", "PARTNER"), ("tracking_code", "TRACKING"), ("latest_charge", "CHARGE")] {
        found(text(name), label);
    }
    let shipment = &answer["tracker"];
    found(shipment["id"].as_str().unwrap_or_default(), "TRACKER");
}

/// An event's parts by run. A batch has records of many orders, and falls otherwise each time: each record is a part of its
/// own.
fn deliveries(text: &str, marks: &Marks, runs: &[u32]) -> Vec<(u32, String)> {
    if runs.is_empty() {
        return Vec::new();
    }
    let parsed: Value = serde_json::from_str(text).unwrap_or_default();
    let Some(records) = parsed["Records"].as_array() else {
        let what = match parsed["requestContext"]["http"].as_object() {
            Some(_) => parsed["rawPath"].as_str().map_or_else(String::new, |path| marks.plain(path)),
            None => "task".to_owned(),
        };
        return runs.iter().map(|run| (*run, what.clone())).collect();
    };
    let mut parts = Vec::new();
    for record in records {
        let keys = &record["dynamodb"]["Keys"];
        let (whose, what) = if let (Some(pk), Some(sk)) = (keys["pk"]["S"].as_str(), keys["sk"]["S"].as_str()) {
            let item = subject("DynamoDB", "", &serde_json::json!({"Key": keys}), marks);
            // Of a token only whose it is: its digest is made up.
            (marks.runs(pk), if sk.starts_with("TOKEN#") { marks.plain(&item) } else { item })
        } else {
            let body = record["body"].as_str().unwrap_or_default();
            (marks.runs(body), message(body))
        };
        parts.extend(whose.into_iter().map(|run| (run, what.clone())));
    }
    parts
}

/// What a message of a queue is about, without what it says.
fn message(body: &str) -> String {
    let parsed: Value = serde_json::from_str(body).unwrap_or_default();
    format!("message {}", parsed["notice"].as_str().unwrap_or_default()).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reading_an_items_stock_is_no_part_of_a_flow_and_telling_of_a_receipt_is() {
        let table = [
            ("stock", "GET", "/stock/RUN-000001", true),
            ("stock", "POST", "/stock/receipts", false),
            ("stock", "POST", "/stock/announcements", false),
            ("query-orders", "GET", "/orders/o", true),
            ("command-orders", "POST", "/orders/o/cancel", false),
        ];
        for (function, method, path, wanted) in table {
            let event = json!({"rawPath": path, "requestContext": {"http": {"method": method}}}).to_string();
            assert_eq!(only_looks(function, &event), wanted, "{method} {path}");
        }
        assert!(!only_looks("pick", &json!({"order": "o"}).to_string()));
    }
}
