//! Lints what no Rust compiler sees: the template and the workflow.

use crate::progress::Screen;
use crate::steps::Steps;
use std::process::{Command, ExitCode};
use waybill_harness::processes::{Log, run as run_command};
use waybill_harness::tools::Tools;
use waybill_harness::workspace::Workspace;
use waybill_harness::{Error, Progress};

const TOOLS: &str = "infra/lint";
const TEMPLATE: &str = "infra/template.yaml";
const WORKFLOWS: &str = "statemachine";

/// `cargo xtask lint`.
///
/// # Errors
/// When the workspace cannot be read.
pub async fn run() -> Result<ExitCode, Error> {
    let workspace = Workspace::find()?;
    let mut linted = Steps::default();
    steps(&workspace, &mut linted).await;
    Ok(linted.sum_up())
}

/// Both linters as steps.
pub async fn steps(workspace: &Workspace, steps: &mut Steps) {
    let line = Screen::new().line("lint");
    let say = line.reporter();
    steps.step("template lint (cfn-lint)", template(workspace, &say)).await;
    let name = "workflow lint (asl-validator)";
    match Tools::of(workspace).node("asl-validator", &workspace.path(TOOLS), &say).await {
        Ok(Some(programs)) => {
            steps.step(name, async { workflow(workspace, Command::new(programs.join("asl-validator"))).await }).await;
        }
        Ok(None) => steps.skip(name, "Node.js is not installed, so NOBODY has checked the workflow's syntax here"),
        Err(cause) => {
            steps.step(name, async { Err(cause) }).await;
        }
    }
    line.clear();
}

async fn template(workspace: &Workspace, say: &Progress) -> Result<(), Error> {
    let pins = workspace.path(TOOLS).join("requirements.txt");
    let programs = Tools::of(workspace).requirements("cfn-lint", &pins, say).await?;
    let mut lint = Command::new(programs.join("cfn-lint"));
    lint.arg(TEMPLATE).current_dir(&workspace.root);
    run_command("cfn-lint", &lint, Log::Inherited).await
}

/// Every `*.asl.json`.
async fn workflow(workspace: &Workspace, mut validate: Command) -> Result<(), Error> {
    let folder = workspace.path(WORKFLOWS);
    let entries = std::fs::read_dir(&folder).map_err(Error::at("read", &folder))?;
    for entry in entries {
        let path = entry.map_err(Error::at("read", &folder))?.path();
        if path.to_string_lossy().ends_with(".asl.json") {
            validate.arg("--json-path").arg(path);
        }
    }
    run_command("asl-validator", validate.current_dir(&workspace.root), Log::Inherited).await
}
