//! `cargo xtask audit`: dependencies' licenses, advisories and uses. Installs its tools, which takes minutes.

use crate::steps::{Outcome, Steps, cargo};
use std::process::{Command, ExitCode};
use waybill_harness::Error;
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
    Ok(steps.sum_up())
}
