#![doc = include_str!("../README.md")]

use jiff::{SignedDuration, Timestamp};
use waybill_domain::order::{Order, PaymentAxis, Tender};
use waybill_domain::ports::{Claim, Orders, PartnerError, PaymentProcessor};
use waybill_lambda::input::{Done, OrderInput};
use waybill_lambda::{Fault, Halt, Stage, advance, load};

/// How long the processor's search may lag behind its books (Stripe documents up to a minute).
const SEARCH_LAG: SignedDuration = SignedDuration::from_secs(90);

/// Lets go of the money held for a cancelled order; also of money whose holding was never heard of.
///
/// # Errors
/// `Transient` while the processor's search may not know yet; `Defect` when it refuses (it is on the timeline).
pub async fn handle(
    orders: &impl Orders,
    processor: &impl PaymentProcessor,
    input: OrderInput,
    now: Timestamp,
) -> Result<Done, Halt> {
    let actor = format!("stage:{}", Stage::VoidPayment.name());
    let order = load(orders, &input.tenant, &input.order_id).await?;
    if !order.is_cancelled() {
        return Ok(Done {});
    }
    let is_card = matches!(order.placed.tender, Tender::Card { .. });
    let order = if is_card && !order.is_authorization_settled() {
        recover(orders, processor, order, now).await?
    } else {
        order
    };
    let order = tell_of_kept_money(orders, order, now).await?;
    let Some(held) = order.payment.authorization.as_ref().filter(|_| order.payment.holds_money()) else {
        return Ok(Done {});
    };
    if is_card && !held.amount.is_zero() {
        let voided = processor.void(&held.reference, &format!("{}-void", order.id)).await;
        if let Err(PartnerError::Refused { code, message }) = &voided {
            let refused = |o: &Order| o.decide_partner_refused("payment", "void", code, message);
            advance(orders, order, &actor, now, refused).await?;
            return Err(Fault::defect(format!("the processor refused to void: {code}")).into());
        }
        voided?;
    }
    advance(orders, order, &actor, now, Order::decide_voided).await?;
    Ok(Done {})
}

/// Money that was taken ahead of an order that is now cancelled is owed back: staff are told.
async fn tell_of_kept_money(orders: &impl Orders, order: Order, now: Timestamp) -> Result<Order, Halt> {
    if order.axes().payment != PaymentAxis::Overcharged {
        return Ok(order);
    }
    let actor = format!("stage:{}", Stage::VoidPayment.name());
    let reason = format!("{} was taken for an order that is cancelled, and is owed back", order.payment.captured);
    advance(orders, order, &actor, now, |order| order.decide_exception(Stage::VoidPayment.name(), None, &reason, false))
        .await
}

/// Money that was claimed and perhaps held, while the answer was lost: recorded, so that it can be let go.
async fn recover(
    orders: &impl Orders,
    processor: &impl PaymentProcessor,
    order: Order,
    now: Timestamp,
) -> Result<Order, Halt> {
    let Claim::Earlier(at) = orders.claim(&order.tenant, &order.id, "authorize", now).await? else { return Ok(order) };
    let Some(held) = processor.find(&order.tenant, &order.id).await?.filter(|held| !held.voided) else {
        if now.duration_since(at) < SEARCH_LAG {
            return Err(Fault::Transient("the processor may not know yet".into()).into());
        }
        return Ok(order);
    };
    let actor = format!("stage:{}", Stage::VoidPayment.name());
    let decide = |o: &Order| o.decide_authorized(held.amount, held.reference.clone(), held.elevated_risk);
    advance(orders, order, &actor, now, decide).await
}
