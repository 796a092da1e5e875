//! Every order there is, page by page of the table.
//!
//! A page ends wherever DynamoDB stopped reading, most often within an order. An order belongs to the page its first event
//! is in: there the rest of it is read at once, and the next page passes over that rest.

use super::{DynamoOrders, recorded};
use crate::classify::{broken, classify};
use crate::keys::{self, Item, key, need, text};
use aws_sdk_dynamodb::types::{ConsumedCapacity, ReturnConsumedCapacity::Total};
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::order::{Corrupt, Order};
use waybill_domain::ports::{Audit, Scanned, StoreError};

/// What the sort keys of events begin with.
const EVENT: &str = "EVENT#";
/// After every event's sort key.
const AFTER_EVENTS: &str = "EVENT#~";

/// The key a page ended at: partition and sort key.
pub(crate) type Place = (String, String);

/// An order's events as a page has them.
struct Group {
    pk: String,
    events: Vec<Item>,
}

/// Where the next page begins, as opaque text.
pub(crate) fn closed((pk, sk): &Place) -> String {
    serde_json::json!([pk, sk]).to_string()
}

pub(crate) fn opened(cursor: &str) -> Result<Place, StoreError> {
    serde_json::from_str(cursor).map_err(|_| broken("this is no place where a page of ours ended"))
}

/// Half read units; DynamoDB tells them as a fraction.
pub(crate) fn half_units(consumed: Option<&ConsumedCapacity>) -> u64 {
    let units = consumed.and_then(ConsumedCapacity::capacity_units).unwrap_or_default();
    let text = format!("{units:.1}");
    let (whole, tenths) = text.split_once('.').unwrap_or((&text, "0"));
    whole.parse().map_or(0, |whole: u64| whole * 2 + u64::from(tenths == "5"))
}

/// The events by order, without those of the order the page before ended in: it had all of them.
fn grouped(items: Vec<Item>, told: Option<&str>) -> Result<Vec<Group>, StoreError> {
    let mut groups: Vec<Group> = Vec::new();
    for item in items {
        let pk = need(&item, "pk")?.to_owned();
        match groups.last_mut() {
            _ if told == Some(&pk) => {}
            Some(group) if group.pk == pk => group.events.push(item),
            Some(_) | None => groups.push(Group { pk, events: vec![item] }),
        }
    }
    Ok(groups)
}

/// The order the events tell. One that does not parse is no event of ours: there is a gap in its place.
fn replayed(tenant: &TenantId, id: &OrderId, events: &[Item]) -> Result<Order, Corrupt> {
    let mut history = Vec::new();
    for (event, expected) in events.iter().zip(1..) {
        history.push(recorded(event).map_err(|_| Corrupt::Gap { expected, found: 0 })?);
    }
    Order::replay(tenant.clone(), id.clone(), history)
}

impl DynamoOrders {
    /// The events of the order after `last`, and what it cost to read them.
    async fn rest(&self, last: &Place) -> Result<(Vec<Item>, u64), StoreError> {
        let (pk, sk) = last;
        let query = self
            .client
            .query()
            .table_name(&self.orders)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            // BETWEEN contains both its ends: this is the next key after `last`.
            .expression_attribute_values(":from", text(format!("{sk}!")))
            .expression_attribute_values(":to", text(AFTER_EVENTS))
            .expression_attribute_values(":pk", text(pk))
            .projection_expression("pk, sk, body")
            .return_consumed_capacity(Total);
        let mut pages = query.into_paginator().send();
        let (mut events, mut cost) = (Vec::new(), 0);
        while let Some(page) = pages.next().await {
            let page = page.map_err(classify)?;
            cost += half_units(page.consumed_capacity());
            events.extend(page.items.unwrap_or_default());
        }
        Ok((events, cost))
    }
}

impl Audit for DynamoOrders {
    async fn scan(&self, after: Option<&str>) -> Result<Scanned, StoreError> {
        let from = after.map(opened).transpose()?;
        let scan = self
            .client
            .scan()
            .table_name(&self.orders)
            .set_limit(self.page)
            .set_exclusive_start_key(from.clone().map(|(pk, sk)| key(pk, sk)))
            .filter_expression("begins_with(sk, :event)")
            .expression_attribute_values(":event", text(EVENT))
            .projection_expression("pk, sk, body")
            .return_consumed_capacity(Total);
        let page = scan.send().await.map_err(classify)?;
        let mut cost = half_units(page.consumed_capacity());
        let end = page.last_evaluated_key().map(|key| Ok((need(key, "pk")?.to_owned(), need(key, "sk")?.to_owned())));
        let end: Option<Place> = end.transpose()?;
        let told = from.as_ref().filter(|(_, sk)| sk.starts_with(EVENT)).map(|(pk, _)| pk.as_str());
        let mut groups = grouped(page.items.unwrap_or_default(), told)?;
        if let (Some(end), Some(last)) = (&end, groups.last_mut())
            && end.0 == last.pk
            && end.1.starts_with(EVENT)
        {
            let (rest, more) = self.rest(end).await?;
            last.events.extend(rest);
            cost += more;
        }
        let orders = groups.iter().filter_map(|group| {
            let (tenant, id) = keys::split_order(&group.pk)?;
            let order = replayed(&tenant, &id, &group.events);
            Some((tenant, id, order))
        });
        Ok(Scanned { orders: orders.collect(), next: end.as_ref().map(closed), half_units: cost })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_of_a_read_unit_are_counted_in_halves() {
        let consumed = |units| ConsumedCapacity::builder().capacity_units(units).build();
        for (units, halves) in [(0.5, 1), (1.0, 2), (128.5, 257), (0.0, 0)] {
            assert_eq!(half_units(Some(&consumed(units))), halves, "{units}");
        }
        assert_eq!(half_units(None), 0);
    }

    #[test]
    fn a_place_is_found_again_and_nothing_else_is_one() {
        let place = ("T#acme#ORDER#ord-1".to_owned(), "EVENT#000002".to_owned());
        assert!(matches!(opened(&closed(&place)), Ok(found) if found == place));
        assert!(matches!(opened("T#acme"), Err(StoreError::Broken(_))));
    }
}
