//! Counters against every movement there ever was.

use jiff::Timestamp;
use serde::Serialize;
use waybill_domain::id::TenantId;
use waybill_domain::order::Order;
use waybill_domain::ports::{Page, Statements, Survey};
use waybill_domain::stock::audit::{Drift, Entry, Judgement, Tally, first_break, place_name};
use waybill_lambda::Fault;

/// Lines of a statement that are read for one drift, newest first.
const MOST_LINES: usize = 2_000;
/// Lines a page.
const LINES: usize = 500;

/// What a run found about stock, and what it cost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StockReport {
    /// Was all of it looked at? Otherwise nothing was judged.
    pub complete: bool,
    /// Items with stock, or with movements.
    pub skus: u64,
    /// Places looked at: network-wide, per site, per stow, per announcement.
    pub shelves: u64,
    /// Stock documents.
    pub documents: u64,
    /// Places that were moved too recently to be judged.
    pub moving: u64,
    /// Keys of items that make no sense.
    pub unreadable: Vec<String>,
    /// Counters that do not say what movements say.
    pub drifts: Vec<StockDrift>,
    /// Of those, cases that were not open yet.
    pub opened: usize,
    /// DynamoDB read units the table of stock cost.
    pub read_units: u64,
    #[serde(skip)]
    half_units: u64,
}

/// A counter that does not say what movements say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StockDrift {
    /// Whose.
    pub tenant: String,
    /// Of which item.
    pub sku: String,
    /// Where: the sort key of its counters.
    pub place: String,
    /// Which counter.
    pub counter: &'static str,
    /// What it must say, in units.
    pub expected: i64,
    /// What it says.
    pub found: i64,
    /// The first line of the statement that does not follow from the line before it, where there is one.
    pub since: Option<Since>,
}

/// Where a statement breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Since {
    /// When, UTC.
    pub at: Timestamp,
    /// The event or document, where the line names one.
    pub cause: Option<String>,
}

/// The sums of movements, as far as they have been read.
#[derive(Debug, Default)]
pub(crate) struct StockAudit {
    tally: Tally,
    pub report: StockReport,
}

impl StockAudit {
    /// Adds what an order's events moved.
    pub fn moved_by(&mut self, order: &Order) {
        for entry in order.history() {
            self.tally.moved(&order.tenant, &entry.movements, entry.at);
        }
    }

    /// Reads every document and counter. `false`: time was over first.
    pub async fn survey(&mut self, stock: &impl Survey, is_over: impl Fn() -> bool) -> Result<bool, Fault> {
        let mut after: Option<String> = None;
        loop {
            if is_over() {
                return Ok(false);
            }
            let part = stock.survey(after.as_deref()).await?;
            self.report.half_units += part.half_units;
            self.report.documents += part.documents.len() as u64;
            for (tenant, document) in part.documents {
                self.tally.moved(&tenant, &document.movements, document.at);
            }
            for counted in part.counters {
                self.tally.counted(counted);
            }
            self.report.unreadable.extend(part.unreadable);
            after = part.next;
            if after.is_none() {
                return Ok(true);
            }
        }
    }

    /// Judges every place that was last moved before `settled`; each that does not add up is a case for staff.
    pub async fn judge(&mut self, stock: &impl Statements, settled: Timestamp, now: Timestamp) -> Result<(), Fault> {
        let Judgement { skus, shelves, moving, drifts } = std::mem::take(&mut self.tally).judge(settled, now);
        for drift in drifts {
            let since = since(stock, &drift).await?;
            let drift = Drift { cause: since.as_ref().and_then(|since| since.cause.clone()), ..drift };
            self.report.opened += usize::from(stock.open_drift(&drift).await?);
            log(&drift);
            self.report.drifts.extend(rows(&drift, since));
        }
        let read_units = self.report.half_units.div_ceil(2);
        self.report =
            StockReport { complete: true, skus, shelves, moving, read_units, ..std::mem::take(&mut self.report) };
        Ok(())
    }
}

/// Where the place's statement breaks, in its newest lines.
async fn since(stock: &impl Statements, drift: &Drift) -> Result<Option<Since>, Fault> {
    let lines = lines(stock, &drift.tenant, drift).await?;
    Ok(first_break(lines).map(|line| Since { at: line.at, cause: line.cause }))
}

async fn lines(stock: &impl Statements, tenant: &TenantId, drift: &Drift) -> Result<Vec<Entry>, Fault> {
    let (mut lines, mut read, mut after) = (Vec::new(), 0, None);
    loop {
        let Page { rows, next } = stock.entries(tenant, &drift.shelf.sku, after.as_deref(), LINES).await?;
        read += rows.len();
        lines.extend(rows.into_iter().filter(|line| line.shelf == drift.shelf && line.shard.is_none()));
        after = next;
        if after.is_none() || read >= MOST_LINES {
            return Ok(lines);
        }
    }
}

fn rows(drift: &Drift, since: Option<Since>) -> impl Iterator<Item = StockDrift> {
    drift.wrong.iter().map(move |wrong| StockDrift {
        tenant: drift.tenant.to_string(),
        sku: drift.shelf.sku.to_string(),
        place: place_name(&drift.shelf.place, drift.shard),
        counter: wrong.counter.name(),
        expected: wrong.expected,
        found: wrong.found,
        since: since.clone(),
    })
}

fn log(drift: &Drift) {
    tracing::error!(
        tenant = drift.tenant.as_str(),
        sku = drift.shelf.sku.as_str(),
        place = place_name(&drift.shelf.place, drift.shard),
        cause = drift.cause.as_deref().unwrap_or("none"),
        "stock drift: {}",
        drift.rule.words()
    );
}
