//! The processor's resources as JSON, with every field the real ones have.

mod charge;
mod dispute;
mod intent;

use super::events::Event;
use super::pages::Page;
use super::refunds::{Refund, RefundStatus};
pub use charge::charge;
pub use dispute::dispute;
pub use intent::intent;
use serde_json::{Value, json};

/// The version of the API whose shapes these are.
const VERSION: &str = "2024-06-20";

fn with_nulls(mut value: Value, names: &[&str]) -> Value {
    for name in names {
        value[*name] = Value::Null;
    }
    value
}

/// A refund.
pub fn refund(refund: &Refund) -> Value {
    let failed = refund.status == RefundStatus::Failed;
    let reference = if failed { "unavailable" } else { "pending" };
    let mut value = json!({
        "id": refund.id, "object": "refund", "created": refund.created,
        "amount": refund.amount, "currency": refund.currency, "status": refund.status.as_str(),
        "payment_intent": refund.payment_intent, "charge": refund.charge,
        "reason": refund.reason, "metadata": refund.metadata, "balance_transaction": refund.transaction,
        "destination_details": {"type": "card", "card": {"type": "refund", "reference_status": reference}},
        "receipt_number": null, "source_transfer_reversal": null, "transfer_reversal": null,
    });
    if let Some((reason, transaction)) = &refund.failure {
        value["failure_reason"] = reason.clone().into();
        value["failure_balance_transaction"] = transaction.clone().into();
    }
    value
}

/// An event. One receiver at most is told, so one webhook at most is pending.
pub fn event(event: &Event) -> Value {
    let mut data = json!({"object": event.object});
    if let Some(previous) = &event.previous {
        data["previous_attributes"] = previous.clone();
    }
    json!({
        "id": event.id, "object": "event", "api_version": VERSION, "created": event.created, "type": event.kind,
        "livemode": false, "pending_webhooks": 1, "data": data,
        "request": {"id": event.cause.request, "idempotency_key": event.cause.key},
    })
}

/// A page of the list at `url`.
pub fn list<T>(url: &str, page: &Page<'_, T>, to_json: impl Fn(&T) -> Value) -> Value {
    let data: Vec<_> = page.items.iter().map(|item| to_json(item)).collect();
    json!({"object": "list", "url": url, "has_more": page.has_more, "data": data})
}

/// A page of what a search found; `id` leads on to the next one.
pub fn found<T>(url: &str, page: &Page<'_, T>, id: impl Fn(&T) -> &str, to_json: impl Fn(&T) -> Value) -> Value {
    let data: Vec<_> = page.items.iter().map(|item| to_json(item)).collect();
    let next = page.items.last().filter(|_| page.has_more).map(|last| id(last));
    json!({"object": "search_result", "url": url, "has_more": page.has_more, "next_page": next, "data": data})
}
