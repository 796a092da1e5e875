#![doc = include_str!("../README.md")]

use jiff::{SignedDuration, Timestamp};
use relay::Relay;
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::order::{MAX_TENDERS, Order};
use waybill_domain::ports::{Orders, Queues, Stock, Watch, Workflows};
use waybill_domain::relay::{Effect, all_effects};
use waybill_lambda::backorders::fill;
use waybill_lambda::{Halt, advance, load};

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
pub async fn handle<O, S, W, Q>(relay: &Relay<O, W, Q>, stock: &S, now: Timestamp) -> Result<Swept, Halt>
where
    O: Orders + Watch,
    S: Stock,
    W: Workflows,
    Q: Queues,
{
    let mut swept = Swept::default();
    for (tenant, id) in relay.orders.due(now, BATCH).await? {
        if let Err(halt) = look(relay, stock, (&tenant, &id), now).await {
            tracing::warn!(order.id = id.as_str(), fault = halt.name(), "not swept: {}", halt.chain());
            swept.failed += 1;
        }
        swept.orders.push(id.to_string());
    }
    Ok(swept)
}

async fn look<O, S, W, Q>(
    relay: &Relay<O, W, Q>,
    stock: &S,
    (tenant, id): (&TenantId, &OrderId),
    now: Timestamp,
) -> Result<(), Halt>
where
    O: Orders + Watch,
    S: Stock,
    W: Workflows,
    Q: Queues,
{
    let Some(order) = relay.orders.load(tenant, id).await? else {
        return Ok(relay.orders.look_again(tenant, id, None).await?);
    };
    let order = on_time(&relay.orders, order, now).await?;
    let order = filled(&relay.orders, stock, order, now).await?;
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
    let is_silent = deadline.is_some_and(|deadline| deadline <= now);
    let order = if is_silent { silent(&relay.orders, order, now).await? } else { order };
    relay.orders.look_again(tenant, id, Some(next_look(&order, now))).await?;
    Ok(())
}

/// Units it waits for may be here, and the stream's record of them lost: they are given out as if it had come now.
async fn filled(orders: &impl Orders, stock: &impl Stock, order: Order, now: Timestamp) -> Result<Order, Halt> {
    let mut given = Vec::new();
    for sku in order.waits_for().keys().filter(|_| !order.is_cancelled()) {
        given.extend(fill(orders, stock, (&order.tenant, sku), "sweep", now).await?);
    }
    // Somebody else's turn, mostly.
    if given.contains(&order.id) { load(orders, &order.tenant, &order.id).await } else { Ok(order) }
}

/// What is due by the clock alone: a payment's next try, the end of an order whose customer did not answer, the end of a
/// reservation that is not paid. What follows
/// is the relay's, as of any event.
async fn on_time(orders: &impl Orders, order: Order, now: Timestamp) -> Result<Order, Halt> {
    let mut order = order;
    // One event per tender at most, and one about the reservation.
    for _ in 0..=MAX_TENDERS {
        if order.timer().is_none_or(|at| at > now) {
            break;
        }
        order = advance(orders, order, "sweep", now, |order| order.decide_timer(now)).await?;
    }
    Ok(order)
}

/// A message that is known to have been sent need not go through the queue at every look.
async fn is_sent(orders: &impl Orders, order: &Order, effect: Effect) -> Result<bool, Halt> {
    let Effect::Notify(notice) = effect else { return Ok(false) };
    Ok(orders.claimed(&order.tenant, &order.id, &notice.sent()).await?.is_some())
}

/// Nothing has happened for too long: a person is told, once per standstill, however long it lasts and whatever they make
/// of it. What is told of an order does not bring it on.
async fn silent(orders: &impl Orders, order: Order, now: Timestamp) -> Result<Order, Halt> {
    let exception = |order: &Order| {
        let reason = format!("nothing has happened since {}", order.last_progress_at());
        let is_told = order.cases.iter().any(|open| open.case.stage == "sweep" && open.case.reason == reason);
        // While the workflow waits for people a second run beside it would do nothing but double its calls.
        if is_told { Ok(None) } else { order.decide_exception("sweep", None, &reason, !order.is_waited_on()) }
    };
    advance(orders, order, "sweep", now, exception).await
}

/// Twice as late each time while nothing happens: a silent order costs a handful of looks, not one an hour.
fn next_look(order: &Order, now: Timestamp) -> Timestamp {
    let silent_for = now.duration_since(order.last_progress_at()).max(AT_MOST_EVERY);
    let later = now.checked_add(silent_for).unwrap_or(now);
    // What the clock brings, and its deadline, unless that has passed and a person knows: one of them may have passed and
    // the other not.
    let due = order.timer().into_iter().chain(order.head().1).filter(|at| *at > now).min();
    due.map_or(later, |due| due.min(later))
}
