//! Reading shards.

use crate::batch;
use crate::classify::broken;
use crate::keys::{self, Item, count, key};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use std::collections::BTreeMap;
use waybill_domain::id::{Sku, TenantId};
use waybill_domain::ports::StoreError;
use waybill_domain::stock::hot::{Held, Shard};

/// The shards of an item, by number; those that were never written are empty. Not consistent.
pub(crate) async fn shards_of(
    client: &Client,
    table: &str,
    tenant: &TenantId,
    sku: &Sku,
    shards: u16,
) -> Result<BTreeMap<u16, Shard>, StoreError> {
    let wanted = (0..shards).map(|number| key(keys::shard(tenant, sku, number), "ATP")).collect();
    let mut found: BTreeMap<u16, Shard> = (0..shards).map(|number| (number, Shard::default())).collect();
    for item in batch::lagging(client, table, wanted).await? {
        let number = keys::need(&item, "pk")?.rsplit_once('#').and_then(|(_, number)| number.parse().ok());
        let number = number.ok_or_else(|| broken("a shard without a number"))?;
        found.insert(number, read(&item)?);
    }
    Ok(found)
}

/// The shard in an item.
pub(crate) fn read(item: &Item) -> Result<Shard, StoreError> {
    let holds = item.get("holds").and_then(|holds| holds.as_m().ok()).into_iter().flatten();
    let hold = |(order, held): (&String, &AttributeValue)| {
        let odd = || broken("a hold does not parse");
        let held = held.as_m().map_err(|_| odd())?;
        let since = Timestamp::from_second(count(held, "since")?).map_err(|_| odd())?;
        Ok((order.parse().map_err(|_| odd())?, Held { units: count(held, "units")?, since }))
    };
    let holds = holds.map(hold).collect::<Result<_, StoreError>>()?;
    Ok(Shard { available: count(item, "available")?, taken: count(item, "taken")?, holds })
}
