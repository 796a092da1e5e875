//! The status axes, derived by one pure function and stored so that lists can filter on them.

use super::fulfillment::Fulfillment;
use super::state::Order;
use serde::{Deserialize, Serialize};

/// Is the order on its way?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderAxis {
    /// On its way.
    Placed,
    /// Ended before its time.
    Cancelled,
    /// Done.
    Closed,
}

/// Where is the money?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentAxis {
    /// Nothing yet.
    None,
    /// Held.
    Authorized,
    /// Less captured than is owed.
    PartiallyPaid,
    /// All that is owed.
    Paid,
    /// Some of it given back.
    PartiallyRefunded,
    /// All of it given back.
    Refunded,
    /// More kept than is owed.
    Overcharged,
    /// Let go.
    Voided,
    /// Declined.
    Failed,
}

/// Where are the goods, all fulfillment orders together?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FulfillmentAxis {
    /// No site works on it.
    Unfulfilled,
    /// A site does.
    InProgress,
    /// Some of it left.
    PartiallyShipped,
    /// All of it left.
    Shipped,
    /// Some of it is at the door.
    PartiallyDelivered,
    /// All of it is.
    Delivered,
}

/// The axes of one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Axes {
    /// Is it on its way?
    pub order: OrderAxis,
    /// Where is the money?
    pub payment: PaymentAxis,
    /// Where are the goods?
    pub fulfillment: FulfillmentAxis,
}

/// Gives each status its name on the wire and finds it by that name.
macro_rules! wire_names {
    ($($axis:ident { $($variant:ident => $name:literal),+ $(,)? })+) => {
        $(impl $axis {
            /// The name on the wire.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The status of that name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                [$(Self::$variant),+].into_iter().find(|status| status.name() == name)
            }
        })+
    };
}

wire_names! {
    OrderAxis { Placed => "placed", Cancelled => "cancelled", Closed => "closed" }
    PaymentAxis {
        None => "none", Authorized => "authorized", PartiallyPaid => "partially_paid", Paid => "paid",
        PartiallyRefunded => "partially_refunded", Refunded => "refunded", Overcharged => "overcharged",
        Voided => "voided", Failed => "failed",
    }
    FulfillmentAxis {
        Unfulfilled => "unfulfilled", InProgress => "in_progress", PartiallyShipped => "partially_shipped",
        Shipped => "shipped", PartiallyDelivered => "partially_delivered", Delivered => "delivered",
    }
}

impl Order {
    /// The status axes.
    #[must_use]
    pub fn axes(&self) -> Axes {
        Axes { order: self.order_axis(), payment: self.payment_axis(), fulfillment: self.fulfillment_axis() }
    }

    fn order_axis(&self) -> OrderAxis {
        match (&self.cancelled, &self.invoice) {
            (Some(_), _) => OrderAxis::Cancelled,
            (None, Some(_)) => OrderAxis::Closed,
            (None, None) => OrderAxis::Placed,
        }
    }

    fn payment_axis(&self) -> PaymentAxis {
        let (captured, refunded) = (self.payment.captured().minor(), self.payment.refunded().minor());
        let (kept, unpaid) = (captured - refunded, self.payment.outstanding().minor());
        let were_held = self.payment.tenders.iter().all(|tender| !tender.holds.is_empty());
        let declined = self.payment.tenders.iter().any(|tender| tender.declined.is_some());
        // An amount that cannot be computed is never called settled.
        let owed = self.owed().map_or(i64::MAX, crate::money::Money::minor);
        match () {
            () if captured > 0 && kept <= 0 => PaymentAxis::Refunded,
            () if captured > 0 && kept > owed => PaymentAxis::Overcharged,
            // Invoiced on net terms: owed, and not paid yet.
            () if unpaid > 0 && unpaid == kept => PaymentAxis::Authorized,
            () if unpaid > 0 => PaymentAxis::PartiallyPaid,
            () if captured > 0 && refunded > 0 => PaymentAxis::PartiallyRefunded,
            () if captured > 0 && kept < owed => PaymentAxis::PartiallyPaid,
            () if captured > 0 => PaymentAxis::Paid,
            // Nothing to pay, or nothing left to pay: there will be no capture to wait for.
            () if owed <= 0 && kept == owed && self.invoice.is_some() => PaymentAxis::Paid,
            () if declined => PaymentAxis::Failed,
            () if self.payment.voided && !self.payment.holds_money() => PaymentAxis::Voided,
            () if self.payment.holds_money() && were_held => PaymentAxis::Authorized,
            () => PaymentAxis::None,
        }
    }

    fn fulfillment_axis(&self) -> FulfillmentAxis {
        let live: Vec<&Fulfillment> = self.fulfillments.iter().filter(|part| !part.is_dropped()).collect();
        let shipped = live.iter().filter(|part| part.has_left()).count();
        let delivered = live.iter().filter(|part| part.is_delivered()).count();
        // What is to be routed yet is neither shipped nor delivered.
        let to_come = usize::from(!live.is_empty() && self.has_unrouted() && !self.is_cancelled());
        match live.len() + to_come {
            0 => FulfillmentAxis::Unfulfilled,
            all if delivered == all => FulfillmentAxis::Delivered,
            _ if delivered > 0 => FulfillmentAxis::PartiallyDelivered,
            all if shipped == all => FulfillmentAxis::Shipped,
            _ if shipped > 0 => FulfillmentAxis::PartiallyShipped,
            _ => FulfillmentAxis::InProgress,
        }
    }
}
