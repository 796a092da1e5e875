//! The carrier's news of a shipment.

use super::event::{Draft, Event};
use super::fulfillment::ShipmentStatus;
use super::state::Order;
use super::{Decided, Rejection};
use jiff::Timestamp;

impl ShipmentStatus {
    /// Must a person look?
    #[must_use]
    pub fn is_trouble(self) -> bool {
        match self {
            Self::Exception | Self::Lost | Self::Damaged | Self::ReturnToSender => true,
            Self::PreTransit | Self::InTransit | Self::OutForDelivery | Self::Delayed | Self::Delivered => false,
        }
    }

    /// Does it tell that the carrier has the parcel? Trouble alone does not: an address can be wrong before it leaves.
    #[must_use]
    pub fn is_moving(self) -> bool {
        match self {
            Self::InTransit | Self::OutForDelivery | Self::ReturnToSender | Self::Delivered => true,
            Self::PreTransit | Self::Delayed | Self::Exception | Self::Lost | Self::Damaged => false,
        }
    }

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PreTransit => "pre_transit",
            Self::InTransit => "in_transit",
            Self::OutForDelivery => "out_for_delivery",
            Self::Delayed => "delayed",
            Self::Exception => "exception",
            Self::Lost => "lost",
            Self::Damaged => "damaged",
            Self::ReturnToSender => "return_to_sender",
            Self::Delivered => "delivered",
        }
    }
}

impl Order {
    /// The fulfillment order with that tracking code.
    #[must_use]
    pub fn tracked_as(&self, tracking_code: &str) -> Option<u16> {
        let ours = |part: &&super::Fulfillment| {
            part.shipment.as_ref().is_some_and(|shipment| shipment.label.tracking_code == tracking_code)
        };
        self.fulfillments.iter().find(ours).map(|part| part.number)
    }

    /// The carrier saw the parcel. News that is old, or the same, or comes after delivery, changes nothing:
    /// webhooks arrive in any order, any number of times.
    ///
    /// # Errors
    /// `Unknown` fulfillment order, or one without a shipment.
    pub fn decide_tracked(&self, number: u16, status: ShipmentStatus, seen_at: Timestamp) -> Decided {
        let part = self.fulfillment(number).ok_or(Rejection::Unknown("such fulfillment order"))?;
        let shipment = part.shipment.as_ref().ok_or(Rejection::Unknown("such shipment"))?;
        let old = shipment.seen_at.is_some_and(|last| seen_at < last);
        // A partner that has lost sight of a parcel calls it unknown: that is no way back to the start.
        let backward = status == ShipmentStatus::PreTransit && shipment.seen_at.is_some();
        if old || backward || shipment.status == status || shipment.status == ShipmentStatus::Delivered {
            return Ok(None);
        }
        Ok(Some(Draft::of(Event::Tracked { fulfillment: number, status, seen_at })))
    }
}
