//! `cargo xtask build`: the functions as they go to AWS, and their sizes.

use crate::progress::Screen;
use comfy_table::{Cell, CellAlignment, Table, presets};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use waybill_harness::Error;
use waybill_harness::processes::{Log, run as run_command};
use waybill_harness::tools::Tools;
use waybill_harness::workspace::Workspace;

/// What to build for.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Build for arm64, the template's default, rather than for this machine; needs that target's
    /// standard library (`rustup target add aarch64-unknown-linux-gnu`).
    #[arg(long)]
    arm64: bool,
}

/// Builds every function with cargo-lambda.
///
/// # Errors
/// When the tools cannot be installed or the build fails.
pub async fn run(options: &Options) -> Result<ExitCode, Error> {
    let workspace = Workspace::find()?;
    let line = Screen::new().line("tools");
    let programs = Tools::of(&workspace).local(&line.reporter()).await?;
    line.clear();
    let is_arm = options.arm64 || cfg!(target_arch = "aarch64");
    let architecture = if is_arm { "--arm64" } else { "--x86-64" };
    let mut build = Command::new(programs.join("cargo-lambda"));
    build.args(["lambda", "build", "--release", architecture]);
    for function in workspace.functions()? {
        build.args(["--package", &function]);
    }
    let path = std::env::var("PATH").unwrap_or_default();
    // cargo-lambda looks for the zig beside it on the path.
    build.env("PATH", format!("{}:{path}", programs.display())).current_dir(&workspace.root);
    run_command("cargo lambda build", &build, Log::Inherited).await?;
    let sizes = sizes(&workspace)?;
    println!("{}", table(&sizes));
    Ok(ExitCode::SUCCESS)
}

/// The stripped bootstraps, largest first.
fn sizes(workspace: &Workspace) -> Result<Vec<(String, u64)>, Error> {
    let mut sizes = Vec::new();
    for function in workspace.functions()? {
        let path: PathBuf = workspace.target.join("lambda").join(&function).join("bootstrap");
        let metadata = path.metadata().map_err(Error::at("look at", &path))?;
        sizes.push((function, metadata.len()));
    }
    sizes.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    Ok(sizes)
}

fn table(sizes: &[(String, u64)]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_BORDERS_ONLY).set_header(["Function", "MB"]);
    for (function, bytes) in sizes {
        table.add_row([Cell::new(function), Cell::new(megabytes(*bytes)).set_alignment(CellAlignment::Right)]);
    }
    table
}

/// With two decimals, in millions of bytes.
fn megabytes(bytes: u64) -> String {
    let hundredths = bytes / 10_000;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    #[test]
    fn sizes_are_millions_of_bytes() {
        assert_eq!(super::megabytes(10_512_345), "10.51");
    }
}
