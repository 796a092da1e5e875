//! What happened to an order's money.

use super::dispute::Dispute;
use super::refund::{Refund, RefundPart};
use super::tender::Tender;
use crate::money::Money;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Something that happened to the money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum PaymentEvent {
    /// Money is held.
    #[serde(rename = "payment_authorized")]
    Authorized {
        /// On which tender.
        tender: u16,
        /// How much.
        amount: Money,
        /// The holder's id of it.
        reference: String,
        /// The processor thinks a person should look.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        elevated_risk: bool,
        /// When it lapses, UTC, if it does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp>,
    },
    /// The shopper must act at the processor (3-D Secure).
    #[serde(rename = "payment_action_required")]
    ActionRequired {
        /// For which tender.
        tender: u16,
        /// The processor's id of the payment.
        reference: String,
        /// Where the shopper acts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
        /// When the order ends otherwise, UTC.
        until: Timestamp,
        /// The try that asked for it: tells one message to the shopper from the next.
        #[serde(default)]
        attempt: u32,
    },
    /// No money is held. With neither `retry_at` nor `until` the order ends, unless a part of it has left.
    #[serde(rename = "payment_declined")]
    Declined {
        /// On which tender.
        tender: u16,
        /// The processor's code.
        code: String,
        /// When the same is tried again, UTC.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_at: Option<Timestamp>,
        /// Until when the customer may name another payment method, UTC.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
        /// The try it is the answer to: tells one message to the customer from the next.
        #[serde(default)]
        attempt: u32,
    },
    /// The customer named another payment method.
    #[serde(rename = "payment_method_named")]
    MethodNamed {
        /// For which tender.
        tender: u16,
        /// With what it is paid from now on.
        with: Tender,
    },
    /// The next time on the schedule of retries has come.
    #[serde(rename = "payment_retry_due")]
    RetryDue {
        /// For which tender.
        tender: u16,
    },
    /// Money was taken.
    #[serde(rename = "payment_captured")]
    Captured {
        /// On which tender.
        tender: u16,
        /// For which fulfillment order; `None`: ahead of all, or by somebody else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fulfillment: Option<u16>,
        /// How much.
        amount: Money,
        /// The holder's id of the hold it was taken of.
        reference: String,
        /// Was the rest of the hold let go with it?
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        last: bool,
    },
    /// Held money was let go.
    #[serde(rename = "payment_voided")]
    Voided {
        /// On which tender.
        tender: u16,
        /// The holder's id of the hold.
        reference: String,
        /// How much of it was still held.
        amount: Money,
    },
    /// A hold lapsed, or somebody else let it go.
    #[serde(rename = "authorization_lapsed")]
    Lapsed {
        /// On which tender.
        tender: u16,
        /// The holder's id of the hold.
        reference: String,
        /// How much of it was still held.
        amount: Money,
    },
    /// Money is to be given back.
    #[serde(rename = "refund_requested")]
    RefundRequested(Refund),
    /// Money was given back.
    #[serde(rename = "refunded")]
    Refunded {
        /// For which refund; `None`: by somebody else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refund: Option<u16>,
        /// Which part of it.
        part: RefundPart,
        /// The holder's id of it.
        reference: String,
    },
    /// Giving back failed: the money is with the merchant, and still owed.
    #[serde(rename = "refund_failed")]
    RefundFailed {
        /// Which refund; `None`: somebody else's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refund: Option<u16>,
        /// Which part of it.
        part: RefundPart,
        /// The holder's id of it; empty where it was refused at once.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reference: String,
        /// The processor's code.
        code: String,
    },
    /// A refund that failed is tried again.
    #[serde(rename = "refund_retried")]
    RefundRetried {
        /// Which refund.
        refund: u16,
        /// The number of the new attempt; the first is 0.
        attempt: u16,
    },
    /// A customer's bank took money back.
    #[serde(rename = "dispute_opened")]
    DisputeOpened(Dispute),
    /// The bank has decided.
    #[serde(rename = "dispute_closed")]
    DisputeClosed {
        /// The processor's id of the dispute.
        reference: String,
        /// Is the money back?
        won: bool,
        /// How much it was about.
        amount: Money,
    },
    /// An invoice was paid, or a part of it (net terms).
    #[serde(rename = "invoice_paid")]
    InvoicePaid {
        /// On which tender.
        tender: u16,
        /// How much.
        amount: Money,
        /// The payer's or the bank's reference.
        reference: String,
    },
}

impl PaymentEvent {
    /// The name on timelines and in the tables.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Authorized { .. } => "payment_authorized",
            Self::ActionRequired { .. } => "payment_action_required",
            Self::Declined { .. } => "payment_declined",
            Self::MethodNamed { .. } => "payment_method_named",
            Self::RetryDue { .. } => "payment_retry_due",
            Self::Captured { .. } => "payment_captured",
            Self::Voided { .. } => "payment_voided",
            Self::Lapsed { .. } => "authorization_lapsed",
            Self::RefundRequested(_) => "refund_requested",
            Self::Refunded { .. } => "refunded",
            Self::RefundFailed { .. } => "refund_failed",
            Self::RefundRetried { .. } => "refund_retried",
            Self::DisputeOpened(_) => "dispute_opened",
            Self::DisputeClosed { .. } => "dispute_closed",
            Self::InvoicePaid { .. } => "invoice_paid",
        }
    }

    /// Does it end the order? A decline after which nothing is tried again.
    #[must_use]
    pub fn is_final_decline(&self) -> bool {
        matches!(self, Self::Declined { retry_at: None, until: None, .. })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Event;
    use super::*;
    use crate::money::Currency;

    #[test]
    fn an_event_about_money_is_written_and_read_by_its_own_name() {
        let amount = Money::new(500, Currency::try_from("USD".to_owned()).unwrap());
        let part = RefundPart { number: 1, tender: 1, payment: "pi_1".to_owned(), amount };
        let event = Event::Payment(PaymentEvent::Refunded { refund: Some(1), part, reference: "re_1".to_owned() });
        let written = serde_json::to_value(&event).unwrap();
        assert_eq!(written["type"], event.name());
        assert_eq!(serde_json::from_value::<Event>(written).unwrap(), event);
        assert!(serde_json::from_str::<Event>(r#"{"type":"refunded_twice"}"#).is_err());
        let released = serde_json::to_string(&Event::StockReleased).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&released).unwrap(), Event::StockReleased);
    }
}
