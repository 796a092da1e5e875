//! One event, one transaction: event, head, counters, reservation, work items.

use super::{DynamoOrders, head, recorded};
use crate::classify::{broken, classify};
use crate::counters;
use crate::keys::{self, Item, key, number, text};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use waybill_domain::id::Sku;
use waybill_domain::order::{Event, Order, StockHold, Work};
use waybill_domain::ports::{Commit, Committed, StoreError};
use waybill_domain::stock::changes;

/// How often a transaction that ran into another one is sent again at once.
const COLLISIONS: u32 = 3;

/// A write and what its failed condition means.
struct Write {
    item: TransactWriteItem,
    guards: Guard,
}

enum Guard {
    /// The event exists: replayed, or somebody else was first.
    Event,
    /// Somebody else was first.
    Version,
    /// Not enough units.
    Units(Sku),
}

pub(super) async fn commit(store: &DynamoOrders, commit: Commit<'_>) -> Result<Committed, StoreError> {
    let writes = writes(store, commit)?;
    let mut collisions = 0;
    loop {
        let items = writes.iter().map(|write| write.item.clone()).collect();
        let sent = store.client.transact_write_items().set_transact_items(Some(items)).send().await;
        let Err(error) = sent else { return Ok(Committed::Stored) };
        match verdict(&writes, commit.before.is_none(), error)? {
            Some(committed) => return Ok(committed),
            None if collisions < COLLISIONS => collisions += 1,
            None => return Err(StoreError::Conflict),
        }
    }
}

/// Every write of the commit, each item once.
fn writes(store: &DynamoOrders, commit: Commit<'_>) -> Result<Vec<Write>, StoreError> {
    let Commit { before, after, recorded } = commit;
    let version = |item| Write { item, guards: Guard::Version };
    let mut writes = vec![event(store, after, recorded)?, version(state(store, before, after)?)];
    for change in changes(&recorded.movements) {
        let update = counters::update(&store.stock, &after.tenant, &change, None).build().map_err(ours)?;
        let item = TransactWriteItem::builder().update(update).build();
        writes.push(Write { item, guards: Guard::Units(change.shelf.sku) });
    }
    writes.extend(reservation(store, before, after)?.map(version));
    if let Event::Labeled { label, .. } = &recorded.event {
        let mut item = key(keys::tracking(&after.tenant, &label.tracking_code), "ORDER");
        item.insert("order_id".to_owned(), text(after.id.as_str()));
        writes.push(version(put(&store.orders, item, None)?));
    }
    let earlier = before.map(Order::work).unwrap_or_default();
    let later = after.work();
    for work in later.iter().filter(|work| !earlier.contains(work)) {
        writes.push(version(put(&store.orders, work_item(after, work), None)?));
    }
    for work in earlier.iter().filter(|work| later.iter().all(|other| other.key() != work.key())) {
        let delete = Delete::builder().table_name(&store.orders).set_key(Some(work_key(after, work)));
        writes.push(version(TransactWriteItem::builder().delete(delete.build().map_err(ours)?).build()));
    }
    Ok(writes)
}

fn event(store: &DynamoOrders, order: &Order, event: &waybill_domain::order::Recorded) -> Result<Write, StoreError> {
    let body = serde_json::to_string(event).map_err(|error| broken(error.to_string()))?;
    let mut item = key(keys::order(&order.tenant, &order.id), keys::event(event.version));
    item.insert("type".to_owned(), text(event.event.name()));
    item.insert("body".to_owned(), text(body));
    let put = Put::builder()
        .table_name(&store.orders)
        .set_item(Some(item))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    let item = TransactWriteItem::builder().put(put.build().map_err(ours)?).build();
    Ok(Write { item, guards: Guard::Event })
}

fn state(store: &DynamoOrders, before: Option<&Order>, after: &Order) -> Result<TransactWriteItem, StoreError> {
    let Some(before) = before else {
        return put(&store.orders, head::first(after), Some("attribute_not_exists(pk)"));
    };
    let mut update = Update::builder()
        .table_name(&store.orders)
        .set_key(Some(key(keys::order(&after.tenant, &after.id), "STATE")))
        .condition_expression("#version = :before")
        .expression_attribute_values(":before", number(before.version));
    let mut sets = Vec::new();
    for (name, value) in head::moving(after) {
        sets.push(format!("#{name} = :{name}"));
        update = update
            .expression_attribute_names(format!("#{name}"), name)
            .expression_attribute_values(format!(":{name}"), value);
    }
    let update = update.update_expression(format!("SET {}", sets.join(", ")));
    Ok(TransactWriteItem::builder().update(update.build().map_err(ours)?).build())
}

/// One reservation per order, from the first event until its units are allocated or released.
fn reservation(
    store: &DynamoOrders,
    before: Option<&Order>,
    after: &Order,
) -> Result<Option<TransactWriteItem>, StoreError> {
    let pk = keys::reservation(&after.tenant, &after.id);
    match before {
        None => {
            let lines: Vec<_> = after.placed.lines.iter().map(|line| (line.sku.as_str(), line.quantity)).collect();
            let mut item = key(pk, "HOLD");
            item.insert("lines".to_owned(), text(serde_json::json!(lines).to_string()));
            item.insert("reserved_at".to_owned(), text(after.placed_at.to_string()));
            put(&store.stock, item, Some("attribute_not_exists(pk)")).map(Some)
        }
        Some(before) if before.stock == StockHold::Reserved && after.stock != StockHold::Reserved => {
            let delete = Delete::builder()
                .table_name(&store.stock)
                .set_key(Some(key(pk, "HOLD")))
                .condition_expression("attribute_exists(pk)");
            Ok(Some(TransactWriteItem::builder().delete(delete.build().map_err(ours)?).build()))
        }
        Some(_) => Ok(None),
    }
}

fn work_key(order: &Order, work: &Work) -> Item {
    let (kind, number) = work.key();
    key(keys::order(&order.tenant, &order.id), format!("{kind}#{number}"))
}

fn work_item(order: &Order, work: &Work) -> Item {
    let (tenant, id) = (&order.tenant, &order.id);
    let (queue, since, number) = match work {
        Work::Fulfillment { number, site, queue } => {
            (super::lists::site_queue(tenant, site, queue), order.placed_at, number)
        }
        Work::Case { number, opened_at } => (super::lists::case_queue(tenant), *opened_at, number),
    };
    let mut item = work_key(order, work);
    item.insert("queue_pk".to_owned(), text(queue));
    item.insert("queue_sk".to_owned(), text(format!("{}#{id}#{number}", keys::sortable(since))));
    item
}

fn put(table: &str, item: Item, condition: Option<&str>) -> Result<TransactWriteItem, StoreError> {
    let put =
        Put::builder().table_name(table).set_item(Some(item)).set_condition_expression(condition.map(str::to_owned));
    Ok(TransactWriteItem::builder().put(put.build().map_err(ours)?).build())
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
fn ours(error: aws_sdk_dynamodb::error::BuildError) -> StoreError {
    broken(error.to_string())
}

/// What a failed transaction means: an outcome, `None` to send it again at once, or a failure. Every reason is read.
fn verdict(
    writes: &[Write],
    is_first: bool,
    error: SdkError<TransactWriteItemsError>,
) -> Result<Option<Committed>, StoreError> {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
        return match classify(error) {
            StoreError::Conflict => Ok(None),
            other @ (StoreError::Unavailable(_) | StoreError::Broken(_)) => Err(other),
        };
    };
    let reasons = cancelled.cancellation_reasons();
    let failed = |code: &str| reasons.iter().any(|reason| reason.code() == Some(code));
    let missed = |reason: &CancellationReason| reason.code() == Some("ConditionalCheckFailed");
    let met = writes.iter().zip(reasons).filter(|(_, reason)| missed(reason));
    let mut short = Vec::new();
    let mut late = false;
    for (write, reason) in met {
        match &write.guards {
            Guard::Event if is_first => {
                let item = reason.item().ok_or_else(|| broken("the stored first event was not returned"))?;
                return Ok(Some(Committed::Exists(Box::new(recorded(item)?))));
            }
            Guard::Event | Guard::Version => late = true,
            Guard::Units(sku) => short.push(sku.clone()),
        }
    }
    match () {
        () if late => Err(StoreError::Conflict),
        () if !short.is_empty() => {
            short.dedup();
            Ok(Some(Committed::Short(short)))
        }
        () if failed("ValidationError") || failed("ItemCollectionSizeLimitExceeded") => {
            Err(broken(format!("{reasons:?}")))
        }
        () if failed("TransactionConflict") => Ok(None),
        () => Err(StoreError::Unavailable(format!("transaction cancelled: {reasons:?}").into())),
    }
}
