//! Stock levels.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use waybill_domain::id::{SiteId, Sku, TenantId, digest_of};
use waybill_domain::ports::{Stock, StoreError};
use waybill_domain::stock::Level;
use waybill_lambda::Fault;
use waybill_lambda::http::Problem;

/// How often a level is set anew when it moved meanwhile.
const ATTEMPTS: u32 = 5;

/// What was counted.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CountBody {
    /// Units physically there, 0 to 4,294,967,295.
    pub on_hand: u32,
}

/// An item's stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StockLevels {
    /// Which item.
    sku: String,
    /// Units that may still be promised, network-wide.
    available: i64,
    /// What each site holds.
    sites: Vec<SiteLevel>,
}

/// What a site holds of an item, in units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SiteLevel {
    site: String,
    on_hand: i64,
    allocated: i64,
    free: i64,
    held: i64,
}

impl SiteLevel {
    fn new(site: &SiteId, level: &Level) -> Self {
        let Level { on_hand, allocated, free, held } = *level;
        Self { site: site.to_string(), on_hand, allocated, free, held }
    }
}

/// The levels of an item.
///
/// # Errors
/// 503 when they cannot be read.
pub async fn levels(stock: &impl Stock, tenant: &TenantId, sku: &Sku) -> Result<StockLevels, Problem> {
    let (available, sites) = stock.levels(tenant, sku).await?;
    let sites = sites.iter().map(|(site, level)| SiteLevel::new(site, level)).collect();
    Ok(StockLevels { sku: sku.to_string(), available, sites })
}

/// Sets what is on hand at a site, by the adjustment that leads there.
///
/// # Errors
/// 409 when fewer would be there than are promised or spoken for.
pub async fn set(
    stock: &impl Stock,
    tenant: &TenantId,
    sku: &Sku,
    site: &SiteId,
    count: CountBody,
    now: jiff::Timestamp,
) -> Result<StockLevels, Problem> {
    for attempt in 0..ATTEMPTS {
        let id = format!("{now}-{}", &digest_of(&[site.as_str(), &attempt.to_string()])[..8]);
        match stock.set_on_hand(tenant, sku, site, i64::from(count.on_hand), &id, now).await {
            Ok(Some(_)) => return levels(stock, tenant, sku).await,
            Ok(None) => return Err(Problem::conflict("fewer units would be there than are promised or allocated")),
            Err(StoreError::Conflict) => {}
            Err(error @ (StoreError::Unavailable(_) | StoreError::Broken(_))) => return Err(error.into()),
        }
    }
    Err(Fault::from(StoreError::Conflict).into())
}
