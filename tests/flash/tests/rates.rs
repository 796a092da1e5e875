//! Rates are of what was made: each is told only once the database has as many.

use waybill_flash::{Plan, Reach, play, rates};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_rates_are_told_of_as_many_as_were_asked_for() {
    for reach in [Reach::Within, Reach::Http] {
        let rates = rates(60, 4, reach).await.unwrap();
        for rate in [rates.orders, rates.reservations] {
            assert_eq!(rate.made, 60);
            assert_eq!(rate.per_second, 60_000 / rate.milliseconds);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_losers_everybody_buys_and_nothing_is_counted() {
    let report = play(Plan::without_losers(30, 4, Reach::Within), |_| {}).await.unwrap();
    assert!(report.is_right() && report.sold == 30, "{report:?}");
    assert_eq!(report.write_units_per_winner, "0.000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn within_the_process_a_sabotaged_adapter_is_seen_to_oversell_too() {
    let plan = Plan { units: 10, is_sabotaged: true, ..Plan::without_losers(40, 4, Reach::Within) };
    let report = play(plan, |_| {}).await.unwrap();
    assert!(report.oversold > 0 && !report.is_right(), "{report:?}");
}
