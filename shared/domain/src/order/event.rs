//! What happened to an order. One event is one item; it carries its postings and its stock movements.

use super::backorder::LineUnits;
use super::cancel::Cancellation;
use super::exceptions::Case;
use super::fulfillment::{Label, Packing, ShipmentStatus};
use super::payment_event::PaymentEvent;
use super::placed::Placed;
use super::route::Planned;
use super::tender::Draw;
use super::warehouse::PickedLine;
use crate::ledger::Posting;
use crate::money::Money;
use crate::screening::Verdict;
use crate::stock::Movement;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The order was accepted; its stock is reserved.
    Placed(Box<Placed>),
    /// The merchant's policy was applied.
    Screened {
        /// What it says.
        verdict: Verdict,
        /// The rules that led to it.
        reasons: Vec<String>,
    },
    /// A person looked.
    Reviewed {
        /// Goes on, or ends here.
        approved: bool,
        /// What they wrote.
        note: String,
    },
    /// Sites were chosen; reservations became allocations. Large orders, and those that wait for units, take several.
    Routed {
        /// New fulfillment orders, and more lines of those that the same run has begun.
        fulfillments: Vec<Planned>,
    },
    /// Units that lines waited for came and were given to them.
    BackorderFilled {
        /// Which lines, and how many units.
        lines: Vec<LineUnits>,
        /// The workflow is to be started once more, as this attempt; absent: it has not chosen sites yet.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attempt: Option<u32>,
    },
    /// Units that were promised are at no site: their lines wait for others.
    UnitsLost {
        /// Which lines, and how many units.
        lines: Vec<LineUnits>,
        /// What staff must look at.
        case: Case,
    },
    /// Its time was over and it was not paid: the units went back to the others.
    ReservationLapsed,
    /// A reservation that had lapsed was made again.
    Reconfirmed {
        /// The units of it that are promised out of what is expected.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        backordered: Vec<LineUnits>,
    },
    /// Taken from the shelves.
    Picked {
        /// Which fulfillment order.
        fulfillment: u16,
        /// What was found, per line.
        lines: Vec<PickedLine>,
    },
    /// In a carton and weighed.
    Packed {
        /// Which fulfillment order.
        fulfillment: u16,
        /// The parcel.
        packing: Packing,
    },
    /// A label was bought.
    Labeled {
        /// Which fulfillment order.
        fulfillment: u16,
        /// The label.
        label: Label,
    },
    /// The label was given back.
    LabelVoided {
        /// Which fulfillment order.
        fulfillment: u16,
    },
    /// The carrier has it.
    HandedOver {
        /// Which fulfillment order.
        fulfillment: u16,
        /// The manifest it is on.
        manifest: String,
    },
    /// It left the stock; revenue is recognized.
    Dispatched {
        /// Which fulfillment order.
        fulfillment: u16,
        /// What of the total this shipment earns.
        due: Money,
    },
    /// Reservation or allocations were given back.
    StockReleased,
    /// The carrier says where the parcel is.
    Tracked {
        /// Which fulfillment order.
        fulfillment: u16,
        /// Where it is.
        status: ShipmentStatus,
        /// When the carrier saw it, UTC.
        seen_at: Timestamp,
    },
    /// The order ends; what was held is given back by the workflow.
    Cancelled(Cancellation),
    /// A partner said no to a call of ours.
    PartnerRefused {
        /// Who: `payment` or `carrier`.
        partner: String,
        /// What we asked for.
        effect: String,
        /// Their code.
        code: String,
        /// Their words; never personal data.
        message: String,
    },
    /// A person must look.
    ExceptionOpened(Case),
    /// A person has looked.
    ExceptionResolved {
        /// Which.
        number: u16,
        /// What they wrote.
        note: String,
    },
    /// The workflow is to be started once more.
    Redriven {
        /// The number of the new attempt; the first is 0.
        attempt: u32,
        /// The exception this settles.
        exception: u16,
    },
    /// Delivered, invoiced, done.
    Closed {
        /// The invoice's number.
        invoice: String,
    },
    /// Something about its money.
    #[serde(untagged)]
    Payment(PaymentEvent),
}

/// Who caused an event: `client:<id>`, `stage:<name>`, `carrier`, `channel:<id>`, `sweep`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Actor(pub String);

/// The call that caused an event, kept so that its repetition gets the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// Digest of tenant, route and Idempotency-Key.
    pub key: String,
    /// Digest of the body.
    pub body: String,
    /// The HTTP status answered.
    pub status: u16,
    /// The body answered, byte for byte.
    pub answer: String,
}

/// An event decided and not yet recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What happens.
    pub event: Event,
    /// The money it moves; balanced.
    pub postings: Vec<Posting>,
    /// The stock it moves.
    pub movements: Vec<Movement>,
    /// What it draws on customers' accounts.
    pub draws: Vec<Draw>,
}

impl Draft {
    /// An event that moves neither money nor stock.
    #[must_use]
    pub fn of(event: Event) -> Self {
        Self { event, postings: Vec::new(), movements: Vec::new(), draws: Vec::new() }
    }

    /// With this money.
    #[must_use]
    pub fn moving_money(mut self, postings: Vec<Posting>) -> Self {
        self.postings.extend(postings);
        self
    }

    /// An event about money.
    #[must_use]
    pub fn of_payment(event: PaymentEvent, postings: Vec<Posting>) -> Self {
        Self::of(Event::Payment(event)).moving_money(postings)
    }

    /// With these draws on accounts.
    #[must_use]
    pub fn drawing(mut self, draws: impl IntoIterator<Item = Draw>) -> Self {
        self.draws.extend(draws);
        self
    }

    /// With this stock.
    #[must_use]
    pub fn moving_stock(mut self, movements: Vec<Movement>) -> Self {
        self.movements.extend(movements);
        self
    }
}

/// An event as recorded: numbered, dated, signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// 1, 2, 3, ...: one event per version.
    pub version: u32,
    /// When, UTC.
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// What.
    pub event: Event,
    /// The money it moved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub postings: Vec<Posting>,
    /// The stock it moved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub movements: Vec<Movement>,
    /// What it drew on customers' accounts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub draws: Vec<Draw>,
    /// The entry's digest over the one before it and itself (see `proof`).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub chain: String,
    /// The call that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestRecord>,
}

impl Event {
    /// Does it tell of the processor's refund of that id?
    pub(super) fn is_refund_of(&self, refund: &str) -> bool {
        let Self::Payment(PaymentEvent::Refunded { reference, .. } | PaymentEvent::RefundFailed { reference, .. }) =
            self
        else {
            return false;
        };
        reference == refund
    }

    /// The name on timelines and in the tables.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Placed(_) => "placed",
            Self::Screened { .. } => "screened",
            Self::Reviewed { .. } => "reviewed",
            Self::Routed { .. } => "routed",
            Self::BackorderFilled { .. } => "backorder_filled",
            Self::UnitsLost { .. } => "units_lost",
            Self::ReservationLapsed => "reservation_lapsed",
            Self::Reconfirmed { .. } => "reconfirmed",
            Self::Picked { .. } => "picked",
            Self::Packed { .. } => "packed",
            Self::Labeled { .. } => "labeled",
            Self::LabelVoided { .. } => "label_voided",
            Self::HandedOver { .. } => "handed_over",
            Self::Dispatched { .. } => "dispatched",
            Self::StockReleased => "stock_released",
            Self::Tracked { .. } => "tracked",
            Self::Cancelled(_) => "cancelled",
            Self::PartnerRefused { .. } => "partner_refused",
            Self::ExceptionOpened(_) => "exception_opened",
            Self::ExceptionResolved { .. } => "exception_resolved",
            Self::Redriven { .. } => "redriven",
            Self::Closed { .. } => "closed",
            Self::Payment(event) => event.name(),
        }
    }
}
