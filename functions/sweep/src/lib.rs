#![doc = include_str!("../README.md")]

use jiff::{SignedDuration, Timestamp};
use relay::Relay;
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::order::Order;
use waybill_domain::ports::{Notices, Orders, Watch, Workflows};
use waybill_domain::relay::{Effect, all_effects};
use waybill_lambda::{Halt, advance};

/// Orders one run looks at; the next run goes on.
pub const BATCH: usize = 200;
/// An order is not looked at again before this long.
const AT_MOST_EVERY: SignedDuration = SignedDuration::from_mins(5);

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Orders looked at.
    pub orders: Vec<String>,
    /// Of which could not be looked at; they stay due.
    pub failed: usize,
}

/// Looks at what is due.
///
/// # Errors
/// The list of what is due could not be read. One order's failure does not keep the others from being looked at.
pub async fn handle<O, W, N>(relay: &Relay<O, W, N>, now: Timestamp) -> Result<Swept, Halt>
where
    O: Orders + Watch,
    W: Workflows,
    N: Notices,
{
    let mut swept = Swept::default();
    for (tenant, id) in relay.orders.due(now, BATCH).await? {
        if let Err(halt) = look(relay, &tenant, &id, now).await {
            tracing::warn!(order.id = id.as_str(), fault = halt.name(), "not swept: {}", halt.chain());
            swept.failed += 1;
        }
        swept.orders.push(id.to_string());
    }
    Ok(swept)
}

async fn look<O, W, N>(relay: &Relay<O, W, N>, tenant: &TenantId, id: &OrderId, now: Timestamp) -> Result<(), Halt>
where
    O: Orders + Watch,
    W: Workflows,
    N: Notices,
{
    let Some(order) = relay.orders.load(tenant, id).await? else {
        return Ok(relay.orders.look_again(tenant, id, None).await?);
    };
    for effect in all_effects(&order) {
        if !is_sent(&relay.orders, &order, effect).await? {
            relay.carry_out(tenant, id, effect).await?;
        }
    }
    // Its last event may have been missed like any other: only now is it done with.
    if order.is_finished() {
        return Ok(relay.orders.look_again(tenant, id, None).await?);
    }
    let (_, deadline) = order.head();
    let order = if deadline.is_some_and(|deadline| deadline <= now) { silent(relay, order, now).await? } else { order };
    relay.orders.look_again(tenant, id, Some(next_look(&order, now))).await?;
    Ok(())
}

/// A message that is known to have been sent need not go through the queue at every look.
async fn is_sent(orders: &impl Orders, order: &Order, effect: Effect) -> Result<bool, Halt> {
    let Effect::Notify(notice) = effect else { return Ok(false) };
    Ok(orders.claimed(&order.tenant, &order.id, &notice.sent()).await?.is_some())
}

/// Nothing has happened for too long: a person is told, once per standstill.
async fn silent<O: Orders, W, N>(relay: &Relay<O, W, N>, order: Order, now: Timestamp) -> Result<Order, Halt> {
    let since = order.changed_at;
    let reason = format!("nothing has happened since {since}");
    // While the workflow waits for people a second run beside it would do nothing but double its calls.
    let retry = !order.is_waited_on();
    let exception = |order: &Order| order.decide_exception("sweep", None, &reason, retry);
    advance(&relay.orders, order, "sweep", now, exception).await
}

/// Twice as late each time while nothing happens: a silent order costs a handful of looks, not one an hour.
fn next_look(order: &Order, now: Timestamp) -> Timestamp {
    let silent_for = now.duration_since(order.changed_at).max(AT_MOST_EVERY);
    let later = now.checked_add(silent_for).unwrap_or(now);
    // Its deadline, unless that has passed and a person knows.
    order.head().1.filter(|deadline| *deadline > now).map_or(later, |deadline| deadline.min(later))
}
