#![doc = include_str!("../README.md")]

use jiff::Timestamp;
use waybill_domain::ports::{Orders, PaymentProcessor};
use waybill_domain::relay::RefundMessage;
use waybill_lambda::{Fault, Halt, load};
use waybill_payments::Desk;

/// Gives back what a message asks for, once. A message about an attempt that is over changes nothing.
///
/// # Errors
/// `Transient` or `Conflict`: the message comes back, and the processor is asked for the truth first. `Malformed` for one
/// that makes no sense; `Defect` for one about no order or no refund.
pub async fn handle(
    orders: &impl Orders,
    processor: &impl PaymentProcessor,
    body: &str,
    now: Timestamp,
) -> Result<Option<String>, Fault> {
    let message: RefundMessage = serde_json::from_str(body).map_err(|error| Fault::Malformed(error.into()))?;
    give_back(orders, processor, &message, now).await.map_err(|halt| match halt {
        Halt::Fault(fault) => fault,
        Halt::Refused(_) | Halt::ReviewRequired | Halt::PaymentPending | Halt::StockPending => {
            Fault::defect(halt.chain())
        }
    })?;
    Ok(Some(message.order_id.to_string()))
}

async fn give_back(
    orders: &impl Orders,
    processor: &impl PaymentProcessor,
    message: &RefundMessage,
    now: Timestamp,
) -> Result<(), Halt> {
    let RefundMessage { tenant, order_id, refund, attempt } = message;
    let order = load(orders, tenant, order_id).await?;
    let known = order.payment.refunds.iter().find(|known| known.refund.number == *refund);
    let known = known.ok_or_else(|| Fault::defect(format!("the order has no refund {refund}")))?;
    if known.attempt == *attempt {
        Desk { orders, processor, actor: "refund".to_owned(), now }.refund(order, *refund).await?;
    }
    Ok(())
}
