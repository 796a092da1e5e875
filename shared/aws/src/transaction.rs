//! Transactions: sent, sent again where they ran into another one, and read for why they were refused.

use crate::classify::{broken, classify};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, TransactWriteItem};
use waybill_domain::ports::StoreError;

/// How often a transaction that ran into another one is sent again at once.
const COLLISIONS: u32 = 3;

/// A failed condition's code.
const FAILED: &str = "ConditionalCheckFailed";

/// What became of a transaction.
pub(crate) enum Sent {
    /// All of it was written.
    Written,
    /// Conditions failed and nothing was written: a reason per item, in their order.
    Refused(Vec<CancellationReason>),
}

/// Did this item's condition fail?
pub(crate) fn missed(reason: &CancellationReason) -> bool {
    reason.code() == Some(FAILED)
}

/// Sends a transaction; again at once while it only runs into another one. A failed condition counts before everything
/// else that went wrong.
pub(crate) async fn transact(client: &Client, items: &[TransactWriteItem]) -> Result<Sent, StoreError> {
    let mut collisions = 0;
    loop {
        let sent = client.transact_write_items().set_transact_items(Some(items.to_vec())).send().await;
        let Err(error) = sent else { return Ok(Sent::Written) };
        let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
            return Err(classify(error));
        };
        let reasons = cancelled.cancellation_reasons();
        let any = |code: &str| reasons.iter().any(|reason| reason.code() == Some(code));
        match () {
            () if any(FAILED) => return Ok(Sent::Refused(reasons.to_vec())),
            () if any("ValidationError") || any("ItemCollectionSizeLimitExceeded") => {
                return Err(broken(codes(reasons)));
            }
            () if any("TransactionConflict") && collisions < COLLISIONS => collisions += 1,
            () if any("TransactionConflict") => return Err(StoreError::Conflict),
            () => return Err(StoreError::Unavailable(codes(reasons).into())),
        }
    }
}

/// Codes and messages; never the items that came with them.
fn codes(reasons: &[CancellationReason]) -> String {
    let said = reasons.iter().enumerate().filter(|(_, reason)| reason.code() != Some("None"));
    let said = said.map(|(n, reason)| {
        format!("{n}: {} {}", reason.code().unwrap_or("no code"), reason.message().unwrap_or_default())
    });
    format!("transaction cancelled: {}", said.collect::<Vec<_>>().join("; "))
}
