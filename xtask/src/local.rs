//! `cargo xtask local`: a local AWS to try things on.

use crate::progress::{Line, Screen};
use crate::steps::cargo;
use serde_json::{Value, json};
use std::process::ExitCode;
use waybill_harness::api::Role;
use waybill_harness::processes::{Log, run as run_command};
use waybill_harness::workspace::Workspace;
use waybill_harness::{Error, Local, LocalOptions};

/// How to run it.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Start empty, without the seeded master data.
    #[arg(long)]
    empty: bool,
    /// Scale the workflows' waits: 0.01 makes a day of waiting fourteen minutes.
    #[arg(long)]
    wait_scale: Option<String>,
}

/// Starts it and waits until interrupted.
///
/// # Errors
/// When the build or the start fails.
pub async fn run(options: &Options) -> Result<ExitCode, Error> {
    let screen = Screen::new();
    let line = screen.line("local");
    let started =
        LocalOptions { seed: !options.empty, wait_scale: options.wait_scale.clone(), ..LocalOptions::default() };
    let local = start(&line, started).await?;
    line.clear();
    let file = Workspace::find()?.local("endpoints.json");
    let endpoints = serde_json::to_string_pretty(&endpoints(&local)).map_err(Error::json("endpoints"))?;
    std::fs::write(&file, endpoints).map_err(Error::at("write", &file))?;
    println!("{}", welcome(&local, &file.display().to_string()));
    // Interrupting drops us, and the local AWS with us.
    std::future::pending().await
}

/// Builds what is to run, then starts and deploys it.
///
/// # Errors
/// When the build or the start fails.
pub async fn start(line: &Line, mut options: LocalOptions) -> Result<Local, Error> {
    let workspace = Workspace::find()?;
    line.say("building the functions");
    let build = cargo(&workspace, &["build", "--workspace", "--bins"]);
    run_command("cargo build", &build, Log::Stderr).await?;
    options.progress = line.reporter();
    Local::start(options).await
}

/// What a program needs to call it.
fn endpoints(local: &Local) -> Value {
    let output = |name: &str| local.stack.output(name).unwrap_or_default().to_owned();
    json!({
        "api": local.api.base(),
        "aws_endpoint": local.aws.endpoint(),
        "partners": local.partners.addresses(),
        "tokens": local.api.tokens(),
        "tenant": local.tenant,
        "channel_queue": output("ChannelQueueUrl"),
        "files_bucket": output("FilesBucketName"),
        "state_machine": output("StateMachineArn"),
    })
}

/// Addresses are quoted: the stage's name is `$default`.
fn welcome(local: &Local, file: &str) -> String {
    let (api, aws, logs) = (local.api.base(), local.aws.endpoint(), local.logs.display());
    let bearer = |role: Role| format!("-H \"authorization: Bearer $(jq -r .tokens.{role} {file})\"");
    let (store, support, warehouse) = (bearer(Role::Store), bearer(Role::Support), bearer(Role::Warehouse));
    format!(
        "Waybill runs at {api}
Addresses and tokens (valid for an hour): {file}
Logs: {logs}

Place an order:
  curl -sS '{api}/orders' {store} \\
    -H 'content-type: application/json' -H \"idempotency-key: $(date +%s)\" -d @tests/events/place-order-body.json
Find orders:
  curl -sS '{api}/orders' {support}
What the warehouse has to do:
  curl -sS '{api}/fulfillment-orders' {warehouse}
Look at tables, queues and executions with any AWS client:
  AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1 \\
    aws --endpoint-url {aws} stepfunctions list-state-machines
Read the mails:
  curl -sS {aws}/_ministack/ses/messages

Ctrl-C ends it."
    )
}
