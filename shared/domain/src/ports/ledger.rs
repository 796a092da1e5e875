//! What the self-audit of stock reads and writes: movements by their cause, statements, drifts, every counter there is; and
//! the bus that stores and staff hear of stock by.

use super::{Page, StoreError};
use crate::id::{Sku, TenantId};
use crate::stock::Document;
use crate::stock::Movement;
use crate::stock::audit::{Cause, Counted, Crossing, Drift, Entry};
use jiff::Timestamp;
use serde::Serialize;
use std::future::Future;

/// What events and documents moved.
pub trait Movements: Sync {
    /// All that the cause moved, read consistently; `None`: there is no such event or document.
    fn moved_by(
        &self,
        tenant: &TenantId,
        cause: &Cause,
    ) -> impl Future<Output = Result<Option<Vec<Movement>>, StoreError>> + Send;
}

/// What became of writing a line of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    /// It is there; now, or from an earlier run.
    Kept,
    /// The cause has a line of another write of this place at that time: it moved it twice. Nothing was stored.
    Taken,
}

/// Statements of items, and what was found wrong.
pub trait Statements: Sync {
    /// Writes a line, once per write of the counters.
    fn enter(&self, tenant: &TenantId, entry: &Entry) -> impl Future<Output = Result<Entered, StoreError>> + Send;

    /// Is this line there?
    fn is_entered(&self, tenant: &TenantId, entry: &Entry) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// An item's lines, newest first, all places: those named before `after`, which is `next` of the page before.
    /// Whatever else `after` says, nothing but lines of this item is read.
    fn entries(
        &self,
        tenant: &TenantId,
        sku: &Sku,
        after: Option<&str>,
        limit: usize,
    ) -> impl Future<Output = Result<Page<Entry>, StoreError>> + Send;

    /// Opens a case for staff, once per place and time. `false`: it was opened before.
    fn open_drift(&self, drift: &Drift) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// What was found wrong, newest first; pages as those of [`Self::entries`].
    fn drifts(
        &self,
        tenant: &TenantId,
        after: Option<&str>,
        limit: usize,
    ) -> impl Future<Output = Result<Page<Drift>, StoreError>> + Send;
}

/// A part of the table of stock, and what reading it cost.
#[derive(Clone, Debug, Default)]
pub struct Surveyed {
    /// Items of counters.
    pub counters: Vec<Counted>,
    /// Stock documents, and whose they are.
    pub documents: Vec<(TenantId, Document)>,
    /// Keys of items that make no sense.
    pub unreadable: Vec<String>,
    /// Where the next part begins; `None` at the end.
    pub next: Option<String>,
    /// Half read units.
    pub half_units: u64,
}

/// Every counter and every document there is, for the nightly audit. Lags a little: what was moved just now is not to be
/// judged by it.
pub trait Survey: Sync {
    /// A part.
    fn survey(&self, after: Option<&str>) -> impl Future<Output = Result<Surveyed, StoreError>> + Send;
}

/// An event of the bus: `CloudEvents` 1.0, with what it is about as extension attributes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BusEvent {
    /// Always `1.0`.
    pub specversion: &'static str,
    /// The same whenever it is published again.
    pub id: String,
    /// Always `waybill/stock`.
    pub source: &'static str,
    /// What happened: `stock.low` or `stock.back`.
    #[serde(rename = "type")]
    pub kind: Crossing,
    /// When, UTC.
    pub time: Timestamp,
    /// Whose.
    pub tenant: TenantId,
    /// Of which item.
    pub sku: Sku,
    /// Units that may be promised since; less than nothing where more is promised than is here.
    pub available: i64,
    /// The item's threshold, in units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<u32>,
}

/// The event bus.
pub trait EventBus: Sync {
    /// Publishes. Who listens may hear it more than once, by the same id.
    fn publish(&self, event: &BusEvent) -> impl Future<Output = Result<(), StoreError>> + Send;
}
