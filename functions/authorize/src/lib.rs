#![doc = include_str!("../README.md")]

use jiff::Timestamp;
use waybill_domain::order::{Order, Tender};
use waybill_domain::ports::{Authorized, Claim, Hold, Orders, PartnerError, PaymentProcessor};
use waybill_lambda::input::{Done, OrderInput};
use waybill_lambda::{Halt, Stage, advance, load};

/// The effect that is claimed before the processor is called, and the last part of its Idempotency-Key.
pub const EFFECT: &str = "authorize";

/// Has the order's money held, once.
///
/// # Errors
/// `ReviewRequired` when a person must look first; `Refused` when it was declined, or the order was cancelled.
pub async fn handle(
    orders: &impl Orders,
    processor: &impl PaymentProcessor,
    input: OrderInput,
    now: Timestamp,
) -> Result<Done, Halt> {
    let order = load(orders, &input.tenant, &input.order_id).await?;
    let is_over = order.is_authorization_settled() || order.is_cancelled();
    let order = if is_over { order } else { authorize(orders, processor, order, now).await? };
    match () {
        () if order.ended_unrouted() => Err(Halt::Refused("the order is cancelled".to_owned())),
        () if order.needs_review() => Err(Halt::ReviewRequired),
        () => Ok(Done {}),
    }
}

async fn authorize(
    orders: &impl Orders,
    processor: &impl PaymentProcessor,
    order: Order,
    now: Timestamp,
) -> Result<Order, Halt> {
    let actor = format!("stage:{}", Stage::Authorize.name());
    let total = order.placed.total;
    let method = match &order.placed.tender {
        Tender::Card { method } if !total.is_zero() => method.as_str().to_owned(),
        Tender::Card { .. } => {
            return advance(orders, order, &actor, now, |o| o.decide_authorized(total, "free".to_owned(), false)).await;
        }
        Tender::Channel { reference, collected } => {
            let (reference, collected) = (reference.as_str().to_owned(), *collected);
            let held = |o: &Order| o.decide_authorized(total, reference.clone(), false);
            let order = advance(orders, order, &actor, now, held).await?;
            if !collected {
                return Ok(order);
            }
            let taken = |o: &Order| o.decide_captured(None, total, reference.clone());
            return advance(orders, order, &actor, now, taken).await;
        }
    };
    match ask(orders, processor, &order, &method, now).await {
        Ok(Authorized::Held(held)) => {
            let decide = |o: &Order| o.decide_authorized(held.amount, held.reference.clone(), held.elevated_risk);
            advance(orders, order, &actor, now, decide).await
        }
        Ok(Authorized::Declined { code }) => {
            advance(orders, order, &actor, now, |o| o.decide_declined(code.clone())).await
        }
        Err(PartnerError::Refused { code, message }) => {
            let refused = |o: &Order| o.decide_partner_refused("payment", EFFECT, &code, &message);
            let order = advance(orders, order, &actor, now, refused).await?;
            advance(orders, order, &actor, now, |o| o.decide_declined(code.clone())).await
        }
        Err(error @ (PartnerError::Unavailable(_) | PartnerError::Broken(_))) => Err(error.into()),
    }
}

/// Claim, then call. A claim of an earlier run means that its answer was lost: the truth first; and the call, if it has
/// to be repeated, bears the same key, so that the processor holds the money once.
async fn ask(
    orders: &impl Orders,
    processor: &impl PaymentProcessor,
    order: &Order,
    method: &str,
    now: Timestamp,
) -> Result<Authorized, PartnerError> {
    let claim = orders.claim(&order.tenant, &order.id, EFFECT, now).await;
    let claim = claim.map_err(|error| PartnerError::Unavailable(error.into()))?;
    if let Claim::Earlier(_) = claim
        && let Some(held) = processor.find(&order.tenant, &order.id).await?
        && !held.voided
    {
        return Ok(Authorized::Held(held));
    }
    let key = format!("{}-{EFFECT}", order.id);
    let hold = Hold { tenant: &order.tenant, order: &order.id, method, amount: order.placed.total, key: &key };
    processor.authorize(&hold).await
}
