//! What must be true after a run, judged from plain facts. Nothing here asks anybody anything.

use std::collections::{BTreeMap, BTreeSet};

/// How far an order must have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Must {
    /// The warehouse is waited for, or it is over.
    Wait,
    /// Delivered, paid and closed.
    Arrive,
}

/// One order, by our books and by the partners'.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderFacts {
    /// Its id.
    pub id: String,
    /// How far it must be.
    pub must: Must,
    /// The item it has one unit of.
    pub sku: String,
    /// Order axis.
    pub status: String,
    /// Payment axis.
    pub payment: String,
    /// Fulfillment axis.
    pub fulfillment: String,
    /// Has it a fulfillment order?
    pub waits: bool,
    /// What it is to cost, in cents.
    pub total: i64,
    /// What we say was taken, in cents.
    pub captured: i64,
    /// What its proof finds wrong; empty where it holds.
    pub unproven: Vec<String>,
    /// Exceptions that a person would have to settle.
    pub exceptions: Vec<String>,
    /// What the processor has taken with each payment it knows for it, in cents.
    pub taken: Vec<i64>,
    /// Labels the carrier has sold for it and not taken back.
    pub labels: usize,
    /// What mails to its shopper were about, each once: one may leave twice where its sender died.
    pub mails: BTreeSet<String>,
}

/// An order that was accepted, left and arrived was told of three times at least.
pub const MAILS: usize = 3;

impl OrderFacts {
    /// Is it at the door, paid and closed?
    #[must_use]
    pub fn is_delivered(&self) -> bool {
        self.status == "closed" && self.payment == "paid" && self.fulfillment == "delivered"
    }

    fn has_left(&self) -> bool {
        matches!(self.fulfillment.as_str(), "shipped" | "delivered")
    }
}

/// One item's stock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockFacts {
    /// The item.
    pub sku: String,
    /// Units at the beginning.
    pub units: i64,
    /// Units that may still be promised.
    pub available: i64,
    /// Units on the shelves.
    pub on_hand: i64,
}

/// All that is known after a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Orders whose store was told 201.
    pub accepted: Vec<String>,
    /// Every order there is.
    pub orders: Vec<OrderFacts>,
    /// Every item ordered from.
    pub stock: Vec<StockFacts>,
    /// Messages on the queues of what was given up.
    pub given_up: BTreeMap<String, u64>,
}

impl Facts {
    /// What is not as it must be, in words; empty when all is well.
    #[must_use]
    pub fn findings(&self) -> Vec<String> {
        let mut found = Vec::new();
        for id in &self.accepted {
            if !self.orders.iter().any(|order| order.id == *id) {
                found.push(format!("{id}: accepted and not stored"));
            }
        }
        for order in &self.orders {
            found.extend(judged(order).into_iter().map(|finding| format!("{}: {finding}", order.id)));
        }
        for stock in &self.stock {
            found.extend(self.counted(stock));
        }
        let given_up = self.given_up.iter().filter(|(_, messages)| **messages > 0);
        found.extend(given_up.map(|(queue, messages)| format!("{queue}: {messages} messages were given up")));
        found
    }

    fn counted(&self, stock: &StockFacts) -> Vec<String> {
        let of_item = || self.orders.iter().filter(|order| order.sku == stock.sku);
        let alive = of_item().filter(|order| order.status != "cancelled").count();
        let left = of_item().filter(|order| order.has_left()).count();
        let less = |count: usize| stock.units - i64::try_from(count).unwrap_or(i64::MAX);
        let rows = [("available", stock.available, less(alive)), ("on hand", stock.on_hand, less(left))];
        let wrong = rows.into_iter().filter(|(_, is, must)| is != must);
        wrong.map(|(what, is, must)| format!("{}: {is} units {what}, {must} by the orders", stock.sku)).collect()
    }
}

fn judged(order: &OrderFacts) -> Vec<String> {
    let mut found = Vec::new();
    let axes = || format!("{}, {}, {}", order.status, order.payment, order.fulfillment);
    let is_there = match order.must {
        Must::Wait => order.waits || matches!(order.status.as_str(), "closed" | "cancelled"),
        Must::Arrive => order.is_delivered(),
    };
    if !is_there {
        found.push(format!("not finished: {}", axes()));
    }
    found.extend(order.unproven.iter().map(|difference| format!("not proven: {difference}")));
    found.extend(order.exceptions.iter().map(|reason| format!("needs a person: {reason}")));
    let taken: i64 = order.taken.iter().sum();
    if order.taken.len() > 1 {
        found.push(format!("the processor has {} payments for it", order.taken.len()));
    }
    if taken != order.captured {
        found.push(format!("{} captured, {taken} in the processor's books", order.captured));
    }
    if order.is_delivered() && taken != order.total {
        found.push(format!("{taken} taken of {}", order.total));
    }
    if order.labels > 1 || (order.is_delivered() && order.labels == 0) {
        found.push(format!("{} labels are paid for", order.labels));
    }
    if order.is_delivered() && order.mails.len() < MAILS {
        found.push(format!("the shopper was told of {} things, {MAILS} at least", order.mails.len()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivered(id: &str) -> OrderFacts {
        OrderFacts {
            id: id.to_owned(),
            must: Must::Arrive,
            sku: "A".to_owned(),
            status: "closed".to_owned(),
            payment: "paid".to_owned(),
            fulfillment: "delivered".to_owned(),
            waits: true,
            total: 1_500,
            captured: 1_500,
            unproven: Vec::new(),
            exceptions: Vec::new(),
            taken: vec![1_500],
            labels: 1,
            mails: ["accepted", "shipped", "delivered"].map(str::to_owned).into(),
        }
    }

    fn waiting(id: &str) -> OrderFacts {
        let (status, payment, fulfillment) = ("placed".to_owned(), "authorized".to_owned(), "in_progress".to_owned());
        OrderFacts {
            must: Must::Wait,
            status,
            payment,
            fulfillment,
            captured: 0,
            taken: vec![0],
            labels: 0,
            mails: ["accepted"].map(str::to_owned).into(),
            ..delivered(id)
        }
    }

    fn right() -> Facts {
        Facts {
            accepted: vec!["one".to_owned(), "two".to_owned()],
            orders: vec![delivered("one"), waiting("two")],
            stock: vec![StockFacts { sku: "A".to_owned(), units: 10, available: 8, on_hand: 9 }],
            given_up: BTreeMap::from([("FailureQueue".to_owned(), 0)]),
        }
    }

    #[test]
    fn what_is_right_is_found_right() {
        assert_eq!(right().findings(), Vec::<String>::new());
    }

    #[test]
    fn whatever_is_tampered_with_is_found() {
        type Tamper = (&'static str, fn(&mut Facts));
        let tampered: [Tamper; 13] = [
            ("one: accepted and not stored", |facts| drop(facts.orders.remove(0))),
            ("one: not finished", |facts| facts.orders[0].fulfillment = "shipped".to_owned()),
            ("two: not finished", |facts| facts.orders[1].waits = false),
            ("one: not proven", |facts| facts.orders[0].unproven.push("the chain".to_owned())),
            ("one: needs a person", |facts| facts.orders[0].exceptions.push("dispatch".to_owned())),
            ("one: the processor has 2 payments", |facts| facts.orders[0].taken.push(0)),
            ("one: 1500 captured, 3000", |facts| facts.orders[0].taken = vec![3_000]),
            ("one: 1000 taken of 1500", |facts| {
                facts.orders[0].captured = 1_000;
                facts.orders[0].taken = vec![1_000];
            }),
            ("one: 2 labels", |facts| facts.orders[0].labels = 2),
            ("one: the shopper was told of 2 things", |facts| drop(facts.orders[0].mails.pop_last())),
            ("A: 7 units available, 8", |facts| facts.stock[0].available = 7),
            ("A: 8 units on hand, 9", |facts| facts.stock[0].on_hand = 8),
            ("FailureQueue: 1", |facts| facts.given_up.extend([("FailureQueue".to_owned(), 1)])),
        ];
        for (expected, tamper) in tampered {
            let mut facts = right();
            tamper(&mut facts);
            let found = facts.findings();
            assert!(found.iter().any(|finding| finding.starts_with(expected)), "{expected}: {found:?}");
        }
    }
}
