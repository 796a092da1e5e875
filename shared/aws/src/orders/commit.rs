//! One event, one transaction: event, head, counters, accounts, reservation, pointers, work items.

use super::supply::{self, Supplies};
use super::{DynamoOrders, head, holds, money, recorded};
use crate::classify::broken;
use crate::counters::{Ledger, Touch};
use crate::hot::{Holding, shards_told};
use crate::keys::{self, Item, count, key, number, text};
use crate::transaction::{Sent, missed, transact};
use aws_sdk_dynamodb::types::{
    CancellationReason, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use waybill_domain::id::Sku;
use waybill_domain::order::{Account, Event, Order, Recorded, Work};
use waybill_domain::ports::{Commit, Committed, StoreError};
use waybill_domain::stock::changes;

/// A write and what its failed condition means.
pub(super) struct Write {
    pub(super) item: TransactWriteItem,
    pub(super) guards: Guard,
}

pub(super) enum Guard {
    /// The event exists: replayed, or somebody else was first.
    Event,
    /// Somebody else was first; or, where the head is still of this version, a bound of the money is broken.
    Head(u32),
    /// Somebody else was first.
    Version,
    /// Not enough units.
    Units(Sku),
    /// The units that were held are not held any more.
    Hold(Sku),
    /// Not enough on an account, or no account.
    Account(Account),
    /// The payment is another order's.
    Payment,
}

pub(super) async fn commit(store: &DynamoOrders, commit: Commit<'_>) -> Result<Committed, StoreError> {
    let wanted = supply::wanted(&commit.recorded.movements);
    if !wanted.is_empty() {
        // On the heap: few commits take this way, and every caller would be as large as it.
        return Box::pin(supply::commit(store, commit, &wanted)).await;
    }
    match once(store, commit, &Supplies::new()).await? {
        Tried::Done(committed) => Ok(committed),
        Tried::Otherwise | Tried::Collided => Err(StoreError::Conflict),
    }
}

/// What became of one transaction.
pub(super) enum Tried {
    /// It is over.
    Done(Committed),
    /// An item is hot, or a hold is gone: its units come from elsewhere.
    Otherwise,
    /// It only ran into others.
    Collided,
}

pub(super) async fn once(store: &DynamoOrders, commit: Commit<'_>, supplies: &Supplies) -> Result<Tried, StoreError> {
    let writes = writes(store, commit, supplies)?;
    let items: Vec<_> = writes.iter().map(|write| write.item.clone()).collect();
    let reasons = match transact(&store.client, &items).await {
        Ok(Sent::Written) => return Ok(Tried::Done(Committed::Stored)),
        Err(StoreError::Conflict) => return Ok(Tried::Collided),
        Err(error) => return Err(error),
        Ok(Sent::Refused(reasons)) => reasons,
    };
    let committed = refusal(&writes, &reasons, commit.before.is_none())?;
    let is_short = matches!(committed, Committed::Short(_));
    if is_short && comes_from_elsewhere(store, commit, &writes, &reasons)? {
        return Ok(Tried::Otherwise);
    }
    Ok(Tried::Done(committed))
}

/// Learns from the counters that had not enough. Is one of them of a hot item, or has a hold gone?
fn comes_from_elsewhere(
    store: &DynamoOrders,
    commit: Commit<'_>,
    writes: &[Write],
    reasons: &[CancellationReason],
) -> Result<bool, StoreError> {
    let (tenant, mut is_elsewhere) = (&commit.after.tenant, false);
    let wanted = supply::wanted(&commit.recorded.movements);
    for (write, reason) in writes.iter().zip(reasons).filter(|(_, reason)| missed(reason)) {
        let Guard::Units(sku) = &write.guards else {
            is_elsewhere |= matches!(&write.guards, Guard::Hold(_));
            continue;
        };
        let Some(one) = wanted.get(sku) else { continue };
        let shards = shards_told(reason.item())?;
        store.heat.learn(tenant, sku, shards);
        match shards {
            0 => store.heat.was_short(tenant, sku, one.units + one.leave),
            _ => is_elsewhere = true,
        }
    }
    Ok(is_elsewhere)
}

/// Every write of the commit, each item once.
fn writes(store: &DynamoOrders, commit: Commit<'_>, supplies: &Supplies) -> Result<Vec<Write>, StoreError> {
    let Commit { before, after, recorded } = commit;
    let version = |item| Write { item, guards: Guard::Version };
    let mut writes = vec![event(store, after, recorded)?, head_of(store, commit)?];
    let cause = format!("{}#{}", after.id, recorded.version);
    let ledger = Ledger { table: &store.stock, tenant: &after.tenant, cause, at: recorded.at };
    for change in changes(&recorded.movements).into_iter().map(|change| supply::without(change, supplies)) {
        let (sku, touch) = (change.shelf.sku.clone(), Touch::from(change));
        if !touch.change.deltas.is_empty() {
            writes.push(Write { item: ledger.write(&touch)?, guards: Guard::Units(sku) });
        }
    }
    let (client, table, tenant) = (&store.client, ledger.table, ledger.tenant);
    let holding = Holding { client, table, tenant, order: &after.id, at: recorded.at };
    for (sku, (shard, _)) in supplies.iter().flat_map(|(sku, held)| held.iter().map(move |one| (sku, one))) {
        let item = holding.taking_as(sku, *shard, &ledger.cause)?;
        writes.push(Write { item, guards: Guard::Hold(sku.clone()) });
    }
    writes.extend(money::draws(&store.orders, &after.tenant, recorded)?);
    writes.extend(money::pointer(&store.orders, after, &recorded.event)?);
    writes.extend(holds::reservation(&store.stock, before, after)?.into_iter().map(version));
    writes.extend(holds::backorders(&store.stock, before, after)?.into_iter().map(version));
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

fn event(store: &DynamoOrders, order: &Order, event: &Recorded) -> Result<Write, StoreError> {
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

/// The head: moved on from the version it was read at, within the bounds it keeps.
fn head_of(store: &DynamoOrders, commit: Commit<'_>) -> Result<Write, StoreError> {
    let Commit { before, after, recorded } = commit;
    let Some(before) = before else {
        let item = put(&store.orders, head::first(after), Some("attribute_not_exists(pk)"))?;
        return Ok(Write { item, guards: Guard::Version });
    };
    let mut update = Update::builder()
        .table_name(&store.orders)
        .set_key(Some(key(keys::order(&after.tenant, &after.id), "STATE")))
        .expression_attribute_names("#version", "version")
        .expression_attribute_values(":before", number(before.version))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    let mut conditions = vec!["#version = :before".to_owned()];
    for (name, least) in money::bounds(before, &recorded.event) {
        conditions.push(format!("#{name} >= :least_{name}"));
        update = update
            .expression_attribute_names(format!("#{name}"), &name)
            .expression_attribute_values(format!(":least_{name}"), number(least));
    }
    let (mut sets, mut removes) = (Vec::new(), Vec::new());
    for (name, value) in head::changes(before, after) {
        update = update.expression_attribute_names(format!("#{name}"), &name);
        match value {
            Some(value) => {
                sets.push(format!("#{name} = :{name}"));
                update = update.expression_attribute_values(format!(":{name}"), value);
            }
            None => removes.push(format!("#{name}")),
        }
    }
    let mut expression = format!("SET {}", sets.join(", "));
    if !removes.is_empty() {
        expression = format!("{expression} REMOVE {}", removes.join(", "));
    }
    let update = update.condition_expression(conditions.join(" AND ")).update_expression(expression);
    let item = TransactWriteItem::builder().update(update.build().map_err(ours)?).build();
    Ok(Write { item, guards: Guard::Head(before.version) })
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

pub(super) fn put(table: &str, item: Item, condition: Option<&str>) -> Result<TransactWriteItem, StoreError> {
    let put =
        Put::builder().table_name(table).set_item(Some(item)).set_condition_expression(condition.map(str::to_owned));
    Ok(TransactWriteItem::builder().put(put.build().map_err(ours)?).build())
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
pub(crate) fn ours(error: aws_sdk_dynamodb::error::BuildError) -> StoreError {
    broken(error.to_string())
}

/// What failed conditions mean. Every reason is read; the order's own count before the money's, and those before the
/// stock's.
fn refusal(writes: &[Write], reasons: &[CancellationReason], is_first: bool) -> Result<Committed, StoreError> {
    let (mut late, mut out_of_bounds, mut taken) = (false, false, false);
    let (mut overdrawn, mut short) = (None, Vec::new());
    for (write, reason) in writes.iter().zip(reasons).filter(|(_, reason)| missed(reason)) {
        match &write.guards {
            Guard::Event if is_first => {
                let item = reason.item().ok_or_else(|| broken("the stored first event was not returned"))?;
                return Ok(Committed::Exists(Box::new(recorded(item)?)));
            }
            Guard::Head(before) if is_still_at(*before, reason)? => out_of_bounds = true,
            Guard::Event | Guard::Head(_) | Guard::Version => late = true,
            Guard::Payment => taken = true,
            Guard::Account(account) => overdrawn = overdrawn.or(Some(account)),
            Guard::Units(sku) | Guard::Hold(sku) => short.push(sku.clone()),
        }
    }
    match overdrawn {
        _ if late => Err(StoreError::Conflict),
        _ if out_of_bounds => Err(broken("an event takes or gives back more than the order's head allows")),
        _ if taken => Ok(Committed::Taken),
        Some(account) => Ok(Committed::Overdrawn(account.clone())),
        None => {
            short.dedup();
            Ok(Committed::Short(short))
        }
    }
}

/// Is the head that was refused still of that version?
fn is_still_at(version: u32, reason: &CancellationReason) -> Result<bool, StoreError> {
    let head = reason.item().filter(|head| head.contains_key("version"));
    head.map_or(Ok(false), |head| Ok(count(head, "version")? == i64::from(version)))
}
