//! Money, held and taken at the fake processor.

use super::{books, control, lose, partners};
use crate::scripted::{Sale, kind, money};
use crate::stripe::stripe;
use serde_json::json;
use waybill_domain::ports::{Authorized, Held, PaymentProcessor};
use waybill_gateways::Stripe;
use waybill_partners::Partners;

const INTENTS: &str = "/v1/payment_intents";

async fn hold(stripe: &Stripe, method: &str, key: &str) -> Held {
    match stripe.authorize(&Sale::new().hold(method, 2500, key)).await.unwrap() {
        Authorized::Held(held) => held,
        Authorized::Declined { code } => panic!("declined: {code}"),
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
    assert_eq!(stripe.find(sale.tenant(), sale.order()).await.unwrap(), None);
    let held = hold(&stripe, "pm_card_visa", "a").await;
    assert_eq!((held.amount, held.captured, held.voided), (money(2500, "USD"), money(0, "USD"), false));
    assert_eq!(stripe.find(sale.tenant(), sale.order()).await.unwrap().as_ref(), Some(&held));
    assert_eq!(stripe.look_up(&held.reference).await.unwrap(), held);
    assert_eq!(money_at(&partners).await, (2500, 0));
    let stranger = "other".parse().unwrap();
    assert_eq!(stripe.find(&stranger, sale.order()).await.unwrap(), None);
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
    let found = stripe.find(sale.tenant(), sale.order()).await.unwrap();
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
    assert_eq!(stripe.find(sale.tenant(), sale.order()).await.unwrap(), None);
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
    let error = stripe.capture(&held.reference, money(2501, "USD"), true, "c").await.unwrap_err();
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
    let lost = stripe.capture(&reference, money(1000, "USD"), false, "c-1").await.unwrap_err();
    assert_eq!(kind(&lost), "unavailable");
    let first = stripe.capture(&reference, money(1000, "USD"), false, "c-1").await.unwrap();
    assert_eq!(first.captured, money(1000, "USD"));
    assert_eq!(money_at(&partners).await, (1500, 1000));
    let rest = stripe.capture(&reference, money(1200, "USD"), true, "c-2").await.unwrap();
    assert_eq!((rest.captured, money_at(&partners).await), (money(2200, "USD"), (0, 2200)));
    let error = stripe.capture(&reference, money(300, "USD"), true, "c-3").await.unwrap_err();
    assert_eq!(kind(&error), "refused payment_intent_unexpected_state");
    assert_eq!(stripe.look_up(&reference).await.unwrap().captured, money(2200, "USD"));
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
    assert!(stripe.find(sale.tenant(), sale.order()).await.unwrap().unwrap().voided);
    let live = hold(&stripe, "pm_card_visa", "b").await;
    assert_eq!(stripe.find(sale.tenant(), sale.order()).await.unwrap(), Some(live));
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
async fn what_the_processor_does_not_know_is_broken() {
    let partners = partners().await;
    let stripe = stripe(partners.stripe_url());
    assert_eq!(kind(&stripe.look_up("pi_unheard_of").await.unwrap_err()), "broken");
    assert_eq!(kind(&stripe.void("pi_unheard_of", "v").await.unwrap_err()), "broken");
    partners.stop().await;
}
