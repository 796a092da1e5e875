//! What the catalog says about an order to be placed: store, policy, service, site, items.

use crate::fault::Fault;
use std::collections::{BTreeMap, BTreeSet};
use waybill_domain::address::Country;
use waybill_domain::catalog::{Carrier, Item, Policy, Site, Store};
use waybill_domain::id::{ChannelId, Sku, StoreId, TenantId};
use waybill_domain::order::Seller;
use waybill_domain::ports::Catalog;

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
        for sku in skus {
            if let Some(item) = catalog.find::<Item>(tenant, sku.as_str()).await? {
                items.insert(sku.clone(), item);
            }
        }
        Ok(Self { tenant: tenant.clone(), store, policy, carrier, site, items })
    }

    /// The items, by SKU; what the catalog does not know is absent.
    #[must_use]
    pub fn items(&self) -> &BTreeMap<Sku, Item> {
        &self.items
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
