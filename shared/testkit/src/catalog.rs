//! Master data in memory, and the demo's.

use crate::faults::{Faults, copied, locked};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use waybill_domain::catalog::{Client, Kind, Record};
use waybill_domain::id::TenantId;
use waybill_domain::ports::{Catalog, StoreError};

/// Records by partition and id: those of a tenant, and the app clients of nobody in particular.
type Records = BTreeMap<(Option<TenantId>, &'static str, String), serde_json::Value>;

/// Master data, never old.
#[derive(Clone, Debug, Default)]
pub struct MemoryCatalog {
    records: Arc<Mutex<Records>>,
    faults: Faults,
}

/// The demo's master data.
pub struct Seed {
    /// Kind, id and record, of what the catalog keeps.
    pub records: Vec<(Kind, String, serde_json::Value)>,
    /// SKU, site and units.
    pub stock: Vec<(String, String, i64)>,
}

/// The demo's master data, as its import file has it.
#[must_use]
pub fn seed() -> Seed {
    let mut seed = Seed { records: Vec::new(), stock: Vec::new() };
    for line in include_str!("../../../tests/seed/catalog.ndjson").lines() {
        let Ok(line) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        let record = &line["record"];
        let text = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
        match line["kind"].as_str().and_then(Kind::of_staff) {
            Some(kind) => seed.records.push((kind, text(kind.id_field()), record.clone())),
            None => seed.stock.push((text("sku"), text("site"), record["on_hand"].as_i64().unwrap_or_default())),
        }
    }
    seed
}

impl MemoryCatalog {
    /// An empty catalog.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The demo's records, of `tenant`.
    #[must_use]
    pub fn seeded(tenant: &TenantId) -> Self {
        Self::failing(Faults::new()).with_seed(tenant)
    }

    /// An empty catalog that fails when `faults` say so.
    #[must_use]
    pub fn failing(faults: Faults) -> Self {
        Self { records: Arc::default(), faults }
    }

    /// With the demo's records, of `tenant`.
    #[must_use]
    pub fn with_seed(self, tenant: &TenantId) -> Self {
        for (kind, id, record) in seed().records {
            self.keep(tenant, kind, &id, record);
        }
        self
    }

    pub(crate) fn copy(&self, faults: &Faults) -> Self {
        Self { records: copied(&self.records), faults: faults.clone() }
    }

    /// The failures to come.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Stores a record at once, as a test's given.
    pub fn keep(&self, tenant: &TenantId, kind: Kind, id: &str, record: serde_json::Value) {
        let owner = (kind != Kind::Client).then(|| tenant.clone());
        locked(&self.records).insert((owner, kind.name(), id.to_owned()), record);
    }

    fn read<R: Record>(&self, place: &(Option<TenantId>, &'static str, String)) -> Result<Option<R>, StoreError> {
        locked(&self.records).get(place).map(parsed).transpose()
    }
}

fn parsed<R: Record>(record: &serde_json::Value) -> Result<R, StoreError> {
    serde_json::from_value(record.clone()).map_err(|error| StoreError::Broken(error.into()))
}

impl Catalog for MemoryCatalog {
    async fn find<R: Record>(&self, tenant: &TenantId, id: &str) -> Result<Option<R>, StoreError> {
        let place = (Some(tenant.clone()), R::KIND.name(), id.to_owned());
        self.faults.store("catalog.find", || self.read(&place)).await
    }

    async fn all<R: Record>(&self, tenant: &TenantId) -> Result<Vec<R>, StoreError> {
        let owner = Some(tenant.clone());
        let work = || {
            let records = locked(&self.records);
            let ours = records.iter().filter(|((whose, kind, _), _)| *whose == owner && *kind == R::KIND.name());
            ours.map(|(_, record)| parsed(record)).collect()
        };
        self.faults.store("catalog.all", work).await
    }

    async fn put(&self, tenant: &TenantId, kind: Kind, id: &str, record: &serde_json::Value) -> Result<(), StoreError> {
        let work = || {
            self.keep(tenant, kind, id, record.clone());
            Ok(())
        };
        self.faults.store("catalog.put", work).await
    }

    async fn client(&self, id: &str) -> Result<Option<Client>, StoreError> {
        let place = (None, Kind::Client.name(), id.to_owned());
        self.faults.store("catalog.client", || self.read(&place)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block_on;
    use crate::{id, tenant};
    use waybill_domain::catalog::{Carrier, Carton, Channel, Item, Policy, Site, Store};

    #[test]
    fn every_seeded_record_is_a_legal_one() {
        let catalog = MemoryCatalog::seeded(&tenant());
        let count = |kind: Kind| seed().records.iter().filter(|(other, ..)| *other == kind).count();
        macro_rules! all {
            ($($record:ty),+) => { $(
                let found = block_on(catalog.all::<$record>(&tenant())).unwrap();
                assert_eq!(found.len(), count(<$record as Record>::KIND));
                assert!(!found.is_empty());
            )+ };
        }
        all!(Item, Site, Carton, Carrier, Store, Channel, Policy);
        assert!(seed().stock.iter().all(|(_, _, units)| *units > 0));
    }

    #[test]
    fn records_of_another_tenant_are_not_seen() {
        let catalog = MemoryCatalog::seeded(&tenant());
        assert_eq!(block_on(catalog.all::<Item>(&id("other"))).unwrap(), vec![]);
    }
}
