//! One order's way through warehouse and carrier, played by staff over the API.

use super::fields::{Fulfillment, Order};
use crate::progress::Line;
use std::collections::BTreeSet;
use std::time::Duration;
use waybill_harness::api::{Role, poll_until};
use waybill_harness::{Error, Local};

const PATIENCE: Duration = Duration::from_mins(2);

/// Plays until the order is delivered and closed.
pub async fn play(local: &Local, id: &str, line: &Line) -> Result<(), Error> {
    let path = format!("/orders/{id}");
    let mut done = BTreeSet::new();
    poll_until(PATIENCE, &format!("order {id} to be delivered"), async || {
        let answer = local.api.get(Role::Warehouse, &path).await?;
        let order = Order(&answer);
        line.say(&order.summary());
        if order.is_over() {
            return if order.is_delivered() { Ok(Ok(())) } else { Err(ended_badly(&order)) };
        }
        for fulfillment in order.fulfillments() {
            act(local, id, fulfillment, &mut done).await?;
        }
        Ok(Err(order.summary()))
    })
    .await
}

fn ended_badly(order: &Order<'_>) -> Error {
    Error::Setup(format!("the order ended undelivered: {}", order.0))
}

/// Does the next thing to do, once.
async fn act(local: &Local, id: &str, part: Fulfillment<'_>, done: &mut BTreeSet<String>) -> Result<(), Error> {
    let number = part.number();
    if let Some((step, body)) = part.next_step() {
        let key = format!("demo-{id}-{number}-{step}");
        if done.insert(key.clone()) {
            let path = format!("/orders/{id}/fulfillments/{number}/{step}");
            local.api.post(Role::Warehouse, &path, &key, &body).await?;
        }
        return Ok(());
    }
    match part.tracking_code() {
        Some(code) if part.status() == "handed_over" && done.insert(code.to_owned()) => {
            local.partners.track(code, "delivered").await.map(drop)
        }
        Some(_) | None => Ok(()),
    }
}
