//! The chart of a sale: what was measured here, and what DynamoDB's limits allow.

use crate::report::{Report, grouped};

const WIDTH: u64 = 760;
const LEFT: u64 = 190;
const BAR: u64 = 460;
const ROW: u64 = 34;

/// As SVG.
#[must_use]
pub fn svg(report: &Report) -> String {
    let here =
        [("here, whole orders", report.orders_per_second), ("here, reservations", report.reservations_per_second)];
    let here = here.into_iter().filter_map(|(name, rate)| Some((name.to_owned(), rate?, "#0f766e")));
    let mut rows: Vec<_> = here.collect();
    for limit in &report.limits {
        let name = if limit.counters == 1 { "one counter".to_owned() } else { format!("{} shards", limit.counters) };
        rows.push((name, limit.reservations_per_second, "#94a3b8"));
    }
    let most = rows.iter().map(|(_, rate, _)| *rate).max().unwrap_or(1).max(1);
    let bars: String = rows.iter().zip(0_u64..).map(|(row, at)| bar(row, 84 + at * ROW, most)).collect();
    let height = 84 + u64::try_from(rows.len()).unwrap_or(0) * ROW + 64;
    let title = format!(
        "{} buyers, {} units: {} sold, {} oversold, {} undersold",
        grouped(report.buyers),
        grouped(report.units),
        grouped(report.sold),
        grouped(report.oversold),
        grouped(report.undersold)
    );
    let note = format!(
        "A losing attempt cost {} write units here, a winner {}.",
        report.write_units_per_loser, report.write_units_per_winner
    );
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" font-family="system-ui, sans-serif">
<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>
<text x="20" y="32" font-size="17" font-weight="600" fill="#0f172a">{title}</text>
<text x="20" y="58" font-size="13" fill="#475569">Reservations a second: measured (green), and what 1,000 write units a second and partition allow (gray)</text>
{bars}<text x="20" y="{note_at}" font-size="13" fill="#475569">{note}</text>
</svg>
"##,
        note_at = height - 24
    )
}

fn bar((name, rate, color): &(String, u64, &str), y: u64, most: u64) -> String {
    let width = (rate * BAR / most).max(2);
    let (text_at, label_at) = (y + 17, LEFT + width + 8);
    let rate = grouped(*rate);
    format!(
        r##"<text x="{name_at}" y="{text_at}" font-size="13" text-anchor="end" fill="#0f172a">{name}</text>
<rect x="{LEFT}" y="{y}" width="{width}" height="24" rx="3" fill="{color}"/>
<text x="{label_at}" y="{text_at}" font-size="13" fill="#0f172a">{rate}</text>
"##,
        name_at = LEFT - 10
    )
}
