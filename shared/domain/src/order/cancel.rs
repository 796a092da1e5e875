//! Cancelling, and giving back what was held.

use super::event::{Draft, Event};
use super::fulfillment::FulfillmentStatus;
use super::route::movement;
use super::state::{Order, StockHold};
use super::{Decided, Rejection};
use crate::stock::{Kind, Movement};
use serde::{Deserialize, Serialize};

/// Allocations given back in one event: each touches two counters, and a DynamoDB transaction holds 100 items.
const RELEASE_CHUNK: usize = 45;

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

    /// Reservation or allocations of a cancelled order go back: in one event, or, where they touch more counters than a
    /// transaction holds, in several, each resuming after the one before. `None` once everything is back.
    ///
    /// # Errors
    /// `NotAllowed` for an order that goes on.
    pub fn decide_stock_released(&self) -> Decided {
        if !self.is_cancelled() {
            let because = "the order is not cancelled".to_owned();
            return Err(Rejection::NotAllowed { command: "release the stock", because });
        }
        let movements = match self.stock {
            StockHold::Released => return Ok(None),
            StockHold::Reserved => self.unreserved(),
            StockHold::Allocated => {
                self.deallocated().into_iter().skip(self.given_back()).take(RELEASE_CHUNK).collect()
            }
        };
        Ok(Some(Draft::of(Event::StockReleased).moving_stock(movements)))
    }

    /// Is everything back, with the event recorded last?
    pub(super) fn is_given_back(&self) -> bool {
        self.stock == StockHold::Reserved || self.given_back() >= self.deallocated().len()
    }

    /// How many allocations are back already. Their order is fixed once the order is cancelled.
    fn given_back(&self) -> usize {
        let movements = self.history().iter().flat_map(|recorded| &recorded.movements);
        movements.filter(|movement| movement.kind == Kind::Deallocated).count()
    }

    fn unreserved(&self) -> Vec<Movement> {
        let lines = self.placed.lines.iter();
        lines.map(|line| movement(Kind::Released, &line.sku, None, line.quantity)).collect()
    }

    fn deallocated(&self) -> Vec<Movement> {
        let called_off = self.fulfillments.iter().filter(|part| part.status == FulfillmentStatus::Cancelled);
        let lines = called_off.flat_map(|part| part.lines.iter().map(move |line| (&part.site, line)));
        let held = lines.filter(|(_, line)| line.shipping() > 0);
        held.map(|(site, line)| movement(Kind::Deallocated, &line.sku, Some(site), line.shipping())).collect()
    }
}
