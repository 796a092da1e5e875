//! `cargo xtask flash-sale`: many buyers, few units.

use crate::steps::cargo;
use std::process::ExitCode;
use waybill_harness::Error;
use waybill_harness::processes::{Log, run as run_command};
use waybill_harness::workspace::Workspace;

/// What to play; it is handed to the program as it is.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct Options {
    /// `--buyers`, `--units`, `--shards`, `--processes`, `--die-one-in`, `--rates`, `--http`, `--json`, `--chart`;
    /// `--help` explains them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Builds the program with optimization (some minutes, once), and runs it.
///
/// # Errors
/// The build failed, or something was oversold, undersold or left behind.
pub async fn run(options: &Options) -> Result<ExitCode, Error> {
    let workspace = Workspace::find()?;
    let build = ["build", "--quiet", "--profile", "flash", "--package", "waybill-flash"];
    eprintln!("building with optimization: some minutes the first time");
    run_command("build", &cargo(&workspace, &build), Log::Inherited).await?;
    let mut sale = std::process::Command::new(workspace.target.join("flash").join("flash-sale"));
    sale.args(&options.arguments).current_dir(&workspace.root);
    run_command("flash-sale", &sale, Log::Inherited).await?;
    Ok(ExitCode::SUCCESS)
}
