#![doc = include_str!("../README.md")]

use jiff::Timestamp;
use waybill_domain::order::CancelReason;
use waybill_domain::ports::Orders;
use waybill_lambda::input::{Done, Trouble};
use waybill_lambda::{Halt, Stage, advance, load};

/// Tells staff that the system could not go on, and, if nothing has left yet, ends the order so that what is held goes back.
///
/// # Errors
/// The order could not be stored.
pub async fn handle(orders: &impl Orders, input: Trouble, now: Timestamp) -> Result<Done, Halt> {
    let actor = Stage::Abandon.actor();
    let order = load(orders, &input.tenant, &input.order_id).await?;
    if order.is_cancelled() {
        return Ok(Done {});
    }
    let order = advance(orders, order, &actor, now, |order| {
        order.decide_exception(&input.stage, input.fulfillment, &input.cause, order.has_left())
    })
    .await?;
    if !order.has_left() {
        let note = format!("{} could not go on", input.stage);
        advance(orders, order, &actor, now, |order| order.decide_cancelled(CancelReason::Failure, note.clone()))
            .await?;
    }
    Ok(Done {})
}
