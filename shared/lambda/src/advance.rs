//! Load, decide, commit; on a conflict once more from the start.

use crate::fault::{Fault, Halt};
use jiff::Timestamp;
use waybill_domain::id::{OrderId, Sku, TenantId};
use waybill_domain::order::{Actor, Decided, Order};
use waybill_domain::ports::{Commit, Committed, Orders, StoreError};

/// How often a decision is made anew in process before the workflow's own retry takes over.
const ATTEMPTS: u32 = 3;

/// The order.
///
/// # Errors
/// `Defect` when there is none: nothing starts a stage for an order that was not placed.
pub async fn load(orders: &impl Orders, tenant: &TenantId, id: &OrderId) -> Result<Order, Halt> {
    let found = orders.load(tenant, id).await?;
    found.ok_or_else(|| Halt::Fault(Fault::defect(format!("no order {id}"))))
}

/// What became of bringing an order on.
#[derive(Debug)]
pub enum Advanced {
    /// Recorded, or it had happened already: the order as it then is.
    Order(Order),
    /// An account has not enough available; nothing was recorded.
    Overdrawn(Order),
    /// The payment belongs to another order; nothing was recorded.
    Taken(Order),
    /// There are not enough units of these; nothing was recorded.
    Short(Order, Vec<Sku>),
}

/// Brings `order` on by the event `decide` leads to, deciding anew on a conflict; the order as it then is.
/// Nothing to do (it has happened) is fine: that is what a retry sees.
///
/// # Errors
/// `Refused` for a cancelled order; `Conflict` when others keep being first, or stock moved meanwhile; `Defect` for an
/// overdrawn account or a payment of another order, which only [`try_advance`] answers.
pub async fn advance(
    orders: &impl Orders,
    order: Order,
    actor: &str,
    at: Timestamp,
    decide: impl Fn(&Order) -> Decided,
) -> Result<Order, Halt> {
    match try_advance(orders, order, actor, at, decide).await? {
        Advanced::Order(order) => Ok(order),
        Advanced::Overdrawn(_) => Err(Fault::defect("an account has not enough available").into()),
        Advanced::Taken(_) => Err(Fault::defect("the payment belongs to another order").into()),
        Advanced::Short(_, skus) => {
            let short = skus.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            Err(Fault::Conflict(format!("stock moved meanwhile: {short}").into()).into())
        }
    }
}

/// [`advance`], for events that draw on an account, name a payment, or take units that may not be there.
///
/// # Errors
/// As [`advance`].
pub async fn try_advance(
    orders: &impl Orders,
    order: Order,
    actor: &str,
    at: Timestamp,
    decide: impl Fn(&Order) -> Decided,
) -> Result<Advanced, Halt> {
    let mut order = order;
    for _ in 0..ATTEMPTS {
        let Some(draft) = decide(&order)? else { return Ok(Advanced::Order(order)) };
        let (after, recorded) = order.record(draft, at, Actor(actor.to_owned()), None);
        let commit = Commit { before: Some(&order), after: &after, recorded: &recorded };
        match orders.commit(commit).await {
            Ok(Committed::Stored) => return Ok(Advanced::Order(after)),
            Ok(Committed::Short(skus)) => return Ok(Advanced::Short(order, skus)),
            Ok(Committed::Overdrawn(_)) => return Ok(Advanced::Overdrawn(order)),
            Ok(Committed::Taken) => return Ok(Advanced::Taken(order)),
            Ok(Committed::Exists(_)) | Err(StoreError::Conflict) => {
                order = load(orders, &order.tenant, &order.id).await?;
            }
            Err(error @ (StoreError::Unavailable(_) | StoreError::Broken(_))) => return Err(error.into()),
        }
    }
    Err(Fault::from(StoreError::Conflict).into())
}
