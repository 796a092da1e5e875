//! The report on a terminal.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};
use std::fmt::Write as _;
use waybill_faults::Found;
use waybill_faults::report::{Report, Tally};

/// No more runs than these are told in full.
const MOST: usize = 30;

/// Flows, calls, faults, violations; then every run that is worth a look.
pub fn of(report: &Report) -> String {
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED);
    table.set_header(["flow", "calls", "places", "faults", "runs", "same", "documented", "missed", "broken"]);
    for row in &report.flows {
        table.add_row(line(&row.flow, [row.calls, row.places, row.cases], row.tally));
    }
    let sum = |count: fn(&waybill_faults::report::Row) -> usize| report.flows.iter().map(count).sum();
    table.add_row(line("all", [sum(|row| row.calls), sum(|row| row.places), sum(|row| row.cases)], report.total()));
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut text = format!("{table}\n");
    for told in report.told.iter().take(MOST) {
        let (verdict, what) = match &told.found {
            Found::Same => ("same", String::new()),
            Found::Documented(what) => ("documented", what.join("; ")),
            Found::Missed => ("did not strike", String::new()),
            Found::Broken(what) => ("BROKEN", what.join("; ")),
        };
        let faults = told.faults.join(" and ");
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{verdict}: {faults}\n  {what}\n  again: cargo xtask prove --case '{}'", told.case);
    }
    if report.told.len() > MOST {
        let _ = writeln!(text, "and {} more in the report", report.told.len() - MOST);
    }
    for (found, left) in report.left_behind() {
        let _ = writeln!(text, "{found}: {left}");
    }
    text
}

fn line(name: &str, counts: [usize; 3], tally: Tally) -> Vec<String> {
    let Tally { same, documented, missed, broken } = tally;
    let numbers = counts.into_iter().chain([tally.runs(), same, documented, missed, broken]);
    std::iter::once(name.to_owned()).chain(numbers.map(|number| number.to_string())).collect()
}
