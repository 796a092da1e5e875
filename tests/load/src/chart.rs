//! The chart of a run: rates with the quota, the backlog, how long stores waited for their answers, queues, memory.

use crate::report::Report;
use crate::series::{Second, Series};
use std::fmt::Write as _;

const WIDTH: u64 = 900;
const LEFT: u64 = 70;
const PLOT: u64 = 800;
const HIGH: u64 = 150;
/// From one panel's top to the next.
const STEP: u64 = 220;
const TOP: u64 = 96;

const GRAY: &str = "#94a3b8";
const GREEN: &str = "#0f766e";
const BLUE: &str = "#2563eb";
const RED: &str = "#dc2626";
const INK: &str = "#0f172a";
const PALE: &str = "#475569";

/// A line of a panel: what it says, its color, and its value in each second that has one.
type Line = (&'static str, &'static str, fn(&Second) -> Option<u64>);

/// A panel of the chart.
struct Panel {
    title: &'static str,
    lines: &'static [Line],
    /// A value that must not be passed, drawn dashed.
    limit: Option<u64>,
}

/// As SVG.
#[must_use]
pub fn svg(report: &Report, series: &Series) -> String {
    let panels = [
        Panel {
            title: "Orders a second: due, accepted, workflows started; dashed: the quota of starts",
            lines: &[
                ("due", GRAY, |second| Some(wide(second.offered))),
                ("accepted", GREEN, |second| Some(wide(second.accepted))),
                ("started", BLUE, |second| Some(wide(second.started))),
            ],
            limit: Some(report.plan.quota.into()),
        },
        Panel {
            title: "Orders accepted and not started yet",
            lines: &[("waiting for their start", BLUE, |second| Some(wide(second.backlog)))],
            limit: None,
        },
        Panel {
            title: "From when an order was due to its answer, in milliseconds",
            lines: &[("slowest", GRAY, |second| second.answered_max), ("median", GREEN, |second| second.answered_p50)],
            limit: None,
        },
        Panel { title: "Messages on queues", lines: &[("all queues", BLUE, |second| second.queued)], limit: None },
        Panel {
            title: "Memory, in MiB",
            lines: &[
                ("functions' processes", GREEN, |second| second.functions_mib),
                ("the local AWS", GRAY, |second| second.local_aws_mib),
            ],
            limit: None,
        },
    ];
    let drawn: String =
        panels.iter().zip(0_u64..).map(|(panel, at)| draw(panel, TOP + at * STEP, &series.seconds)).collect();
    let height = TOP + 5 * STEP + 10;
    let title = format!(
        "{} orders due, {} accepted, {} started, at most {} starts in a second at a quota of {}",
        report.offered, report.accepted, report.started, report.started_in_busiest_second, report.plan.quota
    );
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" font-family="system-ui, sans-serif">
<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>
<text x="20" y="34" font-size="17" font-weight="600" fill="{INK}">{title}</text>
<text x="20" y="58" font-size="13" fill="{PALE}">{machine}</text>
{drawn}</svg>
"##,
        machine = machine(report)
    )
}

fn machine(report: &Report) -> String {
    let machine = &report.machine;
    format!(
        "{} cores, {} GiB, load {} before the run; the local AWS, unoptimized functions",
        machine.cores, machine.memory_gib, machine.load_before
    )
}

fn draw(panel: &Panel, top: u64, seconds: &[Second]) -> String {
    let values = panel.lines.iter().flat_map(|(_, _, value)| seconds.iter().filter_map(value));
    let most = round_up(values.chain(panel.limit).max().unwrap_or(1));
    let bottom = top + HIGH;
    let mut drawn = format!(
        r#"<text x="{LEFT}" y="{title_at}" font-size="13" font-weight="600" fill="{INK}">{title}</text>
"#,
        title_at = top - 12,
        title = panel.title
    );
    for quarter in [0, 2, 4] {
        let (y, value) = (bottom - HIGH * quarter / 4, most * quarter / 4);
        let _ = writeln!(
            drawn,
            r##"<line x1="{LEFT}" y1="{y}" x2="{right}" y2="{y}" stroke="#e2e8f0"/><text x="{label}" y="{text}" font-size="12" text-anchor="end" fill="{PALE}">{value}</text>"##,
            right = LEFT + PLOT,
            label = LEFT - 8,
            text = y + 4
        );
    }
    let last = seconds.len().saturating_sub(1).max(1);
    for tick in 0..=4 {
        let second = last * tick / 4;
        let _ = writeln!(
            drawn,
            r#"<text x="{x}" y="{y}" font-size="12" text-anchor="middle" fill="{PALE}">{second} s</text>"#,
            x = across(second, last),
            y = bottom + 18
        );
    }
    if let Some(limit) = panel.limit {
        let y = bottom - HIGH * limit / most;
        let _ = writeln!(
            drawn,
            r#"<line x1="{LEFT}" y1="{y}" x2="{right}" y2="{y}" stroke="{RED}" stroke-dasharray="6 4"/>"#,
            right = LEFT + PLOT
        );
    }
    let mut legend = LEFT + PLOT;
    for (name, color, value) in panel.lines {
        let point = |(second, row): (usize, &Second)| {
            let y = bottom - HIGH * value(row)?.min(most) / most;
            Some(format!("{},{y}", across(second, last)))
        };
        let points: Vec<String> = seconds.iter().enumerate().filter_map(point).collect();
        let _ = writeln!(
            drawn,
            r#"<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.8"/><text x="{x}" y="{y}" font-size="12" text-anchor="end" fill="{color}">{name}</text>"#,
            points = points.join(" "),
            x = legend,
            y = top - 12
        );
        legend = legend.saturating_sub(wide(name.len()) * 8 + 12);
    }
    drawn
}

fn across(second: usize, last: usize) -> u64 {
    LEFT + PLOT * wide(second) / wide(last).max(1)
}

/// The next of 4, 8, 12, 16, 20, 40, 80, …: quarters of it are whole.
fn round_up(most: u64) -> u64 {
    let mut scale = 4;
    loop {
        for step in 1..=5 {
            if scale * step >= most {
                return scale * step;
            }
        }
        scale *= 10;
    }
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round_and_not_too_small() {
        assert_eq!([0, 4, 5, 21, 41, 999].map(round_up), [4, 4, 8, 40, 80, 1_200]);
    }
}
