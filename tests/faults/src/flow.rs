//! The flows: what a store, its customers, staff and partners do, step by step. A flow that is built later joins as one more
//! entry of [`FLOWS`].

/// What somebody does once the order is ready for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The store places an order of the run's item, paid with this card.
    Place {
        /// Units.
        quantity: u32,
        /// The price of a unit, in cents.
        price: i64,
        /// The test card.
        card: &'static str,
    },
    /// A channel's order comes in by the queue, already paid there.
    Channel,
    /// The customer names another card after a decline.
    NameCard(&'static str),
    /// Staff decide on a review.
    Review(bool),
    /// All of a fulfillment order is picked, packed, handed over and brought to the door.
    Fulfill(u16),
    /// A picker finds so many units of every line of a fulfillment order; all of them when `None`.
    Pick(u16, Option<u32>),
    /// A packer closes the carton.
    Pack(u16),
    /// The driver takes it.
    HandOver(u16),
    /// The carrier brings it to the door.
    Deliver(u16),
    /// Support calls the order off, once an event of this type is there.
    Cancel(&'static str),
    /// Support calls the order off, once it waits for this.
    CancelWaiting(&'static str),
    /// Support gives one unit of line 1 back.
    Refund,
    /// The customer's bank takes everything back, and gives in later.
    Dispute,
    /// Units come in at a site.
    Receive(u32),
    /// Nothing more is done: the flow is over when an event of this type is there.
    End(&'static str),
}

/// What a unit costs where a flow does not say otherwise, in cents.
pub const PRICE: i64 = 1_000;

/// A flow.
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it shows.
    pub about: &'static str,
    /// Units of the run's item at Reno and at Columbus before.
    pub stock: [u32; 2],
    /// Units that are announced before, for an item that may be sold ahead.
    pub announced: u32,
    /// A function that waits until the order has an event of this type.
    pub held: Option<(&'static str, &'static str)>,
    /// What happens.
    pub steps: &'static [Step],
}

const CARD: &str = "pm_card_visa";
const DECLINED: &str = "pm_card_visa_chargeDeclinedInsufficientFunds";
const fn place(quantity: u32) -> Step {
    Step::Place { quantity, price: PRICE, card: CARD }
}

/// Every flow.
pub const FLOWS: [Flow; 16] = [
    Flow {
        name: "one-shipment",
        about: "from the order to the door",
        stock: [9, 0],
        announced: 0,
        held: None,
        steps: &[place(2), Step::Fulfill(1), Step::End("closed")],
    },
    Flow {
        name: "two-shipments",
        about: "two sites ship one order, each takes its share of the money",
        stock: [1, 1],
        announced: 0,
        held: None,
        steps: &[place(2), Step::Fulfill(1), Step::Fulfill(2), Step::End("closed")],
    },
    Flow {
        name: "review-rejected",
        about: "a large order is turned down by staff",
        stock: [9, 0],
        announced: 0,
        held: None,
        steps: &[
            Step::Place { quantity: 1, price: 600_000, card: CARD },
            Step::Review(false),
            Step::End("stock_released"),
        ],
    },
    Flow {
        name: "declined-then-paid",
        about: "a declined card is replaced by another",
        stock: [9, 0],
        announced: 0,
        held: None,
        steps: &[
            Step::Place { quantity: 1, price: PRICE, card: DECLINED },
            Step::NameCard(CARD),
            Step::Fulfill(1),
            Step::End("closed"),
        ],
    },
    Flow {
        name: "short-pick",
        about: "one of two units is not on its shelf",
        stock: [9, 0],
        announced: 0,
        held: None,
        steps: &[
            place(2),
            Step::Pick(1, Some(1)),
            Step::Pack(1),
            Step::HandOver(1),
            Step::Deliver(1),
            Step::End("closed"),
        ],
    },
    Flow {
        name: "cancel-placed",
        about: "called off as soon as it was placed",
        stock: [9, 0],
        announced: 0,
        // Support is faster than the workflow, however often it has to say it.
        held: Some(("screen", "cancelled")),
        steps: &[place(2), Step::Cancel("placed"), Step::End("stock_released")],
    },
    Flow {
        name: "cancel-in-review",
        about: "called off while staff look at it",
        stock: [9, 0],
        announced: 0,
        held: None,
        steps: &[
            Step::Place { quantity: 1, price: 600_000, card: CARD },
            Step::CancelWaiting("review#0"),
            Step::End("stock_released"),
        ],
    },
    Flow {
        name: "cancel-before-payment",
        about: "called off while it waits for another card",
        stock: [9, 0],
        announced: 0,
        held: None,
        steps: &[
            Step::Place { quantity: 1, price: PRICE, card: DECLINED },
            Step::CancelWaiting("await-payment#0"),
            Step::End("stock_released"),
        ],
    },
    Flow {
        name: "cancel-before-stock",
        about: "called off while it waits for what is announced",
        stock: [1, 0],
        announced: 5,
        held: None,
        steps: &[place(3), Step::CancelWaiting("await-stock#0"), Step::End("stock_released")],
    },
    Flow {
        name: "cancel-before-pick",
        about: "called off while it waits for the picker",
        stock: [9, 0],
        announced: 0,
        held: None,
        steps: &[place(2), Step::CancelWaiting("pick#1"), Step::End("stock_released")],
    },
    Flow {
        name: "cancel-before-pack",
        about: "called off while it waits for the packer",
        stock: [9, 0],
        announced: 0,
        held: None,
        steps: &[place(2), Step::Pick(1, None), Step::CancelWaiting("pack#1"), Step::End("stock_released")],
    },
    Flow {
        name: "cancel-before-hand-over",
        about: "called off while it waits for the driver: the label goes back too",
        stock: [9, 0],
        announced: 0,
        held: None,
        steps: &[
            place(2),
            Step::Pick(1, None),
            Step::Pack(1),
            Step::CancelWaiting("hand-over#1"),
            Step::End("stock_released"),
        ],
    },
    Flow {
        name: "partial-refund",
        about: "one of two delivered units is given back in money",
        stock: [9, 0],
        announced: 0,
        held: None,
        steps: &[place(2), Step::Fulfill(1), Step::Refund, Step::End("refunded")],
    },
    Flow {
        name: "dispute",
        about: "the customer's bank takes the money back, and gives in",
        stock: [9, 0],
        announced: 0,
        held: None,
        steps: &[place(2), Step::Fulfill(1), Step::Dispute, Step::End("dispute_closed")],
    },
    Flow {
        name: "backorder",
        about: "sold out of what is announced, filled when it comes in",
        stock: [1, 0],
        announced: 5,
        held: None,
        steps: &[place(3), Step::Receive(5), Step::Fulfill(1), Step::End("closed")],
    },
    Flow {
        name: "channel-order",
        about: "an order of a marketplace, paid there",
        stock: [9, 0],
        announced: 0,
        held: None,
        steps: &[Step::Channel, Step::Fulfill(1), Step::End("closed")],
    },
];

/// The flow of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Flow> {
    FLOWS.iter().find(|flow| flow.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flow_has_a_name_of_its_own_begins_an_order_and_says_when_it_is_over() {
        for flow in &FLOWS {
            assert_eq!(named(flow.name).map(|found| found.about), Some(flow.about));
            assert!(matches!(flow.steps.first(), Some(Step::Place { .. } | Step::Channel)), "{}", flow.name);
            assert!(matches!(flow.steps.last(), Some(Step::End(_))), "{}", flow.name);
        }
    }
}
