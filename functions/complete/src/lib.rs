#![doc = include_str!("../README.md")]

use jiff::Timestamp;
use waybill_domain::order::{Order, Wait};
use waybill_domain::ports::{Orders, PaymentProcessor};
use waybill_lambda::input::{Done, OrderWait};
use waybill_lambda::{Halt, Stage, advance, load};
use waybill_payments::Desk;

/// Lets go of what is held and not needed, has given back what was taken and is not owed, closes the order if everything
/// is delivered already (or ends it if nothing was found), then keeps the task token.
///
/// # Errors
/// The processor did not let go; the order or the token could not be stored. A refusal is no error here: the relay
/// answers it.
pub async fn handle(
    orders: &impl Orders,
    processor: &impl PaymentProcessor,
    input: OrderWait,
    now: Timestamp,
) -> Result<Done, Halt> {
    let order = load(orders, &input.tenant, &input.order_id).await?;
    if !order.is_cancelled() {
        let desk = Desk { orders, processor, actor: Stage::Complete.actor(), now };
        match settle(&desk, order).await {
            // Cancelled meanwhile: the relay tells the workflow so.
            Ok(_) | Err(Halt::Refused(_)) => {}
            Err(halt @ (Halt::Fault(_) | Halt::ReviewRequired | Halt::PaymentPending | Halt::StockPending)) => {
                return Err(halt);
            }
        }
    }
    orders.keep_token(&input.tenant, &input.order_id, Wait::Delivery, &input.task_token, now).await?;
    Ok(Done {})
}

async fn settle<O: Orders, P: PaymentProcessor>(desk: &Desk<'_, O, P>, order: Order) -> Result<Order, Halt> {
    let order = desk.let_go(order).await?;
    let order = desk.return_overcharge(order).await?;
    advance(desk.orders, order, &desk.actor, desk.now, Order::decide_completed).await
}
