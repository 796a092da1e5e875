//! Whole stacks under load, under fire and under deployment. Each test first shows that all is well, then breaks something
//! on purpose and shows that it is found. One after the other: two local AWSs would measure each other.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use waybill_harness::api::Method;
use waybill_harness::stack::bundle;
use waybill_harness::{Local, LocalOptions, Result};
use waybill_load::{Arrivals, Chaos, Plan, Report, Scene, Wires, of_chaos, of_load, play, roll_out, run};

static TURN: Mutex<()> = Mutex::const_new(());

/// Messages whose receiver died come again sooner than the template has it, and later than a function's time-out.
const VISIBILITY: u64 = 35;

async fn local(options: LocalOptions) -> Arc<Local> {
    let local = Local::start(options).await.unwrap_or_else(|error| panic!("{error}"));
    local.aws.set_visibility(VISIBILITY).await.unwrap();
    Arc::new(local)
}

async fn scene(local: &Arc<Local>, name: &str) -> Arc<Scene> {
    Scene::set(Arc::clone(local), name, (4, 1_000)).await.unwrap()
}

fn has(findings: &[String], text: &str) -> bool {
    findings.iter().any(|finding| finding.contains(text))
}

/// Rises to ten times the quota.
const PLAN: Plan = Plan { arrivals: Arrivals::Rising { peak: 40, seconds: 2 }, quota: 4, told: None, sample: 1 };

async fn loaded(local: &Arc<Local>, name: &str, plan: Plan) -> Report {
    let run = run(&scene(local, name).await, &plan, |_| {}).await.unwrap();
    println!("{}", of_load(&run.report()));
    run.report()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_times_the_quota_is_accepted_paced_and_finished_and_a_relay_told_otherwise_is_found_out() {
    let _turn = TURN.lock().await;
    let owned = |(name, value): (&str, String)| (name.to_owned(), value);
    let parameters: BTreeMap<String, String> = PLAN.parameters().into_iter().map(owned).collect();
    let local = local(LocalOptions { parameters, ..LocalOptions::default() }).await;

    let report = loaded(&local, "PACED", PLAN).await;

    assert_eq!(report.findings, Vec::<String>::new());
    assert!(report.offered == 40 && report.accepted == 40, "{report:?}");
    assert!(report.deepest_backlog > 8, "the quota was never felt: {report:?}");

    let sabotaged = Plan { told: Some(1_000), ..PLAN };
    let told = sabotaged.parameters();
    let told: Vec<(&str, &str)> = told.iter().map(|(name, value)| (*name, value.as_str())).collect();
    local.deploy_again("unpaced", &told).await.unwrap();

    let report = loaded(&local, "UNPACED", sabotaged).await;

    assert!(has(&report.findings, "starts within 1 s at a quota of 4"), "{:?}", report.findings);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_orders_finish_though_everything_dies_and_orders_that_nobody_relays_then_are_found() {
    let _turn = TURN.lock().await;
    let wires = Wires::lay().unwrap();
    let local = local(wires.through(LocalOptions::default())).await;
    wires.connect(&local.partners);

    let chaos = Chaos { orders: 6, seconds: 8, seed: 20_261_130, patience: 60 };
    let aftermath = play(&scene(&local, "STRUCK").await, &wires, chaos, (|_: &str| {}, async || {})).await.unwrap();

    println!("{}", of_chaos(&aftermath));
    assert_eq!(aftermath.findings(), Vec::<String>::new());

    let chaos = Chaos { orders: 2, seconds: 3, seed: 7, patience: 6 };
    let broken = (|_: &str| {}, async || local.aws.switch_source("waybill-relay", false).await.unwrap());
    let aftermath = play(&scene(&local, "UNRELAYED").await, &wires, chaos, broken).await.unwrap();

    assert!(has(&aftermath.findings(), "not finished"), "{:?}", aftermath.findings());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_in_flight_survive_a_new_version_and_one_that_cannot_dispatch_is_found_out() {
    let _turn = TURN.lock().await;
    let local = local(LocalOptions::default()).await;

    let patience = Duration::from_mins(1);
    let rolled = roll_out(&scene(&local, "ROLLED").await, "second", patience, async || Ok(())).await.unwrap();

    let changed = &rolled.changed;
    assert!(changed.functions > 30 && changed.same_code.is_empty(), "it is another version: {changed:?}");
    assert!(changed.old_processes.is_empty(), "nothing of the old one runs: {changed:?}");
    assert_eq!(changed.starts_per_second, "50", "and it is told other things");
    assert_eq!(rolled.in_flight.len(), 8);
    assert_eq!(rolled.facts.findings(), Vec::<String>::new());

    let broken = async || cannot_dispatch(&local).await;
    let patience = Duration::from_secs(8);
    let rolled = roll_out(&scene(&local, "BROKEN").await, "third", patience, broken).await.unwrap();

    assert!(has(&rolled.facts.findings(), "not finished"), "{:?}", rolled.facts.findings());
}

/// Puts a program that ends at once in the place of the one that books what has left.
async fn cannot_dispatch(local: &Local) -> Result<()> {
    let code = bundle("/bin/false".as_ref(), &local.folder.join("programs").join("broken"), "broken", None)?;
    local.aws.put_object("waybill-deploy", "broken.zip", code).await?;
    let code = serde_json::json!({"S3Bucket": "waybill-deploy", "S3Key": "broken.zip"});
    let path = "/2015-03-31/functions/waybill-dispatch/code";
    local.aws.rest("lambda", Method::PUT, path, &code).await.map(drop)
}
