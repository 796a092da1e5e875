//! Messages, rendered: the text from its template, the HTML from the text.

use minijinja::{AutoEscape, Environment, Value, context};
use waybill_domain::catalog::Store;
use waybill_domain::order::{CancelReason, Fulfillment, Order, Tender};
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
}

/// The message `notice` about `order`, in the name of its store.
///
/// # Errors
/// The order has no such shipment, or a template is wrong.
pub fn render(order: &Order, notice: Notice, store: Option<&Store>) -> Result<Mail, RenderError> {
    let placed = &order.placed;
    let reference = placed.reference.as_ref().map_or(order.id.as_str(), |reference| reference.as_str());
    let store = store.map_or(placed.store.as_str(), |store| store.name.as_str());
    let (template, subject) = match notice {
        Notice::OrderConfirmed => (include_str!("../templates/order_confirmed.txt"), format!("Your order {reference}")),
        Notice::Shipped { .. } => {
            (include_str!("../templates/shipped.txt"), format!("Your order {reference} is on its way"))
        }
        Notice::Delivered { .. } => {
            (include_str!("../templates/delivered.txt"), format!("Your order {reference} was delivered"))
        }
        Notice::Cancelled => {
            (include_str!("../templates/cancelled.txt"), format!("Your order {reference} was cancelled"))
        }
    };
    // A channel's money is not ours to speak for.
    let charged_by_us = matches!(placed.tender, Tender::Card { .. });
    let facts = context! {
        id => order.id.as_str(), name => placed.customer.name.as_str(), reference, total => placed.total.to_string(),
        estimated_delivery => placed.promise.deliver_by.to_string(),
        lines => placed.lines.iter().map(|line| context! { title => line.title.as_str(), quantity => line.quantity }).collect::<Vec<_>>(),
        only_shipment => order.fulfillments.iter().filter(|part| !part.is_dropped()).count() == 1,
        charged_by_us, held => charged_by_us && order.payment.authorization.as_ref().is_some_and(|held| !held.amount.is_zero()),
        reason => order.cancelled.as_ref().and_then(|ended| reason(ended.reason)),
    };
    let facts = context! { ..shipment(order, notice)?, ..facts };
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

/// What a message says of its shipment.
fn shipment(order: &Order, notice: Notice) -> Result<Value, RenderError> {
    let number = match notice {
        Notice::Shipped { fulfillment } | Notice::Delivered { fulfillment } => fulfillment,
        Notice::OrderConfirmed | Notice::Cancelled => return Ok(context! {}),
    };
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
