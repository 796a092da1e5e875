//! The fold: an order is what its events say.

use super::backorder::Promised;
use super::cancel::{CancelReason, Cancellation};
use super::event::{Actor, Draft, Event, Recorded, RequestRecord};
use super::exceptions::OpenCase;
use super::fulfillment::{Fulfillment, FulfillmentStatus, Shipment, ShipmentStatus};
use super::payment::Payment;
use super::payment_event::PaymentEvent;
use super::placed::Placed;
use crate::id::{OrderId, TenantId};
use crate::screening::Verdict;
use jiff::Timestamp;

/// What of the stock the order holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StockHold {
    /// Promised network-wide, and perhaps a part of it allocated already.
    Reserved,
    /// Allocated at sites, all of it.
    Allocated,
    /// Its time was over: nothing is promised any more, and the order goes on.
    Lapsed,
    /// Given back.
    Released,
}

/// Events that no code of ours writes: the record is damaged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Corrupt {
    /// The first event is missing or no `placed`.
    #[error("the history does not begin with `placed`")]
    NoBeginning,
    /// A version is missing or doubled.
    #[error("version {found} stands where {expected} belongs")]
    Gap {
        /// What should stand there.
        expected: u32,
        /// What does.
        found: u32,
    },
}

/// An order, folded from its events.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Order {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub id: OrderId,
    /// The number of its last event.
    pub version: u32,
    /// What was ordered.
    pub placed: Placed,
    /// When.
    pub placed_at: Timestamp,
    /// The time of its last event.
    pub changed_at: Timestamp,
    /// What screening said.
    pub screening: Option<Verdict>,
    /// What a person said, if one had to look.
    pub review: Option<bool>,
    /// The money.
    pub payment: Payment,
    /// Who ships what.
    pub fulfillments: Vec<Fulfillment>,
    /// What needs a person.
    pub cases: Vec<OpenCase>,
    /// Which start of the workflow is current.
    pub attempt: u32,
    /// Ended before its time.
    pub cancelled: Option<Cancellation>,
    /// Its invoice, once closed.
    pub invoice: Option<String>,
    /// What of the stock it holds.
    pub stock: StockHold,
    /// Per line, in the order of the lines.
    pub(super) promised: Vec<Promised>,
    /// Since when its reservation lasts.
    pub(super) renewed_at: Timestamp,
    history: Vec<Recorded>,
}

impl Order {
    /// The order its events tell.
    ///
    /// # Errors
    /// The history has a gap or no beginning.
    pub fn replay(tenant: TenantId, id: OrderId, history: Vec<Recorded>) -> Result<Self, Corrupt> {
        let mut events = history.into_iter();
        let first = events.next().ok_or(Corrupt::NoBeginning)?;
        let mut order = Self::begin(tenant, id, first)?;
        for event in events {
            let expected = order.version + 1;
            if event.version != expected {
                return Err(Corrupt::Gap { expected, found: event.version });
            }
            order.apply(event);
        }
        Ok(order)
    }

    /// A new order, of its first event.
    ///
    /// # Errors
    /// The event is no `placed`, or not the first.
    pub fn begin(tenant: TenantId, id: OrderId, first: Recorded) -> Result<Self, Corrupt> {
        let Event::Placed(placed) = &first.event else { return Err(Corrupt::NoBeginning) };
        if first.version != 1 {
            return Err(Corrupt::Gap { expected: 1, found: first.version });
        }
        Ok(Self {
            tenant,
            id,
            version: 1,
            placed: (**placed).clone(),
            placed_at: first.at,
            changed_at: first.at,
            screening: None,
            review: None,
            payment: Payment::of(placed),
            fulfillments: Vec::new(),
            cases: Vec::new(),
            attempt: 0,
            cancelled: None,
            invoice: None,
            stock: StockHold::Reserved,
            promised: Promised::of(placed),
            renewed_at: first.at,
            history: vec![first],
        })
    }

    /// The events, first to last.
    #[must_use]
    pub fn history(&self) -> &[Recorded] {
        &self.history
    }

    /// The order after `draft`, and the draft as the event to store.
    #[must_use]
    pub fn record(
        &self,
        draft: Draft,
        at: Timestamp,
        actor: Actor,
        request: Option<RequestRecord>,
    ) -> (Self, Recorded) {
        let Draft { event, postings, movements, draws } = draft;
        let (version, chain) = (self.version + 1, String::new());
        let recorded = Recorded { version, at, actor, event, postings, movements, draws, chain, request };
        let recorded = recorded.chained(self.chain());
        let mut after = self.clone();
        after.apply(recorded.clone());
        (after, recorded)
    }

    /// The call recorded under `key`, if one was.
    #[must_use]
    pub fn request(&self, key: &str) -> Option<&RequestRecord> {
        self.history.iter().filter_map(|event| event.request.as_ref()).find(|request| request.key == key)
    }

    /// The fulfillment order of that number.
    #[must_use]
    pub fn fulfillment(&self, number: u16) -> Option<&Fulfillment> {
        self.fulfillments.iter().find(|fulfillment| fulfillment.number == number)
    }

    /// Ended before its time?
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.is_some()
    }

    /// Is nothing left to happen: closed, or cancelled with money and stock given back?
    #[must_use]
    pub fn is_finished(&self) -> bool {
        let stock = self.invoice.is_some() || (self.is_cancelled() && self.stock == StockHold::Released);
        stock && !self.payment.holds_money() && !self.payment.has_refunds_under_way()
    }

    /// Must a person look before it goes on?
    #[must_use]
    pub fn needs_review(&self) -> bool {
        let odd = self.screening == Some(Verdict::Review);
        (self.payment.is_risky() || odd) && self.review.is_none()
    }

    /// Total function: what is recorded has happened. It thinks no more.
    fn apply(&mut self, recorded: Recorded) {
        self.version = recorded.version;
        self.changed_at = recorded.at;
        match &recorded.event {
            Event::Placed(_)
            | Event::PartnerRefused { .. }
            | Event::StockReleased
            | Event::ReservationLapsed
            | Event::Reconfirmed { .. } => {}
            Event::Screened { verdict, reasons } => {
                self.screening = Some(verdict.clone());
                if *verdict == Verdict::Reject {
                    self.end(CancelReason::Screening, &reasons.join("; "));
                }
            }
            Event::Payment(event) => {
                self.payment.apply(event, recorded.at);
                self.end_if_declined(event);
            }
            Event::Reviewed { approved, note } => {
                self.review = Some(*approved);
                if !approved {
                    self.end(CancelReason::Rejected, note);
                }
            }
            Event::Routed { fulfillments } => self.apply_routed(fulfillments, recorded.at),
            Event::BackorderFilled { lines, attempt } => {
                self.attempt = attempt.unwrap_or(self.attempt);
                self.apply_to_lines(lines, |promised, units| promised.waiting = promised.waiting.saturating_sub(units));
            }
            Event::UnitsLost { lines, case } => {
                self.cases.push(OpenCase::new(case.clone(), recorded.at));
                self.apply_to_lines(lines, |promised, units| promised.waiting += units);
            }
            Event::Cancelled(cancellation) => self.end_with(cancellation.clone()),
            Event::ExceptionOpened(case) => self.cases.push(OpenCase::new(case.clone(), recorded.at)),
            Event::ExceptionResolved { number, .. } => self.resolve(*number),
            Event::Redriven { attempt, exception } => {
                self.attempt = *attempt;
                self.resolve(*exception);
            }
            Event::Closed { invoice } => self.invoice = Some(invoice.clone()),
            Event::Picked { fulfillment, .. }
            | Event::Packed { fulfillment, .. }
            | Event::Labeled { fulfillment, .. }
            | Event::LabelVoided { fulfillment }
            | Event::HandedOver { fulfillment, .. }
            | Event::Dispatched { fulfillment, .. }
            | Event::Tracked { fulfillment, .. } => {
                let number = *fulfillment;
                if let Some(part) = self.fulfillments.iter_mut().find(|part| part.number == number) {
                    part.apply(&recorded.event, recorded.at);
                }
            }
        }
        self.apply_to_reservation(&recorded);
        let releases = matches!(recorded.event, Event::StockReleased);
        self.history.push(recorded);
        // Large orders give back in several events: the last of them settles it.
        if releases && self.is_given_back() {
            self.stock = StockHold::Released;
        }
    }

    /// Nothing is tried again: the order ends, unless a part of it has left.
    fn end_if_declined(&mut self, event: &PaymentEvent) {
        if let PaymentEvent::Declined { code, .. } = event
            && event.is_final_decline()
            && !self.has_left()
            && !self.is_cancelled()
        {
            self.end(CancelReason::PaymentDeclined, code);
        }
    }

    fn end(&mut self, reason: CancelReason, note: &str) {
        self.end_with(Cancellation { reason, note: note.to_owned() });
    }

    fn end_with(&mut self, cancellation: Cancellation) {
        self.cancelled = Some(cancellation);
        for part in self.fulfillments.iter_mut().filter(|part| part.is_before_hand_over()) {
            part.status = FulfillmentStatus::Cancelled;
        }
    }

    fn resolve(&mut self, number: u16) {
        for case in self.cases.iter_mut().filter(|case| case.case.number == number) {
            case.resolved = true;
        }
    }
}

impl Fulfillment {
    /// What an event about this fulfillment order changes in it.
    fn apply(&mut self, event: &Event, at: Timestamp) {
        self.changed_at = at;
        match event {
            Event::Picked { lines, .. } => {
                for line in &mut self.lines {
                    line.picked = lines.iter().find(|found| found.line == line.line).map(|found| found.picked);
                }
                let any = self.lines.iter().any(|line| line.shipping() > 0);
                self.status = if any { FulfillmentStatus::Picked } else { FulfillmentStatus::Short };
            }
            Event::Packed { packing, .. } => {
                self.packing = Some(packing.clone());
                self.status = FulfillmentStatus::Packed;
            }
            Event::Labeled { label, .. } => {
                let (label, status) = (label.clone(), ShipmentStatus::PreTransit);
                self.shipment = Some(Shipment { label, voided: false, status, seen_at: None, moved: false });
                // A label bought while the order was being cancelled is a fact, but no progress.
                if self.is_before_hand_over() {
                    self.status = FulfillmentStatus::Labeled;
                }
            }
            Event::LabelVoided { .. } => {
                if let Some(shipment) = &mut self.shipment {
                    shipment.voided = true;
                }
            }
            Event::HandedOver { manifest, .. } => {
                self.manifest = Some(manifest.clone());
                self.status = FulfillmentStatus::HandedOver;
            }
            Event::Dispatched { .. } => self.dispatched = true,
            Event::Tracked { status, seen_at, .. } => {
                if let Some(shipment) = &mut self.shipment {
                    shipment.status = *status;
                    shipment.seen_at = Some(*seen_at);
                    shipment.moved |= status.is_moving();
                }
            }
            Event::Placed(_)
            | Event::Screened { .. }
            | Event::Reviewed { .. }
            | Event::Routed { .. }
            | Event::BackorderFilled { .. }
            | Event::UnitsLost { .. }
            | Event::ReservationLapsed
            | Event::Reconfirmed { .. }
            | Event::StockReleased
            | Event::Cancelled(_)
            | Event::PartnerRefused { .. }
            | Event::ExceptionOpened(_)
            | Event::ExceptionResolved { .. }
            | Event::Redriven { .. }
            | Event::Closed { .. }
            | Event::Payment(_) => {}
        }
    }
}
