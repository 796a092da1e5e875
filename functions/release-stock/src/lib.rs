#![doc = include_str!("../README.md")]

use jiff::Timestamp;
use waybill_domain::order::Order;
use waybill_domain::ports::Orders;
use waybill_lambda::input::{Done, OrderInput};
use waybill_lambda::{Halt, Stage, advance, load};

/// Gives back the reservation or the allocations of a cancelled order, once.
///
/// # Errors
/// The order could not be stored.
pub async fn handle(orders: &impl Orders, input: OrderInput, now: Timestamp) -> Result<Done, Halt> {
    let order = load(orders, &input.tenant, &input.order_id).await?;
    if order.is_cancelled() {
        let actor = format!("stage:{}", Stage::ReleaseStock.name());
        advance(orders, order, &actor, now, Order::decide_stock_released).await?;
    }
    Ok(Done {})
}
