//! `cargo xtask test`: every check and every test.

use crate::lint;
use crate::progress::Screen;
use crate::prove;
use crate::steps::{Outcome, Steps, cargo};
use std::process::ExitCode;
use waybill_harness::Error;
use waybill_harness::tools::Tools;
use waybill_harness::workspace::Workspace;

/// Runs them in order. A failed step does not hide the next one's findings, unless that one needs
/// what the failed one builds.
///
/// # Errors
/// When the workspace cannot be read.
pub async fn run() -> Result<ExitCode, Error> {
    let workspace = Workspace::find()?;
    let mut steps = Steps::default();
    steps.command("format", &cargo(&workspace, &["fmt", "--all", "--check"])).await;
    steps
        .step("tools", async {
            let line = Screen::new().line("tools");
            let made = Tools::of(&workspace).local(&line.reporter()).await.map(drop);
            line.clear();
            made
        })
        .await;
    lint::steps(&workspace, &mut steps).await;
    // Bootstraps first: the end-to-end tests deploy them.
    let built = steps.command("build", &cargo(&workspace, &["build", "--workspace"])).await;
    let clippy = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    steps.command("clippy", &cargo(&workspace, &clippy)).await;
    if built == Outcome::Passed {
        steps.command("test", &cargo(&workspace, &["test", "--workspace", "--no-fail-fast"])).await;
        steps.step("prove --quick", prove()).await;
    } else {
        steps.skip("test", "the build failed");
        steps.skip("prove --quick", "the build failed");
    }
    Ok(steps.sum_up())
}

async fn prove() -> Result<(), Error> {
    match prove::run(&prove::Options::quick()).await? {
        code if code == ExitCode::SUCCESS => Ok(()),
        _ => Err(Error::Setup("a promise was broken, or a fault did not strike: see above".into())),
    }
}
