//! Cancelling, and giving back what was held.

use super::event::{Draft, Event};
use super::fulfillment::FulfillmentStatus;
use super::state::{Order, StockHold};
use super::{Decided, Rejection};
use crate::stock::{Kind, Movement, changes};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Items of stock that one event gives back: a DynamoDB transaction holds 100, and the event, the order's head and its
/// reservation are among them.
const RELEASE_ITEMS: usize = 92;

/// Why an order ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// The shopper asked.
    Customer,
    /// The merchant's staff asked.
    Merchant,
    /// The merchant's policy refused it.
    Screening,
    /// A person rejected it.
    Rejected,
    /// No money was held.
    PaymentDeclined,
    /// Nothing of it was found.
    OutOfStock,
    /// The system could not go on; a person is told.
    Failure,
}

/// The end of an order before its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// Why.
    pub reason: CancelReason,
    /// In words; never personal data.
    pub note: String,
}

impl Order {
    /// Has any of it left?
    #[must_use]
    pub fn has_left(&self) -> bool {
        self.fulfillments.iter().any(super::Fulfillment::has_left)
    }

    /// The order ends, at every point before any of it is handed over. The workflow gives back what is held.
    ///
    /// # Errors
    /// `NotAllowed` once a part of it has left, or it is closed; `Money` beyond 64 bits.
    pub fn decide_cancelled(&self, reason: CancelReason, note: String) -> Decided {
        if self.is_cancelled() {
            return Ok(None);
        }
        if self.has_left() || self.invoice.is_some() {
            let because = "a part of the order has left the warehouse".to_owned();
            return Err(Rejection::NotAllowed { command: "cancel", because });
        }
        let postings = self.called_off()?;
        Ok(Some(Draft::of(Event::Cancelled(Cancellation { reason, note })).moving_money(postings)))
    }

    /// Reservation and allocations of a cancelled order go back: in one event, or, where they touch more counters than a
    /// transaction holds, in several, each resuming after the one before. `None` once everything is back.
    ///
    /// # Errors
    /// `NotAllowed` for an order that goes on.
    pub fn decide_stock_released(&self) -> Decided {
        if !self.is_cancelled() {
            let because = "the order is not cancelled".to_owned();
            return Err(Rejection::NotAllowed { command: "release the stock", because });
        }
        if self.stock == StockHold::Released {
            return Ok(None);
        }
        let left = self.to_give_back().into_iter().skip(self.given_back().count());
        let mut movements = Vec::new();
        for movement in left {
            movements.push(movement);
            if movements.len() > 1 && items(&movements) > RELEASE_ITEMS {
                movements.pop();
                break;
            }
        }
        Ok(Some(Draft::of(Event::StockReleased).moving_stock(movements)))
    }

    /// Is everything back, with the event recorded last?
    pub(super) fn is_given_back(&self) -> bool {
        self.given_back().count() >= self.to_give_back().len()
    }

    /// What is back already.
    pub(super) fn given_back(&self) -> impl Iterator<Item = &Movement> {
        let releases = self.history().iter().filter(|recorded| matches!(recorded.event, Event::StockReleased));
        releases.flat_map(|recorded| &recorded.movements)
    }

    /// All that a cancelled order has to give back, in an order that is fixed once it is cancelled: what is promised to it,
    /// then what is allocated.
    fn to_give_back(&self) -> Vec<Movement> {
        let promised = match self.stock {
            StockHold::Reserved => self.unreserved(),
            StockHold::Allocated | StockHold::Lapsed | StockHold::Released => Vec::new(),
        };
        let called_off = self.fulfillments.iter().filter(|part| part.status == FulfillmentStatus::Cancelled);
        let lines = called_off.flat_map(|part| part.lines.iter().map(move |line| (&part.site, line)));
        let allocated = lines.flat_map(|(site, line)| line.moved(Kind::Deallocated, site, 0, line.shipping()));
        promised.into_iter().chain(allocated).collect()
    }
}

/// Items that movements touch: counters, and entries of the queues of those that wait.
fn items(movements: &[Movement]) -> usize {
    let unpromised = movements.iter().filter(|movement| movement.kind == Kind::Unpromised);
    let queues: BTreeSet<_> = unpromised.map(|movement| &movement.sku).collect();
    changes(movements).len() + queues.len()
}
