#![doc = include_str!("../README.md")]

use jiff::Timestamp;
use waybill_domain::order::{FulfillmentStatus, Order};
use waybill_domain::ports::{Claim, Labels, Orders, PartnerError};
use waybill_lambda::input::{Done, PartInput};
use waybill_lambda::{Fault, Halt, Stage, advance, load};

/// Gives back the label of a fulfillment order that was called off; also one whose purchase was never heard of.
///
/// # Errors
/// `Defect` when the carrier refuses (it is on the timeline).
pub async fn handle(
    orders: &impl Orders,
    labels: &impl Labels,
    input: PartInput,
    now: Timestamp,
) -> Result<Done, Halt> {
    let number = input.fulfillment;
    let actor = Stage::VoidLabel.actor();
    let order = load(orders, &input.tenant, &input.order_id).await?;
    let Some(part) = order.fulfillment(number) else { return Ok(Done {}) };
    if part.status != FulfillmentStatus::Cancelled {
        return Ok(Done {});
    }
    let order = if part.shipment.is_none() && part.packing.is_some() {
        recover(orders, labels, order, number, now).await?
    } else {
        order
    };
    let shipment = order.fulfillment(number).and_then(|part| part.shipment.as_ref());
    let Some(shipment) = shipment.filter(|shipment| !shipment.voided) else { return Ok(Done {}) };
    if let Err(error) = labels.refund(&shipment.label.shipment).await {
        let PartnerError::Refused { code, message } = &error else { return Err(error.into()) };
        let refused = |o: &Order| o.decide_partner_refused("carrier", &format!("void-label-{number}"), code, message);
        advance(orders, order, &actor, now, refused).await?;
        return Err(Fault::from(error).into());
    }
    advance(orders, order, &actor, now, |order| order.decide_label_voided(number)).await?;
    Ok(Done {})
}

/// A label that was claimed and perhaps bought, while its answer was lost: recorded, so that it can be given back.
async fn recover(
    orders: &impl Orders,
    labels: &impl Labels,
    order: Order,
    number: u16,
    now: Timestamp,
) -> Result<Order, Halt> {
    let claim = orders.claim(&order.tenant, &order.id, &format!("label-{number}"), now).await?;
    if claim == Claim::Ours {
        return Ok(order);
    }
    let known = labels.find(&format!("{}-{number}", order.id)).await?;
    let Some(label) = known.and_then(|known| known.label) else { return Ok(order) };
    let actor = Stage::VoidLabel.actor();
    advance(orders, order, &actor, now, |order| order.decide_labeled(number, label.clone())).await
}
