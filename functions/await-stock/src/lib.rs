#![doc = include_str!("../README.md")]

use jiff::Timestamp;
use waybill_domain::order::Wait;
use waybill_domain::ports::Orders;
use waybill_lambda::Halt;
use waybill_lambda::input::{Done, OrderWait};

/// Keeps the task token. The relay sees it in the table's stream and answers it, at once if nothing is waited for any
/// more.
///
/// # Errors
/// The token could not be kept.
pub async fn handle(orders: &impl Orders, input: OrderWait, now: Timestamp) -> Result<Done, Halt> {
    let wait = Wait::Stock;
    orders.keep_token(&input.tenant, &input.order_id, wait, &input.task_token, now).await?;
    Ok(Done {})
}
