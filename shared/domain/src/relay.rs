//! The outbox: what a committed event makes the outside do. Every effect is safe to repeat.

use crate::id::{OrderId, TenantId};
use crate::order::{Event, Order, ShipmentStatus, Wait};
use crate::screening::Verdict;
use serde::{Deserialize, Serialize};

/// A message to the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
pub enum Notice {
    /// The order was accepted.
    OrderConfirmed,
    /// A shipment left.
    Shipped {
        /// Which fulfillment order.
        fulfillment: u16,
    },
    /// A shipment is at the door.
    Delivered {
        /// Which fulfillment order.
        fulfillment: u16,
    },
    /// The order ended before its time.
    Cancelled,
}

impl Notice {
    /// The claim of whoever is about to send the message.
    #[must_use]
    pub fn claim(self) -> String {
        format!("notice-{}", self.key())
    }

    /// The claim that it was sent.
    #[must_use]
    pub fn sent(self) -> String {
        format!("sent-{}", self.key())
    }

    /// What stands for the message in claims: the same on every repetition, one per message.
    #[must_use]
    pub fn key(self) -> String {
        match self {
            Self::OrderConfirmed => "order_confirmed".to_owned(),
            Self::Shipped { fulfillment } => format!("shipped-{fulfillment}"),
            Self::Delivered { fulfillment } => format!("delivered-{fulfillment}"),
            Self::Cancelled => "cancelled".to_owned(),
        }
    }
}

/// A message on the notification queue: ids only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeMessage {
    /// Whose order.
    pub tenant: TenantId,
    /// Which order.
    pub order_id: OrderId,
    /// Which message.
    #[serde(flatten)]
    pub notice: Notice,
}

/// What the relay does about an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Starts the workflow under the name `{order id}-{attempt}`.
    Start {
        /// Which start.
        attempt: u32,
    },
    /// Answers this wait, if the order has an answer to it.
    Answer(Wait),
    /// Answers every wait the order has an answer to.
    AnswerAll,
    /// Queues a message to the customer.
    Notify(Notice),
}

/// The effects of one event.
#[must_use]
pub fn effects(event: &Event) -> Vec<Effect> {
    use Effect::{Answer, AnswerAll, Notify, Start};
    match event {
        Event::Placed(_) => vec![Start { attempt: 0 }, Notify(Notice::OrderConfirmed)],
        Event::Redriven { attempt, .. } => vec![Start { attempt: *attempt }],
        Event::Screened { verdict, .. } => match verdict {
            Verdict::Reject => vec![Notify(Notice::Cancelled)],
            Verdict::Pass | Verdict::Review => vec![],
        },
        Event::PaymentDeclined { .. } => vec![Notify(Notice::Cancelled)],
        Event::Reviewed { approved, .. } => {
            let answer = vec![Answer(Wait::Review)];
            if *approved { answer } else { [answer, vec![Notify(Notice::Cancelled)]].concat() }
        }
        Event::Picked { fulfillment, .. } => vec![Answer(Wait::Pick(*fulfillment))],
        Event::Packed { fulfillment, .. } => vec![Answer(Wait::Pack(*fulfillment))],
        Event::HandedOver { fulfillment, .. } => vec![Answer(Wait::HandOver(*fulfillment))],
        Event::Dispatched { fulfillment, .. } => vec![Notify(Notice::Shipped { fulfillment: *fulfillment })],
        Event::Tracked { fulfillment, status, .. } => match status {
            ShipmentStatus::Delivered => vec![Notify(Notice::Delivered { fulfillment: *fulfillment })],
            ShipmentStatus::PreTransit
            | ShipmentStatus::InTransit
            | ShipmentStatus::OutForDelivery
            | ShipmentStatus::Delayed
            | ShipmentStatus::Exception
            | ShipmentStatus::Lost
            | ShipmentStatus::Damaged
            | ShipmentStatus::ReturnToSender => vec![],
        },
        Event::Cancelled(_) => vec![AnswerAll, Notify(Notice::Cancelled)],
        Event::Closed { .. } => vec![Answer(Wait::Delivery)],
        Event::PaymentAuthorized { .. }
        | Event::Routed { .. }
        | Event::Labeled { .. }
        | Event::LabelVoided { .. }
        | Event::PaymentCaptured { .. }
        | Event::PaymentVoided { .. }
        | Event::StockReleased
        | Event::PartnerRefused { .. }
        | Event::ExceptionOpened(_)
        | Event::ExceptionResolved { .. } => vec![],
    }
}

/// Everything the order's events were to do: what the sweeper repeats for an order that fell silent.
#[must_use]
pub fn all_effects(order: &Order) -> Vec<Effect> {
    let current = |effect: &Effect| match effect {
        // A stage's first word shows that the first start arrived; of a later one nothing in the order tells.
        Effect::Start { attempt: 0 } => order.attempt == 0 && order.screening.is_none(),
        Effect::Start { attempt } => *attempt == order.attempt,
        Effect::Answer(_) | Effect::AnswerAll => false,
        Effect::Notify(_) => true,
    };
    let events = order.history().iter().flat_map(|recorded| effects(&recorded.event));
    events.filter(current).chain([Effect::AnswerAll]).collect()
}
