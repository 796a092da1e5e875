//! What stores may sell right now, in bulk: read at most once in two seconds per item and process.

use crate::asked::{Answered, Question};
use crate::route::Ports;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::header::CACHE_CONTROL;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use utoipa::{IntoParams, ToSchema};
use waybill_domain::catalog::{Item, Role};
use waybill_domain::id::{ChannelId, Sku, TenantId};
use waybill_domain::ports::{Catalog, Stock, StoreError};
use waybill_domain::stock::Network;
use waybill_lambda::http::{Problem, ReadingRefusals};
use waybill_lambda::{Fault, now};

/// How old a reading may be.
const FRESH: SignedDuration = SignedDuration::from_secs(2);
/// Items of one question.
const MOST: usize = 100;
/// Readings kept.
const KEPT: usize = 10_000;
/// What our own API's orders call their channel.
const CHANNEL: &str = "api";

/// What was read of an item, and when.
#[derive(Clone, Copy, Debug)]
struct Reading {
    at: Timestamp,
    network: Network,
    /// The day that more are announced for.
    next: Option<Date>,
}

/// What was read a moment ago.
#[derive(Debug, Default)]
pub struct Recent(Mutex<BTreeMap<(TenantId, Sku), Reading>>);

impl Recent {
    fn fresh(&self, tenant: &TenantId, sku: &Sku, now: Timestamp) -> Option<Reading> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.get(&(tenant.clone(), sku.clone())).copied();
        found.filter(|reading| now.duration_since(reading.at) < FRESH)
    }

    fn keep(&self, tenant: &TenantId, readings: &BTreeMap<Sku, Reading>, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() + readings.len() > KEPT {
            known.retain(|_, reading| now.duration_since(reading.at) < FRESH);
        }
        known.extend(readings.iter().map(|(sku, reading)| ((tenant.clone(), sku.clone()), *reading)));
    }

    /// Readings of each of `skus`, none older than two seconds.
    async fn of(
        &self,
        stock: &impl Stock,
        tenant: &TenantId,
        skus: BTreeSet<Sku>,
        now: Timestamp,
    ) -> Result<BTreeMap<Sku, Reading>, StoreError> {
        let mut readings = BTreeMap::new();
        let mut stale = BTreeSet::new();
        for sku in skus {
            match self.fresh(tenant, &sku, now) {
                Some(reading) => {
                    readings.insert(sku, reading);
                }
                None => {
                    stale.insert(sku);
                }
            }
        }
        if stale.is_empty() {
            return Ok(readings);
        }
        let networks = stock.networks(tenant, &stale).await?;
        let mut read = BTreeMap::new();
        for sku in stale {
            let network = networks.get(&sku).copied().unwrap_or_default();
            let coming = if network.announced() > 0 { stock.announced(tenant, &sku).await? } else { Vec::new() };
            read.insert(sku, Reading { at: now, network, next: coming.first().map(|one| one.due) });
        }
        self.keep(tenant, &read, now);
        readings.extend(read);
        Ok(readings)
    }
}

/// Which items.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documentation only")]
struct AvailabilityQuery {
    /// An item; named again for each, at most 100.
    sku: Vec<String>,
}

/// What may be sold, as of a moment ago.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Availability {
    /// When the oldest of it was read, UTC.
    as_of: String,
    /// How long ago that was, in seconds.
    age_seconds: i64,
    /// In the order asked for.
    items: Vec<AvailabilityRow>,
}

/// What may be sold of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AvailabilityRow {
    sku: String,
    /// The catalog has such an item.
    known: bool,
    /// Units an order may have now, after safety stock and the channel's buffer; of a bundle, how many are complete.
    available: i64,
    /// There are none, but an order is taken and waits for what is announced.
    backorder: bool,
    /// With none available: the day that more are announced for.
    #[schema(format = Date)]
    expected: Option<String>,
}

/// What stores may sell right now. The answer is at most two seconds old; an order is checked anew when it is placed.
#[utoipa::path(get, path = "/availability", tag = "stock", operation_id = "getAvailability",
    params(AvailabilityQuery), responses((status = 200, body = Availability), ReadingRefusals),
    security(("oauth2" = ["waybill/store"]), ("oauth2" = ["waybill/support"]), ("oauth2" = ["waybill/warehouse"]), ("oauth2" = ["waybill/admin"])))]
pub async fn availability<P: Ports>(State(app): State<Arc<P>>, question: Question) -> Answered {
    question.caller.must_be(&[Role::Store, Role::Support, Role::Warehouse, Role::Admin])?;
    let asked = asked(&question)?;
    let (tenant, now) = (question.caller.tenant(), now());
    let items = items(app.catalog(), tenant, &asked).await?;
    let parts = items.values().flat_map(|item| parts(item).into_iter().map(|(sku, _)| sku)).collect();
    let readings = app.recent().of(app.stock(), tenant, parts, now).await?;
    let channel: ChannelId = CHANNEL.parse().map_err(|_| Fault::defect("the channel's name is illegal"))?;
    let rows = asked.into_iter().map(|name| match items.get(&name) {
        Some(item) => row(name, item, &items, (&readings, &channel)),
        None => AvailabilityRow { sku: name, known: false, available: 0, backorder: false, expected: None },
    });
    let as_of = readings.values().map(|reading| reading.at).min().unwrap_or(now);
    let body = Availability {
        as_of: as_of.to_string(),
        age_seconds: now.duration_since(as_of).as_secs(),
        items: rows.collect(),
    };
    Ok(([(CACHE_CONTROL, "private, max-age=2")], Json(body)).into_response())
}

/// The items asked for, each once, in the order given.
fn asked(question: &Question) -> Result<Vec<String>, Problem> {
    let mut names = Vec::new();
    for (_, name) in question.query(&["sku"])? {
        if name.parse::<Sku>().is_err() {
            return Err(Problem::bad_request("query/sku", "must be a SKU each: 1 to 64 of A-Z, a-z, 0-9, -, _ and ."));
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if (1..=MOST).contains(&names.len()) {
        return Ok(names);
    }
    Err(Problem::bad_request("query/sku", format!("must be given once for each of 1 to {MOST} items")))
}

/// The items of these names that exist, and the parts of those that are bundles.
async fn items(
    catalog: &impl Catalog,
    tenant: &TenantId,
    names: &[String],
) -> Result<BTreeMap<String, Item>, StoreError> {
    let mut items = BTreeMap::new();
    let mut wanted: Vec<String> = names.to_vec();
    while let Some(name) = wanted.pop() {
        if items.contains_key(&name) {
            continue;
        }
        if let Some(item) = catalog.find::<Item>(tenant, &name).await? {
            wanted.extend(item.components.iter().map(|part| part.sku.to_string()));
            items.insert(name, item);
        }
    }
    Ok(items)
}

/// What one unit of an item is made of: itself, or a bundle's parts.
fn parts(item: &Item) -> Vec<(Sku, i64)> {
    if item.components.is_empty() {
        return vec![(item.sku.clone(), 1)];
    }
    item.components.iter().map(|part| (part.sku.clone(), i64::from(part.quantity.get()))).collect()
}

fn row(
    sku: String,
    item: &Item,
    items: &BTreeMap<String, Item>,
    (readings, channel): (&BTreeMap<Sku, Reading>, &ChannelId),
) -> AvailabilityRow {
    let (mut available, mut promised, mut expected) = (i64::MAX, true, Some(Date::MIN));
    for (part, quantity) in parts(item) {
        let (Some(item), Some(reading)) = (items.get(part.as_str()), readings.get(&part)) else {
            // A part that the catalog does not have: the bundle cannot be sold.
            (available, promised, expected) = (0, false, None);
            break;
        };
        let complete = (reading.network.available - item.left_by(channel)).max(0) / quantity;
        available = available.min(complete);
        if complete == 0 {
            promised &= item.backorder.is_some() && reading.network.promisable >= quantity;
            expected = expected.zip(reading.next).map(|(latest, next)| latest.max(next));
        }
    }
    let none = available == 0;
    let expected = expected.filter(|_| none).map(|day| day.to_string());
    AvailabilityRow { sku, known: true, available, backorder: none && promised, expected }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waybill_testkit::{World, at, block_on, id, tenant};

    #[test]
    fn a_reading_is_used_for_less_than_two_seconds_and_by_its_own_merchant_only() {
        let (world, recent) = (World::seeded(), Recent::default());
        let sku: Sku = id("MUG-BLUE");
        let read = |tenant: &TenantId, now: Timestamp| {
            let skus = BTreeSet::from([sku.clone()]);
            let reading = block_on(recent.of(&world.stock, tenant, skus, now)).unwrap()[&sku];
            (reading.at, reading.network.available)
        };
        let (first, known) = read(&tenant(), at(10));
        world.memory.receive(&tenant(), &sku, &id("reno"), 5);
        let later = |millis: i64| at(10) + SignedDuration::from_millis(millis);
        assert_eq!(read(&tenant(), later(1_999)), (first, known));
        assert_eq!(read(&id("other"), later(1_999)), (later(1_999), 0));
        assert_eq!(read(&tenant(), later(2_000)), (later(2_000), known + 5));
    }
}
