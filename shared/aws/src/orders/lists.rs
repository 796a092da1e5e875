//! Lists from the indexes: keys only, and the heads behind them.

use super::{DynamoOrders, head};
use crate::batch;
use crate::classify::{broken, classify};
use crate::keys::{self, Item, key, need, text};
use jiff::civil::Date;
use waybill_domain::id::{OrderId, SiteId, TenantId};
use waybill_domain::ports::{Filter, Lists, Page, Queue, StoreError, Summary};

/// Days without an order that one page may walk over.
const DAYS_A_PAGE: usize = 62;

pub(super) fn site_queue(tenant: &TenantId, site: &SiteId, queue: &str) -> String {
    format!("T#{tenant}#SITE#{site}#{queue}")
}

pub(super) fn case_queue(tenant: &TenantId) -> String {
    format!("T#{tenant}#EXCEPTIONS")
}

/// One read of an index.
struct Read<'a> {
    index: &'a str,
    pk: String,
    /// Sort keys on the far side of this one only.
    after: Option<&'a str>,
    newest_first: bool,
    filter: Vec<(&'static str, String)>,
    limit: usize,
}

impl DynamoOrders {
    /// Items of an index, at least `limit` where there are so many.
    async fn read(&self, read: Read<'_>) -> Result<Vec<Item>, StoreError> {
        let name = read.index.trim_start_matches("by_");
        let side = if read.newest_first { "<" } else { ">" };
        let mut condition = "#pk = :pk".to_owned();
        let mut query = self
            .client
            .query()
            .table_name(&self.orders)
            .index_name(read.index)
            .scan_index_forward(!read.newest_first)
            .expression_attribute_names("#pk", format!("{name}_pk"))
            .expression_attribute_values(":pk", text(read.pk));
        if let Some(after) = read.after {
            condition.push_str(&[" AND #sk ", side, " :after"].concat());
            query = query
                .expression_attribute_names("#sk", format!("{name}_sk"))
                .expression_attribute_values(":after", text(after));
        }
        let filters: Vec<String> = read.filter.iter().map(|(name, _)| format!("#{name} = :{name}")).collect();
        for (name, wanted) in read.filter {
            query = query
                .expression_attribute_names(format!("#{name}"), name)
                .expression_attribute_values(format!(":{name}"), text(wanted));
        }
        if !filters.is_empty() {
            query = query.filter_expression(filters.join(" AND "));
        }
        let mut pages = query.key_condition_expression(condition).into_paginator().items().send();
        let mut items = Vec::new();
        while items.len() < read.limit {
            let Some(item) = pages.next().await else { break };
            items.push(item.map_err(classify)?);
        }
        Ok(items)
    }

    /// The heads behind index entries, in their order, read consistently.
    async fn heads(&self, entries: &[Item]) -> Result<Vec<Summary>, StoreError> {
        let keys =
            entries.iter().map(|entry| Ok(key(need(entry, "pk")?, "STATE"))).collect::<Result<_, StoreError>>()?;
        let heads = batch::items(&self.client, &self.orders, keys).await?;
        let mut found = heads.iter().map(head::summary).collect::<Result<Vec<_>, _>>()?;
        found.sort_by(|a, b| (b.placed_at, &b.id).cmp(&(a.placed_at, &a.id)));
        Ok(found)
    }

    /// Orders of one day, newest first: the shards merged.
    async fn day(
        &self,
        tenant: &TenantId,
        day: Date,
        filter: &Filter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        for shard in 0..head::DAY_SHARDS {
            let pk = head::day_pk(tenant, day, shard);
            let filter = attributes(filter);
            items.extend(self.read(Read { index: "by_day", pk, after, newest_first: true, filter, limit }).await?);
        }
        items.sort_by(|a, b| sort_key(b, "day_sk").cmp(sort_key(a, "day_sk")));
        items.truncate(limit);
        Ok(items)
    }
}

/// The criteria that the day's index carries.
fn attributes(filter: &Filter) -> Vec<(&'static str, String)> {
    let axes = [
        ("order_status", filter.order.map(|status| status.name().to_owned())),
        ("payment_status", filter.payment.map(|status| status.name().to_owned())),
        ("fulfillment_status", filter.fulfillment.map(|status| status.name().to_owned())),
        ("channel", filter.channel.as_ref().map(ToString::to_string)),
    ];
    axes.into_iter().filter_map(|(name, wanted)| Some((name, wanted?))).collect()
}

fn sort_key<'a>(item: &'a Item, name: &str) -> &'a str {
    need(item, name).unwrap_or_default()
}

/// All criteria, on the head itself: indexes lag, and two of them carry keys only.
fn matches(filter: &Filter, summary: &Summary) -> bool {
    let day = summary.placed_at.to_zoned(jiff::tz::TimeZone::UTC).date();
    filter.order.is_none_or(|status| status == summary.axes.order)
        && filter.payment.is_none_or(|status| status == summary.axes.payment)
        && filter.fulfillment.is_none_or(|status| status == summary.axes.fulfillment)
        && filter.channel.as_ref().is_none_or(|channel| *channel == summary.channel)
        && filter.reference.as_ref().is_none_or(|reference| Some(reference) == summary.reference.as_ref())
        && (filter.from..=filter.to).contains(&day)
}

impl Lists for DynamoOrders {
    async fn orders(
        &self,
        tenant: &TenantId,
        filter: &Filter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Summary>, StoreError> {
        let direct = match (&filter.customer, &filter.reference) {
            (Some(customer), _) => Some(("by_customer", "customer_sk", head::customer_pk(tenant, customer))),
            (None, Some(reference)) => Some(("by_reference", "reference_sk", head::reference_pk(tenant, reference))),
            (None, None) => None,
        };
        if let Some((index, sk, pk)) = direct {
            let read = Read { index, pk, after, newest_first: true, filter: Vec::new(), limit };
            let items = self.read(read).await?;
            let next = items.get(limit - 1).map(|last| sort_key(last, sk).to_owned());
            let rows = self.heads(&items).await?.into_iter().filter(|row| matches(filter, row)).collect();
            return Ok(Page { rows, next });
        }
        let begin = after.and_then(|after| after.get(..10)).and_then(|day| day.parse().ok()).unwrap_or(filter.to);
        let mut day: Date = begin.min(filter.to);
        let mut items = Vec::new();
        for _ in 0..DAYS_A_PAGE {
            if day < filter.from || items.len() >= limit {
                break;
            }
            items.extend(self.day(tenant, day, filter, after, limit - items.len()).await?);
            let Ok(earlier) = day.yesterday() else { break };
            day = earlier;
        }
        let full = items.get(limit - 1).map(|last| sort_key(last, "day_sk").to_owned());
        // Not full, and days left: the next page begins above everything on the day reached.
        let rest = (day >= filter.from).then(|| format!("{day}T99"));
        let rows = self.heads(&items).await?.into_iter().filter(|row| matches(filter, row)).collect();
        Ok(Page { rows, next: full.or(rest) })
    }

    async fn work(
        &self,
        tenant: &TenantId,
        queue: &Queue,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<(OrderId, u16)>, StoreError> {
        let pk = match queue {
            Queue::Site(site, name) => site_queue(tenant, site, name),
            Queue::Exceptions => case_queue(tenant),
        };
        let read = Read { index: "by_queue", pk, after, newest_first: false, filter: Vec::new(), limit };
        let items = self.read(read).await?;
        let next = items.get(limit - 1).map(|last| sort_key(last, "queue_sk").to_owned());
        let row = |item: &Item| {
            let (_, id) = keys::split_order(need(item, "pk")?).ok_or_else(|| broken("a work item of no order"))?;
            let number = need(item, "sk")?.rsplit_once('#').and_then(|(_, number)| number.parse().ok());
            Ok((id, number.ok_or_else(|| broken("a work item without a number"))?))
        };
        Ok(Page { rows: items.iter().map(row).collect::<Result<_, _>>()?, next })
    }
}
