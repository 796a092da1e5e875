//! A check that cannot fail proves nothing: what a broken program would do is done to single runs, and each must be found
//! out. The proxy does what such a program would: leaves a call out, makes it without its key or its conditions.

#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use waybill_faults::flow::{Flow, named};
use waybill_faults::hub::{Fault, Hub, Site};
use waybill_faults::kind::{Class, Kind};
use waybill_faults::lab::Lab;
use waybill_faults::prove::{Case, Course, course};
use waybill_faults::{Found, judge};
use waybill_harness::aws::DYNAMODB;
use waybill_harness::proxy::{Altered, Event, Fate, Gate, Passage, Turn};
use waybill_harness::silent;

/// How a program is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Break {
    /// Mails are taken for sent and never leave.
    NoMail,
    /// The workflow is taken for started.
    NoStart,
    /// Payments are made without an idempotency key, and nobody asks the processor what became of a lost one.
    NoKey,
    /// Labels are bought without asking whether there is one.
    NoLook,
    /// A mail is sent whoever else has claimed to send it.
    NoClaim,
    /// A counter of stock is written past the movements.
    Counter,
    /// The fault is at a place that no run comes by.
    Nowhere,
}

/// The processor's news of a payment mend what a lost answer has broken, if they are fast enough. These are not.
const NEWS: Duration = Duration::from_secs(6);

const BROKEN: [Break; 7] =
    [Break::NoMail, Break::NoStart, Break::NoKey, Break::NoLook, Break::NoClaim, Break::Counter, Break::Nowhere];

/// The hub, with the broken programs of single runs before it.
struct Workshop {
    hub: Arc<Hub>,
    broken: BTreeMap<u32, Break>,
}

impl Workshop {
    fn at(&self, passage: &Passage<'_>) -> Option<(Break, String)> {
        let (run, name) = self.hub.place(passage)?;
        Some((*self.broken.get(&run)?, name))
    }
}

impl Workshop {
    /// Is it about the order of the run that is broken like this?
    fn is_about(&self, event: &Event<'_>, how: Break) -> bool {
        let runs = self.broken.iter().filter(|(_, broken)| **broken == how).map(|(run, _)| *run);
        let text = String::from_utf8_lossy(event.body);
        runs.filter_map(|run| self.hub.seen(run).order).any(|order| text.contains(&order))
    }
}

impl Gate for Workshop {
    fn alter(&self, passage: &Passage<'_>) -> Option<Altered> {
        let (how, name) = self.at(passage)?;
        let keyless = how == Break::NoKey && name.starts_with("authorize ▸ POST /v1/payment_intents");
        let claimless = how == Break::NoClaim && name.starts_with("notify ▸ PutItem");
        if !keyless && !claimless {
            return None;
        }
        let mut body = passage.body.to_vec();
        if claimless {
            let mut parsed: Value = serde_json::from_slice(&body).unwrap();
            let fields = parsed.as_object_mut().unwrap();
            fields.retain(|name, _| !name.starts_with("Condition") && !name.starts_with("ExpressionAttribute"));
            body = parsed.to_string().into();
        }
        Some(Altered { body, keyless })
    }

    fn call(&self, passage: &Passage<'_>) -> Fate {
        let fate = self.hub.call(passage);
        let Some((how, name)) = self.at(passage) else { return fate };
        let none =
            json!({"object": "search_result", "data": [], "has_more": false, "url": "/v1/payment_intents/search"});
        match how {
            Break::NoMail if name.starts_with("notify ▸ POST /v2/email") => {
                Fate::Answer(200, json!({"MessageId": "0"}))
            }
            Break::NoStart if name.contains("StartExecution") => {
                Fate::Answer(200, json!({"executionArn": "arn:aws:states:us-east-1:0:execution:x:y", "startDate": 1.0}))
            }
            Break::NoKey if name.contains("GET /v1/payment_intents/search") => Fate::Answer(200, none),
            Break::NoLook if name.contains("ship ▸ GET /v2/shipments/") => {
                Fate::Answer(404, json!({"error": {"code": "NOT_FOUND", "message": "none", "errors": []}}))
            }
            Break::NoMail
            | Break::NoStart
            | Break::NoKey
            | Break::NoLook
            | Break::NoClaim
            | Break::Counter
            | Break::Nowhere => fate,
        }
    }

    fn answered(&self, passage: &Passage<'_>, status: u16, answer: &[u8]) {
        self.hub.answered(passage, status, answer);
    }

    fn event(&self, event: &Event<'_>) -> Turn {
        let turn = self.hub.event(event);
        let is_news = event.function.ends_with("-payments") && turn == Turn::Deliver;
        if is_news && self.is_about(event, Break::NoKey) { Turn::Late(NEWS) } else { turn }
    }

    fn finished(&self, process: u32) {
        self.hub.finished(process);
    }
}

/// Where the broken program is struck, so that its break matters.
fn fault(how: Break, course: &Course) -> Vec<Fault> {
    let at = |name: &str, kind| {
        let site = course.sites.iter().find(|site| site.name.starts_with(name)).cloned();
        assert!(site.is_some(), "no place {name}");
        site.map(|site| Fault { site, kind }).into_iter().collect()
    };
    match how {
        Break::NoMail | Break::NoStart | Break::Counter => Vec::new(),
        Break::NoKey => at("authorize ▸ POST /v1/payment_intents", Kind::Lose),
        Break::NoLook => at("ship ▸ POST /v2/shipments/PARTNER/buy", Kind::Lose),
        Break::NoClaim => at("notify ◂ message shipped", Kind::Twice),
        Break::Nowhere => {
            vec![Fault {
                site: Site { name: "nobody calls nobody".into(), nth: 1, class: Class::Event },
                kind: Kind::Die,
            }]
        }
    }
}

/// Words that have to be found in what is found.
fn words(how: Break) -> &'static str {
    match how {
        Break::Nowhere => "",
        Break::NoMail => "mails is []",
        Break::NoStart => "waited in vain for pick#1",
        Break::NoKey => "processor is",
        Break::NoLook => "labels were bought twice",
        Break::NoClaim => "mails",
        Break::Counter => "units on hand",
    }
}

async fn undisturbed(lab: &Lab, flow: &'static Flow) -> Course {
    let outcome = lab.run(0, flow, Vec::new(), None).await;
    assert_eq!(outcome.stuck, None);
    course(flow, &[outcome]).unwrap()
}

/// Somebody takes a unit out of the item's counter with no movement.
async fn take_a_unit(lab: &Lab, sku: &str) {
    let table = lab.local.stack.output("StockTableName").unwrap();
    let update = json!({
        "TableName": table, "Key": {"pk": {"S": format!("T#{}#SKU#{sku}", lab.local.tenant)}, "sk": {"S": "ATP"}},
        "UpdateExpression": "ADD available :n", "ExpressionAttributeValues": {":n": {"N": "-1"}},
    });
    lab.local.aws.call(DYNAMODB, "UpdateItem", &update).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_broken_program_is_found_out() {
    let flow = named("one-shipment").unwrap();
    let runs = u32::try_from(BROKEN.len()).unwrap() + 1;
    let hub = Arc::new(Hub::default());
    let broken = (1..runs).zip(BROKEN).collect();
    let gate = Arc::new(Workshop { hub: hub.clone(), broken });
    let items: Vec<&'static Flow> = (0..runs).map(|_| flow).collect();
    let mut lab = Lab::start_behind(gate, hub, &items, silent()).await.unwrap();
    let course = Arc::new(undisturbed(&lab, flow).await);
    // What a broken program never does need not be waited for as long as what takes its time.
    lab.patience = Duration::from_secs(30);
    take_a_unit(&lab, &waybill_faults::player::sku_of(6)).await;
    let lab = Arc::new(lab);
    let mut under_way = tokio::task::JoinSet::new();
    for (run, how) in (1..).zip(BROKEN) {
        let (lab, course) = (lab.clone(), course.clone());
        let case = Case { flow, faults: fault(how, &course) };
        under_way.spawn(async move {
            let outcome = lab.run(run, flow, case.faults.clone(), Some(&course.books)).await;
            (how, judge(&case, &outcome, &course))
        });
    }
    let mut unseen = Vec::new();
    while let Some(ended) = under_way.join_next().await {
        let (how, found) = ended.unwrap();
        println!("{how:?}: {found:?}");
        let is_caught = match &found {
            Found::Broken(what) => how != Break::Nowhere && what.join("; ").contains(words(how)),
            Found::Missed => how == Break::Nowhere,
            Found::Same | Found::Documented(_) => false,
        };
        if !is_caught {
            unseen.push(format!("{how:?}: {found:?}"));
        }
    }
    assert!(unseen.is_empty(), "not found out:\n{}", unseen.join("\n"));

    let mut lab = Arc::into_inner(lab).unwrap();
    lab.patience = Duration::from_secs(4);
    let put = async |output: &str| {
        let queue = lab.local.stack.output(output).unwrap();
        lab.local.aws.send_message(queue, r#"{"order_id":"lost"}"#, &[]).await.unwrap();
    };
    put("RefundDeadLettersUrl").await;
    lab.local.aws.switch_source("waybill-refund", false).await.unwrap();
    put("RefundQueueUrl").await;
    let left = lab.leftovers(|run| format!("run {run}"), |_| false).await.unwrap().join("\n");
    println!("{left}");
    assert!(left.contains("left in RefundDeadLetters"), "a dead letter is found");
    assert!(left.contains("still on RefundQueue"), "a message that nobody took is found");
    assert!(left.contains("of stock"), "the nightly proof finds the counter: {left}");
}
