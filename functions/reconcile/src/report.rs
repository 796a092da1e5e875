//! What a run found, and what it cost.

use crate::stock::StockReport;
use jiff::SignedDuration;
use serde::Serialize;
use waybill_lambda::Fault;

/// Something that does not add up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Whose order.
    pub tenant: String,
    /// Which order.
    pub order: String,
    /// What is wrong, in words; never personal data.
    pub what: String,
}

/// A run's report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Was everything looked at? Otherwise the function's time was over.
    pub complete: bool,
    /// Where the orders not looked at begin.
    pub next: Option<String>,
    /// Orders looked at.
    pub orders: u64,
    /// Their entries.
    pub entries: u64,
    /// Payments on the processor's list.
    pub payments: u64,
    /// Orders with a difference that is younger than the window, left for the next run.
    pub unsettled: u64,
    /// What does not add up.
    pub differences: Vec<Difference>,
    /// The same for stock.
    pub stock: StockReport,
    /// DynamoDB read units the orders cost.
    pub read_units: u64,
    /// The same for one order, with two decimals.
    pub read_units_per_order: String,
    /// How long it took.
    pub seconds: i64,
    #[serde(skip)]
    pub(crate) half_units: u64,
}

impl Report {
    /// With what it cost.
    pub(crate) fn ended(mut self, took: SignedDuration) -> Self {
        self.read_units = self.half_units.div_ceil(2);
        let hundredths = (self.half_units * 50).checked_div(self.orders).unwrap_or(0);
        self.read_units_per_order = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        self.seconds = took.as_secs();
        self
    }

    /// As it is left for people and programs.
    ///
    /// # Errors
    /// None that is known.
    pub fn json(&self) -> Result<String, Fault> {
        serde_json::to_string_pretty(self).map_err(|error| Fault::Defect(error.into()))
    }

    /// The run in one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let Self { orders, entries, payments, unsettled, read_units, read_units_per_order, seconds, .. } = self;
        let StockReport { shelves, drifts, moving, .. } = &self.stock;
        let drifts = drifts.len();
        let (differences, how) = (self.differences.len(), if self.complete { "complete" } else { "out of time" });
        format!(
            "{how}: {orders} orders, {entries} entries, {payments} payments, {differences} differences, {unsettled} \
             unsettled, {read_units} read units ({read_units_per_order} an order); {shelves} places of stock, {drifts} \
             drifts, {moving} moving; {seconds} s"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_units_are_counted_in_halves_and_told_in_hundredths() {
        let of = |orders, half_units| {
            let report = Report { orders, half_units, ..Report::default() }.ended(SignedDuration::from_secs(3));
            (report.read_units, report.read_units_per_order)
        };
        assert_eq!(of(0, 0), (0, "0.00".to_owned()));
        assert_eq!(of(4, 3), (2, "0.37".to_owned()));
        assert_eq!(of(2, 7), (4, "1.75".to_owned()));
    }
}
