//! Sharing out and posting an order of 90 lines, the most distinct items there may be. Budget: 50 µs for the amounts and
//! the postings together (`placing` + `dispatching`, without `placing_sealed`, which also writes and hashes the event).

#![expect(clippy::unwrap_used, reason = "a bench of our own order")]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::hint::black_box;
use waybill_domain::id::OrderId;
use waybill_domain::ledger::{Account, transfer};
use waybill_domain::order::{Actor, Draft, Event, FulfillmentLine, MAX_ITEMS, Order, Placed, Planned};

/// Discounts and taxes of every kind, shipping, and a discount of the whole.
fn placed() -> Placed {
    let usd = |minor: i64| json!({"minor": minor, "currency": "USD"});
    let line = |number: i64| {
        json!({
            "number": number, "sku": format!("SKU-{number}"), "title": "An item", "quantity": 1 + number % 4,
            "unit_price": usd(1_999 + 7 * number), "discount": usd(3 * number), "tax": usd(101 + number), "tax_included": number % 2 == 0,
        })
    };
    let lines: Value = (1..=MAX_ITEMS).map(|number| line(i64::try_from(number).unwrap())).collect();
    let body = json!({
        "store": "demo", "channel": "api", "customer": {"email": "ada@example.com", "name": "Ada"},
        "ship_to": {"name": "Ada", "line1": "1 Road", "city": "Reno", "postal_code": "89501", "country": "US"},
        "lines": lines, "shipping": {"service": "standard", "price": usd(1_499), "discount": usd(500), "tax": usd(83)},
        "discount": usd(2_501), "adjustment": usd(0), "total": usd(0), "tenders": [],
        "promise": {"ship_by": "2026-11-23", "deliver_by": "2026-11-30"},
    });
    let mut placed: Placed = serde_json::from_value(body).unwrap();
    placed.total = placed.computed_total().unwrap();
    placed
}

/// The order, all of it in one parcel that the carrier has.
fn handed_over(placed: Placed) -> Order {
    let (tenant, actor) = ("acme".parse().unwrap(), || Actor("bench".to_owned()));
    let id = OrderId::derive(&tenant, "POST /orders", "k1");
    let first = placed.record(Timestamp::UNIX_EPOCH, actor(), None).unwrap();
    let order = Order::begin(tenant, id, first).unwrap();
    let line = |line: &waybill_domain::order::Line| {
        let (sku, quantity) = (line.sku.clone(), line.quantity);
        FulfillmentLine { line: line.number, sku, quantity, first_unit: 0, picked: None, stows: Vec::new() }
    };
    let lines = order.placed.lines.iter().map(line).collect();
    let routed = Event::Routed { fulfillments: vec![Planned { number: 1, site: "reno".parse().unwrap(), lines }] };
    let left = Event::HandedOver { fulfillment: 1, manifest: "M-1".to_owned() };
    let steps = [routed, left].into_iter().map(Draft::of);
    steps.fold(order, |order, draft| order.record(draft, Timestamp::UNIX_EPOCH, actor(), None).0)
}

fn posting(criterion: &mut Criterion) {
    let placed = placed();
    let order = handed_over(placed.clone());
    let mut group = criterion.benchmark_group("an order of 90 lines");
    group.bench_function("placing", |bench| {
        bench.iter(|| {
            let total = black_box(&placed).computed_total().unwrap();
            transfer(Account::CustomerReceivable, Account::UnearnedRevenue, total).unwrap()
        });
    });
    group.bench_function("dispatching", |bench| bench.iter(|| black_box(&order).decide_dispatched(1).unwrap()));
    group.bench_function("owed", |bench| bench.iter(|| black_box(&order).owed().unwrap()));
    group.bench_function("placing_sealed", |bench| {
        let record = |placed: Placed| placed.record(Timestamp::UNIX_EPOCH, Actor("bench".to_owned()), None).unwrap();
        bench.iter_batched(|| placed.clone(), record, BatchSize::SmallInput);
    });
    group.finish();
}

criterion_group!(benches, posting);
criterion_main!(benches);
