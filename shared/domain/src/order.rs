//! One order: its events, the fold over them, and the commands that lead to the next event.

mod amounts;
mod authorize;
mod axes;
mod backorder;
mod bundle;
mod cancel;
mod capture;
mod cart;
mod complete;
mod dispute;
mod event;
mod exceptions;
mod fulfillment;
mod index;
mod payment;
mod payment_event;
mod payments;
mod placed;
mod price;
mod refund;
mod refund_quote;
mod reservation;
mod reserved;
mod review;
mod route;
mod state;
mod tax;
mod tender;
mod track;
mod wait;
mod warehouse;

pub use authorize::{NewHold, Unneeded, Wanted};
pub use axes::{Axes, FulfillmentAxis, OrderAxis, PaymentAxis};
pub use backorder::{Fill, LineUnits};
pub use bundle::{BundleError, unbundled};
pub use cancel::{CancelReason, Cancellation};
pub use cart::{Cart, CartError, CartLine, CartPayment, CartShipping, MAX_ITEMS, MAX_LINES, Seller};
pub use dispute::{Dispute, DisputeState};
pub use event::{Actor, Draft, Event, Recorded, RequestRecord};
pub use exceptions::{Case, CaseAction, OpenCase};
pub use fulfillment::{Fulfillment, FulfillmentLine, FulfillmentStatus, Label, Packing, Shipment, ShipmentStatus};
pub use index::Work;
pub use payment::{Authorization, Payment, Pending, TenderState};
pub use payment_event::PaymentEvent;
pub use payments::{gift_card_id, named_tender};
pub use placed::{BundleRef, Line, Placed, Shipping};
pub use refund::{PartStatus, Refund, RefundLine, RefundPart, RefundState, RefundWish};
pub use route::Planned;
pub use state::{Corrupt, Order, StockHold};
pub use tax::{CartTax, InvalidRate, MAX_TAXES, Rate, Tax};
pub use tender::{Account, AccountKind, Draw, MAX_TENDERS, Part, Tender};
pub use wait::{Answer, Wait};
pub use warehouse::PickedLine;

use crate::money::MoneyError;

/// Why a command led to no event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The order is cancelled: whatever was to happen next is refused.
    #[error("the order is cancelled")]
    Cancelled,
    /// The part named does not exist.
    #[error("the order has no {0}")]
    Unknown(&'static str),
    /// Not in this state.
    #[error("cannot {command}: {because}")]
    NotAllowed {
        /// What was asked.
        command: &'static str,
        /// What stands against it.
        because: String,
    },
    /// What was asked breaks a rule.
    #[error("{pointer} {rule}")]
    Invalid {
        /// JSON pointer (RFC 6901) into the command.
        pointer: String,
        /// The rule.
        rule: String,
    },
    /// An amount could not be computed.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// The next event; or `None`: it has happened already, which is what a retry sees.
pub type Decided = Result<Option<Draft>, Rejection>;
