//! After the delivery: one unit of an order comes back broken, and support gives its money back.

use super::fields::{events, refund_of_one_unit, refund_total};
use std::time::Duration;
use waybill_harness::api::{Role, poll_until};
use waybill_harness::{Error, Local};

const PATIENCE: Duration = Duration::from_secs(30);

/// Previews the refund, confirms what the preview said, and waits until the processor has given it back.
pub async fn one_unit(local: &Local, id: &str) -> Result<(), Error> {
    let path = format!("/orders/{id}/refunds");
    let mut wish = refund_of_one_unit();
    let preview =
        local.api.post(Role::Support, &format!("{path}/preview"), &format!("demo-{id}-preview"), &wish).await?;
    wish["total"] = refund_total(&preview);
    local.api.post(Role::Support, &path, &format!("demo-{id}-refund"), &wish).await?;
    let timeline = format!("/orders/{id}/timeline");
    poll_until(PATIENCE, &format!("the refund of {id}"), async || {
        let events = events(&local.api.get(Role::Support, &timeline).await?);
        let done = events.iter().any(|event| event["type"] == "refunded");
        Ok(if done { Ok(()) } else { Err(format!("{} events, no refund", events.len())) })
    })
    .await
}
