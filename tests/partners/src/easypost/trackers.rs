//! Where a parcel is: the statuses a tracker passes through.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Number;
use thiserror::Error;

/// A tracker's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The carrier has not seen the label.
    Unknown,
    /// The carrier knows the label, not the parcel.
    PreTransit,
    /// On its way.
    InTransit,
    /// On the van.
    OutForDelivery,
    /// Handed over.
    Delivered,
    /// Waits at a counter.
    AvailableForPickup,
    /// On its way back.
    ReturnToSender,
    /// Could not be delivered.
    Failure,
    /// The shipment was called off.
    Cancelled,
    /// The carrier's own data are wrong.
    Error,
}

/// The way of a parcel to which nothing happens.
const WAY: [Status; 5] =
    [Status::Unknown, Status::PreTransit, Status::InTransit, Status::OutForDelivery, Status::Delivered];

impl Status {
    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::PreTransit => "pre_transit",
            Self::InTransit => "in_transit",
            Self::OutForDelivery => "out_for_delivery",
            Self::Delivered => "delivered",
            Self::AvailableForPickup => "available_for_pickup",
            Self::ReturnToSender => "return_to_sender",
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
            Self::Error => "error",
        }
    }

    /// What the carrier says of it.
    pub const fn detail(self) -> (&'static str, &'static str) {
        match self {
            Self::Unknown => ("unknown", "Unknown"),
            Self::PreTransit => ("label_created", "Shipping Label Created"),
            Self::InTransit => ("arrived_at_facility", "Arrived at Facility"),
            Self::OutForDelivery => ("out_for_delivery", "Out for Delivery"),
            Self::Delivered => ("arrived_at_destination", "Delivered"),
            Self::AvailableForPickup => ("available_for_pickup", "Available for Pickup"),
            Self::ReturnToSender => ("return", "Returning to Sender"),
            Self::Failure => ("delivery_exception", "Delivery Failed"),
            Self::Cancelled => ("cancelled", "Cancelled"),
            Self::Error => ("status_update", "Error"),
        }
    }

    fn position(self) -> Option<usize> {
        WAY.iter().position(|status| *status == self)
    }

    /// Every status between here and `to`, `to` included. A status off the way is reached in one step.
    pub fn steps_to(self, to: Self) -> Result<Vec<Self>, Backward> {
        match (self.position(), to.position()) {
            (Some(from), Some(until)) if until > from => Ok(WAY[from + 1..=until].to_vec()),
            (Some(_), Some(_)) => Err(Backward { from: self.as_str(), to: to.as_str() }),
            (None, _) | (_, None) => Ok(vec![to]),
        }
    }

    /// Whether the carrier has had the parcel in its hands, which ends every refund of its label.
    pub const fn was_scanned(self) -> bool {
        match self {
            Self::Unknown | Self::PreTransit | Self::Cancelled => false,
            Self::InTransit
            | Self::OutForDelivery
            | Self::Delivered
            | Self::AvailableForPickup
            | Self::ReturnToSender
            | Self::Failure
            | Self::Error => true,
        }
    }
}

/// A parcel does not travel back in time, unless the caller says `only`.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("a tracker at {from} does not move to {to}; send \"only\": true to make the carrier say so all the same")]
pub struct Backward {
    from: &'static str,
    to: &'static str,
}

/// A tracker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracker {
    /// `trk_…`
    pub id: String,
    /// The label's number.
    pub tracking_code: String,
    /// The shipment whose label it follows.
    pub shipment: String,
    /// The carrier and its service.
    pub carrier: (&'static str, &'static str),
    /// When it was made.
    pub created: Timestamp,
    /// When it last moved.
    pub updated: Timestamp,
    /// When the parcel should arrive.
    pub due: Timestamp,
    /// The parcel's weight, in ounces.
    pub weight: Number,
    /// Where the parcel goes: city, state, country, zip.
    pub destination: [String; 4],
    /// Where it is.
    pub status: Status,
    /// Where it was, oldest first.
    pub details: Vec<(Status, Timestamp)>,
}

impl Tracker {
    /// The parcel gets to `status`.
    pub fn reach(&mut self, status: Status, now: Timestamp) {
        self.status = status;
        self.updated = now;
        self.details.push((status, now));
    }
}

/// `days` after `from`.
pub fn days_after(from: Timestamp, days: i64) -> Timestamp {
    from.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(from)
}

#[cfg(test)]
mod tests {
    use super::Status::{self, Delivered, Failure, InTransit, OutForDelivery, PreTransit, ReturnToSender, Unknown};

    #[test]
    fn a_tracker_passes_every_status_on_its_way() {
        #[rustfmt::skip]
        let table: [(Status, Status, Option<&[Status]>); 8] = [
            (Unknown,    PreTransit,     Some(&[PreTransit])),
            (Unknown,    Delivered,      Some(&[PreTransit, InTransit, OutForDelivery, Delivered])),
            (InTransit,  Delivered,      Some(&[OutForDelivery, Delivered])),
            (InTransit,  Failure,        Some(&[Failure])),
            (Failure,    OutForDelivery, Some(&[OutForDelivery])),
            (Delivered,  ReturnToSender, Some(&[ReturnToSender])),
            (Delivered,  InTransit,      None),
            (InTransit,  InTransit,      None),
        ];
        for (from, to, expected) in table {
            assert_eq!(from.steps_to(to).ok().as_deref(), expected, "{from:?} -> {to:?}");
        }
    }
}
