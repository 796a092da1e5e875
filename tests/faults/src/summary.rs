//! The report as text that a repository shows beside its documents.

use crate::report::{Report, Tally};
use crate::verdict::Found;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The table, and every kind of thing that a run has shown beside the end it was to have.
#[must_use]
pub fn summary(report: &Report) -> String {
    let Report { commit, command, seed, played, .. } = report;
    let (total, (cases, open)) = (report.total(), report.faults());
    let mut text = format!(
        "# Every call, every fault: what was run\n\n\
         Made by `{command}` at commit `{commit}`, seed {seed}; not to be changed by hand.\n\
         Of {cases} faults that can strike, {open} have not been played yet. Runs took {} minutes, each counted by itself.\n\
         {} runs: {} ended as without their fault, {} otherwise as documented, {} faults did not strike, {} broke a promise.\n\n\
         ![Runs by flow and kind of fault](chart.svg)\n\n\
         | Flow | Calls and events | Places | Faults there are | Runs | Same | Documented | Missed | Broken |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        played / 60,
        total.runs(),
        total.same,
        total.documented,
        total.missed,
        total.broken
    );
    for row in &report.flows {
        let Tally { same, documented, missed, broken } = row.tally;
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {same} | {documented} | {missed} | {broken} |",
            row.flow,
            row.calls,
            row.places,
            row.cases,
            row.tally.runs()
        );
    }
    text.push_str(&others(report));
    text
}

/// What was found, each once, with how often and one run that shows it.
fn others(report: &Report) -> String {
    let mut found: BTreeMap<(&str, String), (usize, &str)> = BTreeMap::new();
    for told in &report.told {
        let (verdict, what) = match &told.found {
            Found::Same => continue,
            Found::Documented(_) => ("documented", "a mail left twice".to_owned()),
            Found::Missed => ("missed", "the fault did not strike".to_owned()),
            Found::Broken(what) => ("broken", what.join("; ")),
        };
        found.entry((verdict, what)).or_insert((0, &told.case)).0 += 1;
    }
    let mut text = String::new();
    if !found.is_empty() || report.left_behind().next().is_some() {
        text.push_str("\n| Found | What | Runs | One of them |\n|---|---|---:|---|\n");
    }
    for ((verdict, what), (runs, case)) in found {
        let what = what.replace('|', "\\|");
        let _ = writeln!(text, "| {verdict} | {what} | {runs} | `{case}` |");
    }
    for (found, left) in report.left_behind() {
        let _ = writeln!(text, "| {found} | {} | | |", left.replace('|', "\\|"));
    }
    text
}
