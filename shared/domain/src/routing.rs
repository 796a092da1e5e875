//! Routing: which site ships what.

use crate::id::{SiteId, Sku};
use std::collections::BTreeMap;

/// Units of one order line that one site ships.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Which site.
    pub site: SiteId,
    /// Index into the demand.
    pub line: usize,
    /// How many units.
    pub quantity: u32,
}

/// The sites together do not hold what was promised.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no site holds {missing} of {sku} that were promised")]
pub struct Unroutable {
    sku: Sku,
    missing: u32,
}

/// Divides `demand` (SKU and units per line) over sites in order of rank: the first site that can ship
/// everything ships everything; failing that, each line is filled from the sites in order.
///
/// # Errors
/// `Unroutable` when what is free at all sites together does not cover a line.
pub fn route(
    demand: &[(Sku, u32)],
    ranked: &[SiteId],
    free: &BTreeMap<(SiteId, Sku), i64>,
) -> Result<Vec<Share>, Unroutable> {
    let mut left = free.clone();
    for site in ranked {
        let mut trial = left.clone();
        let shares: Vec<Share> = fill(demand, std::slice::from_ref(site), &mut trial).unwrap_or_default();
        if !shares.is_empty() {
            return Ok(shares);
        }
    }
    fill(demand, ranked, &mut left)
}

fn fill(
    demand: &[(Sku, u32)],
    sites: &[SiteId],
    free: &mut BTreeMap<(SiteId, Sku), i64>,
) -> Result<Vec<Share>, Unroutable> {
    let mut shares = Vec::new();
    for (line, (sku, quantity)) in demand.iter().enumerate() {
        let mut wanted = *quantity;
        for site in sites {
            let Some(there) = free.get_mut(&(site.clone(), sku.clone())) else { continue };
            let taken = u32::try_from((*there).max(0)).unwrap_or(u32::MAX).min(wanted);
            if taken > 0 {
                *there -= i64::from(taken);
                wanted -= taken;
                shares.push(Share { site: site.clone(), line, quantity: taken });
            }
        }
        if wanted > 0 {
            return Err(Unroutable { sku: sku.clone(), missing: wanted });
        }
    }
    Ok(shares)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_site_is_preferred_and_lines_are_split_only_when_they_must_be() {
        let site = |s: &str| -> SiteId { s.parse().unwrap() };
        let sku = |s: &str| -> Sku { s.parse().unwrap() };
        let demand = [(sku("A"), 2), (sku("A"), 1), (sku("B"), 1)];
        let both = [site("near"), site("far")];
        let levels = |rows: &[(&str, &str, i64)]| -> BTreeMap<(SiteId, Sku), i64> {
            rows.iter().map(|(s, k, n)| ((site(s), sku(k)), *n)).collect()
        };
        let sites_of = |free: &BTreeMap<(SiteId, Sku), i64>| {
            let shares = route(&demand, &both, free)?;
            Ok::<_, Unroutable>(shares.iter().map(|s| (s.site.to_string(), s.line, s.quantity)).collect::<Vec<_>>())
        };
        let one = sites_of(&levels(&[("near", "A", 2), ("near", "B", 1), ("far", "A", 9), ("far", "B", 9)])).unwrap();
        assert!(one.iter().all(|(s, ..)| s == "far"), "{one:?}");
        let split = sites_of(&levels(&[("near", "A", 2), ("near", "B", 1), ("far", "A", 1)])).unwrap();
        assert_eq!(split, vec![("near".into(), 0, 2), ("far".into(), 1, 1), ("near".into(), 2, 1)]);
        assert!(sites_of(&levels(&[("near", "A", 2), ("near", "B", 1)])).is_err());
    }
}
