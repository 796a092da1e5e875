//! Orders and stock in memory, with the conditions and limits of the DynamoDB adapter.

mod accounts;
mod audit;
mod balance;
mod books;
mod commit;
mod documents;
mod lists;
mod money;
mod orders;
mod requests;
mod statement;
mod stock;

pub use books::Written;
pub use statement::{MemoryBus, MemoryStatements};

use crate::faults::{Faults, copied, locked};
use books::Books;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use waybill_domain::id::{DocumentId, OrderId, SiteId, Sku, TenantId};
use waybill_domain::money::Money;
use waybill_domain::order::{Account, Actor, Order, Wait};
use waybill_domain::stock::{Body, Counter, Document, Kind, Level, Movement, Shelf, changes};

/// One world of orders and stock. Clones are the same world.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    books: Arc<Mutex<Books>>,
    faults: Faults,
}

/// The orders of a [`Memory`].
#[derive(Clone, Debug)]
pub struct MemoryOrders(Memory);

/// The stock of a [`Memory`].
#[derive(Clone, Debug)]
pub struct MemoryStock(Memory);

impl Memory {
    /// An empty world.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty world that fails when `faults` say so.
    #[must_use]
    pub fn failing(faults: Faults) -> Self {
        Self { books: Arc::default(), faults }
    }

    pub(crate) fn copy(&self, faults: &Faults) -> Self {
        Self { books: copied(&self.books), faults: faults.clone() }
    }

    /// The failures to come.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Its orders: `Orders`, `Lists` and `Watch`; and `Accounts`, `Requests` and `Audit`.
    #[must_use]
    pub fn orders(&self) -> MemoryOrders {
        MemoryOrders(self.clone())
    }

    /// Its stock.
    #[must_use]
    pub fn stock(&self) -> MemoryStock {
        MemoryStock(self.clone())
    }

    /// `units` more of an item arrive at a site, at the tests' epoch, by a receipt.
    pub fn receive(&self, tenant: &TenantId, sku: &Sku, site: &SiteId, units: i64) {
        let mut books = self.books();
        let receipt = Document {
            id: DocumentId::derive(tenant, "received", &books.documents.len().to_string()),
            at: crate::at(0),
            actor: Actor("test".to_owned()),
            body: Body::Receipt { site: site.clone(), announcement: None, reference: None },
            movements: vec![Movement::at(Kind::Received, sku.clone(), site.clone(), units)],
            request: None,
        };
        for change in changes(&receipt.movements) {
            books.add(tenant, &change, receipt.id.as_str());
        }
        let body = serde_json::json!(receipt).to_string();
        books.documents.insert((tenant.clone(), receipt.id), body);
    }

    /// `amount` more is available on an account, which exists from then on.
    pub fn credit(&self, tenant: &TenantId, account: &Account, amount: Money) {
        self.books().credit((tenant.clone(), account.clone()), amount.currency(), amount.minor());
    }

    /// What is available on an account, per currency.
    #[must_use]
    pub fn balance(&self, tenant: &TenantId, account: &Account) -> Vec<Money> {
        self.books().balances(&(tenant.clone(), account.clone()))
    }

    /// Every order there is, as stored.
    #[must_use]
    pub fn all_orders(&self) -> Vec<Order> {
        let books = self.books();
        books.events.keys().filter_map(|(tenant, id)| books.order(tenant, id).ok().flatten()).collect()
    }

    /// An order as stored, if it is there and whole.
    #[must_use]
    pub fn order(&self, tenant: &TenantId, id: &OrderId) -> Option<Order> {
        self.books().order(tenant, id).ok().flatten()
    }

    /// What may still be promised of an item, network-wide.
    #[must_use]
    pub fn available(&self, tenant: &TenantId, sku: &Sku) -> i64 {
        self.books().network(tenant, sku).available
    }

    /// What a site holds of an item.
    #[must_use]
    pub fn level(&self, tenant: &TenantId, sku: &Sku, site: &SiteId) -> Level {
        self.books().level(tenant, &Shelf::site(sku.clone(), site.clone()))
    }

    /// Every counter there is.
    #[must_use]
    pub fn counters(&self) -> BTreeMap<(TenantId, Shelf, Counter), i64> {
        let books = self.books();
        let all = books.counters.iter().flat_map(|((tenant, shelf), counters)| {
            counters.iter().map(|(counter, units)| ((tenant.clone(), shelf.clone(), *counter), *units))
        });
        all.collect()
    }

    /// Every change of counters by an event or a document, first to last.
    #[must_use]
    pub fn writes(&self) -> Vec<Written> {
        self.books().writes.clone()
    }

    /// The live reservations: units per item of each order that still holds one.
    #[must_use]
    pub fn reservations(&self) -> BTreeMap<(TenantId, OrderId), BTreeMap<Sku, i64>> {
        let books = self.books();
        books.holds.clone()
    }

    /// The task tokens kept for an order.
    #[must_use]
    pub fn tokens(&self, tenant: &TenantId, id: &OrderId) -> Vec<(Wait, String)> {
        self.books().tokens_of(tenant, id)
    }

    /// The effects claimed for an order.
    #[must_use]
    pub fn claims(&self, tenant: &TenantId, id: &OrderId) -> Vec<String> {
        let books = self.books();
        let of_order = books.claims.keys().filter(|(whose, which, _)| (whose, which) == (tenant, id));
        of_order.map(|(_, _, effect)| effect.clone()).collect()
    }

    /// The SKUs whose counters do not add up: the equations of `stock`, and what they say of promises: `fillable` =
    /// `available` + what orders wait for, `promisable` = `available` + what is announced.
    #[must_use]
    pub fn unbalanced(&self) -> Vec<(TenantId, Sku)> {
        self.books().unbalanced()
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        locked(&self.books)
    }
}
