#![doc = include_str!("../README.md")]

mod audit;
mod report;
mod window;

pub use report::{Difference, Report};
pub use window::Window;

use audit::Auditor;
use jiff::Timestamp;
use waybill_domain::ports::{Audit, Files, Orders, PaymentProcessor};
use waybill_lambda::Halt;

/// [`handle`], for what the schedule or an operator's event asks for, by a function that is ended at `deadline`
/// (milliseconds since 1970).
///
/// # Errors
/// As [`handle`]; `Malformed` for an event that names no times.
pub async fn asked(
    orders: &(impl Orders + Audit),
    processor: &impl PaymentProcessor,
    files: &impl Files,
    event: &serde_json::Value,
    deadline: u64,
    clock: impl Fn() -> Timestamp + Sync,
) -> Result<Report, Halt> {
    let window = Window::of(event, clock(), Window::until(deadline))?;
    handle(orders, processor, files, window, clock).await
}

/// Proves every order's money, from its own entries and against the processor's list; each difference is an exception of
/// the order, and all of them are in the report that is left under `reports/`.
///
/// # Errors
/// The processor's list, the orders or the report could not be read or written. One order's failure keeps no other from
/// being looked at.
pub async fn handle(
    orders: &(impl Orders + Audit),
    processor: &impl PaymentProcessor,
    files: &impl Files,
    window: Window,
    clock: impl Fn() -> Timestamp + Sync,
) -> Result<Report, Halt> {
    let began = clock();
    let is_over = || clock() >= window.until;
    let mut auditor = Auditor::new(orders, processor, window, began);
    if auditor.read_the_list(is_over).await? && auditor.read_the_orders(is_over).await? {
        auditor.look_for_strangers().await;
        auditor.report.complete = true;
    }
    let report = auditor.report.ended(clock().duration_since(began));
    let name = format!("reports/reconcile-{}.json", began.to_zoned(jiff::tz::TimeZone::UTC).date());
    files.write_json(&name, report.json()?).await?;
    Ok(report)
}
