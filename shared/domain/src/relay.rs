//! The outbox: what a committed event makes the outside do. Every effect is safe to repeat.

use crate::id::{OrderId, TenantId};
use crate::order::{Event, Order, PartStatus, PaymentEvent, Pending, ShipmentStatus, Wait};
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
    /// A payment was declined: it is tried again, or another payment method is needed.
    PaymentFailed {
        /// Which tender.
        tender: u16,
        /// Is the same tried again?
        retried: bool,
        /// Which try was declined.
        attempt: u32,
    },
    /// The shopper has to act at the processor (3-D Secure).
    ActionRequired {
        /// Which tender.
        tender: u16,
        /// Which try asks for it.
        attempt: u32,
    },
    /// Money was given back.
    Refunded {
        /// Which refund.
        refund: u16,
        /// Which part of it.
        part: u16,
    },
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
            Self::PaymentFailed { tender, retried: true, attempt } => format!("payment_retried-{tender}-{attempt}"),
            Self::PaymentFailed { tender, retried: false, attempt } => format!("payment_failed-{tender}-{attempt}"),
            Self::ActionRequired { tender, attempt } => format!("action_required-{tender}-{attempt}"),
            Self::Refunded { refund, part } => format!("refunded-{refund}-{part}"),
        }
    }

    /// Is it still true? A decline or a request to act that something has come of since is not worth a message, nor a
    /// refund that failed after it seemed given back.
    #[must_use]
    pub fn is_current(self, order: &Order) -> bool {
        match self {
            Self::OrderConfirmed | Self::Shipped { .. } | Self::Delivered { .. } => true,
            // A decline for good ends no order of which a part has left.
            Self::Cancelled => order.is_cancelled(),
            Self::PaymentFailed { tender, retried, attempt } => {
                let state = order.payment.tender(tender).filter(|state| state.tries == attempt + 1);
                match state.and_then(|state| state.pending.as_ref()) {
                    Some(Pending::Retry { .. }) => retried && !order.is_cancelled(),
                    Some(Pending::Method { .. }) => !retried && !order.is_cancelled(),
                    Some(Pending::Action { .. }) | None => false,
                }
            }
            Self::ActionRequired { tender, attempt } => {
                let state = order.payment.tender(tender).filter(|state| state.tries == attempt);
                let waits = matches!(state.and_then(|state| state.pending.as_ref()), Some(Pending::Action { .. }));
                waits && !order.is_cancelled()
            }
            Self::Refunded { refund, part } => {
                let known = order.payment.refunds.iter().find(|known| known.refund.number == refund);
                let part = known.and_then(|known| known.parts.iter().find(|(known, _)| known.number == part));
                part.is_some_and(|(_, status)| matches!(status, PartStatus::Done(_)))
            }
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

/// A message on the refund queue: ids only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundMessage {
    /// Whose order.
    pub tenant: TenantId,
    /// Which order.
    pub order_id: OrderId,
    /// Which refund of it.
    pub refund: u16,
    /// Which attempt at it.
    pub attempt: u16,
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
    /// Queues the giving back of a refund.
    Refund {
        /// Which refund.
        number: u16,
        /// Which attempt.
        attempt: u16,
    },
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
        Event::Payment(event) => payment_effects(event),
        Event::Reviewed { approved, .. } => {
            let answer = vec![Answer(Wait::Review)];
            if *approved { answer } else { [answer, vec![Notify(Notice::Cancelled)]].concat() }
        }
        Event::BackorderFilled { attempt, .. } => {
            let start = attempt.map(|attempt| Start { attempt });
            start.into_iter().chain([Answer(Wait::Stock)]).collect()
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
        Event::Routed { .. }
        | Event::UnitsLost { .. }
        | Event::ReservationLapsed
        | Event::Reconfirmed { .. }
        | Event::Labeled { .. }
        | Event::LabelVoided { .. }
        | Event::StockReleased
        | Event::PartnerRefused { .. }
        | Event::ExceptionOpened(_)
        | Event::ExceptionResolved { .. } => vec![],
    }
}

fn payment_effects(event: &PaymentEvent) -> Vec<Effect> {
    use Effect::{Answer, AnswerAll, Notify};
    match event {
        _ if event.is_final_decline() => vec![AnswerAll, Notify(Notice::Cancelled)],
        PaymentEvent::Declined { tender, until, attempt, .. } => {
            let (tender, retried, attempt) = (*tender, until.is_none(), *attempt);
            vec![Notify(Notice::PaymentFailed { tender, retried, attempt })]
        }
        PaymentEvent::ActionRequired { tender, attempt, .. } => {
            vec![Notify(Notice::ActionRequired { tender: *tender, attempt: *attempt })]
        }
        PaymentEvent::Authorized { .. } | PaymentEvent::MethodNamed { .. } | PaymentEvent::RetryDue { .. } => {
            vec![Answer(Wait::Payment)]
        }
        PaymentEvent::RefundRequested(refund) => vec![Effect::Refund { number: refund.number, attempt: 0 }],
        PaymentEvent::RefundRetried { refund, attempt } => vec![Effect::Refund { number: *refund, attempt: *attempt }],
        PaymentEvent::Refunded { refund: Some(refund), part, .. } => {
            vec![Notify(Notice::Refunded { refund: *refund, part: part.number })]
        }
        PaymentEvent::Refunded { refund: None, .. }
        | PaymentEvent::Captured { .. }
        | PaymentEvent::Voided { .. }
        | PaymentEvent::Lapsed { .. }
        | PaymentEvent::RefundFailed { .. }
        | PaymentEvent::DisputeOpened(_)
        | PaymentEvent::DisputeClosed { .. }
        | PaymentEvent::InvoicePaid { .. } => vec![],
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
        Effect::Notify(notice) => notice.is_current(order),
        Effect::Refund { number, attempt } => order.payment.refunds.iter().any(|known| {
            known.refund.number == *number && known.attempt == *attempt && known.requested().next().is_some()
        }),
    };
    let events = order.history().iter().flat_map(|recorded| effects(&recorded.event));
    events.filter(current).chain([Effect::AnswerAll]).collect()
}
