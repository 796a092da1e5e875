//! Percentiles of what was measured: no averages, which hide what the unlucky get.

use serde::Serialize;

/// Percentiles, in milliseconds. All are nothing where nothing was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Latency {
    /// How many were measured.
    pub count: usize,
    /// Half were faster.
    pub p50: u64,
    /// One in twenty was slower.
    pub p95: u64,
    /// One in a hundred was slower.
    pub p99: u64,
    /// The slowest.
    pub max: u64,
}

impl Latency {
    /// Of these, in any order.
    #[must_use]
    pub fn of(measured: impl IntoIterator<Item = u64>) -> Self {
        let mut sorted: Vec<u64> = measured.into_iter().collect();
        sorted.sort_unstable();
        let at = |percent: usize| nearest_rank(&sorted, percent);
        Self { count: sorted.len(), p50: at(50), p95: at(95), p99: at(99), max: at(100) }
    }
}

/// The smallest value that at least `percent` of all do not exceed.
fn nearest_rank(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let Latency { count, p50, p95, p99, max } = Latency::of((1..=200).rev());
        assert_eq!((count, p50, p95, p99, max), (200, 100, 190, 198, 200));
    }

    #[test]
    fn one_slow_answer_is_seen_and_nothing_measured_is_nothing() {
        assert_eq!(Latency::of([7, 7, 900]).max, 900);
        assert_eq!(Latency::of([]), Latency::default());
    }
}
