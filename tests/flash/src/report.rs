//! What a sale came to.

use crate::aftermath::Books;
use crate::limits::{Limit, limits};
use crate::rates::Rates;
use crate::sale::{Plan, Tally};
use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;
use std::time::Duration;

/// Every figure of a sale. Units are exact thousandths, written as decimals.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Who wanted a unit.
    pub buyers: u64,
    /// What there was.
    pub units: u64,
    /// Counters it was on.
    pub shards: u16,
    /// Processes at the same time.
    pub processes: usize,
    /// Orders confirmed.
    pub sold: u64,
    /// Orders stored beyond what there was.
    pub oversold: u64,
    /// Units not sold while buyers were waiting.
    pub undersold: u64,
    /// Orders stored that nobody was told of, or told of and not stored.
    pub unaccounted: u64,
    /// Reservations, holds and units that were not back after every reservation had run out.
    pub leaked_reservations: u64,
    /// Buyers who were told that there is none.
    pub refused: u64,
    /// Buyers who were told nothing.
    pub failed: u64,
    /// Calls that were told that there is none.
    pub losing_attempts: u64,
    /// The sale, in milliseconds.
    pub milliseconds: u64,
    /// Buyers served a second.
    pub buyers_per_second: u64,
    /// Of a call that confirmed an order.
    pub write_units_per_winner: String,
    /// Of a call that did not.
    pub write_units_per_loser: String,
    /// Of any call.
    pub write_units_per_attempt: String,
    /// Of a call that did not confirm an order.
    pub read_units_per_loser: String,
    /// Orders a second where nobody loses and nothing is counted; `None`: not measured.
    pub orders_per_second: Option<u64>,
    /// Reservations a second by themselves, likewise.
    pub reservations_per_second: Option<u64>,
    /// What DynamoDB's limits allow.
    pub limits: Vec<Limit>,
}

impl Report {
    /// Of a sale, what was stored right after it, and what was left when everything had run out.
    #[must_use]
    pub fn new(plan: Plan, tally: &Tally, took: Duration, after: Books, left: Books) -> Self {
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
        let losers = tally.losers.written + tally.losers.refused;
        let all = losers + tally.winners.written + tally.winners.refused;
        let missing = i64::try_from(plan.units).unwrap_or(i64::MAX).abs_diff(left.available);
        Self {
            buyers: plan.buyers,
            units: plan.units,
            shards: plan.shards,
            processes: plan.processes,
            sold: tally.sold,
            oversold: after.orders.saturating_sub(plan.units),
            undersold: plan.units.min(plan.buyers).saturating_sub(after.orders),
            unaccounted: after.orders.abs_diff(tally.sold),
            leaked_reservations: left.reservations + left.held.unsigned_abs() + missing,
            refused: tally.refused,
            failed: tally.failed,
            losing_attempts: tally.losing,
            milliseconds,
            buyers_per_second: plan.buyers * 1_000 / milliseconds,
            write_units_per_winner: per(tally.winners.written + tally.winners.refused, tally.sold),
            write_units_per_loser: per(losers, tally.losing),
            write_units_per_attempt: per(all, tally.losing + tally.sold),
            read_units_per_loser: per(tally.losers.read, tally.losing),
            orders_per_second: None,
            reservations_per_second: None,
            limits: limits(plan.units),
        }
    }

    /// With rates that were measured besides.
    #[must_use]
    pub fn with(self, rates: Rates) -> Self {
        let (orders, reservations) = (rates.orders.per_second, rates.reservations.per_second);
        Self { orders_per_second: Some(orders), reservations_per_second: Some(reservations), ..self }
    }

    /// Is everything as it must be: all sold, none twice, nothing left behind?
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.oversold + self.undersold + self.unaccounted + self.leaked_reservations == 0
    }

    /// As people read it.
    #[must_use]
    pub fn tables(&self) -> String {
        let mut sale = table(["", ""]);
        for (name, value) in self.rows() {
            sale.add_row([name.to_owned(), value]);
        }
        let mut limits =
            table(["counters", "units a reservation", "reservations/s", "seconds to sell", "losers/s besides"]);
        for limit in &self.limits {
            let Limit { counters, units_per_reservation, reservations_per_second, seconds_to_sell, losers_per_second } =
                *limit;
            limits.add_row(
                [counters, units_per_reservation, reservations_per_second, seconds_to_sell, losers_per_second]
                    .map(grouped),
            );
        }
        let heading = "What DynamoDB's limits allow, by arithmetic (1,000 write units a second and partition):";
        format!("{sale}\n\n{heading}\n{limits}")
    }

    fn rows(&self) -> Vec<(&'static str, String)> {
        let rate = |rate: Option<u64>| rate.map_or_else(|| "not measured".to_owned(), grouped);
        vec![
            ("buyers", grouped(self.buyers)),
            ("units", grouped(self.units)),
            ("sold", grouped(self.sold)),
            ("oversold", grouped(self.oversold)),
            ("undersold while buyers waited", grouped(self.undersold)),
            ("told and not stored, or stored and not told", grouped(self.unaccounted)),
            ("left behind after everything ran out", grouped(self.leaked_reservations)),
            ("buyers told that there is none", grouped(self.refused)),
            ("buyers told nothing", grouped(self.failed)),
            ("buyers a second", grouped(self.buyers_per_second)),
            ("write units of a winner", self.write_units_per_winner.clone()),
            ("write units of a losing attempt", self.write_units_per_loser.clone()),
            ("write units of any attempt", self.write_units_per_attempt.clone()),
            ("read units of a losing attempt", self.read_units_per_loser.clone()),
            ("whole orders a second, without losers", rate(self.orders_per_second)),
            ("reservations a second by themselves", rate(self.reservations_per_second)),
        ]
    }
}

fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_BORDERS_ONLY).set_header(header);
    for column in 1..N {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Thousandths per one, with three decimals.
fn per(thousandths: u64, count: u64) -> String {
    let each = thousandths.checked_div(count).unwrap_or(0);
    format!("{}.{:03}", each / 1_000, each % 1_000)
}

/// With a comma before every three digits.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_read_them() {
        assert_eq!([7, 1_000, 1_234_567].map(grouped), ["7", "1,000", "1,234,567"]);
        assert_eq!([per(1_100, 1), per(500, 3), per(1, 0)], ["1.100", "0.166", "0.000"]);
    }
}
