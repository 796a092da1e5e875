//! A seller of labels.

use super::{refused, unheard_of};
use crate::faults::{Faults, copied, locked};
use crate::usd;
use std::sync::{Arc, Mutex};
use waybill_domain::order::Label;
use waybill_domain::ports::{Labels, Offer, Parcel, PartnerError, Quoted};

/// A service: carrier, name, days, and its price in cents: at least, and per begun pound.
#[rustfmt::skip]
const SERVICES: [(&str, &str, u32, i64, i64); 4] = [
    ("USPS", "GroundAdvantage", 4,   480,  85),
    ("USPS", "Priority",        2,   780, 110),
    ("USPS", "Express",         1, 2_650, 290),
    ("UPS",  "Ground",          3,   920,  75),
];
/// Milligrams in a pound.
const POUND: u64 = 453_592;
/// Grams nobody carries more than.
const HEAVIEST: u32 = 31_751;

/// A parcel in the seller's books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookedParcel {
    /// Our reference of it.
    pub reference: String,
    /// Grams, as announced.
    pub weight_grams: u32,
    /// The seller's id, its offers, and the label bought; the label stays here when it was given back.
    pub quoted: Quoted,
    /// Was the label given back?
    pub refunded: bool,
    /// Was it scanned by the carrier?
    pub travelled: bool,
}

impl BookedParcel {
    /// As the seller shows it: a label that was given back is none.
    fn shown(&self) -> Quoted {
        let label = self.quoted.label.clone().filter(|_| !self.refunded);
        Quoted { label, ..self.quoted.clone() }
    }
}

/// A seller of labels.
#[derive(Clone, Debug, Default)]
pub struct FakeLabels {
    books: Arc<Mutex<Vec<BookedParcel>>>,
    faults: Faults,
}

impl FakeLabels {
    /// Nothing announced.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing announced; fails when `faults` say so.
    #[must_use]
    pub fn failing(faults: Faults) -> Self {
        Self { books: Arc::default(), faults }
    }

    pub(crate) fn copy(&self, faults: &Faults) -> Self {
        Self { books: copied(&self.books), faults: faults.clone() }
    }

    /// The failures to come.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Every parcel announced.
    #[must_use]
    pub fn parcels(&self) -> Vec<BookedParcel> {
        locked(&self.books).clone()
    }

    /// The labels paid for and not given back, of parcels whose reference begins like this.
    #[must_use]
    pub fn live(&self, reference: &str) -> Vec<Label> {
        let ours = self.parcels().into_iter().filter(|parcel| parcel.reference.starts_with(reference));
        ours.filter_map(|parcel| parcel.shown().label).collect()
    }

    /// The carrier scans a parcel: its label cannot be given back any more.
    pub fn scan(&self, tracking_code: &str) {
        let is_it = |parcel: &&mut BookedParcel| {
            parcel.quoted.label.as_ref().is_some_and(|label| label.tracking_code == tracking_code)
        };
        if let Some(parcel) = locked(&self.books).iter_mut().find(is_it) {
            parcel.travelled = true;
        }
    }

    /// Works on the parcel of that id.
    fn with<T>(
        &self,
        shipment: &str,
        work: impl FnOnce(&mut BookedParcel) -> Result<T, PartnerError>,
    ) -> Result<T, PartnerError> {
        let mut books = locked(&self.books);
        let parcel = books.iter_mut().find(|parcel| parcel.quoted.shipment == shipment);
        work(parcel.ok_or_else(|| unheard_of("such shipment"))?)
    }
}

fn offers(shipment: &str, grams: u32) -> Vec<Offer> {
    if grams > HEAVIEST {
        return Vec::new();
    }
    let pounds = i64::try_from((u64::from(grams) * 1_000).div_ceil(POUND)).unwrap_or(i64::MAX);
    let offer = |(carrier, service, days, base, per_pound): (&str, &str, u32, i64, i64)| Offer {
        id: format!("rate_{shipment}_{service}"),
        carrier: carrier.to_owned(),
        service: service.to_owned(),
        price: usd(base + pounds * per_pound),
        days: Some(days),
    };
    SERVICES.into_iter().map(offer).collect()
}

fn buy(parcel: &mut BookedParcel, offer: &str) -> Result<Label, PartnerError> {
    if parcel.quoted.label.is_some() {
        return Err(refused("SHIPMENT.POSTAGE.EXISTS", "Postage already exists for this shipment."));
    }
    let chosen = parcel.quoted.offers.iter().find(|own| own.id == offer);
    let chosen = chosen.ok_or_else(|| refused("SHIPMENT.MISSING_RATE", "The rate is not of this shipment."))?;
    let shipment = parcel.quoted.shipment.clone();
    let number = shipment.trim_start_matches("shp_").to_owned();
    let label = Label {
        carrier: chosen.carrier.clone(),
        service: chosen.service.clone(),
        tracking_code: format!("94{number:0>20}"),
        label_url: format!("https://labels.invalid/{shipment}.png"),
        cost: chosen.price,
        shipment,
    };
    parcel.quoted.label = Some(label.clone());
    Ok(label)
}

impl Labels for FakeLabels {
    async fn quote(&self, parcel: &Parcel<'_>) -> Result<Quoted, PartnerError> {
        let (reference, weight_grams) = (parcel.reference.to_owned(), parcel.packing.weight_grams);
        let work = || {
            let mut books = locked(&self.books);
            let shipment = format!("shp_{:04}", books.len() + 1);
            let quoted = Quoted { offers: offers(&shipment, weight_grams), shipment, label: None };
            let booked =
                BookedParcel { reference, weight_grams, quoted: quoted.clone(), refunded: false, travelled: false };
            books.push(booked);
            Ok(quoted)
        };
        self.faults.partner("labels.quote", work).await
    }

    async fn find(&self, shipment_or_reference: &str) -> Result<Option<Quoted>, PartnerError> {
        let work = || {
            let books = locked(&self.books);
            let by_id = books.iter().find(|parcel| parcel.quoted.shipment == shipment_or_reference);
            let newest = || books.iter().rev().find(|parcel| parcel.reference == shipment_or_reference);
            Ok(by_id.or_else(newest).map(BookedParcel::shown))
        };
        self.faults.partner("labels.find", work).await
    }

    async fn buy(&self, shipment: &str, offer: &str) -> Result<Label, PartnerError> {
        self.faults.partner("labels.buy", || self.with(shipment, |parcel| buy(parcel, offer))).await
    }

    async fn refund(&self, shipment: &str) -> Result<(), PartnerError> {
        let refund = |parcel: &mut BookedParcel| {
            if parcel.quoted.label.is_none() {
                return Err(refused("SHIPMENT.POSTAGE.REQUIRED", "No label was bought for this shipment."));
            }
            if parcel.travelled && !parcel.refunded {
                return Err(refused("SHIPMENT.REFUND.UNAVAILABLE", "The parcel has been shipped."));
            }
            parcel.refunded = true;
            Ok(())
        };
        self.faults.partner("labels.refund", || self.with(shipment, refund)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block_on;
    use crate::{Step, Trouble, order_at};

    #[test]
    fn one_label_per_shipment_bought_once_and_given_back_once() {
        let labels = FakeLabels::new();
        let order = order_at(Step::Packed);
        let packing = order.fulfillments[0].packing.clone().unwrap();
        let to = &order.placed.ship_to;
        let parcel = Parcel { reference: "o-1", from: to, from_phone: None, to, to_phone: None, packing: &packing };
        let quoted = block_on(labels.quote(&parcel)).unwrap();
        labels.faults().fail_next("labels.buy", Trouble::AnswerLost);
        assert!(block_on(labels.buy(&quoted.shipment, &quoted.offers[0].id)).is_err());
        let again = block_on(labels.buy(&quoted.shipment, &quoted.offers[0].id));
        assert!(matches!(again, Err(PartnerError::Refused { code, .. }) if code == "SHIPMENT.POSTAGE.EXISTS"));
        assert_eq!(labels.live("o-1").len(), 1);
        assert!(block_on(labels.find("o-1")).unwrap().unwrap().label.is_some());
        block_on(labels.refund(&quoted.shipment)).unwrap();
        block_on(labels.refund(&quoted.shipment)).unwrap();
        assert_eq!(labels.live("o-1"), vec![]);
        assert_eq!(block_on(labels.find("o-1")).unwrap().unwrap().label, None);
    }
}
