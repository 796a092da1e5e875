//! What is free of an order's items, and where.

use crate::Desk;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use waybill_domain::catalog::{Item, Site};
use waybill_domain::id::{SiteId, Sku};
use waybill_domain::order::Order;
use waybill_domain::ports::{Catalog, Orders, Stock};
use waybill_domain::routing::Free;
use waybill_domain::stock::Stocked;
use waybill_lambda::Halt;

impl<O: Orders, S: Stock, C: Catalog> Desk<'_, O, S, C> {
    /// The sites in order of rank, what is free there of `demand`, and the day, UTC: what expires by it stays where it is.
    pub(crate) async fn free(&self, order: &Order, demand: &[(Sku, u32)]) -> Result<(Vec<SiteId>, Free, Date), Halt> {
        let tenant = &order.tenant;
        let mut sites = self.catalog.all::<Site>(tenant).await?;
        sites.sort_by(|a, b| (a.rank, &a.id).cmp(&(b.rank, &b.id)));
        let ranked: Vec<SiteId> = sites.into_iter().map(|site| site.id).collect();
        let today = self.now.to_zoned(TimeZone::UTC).date();
        let mut alike = BTreeSet::new();
        let mut free = Free::default();
        for sku in demand.iter().filter(|(_, units)| *units > 0).map(|(sku, _)| sku).collect::<BTreeSet<_>>() {
            let item = self.catalog.find::<Item>(tenant, sku.as_str()).await?;
            if item.is_none_or(|item| item.tracking.is_none()) {
                alike.insert(sku.clone());
                continue;
            }
            for there in self.stock.levels(tenant, sku).await?.sites {
                let stows = there.stows.into_iter().map(|(stow, level)| Stocked { stow, free: level.free });
                free.stowed(there.site, sku.clone(), stows.collect(), today);
            }
        }
        if !alike.is_empty() {
            free.units.extend(self.stock.free(tenant, &alike, &ranked).await?);
        }
        Ok((ranked, free, today))
    }
}
