//! The head of an order, `STATE`: the lock, the status axes, and the keys of the lists.

use super::money;
use crate::classify::broken;
use crate::keys::{self, Item, count, need, number, text};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::money::{Currency, Money};
use waybill_domain::order::{Axes, FulfillmentAxis, Order, OrderAxis, PaymentAxis};
use waybill_domain::ports::{StoreError, Summary};

/// Partitions of a day's list: a DynamoDB partition takes 1,000 writes a second.
pub(super) const DAY_SHARDS: u8 = 4;
/// Partitions of the sweeper's list.
pub(super) const DUE_SHARDS: u8 = 4;
/// A new order, and one that was done with and goes on, is looked at after this long: was its event relayed?
const FIRST_LOOK: SignedDuration = SignedDuration::from_mins(5);

/// On an order that was done with and goes on: a sweeper that looked before that may not take its mark away.
pub(super) const REOPENED: &str = "reopened";

/// A stable shard of an order.
fn shard(id: &OrderId, of: u8) -> u8 {
    id.as_str().bytes().fold(0_u8, u8::wrapping_add) % of
}

pub(super) fn day_pk(tenant: &TenantId, day: jiff::civil::Date, shard: u8) -> String {
    format!("T#{tenant}#DAY#{day}#{shard}")
}

pub(super) fn due_pk(shard: u8) -> String {
    format!("DUE#{shard}")
}

pub(super) fn customer_pk(tenant: &TenantId, customer: &str) -> String {
    format!("T#{tenant}#CUSTOMER#{customer}")
}

pub(super) fn reference_pk(tenant: &TenantId, reference: &str) -> String {
    format!("T#{tenant}#REFERENCE#{reference}")
}

/// What changes with every event.
fn moving(order: &Order) -> Vec<(&'static str, AttributeValue)> {
    let (axes, _) = order.head();
    vec![
        ("version", number(order.version)),
        ("changed_at", text(order.changed_at.to_string())),
        ("order_status", text(axes.order.name())),
        ("payment_status", text(axes.payment.name())),
        ("fulfillment_status", text(axes.fulfillment.name())),
    ]
}

/// What an event changes in the head: `None` takes an attribute away.
pub(super) fn changes(before: &Order, after: &Order) -> Vec<(String, Option<AttributeValue>)> {
    let set = |name: &str, value| (name.to_owned(), Some(value));
    let mut changes: Vec<_> = moving(after).into_iter().map(|(name, value)| set(name, value)).collect();
    let left = money::left(before, after).into_iter();
    changes.extend(left.map(|(name, minor)| (name, (minor != 0).then(|| number(minor)))));
    match (before.is_finished(), after.is_finished()) {
        (true, false) => {
            let [pk, sk] = due(after, after.changed_at);
            changes.extend([set("due_pk", pk), set("due_sk", sk), set(REOPENED, AttributeValue::Bool(true))]);
        }
        (false, true) => changes.push((REOPENED.to_owned(), None)),
        (false, false) if after.is_newly_timed(before) => {
            let [pk, sk] = due(after, after.changed_at);
            changes.extend([set("due_pk", pk), set("due_sk", sk)]);
        }
        (true, true) | (false, false) => {}
    }
    changes
}

/// The sweeper's mark for an order that something happened to at that time.
fn due(order: &Order, since: Timestamp) -> [AttributeValue; 2] {
    let look = since.checked_add(FIRST_LOOK).unwrap_or(since);
    [text(due_pk(shard(&order.id, DUE_SHARDS))), text(due_sk(look, &order.id))]
}

/// The whole head of a new order.
pub(super) fn first(order: &Order) -> Item {
    let (tenant, id, placed) = (&order.tenant, &order.id, &order.placed);
    let when = format!("{}#{id}", keys::sortable(order.placed_at));
    let mut item = keys::key(keys::order(tenant, id), "STATE");
    let mut set = |name: &str, value| item.insert(name.to_owned(), value);
    for (name, value) in moving(order) {
        set(name, value);
    }
    set("placed_at", text(order.placed_at.to_string()));
    set("channel", text(placed.channel.as_str()));
    set("total", number(placed.total.minor()));
    set("currency", text(placed.currency().code()));
    let day = order.placed_at.to_zoned(jiff::tz::TimeZone::UTC).date();
    set("day_pk", text(day_pk(tenant, day, shard(id, DAY_SHARDS))));
    set("day_sk", text(when.clone()));
    set("customer_pk", text(customer_pk(tenant, &placed.customer.email.customer_key())));
    set("customer_sk", text(when.clone()));
    if let Some(reference) = &placed.reference {
        set("reference", text(reference.as_str()));
        set("reference_pk", text(reference_pk(tenant, reference.as_str())));
        set("reference_sk", text(when));
    }
    let [partition, look] = due(order, order.placed_at);
    set("due_pk", partition);
    set("due_sk", look);
    item
}

pub(super) fn due_sk(at: Timestamp, id: &OrderId) -> String {
    format!("{}#{id}", keys::sortable(at))
}

/// What a list shows of a head.
pub(super) fn summary(item: &Item) -> Result<Summary, StoreError> {
    let odd = || broken("an order's head does not parse");
    let (_, id) = keys::split_order(need(item, "pk")?).ok_or_else(odd)?;
    let currency = Currency::try_from(need(item, "currency")?.to_owned()).map_err(|_| odd())?;
    Ok(Summary {
        id,
        placed_at: need(item, "placed_at")?.parse().map_err(|_| odd())?,
        axes: Axes {
            order: OrderAxis::from_name(need(item, "order_status")?).ok_or_else(odd)?,
            payment: PaymentAxis::from_name(need(item, "payment_status")?).ok_or_else(odd)?,
            fulfillment: FulfillmentAxis::from_name(need(item, "fulfillment_status")?).ok_or_else(odd)?,
        },
        channel: need(item, "channel")?.parse().map_err(|_| odd())?,
        reference: need(item, "reference").ok().map(str::to_owned),
        total: Money::new(count(item, "total")?, currency),
    })
}
