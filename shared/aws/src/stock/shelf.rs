//! Where items of counters stand: an item's partition, its sort keys, and what they say.

use crate::classify::broken;
use crate::keys::{self, Item, need};
use waybill_domain::id::{SiteId, TenantId};
use waybill_domain::ports::StoreError;
use waybill_domain::stock::{Place, Shelf};

/// The network-wide counters of an item.
pub(crate) const NETWORK: &str = "ATP";
/// What comes after the last sort key that begins like this: `~` is greater than every character of an identifier.
pub(super) const BEYOND: &str = "~";
/// The key of an item of counters.
pub(crate) fn key(tenant: &TenantId, shelf: &Shelf) -> Item {
    keys::key(keys::sku(tenant, &shelf.sku), shelf.place.to_string())
}

/// The first and the last sort key that may begin like this.
pub(super) fn range(prefix: &str) -> (String, String) {
    (prefix.to_owned(), format!("{prefix}{BEYOND}"))
}

/// Whose counters stand at this key, and of what; a hot item's shards are of the network. `None`: no counters stand there.
#[must_use]
pub fn shelf_of_key(pk: &str, sk: &str) -> Option<(TenantId, Shelf)> {
    let (tenant, rest) = pk.strip_prefix("T#")?.split_once("#SKU#")?;
    let sku = rest.split_once("#SHARD#").map_or(rest, |(sku, _)| sku);
    Some((tenant.parse().ok()?, Shelf { sku: sku.parse().ok()?, place: sk.parse().ok()? }))
}

/// What an item of counters is about.
pub(super) fn shelf(item: &Item) -> Result<Shelf, StoreError> {
    let found = shelf_of_key(need(item, "pk")?, need(item, "sk")?);
    found.map(|(_, shelf)| shelf).ok_or_else(|| broken("an item of counters has a key that does not parse"))
}

/// The site whose counters an item has.
pub(super) fn site(item: &Item) -> Result<SiteId, StoreError> {
    match shelf(item)?.place {
        Place::Site(site) | Place::Stow(site, _) => Ok(site),
        Place::Network | Place::Announced(_) => Err(broken("counters of no site")),
    }
}
