//! Payments, refunds and disputes: where each stands, and nothing that could be charged.

use crate::scene::{Scene, scene};
use serde_json::{Value, json};
use waybill_domain::order::{NewHold, Order, RefundWish, Tender};
use waybill_domain::ports::{DisputeStatus, Disputed};
use waybill_testkit::{Step, at, card, payment, placed, usd, with_tenders};

async fn one(step: Step) -> Scene {
    scene(placed(), step).await
}

fn wish() -> RefundWish {
    serde_json::from_value(json!({"lines": [{"line": 1, "quantity": 1}], "reason": "chipped"})).unwrap()
}

/// Status of the first payment.
async fn status(scene: &Scene) -> String {
    scene.see("shop", "").await.1["payments"][0]["status"].as_str().unwrap().to_owned()
}

fn dispute(order: &Order, status: DisputeStatus) -> Disputed {
    let (payment, reference) = (payment(order, 1), "dp_1".to_owned());
    let (amount, fee, reason) = (usd(6_499), usd(1_500), "fraudulent".to_owned());
    Disputed { payment, reference, amount, fee, reason, status, evidence_due: Some(at(86_400)) }
}

#[tokio::test]
async fn a_payment_shows_where_it_stands_at_every_step_of_its_life() {
    for (step, wanted) in [(Step::Screened, "none"), (Step::Authorized, "authorized"), (Step::Captured, "captured")] {
        assert_eq!(status(&one(step).await).await, wanted, "{step:?}");
    }
    let voided = one(Step::Authorized).await;
    voided.stage(|order| order.decide_lapsed(&payment(order, 1))).await;
    assert_eq!(status(&voided).await, "voided");

    let declined = one(Step::Screened).await;
    declined.stage(|order| order.decide_declined(1, "authorize-1-0", "insufficient_funds".to_owned(), at(500))).await;
    let (_, shown) = declined.see("shop", "").await;
    let pending = json!({"kind": "retry", "retry_at": at(500 + 3_600).to_string()});
    assert_eq!((&shown["payments"][0]["status"], &shown["payments"][0]["pending"]), (&json!("pending"), &pending));
    assert_eq!(shown["payments"][0]["declined"], "insufficient_funds");
    assert!(shown["supported_actions"].as_array().unwrap().contains(&json!("name_payment_method")));
    let other = Tender::Card { method: "pm_other".to_owned().try_into().unwrap(), customer: None, return_url: None };
    declined.stage(|order| order.decide_method_named(1, other.clone())).await;
    assert_eq!(status(&declined).await, "none", "the new card has not been asked");

    let asked = one(Step::Screened).await;
    let url = Some("https://bank.example/3ds".to_owned());
    asked
        .stage(|order| order.decide_action_required(1, "authorize-1-0", "pi_1".to_owned(), url.clone(), at(500)))
        .await;
    let pending =
        json!({"kind": "action", "url": "https://bank.example/3ds", "until": at(500 + 72 * 3_600).to_string()});
    assert_eq!(asked.see("shop", "").await.1["payments"][0]["pending"], pending);

    let stopped = one(Step::Screened).await;
    stopped.stage(|order| order.decide_declined(1, "authorize-1-0", "stolen_card".to_owned(), at(500))).await;
    assert_eq!(status(&stopped).await, "declined");
}

#[tokio::test]
async fn a_hold_shows_when_it_lapses() {
    let scene = one(Step::Screened).await;
    let hold = NewHold {
        amount: usd(6_499),
        reference: "pi_1".to_owned(),
        elevated_risk: false,
        expires_at: Some(at(604_800)),
    };
    scene.stage(|order| order.decide_authorized(1, hold.clone())).await;
    assert_eq!(scene.see("shop", "").await.1["payments"][0]["expires_at"], at(604_800).to_string());
}

#[tokio::test]
async fn several_payments_refunds_and_disputes_show_their_amounts() {
    let placed = with_tenders(placed(), vec![(card(), 6_000), (card(), 499)]);
    let scene = scene(placed, Step::Captured).await;
    scene.stage(|order| order.decide_refund(&wish(), None)).await;
    let (_, shown) = scene.see("desk", "").await;
    let amount = |minor: i64| json!({"minor": minor, "currency": "USD"});
    let payments: Vec<(&Value, &Value, &Value)> = shown["payments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (&p["captured"], &p["refunded"], &p["refundable"]))
        .collect();
    let (first, second) = ((amount(6_000), amount(1_301), amount(4_699)), (amount(499), amount(499), amount(0)));
    assert_eq!(payments, [(&first.0, &first.1, &first.2), (&second.0, &second.1, &second.2)]);
    assert_eq!((&shown["refunded"], &shown["refunds"][0]["total"]), (&amount(1_800), &amount(1_800)));
    assert_eq!(
        (&shown["refunds"][0]["status"], &shown["refunds"][0]["parts"][0]["tender"]),
        (&json!("requested"), &json!(2))
    );

    scene.stage(|order| order.decide_refunded(1, 1, "re_1".to_owned())).await;
    scene.stage(|order| order.decide_refund_failed(1, 2, String::new(), "charge_disputed".to_owned())).await;
    let (_, shown) = scene.see("desk", "").await;
    let parts: Vec<&Value> =
        shown["refunds"][0]["parts"].as_array().unwrap().iter().map(|part| &part["status"]).collect();
    assert_eq!((&shown["refunds"][0]["status"], parts), (&json!("failed"), vec![&json!("refunded"), &json!("failed")]));
    let actions = shown["supported_actions"].as_array().unwrap();
    assert!(actions.contains(&json!("refund")) && actions.contains(&json!("retry_refund")), "{actions:?}");
}

#[tokio::test]
async fn a_dispute_shows_how_it_ended_and_what_is_gone_meanwhile() {
    for (end, won, gone) in [(DisputeStatus::Won, "won", 0), (DisputeStatus::Lost, "lost", 6_499)] {
        let scene = one(Step::Captured).await;
        scene.stage(|order| order.decide_disputed(&dispute(order, DisputeStatus::Open))).await;
        let (_, shown) = scene.see("desk", "").await;
        assert_eq!((&shown["disputes"][0]["status"], &shown["disputed"]["minor"]), (&json!("open"), &json!(6_499)));
        assert_eq!(
            (&shown["disputes"][0]["reference"], &shown["disputes"][0]["fee"]["minor"]),
            (&json!("dp_1"), &json!(1_500))
        );
        scene.stage(|order| order.decide_disputed(&dispute(order, end))).await;
        let (_, shown) = scene.see("shop", "").await;
        assert_eq!((&shown["disputes"][0]["status"], &shown["disputed"]["minor"]), (&json!(won), &json!(gone)));
        assert_eq!(shown["disputes"][0]["reference"], Value::Null, "not for a store");
    }
}

/// An order of which everything about money has been recorded at least once.
async fn eventful() -> Scene {
    let scene = one(Step::Screened).await;
    scene.stage(|order| order.decide_declined(1, "authorize-1-0", "card_declined".to_owned(), at(500))).await;
    scene.stage(|order| order.decide_method_named(1, card())).await;
    let reference = "pi_secret".to_owned();
    scene.stage(|order| order.decide_action_required(1, "authorize-1-2", reference.clone(), None, at(501))).await;
    let hold = NewHold {
        amount: usd(6_499),
        reference: reference.clone(),
        elevated_risk: true,
        expires_at: Some(at(604_800)),
    };
    scene.stage(|order| order.decide_authorized(1, hold.clone())).await;
    scene.stage(|order| order.decide_captured(1, None, usd(6_499), &reference, true)).await;
    let goodwill: RefundWish =
        serde_json::from_value(json!({"goodwill": {"minor": 100, "currency": "USD"}, "reason": "late"})).unwrap();
    scene.stage(|order| order.decide_refund(&goodwill, None)).await;
    scene.stage(|order| order.decide_refunded(1, 1, "re_secret".to_owned())).await;
    scene
        .stage(|order| order.decide_refund_failed(1, 1, "re_secret".to_owned(), "lost_or_stolen_card".to_owned()))
        .await;
    scene.stage(|order| order.decide_refund_retried(1)).await;
    let disputed = |order: &Order, status| Disputed { payment: reference.clone(), ..dispute(order, status) };
    scene.stage(|order| order.decide_disputed(&disputed(order, DisputeStatus::Open))).await;
    scene.stage(|order| order.decide_disputed(&disputed(order, DisputeStatus::Lost))).await;
    scene
}

#[tokio::test]
async fn payment_methods_are_shown_to_nobody_and_the_processors_ids_to_staff_who_need_them() {
    let scene = eventful().await;
    for (client, sees) in [("shop", false), ("floor", false), ("desk", true), ("chief", true)] {
        for what in ["", "/timeline"] {
            let (status, shown) = scene.see(client, what).await;
            let shown = shown.to_string();
            assert_eq!((status, shown.contains("pm_card")), (200, false), "{client} {what}");
            assert_eq!(shown.contains("pi_secret"), sees, "{client} {what}: {shown}");
            assert_eq!(shown.contains("dp_1"), sees, "{client} {what}: {shown}");
        }
    }
}

#[tokio::test]
async fn every_event_about_money_is_told_in_words() {
    let scene = eventful().await;
    let (_, shown) = scene.see("desk", "/timeline").await;
    let told: Vec<(&str, &str)> = shown["events"].as_array().unwrap()[2..]
        .iter()
        .map(|event| (event["type"].as_str().unwrap(), event["summary"].as_str().unwrap()))
        .collect();
    #[rustfmt::skip]
    let wanted = [
        ("payment_declined",        "payment 1 declined: card_declined; another payment method is needed by 2026-11-05T12:08:20Z"),
        ("payment_method_named",    "payment 1: another card was named"),
        ("payment_action_required", "payment 1 (pi_secret): the shopper has to confirm it by 2026-11-05T12:08:21Z"),
        ("payment_authorized",      "payment 1: 64.99 USD held (pi_secret), until 2026-11-09T12:00:00Z, elevated risk"),
        ("payment_captured",        "payment 1: 64.99 USD captured (pi_secret), the rest let go"),
        ("refund_requested",        "refund 1: 1.00 USD (1.00 USD to payment 1): late"),
        ("refunded",                "refund 1: 1.00 USD given back to payment 1 (re_secret)"),
        ("refund_failed",           "refund 1: 1.00 USD not given back to payment 1 (re_secret): lost_or_stolen_card"),
        ("refund_retried",          "refund 1 is tried again, attempt 1"),
        ("dispute_opened",          "payment 1: 64.99 USD withdrawn by the customer's bank (dp_1): fraudulent; fee 15.00 USD"),
        ("dispute_closed",          "the dispute (dp_1) about 64.99 USD was lost"),
    ];
    assert_eq!(told, wanted);
}
