//! Waits: where the workflow stands still until a person or a carrier has done something.

use super::axes::OrderAxis;
use super::fulfillment::FulfillmentStatus;
use super::state::Order;

/// A task token's purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wait {
    /// A person approves or rejects.
    Review,
    /// The customer, or the schedule of retries, lets a payment be tried again.
    Payment,
    /// Units come that were promised.
    Stock,
    /// A fulfillment order is picked.
    Pick(u16),
    /// A fulfillment order is packed.
    Pack(u16),
    /// A fulfillment order is handed over.
    HandOver(u16),
    /// Everything is delivered and closed.
    Delivery,
}

/// What a wait is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Go on.
    Success,
    /// The order, or this part of it, ends here.
    Refused,
}

impl Wait {
    /// The key of its token within the order.
    #[must_use]
    pub fn key(self) -> String {
        match self {
            Self::Review => "review#0".to_owned(),
            Self::Payment => "await-payment#0".to_owned(),
            Self::Stock => "await-stock#0".to_owned(),
            Self::Pick(n) => format!("pick#{n}"),
            Self::Pack(n) => format!("pack#{n}"),
            Self::HandOver(n) => format!("hand-over#{n}"),
            Self::Delivery => "delivery#0".to_owned(),
        }
    }

    /// The wait of that key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        let (name, number) = key.split_once('#')?;
        let number: u16 = number.parse().ok()?;
        match name {
            "review" => Some(Self::Review),
            "await-payment" => Some(Self::Payment),
            "await-stock" => Some(Self::Stock),
            "pick" => Some(Self::Pick(number)),
            "pack" => Some(Self::Pack(number)),
            "hand-over" => Some(Self::HandOver(number)),
            "delivery" => Some(Self::Delivery),
            _ => None,
        }
    }
}

impl Order {
    /// What `wait` is answered with, as the order stands: `None` while it has to go on waiting.
    #[must_use]
    pub fn answer(&self, wait: Wait) -> Option<Answer> {
        match wait {
            Wait::Review | Wait::Payment | Wait::Stock if self.is_cancelled() => Some(Answer::Refused),
            Wait::Review => (!self.needs_review()).then_some(Answer::Success),
            Wait::Payment => (!self.payment.is_pending()).then_some(Answer::Success),
            Wait::Stock => (!self.waits_for_stock() || !self.fulfillments.is_empty()).then_some(Answer::Success),
            Wait::Pick(n) => self.reached(n, FulfillmentStatus::Picked),
            Wait::Pack(n) => self.reached(n, FulfillmentStatus::Packed),
            Wait::HandOver(n) => self.reached(n, FulfillmentStatus::HandedOver),
            Wait::Delivery => match self.axes().order {
                OrderAxis::Placed => None,
                OrderAxis::Cancelled => Some(Answer::Refused),
                OrderAxis::Closed => Some(Answer::Success),
            },
        }
    }

    fn reached(&self, number: u16, goal: FulfillmentStatus) -> Option<Answer> {
        let fulfillment = self.fulfillment(number)?;
        let rank = |status| match status {
            FulfillmentStatus::Open => Some(0),
            FulfillmentStatus::Picked => Some(1),
            FulfillmentStatus::Packed => Some(2),
            FulfillmentStatus::Labeled => Some(3),
            FulfillmentStatus::HandedOver => Some(4),
            FulfillmentStatus::Short | FulfillmentStatus::Cancelled => None,
        };
        match rank(fulfillment.status) {
            None => Some(Answer::Refused),
            Some(now) if Some(now) >= rank(goal) => Some(Answer::Success),
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_found_again_by_its_key() {
        for wait in
            [Wait::Review, Wait::Payment, Wait::Stock, Wait::Pick(1), Wait::Pack(22), Wait::HandOver(3), Wait::Delivery]
        {
            assert_eq!(Wait::from_key(&wait.key()), Some(wait));
        }
        assert_eq!(Wait::from_key("nap#1"), None);
    }
}
