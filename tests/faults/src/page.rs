//! The report as a page: a chart of flows by kinds, the table, and every run that is worth a look.

use crate::kind::Kind;
use crate::report::{Report, Tally};
use crate::verdict::Found;
use std::fmt::Write as _;

const CELL: usize = 62;
const LINE: usize = 26;
const LEFT: usize = 190;
const TOP: usize = 70;

/// The chart alone.
#[must_use]
pub fn chart(report: &Report) -> String {
    let (width, height) = (LEFT + CELL * Kind::ALL.len() + 20, TOP + LINE * report.flows.len() + 50);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<title>Runs by flow and kind of fault</title>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    let total = report.total();
    let head = format!(
        "{} runs with one fault each: {} ended as without it, {} as documented, {} missed, {} broken",
        total.runs(),
        total.same,
        total.documented,
        total.missed,
        total.broken
    );
    text(&mut svg, (12, 22), "start\" font-size=\"15\" font-weight=\"bold", &head);
    for (at, kind) in (0..).zip(Kind::ALL) {
        text(&mut svg, (LEFT + CELL * at + CELL / 2, TOP - 12), "middle", kind.name());
    }
    for (line, row) in (0..).zip(&report.flows) {
        let y = TOP + LINE * line;
        text(&mut svg, (LEFT - 10, y + 17), "end", &row.flow);
        for (at, kind) in (0..).zip(Kind::ALL) {
            let tally = row.kinds.get(&kind).copied().unwrap_or_default();
            let _ = writeln!(
                svg,
                "<rect x=\"{}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"3\" fill=\"{}\"/>",
                LEFT + CELL * at + 1,
                CELL - 2,
                LINE - 2,
                color(tally)
            );
            if tally.runs() > 0 {
                text(&mut svg, (LEFT + CELL * at + CELL / 2, y + 17), "middle", &tally.runs().to_string());
            }
        }
    }
    legend(&mut svg, TOP + LINE * report.flows.len() + 30);
    svg.push_str("</svg>\n");
    svg
}

fn legend(svg: &mut String, y: usize) {
    let one = |count: fn(&mut Tally)| {
        let mut tally = Tally::default();
        count(&mut tally);
        color(tally)
    };
    let entries = [
        ("as without the fault", one(|tally| tally.same = 1)),
        ("as documented", one(|tally| tally.documented = 1)),
        ("did not strike", one(|tally| tally.missed = 1)),
        ("promise broken", one(|tally| tally.broken = 1)),
        ("no run", one(|_| {})),
    ];
    for (at, (name, color)) in (0..).zip(entries) {
        let x = LEFT + 150 * at;
        let _ =
            writeln!(svg, "<rect x=\"{x}\" y=\"{}\" width=\"14\" height=\"14\" rx=\"2\" fill=\"{color}\"/>", y - 11);
        text(svg, (x + 20, y), "start", name);
    }
}

fn text(svg: &mut String, (x, y): (usize, usize), anchor: &str, said: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{}</text>", escaped(said));
}

const fn color(tally: Tally) -> &'static str {
    match tally {
        Tally { broken: 1.., .. } => "#e5484d",
        Tally { missed: 1.., .. } => "#b8b8c2",
        Tally { documented: 1.., .. } => "#f5c451",
        Tally { same: 1.., .. } => "#7bc67e",
        Tally { same: 0, documented: 0, missed: 0, broken: 0 } => "#f0f0f3",
    }
}

/// The whole page.
#[must_use]
pub fn page(report: &Report) -> String {
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Waybill: every call, every fault</title>\n<style>\
         body{font:15px/1.5 sans-serif;max-width:1000px;margin:2em auto;padding:0 1em}table{border-collapse:collapse}\
         td,th{padding:.2em .8em;text-align:right;border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}\
         svg{max-width:100%;height:auto}code{background:#f4f4f6}</style>\n<h1>Every call, every fault</h1>\n",
    );
    let Report { commit, command, .. } = report;
    let (cases, open) = report.faults();
    let made = format!(
        "<p>Commit <code>{commit}</code>, by <code>{}</code>. Of {cases} faults that can strike, {open} have not been played \
         yet.</p>\n",
        escaped(command)
    );
    page.push_str(&made);
    page.push_str(&chart(report));
    page.push_str("<table><tr><th>flow<th>calls and events<th>places<th>faults there are<th>runs<th>as without<th>documented<th>missed<th>broken\n");
    for row in &report.flows {
        let Tally { same, documented, missed, broken } = row.tally;
        let _ = writeln!(
            page,
            "<tr><td>{}<td>{}<td>{}<td>{}<td>{}<td>{same}<td>{documented}<td>{missed}<td>{broken}",
            row.flow,
            row.calls,
            row.places,
            row.cases,
            row.tally.runs()
        );
    }
    page.push_str("</table>\n");
    runs(&mut page, report);
    page.push_str("</html>\n");
    page
}

fn runs(page: &mut String, report: &Report) {
    page.push_str("<h2>Runs that did not end as without their fault</h2>\n");
    if report.told.is_empty() && report.left_behind().next().is_none() {
        page.push_str("<p>None.</p>\n");
    }
    for told in &report.told {
        let (verdict, what) = match &told.found {
            Found::Same => ("same", Vec::new()),
            Found::Documented(what) => ("documented", what.clone()),
            Found::Missed => ("did not strike", Vec::new()),
            Found::Broken(what) => ("broken", what.clone()),
        };
        let _ = writeln!(
            page,
            "<p><b>{verdict}</b> {}<br>{}<br><code>cargo xtask prove --case '{}'</code></p>",
            escaped(&told.faults.join(" and ")),
            escaped(&what.join("; ")),
            escaped(&told.case)
        );
    }
    for (found, left) in report.left_behind() {
        let _ = writeln!(page, "<p><b>{found}</b> {}</p>", escaped(left));
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
