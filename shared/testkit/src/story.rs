//! An order's life without trouble, up to any point of it.

use crate::{at, first, id, usd};
use waybill_domain::order::{Actor, Decided, Label, NewHold, Order, Packing, PickedLine, Recorded, ShipmentStatus};
use waybill_domain::ports::{Commit, Committed, Orders, StoreError};
use waybill_domain::routing::Share;
use waybill_domain::screening::Verdict;

/// The events of a one-shipment order's life, in order. An order with several tenders has one event of each for
/// `Authorized` and `Captured`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Accepted.
    Placed,
    /// Passed.
    Screened,
    /// Its money is held.
    Authorized,
    /// All of it at the site `reno`, as fulfillment order 1.
    Routed,
    /// All of it found.
    Picked,
    /// In a small box.
    Packed,
    /// Tracking code `94` and the order id's digits.
    Labeled,
    /// On manifest `M-1`.
    HandedOver,
    /// Out of the stock.
    Dispatched,
    /// Paid.
    Captured,
    /// At the door.
    Delivered,
    /// Closed.
    Closed,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Placed,
        Self::Screened,
        Self::Authorized,
        Self::Routed,
        Self::Picked,
        Self::Packed,
        Self::Labeled,
        Self::HandedOver,
        Self::Dispatched,
        Self::Captured,
        Self::Delivered,
        Self::Closed,
    ];

    /// Decides it for an order that is one step before it; or, for one with several tenders, in the midst of it.
    fn decide(self, order: &Order) -> Decided {
        match self {
            Self::Placed => Ok(None),
            Self::Screened => order.decide_screened(Verdict::Pass, Vec::new()),
            Self::Authorized => authorized(order),
            Self::Routed => order.decide_routed(&shares(order)),
            Self::Picked => order.decide_picked(1, found(order)),
            Self::Packed => order.decide_packed(1, packing()),
            Self::Labeled => order.decide_labeled(1, label(order)),
            Self::HandedOver => order.decide_handed_over(1, "M-1".to_owned()),
            Self::Dispatched => order.decide_dispatched(1),
            Self::Captured => match order.captures_wanted(1)?.first() {
                Some((tender, due)) => {
                    let last = order.is_last_capture(1, *tender);
                    order.decide_captured(*tender, Some(1), *due, &payment(order, *tender), last)
                }
                None => Ok(None),
            },
            Self::Delivered => order.decide_tracked(1, ShipmentStatus::Delivered, at(86_400)),
            Self::Closed => order.decide_completed(),
        }
    }
}

/// The processor's id of the payment this story holds on a tender of an order: `pi_`, the order id's digits, the tender.
#[must_use]
pub fn payment(order: &Order, tender: u16) -> String {
    format!("pi_{}_{tender}", order.id.as_str().trim_start_matches("ord-"))
}

fn authorized(order: &Order) -> Decided {
    let Some(wanted) = order.to_authorize(order.changed_at)? else { return Ok(None) };
    let reference = payment(order, wanted.tender);
    let hold = NewHold { amount: wanted.amount, reference, elevated_risk: false, expires_at: None };
    order.decide_authorized(wanted.tender, hold)
}

fn shares(order: &Order) -> Vec<Share> {
    let lines = order.demand().into_iter().enumerate();
    lines.map(|(line, (_, quantity))| Share { site: id("reno"), line, quantity, stows: Vec::new() }).collect()
}

fn found(order: &Order) -> Vec<PickedLine> {
    let lines = order.fulfillments.iter().flat_map(|part| &part.lines);
    lines.map(|line| PickedLine { line: line.line, picked: line.quantity }).collect()
}

fn packing() -> Packing {
    Packing { carton: id("BOX-S"), weight_grams: 920, length_mm: 230, width_mm: 160, height_mm: 100 }
}

fn label(order: &Order) -> Label {
    let digits = order.id.as_str().trim_start_matches("ord-");
    Label {
        shipment: format!("shp_{digits}"),
        carrier: "USPS".to_owned(),
        service: "GroundAdvantage".to_owned(),
        tracking_code: format!("94{digits}"),
        label_url: "https://labels.invalid/1.png".to_owned(),
        cost: usd(735),
    }
}

/// The orders and events that lead on from `order` to `goal`, one second apart. Steps behind the order are skipped.
///
/// # Panics
/// A step is refused: the order is not one this story is about.
#[must_use]
#[expect(clippy::expect_used, reason = "a step of this story that is refused is a failed test")]
pub fn story(order: &Order, goal: Step) -> Vec<(Order, Recorded)> {
    let mut told: Vec<(Order, Recorded)> = Vec::new();
    for step in Step::ALL.into_iter().filter(|step| *step <= goal) {
        let again = matches!(step, Step::Authorized | Step::Captured);
        loop {
            let now = told.last().map_or(order, |(order, _)| order);
            let Some(draft) = step.decide(now).expect("a step that may follow") else { break };
            let seconds = i64::from(now.version);
            told.push(now.record(draft, at(seconds), Actor("stage:story".to_owned()), None));
            if !again {
                break;
            }
        }
    }
    told
}

/// The order of [`crate::placed`] at a point of its life.
#[must_use]
pub fn order_at(step: Step) -> Order {
    let (order, _) = first("story");
    story(&order, step).pop().map_or(order, |(order, _)| order)
}

/// Brings a stored order on to `step`, event by event.
///
/// # Errors
/// A store failed, or somebody else was first; `Conflict` too when stock or an account was short, or a payment taken.
pub async fn bring_to(orders: &impl Orders, order: Order, step: Step) -> Result<Order, StoreError> {
    let mut before = order;
    for (after, recorded) in story(&before, step) {
        let commit = Commit { before: Some(&before), after: &after, recorded: &recorded };
        match orders.commit(commit).await? {
            Committed::Stored => before = after,
            Committed::Exists(_) | Committed::Short(_) | Committed::Overdrawn(_) | Committed::Taken => {
                return Err(StoreError::Conflict);
            }
        }
    }
    Ok(before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use waybill_domain::order::{FulfillmentAxis, OrderAxis, PaymentAxis};

    #[test]
    fn every_step_is_one_event_and_the_last_closes_the_order() {
        for (step, version) in Step::ALL.into_iter().zip(1..) {
            assert_eq!(order_at(step).version, version, "{step:?}");
        }
        let axes = order_at(Step::Closed).axes();
        assert_eq!(
            (axes.order, axes.payment, axes.fulfillment),
            (OrderAxis::Closed, PaymentAxis::Paid, FulfillmentAxis::Delivered)
        );
    }
}
