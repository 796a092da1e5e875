//! What adapters keep. Contracts and failures are in the domain's words; a failure is sorted by what its caller can do.

mod ledger;
mod partners;
mod records;
mod stock;

pub use ledger::{BusEvent, Entered, EventBus, Movements, Statements, Survey, Surveyed};
pub use partners::{
    Authorized, DisputeStatus, Disputed, Held, Hold, Labels, Offer, Owner, Parcel, PaymentProcessor, Quoted, Return,
    ReturnStatus, Returned,
};
pub use records::{Accounts, Adjusted, Adjustment, Audit, Begun, Requests, Scanned};
pub use stock::{Announced, Filed, HotItem, HotItems, Levels, SiteStock, Stock, Waiting};

use crate::catalog::{Kind, Record};
use crate::id::{ChannelId, OrderId, SiteId, Sku, TenantId};
use crate::money::Money;
use crate::order::{Account, Axes, FulfillmentAxis, Order, OrderAxis, PaymentAxis, Recorded, Wait};
use crate::relay::{NoticeMessage, RefundMessage};
use jiff::Timestamp;
use std::future::Future;

/// What an adapter knew when it failed.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A store, a queue or the workflow service did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else was first: read again and decide again.
    #[error("somebody else was first")]
    Conflict,
    /// No answer, or not now: ask again later.
    #[error("not available now")]
    Unavailable(#[source] Cause),
    /// Asking again will not help: our request or the stored data is wrong.
    #[error("broken")]
    Broken(#[source] Cause),
}

/// A partner did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum PartnerError {
    /// No answer, or not now: the effect may or may not have happened; ask for the truth first.
    #[error("not available now")]
    Unavailable(#[source] Cause),
    /// The key's first answer was a failure, which the partner repeats for as long as it keeps the key: ask for the
    /// truth, then use another key.
    #[error("the key's first answer was a failure, and is repeated")]
    Spent(#[source] Cause),
    /// The partner understood and said no: nothing has happened.
    #[error("refused: {code}: {message}")]
    Refused {
        /// The partner's code.
        code: String,
        /// The partner's words.
        message: String,
    },
    /// Our request, our key or the answer is wrong.
    #[error("broken")]
    Broken(#[source] Cause),
}

/// One event to store, with the order before (none for the first) and after it.
#[derive(Clone, Copy, Debug)]
pub struct Commit<'a> {
    /// As it was read.
    pub before: Option<&'a Order>,
    /// As it will be.
    pub after: &'a Order,
    /// What leads from one to the other.
    pub recorded: &'a Recorded,
}

/// What became of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Committed {
    /// Stored: event, head, work items and counters, all in one.
    Stored,
    /// Only of a first event: the order exists; this is its first event. Nothing was stored.
    Exists(Box<Recorded>),
    /// These items have not enough units. Nothing was stored.
    Short(Vec<Sku>),
    /// An account has not enough available, or does not exist in this currency. Nothing was stored.
    Overdrawn(Account),
    /// The payment at the processor belongs to another order. Nothing was stored.
    Taken,
}

/// Who claimed an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// This call, now: go on.
    Ours,
    /// An earlier run, at that time: ask for the truth before anything is repeated.
    Earlier(Timestamp),
}

/// Orders, their claims and their task tokens.
pub trait Orders: Sync {
    /// The order, read consistently.
    fn load(&self, tenant: &TenantId, id: &OrderId) -> impl Future<Output = Result<Option<Order>, StoreError>> + Send;

    /// Stores an event, what follows from it, and the stock it moves, in one transaction.
    /// At most one event per version is ever stored; no counter ever falls below zero.
    ///
    /// # Errors
    /// `Conflict` when the order has changed since `before` was read.
    fn commit(&self, commit: Commit<'_>) -> impl Future<Output = Result<Committed, StoreError>> + Send;

    /// The order with the shipment of that tracking code.
    fn tracked(
        &self,
        tenant: &TenantId,
        tracking_code: &str,
    ) -> impl Future<Output = Result<Option<OrderId>, StoreError>> + Send;

    /// The order that is paid with the processor's payment of this id, by us or by a storefront.
    fn paid_with(
        &self,
        tenant: &TenantId,
        payment: &str,
    ) -> impl Future<Output = Result<Option<OrderId>, StoreError>> + Send;

    /// Claims `effect` of the order before a partner is called for it.
    fn claim(
        &self,
        tenant: &TenantId,
        id: &OrderId,
        effect: &str,
        at: Timestamp,
    ) -> impl Future<Output = Result<Claim, StoreError>> + Send;

    /// When `effect` was claimed, if it was.
    fn claimed(
        &self,
        tenant: &TenantId,
        id: &OrderId,
        effect: &str,
    ) -> impl Future<Output = Result<Option<Timestamp>, StoreError>> + Send;

    /// Takes a claim back whose effect is known not to have happened.
    fn unclaim(
        &self,
        tenant: &TenantId,
        id: &OrderId,
        effect: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Keeps a task token until the order has an answer for it.
    fn keep_token(
        &self,
        tenant: &TenantId,
        id: &OrderId,
        wait: Wait,
        token: &str,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The task tokens kept for the order.
    fn tokens(
        &self,
        tenant: &TenantId,
        id: &OrderId,
    ) -> impl Future<Output = Result<Vec<(Wait, String)>, StoreError>> + Send;
}

/// What a list shows of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Which order.
    pub id: OrderId,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// Its status axes.
    pub axes: Axes,
    /// How it came in.
    pub channel: ChannelId,
    /// The caller's own number of it.
    pub reference: Option<String>,
    /// What the customer pays.
    pub total: Money,
}

/// Which orders a list shows; all given criteria must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Order axis.
    pub order: Option<OrderAxis>,
    /// Payment axis.
    pub payment: Option<PaymentAxis>,
    /// Fulfillment axis.
    pub fulfillment: Option<FulfillmentAxis>,
    /// How they came in.
    pub channel: Option<ChannelId>,
    /// The customer's key (`Email::customer_key`).
    pub customer: Option<String>,
    /// The caller's own number.
    pub reference: Option<String>,
    /// Placed on this day (UTC) or later.
    pub from: jiff::civil::Date,
    /// Placed on this day (UTC) or earlier.
    pub to: jiff::civil::Date,
}

/// A page of a list, and where the next one begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Opaque; `None` on the last page.
    pub next: Option<String>,
}

/// Where people find their work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Queue {
    /// Fulfillment orders at a site: `pick`, `pack` or `hand_over`.
    Site(SiteId, String),
    /// Open exceptions.
    Exceptions,
}

/// Lists, read from indexes that lag a little: never to decide by.
pub trait Lists: Sync {
    /// Orders, newest first.
    fn orders(
        &self,
        tenant: &TenantId,
        filter: &Filter,
        after: Option<&str>,
        limit: usize,
    ) -> impl Future<Output = Result<Page<Summary>, StoreError>> + Send;

    /// Work of a queue, oldest first: order and number of the fulfillment order or exception.
    fn work(
        &self,
        tenant: &TenantId,
        queue: &Queue,
        after: Option<&str>,
        limit: usize,
    ) -> impl Future<Output = Result<Page<(OrderId, u16)>, StoreError>> + Send;
}

/// The sweeper's list of orders to look at again.
pub trait Watch: Sync {
    /// Orders that are to be looked at by `now`.
    fn due(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<(TenantId, OrderId)>, StoreError>> + Send;

    /// Look at the order again at `at`; `None`: never again.
    fn look_again(
        &self,
        tenant: &TenantId,
        id: &OrderId,
        at: Option<Timestamp>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Master data.
pub trait Catalog: Sync {
    /// The record, possibly a little old.
    fn find<R: Record>(
        &self,
        tenant: &TenantId,
        id: &str,
    ) -> impl Future<Output = Result<Option<R>, StoreError>> + Send;

    /// All records of a kind, possibly a little old.
    fn all<R: Record>(&self, tenant: &TenantId) -> impl Future<Output = Result<Vec<R>, StoreError>> + Send;

    /// Stores a checked record as it is.
    fn put(
        &self,
        tenant: &TenantId,
        kind: Kind,
        id: &str,
        record: &serde_json::Value,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The app client of that id.
    fn client(&self, id: &str) -> impl Future<Output = Result<Option<crate::catalog::Client>, StoreError>> + Send;
}

/// The workflow service.
pub trait Workflows: Sync {
    /// Starts the workflow of an order. Started before under the same attempt: done.
    fn start(
        &self,
        tenant: &TenantId,
        id: &OrderId,
        attempt: u32,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Lets a wait go on. A wait that is over: done.
    fn succeed(&self, token: &str) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Ends a wait with the error `Refused`. A wait that is over: done.
    fn refuse(&self, token: &str) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// The queues the relay feeds.
pub trait Queues: Sync {
    /// Queues a message to a customer.
    fn notice(&self, message: &NoticeMessage) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Queues the giving back of a refund.
    fn refund(&self, message: &RefundMessage) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// An e-mail, rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub to: String,
    /// Its subject line.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// Its HTML.
    pub html: String,
}

/// Outgoing mail.
pub trait Mailer: Sync {
    /// Sends.
    fn send(&self, mail: &Mail) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Files that operators leave and fetch.
pub trait Files: Sync {
    /// The bytes of a file.
    fn read(&self, name: &str) -> impl Future<Output = Result<Vec<u8>, StoreError>> + Send;

    /// Writes a JSON file, over an older one of that name.
    fn write_json(&self, name: &str, body: String) -> impl Future<Output = Result<(), StoreError>> + Send;
}
