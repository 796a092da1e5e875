//! The carrier API's own books: every shipment, label and tracker there ever was.

use super::refusal::Refusal;
use super::shipments::{Label, Shipment};
use super::trackers::{Status, Tracker, days_after};
use crate::ids::Ids;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// Shipments and trackers, by id; ids sort by age.
#[derive(Debug, Default)]
pub struct Books {
    /// Mints every id.
    pub ids: Ids,
    /// Whether a clerk buys the cheapest label of every shipment as soon as it is described.
    pub buy_on_create: bool,
    shipments: BTreeMap<String, Shipment>,
    trackers: BTreeMap<String, Tracker>,
}

impl Books {
    /// Records a new shipment, as the caller sees it: before any clerk got to it.
    pub fn create(&mut self, sent: &Value, now: Timestamp) -> Result<Shipment, Refusal> {
        let shipment = Shipment::read(sent, &mut self.ids, now)?;
        self.shipments.insert(shipment.id.clone(), shipment.clone());
        if self.buy_on_create
            && let Some(cheapest) = shipment.rates.iter().min_by_key(|rate| rate.quote.cents)
        {
            self.buy(&shipment.id, &cheapest.id, now)?;
        }
        Ok(shipment)
    }

    /// The shipment of this id, or the newest of this reference.
    pub fn shipment(&self, name: &str) -> Result<&Shipment, Refusal> {
        let referred = || self.shipments.values().rev().find(|shipment| shipment.reference.as_deref() == Some(name));
        self.shipments.get(name).or_else(referred).ok_or_else(Refusal::not_found)
    }

    /// Every shipment, oldest first.
    pub fn shipments(&self) -> impl Iterator<Item = &Shipment> {
        self.shipments.values()
    }

    /// Every tracker, oldest first.
    pub fn trackers(&self) -> impl Iterator<Item = &Tracker> {
        self.trackers.values()
    }

    /// Buys a label, and starts to follow it.
    pub fn buy(&mut self, id: &str, rate: &str, now: Timestamp) -> Result<&Shipment, Refusal> {
        let shipment = self.shipments.get_mut(id).ok_or_else(Refusal::not_found)?;
        let label = shipment.buy(rate, &mut self.ids, now)?.clone();
        self.trackers.insert(label.tracker.clone(), tracker(shipment, &label));
        Ok(shipment)
    }

    /// Asks a label's money back.
    pub fn refund(&mut self, id: &str, now: Timestamp) -> Result<&Shipment, Refusal> {
        let shipment = self.shipments.get_mut(id).ok_or_else(Refusal::not_found)?;
        let tracker = shipment.label.as_ref().and_then(|label| self.trackers.get(&label.tracker));
        let travelled = tracker.map_or(Status::Unknown, |tracker| tracker.status);
        shipment.refund(travelled, now)?;
        Ok(shipment)
    }

    /// The tracker of this id.
    pub fn tracker(&self, id: &str) -> Result<&Tracker, Refusal> {
        self.trackers.get(id).ok_or_else(Refusal::not_found)
    }

    /// The tracker of a label's number.
    pub fn follow(&mut self, tracking_code: &str) -> Option<&mut Tracker> {
        self.trackers.values_mut().find(|tracker| tracker.tracking_code == tracking_code)
    }
}

fn tracker(shipment: &Shipment, label: &Label) -> Tracker {
    let service = label.rate.quote.service;
    Tracker {
        id: label.tracker.clone(),
        tracking_code: label.tracking_code.clone(),
        shipment: shipment.id.clone(),
        carrier: (service.carrier, service.name),
        created: label.bought,
        updated: label.bought,
        due: days_after(label.bought, service.days),
        weight: shipment.parcel.weight.clone(),
        destination: ["city", "state", "country", "zip"].map(|field| shipment.to.field(field).to_owned()),
        status: Status::Unknown,
        details: Vec::new(),
    }
}
