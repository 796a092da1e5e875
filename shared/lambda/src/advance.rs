//! Load, decide, commit; on a conflict once more from the start.

use crate::fault::{Fault, Halt};
use jiff::Timestamp;
use waybill_domain::id::{OrderId, TenantId};
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

/// Brings `order` on by the event `decide` leads to, deciding anew on a conflict; the order as it then is.
/// Nothing to do (it has happened) is fine: that is what a retry sees.
///
/// # Errors
/// `Refused` for a cancelled order; `Conflict` when others keep being first, or stock moved meanwhile.
pub async fn advance(
    orders: &impl Orders,
    order: Order,
    actor: &str,
    at: Timestamp,
    decide: impl Fn(&Order) -> Decided,
) -> Result<Order, Halt> {
    let mut order = order;
    for _ in 0..ATTEMPTS {
        let Some(draft) = decide(&order)? else { return Ok(order) };
        let (after, recorded) = order.record(draft, at, Actor(actor.to_owned()), None);
        let commit = Commit { before: Some(&order), after: &after, recorded: &recorded };
        match orders.commit(commit).await {
            Ok(Committed::Stored) => return Ok(after),
            Ok(Committed::Short(skus)) => {
                let short = skus.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                return Err(Fault::Conflict(format!("stock moved meanwhile: {short}").into()).into());
            }
            Ok(Committed::Exists(_)) | Err(StoreError::Conflict) => {
                order = load(orders, &order.tenant, &order.id).await?;
            }
            Err(error @ (StoreError::Unavailable(_) | StoreError::Broken(_))) => return Err(error.into()),
        }
    }
    Err(Fault::from(StoreError::Conflict).into())
}
