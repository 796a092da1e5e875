//! A document, what it moves and the case it opens or closes, as the DynamoDB adapter writes them: the same conditions in
//! the same order, the same limits.

use super::books::{Books, broken};
use super::commit::{MOST_BYTES, MOST_ITEMS};
use jiff::Timestamp;
use std::collections::BTreeSet;
use waybill_domain::id::{DocumentId, SiteId, TenantId};
use waybill_domain::ports::{Filed, StoreError};
use waybill_domain::stock::{Body, Counter, Document, Kind, Place, Seen, Shelf, changes};

pub(super) fn find(books: &Books, tenant: &TenantId, id: &DocumentId) -> Result<Option<Document>, StoreError> {
    let Some(body) = books.documents.get(&(tenant.clone(), id.clone())) else { return Ok(None) };
    serde_json::from_str(body).map(Some).map_err(|error| broken(format!("a document does not parse: {error}")))
}

pub(super) fn file(
    books: &mut Books,
    tenant: &TenantId,
    document: &Document,
    seen: &[Seen],
) -> Result<Filed, StoreError> {
    let changes = changes(&document.movements);
    let counted = counted(document);
    let case = match document.closes_case() {
        None => None,
        Some(count) => match find(books, tenant, count)? {
            None => return Ok(Filed::Closed),
            Some(count) => Some((tenant.clone(), count.at, count.id)),
        },
    };
    let body =
        check_limits(document, seen, changes.iter().map(|change| &change.shelf).chain(&counted), case.is_some())?;
    if let Some(first) = find(books, tenant, &document.id)? {
        return Ok(Filed::Exists(Box::new(first)));
    }
    if seen.iter().any(|seen| units(books, tenant, &seen.shelf) != seen.units) {
        return Err(StoreError::Conflict);
    }
    if case.as_ref().is_some_and(|case| !books.cases.contains(case)) {
        return Ok(Filed::Closed);
    }
    let short: Vec<Shelf> =
        changes.iter().filter(|change| !books.has(tenant, change)).map(|change| change.shelf.clone()).collect();
    if !short.is_empty() {
        return Ok(Filed::Short(short));
    }
    for change in &changes {
        books.add(tenant, change, document.id.as_str());
        if let (true, Some(says)) = (is_own(document, &change.shelf), announces(&document.body)) {
            books.announced.insert((tenant.clone(), change.shelf.clone()), says);
        }
    }
    count(books, tenant, counted, document);
    if document.opens_case() {
        books.cases.insert((tenant.clone(), document.at, document.id.clone()));
    }
    if let Some(case) = case {
        books.cases.remove(&case);
    }
    books.documents.insert((tenant.clone(), document.id.clone()), body);
    Ok(Filed::Stored)
}

/// Items of one transaction, and bytes of the document: the others are small.
fn check_limits<'a>(
    document: &Document,
    seen: &'a [Seen],
    touched: impl Iterator<Item = &'a Shelf>,
    closes: bool,
) -> Result<String, StoreError> {
    let shelves: BTreeSet<&Shelf> = touched.chain(seen.iter().map(|seen| &seen.shelf)).collect();
    let items = 1 + shelves.len() + usize::from(document.opens_case()) + usize::from(closes);
    if items > MOST_ITEMS {
        return Err(broken(format!("{items} items in a transaction, {MOST_ITEMS} at most")));
    }
    let body = serde_json::to_string(document).map_err(|error| broken(error.to_string()))?;
    if body.len() > MOST_BYTES {
        return Err(broken(format!("a document of {} bytes, {MOST_BYTES} at most", body.len())));
    }
    Ok(body)
}

/// What a document says it has seen of an item of counters.
fn units(books: &Books, tenant: &TenantId, shelf: &Shelf) -> i64 {
    let counter = match &shelf.place {
        Place::Announced(_) => Counter::Remaining,
        Place::Network | Place::Site(_) | Place::Stow(..) => Counter::OnHand,
    };
    books.counter(tenant, shelf, counter).unwrap_or(0)
}

fn is_own(document: &Document, shelf: &Shelf) -> bool {
    shelf.place == Place::Announced(document.id.clone())
}

/// The items that were counted, at their sites.
fn counted(document: &Document) -> Vec<Shelf> {
    let counts = document.movements.iter().filter(|movement| movement.kind == Kind::Counted);
    counts.filter_map(|movement| Some(Shelf::site(movement.sku.clone(), movement.site.clone()?))).collect()
}

/// Dates the items; one that nobody knew is known from then on, without units.
fn count(books: &mut Books, tenant: &TenantId, counted: Vec<Shelf>, document: &Document) {
    let at: Timestamp = document.at;
    for shelf in counted {
        let key = (tenant.clone(), shelf);
        books.counters.entry(key.clone()).or_default();
        books.causes.insert(key.clone(), document.id.to_string());
        books.counted.insert(key, at);
    }
}

/// Where and when the units come in that the document announces.
fn announces(body: &Body) -> Option<(SiteId, jiff::civil::Date)> {
    match body {
        Body::Announcement { site, due, .. } => Some((site.clone(), *due)),
        Body::Transfer { to, due, .. } => Some((to.clone(), *due)),
        Body::Withdrawal { .. }
        | Body::Receipt { .. }
        | Body::Adjustment { .. }
        | Body::Count { .. }
        | Body::Decision { .. } => None,
    }
}
