//! Small sales, whole.

#![expect(clippy::unwrap_used, reason = "a call that fails here has failed the test")]

use waybill_flash::{Plan, Reach, Report, play};

fn plan(shards: u16) -> Plan {
    let (is_sabotaged, is_metered, reach) = (false, true, Reach::Http);
    Plan { buyers: 120, units: 40, shards, processes: 8, die_one_in: 0, is_sabotaged, is_metered, reach }
}

async fn played(plan: Plan) -> Report {
    play(plan, |_| {}).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_one_counter_all_is_sold_once() {
    let report = played(plan(1)).await;
    assert!(report.is_right() && report.sold == 40 && report.refused == 80, "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_shards_all_is_sold_once_though_they_run_dry_at_different_times() {
    let report = played(plan(10)).await;
    assert!(report.is_right() && report.sold == 40 && report.refused == 80, "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_dead_processes_held_is_sold_to_those_who_wait() {
    let report = played(Plan { die_one_in: 12, ..plan(4) }).await;
    assert!(report.is_right() && report.sold == 40, "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fewer_buyers_than_units_all_get_one() {
    let report = played(Plan { buyers: 25, ..plan(10) }).await;
    assert!(report.is_right() && report.sold == 25 && report.refused == 0, "{report:?}");
}

/// A check that cannot fail proves nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_conditions_the_adapter_is_seen_to_oversell() {
    for shards in [1, 4] {
        let report = played(Plan { is_sabotaged: true, ..plan(shards) }).await;
        assert!(report.oversold > 0 && !report.is_right(), "{report:?}");
    }
}

/// An order, its head, its counter and its reservation are four items of a transaction: 8 units, and more for indexes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_winner_costs_no_less_than_its_transaction_and_losers_read_before_they_are_refused() {
    let report = played(plan(1)).await;
    let thousandths = |decimal: &str| decimal.replace('.', "").parse::<u64>().unwrap();
    assert!(thousandths(&report.write_units_per_winner) >= 8_000, "{report:?}");
    assert!(thousandths(&report.read_units_per_loser) > 0, "{report:?}");
}
