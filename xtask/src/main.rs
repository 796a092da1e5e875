#![doc = include_str!("../README.md")]

mod audit;
mod build;
mod demo;
mod flash_sale;
mod lint;
mod load;
mod local;
mod progress;
mod prove;
mod steps;
mod test;

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use waybill_harness::Error;

/// Waybill's development tasks.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Plays whole orders on the local AWS and prints their timelines, mails and costs.
    Demo(demo::Options),
    /// Keeps a seeded local AWS running and tells how to call it.
    Local(local::Options),
    /// Plays a flash sale against place-order and the DynamoDB adapter on an embedded DynamoDB; `--help` after `--` lists
    /// its options.
    FlashSale(flash_sale::Options),
    /// Places orders on the local AWS at a rising rate, for an hour (`--soak`), or while everything dies (`--chaos`), and
    /// proves that what was accepted was finished.
    Load(load::Options),
    /// Plays every flow with every fault at every call, and lays everybody's books side by side.
    Prove(prove::Options),
    /// Runs every check and test there is, in order.
    Test,
    /// Runs the linters of template, workflow and manifests that need no long install.
    Lint,
    /// Checks licenses, advisories and unused dependencies; installs cargo-deny and cargo-machete first.
    Audit,
    /// Builds the functions for AWS and prints their sizes.
    Build(build::Options),
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Dropping the task's future drops all it started; each process group ends with it.
    let outcome = tokio::select! {
        outcome = run(arguments.task) => outcome,
        code = interrupted() => return ExitCode::from(code),
    };
    match outcome {
        Ok(code) => code,
        Err(cause) => {
            eprintln!(
                "\nerror: {cause}\n(the processes' logs, if any were started, are the newest in target/local/logs)"
            );
            ExitCode::FAILURE
        }
    }
}

async fn run(task: Task) -> Result<ExitCode, Error> {
    match task {
        Task::Demo(options) => demo::run(&options).await,
        Task::Local(options) => local::run(&options).await,
        Task::FlashSale(options) => flash_sale::run(&options).await,
        Task::Load(options) => load::run(&options).await,
        Task::Prove(options) => prove::run(&options).await,
        Task::Test => test::run().await,
        Task::Lint => lint::run().await,
        Task::Audit => audit::run().await,
        Task::Build(options) => build::run(&options).await,
    }
}

/// Waits for Ctrl-C or a polite kill; answers the shell's exit code for it.
async fn interrupted() -> u8 {
    let Ok(mut terminated) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    let Ok(mut hung_up) = signal(SignalKind::hangup()) else {
        return std::future::pending().await;
    };
    let code = tokio::select! {
        _ = tokio::signal::ctrl_c() => 130,
        _ = terminated.recv() => 143,
        _ = hung_up.recv() => 129,
    };
    eprintln!("\nstopping");
    code
}
