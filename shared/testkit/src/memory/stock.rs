//! Stock levels and their adjustment.

use super::MemoryStock;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use waybill_domain::id::{SiteId, Sku, TenantId};
use waybill_domain::ports::{Stock, StoreError};
use waybill_domain::stock::{Counter, Kind, Level, Movement, Shelf, changes};

impl Stock for MemoryStock {
    async fn levels(&self, tenant: &TenantId, sku: &Sku) -> Result<(i64, Vec<(SiteId, Level)>), StoreError> {
        let work = || {
            let books = self.0.books();
            let network = Shelf { sku: sku.clone(), site: None };
            let available = books.counter(tenant, &network, Counter::Available).unwrap_or(0);
            let shelves = books.counters.keys().filter(|(whose, shelf)| whose == tenant && shelf.sku == *sku);
            let sites = shelves.filter_map(|(_, shelf)| Some((shelf.site.clone()?, books.level(tenant, shelf))));
            Ok((available, sites.collect()))
        };
        self.0.faults.store("stock.levels", work).await
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
                let place = Shelf { sku: sku.clone(), site: Some(site.clone()) };
                let counters = books.counters.get(&(tenant.clone(), place))?;
                Some(((site.clone(), sku.clone()), counters.get(&Counter::Free).copied().unwrap_or(0)))
            });
            Ok(known.collect())
        };
        self.0.faults.store("stock.free", work).await
    }

    async fn set_on_hand(
        &self,
        tenant: &TenantId,
        sku: &Sku,
        site: &SiteId,
        on_hand: i64,
        id: &str,
        _at: Timestamp,
    ) -> Result<Option<Level>, StoreError> {
        let work = || {
            let mut books = self.0.books();
            let place = Shelf { sku: sku.clone(), site: Some(site.clone()) };
            let was = books.level(tenant, &place);
            let quantity = on_hand - was.on_hand;
            let movement = (tenant.clone(), sku.clone(), id.to_owned());
            if quantity == 0 || books.movements.contains(&movement) {
                return Ok(Some(was));
            }
            let adjusted = Movement { kind: Kind::Adjusted, sku: sku.clone(), site: Some(site.clone()), quantity };
            let changes = changes(&[adjusted]);
            if !changes.iter().all(|change| books.has(tenant, change)) {
                return Ok(None);
            }
            for change in &changes {
                books.add(tenant, change);
            }
            books.movements.insert(movement);
            Ok(Some(books.level(tenant, &place)))
        };
        self.0.faults.store("stock.set_on_hand", work).await
    }
}
