//! One order, as the API shows it.

use crate::actions::actions;
use crate::payments::{DisputeView, PaymentView, views};
use serde::Serialize;
use utoipa::ToSchema;
use waybill_domain::money::Money;
use waybill_domain::order::{BundleRef, Fulfillment, OpenCase, Order, Tax};
use waybill_lambda::http::RefundView;

/// An order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderView {
    /// Its id.
    id: String,
    /// The number of its last event.
    version: u32,
    /// Order axis: `placed`, `cancelled`, `closed`.
    status: &'static str,
    /// Payment axis.
    payment_status: &'static str,
    /// Fulfillment axis.
    fulfillment_status: &'static str,
    /// How it came in.
    channel: String,
    /// The caller's own number.
    reference: Option<String>,
    /// RFC 3339 UTC.
    placed_at: String,
    /// Who bought.
    #[schema(value_type = Object)]
    customer: waybill_domain::address::Customer,
    /// Where it goes.
    #[schema(value_type = Object)]
    ship_to: waybill_domain::address::Address,
    /// What was ordered.
    lines: Vec<LineView>,
    /// What of it is not here yet, per item: promised out of what is announced. Absent: nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waits_for: Vec<WaitingView>,
    /// How it travels, and what that costs.
    shipping: ShippingView,
    /// Off the whole order, minor units.
    #[schema(value_type = Object)]
    discount: Money,
    /// What the customer pays, minor units.
    #[schema(value_type = Object)]
    total: Money,
    /// What the customer owes after short picks and cancellation, minor units.
    #[schema(value_type = Option<Object>)]
    owed: Option<Money>,
    /// Taken so far, minor units.
    #[schema(value_type = Object)]
    captured: Money,
    /// Given back so far, or on its way back, minor units.
    #[schema(value_type = Object)]
    refunded: Money,
    /// Withdrawn by disputes that are open or lost, minor units.
    #[schema(value_type = Object)]
    disputed: Money,
    /// Invoiced and not paid yet (net terms), minor units.
    #[schema(value_type = Object)]
    outstanding: Money,
    /// What it is paid with, in the order it is used up.
    payments: Vec<PaymentView>,
    /// What was given back, or is to be.
    refunds: Vec<RefundView>,
    /// What customers' banks have taken back.
    disputes: Vec<DisputeView>,
    /// Handed to the carrier by this day.
    ship_by: String,
    /// At the door by this day.
    estimated_delivery: String,
    /// Does a person have to approve it?
    needs_review: bool,
    /// Why it ended before its time.
    #[schema(value_type = Option<Object>)]
    cancelled: Option<waybill_domain::order::Cancellation>,
    /// Its invoice, once closed.
    invoice: Option<String>,
    /// Who ships what.
    fulfillments: Vec<FulfillmentView>,
    /// What needs a person.
    exceptions: Vec<ExceptionView>,
    /// What staff may do with the order now.
    supported_actions: Vec<&'static str>,
}

/// Units of an item that the order waits for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WaitingView {
    sku: String,
    units: i64,
}

/// A line.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LineView {
    line: u16,
    sku: String,
    title: String,
    quantity: u32,
    #[schema(value_type = Object)]
    unit_price: Money,
    #[schema(value_type = Object)]
    discount: Money,
    #[schema(value_type = Object)]
    tax: Money,
    /// Contained in the price, rather than on top of it.
    tax_included: bool,
    /// The taxes one by one, where we computed them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    taxes: Vec<Tax>,
    /// The bundle it is a part of, and the number of the line that bought it; absent: it was bought by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    part_of: Option<BundleRef>,
}

/// How an order travels, and what that costs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShippingView {
    service: String,
    #[schema(value_type = Object)]
    price: Money,
    #[schema(value_type = Object)]
    discount: Money,
    #[schema(value_type = Object)]
    tax: Money,
    /// Contained in the price, rather than on top of it.
    tax_included: bool,
    /// The taxes one by one, where we computed them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    taxes: Vec<Tax>,
}

/// What one site ships.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FulfillmentView {
    number: u16,
    site: String,
    /// `open`, `picked`, `packed`, `labeled`, `handed_over`, `short`, `cancelled`.
    status: &'static str,
    lines: Vec<FulfillmentLineView>,
    shipment: Option<ShipmentView>,
    manifest: Option<String>,
    /// What staff may do with it now: `pick`, `pack`, `hand_over`.
    supported_actions: &'static [&'static str],
}

/// Units of a line.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FulfillmentLineView {
    line: u16,
    sku: String,
    quantity: u32,
    /// Units found, once picked.
    picked: Option<u32>,
}

/// A shipment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShipmentView {
    carrier: String,
    service: String,
    tracking_code: String,
    label_url: String,
    /// The carrier's axis.
    status: &'static str,
    voided: bool,
}

/// An exception.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExceptionView {
    /// Within the order.
    pub number: u16,
    /// Where it arose.
    pub stage: String,
    /// Which fulfillment order.
    pub fulfillment: Option<u16>,
    /// What is wrong.
    pub reason: String,
    /// RFC 3339 UTC.
    pub opened_at: String,
    /// Has a person settled it?
    pub resolved: bool,
    /// What may safely be done: `retry`, `resolve`, `cancel`.
    #[schema(value_type = Vec<String>)]
    pub actions: Vec<waybill_domain::order::CaseAction>,
}

impl From<&OpenCase> for ExceptionView {
    fn from(open: &OpenCase) -> Self {
        Self {
            number: open.case.number,
            stage: open.case.stage.clone(),
            fulfillment: open.case.fulfillment,
            reason: open.case.reason.clone(),
            opened_at: open.opened_at.to_string(),
            resolved: open.resolved,
            actions: open.case.actions.clone(),
        }
    }
}

impl From<&Fulfillment> for FulfillmentView {
    fn from(part: &Fulfillment) -> Self {
        let line = |line: &waybill_domain::order::FulfillmentLine| FulfillmentLineView {
            line: line.line,
            sku: line.sku.to_string(),
            quantity: line.quantity,
            picked: line.picked,
        };
        let shipment = |shipment: &waybill_domain::order::Shipment| ShipmentView {
            carrier: shipment.label.carrier.clone(),
            service: shipment.label.service.clone(),
            tracking_code: shipment.label.tracking_code.clone(),
            label_url: shipment.label.label_url.clone(),
            status: shipment.status.name(),
            voided: shipment.voided,
        };
        Self {
            number: part.number,
            site: part.site.to_string(),
            status: part.status.name(),
            lines: part.lines.iter().map(line).collect(),
            shipment: part.shipment.as_ref().map(shipment),
            manifest: part.manifest.clone(),
            supported_actions: part.supported_actions(),
        }
    }
}

impl From<&waybill_domain::order::Line> for LineView {
    fn from(line: &waybill_domain::order::Line) -> Self {
        Self {
            line: line.number,
            sku: line.sku.to_string(),
            title: line.title.as_str().to_owned(),
            quantity: line.quantity,
            unit_price: line.unit_price,
            discount: line.discount,
            tax: line.tax,
            tax_included: line.tax_included,
            taxes: line.taxes.clone(),
            part_of: line.part_of.clone(),
        }
    }
}

impl From<&waybill_domain::order::Shipping> for ShippingView {
    fn from(shipping: &waybill_domain::order::Shipping) -> Self {
        Self {
            service: shipping.service.as_str().to_owned(),
            price: shipping.price,
            discount: shipping.discount,
            tax: shipping.tax,
            tax_included: shipping.tax_included,
            taxes: shipping.taxes.clone(),
        }
    }
}

fn waiting(order: &Order) -> Vec<WaitingView> {
    let waits = order.waits_for().into_iter();
    waits.map(|(sku, units)| WaitingView { sku: sku.to_string(), units }).collect()
}

impl OrderView {
    /// The order; with the processor's ids of payments for those who may see them.
    #[must_use]
    pub fn new(order: &Order, with_references: bool) -> Self {
        let (axes, placed, payment) = (order.axes(), &order.placed, &order.payment);
        let (payments, refunds, disputes) = views(payment, with_references);
        Self {
            id: order.id.to_string(),
            version: order.version,
            status: axes.order.name(),
            payment_status: axes.payment.name(),
            fulfillment_status: axes.fulfillment.name(),
            channel: placed.channel.to_string(),
            reference: placed.reference.clone().map(String::from),
            placed_at: order.placed_at.to_string(),
            customer: placed.customer.clone(),
            ship_to: placed.ship_to.clone(),
            lines: placed.lines.iter().map(LineView::from).collect(),
            waits_for: waiting(order),
            shipping: (&placed.shipping).into(),
            discount: placed.discount,
            total: placed.total,
            owed: order.owed().ok(),
            captured: payment.captured(),
            refunded: payment.refunded(),
            disputed: payment.disputed(),
            outstanding: payment.outstanding(),
            payments,
            refunds,
            disputes,
            ship_by: placed.promise.ship_by.to_string(),
            estimated_delivery: placed.promise.deliver_by.to_string(),
            needs_review: order.needs_review() && !order.is_cancelled(),
            cancelled: order.cancelled.clone(),
            invoice: order.invoice.clone(),
            fulfillments: order.fulfillments.iter().map(FulfillmentView::from).collect(),
            exceptions: order.cases.iter().map(ExceptionView::from).collect(),
            supported_actions: actions(order),
        }
    }
}
