//! Statements, drifts, and what the self-audit of stock reads.

use super::Memory;
use super::books::broken;
use crate::faults::locked;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use waybill_domain::id::{DocumentId, Sku, TenantId};
use waybill_domain::order::Recorded;
use waybill_domain::ports::{BusEvent, Entered, EventBus, Movements, Page, Statements, StoreError, Survey, Surveyed};
use waybill_domain::stock::audit::{Cause, Counted, Counters, Drift, Entry};
use waybill_domain::stock::{Counter, Document, Movement, Shelf};

/// Places and documents a page.
const PAGE: usize = 10;

/// Whose, and the line's key: item, time, cause and place.
type LineKey = (TenantId, Sku, String);

#[derive(Debug, Default)]
struct Kept {
    lines: BTreeMap<LineKey, Entry>,
    drifts: BTreeMap<(TenantId, String), Drift>,
}

/// The statements of a [`Memory`]. Clones are the same ones.
#[derive(Clone, Debug)]
pub struct MemoryStatements {
    memory: Memory,
    kept: Arc<Mutex<Kept>>,
}

/// What was published, in its order. Clones are the same bus.
#[derive(Clone, Debug, Default)]
pub struct MemoryBus {
    published: Arc<Mutex<Vec<BusEvent>>>,
    faults: crate::faults::Faults,
}

fn line_key(tenant: &TenantId, entry: &Entry) -> LineKey {
    (tenant.clone(), entry.shelf.sku.clone(), entry.name())
}

/// The newest of what comes before `after`, and where the next page begins.
fn newest<T: Clone>(rows: impl DoubleEndedIterator<Item = (String, T)>, after: Option<&str>, limit: usize) -> Page<T> {
    let mut rows = rows.rev().filter(|(key, _)| after.is_none_or(|after| key.as_str() < after)).peekable();
    let mut page = Page { rows: Vec::new(), next: None };
    while let Some((key, row)) = rows.next() {
        page.rows.push(row);
        if page.rows.len() == limit {
            page.next = rows.peek().map(|_| key);
            break;
        }
    }
    page
}

impl Memory {
    /// Its statements: `Statements`, `Movements` and `Survey`.
    #[must_use]
    pub fn statements(&self) -> MemoryStatements {
        MemoryStatements { memory: self.clone(), kept: Arc::default() }
    }

    /// Changes a counter by nothing that anybody recorded, as a mistake or a hand would.
    pub fn tamper(&self, tenant: &TenantId, place: &Shelf, counter: Counter, by: i64) {
        let mut books = self.books();
        *books.counters.entry((tenant.clone(), place.clone())).or_default().entry(counter).or_default() += by;
    }
}

impl MemoryStatements {
    /// Every line there is.
    #[must_use]
    pub fn lines(&self) -> Vec<Entry> {
        locked(&self.kept).lines.values().cloned().collect()
    }

    /// Every drift there is.
    #[must_use]
    pub fn all_drifts(&self) -> Vec<Drift> {
        locked(&self.kept).drifts.values().cloned().collect()
    }
}

impl Movements for MemoryStatements {
    async fn moved_by(&self, tenant: &TenantId, cause: &Cause) -> Result<Option<Vec<Movement>>, StoreError> {
        let work = || {
            let books = self.memory.books();
            let odd = |error: serde_json::Error| broken(error.to_string());
            match cause {
                Cause::Event { order, version } => {
                    let events = books.events.get(&(tenant.clone(), order.clone()));
                    let Some(body) = events.and_then(|events| events.get(version)) else { return Ok(None) };
                    serde_json::from_str(body).map(|event: Recorded| Some(event.movements)).map_err(odd)
                }
                Cause::Document(document) => {
                    let body = books.documents.get(&(tenant.clone(), document.clone()));
                    let Some(body) = body else { return Ok(None) };
                    serde_json::from_str(body).map(|document: Document| Some(document.movements)).map_err(odd)
                }
                Cause::Heat(_) => Ok(None),
            }
        };
        self.memory.faults().store("statements.moved_by", work).await
    }
}

impl Statements for MemoryStatements {
    async fn enter(&self, tenant: &TenantId, entry: &Entry) -> Result<Entered, StoreError> {
        let work = || {
            let mut kept = locked(&self.kept);
            let kept = kept.lines.entry(line_key(tenant, entry)).or_insert_with(|| entry.clone());
            Ok(if kept.sequence == entry.sequence { Entered::Kept } else { Entered::Taken })
        };
        self.memory.faults().store("statements.enter", work).await
    }

    async fn is_entered(&self, tenant: &TenantId, entry: &Entry) -> Result<bool, StoreError> {
        let work = || {
            let kept = locked(&self.kept);
            Ok(kept.lines.get(&line_key(tenant, entry)).is_some_and(|kept| kept.sequence == entry.sequence))
        };
        self.memory.faults().store("statements.is_entered", work).await
    }

    async fn entries(
        &self,
        tenant: &TenantId,
        sku: &Sku,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Entry>, StoreError> {
        let work = || {
            let kept = locked(&self.kept);
            let own = kept.lines.iter().filter(|((whose, which, _), _)| (whose, which) == (tenant, sku));
            Ok(newest(own.map(|((.., key), entry)| (key.clone(), entry.clone())), after, limit))
        };
        self.memory.faults().store("statements.entries", work).await
    }

    async fn open_drift(&self, drift: &Drift) -> Result<bool, StoreError> {
        let work = || {
            let key = (drift.tenant.clone(), drift.name());
            let mut kept = locked(&self.kept);
            let is_new = !kept.drifts.contains_key(&key);
            kept.drifts.entry(key).or_insert_with(|| drift.clone());
            Ok(is_new)
        };
        self.memory.faults().store("statements.open_drift", work).await
    }

    async fn drifts(&self, tenant: &TenantId, after: Option<&str>, limit: usize) -> Result<Page<Drift>, StoreError> {
        let work = || {
            let kept = locked(&self.kept);
            let own = kept.drifts.iter().filter(|((whose, _), _)| whose == tenant);
            Ok(newest(own.map(|((_, key), drift)| (key.clone(), drift.clone())), after, limit))
        };
        self.memory.faults().store("statements.drifts", work).await
    }
}

/// Counters and documents, one after the other; a place in that order is a number.
impl Survey for MemoryStatements {
    async fn survey(&self, after: Option<&str>) -> Result<Surveyed, StoreError> {
        let work = || {
            let books = self.memory.books();
            let from: usize = after.map_or(Ok(0), str::parse).map_err(|_| broken("no page of ours ended there"))?;
            let mut surveyed = Surveyed { half_units: 1, ..Surveyed::default() };
            let counters = books.counters.iter().map(Item::Counters);
            let all = counters.chain(books.documents.iter().map(Item::Document));
            for item in all.skip(from).take(PAGE) {
                match item {
                    Item::Counters(((tenant, place), counters)) => surveyed.counters.push(Counted {
                        tenant: tenant.clone(),
                        shelf: place.clone(),
                        counters: counters.clone(),
                        moved_at: None,
                    }),
                    Item::Document(((tenant, id), body)) => match serde_json::from_str(body) {
                        Ok(document) => surveyed.documents.push((tenant.clone(), document)),
                        Err(_) => surveyed.unreadable.push(format!("{tenant} {id}")),
                    },
                }
            }
            let end = from + PAGE;
            surveyed.next = (end < books.counters.len() + books.documents.len()).then(|| end.to_string());
            Ok(surveyed)
        };
        self.memory.faults().store("statements.survey", work).await
    }
}

/// A row of one of the two maps.
enum Item<'a> {
    Counters((&'a (TenantId, Shelf), &'a Counters)),
    Document((&'a (TenantId, DocumentId), &'a String)),
}

impl MemoryBus {
    /// A bus that fails when `faults` say so.
    #[must_use]
    pub fn failing(faults: crate::faults::Faults) -> Self {
        Self { published: Arc::default(), faults }
    }

    /// What was published.
    #[must_use]
    pub fn published(&self) -> Vec<BusEvent> {
        locked(&self.published).clone()
    }
}

impl EventBus for MemoryBus {
    async fn publish(&self, event: &BusEvent) -> Result<(), StoreError> {
        let work = || {
            locked(&self.published).push(event.clone());
            Ok(())
        };
        self.faults.store("bus.publish", work).await
    }
}
