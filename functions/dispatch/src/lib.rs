#![doc = include_str!("../README.md")]

use jiff::Timestamp;
use waybill_domain::money::Money;
use waybill_domain::order::{Order, Tender};
use waybill_domain::ports::{Claim, Held, Orders, PartnerError, PaymentProcessor};
use waybill_lambda::input::{Done, PartInput};
use waybill_lambda::{Fault, Halt, Stage, advance, load};

/// The effect that is claimed before the processor is called.
#[must_use]
pub fn effect(fulfillment: u16) -> String {
    format!("capture-{fulfillment}")
}

/// Takes the shipment out of the stock, then its money in; each once.
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
    let actor = format!("stage:{}", Stage::Dispatch.name());
    let order = load(orders, &input.tenant, &input.order_id).await?;
    let order = advance(orders, order, &actor, now, |order| order.decide_dispatched(number)).await?;
    let order = match order.capture_wanted(number)? {
        Some(due) => capture(orders, processor, order, number, due, now).await?,
        None => order,
    };
    // The carrier may have delivered before the money was taken.
    advance(orders, order, &actor, now, Order::decide_completed).await?;
    Ok(Done {})
}

async fn capture(
    orders: &impl Orders,
    processor: &impl PaymentProcessor,
    order: Order,
    number: u16,
    due: Money,
    now: Timestamp,
) -> Result<Order, Halt> {
    let actor = format!("stage:{}", Stage::Dispatch.name());
    let reference = order.payment.authorization.as_ref().map(|held| held.reference.clone()).unwrap_or_default();
    if let Tender::Card { .. } = order.placed.tender {
        let taken = take(orders, processor, &order, number, &reference, due, now).await;
        if let Err(PartnerError::Refused { code, message }) = &taken {
            let refused = |o: &Order| o.decide_partner_refused("payment", &effect(number), code, message);
            advance(orders, order, &actor, now, refused).await?;
            return Err(Fault::defect(format!("the processor refused to capture {due}: {code}")).into());
        }
        taken?;
    }
    advance(orders, order, &actor, now, |o| o.decide_captured(Some(number), due, reference.clone())).await
}

/// Claim, then call. After a claim of an earlier run the truth comes first: if the processor has taken exactly this
/// amount beyond what we know of, the earlier call did it; another difference is for staff.
async fn take(
    orders: &impl Orders,
    processor: &impl PaymentProcessor,
    order: &Order,
    number: u16,
    reference: &str,
    due: Money,
    now: Timestamp,
) -> Result<Held, PartnerError> {
    let claim = orders.claim(&order.tenant, &order.id, &effect(number), now).await;
    if let Claim::Earlier(_) = claim.map_err(|error| PartnerError::Unavailable(error.into()))? {
        let held = processor.look_up(reference).await?;
        let unknown = held.captured.minor() - order.payment.captured.minor();
        if unknown == due.minor() {
            return Ok(held);
        }
        if unknown != 0 {
            let code = "unknown_capture".to_owned();
            let message = format!("the processor has taken {unknown} minor units that no event tells of");
            return Err(PartnerError::Refused { code, message });
        }
    }
    let key = format!("{}-{}", order.id, effect(number));
    processor.capture(reference, due, order.is_last_capture(number), &key).await
}
