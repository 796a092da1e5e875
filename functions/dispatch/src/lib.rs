#![doc = include_str!("../README.md")]

use jiff::Timestamp;
use waybill_domain::order::Order;
use waybill_domain::ports::{Orders, PaymentProcessor};
use waybill_lambda::input::{Done, PartInput};
use waybill_lambda::{Halt, Stage, advance, load};
use waybill_payments::Desk;

/// Takes the shipment out of the stock, then its money in, of each tender its share; each once.
///
/// # Errors
/// `Defect` when the money cannot be taken (it is on the timeline): the goods have left, so staff decide.
pub async fn handle(
    orders: &impl Orders,
    processor: &impl PaymentProcessor,
    input: PartInput,
    now: Timestamp,
) -> Result<Done, Halt> {
    let number = input.fulfillment;
    let desk = Desk { orders, processor, actor: Stage::Dispatch.actor(), now };
    let order = load(orders, &input.tenant, &input.order_id).await?;
    let order = advance(orders, order, &desk.actor, now, |order| order.decide_dispatched(number)).await?;
    let order = desk.capture(order, number).await?;
    let order = desk.let_go(order).await?;
    // The carrier may have delivered before the money was taken.
    advance(orders, order, &desk.actor, now, Order::decide_completed).await?;
    Ok(Done {})
}
