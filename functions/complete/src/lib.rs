#![doc = include_str!("../README.md")]

use jiff::Timestamp;
use waybill_domain::order::{Order, Wait};
use waybill_domain::ports::Orders;
use waybill_lambda::input::{Done, OrderWait};
use waybill_lambda::{Halt, Stage, advance, load};

/// Closes the order if everything is delivered already (or ends it if nothing was found), then keeps the task token.
///
/// # Errors
/// The order or the token could not be stored. A refusal is no error here: the relay answers it.
pub async fn handle(orders: &impl Orders, input: OrderWait, now: Timestamp) -> Result<Done, Halt> {
    let order = load(orders, &input.tenant, &input.order_id).await?;
    if !order.is_cancelled() {
        advance(orders, order, &format!("stage:{}", Stage::Complete.name()), now, Order::decide_completed).await?;
    }
    orders.keep_token(&input.tenant, &input.order_id, Wait::Delivery, &input.task_token, now).await?;
    Ok(Done {})
}
