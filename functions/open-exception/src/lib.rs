#![doc = include_str!("../README.md")]

use jiff::Timestamp;
use waybill_domain::ports::Orders;
use waybill_lambda::input::{Done, Trouble};
use waybill_lambda::{Halt, Stage, advance, load};

/// Opens an exception for staff. One that timed out goes on waiting; the others may be retried by running the workflow again.
///
/// # Errors
/// The exception could not be stored.
pub async fn handle(orders: &impl Orders, input: Trouble, now: Timestamp) -> Result<Done, Halt> {
    let order = load(orders, &input.tenant, &input.order_id).await?;
    let overdue = input.cause.starts_with("States.Timeout");
    let reason = if overdue { "nobody has done it in time".to_owned() } else { input.cause };
    let actor = Stage::OpenException.actor();
    advance(orders, order, &actor, now, |order| {
        order.decide_exception(&input.stage, input.fulfillment, &reason, !overdue)
    })
    .await?;
    Ok(Done {})
}
