//! `cargo xtask audit`: dependencies' licenses, advisories and uses, and SAM's own opinion of the template. Installs
//! its tools, which takes minutes.

use crate::progress::Screen;
use crate::steps::{Outcome, Steps, cargo};
use std::process::{Command, ExitCode};
use waybill_harness::Error;
use waybill_harness::processes::{Log, run as run_command};
use waybill_harness::tools::Tools;
use waybill_harness::workspace::Workspace;

const DENY: (&str, &str) = ("cargo-deny", "0.20.2");
const MACHETE: (&str, &str) = ("cargo-machete", "0.9.2");

/// Installs and runs both tools.
///
/// # Errors
/// When the workspace cannot be read.
pub async fn run() -> Result<ExitCode, Error> {
    let workspace = Workspace::find()?;
    let root = Tools::of(&workspace).folder().join("cargo");
    let mut steps = Steps::default();
    for (tool, arguments) in [(DENY, ["check"].as_slice()), (MACHETE, &["--with-metadata"])] {
        let (name, version) = tool;
        let program = root.join("bin").join(name);
        let mut install = cargo(&workspace, &["install", "--locked", "--version", version, name, "--root"]);
        install.arg(&root);
        // Installing what is installed is a matter of a second.
        if steps.command(&format!("install {name}"), &install).await != Outcome::Passed {
            steps.skip(name, "it could not be installed");
            continue;
        }
        let mut check = Command::new(program);
        check.args(arguments).current_dir(&workspace.root);
        steps.command(name, &check).await;
    }
    steps.step("sam validate", sam(&workspace)).await;
    Ok(steps.sum_up())
}

async fn sam(workspace: &Workspace) -> Result<(), Error> {
    let line = Screen::new().line("sam");
    let pins = workspace.path("infra/lint/sam-requirements.txt");
    let programs = Tools::of(workspace).requirements("sam", &pins, &line.reporter()).await?;
    line.clear();
    let mut validate = Command::new(programs.join("sam"));
    validate.args(["validate", "--lint", "--region", "us-east-1", "--template", "infra/template.yaml"]);
    validate.env("SAM_CLI_TELEMETRY", "0").current_dir(&workspace.root);
    run_command("sam validate", &validate, Log::Inherited).await
}
