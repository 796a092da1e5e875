//! A fulfillment order: what one site is to ship, and the shipment it becomes.

use crate::id::{CartonId, SiteId, Sku};
use crate::money::Money;
use crate::stock::{Kind, Movement, Picked};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a fulfillment order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FulfillmentStatus {
    /// To be picked.
    Open,
    /// Off the shelves.
    Picked,
    /// In its carton.
    Packed,
    /// Has a label.
    Labeled,
    /// With the carrier.
    HandedOver,
    /// Nothing of it was found.
    Short,
    /// Called off.
    Cancelled,
}

/// Where the carrier says a shipment is (the carrier's own axis).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShipmentStatus {
    /// Announced.
    PreTransit,
    /// Moving.
    InTransit,
    /// On the van.
    OutForDelivery,
    /// Late.
    Delayed,
    /// Something is wrong.
    Exception,
    /// Not found.
    Lost,
    /// Broken.
    Damaged,
    /// On its way back.
    ReturnToSender,
    /// At the door.
    Delivered,
}

/// Units of an order line in a fulfillment order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FulfillmentLine {
    /// The order line.
    pub line: u16,
    /// Its SKU.
    pub sku: Sku,
    /// Units to ship.
    pub quantity: u32,
    /// The line's units before these: they tell which cents these units earn.
    pub first_unit: u32,
    /// Units found, once picked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picked: Option<u32>,
    /// Which units exactly, of an item that is kept by bin, lot, serial number or expiry: together all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stows: Vec<Picked>,
}

impl FulfillmentLine {
    /// Units that ship: what was picked, or all before picking.
    #[must_use]
    pub fn shipping(&self) -> u32 {
        self.picked.unwrap_or(self.quantity)
    }

    /// Units `from..to` of it, moved at its site: of an item that is kept by stow, stow by stow.
    pub(super) fn moved(&self, kind: Kind, site: &SiteId, from: u32, to: u32) -> Vec<Movement> {
        let all = |units: u32| Movement::at(kind, self.sku.clone(), site.clone(), i64::from(units));
        let mut begin = 0;
        let mut movements = Vec::new();
        for picked in &self.stows {
            let end = begin + picked.quantity;
            let units = end.min(to).saturating_sub(begin.max(from));
            if units > 0 {
                movements.push(all(units).of(Some(picked.stow.clone())));
            }
            begin = end;
        }
        let rest = to.saturating_sub(begin.max(from));
        if rest > 0 {
            movements.push(all(rest));
        }
        movements
    }
}

/// A parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packing {
    /// The carton.
    pub carton: CartonId,
    /// Grams on the scale, carton included.
    pub weight_grams: u32,
    /// Outer length in millimetres.
    pub length_mm: u32,
    /// Outer width in millimetres.
    pub width_mm: u32,
    /// Outer height in millimetres.
    pub height_mm: u32,
}

/// A label bought from a carrier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The partner's id of the shipment.
    pub shipment: String,
    /// The carrier.
    pub carrier: String,
    /// The carrier's service.
    pub service: String,
    /// The number on the label.
    pub tracking_code: String,
    /// Where the label is to be had.
    pub label_url: String,
    /// What it cost the merchant.
    pub cost: Money,
}

/// A shipment: the fact a fulfillment order becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipment {
    /// Its label.
    pub label: Label,
    /// Given back?
    pub voided: bool,
    /// Where it is.
    pub status: ShipmentStatus,
    /// When the carrier last saw it.
    pub seen_at: Option<Timestamp>,
    /// Has the carrier ever had it?
    pub moved: bool,
}

/// What one site is to ship.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fulfillment {
    /// 1, 2, 3, ... within the order.
    pub number: u16,
    /// Who ships.
    pub site: SiteId,
    /// What.
    pub lines: Vec<FulfillmentLine>,
    /// Where it stands.
    pub status: FulfillmentStatus,
    /// Its parcel, once packed.
    pub packing: Option<Packing>,
    /// Its shipment, once labeled.
    pub shipment: Option<Shipment>,
    /// The manifest it left on.
    pub manifest: Option<String>,
    /// Out of the stock?
    pub dispatched: bool,
    /// When it last changed.
    pub changed_at: Timestamp,
}

impl Fulfillment {
    /// Still to be worked on before it leaves?
    #[must_use]
    pub fn is_before_hand_over(&self) -> bool {
        match self.status {
            FulfillmentStatus::Open
            | FulfillmentStatus::Picked
            | FulfillmentStatus::Packed
            | FulfillmentStatus::Labeled => true,
            FulfillmentStatus::HandedOver | FulfillmentStatus::Short | FulfillmentStatus::Cancelled => false,
        }
    }

    /// Has it left: handed over, or seen on its way by the carrier before anybody recorded the hand-over?
    #[must_use]
    pub fn has_left(&self) -> bool {
        let moved = self.shipment.as_ref().is_some_and(|shipment| shipment.moved);
        self.status == FulfillmentStatus::HandedOver || (moved && !self.is_dropped())
    }

    /// At the door?
    #[must_use]
    pub fn is_delivered(&self) -> bool {
        self.shipment.as_ref().is_some_and(|shipment| shipment.status == ShipmentStatus::Delivered)
    }

    /// Called off, or nothing found: it will never ship.
    #[must_use]
    pub fn is_dropped(&self) -> bool {
        matches!(self.status, FulfillmentStatus::Short | FulfillmentStatus::Cancelled)
    }

    /// What staff may do with it now.
    #[must_use]
    pub fn supported_actions(&self) -> &'static [&'static str] {
        match self.status {
            FulfillmentStatus::Open => &["pick"],
            FulfillmentStatus::Picked => &["pack"],
            FulfillmentStatus::Labeled => &["hand_over"],
            FulfillmentStatus::Packed
            | FulfillmentStatus::HandedOver
            | FulfillmentStatus::Short
            | FulfillmentStatus::Cancelled => &[],
        }
    }

    /// The work queue it stands in, if people have to do something: `pick`, `pack` or `hand_over`.
    #[must_use]
    pub fn queue(&self) -> Option<&'static str> {
        self.supported_actions().first().copied()
    }
}
