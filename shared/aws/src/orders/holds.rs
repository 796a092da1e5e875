//! What an order holds of the stock: its reservation, and its places among those that wait for units.

use super::commit::{ours, put};
use crate::keys::{self, Item, key, number, text};
use crate::stock::lists;
use aws_sdk_dynamodb::types::{Delete, TransactWriteItem};
use waybill_domain::id::Sku;
use waybill_domain::order::{Order, StockHold};
use waybill_domain::ports::StoreError;

/// One reservation per order, for as long as its stock is reserved: what is left of it. Until when, the order itself says:
/// most events change that, and none of them has to be written twice for it.
pub(super) fn reservation(
    table: &str,
    before: Option<&Order>,
    after: &Order,
) -> Result<Option<TransactWriteItem>, StoreError> {
    let held = before.filter(|order| order.stock == StockHold::Reserved);
    match (held, after.stock == StockHold::Reserved) {
        (None, false) => Ok(None),
        (None, true) => put(table, hold(after), Some("attribute_not_exists(pk)")).map(Some),
        (Some(before), true) if hold(before) == hold(after) => Ok(None),
        (Some(_), true) => put(table, hold(after), Some("attribute_exists(pk)")).map(Some),
        (Some(_), false) => delete(table, reserved(after), Some("attribute_exists(pk)")).map(Some),
    }
}

fn reserved(order: &Order) -> Item {
    key(keys::reservation(&order.tenant, &order.id), "HOLD")
}

fn hold(order: &Order) -> Item {
    let mut item = reserved(order);
    let lines = order.reserved_units().into_iter().collect::<Vec<_>>();
    item.insert("lines".to_owned(), text(serde_json::json!(lines).to_string()));
    item.insert("reserved_at".to_owned(), text(order.placed_at.to_string()));
    item
}

/// An order's places among those that wait, by when it was placed: an item each, gone when nothing is waited for.
pub(super) fn backorders(
    table: &str,
    before: Option<&Order>,
    after: &Order,
) -> Result<Vec<TransactWriteItem>, StoreError> {
    let (earlier, later) = (before.map(Order::waits_for).unwrap_or_default(), after.waits_for());
    let place = |sku: &Sku| key(keys::sku(&after.tenant, sku), lists::backorder(after.placed_at, &after.id));
    let mut writes = Vec::new();
    for (sku, units) in later.iter().filter(|(sku, units)| earlier.get(sku) != Some(units)) {
        let mut item = place(sku);
        item.insert("units".to_owned(), number(units));
        writes.push(put(table, item, None)?);
    }
    for sku in earlier.keys().filter(|sku| !later.contains_key(sku)) {
        writes.push(delete(table, place(sku), None)?);
    }
    Ok(writes)
}

fn delete(table: &str, key: Item, condition: Option<&str>) -> Result<TransactWriteItem, StoreError> {
    let delete = Delete::builder().table_name(table).set_key(Some(key));
    let delete = delete.set_condition_expression(condition.map(str::to_owned));
    Ok(TransactWriteItem::builder().delete(delete.build().map_err(ours)?).build())
}
