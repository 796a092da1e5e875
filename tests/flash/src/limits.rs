//! What DynamoDB's limits allow, by arithmetic: no run on AWS stands behind these numbers.

use serde::Serialize;

/// Write units a partition takes in a second.
pub const PARTITION: u64 = 1_000;
/// Units of a counter's update within an order's transaction.
const IN_TRANSACTION: u64 = 2;
/// Units of a hold: a plain update.
const HOLD: u64 = 1;

/// What a number of counters allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// 1: the item's own counter. More: shards.
    pub counters: u64,
    /// Write units that a reservation costs on its counter.
    pub units_per_reservation: u64,
    /// Reservations a second at most, with no loser at all.
    pub reservations_per_second: u64,
    /// Seconds to sell everything at that rate, rounded up.
    pub seconds_to_sell: u64,
    /// Losers a second that the counters turn away besides, at half that rate.
    pub losers_per_second: u64,
}

/// One counter, ten shards, a hundred, for so many units.
#[must_use]
pub fn limits(units: u64) -> Vec<Limit> {
    [1, 10, 100].map(|counters| limit(counters, units)).to_vec()
}

fn limit(counters: u64, units: u64) -> Limit {
    // On one counter the transaction does all; on a shard the hold comes first, and a loser costs but that.
    let (winner, loser) = if counters == 1 { (IN_TRANSACTION, IN_TRANSACTION) } else { (HOLD + IN_TRANSACTION, HOLD) };
    let per_second = counters * PARTITION / winner;
    Limit {
        counters,
        units_per_reservation: winner,
        reservations_per_second: per_second,
        seconds_to_sell: units.div_ceil(per_second.max(1)),
        losers_per_second: counters * PARTITION / 2 / loser,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_arithmetic_of_the_documentation() {
        let rates: Vec<_> =
            limits(10_000).iter().map(|l| (l.counters, l.reservations_per_second, l.seconds_to_sell)).collect();
        assert_eq!(rates, [(1, 500, 20), (10, 3_333, 4), (100, 33_333, 1)]);
    }
}
