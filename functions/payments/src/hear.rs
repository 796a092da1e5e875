//! The processor's news: whose they are, and what is recorded of them.

use crate::lease::{Key, Leased, once};
use jiff::Timestamp;
use waybill_domain::id::{OrderId, TenantId, digest_of};
use waybill_domain::order::Order;
use waybill_domain::ports::{Orders, Owner, PaymentProcessor, Requests};
use waybill_gateways::payment_webhook::{About, PaymentNews};
use waybill_lambda::http::Problem;
use waybill_lambda::{Halt, advance};
use waybill_payments::Desk;

/// Which order the news were about; `None`: none of ours.
pub type Heard = Option<OrderId>;

/// Records what the processor says now of what its news are about, once per event.
///
/// # Errors
/// 404 for a refund or a dispute of a payment no order is known to be paid with (yet), and for another tenant's payment:
/// the processor sends it again.
pub async fn hear(
    orders: &(impl Orders + Requests),
    processor: &impl PaymentProcessor,
    tenant: &TenantId,
    news: &PaymentNews,
    now: Timestamp,
) -> Result<Leased<Heard>, Problem> {
    // Sent again, an event has other bytes: how many deliveries are pending is in it.
    let key = digest_of(&["webhook/payment", &news.event]);
    let call = Key { tenant, digest: &key, body: "" };
    once(orders, call, now, act(orders, processor, tenant, &news.about, now), |_| String::new()).await
}

async fn act(
    orders: &impl Orders,
    processor: &impl PaymentProcessor,
    tenant: &TenantId,
    about: &About,
    now: Timestamp,
) -> Result<Heard, Problem> {
    let (payment, owner) = match about {
        About::Payment { reference, owner } => (reference, owner.as_ref()),
        About::Refunds { payment, owner } => (payment, owner.as_ref()),
        About::Refund { payment, .. } | About::Dispute { payment, .. } => (payment, None),
    };
    let Some(order) = paid_with(orders, tenant, payment, owner).await? else {
        return match about {
            // A storefront's payment that became no order, or not yet: placing the order looks it up.
            About::Payment { .. } => Ok(None),
            About::Refund { .. } | About::Refunds { .. } | About::Dispute { .. } => Err(Problem::not_found("payment")),
        };
    };
    let id = order.id.clone();
    let desk = Desk { orders, processor, actor: "processor".to_owned(), now };
    match about {
        About::Payment { .. } => settle(&desk, desk.hear_payment(order, payment).await?).await?,
        About::Refund { .. } | About::Refunds { .. } => desk.hear_refunds(order, payment).await?,
        About::Dispute { reference, .. } => desk.hear_dispute(order, reference).await?,
    };
    Ok(Some(id))
}

/// The order that is paid with a payment: as recorded, or, where its answer was lost, as noted at the processor.
async fn paid_with(
    orders: &impl Orders,
    tenant: &TenantId,
    payment: &str,
    owner: Option<&Owner>,
) -> Result<Option<Order>, Problem> {
    if owner.is_some_and(|owner| owner.tenant != *tenant) {
        return Err(Problem::not_found("payment"));
    }
    let known = orders.paid_with(tenant, payment).await?;
    let Some(id) = known.or_else(|| owner.map(|owner| owner.order.clone())) else { return Ok(None) };
    Ok(orders.load(tenant, &id).await?)
}

/// What follows: money that arrived for an order that has ended meanwhile goes back; one that is delivered and now paid
/// is closed.
async fn settle<O: Orders, P: PaymentProcessor>(desk: &Desk<'_, O, P>, order: Order) -> Result<Order, Halt> {
    if order.is_cancelled() {
        let order = desk.let_go(order).await?;
        return desk.return_overcharge(order).await;
    }
    advance(desk.orders, order, &desk.actor, desk.now, Order::decide_completed).await
}
