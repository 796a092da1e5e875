//! Whole stacks under load, under fire and under deployment, each with a deliberate break that must be found. One after the
//! other: each has a local AWS of its own, and two would measure each other.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use waybill_harness::api::Method;
use waybill_harness::stack::bundle;
use waybill_harness::{Local, LocalOptions};
use waybill_load::{Arrivals, Chaos, Plan, Report, Scene, Wires, play, roll_out, run};

static TURN: Mutex<()> = Mutex::const_new(());

async fn scene(options: LocalOptions) -> Arc<Scene> {
    let local = Local::start(options).await.unwrap_or_else(|error| panic!("{error}"));
    Arc::new(Scene::set(local, 4, 1_000).await.unwrap())
}

/// Rises to ten times the quota; the relay is told `told` in its place.
async fn loaded(told: Option<u32>) -> Report {
    let plan = Plan { arrivals: Arrivals::Rising { peak: 30, seconds: 3 }, quota: 3, told, sample: 1 };
    let parameters: BTreeMap<String, String> =
        plan.parameters().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let scene = scene(LocalOptions { parameters, ..LocalOptions::default() }).await;
    let run = run(&scene, &plan, |_| {}).await.unwrap();
    println!("{}", waybill_load::of_load(&run.report()));
    run.report()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peak_of_ten_times_the_quota_is_accepted_paced_and_finished() {
    let _turn = TURN.lock().await;
    let report = loaded(None).await;
    assert_eq!(report.findings, Vec::<String>::new());
    assert!(report.offered >= 40 && report.accepted == report.offered, "{report:?}");
    assert!(report.deepest_backlog > 6, "the quota was never felt: {report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_is_told_a_far_higher_quota_is_found_out() {
    let _turn = TURN.lock().await;
    let report = loaded(Some(1_000)).await;
    assert!(report.findings.iter().any(|finding| finding.contains("starts within 1 s")), "{:?}", report.findings);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_orders_finish_though_everything_dies_at_a_random_second() {
    let _turn = TURN.lock().await;
    let wires = Wires::lay().unwrap();
    let scene = scene(wires.through(LocalOptions::default())).await;
    wires.connect(&scene.local.partners);
    let chaos = Chaos { orders: 6, seconds: 8, seed: 20_261_130, patience: 60 };
    let aftermath = play(&scene, &wires, chaos, (|_: &str| {}, async || {})).await.unwrap();
    println!("{}", waybill_load::of_chaos(&aftermath));
    assert_eq!(aftermath.findings(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_that_nobody_relays_after_the_strike_are_found_unfinished() {
    let _turn = TURN.lock().await;
    let wires = Wires::lay().unwrap();
    let scene = scene(wires.through(LocalOptions::default())).await;
    wires.connect(&scene.local.partners);
    let chaos = Chaos { orders: 3, seconds: 4, seed: 7, patience: 8 };
    let broken = (|_: &str| {}, async || switch_off_the_relay(&scene.local).await);
    let aftermath = play(&scene, &wires, chaos, broken).await.unwrap();
    let found = aftermath.findings();
    assert!(found.iter().any(|finding| finding.contains("not finished")), "{found:?}");
}

async fn switch_off_the_relay(local: &Local) {
    let path = "/2015-03-31/event-source-mappings/";
    let sources = local.aws.rest("lambda", Method::GET, path, &serde_json::Value::Null).await.unwrap();
    let is_relays = |source: &&serde_json::Value| source["FunctionArn"].as_str().unwrap().ends_with("-relay");
    let source = sources["EventSourceMappings"].as_array().unwrap().iter().find(is_relays).unwrap();
    let path = format!("{path}{}", source["UUID"].as_str().unwrap());
    local.aws.rest("lambda", Method::PUT, &path, &serde_json::json!({"Enabled": false})).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_in_flight_survive_a_new_version() {
    let _turn = TURN.lock().await;
    let scene = scene(LocalOptions::default()).await;
    let rolled = roll_out(&scene, "second", Duration::from_mins(1), async || Ok(())).await.unwrap();
    let changed = &rolled.changed;
    assert!(changed.functions > 30 && changed.same_code.is_empty(), "it is another version: {changed:?}");
    assert!(changed.old_processes.is_empty(), "nothing of the old one runs: {changed:?}");
    assert_eq!(changed.starts_per_second, "50", "and it is told other things");
    assert_eq!(rolled.in_flight.len(), 6);
    assert_eq!(rolled.facts.findings(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_version_that_cannot_dispatch_is_found_out() {
    let _turn = TURN.lock().await;
    let scene = scene(LocalOptions::default()).await;
    let local = &scene.local;
    let broken = async || {
        // A program that ends at once, in the place of the one that books what has left.
        let code = bundle("/bin/false".as_ref(), &local.folder.join("programs").join("broken"), "broken", None)?;
        local.aws.put_object("waybill-deploy", "broken.zip", code).await?;
        let path = "/2015-03-31/functions/waybill-dispatch/code";
        let code = serde_json::json!({"S3Bucket": "waybill-deploy", "S3Key": "broken.zip"});
        local.aws.rest("lambda", Method::PUT, path, &code).await.map(drop)
    };
    let rolled = roll_out(&scene, "second", Duration::from_secs(10), broken).await.unwrap();
    let found = rolled.facts.findings();
    assert!(found.iter().any(|finding| finding.contains("not finished")), "{found:?}");
}
