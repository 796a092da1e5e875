//! Money, held and taken at the fake processor.

use super::{books, control, lose, partners};
use crate::scripted::{Sale, kind, money};
use crate::stripe::stripe;
use serde_json::json;
use std::collections::BTreeSet;
use waybill_domain::ports::{Authorized, Held, Hold, PaymentProcessor, Return};
use waybill_gateways::Stripe;
use waybill_partners::Partners;

const INTENTS: &str = "/v1/payment_intents";

async fn hold(stripe: &Stripe, method: &str, key: &str) -> Held {
    match stripe.authorize(&Sale::new().hold(method, 2500, key)).await.unwrap() {
        Authorized::Held(held) => held,
        other @ (Authorized::Declined { .. } | Authorized::ActionRequired { .. }) => panic!("{other:?}"),
    }
}

/// (held, captured) in the processor's books.
async fn money_at(partners: &Partners) -> (i64, i64) {
    let totals = &books(partners.stripe_url()).await["totals"]["usd"];
    let of = |name: &str| totals[name].as_i64().unwrap_or(0);
    (of("held"), of("captured"))
}

#[tokio::test]
async fn a_hold_is_found_again_by_order_and_by_reference() {
    let (partners, sale) = (partners().await, Sale::new());
    let stripe = stripe(partners.stripe_url());
    assert_eq!(stripe.find(sale.tenant(), sale.order(), 1).await.unwrap(), None);
    let held = hold(&stripe, "pm_card_visa", "a").await;
    assert_eq!((held.amount, held.captured, held.voided), (money(2500, "USD"), money(0, "USD"), false));
    assert_eq!(stripe.find(sale.tenant(), sale.order(), 1).await.unwrap().as_ref(), Some(&held));
    assert_eq!(held.owner.as_ref().map(|owner| (&owner.order, owner.tender)), Some((sale.order(), 1)));
    assert_eq!(stripe.look_up(&held.reference).await.unwrap(), Authorized::Held(held));
    assert_eq!(money_at(&partners).await, (2500, 0));
    let stranger = "other".parse().unwrap();
    assert_eq!(stripe.find(&stranger, sale.order(), 1).await.unwrap(), None);
    assert!(hold(&stripe, "pm_card_riskLevelElevated", "b").await.elevated_risk);
    partners.stop().await;
}

#[tokio::test]
async fn a_lost_answer_to_an_authorization_leaves_one_hold() {
    let (partners, sale) = (partners().await, Sale::new());
    let stripe = stripe(partners.stripe_url());
    lose(partners.stripe_url(), INTENTS).await;
    let lost = stripe.authorize(&sale.hold("pm_card_visa", 2500, "a")).await.unwrap_err();
    assert_eq!(kind(&lost), "unavailable");
    let found = stripe.find(sale.tenant(), sale.order(), 1).await.unwrap();
    assert_eq!(found, Some(hold(&stripe, "pm_card_visa", "a").await));
    assert_eq!(money_at(&partners).await, (2500, 0));
    partners.stop().await;
}

#[tokio::test]
async fn declines_and_3d_secure_leave_nothing_held() {
    let (partners, sale) = (partners().await, Sale::new());
    let stripe = stripe(partners.stripe_url());
    #[rustfmt::skip]
    let table = [
        ("pm_card_chargeDeclined",                  "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard",       "expired_card"),
        ("pm_card_radarBlock",                      "fraudulent"),
        ("pm_card_authenticationRequired",          "authentication_required"),
    ];
    for (method, code) in table {
        // The second time the processor only repeats itself.
        for _ in 0..2 {
            let answer = stripe.authorize(&sale.hold(method, 2500, method)).await.unwrap();
            assert_eq!(answer, Authorized::Declined { code: code.to_owned() }, "{method}");
        }
    }
    assert_eq!(stripe.find(sale.tenant(), sale.order(), 1).await.unwrap(), None);
    assert_eq!(money_at(&partners).await, (0, 0));
    let stuck = books(partners.stripe_url()).await["intents"]
        .as_array()
        .unwrap()
        .iter()
        .any(|i| i["status"] == "requires_action");
    assert!(!stuck);
    partners.stop().await;
}

#[tokio::test]
async fn a_reused_key_is_refused() {
    let (partners, sale) = (partners().await, Sale::new());
    let stripe = stripe(partners.stripe_url());
    hold(&stripe, "pm_card_visa", "a").await;
    let error = stripe.authorize(&sale.hold("pm_card_visa", 9900, "a")).await.unwrap_err();
    assert_eq!(kind(&error), "refused idempotency_error");
    assert_eq!(money_at(&partners).await, (2500, 0));
    partners.stop().await;
}

#[tokio::test]
async fn a_capture_beyond_the_hold_is_refused() {
    let partners = partners().await;
    let stripe = stripe(partners.stripe_url());
    let held = hold(&stripe, "pm_card_visa", "a").await;
    let error = stripe.capture(&held.reference, money(2501, "USD"), true, "capture-1", "c").await.unwrap_err();
    assert_eq!(kind(&error), "refused amount_too_large");
    assert_eq!(money_at(&partners).await, (2500, 0));
    partners.stop().await;
}

#[tokio::test]
async fn a_second_capture_moves_no_money() {
    let partners = partners().await;
    let stripe = stripe(partners.stripe_url());
    let reference = hold(&stripe, "pm_card_visa", "a").await.reference;
    lose(partners.stripe_url(), "/v1/payment_intents/*/capture").await;
    let lost = stripe.capture(&reference, money(1000, "USD"), false, "capture-1", "c-1").await.unwrap_err();
    assert_eq!(kind(&lost), "unavailable");
    let first = stripe.capture(&reference, money(1000, "USD"), false, "capture-1", "c-1").await.unwrap();
    assert_eq!((first.captured, first.capturable), (money(1000, "USD"), money(1500, "USD")));
    assert_eq!(money_at(&partners).await, (1500, 1000));
    let rest = stripe.capture(&reference, money(1200, "USD"), true, "capture-2", "c-2").await.unwrap();
    assert_eq!((rest.captured, money_at(&partners).await), (money(2200, "USD"), (0, 2200)));
    let error = stripe.capture(&reference, money(300, "USD"), true, "capture-3", "c-3").await.unwrap_err();
    assert_eq!(kind(&error), "refused payment_intent_unexpected_state");
    let Authorized::Held(truth) = stripe.look_up(&reference).await.unwrap() else { panic!("not held") };
    let noted = [("capture-1".to_owned(), money(1000, "USD")), ("capture-2".to_owned(), money(1200, "USD"))];
    assert_eq!((truth.captured, truth.captures), (money(2200, "USD"), noted.into()));
    assert_eq!(money_at(&partners).await, (0, 2200));
    partners.stop().await;
}

#[tokio::test]
async fn a_second_void_is_done() {
    let (partners, sale) = (partners().await, Sale::new());
    let stripe = stripe(partners.stripe_url());
    let reference = hold(&stripe, "pm_card_visa", "a").await.reference;
    for key in ["v", "v", "v-again"] {
        stripe.void(&reference, key).await.unwrap();
    }
    assert_eq!(money_at(&partners).await, (0, 0));
    assert!(stripe.find(sale.tenant(), sale.order(), 1).await.unwrap().unwrap().voided);
    let live = hold(&stripe, "pm_card_visa", "b").await;
    assert_eq!(stripe.find(sale.tenant(), sale.order(), 1).await.unwrap(), Some(live));
    partners.stop().await;
}

#[tokio::test]
async fn a_void_of_captured_money_is_refused() {
    let partners = partners().await;
    let stripe = stripe(partners.stripe_url());
    let reference = hold(&stripe, "pm_card_visa", "a").await.reference;
    control(partners.stripe_url(), "capture", &json!({"payment_intent": reference})).await;
    let error = stripe.void(&reference, "v").await.unwrap_err();
    assert_eq!(kind(&error), "refused payment_intent_unexpected_state");
    partners.stop().await;
}

#[tokio::test]
async fn what_the_processor_does_not_know_is_refused_or_broken() {
    let partners = partners().await;
    let stripe = stripe(partners.stripe_url());
    assert_eq!(kind(&stripe.look_up("pi_unheard_of").await.unwrap_err()), "refused resource_missing");
    assert_eq!(kind(&stripe.void("pi_unheard_of", "v").await.unwrap_err()), "broken");
    partners.stop().await;
}

#[tokio::test]
async fn a_shopper_who_is_there_is_asked_and_one_who_is_not_is_declined() {
    let (partners, sale) = (partners().await, Sale::new());
    let stripe = stripe(partners.stripe_url());
    let there =
        Hold { return_url: Some("https://shop.example"), ..sale.hold("pm_card_authenticationRequired", 2500, "a") };
    let asked = stripe.authorize(&there).await.unwrap();
    let Authorized::ActionRequired { reference, url } = &asked else { panic!("{asked:?}") };
    assert!(url.as_ref().is_some_and(|url| url.starts_with("https://")), "{url:?}");
    assert_eq!(stripe.look_up(reference).await.unwrap(), asked);
    stripe.void(reference, "v").await.unwrap();
    assert_eq!(stripe.look_up(reference).await.unwrap(), Authorized::Declined { code: "canceled".to_owned() });
    assert_eq!(money_at(&partners).await, (0, 0));
    partners.stop().await;
}

#[tokio::test]
async fn the_rest_of_a_partly_captured_hold_is_let_go_of() {
    let partners = partners().await;
    let stripe = stripe(partners.stripe_url());
    let reference = hold(&stripe, "pm_card_visa", "a").await.reference;
    stripe.capture(&reference, money(1000, "USD"), false, "capture-1", "c-1").await.unwrap();
    for key in ["v", "v-again"] {
        stripe.void(&reference, key).await.unwrap();
    }
    assert_eq!(money_at(&partners).await, (0, 1000));
    partners.stop().await;
}

#[tokio::test]
async fn money_is_given_back_once_under_one_key() {
    let partners = partners().await;
    let stripe = stripe(partners.stripe_url());
    let reference = hold(&stripe, "pm_card_visa", "a").await.reference;
    stripe.capture(&reference, money(2500, "USD"), true, "capture-1", "c").await.unwrap();
    let wish = Return { reference: &reference, amount: money(700, "USD"), effect: "refund-1-1", key: "r" };
    lose(partners.stripe_url(), "/v1/refunds").await;
    assert_eq!(kind(&stripe.refund(&wish).await.unwrap_err()), "unavailable");
    let returned = stripe.refund(&wish).await.unwrap();
    assert_eq!((returned.amount, returned.effect.as_deref()), (money(700, "USD"), Some("refund-1-1")));
    let Authorized::Held(truth) = stripe.look_up(&reference).await.unwrap() else { panic!("not held") };
    assert_eq!((truth.captured, truth.refunded), (money(2500, "USD"), money(700, "USD")));
    let too_much = Return { amount: money(1801, "USD"), effect: "refund-2-1", key: "r-2", ..wish };
    assert!(kind(&stripe.refund(&too_much).await.unwrap_err()).starts_with("refused "));
    partners.stop().await;
}

#[tokio::test]
async fn a_key_whose_first_answer_was_a_failure_is_spent() {
    let (partners, sale) = (partners().await, Sale::new());
    let stripe = stripe(partners.stripe_url());
    control(partners.stripe_url(), "next", &json!({"path": INTENTS, "method": "POST", "fault": "500"})).await;
    for expected in ["unavailable", "spent", "spent"] {
        let error = stripe.authorize(&sale.hold("pm_card_visa", 2500, "a")).await.unwrap_err();
        assert_eq!(kind(&error), expected);
    }
    assert_eq!(stripe.find(sale.tenant(), sale.order(), 1).await.unwrap(), None);
    hold(&stripe, "pm_card_visa", "b").await;
    assert_eq!(money_at(&partners).await, (2500, 0));
    partners.stop().await;
}

#[tokio::test]
async fn the_books_list_what_was_held_and_nothing_else() {
    let (partners, sale) = (partners().await, Sale::new());
    let stripe = stripe(partners.stripe_url());
    stripe.authorize(&sale.hold("pm_card_chargeDeclined", 2500, "no")).await.unwrap();
    let held = [hold(&stripe, "pm_card_visa", "a").await, hold(&stripe, "pm_card_visa", "b").await];
    let (from, to) = ("2000-01-01T00:00:00Z".parse().unwrap(), "2100-01-01T00:00:00Z".parse().unwrap());
    let page = stripe.booked(from, to, None).await.unwrap();
    assert_eq!(page.next, None);
    let listed: BTreeSet<_> = page.rows.into_iter().map(|row| row.reference).collect();
    assert_eq!(listed, held.map(|held| held.reference).into());
    assert_eq!(stripe.booked(from, from, None).await.unwrap().rows, []);
    partners.stop().await;
}
