//! EasyPost's resources, as much of them as is read and written here.

use super::{measure, nonsense};
use crate::http::{Failure, Trouble, plain};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use waybill_domain::address::Address;
use waybill_domain::order::Label;
use waybill_domain::ports::{Offer, Parcel, PartnerError};
use waybill_domain::text::Text;

/// A new shipment.
#[derive(Debug, Serialize)]
pub struct Announcement<'a> {
    shipment: NewShipment<'a>,
}

#[derive(Debug, Serialize)]
struct NewShipment<'a> {
    reference: &'a str,
    from_address: Postal<'a>,
    to_address: Postal<'a>,
    parcel: Measured,
}

#[derive(Debug, Serialize)]
struct Postal<'a> {
    name: &'a str,
    street1: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    street2: Option<&'a str>,
    city: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zip: Option<&'a str>,
    country: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a str>,
}

/// Inches and ounces.
#[derive(Debug, Serialize)]
struct Measured {
    length: Number,
    width: Number,
    height: Number,
    weight: Number,
}

impl<'a> Announcement<'a> {
    /// The parcel in EasyPost's words.
    pub fn of(parcel: &Parcel<'a>) -> Result<Self, PartnerError> {
        let packing = parcel.packing;
        let measured = Measured {
            length: measure::inches(packing.length_mm)?,
            width: measure::inches(packing.width_mm)?,
            height: measure::inches(packing.height_mm)?,
            weight: measure::ounces(packing.weight_grams)?,
        };
        let shipment = NewShipment {
            reference: parcel.reference,
            from_address: Postal::of(parcel.from, parcel.from_phone),
            to_address: Postal::of(parcel.to, parcel.to_phone),
            parcel: measured,
        };
        Ok(Self { shipment })
    }
}

impl<'a> Postal<'a> {
    fn of(address: &'a Address, phone: Option<&'a str>) -> Self {
        Self {
            name: address.name.as_str(),
            street1: address.line1.as_str(),
            street2: address.line2.as_ref().map(Text::as_str),
            city: address.city.as_str(),
            state: address.region.as_ref().map(Text::as_str),
            zip: address.postal_code.as_ref().map(Text::as_str),
            country: address.country.as_str(),
            phone,
        }
    }
}

/// A shipment.
#[derive(Debug, Deserialize)]
pub struct Shipment {
    pub id: String,
    #[serde(default)]
    pub rates: Vec<Rate>,
    tracking_code: Option<String>,
    selected_rate: Option<Rate>,
    postage_label: Option<PostageLabel>,
    refund_status: Option<String>,
}

#[derive(Debug, Deserialize)]
struct PostageLabel {
    label_url: Option<String>,
}

/// What a carrier asks.
#[derive(Debug, Deserialize)]
pub struct Rate {
    id: String,
    carrier: String,
    service: String,
    #[serde(rename = "rate")]
    price: String,
    currency: String,
    delivery_days: Option<u32>,
    est_delivery_days: Option<u32>,
}

/// Whether a label was given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refund {
    /// Asked for, done, or not needed because the carrier charges only what it scans.
    GivenBack,
    /// The carrier said no.
    Rejected,
    /// Nobody asked.
    None,
}

impl Rate {
    /// The rate in our words.
    pub fn offer(&self) -> Result<Offer, PartnerError> {
        Ok(Offer {
            id: self.id.clone(),
            carrier: self.carrier.clone(),
            service: self.service.clone(),
            price: measure::price(&self.price, &self.currency)?,
            days: self.delivery_days.or(self.est_delivery_days),
        })
    }
}

impl Shipment {
    /// What was bought and not given back: a label that was given back must not go on a parcel.
    pub fn label(&self) -> Result<Option<Label>, PartnerError> {
        let Some(postage) = &self.postage_label else { return Ok(None) };
        if self.refund() == Refund::GivenBack {
            return Ok(None);
        }
        let rate = self.selected_rate.as_ref().ok_or_else(|| nonsense("a label without a rate"))?;
        Ok(Some(Label {
            shipment: self.id.clone(),
            carrier: rate.carrier.clone(),
            service: rate.service.clone(),
            tracking_code: self.tracking_code.clone().ok_or_else(|| nonsense("a label without a tracking code"))?,
            label_url: postage.label_url.clone().ok_or_else(|| nonsense("a label that cannot be had"))?,
            cost: measure::price(&rate.price, &rate.currency)?,
        }))
    }

    /// Whether its label was given back.
    pub fn refund(&self) -> Refund {
        match self.refund_status.as_deref() {
            Some("submitted" | "refunded" | "not_applicable") => Refund::GivenBack,
            Some("rejected") => Refund::Rejected,
            Some(_) | None => Refund::None,
        }
    }
}

impl Refund {
    /// What an answer to a request for it means.
    pub fn given_back(self) -> Result<(), PartnerError> {
        match self {
            Self::GivenBack => Ok(()),
            Self::Rejected => Err(PartnerError::Refused {
                code: "REFUND.REJECTED".to_owned(),
                message: "the carrier does not take the label back".to_owned(),
            }),
            Self::None => Err(nonsense("a refund that says nothing of itself")),
        }
    }
}

/// The body of a refusal.
#[derive(Debug, Deserialize)]
pub struct Refusal {
    error: ErrorBody,
}

#[derive(Debug, Deserialize)]
struct ErrorBody {
    code: String,
    /// Mostly a text; for some older refusals a list or an object.
    #[serde(default)]
    message: Value,
    #[serde(default)]
    errors: Value,
}

/// Codes whose message is EasyPost's own, about the shipment. Behind others a carrier speaks, and it may quote the
/// addressee.
const OWN_WORDS: [&str; 9] = [
    "SHIPMENT.POSTAGE.EXISTS",
    "SHIPMENT.POSTAGE.REQUIRED",
    "SHIPMENT.REFUND.",
    "SHIPMENT.INVALID_PARAMS",
    "SHIPMENT.MISSING_RATE",
    "SHIPMENT.CUSTOMS_INFO.",
    "RATE.",
    "PARCEL.",
    "PAYMENT",
];
/// Refusals after which nobody knows whether the label was sold.
const IN_DOUBT: [&str; 4] = ["TIMED_OUT", "TIMEOUT", "NO_RESPONSE", "IN_PROGRESS"];

/// A failure in the caller's words.
pub fn sorted(failure: Failure<Refusal>) -> PartnerError {
    match failure {
        Failure::Missing(error) | Failure::Other(error) => error,
        Failure::Refused { status, error: Refusal { error }, request } => {
            if IN_DOUBT.iter().any(|ending| error.code.ends_with(ending)) {
                return Trouble::Status("EasyPost", status, request).unavailable();
            }
            PartnerError::Refused { code: plain(&error.code, 64), message: format!("{}{request}", error.words()) }
        }
    }
}

impl ErrorBody {
    /// Its message where it cannot name a person, and the names of the fields it is about.
    fn words(&self) -> String {
        let own = OWN_WORDS.iter().any(|start| self.code.starts_with(start));
        let message = self.message.as_str().filter(|_| own).unwrap_or("withheld because it may name a person");
        let listed = self.errors.as_array().into_iter().flatten();
        let fields: Vec<&str> = listed.filter_map(|error| error.get("field")?.as_str()).take(10).collect();
        let about = if fields.is_empty() { String::new() } else { format!("; about {}", fields.join(", ")) };
        plain(&format!("{message}{about}"), 300)
    }
}
