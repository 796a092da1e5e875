//! Runs named steps one after the other and sums them up.

use comfy_table::{Cell, CellAlignment, Color, Table, presets};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use waybill_harness::Error;
use waybill_harness::processes::{Log, run};
use waybill_harness::workspace::Workspace;

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As it should.
    Passed,
    /// Not so, and why.
    Failed(String),
    /// It was not run, and why.
    Skipped(String),
}

/// The steps of one task so far.
#[derive(Debug, Default)]
pub struct Steps {
    done: Vec<(String, Outcome, Duration)>,
}

impl Steps {
    /// Runs a command as a step, its output on ours.
    pub async fn command(&mut self, name: &str, command: &Command) -> Outcome {
        self.step(name, async { run(name, command, Log::Inherited).await }).await
    }

    /// Runs anything as a step.
    pub async fn step(&mut self, name: &str, work: impl Future<Output = Result<(), Error>>) -> Outcome {
        heading(name);
        let started = Instant::now();
        let outcome = match work.await {
            Ok(()) => Outcome::Passed,
            Err(cause) => {
                println!("FAILED: {cause}");
                Outcome::Failed(cause.to_string())
            }
        };
        self.done.push((name.to_owned(), outcome.clone(), started.elapsed()));
        outcome
    }

    /// Tells loudly that a step is not run.
    pub fn skip(&mut self, name: &str, why: &str) {
        heading(name);
        println!("SKIPPED: {why}");
        self.done.push((name.to_owned(), Outcome::Skipped(why.to_owned()), Duration::ZERO));
    }

    /// Prints every step's outcome and time; fails if one did.
    pub fn sum_up(self) -> ExitCode {
        let mut table = Table::new();
        table.load_preset(presets::UTF8_BORDERS_ONLY).set_header(["Step", "Outcome", "Seconds"]);
        for (name, outcome, took) in &self.done {
            let (word, color) = match outcome {
                Outcome::Passed => ("passed", Color::Green),
                Outcome::Failed(_) => ("FAILED", Color::Red),
                Outcome::Skipped(_) => ("SKIPPED", Color::Yellow),
            };
            let seconds = format!("{}.{}", took.as_secs(), took.subsec_millis() / 100);
            let seconds = Cell::new(seconds).set_alignment(CellAlignment::Right);
            table.add_row([Cell::new(name), Cell::new(word).fg(color), seconds]);
        }
        println!("\n{table}");
        let failed = self.done.iter().any(|(_, outcome, _)| matches!(outcome, Outcome::Failed(_)));
        if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

fn heading(name: &str) {
    println!("\n━━ {name} {}", "━".repeat(72_usize.saturating_sub(name.chars().count())));
}

/// A cargo command in the workspace.
pub fn cargo(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut command = waybill_harness::workspace::cargo();
    command.args(arguments).current_dir(&workspace.root);
    command
}
