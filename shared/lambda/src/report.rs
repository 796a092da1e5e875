//! One line per invocation: a log entry and a metric in one (CloudWatch embedded metric format).

use serde_json::json;
use std::time::Instant;

/// An invocation under way.
#[derive(Debug)]
pub struct Invocation<'a> {
    function: &'a str,
    began: Instant,
}

impl<'a> Invocation<'a> {
    /// Begins to measure.
    #[must_use]
    pub fn begin(function: &'a str) -> Self {
        Self { function, began: Instant::now() }
    }

    /// Prints the line: which function, whose orders, how it ended, how long it took; ids only.
    /// `fault` counts in the alarms; `Refused` and `ReviewRequired` are outcomes and do not.
    pub fn end(self, tenant: Option<&str>, orders: &[String], outcome: &str, fault: bool) {
        let metrics = json!([{
            "Namespace": "Waybill",
            "Dimensions": [["function"]],
            "Metrics": [{"Name": "Faults", "Unit": "Count"}, {"Name": "Duration", "Unit": "Milliseconds"}],
        }]);
        let line = json!({
            "_aws": {"Timestamp": crate::now().as_millisecond(), "CloudWatchMetrics": metrics},
            "message": "invocation done",
            "function": self.function,
            "tenant": tenant,
            "order_ids": orders,
            "outcome": outcome,
            "Faults": u8::from(fault),
            "Duration": u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
        });
        println!("{line}");
    }
}

/// Counts drifts of stock that were not known before, on a metric of its own with an alarm.
pub fn stock_drifts(found: usize) {
    let metrics = json!([{
        "Namespace": "Waybill", "Dimensions": [[]], "Metrics": [{"Name": "StockDrifts", "Unit": "Count"}],
    }]);
    let line = json!({
        "_aws": {"Timestamp": crate::now().as_millisecond(), "CloudWatchMetrics": metrics},
        "message": "stock audited",
        "StockDrifts": found,
    });
    println!("{line}");
}
