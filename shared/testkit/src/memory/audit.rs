//! Every order there is, a few a page.

use super::MemoryOrders;
use super::books::{Books, OrderKey};
use waybill_domain::order::{Corrupt, Order};
use waybill_domain::ports::{Audit, Scanned, StoreError};

/// Orders a page.
const PAGE: usize = 10;

/// The order its events tell. One that does not parse is no event of ours: there is a gap in its place.
fn replayed(books: &Books, (tenant, id): &OrderKey) -> Result<Order, Corrupt> {
    let bodies = books.events.get(&(tenant.clone(), id.clone())).into_iter().flat_map(|events| events.values());
    let mut history = Vec::new();
    for (body, expected) in bodies.zip(1..) {
        history.push(serde_json::from_str(body).map_err(|_| Corrupt::Gap { expected, found: 0 })?);
    }
    Order::replay(tenant.clone(), id.clone(), history)
}

fn cursor((tenant, id): &OrderKey) -> String {
    format!("{tenant}#{id}")
}

impl Audit for MemoryOrders {
    async fn scan(&self, after: Option<&str>) -> Result<Scanned, StoreError> {
        let work = || {
            let books = self.0.books();
            let left = books.events.keys().filter(|key| after.is_none_or(|after| cursor(key).as_str() > after));
            let mut keys: Vec<&OrderKey> = left.collect();
            keys.sort_by_key(|key| cursor(key));
            keys.truncate(PAGE);
            let next = keys.last().filter(|_| keys.len() == PAGE).map(|key| cursor(key));
            let orders = keys.into_iter().map(|key| (key.0.clone(), key.1.clone(), replayed(&books, key))).collect();
            Ok(Scanned { orders, next, half_units: 1 })
        };
        self.0.faults.store("audit.scan", work).await
    }
}
