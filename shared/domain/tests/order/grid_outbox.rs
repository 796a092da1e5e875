//! What each event makes the outside do, and what the merchant's policy says of an order.

use crate::sample::{begin, card, delivered, label, line, one_site, packing, placed, routed, step, usd};
use serde_json::json;
use std::num::NonZeroU32;
use waybill_domain::address::Country;
use waybill_domain::catalog::Policy;
use waybill_domain::order::{CancelReason, Cancellation, Case, Event, Order, ShipmentStatus, Wait};
use waybill_domain::relay::Effect::{Answer, AnswerAll, Notify, Start};
use waybill_domain::relay::{Effect, Notice, NoticeMessage, all_effects, effects};
use waybill_domain::screening::{Verdict, screen};

fn fresh() -> Order {
    begin(placed(vec![line(1, "A", 2, usd(1_000))], card()))
}

fn tracked(status: ShipmentStatus) -> Event {
    Event::Tracked { fulfillment: 1, status, seen_at: crate::sample::start() }
}

fn screened(verdict: Verdict) -> Event {
    Event::Screened { verdict, reasons: vec![] }
}

fn reviewed(approved: bool) -> Event {
    Event::Reviewed { approved, note: String::new() }
}

#[test]
fn each_event_makes_the_outside_do_exactly_this() {
    let (money, reference) = (usd(2_000), "pi_1".to_owned());
    let (code, note) = ("card_declined".to_owned(), String::new());
    let case = Case { number: 1, stage: "pick".to_owned(), fulfillment: None, reason: note.clone(), actions: vec![] };
    let body = Box::new(fresh().placed);
    let told = |notice| vec![Notify(notice)];
    #[rustfmt::skip]
    let table: Vec<(Event, Vec<Effect>)> = vec![
        (Event::Placed(body),                                            vec![Start { attempt: 0 }, Notify(Notice::OrderConfirmed)]),
        (screened(Verdict::Pass),                                        vec![]),
        (screened(Verdict::Review),                                      vec![]),
        (screened(Verdict::Reject),                                      told(Notice::Cancelled)),
        (Event::PaymentAuthorized { amount: money, reference: reference.clone(), elevated_risk: true }, vec![]),
        (Event::PaymentDeclined { code },                                told(Notice::Cancelled)),
        (reviewed(true),                                                 vec![Answer(Wait::Review)]),
        (reviewed(false),                                                vec![Answer(Wait::Review), Notify(Notice::Cancelled)]),
        (Event::Routed { fulfillments: vec![] },                         vec![]),
        (Event::Picked { fulfillment: 2, lines: vec![] },                vec![Answer(Wait::Pick(2))]),
        (Event::Packed { fulfillment: 2, packing: packing() },           vec![Answer(Wait::Pack(2))]),
        (Event::Labeled { fulfillment: 2, label: label(2) },             vec![]),
        (Event::LabelVoided { fulfillment: 2 },                          vec![]),
        (Event::HandedOver { fulfillment: 2, manifest: note.clone() },   vec![Answer(Wait::HandOver(2))]),
        (Event::Dispatched { fulfillment: 2, due: money },               told(Notice::Shipped { fulfillment: 2 })),
        (Event::PaymentCaptured { fulfillment: Some(2), amount: money, reference }, vec![]),
        (Event::PaymentVoided { amount: money },                         vec![]),
        (Event::StockReleased,                                           vec![]),
        (tracked(ShipmentStatus::InTransit),                             vec![]),
        (tracked(ShipmentStatus::Lost),                                  vec![]),
        (tracked(ShipmentStatus::Delivered),                             told(Notice::Delivered { fulfillment: 1 })),
        (Event::Cancelled(Cancellation { reason: CancelReason::Customer, note: note.clone() }), vec![AnswerAll, Notify(Notice::Cancelled)]),
        (Event::PartnerRefused { partner: note.clone(), effect: note.clone(), code: note.clone(), message: note.clone() }, vec![]),
        (Event::ExceptionOpened(case),                                   vec![]),
        (Event::ExceptionResolved { number: 1, note: note.clone() },     vec![]),
        (Event::Redriven { attempt: 3, exception: 1 },                   vec![Start { attempt: 3 }]),
        (Event::Closed { invoice: note },                                vec![Answer(Wait::Delivery)]),
    ];
    for (event, expected) in table {
        assert_eq!(effects(&event), expected, "{}", event.name());
        assert_eq!(serde_json::to_value(&event).unwrap()["type"], event.name());
    }
}

#[test]
fn an_order_that_fell_silent_is_told_of_its_newest_start_only() {
    let order = fresh();
    assert_eq!(all_effects(&order), [Start { attempt: 0 }, Notify(Notice::OrderConfirmed), AnswerAll]);
    let order = step(&order, order.decide_exception("route", None, "no site", true));
    let order = step(&order, order.decide_redriven(1));
    assert_eq!(all_effects(&order), [Notify(Notice::OrderConfirmed), Start { attempt: 1 }, AnswerAll]);
    let order = delivered(&routed(&fresh(), one_site), 1);
    let (shipped, arrived) = (Notice::Shipped { fulfillment: 1 }, Notice::Delivered { fulfillment: 1 });
    assert_eq!(
        all_effects(&order),
        [Notice::OrderConfirmed, shipped, arrived].map(Notify).into_iter().chain([AnswerAll]).collect::<Vec<_>>()
    );
}

#[test]
fn a_notice_has_its_own_key_and_survives_the_queue_without_personal_data() {
    let notices = [
        Notice::OrderConfirmed,
        Notice::Shipped { fulfillment: 1 },
        Notice::Delivered { fulfillment: 1 },
        Notice::Cancelled,
    ];
    let keys: std::collections::BTreeSet<String> = notices.into_iter().map(Notice::key).collect();
    assert_eq!(keys.len(), notices.len());
    assert_ne!(Notice::Shipped { fulfillment: 2 }.key(), Notice::Shipped { fulfillment: 1 }.key());
    for notice in notices {
        let order = fresh();
        let message = NoticeMessage { tenant: order.tenant, order_id: order.id, notice };
        let text = serde_json::to_string(&message).unwrap();
        assert_eq!(serde_json::from_str::<NoticeMessage>(&text).unwrap(), message);
        assert!(!text.contains("ada") && !text.contains("Ada"), "{text}");
    }
}

fn policy(fields: &serde_json::Value) -> Policy {
    let mut policy = json!({"id": "default", "carrier": "parcel"});
    policy.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    serde_json::from_value(policy).unwrap()
}

#[test]
fn screening_rejects_blocked_countries_and_asks_a_person_about_what_is_large() {
    let order = fresh().placed; // 2 units, 20.00 USD, to the United States
    #[rustfmt::skip]
    let table = [
        (json!({}), Verdict::Pass, 0),
        (json!({"blocked_countries": ["KP"]}), Verdict::Pass, 0),
        (json!({"blocked_countries": ["KP", "US"]}), Verdict::Reject, 1),
        (json!({"review_from": [{"minor": 2001, "currency": "USD"}]}), Verdict::Pass, 0),
        (json!({"review_from": [{"minor": 2000, "currency": "USD"}]}), Verdict::Review, 1),
        (json!({"review_from": [{"minor": 1, "currency": "EUR"}]}), Verdict::Pass, 0),
        (json!({"review_quantity_over": 2}), Verdict::Pass, 0),
        (json!({"review_quantity_over": 1}), Verdict::Review, 1),
        (json!({"review_quantity_over": 1, "review_from": [{"minor": 1, "currency": "USD"}]}), Verdict::Review, 2),
        (json!({"review_quantity_over": 1, "blocked_countries": ["US"]}), Verdict::Reject, 1),
    ];
    for (fields, verdict, reasons) in table {
        let (found, why) = screen(&order, &policy(&fields));
        assert_eq!((found, why.len()), (verdict, reasons), "{fields}: {why:?}");
    }
}

#[test]
fn a_reason_of_screening_names_rules_and_no_person() {
    let mut order = fresh().placed;
    order.ship_to =
        serde_json::from_value(json!({"name": "Kim", "line1": "1 Road", "city": "Pyongyang", "country": "KP"}))
            .unwrap();
    let mut policy = policy(&json!({}));
    policy.blocked_countries = vec![Country::try_from("KP".to_owned()).unwrap()];
    policy.review_quantity_over = NonZeroU32::new(1);
    assert_eq!(screen(&order, &policy).1, ["orders to KP are blocked"]);
    policy.blocked_countries.clear();
    assert_eq!(screen(&order, &policy).1, ["2 of A is over 1"]);
}
