//! Lists. Here they never lag; a test that needs an old list keeps one.

use super::MemoryOrders;
use super::books::Head;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::ports::{Filter, Lists, Page, Queue, StoreError, Summary};

/// Rows below `limit`, and where the next page begins if this one is full.
fn page<R, T>(rows: Vec<R>, limit: usize, cursor: impl Fn(&R) -> String, row: impl Fn(R) -> T) -> Page<T> {
    let rows: Vec<R> = rows.into_iter().take(limit).collect();
    let next = rows.last().filter(|_| rows.len() == limit).map(cursor);
    Page { rows: rows.into_iter().map(row).collect(), next }
}

/// The time and the rest of a cursor of ours; anything else begins at the top.
fn opened(after: Option<&str>) -> Option<(Timestamp, &str)> {
    let (at, rest) = after?.split_once('#')?;
    Some((at.parse().ok()?, rest))
}

fn matches(filter: &Filter, head: &Head) -> bool {
    let summary = &head.summary;
    let day = summary.placed_at.to_zoned(TimeZone::UTC).date();
    filter.order.is_none_or(|status| status == summary.axes.order)
        && filter.payment.is_none_or(|status| status == summary.axes.payment)
        && filter.fulfillment.is_none_or(|status| status == summary.axes.fulfillment)
        && filter.channel.as_ref().is_none_or(|channel| *channel == summary.channel)
        && filter.customer.as_ref().is_none_or(|customer| *customer == head.customer)
        && filter.reference.as_ref().is_none_or(|reference| Some(reference) == summary.reference.as_ref())
        && (filter.from..=filter.to).contains(&day)
}

impl Lists for MemoryOrders {
    async fn orders(
        &self,
        tenant: &TenantId,
        filter: &Filter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Summary>, StoreError> {
        let work = || {
            let books = self.0.books();
            let ours = books.heads.iter().filter(|((whose, _), head)| whose == tenant && matches(filter, head));
            let mut rows: Vec<Summary> = ours.map(|(_, head)| head.summary.clone()).collect();
            rows.sort_by(|a, b| (b.placed_at, &b.id).cmp(&(a.placed_at, &a.id)));
            if let Some((at, id)) = opened(after) {
                rows.retain(|row| (row.placed_at, row.id.as_str()) < (at, id));
            }
            Ok(page(rows, limit, |row| format!("{}#{}", row.placed_at, row.id), |row| row))
        };
        self.0.faults.store("lists.orders", work).await
    }

    async fn work(
        &self,
        tenant: &TenantId,
        queue: &Queue,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<(OrderId, u16)>, StoreError> {
        let wanted = match queue {
            Queue::Site(site, name) => Some((site.clone(), name.clone())),
            Queue::Exceptions => None,
        };
        let work = || {
            let books = self.0.books();
            let ours = books.work.iter().filter(|(((whose, _), _), item)| whose == tenant && item.queue == wanted);
            let mut rows: Vec<_> = ours
                .map(|(((_, id), (_, number)), item)| (item.since, format!("{id}#{number}"), id.clone(), *number))
                .collect();
            rows.sort();
            if let Some((at, rest)) = opened(after) {
                rows.retain(|(since, item, ..)| (*since, item.as_str()) > (at, rest));
            }
            Ok(page(rows, limit, |(since, item, ..)| format!("{since}#{item}"), |(_, _, id, number)| (id, number)))
        };
        self.0.faults.store("lists.work", work).await
    }
}
