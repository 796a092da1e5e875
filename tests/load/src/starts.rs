//! When the workflow service started executions: what the relay's pace is judged by.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use waybill_harness::aws::{Paging, STEP_FUNCTIONS};
use waybill_harness::{Error, Local, Result};

/// The start of an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// Whose.
    pub order: String,
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
}

/// Every execution's start, oldest first.
///
/// # Errors
/// When the local AWS does not list them.
pub async fn starts(local: &Local) -> Result<Vec<Start>> {
    let machine = local.stack.output("StateMachineArn")?;
    let paging = Paging { list: "executions", asked: "nextToken", answered: "nextToken" };
    let listed = local.aws.pages(STEP_FUNCTIONS, "ListExecutions", json!({"stateMachineArn": machine}), paging).await?;
    let mut starts = listed.iter().map(start).collect::<Result<Vec<_>>>()?;
    starts.sort_by_key(|start| start.at_ms);
    Ok(starts)
}

fn start(execution: &Value) -> Result<Start> {
    let odd = || Error::Setup(format!("an execution of another shape: {execution}"));
    let (order, _attempt) = execution["name"].as_str().and_then(|name| name.rsplit_once('-')).ok_or_else(odd)?;
    Ok(Start { order: order.to_owned(), at_ms: millis(&execution["startDate"]).ok_or_else(odd)? })
}

/// Seconds with decimals, as the protocol has them, or RFC 3339.
fn millis(date: &Value) -> Option<i64> {
    match date {
        Value::Number(number) => {
            let text = number.to_string();
            let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
            let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
            Some(whole.parse::<i64>().ok()? * 1_000 + thousandths.parse::<i64>().ok()?)
        }
        Value::String(text) => Some(text.parse::<jiff::Timestamp>().ok()?.as_millisecond()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The most starts in any `window_ms`, wherever it begins. `at_ms` is sorted.
#[must_use]
pub fn busiest(at_ms: &[i64], window_ms: i64) -> usize {
    let within =
        |from: i64| at_ms.partition_point(|at| *at < from + window_ms) - at_ms.partition_point(|at| *at < from);
    at_ms.iter().map(|from| within(*from)).max().unwrap_or(0)
}

/// The most starts that a pace of `quota` a second can show in a window of whole seconds: slots are `1/quota` apart, so
/// one more than the quota fits between a slot that was late and the last one.
#[must_use]
pub fn most_allowed(quota: u32, seconds: u32) -> usize {
    usize::try_from(quota.saturating_mul(seconds)).unwrap_or(usize::MAX).saturating_add(1)
}

/// How long each order waited from its first event to its first execution, in milliseconds; those that have both.
#[must_use]
pub fn waits(first_events: &BTreeMap<String, i64>, starts: &[Start]) -> Vec<u64> {
    let mut first = BTreeMap::new();
    for start in starts {
        first.entry(start.order.as_str()).or_insert(start.at_ms);
    }
    let wait = |(order, at): (&String, &i64)| u64::try_from((first.get(order.as_str())? - at).max(0)).ok();
    first_events.iter().filter_map(wait).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_judged_wherever_it_begins() {
        assert_eq!(busiest(&[900, 950, 1_000, 1_050, 1_899, 1_900], 1_000), 5, "across the full second");
        assert_eq!(busiest(&[], 1_000), 0);
    }

    #[test]
    fn a_paced_series_stays_below_what_is_allowed_and_an_unpaced_one_does_not() {
        let paced: Vec<i64> = (0..60).map(|slot| slot * 250 + if slot == 20 { 240 } else { 0 }).collect();
        assert!(busiest(&paced, 1_000) <= most_allowed(4, 1));
        assert!(busiest(&paced, 10_000) <= most_allowed(4, 10));
        let unpaced: Vec<i64> = (0..60).map(|slot| slot * 100).collect();
        assert!(busiest(&unpaced, 1_000) > most_allowed(4, 1));
    }

    #[test]
    fn dates_come_as_seconds_or_as_text() {
        assert_eq!(millis(&json!(1_764_495_123.25)), Some(1_764_495_123_250));
        assert_eq!(millis(&json!(1_764_495_123)), Some(1_764_495_123_000));
        assert_eq!(millis(&json!("1970-01-01T00:00:01.5Z")), Some(1_500));
        assert_eq!(millis(&json!(null)), None);
    }

    #[test]
    fn an_order_waits_for_its_first_execution() {
        let placed = BTreeMap::from([("one".to_owned(), 1_000), ("two".to_owned(), 1_000)]);
        let start = |order: &str, at_ms| Start { order: order.to_owned(), at_ms };
        assert_eq!(waits(&placed, &[start("one", 1_400), start("one", 9_000)]), [400]);
    }
}
