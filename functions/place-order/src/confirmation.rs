//! What the store is told.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;
use waybill_domain::id::OrderId;
use waybill_domain::money::Money;
use waybill_domain::order::{BundleRef, Placed};

/// A placed order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Confirmation {
    /// The order's id.
    #[schema(value_type = String)]
    id: OrderId,
    /// Always `placed`: later news is at `GET /orders/{id}`.
    status: &'static str,
    /// The store's own number of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// When, RFC 3339 UTC.
    #[schema(value_type = String)]
    placed_at: Timestamp,
    /// What the customer pays, in minor units.
    #[schema(value_type = Object)]
    total: Money,
    /// Handed to the carrier by this day.
    #[schema(value_type = String)]
    ship_by: Date,
    /// At the door by this day.
    #[schema(value_type = String)]
    estimated_delivery: Date,
    /// The tax on the shipping, in minor units; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    shipping_tax: Option<Money>,
    /// The lines as priced.
    lines: Vec<ConfirmedLine>,
}

/// A line as priced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConfirmedLine {
    /// 1, 2, 3, ...
    line: u16,
    /// What.
    sku: String,
    /// How many units.
    quantity: u32,
    /// Of these, units that are not here and are promised out of what is announced; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    backordered: Option<u32>,
    /// Each, in minor units.
    #[schema(value_type = Object)]
    unit_price: Money,
    /// The taxes on the whole line together, in minor units; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    tax: Option<Money>,
    /// The tax is contained in the price, rather than on top of it; absent: no.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(default = false)]
    tax_included: bool,
    /// The bundle it is a part of; absent: it was bought by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    part_of: Option<ConfirmedBundle>,
}

/// The bundle that a line is a part of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConfirmedBundle {
    /// The number of the line that bought it, in the order as it was sent: 1, 2, 3, ...
    line: u16,
    /// The bundle.
    sku: String,
}

impl From<&BundleRef> for ConfirmedBundle {
    fn from(bundle: &BundleRef) -> Self {
        Self { line: bundle.line, sku: bundle.sku.to_string() }
    }
}

impl Confirmation {
    /// The confirmation of an order placed `at`.
    #[must_use]
    pub fn new(id: &OrderId, placed: &Placed, at: Timestamp) -> Self {
        let some = |tax: Money| Some(tax).filter(|tax| !tax.is_zero());
        let line = |line: &waybill_domain::order::Line| ConfirmedLine {
            line: line.number,
            sku: line.sku.to_string(),
            quantity: line.quantity,
            backordered: Some(line.backordered).filter(|units| *units > 0),
            unit_price: line.unit_price,
            tax: some(line.tax),
            tax_included: line.tax_included,
            part_of: line.part_of.as_ref().map(ConfirmedBundle::from),
        };
        Self {
            id: id.clone(),
            status: "placed",
            reference: placed.reference.clone().map(String::from),
            placed_at: at,
            total: placed.total,
            ship_by: placed.promise.ship_by,
            estimated_delivery: placed.promise.deliver_by,
            shipping_tax: some(placed.shipping.tax),
            lines: placed.lines.iter().map(line).collect(),
        }
    }

    /// The bytes that every repetition of the call gets.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
