#![doc = include_str!("../README.md")]

mod audit;
mod report;
mod stock;
mod window;

pub use report::{Difference, Report};
pub use stock::{Since, StockDrift, StockReport};
pub use window::Window;

use audit::Auditor;
use jiff::Timestamp;
use waybill_domain::ports::{Audit, Files, Orders, PaymentProcessor, Statements, Survey};
use waybill_lambda::Halt;

/// What is proven, and where the report goes.
#[derive(Clone, Copy, Debug)]
pub struct Books<'a, O, S, P, F> {
    /// Every order.
    pub orders: &'a O,
    /// Every counter and stock document, and the statements.
    pub stock: &'a S,
    /// The processor's own list.
    pub processor: &'a P,
    /// The folder of reports.
    pub files: &'a F,
}

/// [`handle`], for what the schedule or an operator's event asks for, by a function that is ended at `deadline`
/// (milliseconds since 1970).
///
/// # Errors
/// As [`handle`]; `Malformed` for an event that names no times.
pub async fn asked<O, S, P, F>(
    books: Books<'_, O, S, P, F>,
    event: &serde_json::Value,
    deadline: u64,
    clock: impl Fn() -> Timestamp + Sync,
) -> Result<Report, Halt>
where
    O: Orders + Audit,
    S: Statements + Survey,
    P: PaymentProcessor,
    F: Files,
{
    let window = Window::of(event, clock(), Window::until(deadline))?;
    handle(books, window, clock).await
}

/// Proves every order's money, from its own entries and against the processor's list, and every counter of stock, from all
/// movements; each difference is an exception of the order or a case about the item, and all of them are in the report that
/// is left under `reports/`.
///
/// # Errors
/// The processor's list, the orders, the stock or the report could not be read or written. One order's failure keeps no
/// other from being looked at.
pub async fn handle<O, S, P, F>(
    books: Books<'_, O, S, P, F>,
    window: Window,
    clock: impl Fn() -> Timestamp + Sync,
) -> Result<Report, Halt>
where
    O: Orders + Audit,
    S: Statements + Survey,
    P: PaymentProcessor,
    F: Files,
{
    let began = clock();
    let is_over = || clock() >= window.until;
    let mut auditor = Auditor::new(books.orders, books.processor, window, began);
    if auditor.read_the_list(is_over).await? && auditor.read_the_orders(is_over).await? {
        auditor.look_for_strangers().await;
        if auditor.stock.survey(books.stock, is_over).await? {
            auditor.stock.judge(books.stock, window.to, began).await?;
            auditor.report.complete = true;
        }
    }
    let stock = auditor.stock.report;
    let report = Report { stock, ..auditor.report }.ended(clock().duration_since(began));
    let name = format!("reports/reconcile-{}.json", began.to_zoned(jiff::tz::TimeZone::UTC).date());
    books.files.write_json(&name, report.json()?).await?;
    Ok(report)
}
