//! Stock levels and the documents that move them; what orders move, they move in their own transactions.

use super::{Page, StoreError};
use crate::id::{DocumentId, OrderId, SiteId, Sku, TenantId};
use crate::stock::hot::Shard;
use crate::stock::{Document, Level, Network, Seen, Shelf, Stow};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

/// What is known of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// Network-wide, with the shards of a hot item added up.
    pub network: Network,
    /// Per site, in the order of their ids.
    pub sites: Vec<SiteStock>,
}

/// What a site has of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteStock {
    /// Which site.
    pub site: SiteId,
    /// Its counters.
    pub level: Level,
    /// When it was last counted there, UTC.
    pub counted_at: Option<Timestamp>,
    /// Per stow, where the item is kept by stow; what expires first comes first, what does not expire last.
    pub stows: Vec<(Stow, Level)>,
}

/// What became of filing a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filed {
    /// Stored: the document, its counters and its case, all in one.
    Stored,
    /// A document of this id was stored before: it. Nothing was stored.
    Exists(Box<Document>),
    /// These have not the units it takes, or have a serial number already. Nothing was stored.
    Short(Vec<Shelf>),
    /// The case it closes was closed by somebody else. Nothing was stored.
    Closed,
}

/// Units of an item that an order waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Which order.
    pub order: OrderId,
    /// How many units.
    pub units: i64,
    /// Since when, UTC.
    pub since: Timestamp,
}

/// Units of an item that an announcement or a transfer still has to bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announced {
    /// The document that announced them.
    pub document: DocumentId,
    /// Where they come in.
    pub site: SiteId,
    /// On which day.
    pub due: Date,
    /// How many have not come in.
    pub remaining: i64,
}

/// Stock levels, and the documents that move them.
pub trait Stock: Sync {
    /// What is known of an item, read consistently.
    fn levels(&self, tenant: &TenantId, sku: &Sku) -> impl Future<Output = Result<Levels, StoreError>> + Send;

    /// Network-wide counters of each of `skus`, shards added up; absent where nothing was ever known of it. Not consistent.
    fn networks(
        &self,
        tenant: &TenantId,
        skus: &BTreeSet<Sku>,
    ) -> impl Future<Output = Result<BTreeMap<Sku, Network>, StoreError>> + Send;

    /// What is free of each of `skus` at each of `sites`; absent where there is none.
    fn free(
        &self,
        tenant: &TenantId,
        skus: &BTreeSet<Sku>,
        sites: &[SiteId],
    ) -> impl Future<Output = Result<BTreeMap<(SiteId, Sku), i64>, StoreError>> + Send;

    /// Stores a document with what it moves, once per id; on the condition that each of `seen` still says so.
    ///
    /// # Errors
    /// `Conflict` when one of `seen` has changed: read again and decide again.
    fn file(
        &self,
        tenant: &TenantId,
        document: &Document,
        seen: &[Seen],
    ) -> impl Future<Output = Result<Filed, StoreError>> + Send;

    /// The document of that id.
    fn document(
        &self,
        tenant: &TenantId,
        id: &DocumentId,
    ) -> impl Future<Output = Result<Option<Document>, StoreError>> + Send;

    /// What is still to come in of an item, what is due first first; without announcements that are complete.
    fn announced(
        &self,
        tenant: &TenantId,
        sku: &Sku,
    ) -> impl Future<Output = Result<Vec<Announced>, StoreError>> + Send;

    /// Orders that wait for units of an item, the one that waits longest first; at most `limit`.
    fn waiting(
        &self,
        tenant: &TenantId,
        sku: &Sku,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Waiting>, StoreError>> + Send;

    /// Counts that wait for a decision, oldest first.
    fn cases(
        &self,
        tenant: &TenantId,
        after: Option<&str>,
        limit: usize,
    ) -> impl Future<Output = Result<Page<DocumentId>, StoreError>> + Send;
}

/// A hot item, as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HotItem {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub sku: Sku,
    /// How many shards it has.
    pub shards: u16,
    /// Units ever taken from its shards, when that was last measured.
    pub taken: i64,
    /// When, UTC; absent: never.
    pub read_at: Option<Timestamp>,
}

/// Items that run hot, and their shards (see `stock::hot`). Orders hold units on shards by themselves when they are stored.
pub trait HotItems: Sync {
    /// Spreads an item's units over so many shards. `false`: it is hot already, or nothing is known of it.
    ///
    /// # Errors
    /// `Conflict` when its counter never stood still.
    fn spread(
        &self,
        tenant: &TenantId,
        sku: &Sku,
        shards: u16,
        at: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Brings the units of the shards back to the one counter, shard by shard: a run that ends between is gone on with by
    /// the next. `true`: nothing is left on the shards, and the item is no longer listed.
    fn gather(
        &self,
        tenant: &TenantId,
        sku: &Sku,
        at: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// All items that are hot, of all tenants.
    fn hot(&self) -> impl Future<Output = Result<Vec<HotItem>, StoreError>> + Send;

    /// The shards of an item. Not consistent.
    fn shards(
        &self,
        tenant: &TenantId,
        sku: &Sku,
        shards: u16,
    ) -> impl Future<Output = Result<BTreeMap<u16, Shard>, StoreError>> + Send;

    /// Keeps what was measured of an item's heat.
    fn measured(
        &self,
        item: &HotItem,
        taken: i64,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Gives back units that an order held on a shard and did not take with it; one that is gone: done.
    fn give_back(
        &self,
        item: &HotItem,
        order: &OrderId,
        held: (u16, i64),
        at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
