//! What happened to an order's money, in words: never a payment method.

use waybill_domain::order::{Dispute, PaymentEvent, Refund, RefundPart, Tender};

/// The event in words; with the processor's ids for those who may see them.
pub(super) fn summary(event: &PaymentEvent, with_references: bool) -> String {
    // ` (pi_…)`, for those who may see it.
    let id = |reference: &str| {
        if with_references && !reference.is_empty() { format!(" ({reference})") } else { String::new() }
    };
    match event {
        PaymentEvent::Authorized { tender, amount, reference, elevated_risk, expires_at } => {
            let risk = if *elevated_risk { ", elevated risk" } else { "" };
            let until = expires_at.map(|at| format!(", until {at}")).unwrap_or_default();
            format!("payment {tender}: {amount} held{}{until}{risk}", id(reference))
        }
        PaymentEvent::ActionRequired { tender, reference, until, url: _, attempt: _ } => {
            format!("payment {tender}{}: the shopper has to confirm it by {until}", id(reference))
        }
        PaymentEvent::Declined { tender, code, retry_at, until, attempt: _ } => {
            let next = match (retry_at, until) {
                (Some(at), _) => format!("tried again at {at}"),
                (None, Some(until)) => format!("another payment method is needed by {until}"),
                (None, None) => "nothing is tried again".to_owned(),
            };
            format!("payment {tender} declined: {code}; {next}")
        }
        PaymentEvent::MethodNamed { tender, with } => format!("payment {tender}: {}", named(with)),
        PaymentEvent::RetryDue { tender } => format!("payment {tender} is tried again"),
        PaymentEvent::Captured { tender, fulfillment, amount, reference, last } => {
            let part = fulfillment.map(|n| format!(" for fulfillment order {n}")).unwrap_or_default();
            let rest = if *last { ", the rest let go" } else { "" };
            format!("payment {tender}: {amount} captured{part}{}{rest}", id(reference))
        }
        PaymentEvent::Voided { tender, amount, reference } => {
            format!("payment {tender}: {amount} let go{}", id(reference))
        }
        PaymentEvent::Lapsed { tender, amount, reference } => {
            format!("payment {tender}: the hold of {amount} lapsed{}", id(reference))
        }
        PaymentEvent::RefundRequested(refund) => requested(refund),
        PaymentEvent::Refunded { refund, part, reference } => {
            format!("{}{}", given_back(*refund, part, "given back"), id(reference))
        }
        PaymentEvent::RefundFailed { refund, part, reference, code } => {
            format!("{}{}: {code}", given_back(*refund, part, "not given back"), id(reference))
        }
        PaymentEvent::RefundRetried { refund, attempt } => format!("refund {refund} is tried again, attempt {attempt}"),
        PaymentEvent::DisputeOpened(Dispute { tender, amount, fee, reason, reference, .. }) => {
            format!("payment {tender}: {amount} withdrawn by the customer's bank{}: {reason}; fee {fee}", id(reference))
        }
        PaymentEvent::DisputeClosed { reference, won, amount } => {
            let end = if *won { "won: the money is back" } else { "lost" };
            format!("the dispute{} about {amount} was {end}", id(reference))
        }
        PaymentEvent::InvoicePaid { tender, amount, reference } => {
            format!("payment {tender}: {amount} of the invoice paid{}", id(reference))
        }
    }
}

fn named(tender: &Tender) -> &'static str {
    match tender {
        Tender::Card { .. } => "another card was named",
        Tender::Confirmed { .. } => "a payment confirmed by the storefront was named",
        Tender::Channel { .. } | Tender::Account(_) => "another means of payment was named",
    }
}

fn requested(refund: &Refund) -> String {
    let part = |part: &RefundPart| format!("{} to payment {}", part.amount, part.tender);
    let parts: Vec<String> = refund.parts.iter().map(part).collect();
    format!("refund {}: {} ({}): {}", refund.number, refund.total, parts.join(", "), refund.reason.as_str())
}

fn given_back(refund: Option<u16>, part: &RefundPart, what: &str) -> String {
    let which = refund.map_or_else(|| "outside of Waybill".to_owned(), |number| format!("refund {number}"));
    format!("{which}: {} {what} to payment {}", part.amount, part.tender)
}
