//! Reservations that are not paid end by the clock, and are made again when the order is paid after all.

use super::Decided;
use super::backorder::{LineUnits, Promised};
use super::event::{Draft, Event, Recorded};
use super::payment_event::PaymentEvent;
use super::placed::Placed;
use super::state::{Order, StockHold};
use crate::stock::{Kind, Movement};
use jiff::Timestamp;

impl Order {
    /// When its reservation lapses, UTC. `None`: it does not. Whoever has had all of the money held keeps the units.
    #[must_use]
    pub fn reserved_until(&self) -> Option<Timestamp> {
        let limit = self.placed.reserve_minutes?;
        let lapses = self.stock == StockHold::Reserved && !self.is_cancelled() && !self.was_authorized();
        self.renewed_at.checked_add(limit.duration()).ok().filter(|_| lapses)
    }

    /// Has all of its money been held at some time? A hold that lapsed since is made anew, off session.
    pub(super) fn was_authorized(&self) -> bool {
        self.payment.tenders.iter().all(|tender| !tender.holds.is_empty())
    }

    /// When the next thing is due by the clock alone, UTC: about its money, or the end of its reservation.
    #[must_use]
    pub fn timer(&self) -> Option<Timestamp> {
        self.payment_timer().into_iter().chain(self.reserved_until()).min()
    }

    /// What is due by the clock: a retry, the end of an order whose customer did not answer, or the end of a reservation.
    ///
    /// # Errors
    /// `Money` beyond 64 bits.
    pub fn decide_timer(&self, now: Timestamp) -> Decided {
        let decided = self.decide_payment_timer(now)?;
        Ok(decided.or_else(|| self.lapse(now)))
    }

    /// What is reserved goes back to the others. The order goes on: it is reserved again once it is paid.
    fn lapse(&self, now: Timestamp) -> Option<Draft> {
        self.reserved_until().filter(|until| *until <= now)?;
        Some(Draft::of(Event::ReservationLapsed).moving_stock(self.unreserved()))
    }

    /// A reservation that lapsed is made again, with these units out of what is expected. `None`: none has lapsed.
    ///
    /// # Errors
    /// `Cancelled`.
    pub fn decide_reconfirmed(&self, backordered: &[LineUnits]) -> Decided {
        self.refuse_if_cancelled()?;
        if self.stock != StockHold::Lapsed {
            return Ok(None);
        }
        let mut placed = self.placed.clone();
        set(&mut placed, backordered);
        let event = Event::Reconfirmed { backordered: placed.backordered() };
        Ok(Some(Draft::of(event).moving_stock(placed.reserved())))
    }

    /// What gives back what is reserved and not given to fulfillment orders.
    pub(super) fn unreserved(&self) -> Vec<Movement> {
        let lines = self.placed.lines.iter().zip(&self.promised).flat_map(|(line, promised)| {
            let here = line.quantity.saturating_sub(promised.waiting + promised.routed);
            let of = |kind, units| Movement::network(kind, line.sku.clone(), i64::from(units));
            [of(Kind::Released, here), of(Kind::Unpromised, promised.waiting)]
        });
        lines.filter(|movement| movement.quantity > 0).collect()
    }

    /// What an event changes in the reservation and its time.
    pub(super) fn apply_to_reservation(&mut self, recorded: &Recorded) {
        let renewed = match &recorded.event {
            Event::ReservationLapsed => {
                self.stock = StockHold::Lapsed;
                self.promised.iter_mut().for_each(|promised| promised.waiting = 0);
                None
            }
            Event::Reconfirmed { backordered } => {
                self.stock = StockHold::Reserved;
                self.apply_to_lines(backordered, |promised, units| promised.waiting += units);
                Some(recorded.at)
            }
            Event::Payment(PaymentEvent::Declined { retry_at, .. }) => *retry_at,
            Event::Payment(PaymentEvent::MethodNamed { .. }) => Some(recorded.at),
            Event::Payment(_)
            | Event::Placed(_)
            | Event::Screened { .. }
            | Event::Reviewed { .. }
            | Event::Routed { .. }
            | Event::BackorderFilled { .. }
            | Event::UnitsLost { .. }
            | Event::Picked { .. }
            | Event::Packed { .. }
            | Event::Labeled { .. }
            | Event::LabelVoided { .. }
            | Event::HandedOver { .. }
            | Event::Dispatched { .. }
            | Event::StockReleased
            | Event::Tracked { .. }
            | Event::Cancelled(_)
            | Event::PartnerRefused { .. }
            | Event::ExceptionOpened(_)
            | Event::ExceptionResolved { .. }
            | Event::Redriven { .. }
            | Event::Closed { .. } => None,
        };
        self.renewed_at = self.renewed_at.max(renewed.unwrap_or(self.renewed_at));
    }
}

/// Of these lines so many units are promised out of what is expected, of the others none.
fn set(placed: &mut Placed, backordered: &[LineUnits]) {
    for line in &mut placed.lines {
        let units = backordered.iter().find(|one| one.line == line.number).map_or(0, |one| one.units);
        line.backordered = units.min(line.quantity);
    }
}

impl Promised {
    /// What the lines of a new order were promised.
    pub(super) fn of(placed: &Placed) -> Vec<Self> {
        placed.lines.iter().map(|line| Self { waiting: line.backordered, routed: 0 }).collect()
    }
}
