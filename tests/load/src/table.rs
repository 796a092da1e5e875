//! Runs as people read them.

use crate::chaos::Aftermath;
use crate::latency::Latency;
use crate::plan::Arrivals;
use crate::report::{Memory, Report};
use crate::soak::Soaked;
use comfy_table::{CellAlignment, Table, presets};

/// Findings shown; the JSON has all.
const SHOWN: usize = 20;

/// Of a run of load.
#[must_use]
pub fn of_load(report: &Report) -> String {
    let mut figures = table(["", ""]);
    for (name, value) in rows(report) {
        figures.add_row([name.to_owned(), value]);
    }
    let mut times = table(["milliseconds", "p50", "p95", "p99", "max", "measured"]);
    let measured =
        [("from due to answered", report.answered), ("from first event to workflow started", report.start_lag)];
    for (name, Latency { count, p50, p95, p99, max }) in measured {
        let cells = [p50, p95, p99, max].map(|value| value.to_string());
        let count = count.to_string();
        times.add_row([name.to_owned()].into_iter().chain(cells).chain([count]));
    }
    let mut queues = table(["queue", "most messages", "oldest at most, s"]);
    for (name, queue) in &report.queues {
        queues.add_row([name.clone(), queue.deepest.to_string(), queue.oldest_at_most.to_string()]);
    }
    format!("{figures}\n\n{times}\n\n{queues}\n\n{}", verdict(&report.findings))
}

fn rows(report: &Report) -> Vec<(&'static str, String)> {
    let machine = &report.machine;
    let errors: Vec<String> = report.errors.iter().map(|(kind, count)| format!("{count} × {kind}")).collect();
    let memory = |memory: Memory| format!("{} to {} MiB, at most {}", memory.first, memory.last, memory.most);
    vec![
        (
            "machine",
            format!("{} cores, {} GiB, load {} before", machine.cores, machine.memory_gib, machine.load_before),
        ),
        ("arrivals", arrivals(report.plan.arrivals)),
        ("orders due", report.offered.to_string()),
        ("accepted", report.accepted.to_string()),
        ("not accepted", if errors.is_empty() { "none".to_owned() } else { errors.join(", ") }),
        ("accepted in the busiest second", report.accepted_in_busiest_second.to_string()),
        ("workflows started", report.started.to_string()),
        ("quota of starts a second", report.plan.quota.to_string()),
        ("starts in the busiest second", report.started_in_busiest_second.to_string()),
        ("starts in the busiest ten seconds", report.started_in_busiest_ten_seconds.to_string()),
        ("deepest backlog", report.deepest_backlog.to_string()),
        ("last start after the last order, s", report.drained_after_seconds.to_string()),
        ("carried through to the door", report.delivered.to_string()),
        ("proofs that hold", report.proven.to_string()),
        ("memory of the local AWS", memory(report.local_aws_mib)),
        ("memory of the functions", memory(report.functions_mib)),
        ("most processes of functions", report.most_processes.to_string()),
        ("took, s", report.took_seconds.to_string()),
    ]
}

fn arrivals(arrivals: Arrivals) -> String {
    match arrivals {
        Arrivals::Rising { peak, seconds } => format!("rising to {peak} a second in {seconds} s"),
        Arrivals::Steady { every_ms, seconds } => format!("one every {every_ms} ms for {seconds} s"),
    }
}

/// Of a soak.
#[must_use]
pub fn of_soak(soaked: &Soaked) -> String {
    let mut trends = table(["", "mean", "rise", "rise in an hour", "allowed rise", "points"]);
    let local_aws = ("memory of the local AWS, KiB (not judged)", &soaked.local_aws);
    for (name, trend) in soaked.trends.iter().map(|(name, trend)| (*name, trend)).chain([local_aws]) {
        let allowed = if trend.allowed == i64::MAX { "any".to_owned() } else { trend.allowed.to_string() };
        let cells = [trend.mean, trend.rise, trend.rise_per_hour].map(|value| value.to_string());
        trends.add_row([name.to_owned()].into_iter().chain(cells).chain([allowed, trend.points.to_string()]));
    }
    let Latency { p50, p95, p99, max, .. } = soaked.answered;
    let machine = &soaked.machine;
    format!(
        "{}: {} of {} orders accepted and carried through, answered within {p50} ms (p50), {p95} (p95), {p99} (p99), \
{max} (max); {} cores, {} GiB, load {} before\n\n{trends}\n\n{}",
        arrivals(soaked.arrivals),
        soaked.accepted,
        soaked.offered,
        machine.cores,
        machine.memory_gib,
        machine.load_before,
        verdict(&soaked.findings)
    )
}

/// Of a time in which everything dies.
#[must_use]
pub fn of_chaos(aftermath: &Aftermath) -> String {
    let mut strikes = table(["struck after, ms", "processes killed", "connections cut", "orders on their way"]);
    for strike in &aftermath.strikes {
        let killed: usize = strike.killed.values().sum();
        let cells = [killed, strike.cut, strike.on_their_way].map(|count| count.to_string());
        strikes.add_row([strike.at_ms.to_string()].into_iter().chain(cells));
    }
    let chaos = aftermath.chaos;
    let delivered = aftermath.facts.orders.iter().filter(|order| order.fulfillment == "delivered").count();
    format!(
        "seed {}: {delivered} of {} orders delivered in {} s; stores repeated {} calls\n\n{strikes}\n\n{}",
        chaos.seed,
        chaos.orders,
        aftermath.took.as_secs(),
        aftermath.repeated,
        verdict(&aftermath.findings())
    )
}

fn verdict(findings: &[String]) -> String {
    if findings.is_empty() {
        return "Everything is as it must be.".to_owned();
    }
    let shown: Vec<String> = findings.iter().take(SHOWN).map(|finding| format!("  {finding}")).collect();
    format!("NOT as it must be, {} findings:\n{}", findings.len(), shown.join("\n"))
}

fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_BORDERS_ONLY).set_header(header);
    for column in 1..N {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
