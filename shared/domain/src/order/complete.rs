//! The first and the last event.

use super::Decided;
use super::cancel::CancelReason;
use super::event::{Actor, Draft, Event, Recorded, RequestRecord};
use super::placed::Placed;
use super::state::Order;
use crate::ledger::{Account, transfer};
use crate::money::MoneyError;
use jiff::Timestamp;

impl Placed {
    /// The first event of an order: what the customer owes, and the units reserved for it.
    ///
    /// # Errors
    /// Beyond 64 bits.
    pub fn record(self, at: Timestamp, actor: Actor, request: Option<RequestRecord>) -> Result<Recorded, MoneyError> {
        let postings = transfer(Account::CustomerReceivable, Account::UnearnedRevenue, self.total)?;
        let movements = self.reserved();
        let event = Event::Placed(Box::new(self));
        let (draws, chain) = (Vec::new(), String::new());
        Ok(Recorded { version: 1, at, actor, event, postings, movements, draws, chain, request }.chained(""))
    }
}

impl Order {
    /// Every shipment is delivered and paid: the order closes, with an invoice numbered after it.
    /// Nothing to ship any more: it ends as out of stock. Neither: nothing happens yet.
    ///
    /// # Errors
    /// `Cancelled`; `Money` beyond 64 bits.
    pub fn decide_completed(&self) -> Decided {
        self.refuse_if_cancelled()?;
        if self.invoice.is_some() || self.fulfillments.is_empty() {
            return Ok(None);
        }
        let live: Vec<_> = self.fulfillments.iter().filter(|part| !part.is_dropped()).collect();
        // Units that are still to come, or to be routed, ship later.
        if self.has_unrouted() {
            return Ok(None);
        }
        if live.is_empty() {
            return self.decide_cancelled(CancelReason::OutOfStock, "nothing of it was found".to_owned());
        }
        let delivered = live.iter().all(|part| part.is_delivered() && part.dispatched);
        let paid = self.payment.captured().minor() >= self.owed()?.minor();
        // What is still held and not needed is let go of first, at the processor too.
        if !delivered || !paid || self.payment.holds_money() {
            return Ok(None);
        }
        let id = self.id.as_str();
        let invoice = format!("INV-{}", id.get(4..16).unwrap_or(id));
        Ok(Some(Draft::of(Event::Closed { invoice })))
    }
}
