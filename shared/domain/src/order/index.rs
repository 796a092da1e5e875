//! What lists are made from: the order's head and its work items.

use super::axes::Axes;
use super::event::Event;
use super::state::Order;
use crate::id::SiteId;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

/// Something people work on: an item of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// A fulfillment order waits at a site, in the queue `pick`, `pack` or `hand_over`.
    Fulfillment {
        /// Which.
        number: u16,
        /// Where.
        site: SiteId,
        /// For what.
        queue: &'static str,
    },
    /// An exception waits for staff.
    Case {
        /// Which.
        number: u16,
        /// Since when.
        opened_at: Timestamp,
    },
}

impl Work {
    /// What tells it from the order's other work items.
    #[must_use]
    pub fn key(&self) -> (&'static str, u16) {
        match self {
            Self::Fulfillment { number, .. } => ("FULFILLMENT", *number),
            Self::Case { number, .. } => ("CASE", *number),
        }
    }
}

impl Order {
    /// Does the workflow stand still until people or the carrier have done something?
    #[must_use]
    pub fn is_waited_on(&self) -> bool {
        !self.is_cancelled()
            && (self.waits_for_staff() || self.has_left() || self.payment.is_pending() || self.waits_for_stock())
    }

    fn waits_for_staff(&self) -> bool {
        self.fulfillments.iter().any(|part| part.queue().is_some()) || self.needs_review()
    }
}

/// When a person is told that an order has stood in its present state for too long, UTC.
fn deadline(order: &Order) -> Option<Timestamp> {
    let patience = if order.is_cancelled() {
        SignedDuration::from_mins(30)
    } else if order.waits_for_staff() {
        SignedDuration::from_hours(36)
    } else if order.has_left() {
        SignedDuration::from_hours(24 * 14)
    } else {
        SignedDuration::from_mins(30)
    };
    let deadline = order.last_progress_at().checked_add(patience).ok();
    // Units are waited for until the day after they were to ship is over.
    let expected = order.placed.promise.ship_by.checked_add(Span::new().days(2)).ok();
    let expected = expected.and_then(|day| day.to_zoned(TimeZone::UTC).ok()).map(|day| day.timestamp());
    if order.waits_for_stock() && !order.waits_for_staff() { deadline.max(expected) } else { deadline }
}

impl Order {
    /// The time of the last event that brought it on: that a person was told or has
    /// looked, that a partner refused, or that units were lost or went back by the clock does not.
    #[must_use]
    pub fn last_progress_at(&self) -> Timestamp {
        let is_progress = |event: &Event| {
            !matches!(
                event,
                Event::ExceptionOpened(_)
                    | Event::ExceptionResolved { .. }
                    | Event::PartnerRefused { .. }
                    | Event::UnitsLost { .. }
                    | Event::ReservationLapsed
            )
        };
        let last = self.history().iter().rev().find(|recorded| is_progress(&recorded.event));
        last.map_or(self.placed_at, |recorded| recorded.at)
    }

    /// The axes and the time by which the next event is due; `None` once nothing is left to happen.
    #[must_use]
    pub fn head(&self) -> (Axes, Option<Timestamp>) {
        let due = self.payment_timer().or_else(|| deadline(self));
        let due = due.into_iter().chain(self.reserved_until()).min();
        (self.axes(), due.filter(|_| !self.is_finished()))
    }

    /// What people have to work on.
    #[must_use]
    pub fn work(&self) -> Vec<Work> {
        let parts = self.fulfillments.iter().filter_map(|part| {
            let queue = part.queue()?;
            Some(Work::Fulfillment { number: part.number, site: part.site.clone(), queue })
        });
        let open = self.cases.iter().filter(|case| !case.resolved);
        let cases = open.map(|case| Work::Case { number: case.case.number, opened_at: case.opened_at });
        parts.chain(cases).collect()
    }
}
