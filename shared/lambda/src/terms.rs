//! What the catalog says about an order to be placed: store, policy, service, site, items.

use crate::fault::Fault;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use waybill_domain::address::Country;
use waybill_domain::catalog::{Carrier, Item, Policy, Site, Store};
use waybill_domain::id::{ChannelId, Sku, StoreId, TenantId};
use waybill_domain::order::{MAX_ITEMS, Placed, Seller};
use waybill_domain::ports::Catalog;
use waybill_domain::promise::{Promise, promise_after};

/// The catalog's records an order is placed under. All of them come from memory on a warm call.
#[derive(Clone, Debug)]
pub struct Terms {
    tenant: TenantId,
    store: Store,
    policy: Policy,
    carrier: Carrier,
    site: Site,
    items: BTreeMap<Sku, Item>,
}

/// Looks items up, as many as an order may have: one of more is refused, whatever they are.
async fn find(
    catalog: &impl Catalog,
    tenant: &TenantId,
    skus: &BTreeSet<Sku>,
    items: &mut BTreeMap<Sku, Item>,
) -> Result<(), Fault> {
    for sku in skus.iter().take(MAX_ITEMS) {
        if let Some(item) = catalog.find::<Item>(tenant, sku.as_str()).await? {
            items.insert(sku.clone(), item);
        }
    }
    Ok(())
}

impl Terms {
    /// Looks the records up.
    ///
    /// # Errors
    /// `Defect` for a tenant whose master data is incomplete; `Transient` when the catalog is not available.
    pub async fn of(
        catalog: &impl Catalog,
        tenant: &TenantId,
        store: &StoreId,
        skus: &BTreeSet<Sku>,
    ) -> Result<Self, Fault> {
        let missing = |what: &str| Fault::defect(format!("tenant {tenant} has no {what}"));
        let store = catalog.find::<Store>(tenant, store.as_str()).await?.ok_or_else(|| missing("such store"))?;
        let policy = catalog.find::<Policy>(tenant, "default").await?.ok_or_else(|| missing("policy `default`"))?;
        let carrier = catalog.find::<Carrier>(tenant, policy.carrier.as_str()).await?;
        let carrier = carrier.ok_or_else(|| missing("carrier of its policy"))?;
        let sites = catalog.all::<Site>(tenant).await?;
        let site = sites.into_iter().min_by(|a, b| (a.rank, &a.id).cmp(&(b.rank, &b.id)));
        let site = site.ok_or_else(|| missing("site"))?;
        let mut items = BTreeMap::new();
        find(catalog, tenant, skus, &mut items).await?;
        let components = items.values().flat_map(|item: &Item| &item.components).map(|component| component.sku.clone());
        let components = components.filter(|sku| !items.contains_key(sku)).collect();
        find(catalog, tenant, &components, &mut items).await?;
        Ok(Self { tenant: tenant.clone(), store, policy, carrier, site, items })
    }

    /// The items and the components of the bundles among them, by SKU; what the catalog does not know is absent.
    #[must_use]
    pub fn items(&self) -> &BTreeMap<Sku, Item> {
        &self.items
    }

    /// What is promised to an order placed `at` that waits for units which are due on `due`.
    ///
    /// # Errors
    /// `Defect` for a service that is not offered, or a site that never ships.
    pub fn promise_after(&self, placed: &Placed, at: Timestamp, due: Date) -> Result<Promise, Fault> {
        let service = self.carrier.service(placed.shipping.service.as_str(), &placed.ship_to.country);
        let service = service.ok_or_else(|| Fault::defect("the order's service is not offered"))?;
        promise_after(&self.site, service, at, due).map_err(|error| Fault::Defect(error.into()))
    }

    /// The seller, for an order of this channel with this service to this country.
    #[must_use]
    pub fn seller(&self, channel: ChannelId, service: &str, country: &Country) -> Seller<'_> {
        Seller {
            tenant: &self.tenant,
            store: &self.store,
            channel,
            items: &self.items,
            site: &self.site,
            service: self.carrier.service(service, country),
            policy: &self.policy,
        }
    }
}
