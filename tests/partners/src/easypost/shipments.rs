//! One shipment: its rates, the label that may be bought for it once, and given back once.

use super::address::Address;
use super::measure::{number, thousandths};
use super::rates::{Quote, quote};
use super::refusal::{Flaw, Refusal};
use super::trackers::Status;
use crate::ids::Ids;
use jiff::Timestamp;
use serde_json::{Number, Value};
use std::collections::BTreeMap;
use thiserror::Error;

/// What a shipment refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Illegal {
    /// A second label.
    #[error("Postage already exists for this shipment.")]
    PostageExists,
    /// A rate that is not one of its own.
    #[error("The rate does not belong to this shipment or is no longer valid.")]
    UnknownRate,
    /// Abroad without papers.
    #[error("Customs information is required for international shipments.")]
    CustomsRequired,
    /// A refund of a label that was never bought.
    #[error("Postage is required: no label was bought for this shipment.")]
    NoPostage,
    /// A second refund.
    #[error("Unable to request refund. A refund was already requested for this shipment.")]
    RefundRequested,
    /// A refund of a label that has travelled.
    #[error("Unable to request refund. The parcel has been shipped.")]
    Shipped,
}

impl Illegal {
    /// The machine-readable reason.
    pub const fn code(self) -> &'static str {
        match self {
            Self::PostageExists => "SHIPMENT.POSTAGE.EXISTS",
            Self::UnknownRate => "SHIPMENT.MISSING_RATE",
            Self::CustomsRequired => "SHIPMENT.CUSTOMS_INFO.REQUIRED",
            Self::NoPostage => "SHIPMENT.POSTAGE.REQUIRED",
            Self::RefundRequested | Self::Shipped => "SHIPMENT.REFUND.UNAVAILABLE",
        }
    }
}

impl From<Illegal> for Refusal {
    fn from(illegal: Illegal) -> Self {
        Self::unprocessable(illegal.code(), illegal.to_string())
    }
}

/// How a label is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A picture.
    Png,
    /// A label printer's language.
    Zpl,
}

impl Format {
    /// The ending of the label's file.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Zpl => "zpl",
        }
    }

    /// The label file's media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Zpl => "application/zpl",
        }
    }

    fn read(options: &Value) -> Result<Self, Refusal> {
        match options.get("label_format").map(Value::as_str) {
            None | Some(Some("PNG")) => Ok(Self::Png),
            Some(Some("ZPL")) => Ok(Self::Zpl),
            Some(_) => Err(Refusal::unprocessable("SHIPMENT.POSTAGE.INVALID_FORMAT", "The label format is invalid.")),
        }
    }
}

/// A parcel, as it was described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// `prcl_…`
    pub id: String,
    /// Ounces, as sent.
    pub weight: Number,
    /// Thousandths of an ounce.
    pub exact_weight: i64,
    /// Length, width and height in inches, as sent.
    pub sides: BTreeMap<&'static str, Number>,
}

/// One rate of one shipment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// `rate_…`
    pub id: String,
    /// The service and its price.
    pub quote: Quote,
}

/// A label that was bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// `pl_…`
    pub id: String,
    /// When it was bought.
    pub bought: Timestamp,
    /// The rate it was bought at.
    pub rate: Rate,
    /// The carrier's number for it.
    pub tracking_code: String,
    /// The tracker that follows it.
    pub tracker: String,
    /// Whether its money was asked back.
    pub refunded: bool,
}

/// A shipment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipment {
    /// `shp_…`
    pub id: String,
    /// When it was described.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// The caller's own name for it.
    pub reference: Option<String>,
    /// Sender.
    pub from: Address,
    /// Receiver.
    pub to: Address,
    /// What is shipped.
    pub parcel: Parcel,
    /// Customs papers, as sent.
    pub customs: Option<Value>,
    /// How the label is drawn.
    pub format: Format,
    /// What it may cost.
    pub rates: Vec<Rate>,
    /// The label.
    pub label: Option<Label>,
}

impl Shipment {
    /// Reads a new shipment, and rates it.
    pub fn read(sent: &Value, ids: &mut Ids, now: Timestamp) -> Result<Self, Refusal> {
        let to = Address::read("to_address", sent.get("to_address"), ids.mint("adr"))?;
        let from = Address::read("from_address", sent.get("from_address"), ids.mint("adr"))?;
        let parcel = Parcel::read(sent.get("parcel"), ids.mint("prcl"))?;
        let format = sent.get("options").map_or(Ok(Format::Png), Format::read)?;
        let quotes = quote(parcel.exact_weight);
        Ok(Self {
            id: ids.mint("shp"),
            created: now,
            updated: now,
            reference: sent.get("reference").and_then(Value::as_str).map(Into::into),
            customs: sent.get("customs_info").filter(|customs| customs.is_object()).cloned(),
            rates: quotes.into_iter().map(|quote| Rate { id: ids.mint("rate"), quote }).collect(),
            label: None,
            from,
            to,
            parcel,
            format,
        })
    }

    /// Buys the label at the rate of this id.
    pub fn buy(&mut self, rate: &str, ids: &mut Ids, now: Timestamp) -> Result<&Label, Illegal> {
        if self.label.is_some() {
            return Err(Illegal::PostageExists);
        }
        let rate = self.rates.iter().find(|own| own.id == rate).cloned().ok_or(Illegal::UnknownRate)?;
        if self.from.country() != self.to.country() && self.customs.is_none() {
            return Err(Illegal::CustomsRequired);
        }
        let tracking_code = tracking_code(rate.quote.service.carrier, ids);
        let (id, tracker) = (ids.mint("pl"), ids.mint("trk"));
        self.updated = now;
        Ok(self.label.insert(Label { id, bought: now, rate, tracking_code, tracker, refunded: false }))
    }

    /// Asks the label's money back; `travelled` is how far its parcel got.
    pub fn refund(&mut self, travelled: Status, now: Timestamp) -> Result<(), Illegal> {
        let label = self.label.as_mut().ok_or(Illegal::NoPostage)?;
        if label.refunded {
            return Err(Illegal::RefundRequested);
        }
        if travelled.was_scanned() {
            return Err(Illegal::Shipped);
        }
        label.refunded = true;
        self.updated = now;
        Ok(())
    }
}

impl Parcel {
    fn read(sent: Option<&Value>, id: String) -> Result<Self, Refusal> {
        let Some(Value::Object(sent)) = sent else {
            return Err(Refusal::invalid_shipment(vec![Flaw::missing("parcel")]));
        };
        let weight =
            sent.get("weight").ok_or_else(|| Refusal::invalid_shipment(vec![Flaw::missing("parcel.weight")]))?;
        let wrong = |field: &str| Refusal::invalid_shipment(vec![Flaw::invalid(format!("parcel.{field}"))]);
        let exact_weight = thousandths(weight).ok_or_else(|| wrong("weight"))?;
        let weight = number(weight).ok_or_else(|| wrong("weight"))?;
        let mut sides = BTreeMap::new();
        for side in ["length", "width", "height"] {
            let Some(length) = sent.get(side).filter(|length| !length.is_null()) else { continue };
            let positive = thousandths(length).and_then(|_| number(length));
            sides.insert(side, positive.ok_or_else(|| wrong(side))?);
        }
        Ok(Self { id, weight, exact_weight, sides })
    }
}

fn tracking_code(carrier: &'static str, ids: &mut Ids) -> String {
    let number = ids.next(carrier);
    match carrier {
        "UPS" => format!("1Z{number:016}"),
        _ => format!("94{number:020}"),
    }
}

#[cfg(test)]
mod tests;
