//! Messages, rendered: the text from its template, the HTML from the text.

use crate::money;
use minijinja::{AutoEscape, Environment, Value, context};
use waybill_domain::catalog::Store;
use waybill_domain::money::MoneyError;
use waybill_domain::order::{CancelReason, Fulfillment, Order};
use waybill_domain::ports::Mail;
use waybill_domain::relay::Notice;

/// A template and the order do not fit together.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The template is wrong.
    #[error("a template does not render")]
    Template(#[from] minijinja::Error),
    /// The order has no such shipment.
    #[error("the order has no shipment {0}")]
    NoShipment(u16),
    /// The order has no such payment, or it waits for nothing.
    #[error("payment {0} of the order waits for nothing")]
    NoPayment(u16),
    /// The order has no such refund, or no such part of it.
    #[error("the order has no such part of refund {0}")]
    NoRefund(u16),
    /// An amount could not be computed.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// The message `notice` about `order`, in the name of its store.
///
/// # Errors
/// The order has no such shipment, or a template is wrong.
pub fn render(order: &Order, notice: Notice, store: Option<&Store>) -> Result<Mail, RenderError> {
    let placed = &order.placed;
    let reference = placed.reference.as_ref().map_or(order.id.as_str(), |reference| reference.as_str());
    let store = store.map_or(placed.store.as_str(), |store| store.name.as_str());
    let (template, subject) = heading(order, notice, reference);
    let facts = context! {
        id => order.id.as_str(), name => placed.customer.name.as_str(), reference, store, total => placed.total.to_string(),
        estimated_delivery => placed.promise.deliver_by.to_string(),
        lines => placed.lines.iter().map(|line| context! { title => line.title.as_str(), quantity => line.quantity }).collect::<Vec<_>>(),
        only_shipment => is_whole(order),
        reason => order.cancelled.as_ref().and_then(|ended| reason(ended.reason)),
    };
    let facts = context! { ..about(order, notice)?, ..facts };
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|name| if name == "html" { AutoEscape::Html } else { AutoEscape::None });
    environment.add_template("text", template)?;
    environment.add_template("html", include_str!("../templates/mail.html"))?;
    let text = environment.get_template("text")?.render(facts)?;
    let paragraphs = text.split("\n\n").map(|part| part.trim().to_owned()).filter(|part| !part.is_empty());
    let paragraphs: Vec<String> = paragraphs.collect();
    let html = environment.get_template("html")?.render(context! { subject => &subject, store, paragraphs })?;
    Ok(Mail { to: placed.customer.email.as_str().to_owned(), subject, text, html })
}

/// Template and subject line of a message.
fn heading(order: &Order, notice: Notice, reference: &str) -> (&'static str, String) {
    let of_parts = |end: &str| {
        if is_whole(order) {
            format!("Your order {reference} {end}")
        } else {
            format!("A part of your order {reference} {end}")
        }
    };
    match notice {
        Notice::OrderConfirmed => (include_str!("../templates/order_confirmed.txt"), format!("Your order {reference}")),
        Notice::Shipped { .. } => (include_str!("../templates/shipped.txt"), of_parts("is on its way")),
        Notice::Delivered { .. } => (include_str!("../templates/delivered.txt"), of_parts("was delivered")),
        Notice::Cancelled => {
            (include_str!("../templates/cancelled.txt"), format!("Your order {reference} was cancelled"))
        }
        Notice::PaymentFailed { retried: true, .. } => (
            include_str!("../templates/payment_retried.txt"),
            format!("The payment for your order {reference} did not go through yet"),
        ),
        Notice::PaymentFailed { retried: false, .. } => (
            include_str!("../templates/payment_failed.txt"),
            format!("Please give another means of payment for your order {reference}"),
        ),
        Notice::ActionRequired { .. } => (
            include_str!("../templates/action_required.txt"),
            format!("Please confirm the payment for your order {reference}"),
        ),
        Notice::Refunded { .. } => {
            (include_str!("../templates/refunded.txt"), format!("Your refund for order {reference}"))
        }
    }
}

/// Does all of it travel at once?
fn is_whole(order: &Order) -> bool {
    order.fulfillments.iter().filter(|part| !part.is_dropped()).count() == 1
}

/// What a message says beyond what every message may say.
fn about(order: &Order, notice: Notice) -> Result<Value, RenderError> {
    match notice {
        Notice::Shipped { fulfillment } | Notice::Delivered { fulfillment } => shipment(order, fulfillment),
        Notice::OrderConfirmed => Ok(context! {}),
        Notice::Cancelled => Ok(money::ended(order)?),
        Notice::PaymentFailed { tender, .. } | Notice::ActionRequired { tender, .. } => money::pending(order, tender),
        Notice::Refunded { refund, part } => money::refunded(order, refund, part),
    }
}

/// What a message says of its shipment.
fn shipment(order: &Order, number: u16) -> Result<Value, RenderError> {
    let part = order.fulfillment(number).ok_or(RenderError::NoShipment(number))?;
    let shipment = part.shipment.as_ref().ok_or(RenderError::NoShipment(number))?;
    let label = &shipment.label;
    Ok(context! { shipped => shipped(order, part), carrier => &label.carrier, tracking_code => &label.tracking_code })
}

fn shipped(order: &Order, part: &Fulfillment) -> Vec<Value> {
    let units = part.lines.iter().filter(|line| line.shipping() > 0);
    let named = units.filter_map(|line| Some((order.placed.line(line.line)?, line.shipping())));
    named.map(|(line, quantity)| context! { title => line.title.as_str(), quantity }).collect()
}

/// What the customer is told of the reason; what staff or screening found stays in the house.
fn reason(reason: CancelReason) -> Option<&'static str> {
    match reason {
        CancelReason::Customer => Some("as you asked"),
        CancelReason::PaymentDeclined => Some("the payment was declined"),
        CancelReason::OutOfStock => Some("an item turned out to be unavailable"),
        CancelReason::Merchant | CancelReason::Screening | CancelReason::Rejected | CancelReason::Failure => None,
    }
}
