//! Changes, held against what caused them.

use crate::stream::{StreamEvent, understand};
use std::collections::BTreeMap;
use waybill_domain::catalog::Item;
use waybill_domain::id::{TenantId, digest_of};
use waybill_domain::ports::{BusEvent, Catalog, Entered, EventBus, Movements, Statements};
use waybill_domain::stock::audit::{
    Audited, Cause, Crossing, Drift, Entry, Spread, Write, audit, crossings, place_name,
};
use waybill_domain::stock::{Counter, Movement, Place};
use waybill_lambda::Fault;

/// What changes are audited with.
#[derive(Debug)]
pub struct Auditor<S, C, B> {
    /// Statements, and what events and documents moved.
    pub statements: S,
    /// Master data: from when on an item is low.
    pub catalog: C,
    /// Where stores and staff are told.
    pub bus: B,
}

/// What a batch was found to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Lines on statements.
    pub lines: u64,
    /// Drifts that were not known before.
    pub drifts: Vec<Drift>,
}

/// What causes moved, as far as this batch has asked.
type Asked = BTreeMap<(TenantId, Cause), Option<Vec<Movement>>>;

/// Audits a batch, in order.
///
/// # Errors
/// The first failure. The whole batch comes again then, on AWS in halves until the failing record stands alone; what was
/// written is written again as it is. (Partial batch responses would spare the repetition, but the local AWS ignores them
/// and takes the batch for done.)
pub async fn handle<S, C, B>(auditor: &Auditor<S, C, B>, event: StreamEvent) -> Result<Found, Fault>
where
    S: Statements + Movements,
    C: Catalog,
    B: EventBus,
{
    let (mut asked, mut found) = (Asked::new(), Found::default());
    for record in &event.records {
        if let Some(write) = understand(&record.dynamodb)? {
            auditor.look(&write, &mut asked, &mut found).await?;
        }
    }
    Ok(found)
}

impl<S: Statements + Movements, C: Catalog, B: EventBus> Auditor<S, C, B> {
    async fn look(&self, write: &Write, asked: &mut Asked, found: &mut Found) -> Result<(), Fault> {
        let moved = match write.cause() {
            Some(cause) => self.moved_by(&write.tenant, cause, asked).await?,
            None => None,
        };
        let Some(audited) = audit(write, moved.as_deref()) else { return Ok(()) };
        // Told before the line is written: once the line is there, nothing more is told.
        self.tell(write, &audited.entry).await?;
        let audited = self.enter(write, audited).await?;
        found.lines += 1;
        if let Some(drift) = audited.drift
            && self.statements.open_drift(&drift).await?
        {
            log(&drift);
            found.drifts.push(drift);
        }
        Ok(())
    }

    async fn moved_by(
        &self,
        tenant: &TenantId,
        cause: Cause,
        asked: &mut Asked,
    ) -> Result<Option<Vec<Movement>>, Fault> {
        let key = (tenant.clone(), cause);
        if let Some(known) = asked.get(&key) {
            return Ok(known.clone());
        }
        let moved = self.statements.moved_by(tenant, &key.1).await?;
        asked.insert(key, moved.clone());
        Ok(moved)
    }

    /// Writes the line. Where its cause has one of another write at that time, this one is a repetition.
    async fn enter(&self, write: &Write, audited: Audited) -> Result<Audited, Fault> {
        match self.statements.enter(&write.tenant, &audited.entry).await? {
            Entered::Kept => Ok(audited),
            Entered::Taken => {
                let repeated = audited.repeated(write);
                self.statements.enter(&write.tenant, &repeated.entry).await?;
                Ok(repeated)
            }
        }
    }

    /// Tells of thresholds that what is available has crossed.
    async fn tell(&self, write: &Write, entry: &Entry) -> Result<(), Fault> {
        if write.shelf.place != Place::Network || write.spread != Spread::No {
            return Ok(());
        }
        let (before, after) = write.of(Counter::Available);
        let threshold = if after < before { self.low_stock(write).await? } else { None };
        let crossed = crossings(before, after, threshold);
        if crossed.is_empty() || self.statements.is_entered(&write.tenant, entry).await? {
            return Ok(());
        }
        for crossing in crossed {
            self.bus.publish(&event(write, entry, crossing, threshold)).await?;
        }
        Ok(())
    }

    async fn low_stock(&self, write: &Write) -> Result<Option<u32>, Fault> {
        let item: Option<Item> = self.catalog.find(&write.tenant, write.shelf.sku.as_str()).await?;
        Ok(item.and_then(|item| item.low_stock))
    }
}

fn event(write: &Write, entry: &Entry, kind: Crossing, threshold: Option<u32>) -> BusEvent {
    let (tenant, sku) = (write.tenant.clone(), write.shelf.sku.clone());
    let cause = entry.cause.as_deref().unwrap_or(&entry.sequence);
    let digest = digest_of(&[tenant.as_str(), sku.as_str(), cause, kind.name()]);
    BusEvent {
        specversion: "1.0",
        id: format!("evt-{}", &digest[..32]),
        source: "waybill/stock",
        kind,
        time: entry.at,
        tenant,
        sku,
        available: write.of(Counter::Available).1,
        threshold,
    }
}

/// Ids and numbers only.
fn log(drift: &Drift) {
    let wrong = drift.wrong.iter();
    let wrong: Vec<_> =
        wrong.map(|one| format!("{} must be {}, is {}", one.counter.name(), one.expected, one.found)).collect();
    tracing::error!(
        tenant = drift.tenant.as_str(),
        sku = drift.shelf.sku.as_str(),
        place = place_name(&drift.shelf.place, drift.shard),
        cause = drift.cause.as_deref().unwrap_or("none"),
        "stock drift: {}: {}",
        drift.rule.words(),
        wrong.join("; ")
    );
}
