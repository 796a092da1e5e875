//! What is compared, what is told, and what is left alone.

use crate::scene::{LATER, Scene};
use reconcile::{Report, Window};
use serde_json::{Value, json};
use waybill_domain::order::Order;
use waybill_testkit::{Trouble, at, block_on, first_of, placed, tenant, usd};

fn words(report: &Report) -> Vec<&str> {
    report.differences.iter().map(|difference| difference.what.as_str()).collect()
}

/// What staff see of an order.
fn told(scene: &Scene, order: &Order) -> Vec<String> {
    scene.now(order).cases.iter().map(|case| case.case.reason.clone()).collect()
}

#[test]
fn books_that_agree_are_proven_and_counted() {
    let scene = Scene::new();
    let orders: Vec<Order> =
        (0..25).map(|n| if n % 2 == 0 { scene.held(&n.to_string()) } else { scene.paid(&n.to_string()) }).collect();
    let report = scene.run();
    assert_eq!(words(&report), Vec::<&str>::new());
    let entries: usize = orders.iter().map(|order| order.history().len()).sum();
    assert_eq!((report.orders, report.payments, report.entries), (25, 25, entries as u64));
    assert!(report.complete && report.read_units > 0 && report.unsettled == 0);
    let files = scene.folder.0.lock().unwrap().clone();
    let [(name, body)] = files.as_slice() else { panic!("{files:?}") };
    assert_eq!(name, "reports/reconcile-2026-11-02.json");
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["orders"], json!(25));
    assert_eq!(body["differences"], json!([]));
    assert!(orders.iter().all(|order| scene.now(order).cases.is_empty()));
}

#[test]
fn what_others_did_at_the_processor_and_nobody_heard_of_is_an_exception_told_once() {
    let scene = Scene::new();
    let (held, paid, refunded, let_go) = (scene.held("1"), scene.paid("2"), scene.paid("3"), scene.held("4"));
    let processor = &scene.world.processor;
    processor.capture_outside("pi_0001", usd(100)).unwrap();
    processor.refund_outside("pi_0003", usd(7)).unwrap();
    processor.void_outside("pi_0004").unwrap();
    let report = scene.run();
    let expected = [
        "payment pi_0001: captured 0 here, 100 at the processor",
        "payment pi_0001: capturable 6499 here, 6399 at the processor",
        "payment pi_0003: refunded 0 here, 7 at the processor",
        "payment pi_0004: capturable 6499 here, 0 at the processor",
    ];
    let mut found = words(&report);
    found.sort_unstable();
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!([&held, &paid, &refunded, &let_go].map(|order| told(&scene, order).len()), [2, 0, 1, 1]);
    scene.run_at(2 * LATER, i64::from(u32::MAX));
    assert_eq!([&held, &paid, &refunded, &let_go].map(|order| told(&scene, order).len()), [2, 0, 1, 1]);
}

#[test]
fn a_payment_our_books_tell_of_and_the_processor_does_not_is_an_exception() {
    let scene = Scene::new();
    let (order, recorded) = first_of(&tenant(), "k", placed());
    let commit = waybill_domain::ports::Commit { before: None, after: &order, recorded: &recorded };
    block_on(waybill_domain::ports::Orders::commit(&scene.world.orders, commit)).unwrap();
    let order =
        block_on(waybill_testkit::bring_to(&scene.world.orders, order, waybill_testkit::Step::Authorized)).unwrap();
    let report = scene.run();
    let [what] = words(&report)[..] else { panic!("{report:?}") };
    assert!(what.ends_with("held here, and at the processor resource_missing"), "{what}");
    assert_eq!(told(&scene, &order), [what]);
}

#[test]
fn money_held_for_an_order_that_knows_nothing_of_it_is_an_exception_unless_it_was_just_made() {
    let scene = Scene::new();
    let order = scene.held("1");
    scene.hidden(&order, "a second time");
    scene.world.processor.set_clock(at(LATER - 14 * 60));
    scene.hidden(&order, "just now");
    let report = scene.run();
    assert_eq!(words(&report), ["payment pi_0002 of 64.99 USD is in no entry of the order"]);
    assert_eq!(told(&scene, &order).len(), 1);
}

#[test]
fn money_held_for_an_order_that_does_not_exist_is_reported() {
    let scene = Scene::new();
    let (nobody, _) = first_of(&tenant(), "never placed", placed());
    scene.hidden(&nobody, "k");
    scene.world.processor.confirmed("pi_cart", usd(5));
    let report = scene.run();
    assert_eq!(words(&report), ["payment pi_0001 of 64.99 USD is for an order that does not exist"]);
    assert_eq!(report.differences[0].order, nobody.id.to_string());
}

#[test]
fn a_call_that_may_be_under_way_is_left_for_the_next_run() {
    let scene = Scene::new();
    let order = scene.held("1");
    scene.world.processor.capture_outside("pi_0001", usd(100)).unwrap();
    let soon = Window { from: at(-60), to: at(0), until: at(i64::from(u32::MAX)) };
    let report = scene.run_over(soon, 60);
    assert_eq!(words(&report), Vec::<&str>::new());
    let wide = Window { to: at(60), ..soon };
    let recent = scene.run_over(wide, 60);
    assert_eq!((recent.differences.len(), told(&scene, &order).len()), (2, 2));
}

#[test]
fn a_hold_that_lapsed_as_foreseen_is_recorded_and_no_difference() {
    let scene = Scene::new();
    let order = scene.held("1");
    scene.world.processor.set_clock(at(7 * 86_400));
    let report = scene.run_at(7 * 86_400 + 60, i64::from(u32::MAX));
    assert_eq!((words(&report).len(), told(&scene, &order).len()), (0, 0));
    let names: Vec<&str> = scene.now(&order).history().iter().map(|entry| entry.event.name()).collect();
    assert_eq!(names.last(), Some(&"authorization_lapsed"));
}

#[test]
fn a_run_whose_time_is_over_says_so_and_accuses_nobody() {
    let scene = Scene::new();
    let order = scene.held("1");
    scene.hidden(&order, "a second time");
    let report = scene.run_at(LATER, LATER);
    assert!(!report.complete && report.differences.is_empty() && told(&scene, &order).is_empty());
    assert!(scene.folder.0.lock().unwrap()[0].1.contains("\"complete\": false"));
}

#[test]
fn one_order_that_cannot_be_looked_at_keeps_no_other_from_being_looked_at() {
    let scene = Scene::new();
    let (one, two) = (scene.held("1"), scene.held("2"));
    scene.world.processor.void_outside("pi_0001").unwrap();
    scene.world.processor.void_outside("pi_0002").unwrap();
    scene.world.faults.fail_next("payment.look_up", Trouble::Unavailable);
    let report = scene.run();
    assert!(report.complete);
    assert_eq!(told(&scene, &one).len() + told(&scene, &two).len(), 1);
    assert_eq!(words(&report).iter().filter(|what| what.starts_with("it could not be proven")).count(), 1);
}

#[test]
fn the_event_may_name_another_window() {
    let (now, until) = (at(LATER), at(2 * LATER));
    let usual = Window::of(&json!({"version": "0"}), now, until).unwrap();
    assert_eq!(usual, Window::before(now, until));
    let named = Window::of(&json!({"to": now.to_string()}), now, until).unwrap();
    assert_eq!((named.from, named.to), (usual.from, now));
    assert!(Window::of(&json!({"from": "yesterday"}), now, until).is_err());
}
