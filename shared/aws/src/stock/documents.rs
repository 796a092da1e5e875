//! A document, what it moves and the case it opens or closes, in one transaction.

use super::DynamoStock;
use crate::classify::{broken, classify};
use crate::counters::{Ledger, Touch};
use crate::hot::shards_told;
use crate::keys::{self, Item, count, key, need, text};
use crate::orders::ours;
use crate::transaction::{Sent, missed, transact};
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use std::collections::BTreeMap;
use waybill_domain::id::{DocumentId, SiteId, Sku, TenantId};
use waybill_domain::ports::{Filed, HotItems, StoreError};
use waybill_domain::stock::{Body, Counter, Document, Kind, Place, Seen, Shelf, changes};

/// Items that a transaction may write.
const MOST: usize = 100;

/// How often hot items are gathered for a document.
const GATHERINGS: u32 = 5;

/// What a failed condition means.
enum Guard {
    /// A document of this id is there.
    Document,
    /// The case is closed.
    Case,
    /// Not as it was seen, or not enough, or there already.
    Units(Box<Touch>),
    /// It has no condition.
    None,
}

type Write = (TransactWriteItem, Guard);

pub(super) async fn file(
    store: &DynamoStock,
    tenant: &TenantId,
    document: &Document,
    seen: &[Seen],
) -> Result<Filed, StoreError> {
    let mut writes = vec![put_document(store, tenant, document)?];
    if document.opens_case() {
        let item = key(keys::stock_cases(tenant), case_key(document));
        let put = Put::builder().table_name(&store.table).set_item(Some(item)).build().map_err(ours)?;
        writes.push((TransactWriteItem::builder().put(put).build(), Guard::None));
    }
    if let Some(count) = document.closes_case() {
        // The case stands by the count's time.
        let Some(count) = find(store, tenant, count).await? else { return Ok(Filed::Closed) };
        writes.push(close(store, tenant, &count)?);
    }
    let ledger = Ledger { table: &store.table, tenant, cause: document.id.to_string(), at: document.at };
    for touch in touches(document, seen) {
        writes.push((ledger.write(&touch)?, Guard::Units(Box::new(touch))));
    }
    if writes.len() > MOST {
        return Err(broken(format!("{} items in a transaction, {MOST} at most", writes.len())));
    }
    let (items, guards): (Vec<_>, Vec<_>) = writes.into_iter().unzip();
    for _ in 0..GATHERINGS {
        let reasons = match transact(&store.client, &items).await? {
            Sent::Written => return Ok(Filed::Stored),
            Sent::Refused(reasons) => reasons,
        };
        let filed = refusal(&guards, &reasons)?;
        let hot = hot(&guards, &reasons)?;
        if hot.is_empty() || !matches!(filed, Filed::Short(_)) {
            return Ok(filed);
        }
        for sku in hot {
            store.gather(tenant, sku, document.at).await?;
        }
    }
    Err(StoreError::Conflict)
}

/// The items that run hot: what takes units away is checked against all there are, so they are gathered first.
fn hot<'a>(guards: &'a [Guard], reasons: &[CancellationReason]) -> Result<Vec<&'a Sku>, StoreError> {
    let mut found = Vec::new();
    for (guard, reason) in guards.iter().zip(reasons).filter(|(_, reason)| missed(reason)) {
        if let Guard::Units(touch) = guard
            && touch.is_whole
            && shards_told(reason.item())? > 0
        {
            found.push(&touch.change.shelf.sku);
        }
    }
    Ok(found)
}

pub(super) async fn find(
    store: &DynamoStock,
    tenant: &TenantId,
    id: &DocumentId,
) -> Result<Option<Document>, StoreError> {
    let get = store.client.get_item().table_name(&store.table).consistent_read(true);
    let key = key(keys::document(tenant, id), "DOCUMENT");
    let item = get.set_key(Some(key)).send().await.map_err(classify)?.item;
    item.as_ref().map(parsed).transpose()
}

fn parsed(item: &Item) -> Result<Document, StoreError> {
    let place = |error: serde_json::Error| format!("a document does not parse at column {}", error.column());
    serde_json::from_str(need(item, "body")?).map_err(|error| broken(place(error)))
}

/// Where a count stands among those that wait: by its time.
fn case_key(count: &Document) -> String {
    format!("{}#{}", keys::sortable(count.at), count.id)
}

fn put_document(store: &DynamoStock, tenant: &TenantId, document: &Document) -> Result<Write, StoreError> {
    let body = serde_json::to_string(document).map_err(|error| broken(error.to_string()))?;
    let mut item = key(keys::document(tenant, &document.id), "DOCUMENT");
    item.insert("body".to_owned(), text(body));
    let put = Put::builder()
        .table_name(&store.table)
        .set_item(Some(item))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    Ok((TransactWriteItem::builder().put(put.build().map_err(ours)?).build(), Guard::Document))
}

fn close(store: &DynamoStock, tenant: &TenantId, count: &Document) -> Result<Write, StoreError> {
    let delete = Delete::builder()
        .table_name(&store.table)
        .set_key(Some(key(keys::stock_cases(tenant), case_key(count))))
        .condition_expression("attribute_exists(pk)");
    Ok((TransactWriteItem::builder().delete(delete.build().map_err(ours)?).build(), Guard::Case))
}

/// Every item of counters the document moves, dates or was decided by, each once.
fn touches(document: &Document, seen: &[Seen]) -> Vec<Touch> {
    let moved = changes(&document.movements).into_iter().map(|change| (change.shelf.clone(), Touch::from(change)));
    let mut touches: BTreeMap<Shelf, Touch> = moved.collect();
    let mut of = |shelf: &Shelf, with: &mut dyn FnMut(&mut Touch)| {
        with(touches.entry(shelf.clone()).or_insert_with(|| Touch::of(shelf.clone())));
    };
    for one in seen {
        of(&one.shelf, &mut |touch| touch.seen = Some(one.units));
    }
    for shelf in counted(document) {
        of(&shelf, &mut |touch| touch.sets = vec![("counted_at", text(document.at.to_string()))]);
    }
    let mut touches: Vec<Touch> = touches.into_values().collect();
    for touch in touches.iter_mut().filter(|touch| touch.change.shelf.place == Place::Network) {
        touch.is_whole =
            touch.change.deltas.iter().any(|(counter, delta)| *counter == Counter::Available && *delta < 0);
    }
    let own = |touch: &&mut Touch| touch.change.shelf.place == Place::Announced(document.id.clone());
    for touch in touches.iter_mut().filter(own) {
        touch.sets = announces(&document.body);
    }
    touches
}

/// The items that were counted, at their sites.
fn counted(document: &Document) -> Vec<Shelf> {
    let counts = document.movements.iter().filter(|movement| movement.kind == Kind::Counted);
    let mut shelves: Vec<Shelf> =
        counts.filter_map(|movement| Some(Shelf::site(movement.sku.clone(), movement.site.clone()?))).collect();
    shelves.sort();
    shelves.dedup();
    shelves
}

/// Where and when the units come in that the document announces.
fn announces(body: &Body) -> Vec<(&'static str, AttributeValue)> {
    let says =
        |site: &SiteId, due: &jiff::civil::Date| vec![("site", text(site.as_str())), ("due", text(due.to_string()))];
    match body {
        Body::Announcement { site, due, .. } => says(site, due),
        Body::Transfer { to, due, .. } => says(to, due),
        Body::Withdrawal { .. }
        | Body::Receipt { .. }
        | Body::Adjustment { .. }
        | Body::Count { .. }
        | Body::Decision { .. } => Vec::new(),
    }
}

/// What failed conditions mean. Every reason is read: that the document exists counts before what was seen, that before
/// the case, and the units last.
fn refusal(guards: &[Guard], reasons: &[CancellationReason]) -> Result<Filed, StoreError> {
    let (mut moved, mut closed, mut short) = (false, false, Vec::new());
    for (guard, reason) in guards.iter().zip(reasons).filter(|(_, reason)| missed(reason)) {
        match guard {
            Guard::Document => {
                let item = reason.item().ok_or_else(|| broken("the stored document was not returned"))?;
                return Ok(Filed::Exists(Box::new(parsed(item)?)));
            }
            Guard::Case => closed = true,
            Guard::Units(touch) if has_moved(touch, reason)? => moved = true,
            Guard::Units(touch) => short.push(touch.change.shelf.clone()),
            Guard::None => return Err(broken("a write without a condition failed its condition")),
        }
    }
    match () {
        () if moved => Err(StoreError::Conflict),
        () if closed => Ok(Filed::Closed),
        () => Ok(Filed::Short(short)),
    }
}

/// Are the units others than those the document was decided by?
fn has_moved(touch: &Touch, reason: &CancellationReason) -> Result<bool, StoreError> {
    let Some(seen) = touch.seen else { return Ok(false) };
    let now = reason.item().map_or(Ok(0), |item| count(item, touch.units().name()))?;
    Ok(now != seen)
}
