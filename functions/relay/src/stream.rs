//! Records of the orders table's stream.

use crate::effects::Relay;
use serde_json::Value;
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::order::{Recorded, Wait};
use waybill_domain::ports::{Orders, Queues, Workflows};
use waybill_domain::relay::{Effect, effects};
use waybill_lambda::Fault;
use waybill_lambda::stream::{Change, StreamEvent};

/// Carries out what a batch asks for, in order. Answers the orders it touched.
///
/// # Errors
/// The first failure. The whole batch comes again then, on AWS in halves until the failing record stands alone; every
/// effect is safe to repeat. (Partial batch responses would spare the repetition, but the local AWS ignores them and
/// takes the batch for done.)
pub async fn handle<O: Orders, W: Workflows, Q: Queues>(
    relay: &Relay<O, W, Q>,
    event: StreamEvent,
) -> Result<Vec<String>, Fault> {
    let mut touched = Vec::new();
    for record in event.records {
        touched.push(one(relay, &record.dynamodb).await?.to_string());
    }
    Ok(touched)
}

async fn one<O: Orders, W: Workflows, Q: Queues>(relay: &Relay<O, W, Q>, change: &Change) -> Result<OrderId, Fault> {
    let (tenant, order, wanted) = understand(change)?;
    for effect in wanted {
        relay.carry_out(&tenant, &order, effect).await?;
    }
    Ok(order)
}

/// Whose record it is and what it asks for.
fn understand(change: &Change) -> Result<(TenantId, OrderId, Vec<Effect>), Fault> {
    let malformed = |what: &str| Fault::Malformed(what.to_owned().into());
    let text = |item: &Value, name: &str| item[name]["S"].as_str().map(str::to_owned);
    let pk = text(&change.keys, "pk").ok_or_else(|| malformed("a record without pk"))?;
    let sk = text(&change.keys, "sk").ok_or_else(|| malformed("a record without sk"))?;
    let (tenant, order) = waybill_aws::order_of_key(&pk).ok_or_else(|| malformed("a record of no order"))?;
    let wanted = if let Some(token) = sk.strip_prefix("TOKEN#") {
        let wait = token.rsplit_once('#').and_then(|(wait, _)| Wait::from_key(wait));
        vec![Effect::Answer(wait.ok_or_else(|| malformed("a token of no wait"))?)]
    } else if sk.starts_with("EVENT#") {
        let body = text(&change.new_image, "body").ok_or_else(|| malformed("an event without body"))?;
        // Where it breaks, not what stands there: an order's first event is personal.
        let odd =
            |error: serde_json::Error| malformed(&format!("an event does not parse at column {}", error.column()));
        let recorded: Recorded = serde_json::from_str(&body).map_err(odd)?;
        effects(&recorded.event)
    } else {
        Vec::new()
    };
    Ok((tenant, order, wanted))
}
