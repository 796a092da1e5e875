#![doc = include_str!("../README.md")]

mod money;
mod render;

pub use render::{RenderError, render};

use jiff::{SignedDuration, Timestamp};
use waybill_domain::catalog::Store;
use waybill_domain::ports::{Catalog, Claim, Mailer, Orders, StoreError};
use waybill_domain::relay::NoticeMessage;
use waybill_lambda::Fault;

/// How long another run that claimed a message may still be sending it: longer than this function's time-out.
const LEASE: SignedDuration = SignedDuration::from_mins(1);
/// How often it is tried at once to write down that a mail has left: until that is written, it leaves again.
const MARKINGS: u32 = 3;

/// Sends a message, once; one that is not true any more, never: a payment went through meanwhile.
///
/// # Errors
/// `Transient` while another run may be sending it, or the mail service is not available; `Malformed` for a message that
/// makes no sense.
pub async fn handle(
    orders: &impl Orders,
    catalog: &impl Catalog,
    mailer: &impl Mailer,
    body: &str,
    now: Timestamp,
) -> Result<Option<String>, Fault> {
    let message: NoticeMessage = serde_json::from_str(body).map_err(|error| Fault::Malformed(error.into()))?;
    let NoticeMessage { tenant, order_id, notice } = &message;
    let (claim, sent) = (notice.claim(), notice.sent());
    if let Claim::Earlier(at) = orders.claim(tenant, order_id, &claim, now).await? {
        if orders.claimed(tenant, order_id, &sent).await?.is_some() {
            return Ok(Some(order_id.to_string()));
        }
        if now.duration_since(at) < LEASE {
            return Err(Fault::Transient("another run may be sending it".into()));
        }
    }
    let order = orders.load(tenant, order_id).await?.ok_or_else(|| Fault::defect("a message about no order"))?;
    if !notice.is_current(&order) {
        return Ok(Some(order_id.to_string()));
    }
    let store = catalog.find::<Store>(tenant, order.placed.store.as_str()).await?;
    let mail = render(&order, *notice, store.as_ref()).map_err(|error| Fault::Defect(error.into()))?;
    if let Err(error) = mailer.send(&mail).await {
        orders.unclaim(tenant, order_id, &claim).await?;
        return Err(error.into());
    }
    let mut tried = 1;
    while let Err(error) = orders.claim(tenant, order_id, &sent, now).await {
        match error {
            StoreError::Unavailable(_) | StoreError::Conflict if tried < MARKINGS => tried += 1,
            StoreError::Unavailable(_) | StoreError::Conflict | StoreError::Broken(_) => return Err(error.into()),
        }
    }
    Ok(Some(order_id.to_string()))
}
