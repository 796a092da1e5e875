//! Stock levels, and the documents that move them.

use super::books::Books;
use super::{MemoryStock, documents};
use crate::faults::Sabotage;
use std::collections::{BTreeMap, BTreeSet};
use waybill_domain::id::{DocumentId, SiteId, Sku, TenantId};
use waybill_domain::ports::{Announced, Filed, Levels, Page, SiteStock, Stock, StoreError, Waiting};
use waybill_domain::stock::{Counter, Document, Network, Place, Seen, Shelf};

fn levels(books: &Books, tenant: &TenantId, sku: &Sku) -> Levels {
    let mut levels = Levels { network: books.network(tenant, sku), sites: Vec::new() };
    let shelves = books.counters.keys().filter(|(whose, shelf)| whose == tenant && shelf.sku == *sku);
    let mut stows: BTreeMap<&SiteId, Vec<_>> = BTreeMap::new();
    for (_, shelf) in shelves {
        let level = books.level(tenant, shelf);
        match &shelf.place {
            Place::Site(site) => {
                let counted_at = books.counted.get(&(tenant.clone(), shelf.clone())).copied();
                levels.sites.push(SiteStock { site: site.clone(), level, counted_at, stows: Vec::new() });
            }
            Place::Stow(site, stow) => stows.entry(site).or_default().push((stow.clone(), level)),
            Place::Network | Place::Announced(_) => {}
        }
    }
    for site in &mut levels.sites {
        site.stows = stows.remove(&site.site).unwrap_or_default();
        site.stows.sort_by_key(|(stow, _)| (stow.expires.is_none(), stow.clone()));
    }
    levels
}

fn announced(books: &Books, tenant: &TenantId, sku: &Sku) -> Vec<Announced> {
    let ours = books.announced.iter().filter(|((whose, shelf), _)| whose == tenant && shelf.sku == *sku);
    let one = |((_, shelf), (site, due)): (&(TenantId, Shelf), &(SiteId, jiff::civil::Date))| {
        let Place::Announced(document) = &shelf.place else { return None };
        let remaining = books.counter(tenant, shelf, Counter::Remaining).filter(|units| *units > 0)?;
        Some(Announced { document: document.clone(), site: site.clone(), due: *due, remaining })
    };
    let mut found: Vec<Announced> = ours.filter_map(one).collect();
    found.sort_by(|a, b| (a.due, &a.document).cmp(&(b.due, &b.document)));
    found
}

impl Stock for MemoryStock {
    async fn levels(&self, tenant: &TenantId, sku: &Sku) -> Result<Levels, StoreError> {
        self.0.faults.store("stock.levels", || Ok(levels(&self.0.books(), tenant, sku))).await
    }

    async fn networks(&self, tenant: &TenantId, skus: &BTreeSet<Sku>) -> Result<BTreeMap<Sku, Network>, StoreError> {
        let work = || {
            let books = self.0.books();
            let known = |sku: &&Sku| books.counters.contains_key(&(tenant.clone(), Shelf::network((*sku).clone())));
            Ok(skus.iter().filter(known).map(|sku| (sku.clone(), books.network(tenant, sku))).collect())
        };
        self.0.faults.store("stock.networks", work).await
    }

    async fn free(
        &self,
        tenant: &TenantId,
        skus: &BTreeSet<Sku>,
        sites: &[SiteId],
    ) -> Result<BTreeMap<(SiteId, Sku), i64>, StoreError> {
        let work = || {
            let books = self.0.books();
            let places = skus.iter().flat_map(|sku| sites.iter().map(move |site| (sku, site)));
            let known = places.filter_map(|(sku, site)| {
                let counters = books.counters.get(&(tenant.clone(), Shelf::site(sku.clone(), site.clone())))?;
                Some(((site.clone(), sku.clone()), counters.get(&Counter::Free).copied().unwrap_or(0)))
            });
            Ok(known.collect())
        };
        self.0.faults.store("stock.free", work).await
    }

    async fn file(&self, tenant: &TenantId, document: &Document, seen: &[Seen]) -> Result<Filed, StoreError> {
        let seen = if self.0.faults.spares(Sabotage::Seen) { &[] } else { seen };
        let work = || documents::file(&mut self.0.books(), tenant, document, seen);
        self.0.faults.store("stock.file", work).await
    }

    async fn document(&self, tenant: &TenantId, id: &DocumentId) -> Result<Option<Document>, StoreError> {
        self.0.faults.store("stock.document", || documents::find(&self.0.books(), tenant, id)).await
    }

    async fn announced(&self, tenant: &TenantId, sku: &Sku) -> Result<Vec<Announced>, StoreError> {
        self.0.faults.store("stock.announced", || Ok(announced(&self.0.books(), tenant, sku))).await
    }

    async fn waiting(&self, tenant: &TenantId, sku: &Sku, limit: usize) -> Result<Vec<Waiting>, StoreError> {
        let work = || {
            let books = self.0.books();
            let queue = books.waiting.iter().filter(|((whose, item, ..), _)| (whose, item) == (tenant, sku));
            let one = |((_, _, since, order), units): (&(_, _, _, _), &i64)| Waiting {
                order: Clone::clone(order),
                units: *units,
                since: *since,
            };
            Ok(queue.take(limit).map(one).collect())
        };
        self.0.faults.store("stock.waiting", work).await
    }

    async fn cases(
        &self,
        tenant: &TenantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<DocumentId>, StoreError> {
        let work = || {
            let books = self.0.books();
            let key = |at: &jiff::Timestamp, id: &DocumentId| format!("{at:.9}#{id}");
            let ours = books.cases.iter().filter(|(whose, ..)| whose == tenant);
            let left = ours.filter(|(_, at, id)| after.is_none_or(|after| key(at, id).as_str() > after));
            let rows: Vec<_> = left.take(limit).collect();
            let next = rows.last().filter(|_| rows.len() == limit).map(|(_, at, id)| key(at, id));
            Ok(Page { rows: rows.into_iter().map(|(_, _, id)| id.clone()).collect(), next })
        };
        self.0.faults.store("stock.cases", work).await
    }
}
