#![doc = include_str!("../README.md")]

use jiff::Timestamp;
use waybill_domain::order::{Order, StockHold};
use waybill_domain::ports::Orders;
use waybill_lambda::input::{Done, OrderInput};
use waybill_lambda::{Halt, Stage, advance, load};

/// Gives back the reservation or the allocations of a cancelled order, once.
///
/// # Errors
/// The order could not be stored.
pub async fn handle(orders: &impl Orders, input: OrderInput, now: Timestamp) -> Result<Done, Halt> {
    let actor = Stage::ReleaseStock.actor();
    let mut order = load(orders, &input.tenant, &input.order_id).await?;
    while order.is_cancelled() && order.stock != StockHold::Released {
        order = advance(orders, order, &actor, now, Order::decide_stock_released).await?;
    }
    Ok(Done {})
}
