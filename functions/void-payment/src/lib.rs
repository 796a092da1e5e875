#![doc = include_str!("../README.md")]

use jiff::Timestamp;
use waybill_domain::ports::{Orders, PaymentProcessor};
use waybill_lambda::input::{Done, OrderInput};
use waybill_lambda::{Halt, Stage, load};
use waybill_payments::Desk;

/// Lets go of the money held for a cancelled order, also of money whose holding was never heard of, and has given back
/// what was taken ahead of it.
///
/// # Errors
/// `Transient` while the processor's search may not know yet; `Defect` when it refuses (it is on the timeline).
pub async fn handle(
    orders: &impl Orders,
    processor: &impl PaymentProcessor,
    input: OrderInput,
    now: Timestamp,
) -> Result<Done, Halt> {
    let order = load(orders, &input.tenant, &input.order_id).await?;
    if !order.is_cancelled() {
        return Ok(Done {});
    }
    let desk = Desk { orders, processor, actor: Stage::VoidPayment.actor(), now };
    let order = desk.recover(order).await?;
    let order = desk.let_go(order).await?;
    desk.return_overcharge(order).await?;
    Ok(Done {})
}
