//! Every counter and every document there is, page by page of the table of stock.

use super::{DynamoStatements, parsed};
use crate::classify::classify;
use crate::keys::{Item, count, key, need, text};
use crate::orders::audit::{closed, half_units, opened};
use crate::stock::shelf::shelf_of_key;
use aws_sdk_dynamodb::types::ReturnConsumedCapacity::Total;
use waybill_domain::id::TenantId;
use waybill_domain::ports::{StoreError, Survey, Surveyed};
use waybill_domain::stock::audit::{Counted, Counters};
use waybill_domain::stock::{Counter, Document, Place};

/// The sort key of documents.
const DOCUMENT: &str = "DOCUMENT";
/// What of an item is read.
const PROJECTION: &str = "pk, sk, #body, #moved_at, #holds, #available, #promisable, #fillable, #on_hand, #allocated, \
                          #free, #held, #remaining";

impl Survey for DynamoStatements {
    async fn survey(&self, after: Option<&str>) -> Result<Surveyed, StoreError> {
        let from = after.map(opened).transpose()?;
        let mut scan = self
            .client
            .scan()
            .table_name(&self.stock)
            .set_exclusive_start_key(from.map(|(pk, sk)| key(pk, sk)))
            .filter_expression(
                "sk = :document OR sk = :network OR begins_with(sk, :site) OR begins_with(sk, :announced)",
            )
            .expression_attribute_values(":document", text(DOCUMENT))
            .expression_attribute_values(":network", text("ATP"))
            .expression_attribute_values(":site", text("SITE#"))
            .expression_attribute_values(":announced", text("ANNOUNCED#"))
            .projection_expression(PROJECTION)
            .return_consumed_capacity(Total);
        let counters = Counter::ALL.into_iter().map(Counter::name);
        for name in counters.chain(["body", "moved_at", "holds"]) {
            scan = scan.expression_attribute_names(format!("#{name}"), name);
        }
        let page = scan.send().await.map_err(classify)?;
        let mut surveyed = Surveyed { half_units: half_units(page.consumed_capacity()), ..Surveyed::default() };
        if let Some(end) = page.last_evaluated_key() {
            surveyed.next = Some(closed(&(need(end, "pk")?.to_owned(), need(end, "sk")?.to_owned())));
        }
        for item in page.items.unwrap_or_default() {
            if sort(&mut surveyed, &item).is_err() {
                surveyed.unreadable.push(format!("{} {}", need(&item, "pk")?, need(&item, "sk")?));
            }
        }
        Ok(surveyed)
    }
}

fn sort(surveyed: &mut Surveyed, item: &Item) -> Result<(), StoreError> {
    if need(item, "sk")? == DOCUMENT {
        surveyed.documents.push((tenant(need(item, "pk")?)?, parsed::<Document>(item)?));
    } else {
        surveyed.counters.push(counted(item)?);
    }
    Ok(())
}

fn odd() -> StoreError {
    crate::classify::broken("an item of stock has a key that does not parse")
}

fn tenant(pk: &str) -> Result<TenantId, StoreError> {
    let tenant = pk.strip_prefix("T#").and_then(|rest| rest.split_once('#'));
    tenant.and_then(|(tenant, _)| tenant.parse().ok()).ok_or_else(odd)
}

fn counted(item: &Item) -> Result<Counted, StoreError> {
    let (pk, sk) = (need(item, "pk")?, need(item, "sk")?);
    let (tenant, shelf) = shelf_of_key(pk, sk).ok_or_else(odd)?;
    let moved_at = item.get("moved_at").map(|_| need(item, "moved_at")).transpose()?;
    let moved_at = moved_at.map(str::parse).transpose().map_err(|_| odd())?;
    let counters = match &shelf.place {
        Place::Network if pk.contains("#SHARD#") => shard(item)?,
        Place::Network | Place::Site(_) | Place::Stow(..) | Place::Announced(_) => {
            let there = Counter::ALL.into_iter().filter(|counter| item.contains_key(counter.name()));
            there.map(|counter| Ok((counter, count(item, counter.name())?))).collect::<Result<_, StoreError>>()?
        }
    };
    Ok(Counted { tenant, shelf, counters, moved_at })
}

/// A hot item's shard: its units, and those it holds for orders, are available, promisable and fillable.
fn shard(item: &Item) -> Result<Counters, StoreError> {
    let mut units = count(item, "available")?;
    for hold in item.get("holds").and_then(|holds| holds.as_m().ok()).into_iter().flat_map(|holds| holds.values()) {
        units += count(hold.as_m().map_err(|_| odd())?, "units")?;
    }
    Ok([Counter::Available, Counter::Promisable, Counter::Fillable].map(|counter| (counter, units)).into())
}
