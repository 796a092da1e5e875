//! What each event makes the outside do, and what the merchant's policy says of an order.

use crate::sample::{
    begin, card, delivered, dispatched, goodwill, label, line, one_site, packing, placed, routed, step, usd,
};
use serde_json::json;
use std::num::NonZeroU32;
use waybill_domain::address::Country;
use waybill_domain::catalog::Policy;
use waybill_domain::order::{
    CancelReason, Cancellation, Case, Dispute, Event, Order, PaymentEvent, RefundPart, ShipmentStatus, Wait,
};
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
    let (money, note) = (usd(2_000), String::new());
    let case = Case { number: 1, stage: "pick".to_owned(), fulfillment: None, reason: note.clone(), actions: vec![] };
    let body = Box::new(fresh().placed);
    let told = |notice| vec![Notify(notice)];
    #[rustfmt::skip]
    let table: Vec<(Event, Vec<Effect>)> = vec![
        (Event::Placed(body),                                            vec![Start { attempt: 0 }, Notify(Notice::OrderConfirmed)]),
        (screened(Verdict::Pass),                                        vec![]),
        (screened(Verdict::Review),                                      vec![]),
        (screened(Verdict::Reject),                                      told(Notice::Cancelled)),
        (reviewed(true),                                                 vec![Answer(Wait::Review)]),
        (reviewed(false),                                                vec![Answer(Wait::Review), Notify(Notice::Cancelled)]),
        (Event::Routed { fulfillments: vec![] },                         vec![]),
        (Event::BackorderFilled { lines: vec![], attempt: None },         vec![Answer(Wait::Stock)]),
        (Event::BackorderFilled { lines: vec![], attempt: Some(2) },      vec![Start { attempt: 2 }, Answer(Wait::Stock)]),
        (Event::UnitsLost { lines: vec![], case: case.clone() },          vec![]),
        (Event::ReservationLapsed,                                       vec![]),
        (Event::Reconfirmed { backordered: vec![] },                     vec![]),
        (Event::Picked { fulfillment: 2, lines: vec![] },                vec![Answer(Wait::Pick(2))]),
        (Event::Packed { fulfillment: 2, packing: packing() },           vec![Answer(Wait::Pack(2))]),
        (Event::Labeled { fulfillment: 2, label: label(2) },             vec![]),
        (Event::LabelVoided { fulfillment: 2 },                          vec![]),
        (Event::HandedOver { fulfillment: 2, manifest: note.clone() },   vec![Answer(Wait::HandOver(2))]),
        (Event::Dispatched { fulfillment: 2, due: money },               told(Notice::Shipped { fulfillment: 2 })),
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

/// One of each event about money, with everything that makes a difference to the outbox.
fn payment_events() -> Vec<(PaymentEvent, Vec<Effect>)> {
    let (amount, reference, at) = (usd(2_000), String::from("pi_1"), crate::sample::start());
    let text = || String::from("generic_decline");
    let reference = || reference.clone();
    let declined = |retry_at, until| PaymentEvent::Declined { tender: 2, code: text(), retry_at, until, attempt: 4 };
    let told = |notice| vec![Notify(notice)];
    let part = || RefundPart { number: 2, tender: 1, payment: reference(), amount };
    let refunded = |refund| PaymentEvent::Refunded { refund, part: part(), reference: reference() };
    let failed = |refund| PaymentEvent::RefundFailed { refund, part: part(), reference: reference(), code: text() };
    let held = PaymentEvent::Authorized {
        tender: 2,
        amount,
        reference: reference(),
        elevated_risk: true,
        expires_at: Some(at),
    };
    let order = dispatched(&routed(&fresh(), one_site), 1);
    let Event::Payment(asked) = order.decide_refund(&goodwill(usd(5)), None).unwrap().unwrap().event else {
        panic!("a refund")
    };
    let dispute = Dispute {
        tender: 2,
        reference: reference(),
        payment: reference(),
        amount,
        fee: amount,
        reason: text(),
        evidence_due: None,
    };
    #[rustfmt::skip]
    let table = vec![
        (held,                                                                    vec![Answer(Wait::Payment)]),
        (PaymentEvent::ActionRequired { tender: 2, reference: reference(), url: None, until: at, attempt: 4 }, told(Notice::ActionRequired { tender: 2, attempt: 4 })),
        (declined(Some(at), None),                                                told(Notice::PaymentFailed { tender: 2, retried: true, attempt: 4 })),
        (declined(None, Some(at)),                                                told(Notice::PaymentFailed { tender: 2, retried: false, attempt: 4 })),
        (declined(None, None),                                                    vec![AnswerAll, Notify(Notice::Cancelled)]),
        (PaymentEvent::MethodNamed { tender: 2, with: card() },                   vec![Answer(Wait::Payment)]),
        (PaymentEvent::RetryDue { tender: 2 },                                    vec![Answer(Wait::Payment)]),
        (PaymentEvent::Captured { tender: 2, fulfillment: Some(2), amount, reference: reference(), last: true }, vec![]),
        (PaymentEvent::Voided { tender: 2, reference: reference(), amount },      vec![]),
        (PaymentEvent::Lapsed { tender: 2, reference: reference(), amount },      vec![]),
        (asked,                                                                   vec![Effect::Refund { number: 1, attempt: 0 }]),
        (refunded(Some(3)),                                                       told(Notice::Refunded { refund: 3, part: 2 })),
        (refunded(None),                                                          vec![]),
        (failed(Some(3)),                                                         vec![]),
        (failed(None),                                                            vec![]),
        (PaymentEvent::RefundRetried { refund: 3, attempt: 2 },                   vec![Effect::Refund { number: 3, attempt: 2 }]),
        (PaymentEvent::DisputeOpened(dispute),                                    vec![]),
        (PaymentEvent::DisputeClosed { reference: reference(), won: true, amount }, vec![]),
        (PaymentEvent::InvoicePaid { tender: 2, amount, reference: reference() }, vec![]),
    ];
    table
}

#[test]
fn each_event_about_money_makes_the_outside_do_exactly_this() {
    for (event, expected) in payment_events() {
        let event = Event::Payment(event);
        assert_eq!(effects(&event), expected, "{event:?}");
        let stored = serde_json::to_value(&event).unwrap();
        assert_eq!(stored["type"], event.name());
        assert_eq!(serde_json::from_value::<Event>(stored).unwrap(), event);
    }
}

#[test]
fn a_refund_is_queued_again_until_it_was_given_back_and_under_its_newest_attempt_only() {
    let queued = |order: &Order| -> Vec<Effect> {
        all_effects(order).into_iter().filter(|effect| matches!(effect, Effect::Refund { .. })).collect()
    };
    let order = dispatched(&routed(&fresh(), one_site), 1);
    let asked = step(&order, order.decide_refund(&goodwill(usd(5)), None));
    assert_eq!(queued(&asked), [Effect::Refund { number: 1, attempt: 0 }]);
    let failed = step(&asked, asked.decide_refund_failed(1, 1, "re_1".to_owned(), "expired_card".to_owned()));
    assert_eq!(queued(&failed), []);
    let again = step(&failed, failed.decide_refund_retried(1));
    assert_eq!(queued(&again), [Effect::Refund { number: 1, attempt: 1 }]);
    let done = step(&again, again.decide_refunded(1, 1, "re_2".to_owned()));
    assert_eq!(queued(&done), []);
    assert!(all_effects(&done).contains(&Notify(Notice::Refunded { refund: 1, part: 1 })));
}

#[test]
fn a_late_message_about_a_decline_is_sent_only_while_it_still_holds() {
    let order = fresh();
    let declined =
        |code: &str| step(&order, order.decide_declined(1, "authorize-1-0", code.to_owned(), crate::sample::start()));
    let told = |retried| Notify(Notice::PaymentFailed { tender: 1, retried, attempt: 0 });
    assert!(all_effects(&declined("insufficient_funds")).contains(&told(true)));
    let asked = declined("generic_decline");
    assert!(all_effects(&asked).contains(&told(false)));
    let named = step(&asked, asked.decide_method_named(1, card()));
    assert!(!all_effects(&named).contains(&told(false)));
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
        Notice::PaymentFailed { tender: 1, retried: true, attempt: 0 },
        Notice::PaymentFailed { tender: 1, retried: true, attempt: 1 },
        Notice::PaymentFailed { tender: 1, retried: false, attempt: 0 },
        Notice::ActionRequired { tender: 1, attempt: 0 },
        Notice::ActionRequired { tender: 1, attempt: 1 },
        Notice::Refunded { refund: 1, part: 1 },
        Notice::Refunded { refund: 1, part: 2 },
        Notice::Refunded { refund: 2, part: 1 },
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
