//! Ids from counters, so that two runs of one scenario read the same.

use std::collections::BTreeMap;

/// Mints `pi_000000000001`, `pi_000000000002`, … one counter a prefix.
#[derive(Debug, Default)]
pub struct Ids(BTreeMap<&'static str, u64>);

impl Ids {
    /// The next number of `series`, from 1.
    pub fn next(&mut self, series: &'static str) -> u64 {
        let last = self.0.entry(series).or_default();
        *last += 1;
        *last
    }

    /// The next id under `prefix`. Padded, so that ids sort in the order they were minted.
    pub fn mint(&mut self, prefix: &'static str) -> String {
        format!("{prefix}_{:012}", self.next(prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::Ids;

    #[test]
    fn each_prefix_counts_for_itself_and_sorts_by_age() {
        let mut ids = Ids::default();
        assert_eq!(ids.mint("pi"), "pi_000000000001");
        assert_eq!(ids.mint("ch"), "ch_000000000001");
        assert_eq!(ids.mint("pi"), "pi_000000000002");
    }
}
