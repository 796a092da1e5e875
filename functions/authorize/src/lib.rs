#![doc = include_str!("../README.md")]

use jiff::Timestamp;
use waybill_domain::ports::{Orders, PaymentProcessor};
use waybill_lambda::input::{Done, OrderInput};
use waybill_lambda::{Halt, Stage, load};
use waybill_payments::Desk;

/// Has the money of every tender held, once.
///
/// # Errors
/// `PaymentPending` while a tender waits for the customer or for its next time; `ReviewRequired` when a person must look
/// first; `Refused` when the order has ended.
pub async fn handle(
    orders: &impl Orders,
    processor: &impl PaymentProcessor,
    input: OrderInput,
    now: Timestamp,
) -> Result<Done, Halt> {
    let order = load(orders, &input.tenant, &input.order_id).await?;
    let desk = Desk { orders, processor, actor: Stage::Authorize.actor(), now };
    let order = if order.is_cancelled() { order } else { desk.authorize(order).await? };
    match () {
        () if order.ended_unrouted() => Err(Halt::Refused("the order is cancelled".to_owned())),
        // A cancelled order that was routed goes on: its fulfillment orders end one by one.
        () if order.payment.is_pending() && !order.is_cancelled() => Err(Halt::PaymentPending),
        () if order.needs_review() => Err(Halt::ReviewRequired),
        () => Ok(Done {}),
    }
}
