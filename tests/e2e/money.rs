//! Money over the whole stack: refunds, retries, 3-D Secure, several tenders, disputes, webhooks, the proof.

use crate::world::{
    cart, deliver, fulfill, hand_over, intent, item, number, order, pack, pick_all, place, run, run_alone, types,
    until, until_event, until_part, usd,
};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;
use waybill_harness::Local;
use waybill_harness::api::{Answer, Call, Role};
use waybill_harness::partners::Delivery;

async fn post(local: &Local, role: Role, path: &str, body: &Value) -> Answer {
    let call = Call::new(Method::POST, path).key(format!("money-{}", number())).json(body);
    local.api.send(Some(role), call).await.unwrap()
}

/// The proof holds, and the processor's books say the same of the order's card.
async fn proven(local: &Local, id: &str) -> Value {
    let proof = local.api.get(Role::Support, &format!("/orders/{id}/proof")).await.unwrap();
    assert_eq!(proof["holds"], true, "{proof}");
    assert_eq!(proof["chain_holds"], true);
    if let Some(books) = intent(local, id).await {
        let order = order(local, id).await;
        assert_eq!(order["captured"]["minor"], books["captured"], "{books}");
        assert_eq!(order["refunded"]["minor"], books["refunded"], "{books}");
    }
    proof
}

fn count(events: &[String], kind: &str) -> usize {
    events.iter().filter(|seen| *seen == kind).count()
}

#[test]
fn a_refund_is_previewed_given_back_once_and_proven() {
    run(async |local| {
        let sku = item(local, 5).await;
        let id = place(local, &cart(&sku, 3, 1000)).await;
        fulfill(local, &id).await;
        let wish = json!({"lines": [{"line": 1, "quantity": 2}], "shipping": usd(100), "reason": "two were broken"});
        let preview = post(local, Role::Support, &format!("/orders/{id}/refunds/preview"), &wish).await;
        assert_eq!((preview.status, preview.json()["refund"]["total"]["minor"].clone()), (200, json!(2100)));
        let mut asked = wish.clone();
        asked["total"] = usd(2099);
        let path = format!("/orders/{id}/refunds");
        let wrong = post(local, Role::Support, &path, &asked).await;
        assert_eq!(wrong.status, 422, "{}", wrong.text);
        asked["total"] = usd(2100);
        let call = || Call::new(Method::POST, path.clone()).key(format!("refund-{id}")).json(&asked);
        let first = local.api.send(Some(Role::Support), call()).await.unwrap();
        assert_eq!(first.status, 201, "{}", first.text);
        let again = local.api.send(Some(Role::Support), call()).await.unwrap();
        assert_eq!((again.status, again.text), (201, first.text), "the same call gets the same bytes");
        until_event(local, &id, "refunded").await;
        let events = types(local, &id).await;
        assert_eq!((count(&events, "refund_requested"), count(&events, "refunded")), (1, 1));
        let proof = proven(local, &id).await;
        assert_eq!(order(local, &id).await["payment_status"], "partially_refunded");
        assert!(proof["entries"].as_array().unwrap().len() > 10);
        let more = post(local, Role::Support, &path, &asked).await;
        assert_eq!(more.status, 422, "only one unit is left: {}", more.text);
        let store = post(local, Role::Store, &path, &asked).await;
        assert_eq!(store.status, 403, "{}", store.text);
    });
}

#[test]
fn a_card_that_was_declined_is_replaced_by_another_and_charged_once() {
    run(async |local| {
        let sku = item(local, 3).await;
        let mut cart = cart(&sku, 1, 1000);
        cart["payments"][0]["method"] = json!("pm_card_visa_chargeDeclinedInsufficientFunds");
        let id = place(local, &cart).await;
        let failed = until(local, &id, "declined", |order| order["payment_status"] == "failed").await;
        assert_eq!(failed["status"], "placed", "the order waits: {failed}");
        assert_eq!(failed["payments"][0]["pending"]["kind"], "retry", "{failed}");
        let path = format!("/orders/{id}/payments/1/method");
        let named = post(local, Role::Store, &path, &json!({"method": "pm_card_visa"})).await;
        assert_eq!(named.status, 200, "{}", named.text);
        let closed = fulfill(local, &id).await;
        assert_eq!(
            (closed["payment_status"].clone(), closed["captured"]["minor"].clone()),
            (json!("paid"), json!(1500))
        );
        let proof = local.api.get(Role::Support, &format!("/orders/{id}/proof")).await.unwrap();
        assert_eq!(proof["holds"], true);
    });
}

#[test]
fn three_d_secure_goes_on_by_webhook_or_by_the_shoppers_return_with_one_effect() {
    run(async |local| {
        for refresh in [false, true] {
            let sku = item(local, 3).await;
            let mut cart = cart(&sku, 1, 1000);
            cart["payments"] =
                json!([{"method": "pm_card_authenticationRequired", "return_url": "https://shop.example.com/back"}]);
            let id = place(local, &cart).await;
            let waits =
                until(local, &id, "3-D Secure", |order| order["payments"][0]["pending"]["kind"] == "action").await;
            assert!(waits["payments"][0]["pending"]["url"].as_str().is_some_and(|url| url.starts_with("https://")));
            let payment = intent(local, &id).await.unwrap()["id"].as_str().unwrap().to_owned();
            local.partners.authenticate(&payment, true).await.unwrap();
            if refresh {
                let back = post(local, Role::Store, &format!("/orders/{id}/payments/1/refresh"), &json!({})).await;
                // The webhook may have been faster: then nothing is waited for any more.
                assert!(matches!(back.status, 200 | 409), "{}", back.text);
            }
            until_part(local, &id, "open").await;
            assert_eq!(count(&types(local, &id).await, "payment_authorized"), 1);
            proven(local, &id).await;
        }
    });
}

#[test]
fn a_gift_card_and_a_card_pay_one_order_and_the_gift_card_is_never_overdrawn() {
    run(async |local| {
        let sku = item(local, 5).await;
        let code = format!("GIFT-{}-{}", number(), number());
        let load = json!({"code": code, "amount": usd(800), "reason": "sold"});
        let sold = post(local, Role::Admin, "/accounts/gift_card/by-code/adjustments", &load).await;
        assert_eq!(sold.status, 201, "{}", sold.text);
        let account = sold.json()["id"].as_str().unwrap().to_owned();
        let mut both = cart(&sku, 1, 1000);
        both["payments"] = json!([{"gift_card": code, "amount": usd(800)}, {"method": "pm_card_visa"}]);
        let id = place(local, &both).await;
        let closed = fulfill(local, &id).await;
        assert_eq!(closed["captured"]["minor"], 1500, "{closed}");
        assert_eq!(intent(local, &id).await.unwrap()["captured"], 700, "the card pays the rest");
        let proof = local.api.get(Role::Support, &format!("/orders/{id}/proof")).await.unwrap();
        assert_eq!(proof["holds"], true, "{proof}");
        let left = local.api.get(Role::Support, &format!("/accounts/gift_card/{account}")).await.unwrap();
        assert_eq!(left["available"][0]["minor"], 0, "{left}");
        let empty = place(local, &both).await;
        let declined =
            until(local, &empty, "declined", |order| order["payments"][0]["declined"] == "insufficient_balance").await;
        assert_eq!(declined["payments"][0]["pending"]["kind"], "method", "{declined}");
    });
}

#[test]
fn webhooks_told_three_times_and_backwards_have_one_effect() {
    run_alone(async |local| {
        let hook = local.payment_webhook();
        local
            .partners
            .stripe_webhooks(&hook, Delivery { times: 3, reordered: true, ..Delivery::default() })
            .await
            .unwrap();
        let sku = item(local, 3).await;
        let id = place(local, &cart(&sku, 1, 1000)).await;
        fulfill(local, &id).await;
        let payment = intent(local, &id).await.unwrap()["id"].as_str().unwrap().to_owned();
        let opened = local.partners.dispute(&payment, None).await.unwrap();
        local.partners.close_dispute(opened["id"].as_str().unwrap(), true).await.unwrap();
        local.partners.flush_stripe_webhooks().await.unwrap();
        until_event(local, &id, "dispute_closed").await;
        local.partners.stripe_webhooks(&hook, Delivery::default()).await.unwrap();
        let events = types(local, &id).await;
        for once in ["payment_authorized", "payment_captured", "dispute_opened", "dispute_closed"] {
            assert_eq!(count(&events, once), 1, "{once} in {events:?}");
        }
        proven(local, &id).await;
        let disputed = order(local, &id).await;
        assert!(disputed["exceptions"].as_array().unwrap().iter().any(|case| case["stage"] == "payment"), "{disputed}");
    });
}

#[test]
fn a_forged_payment_webhook_changes_nothing() {
    run(async |local| {
        let sku = item(local, 3).await;
        let id = place(local, &cart(&sku, 1, 1000)).await;
        until_part(local, &id, "open").await;
        let before = types(local, &id).await;
        let body = json!({"id": "evt_forged", "type": "payment_intent.canceled"}).to_string();
        let path = format!("/webhooks/payment/{}", local.tenant);
        for signature in [None, Some("t=1,v1=00".to_owned()), Some(format!("t=1795000000,v1={}", "0".repeat(64)))] {
            let mut call = Call::new(Method::POST, &path).body(body.clone());
            if let Some(signature) = signature {
                call = call.header("Stripe-Signature", signature);
            }
            assert_eq!(local.api.send(None, call).await.unwrap().status, 401);
        }
        assert_eq!(types(local, &id).await, before);
    });
}

#[test]
fn the_reconciler_proves_every_order_and_finds_what_somebody_else_took_away() {
    run_alone(async |local| {
        let sku = item(local, 3).await;
        let id = place(local, &cart(&sku, 1, 1000)).await;
        pick_all(local, &id).await;
        pack(local, &id).await;
        hand_over(local, &id).await;
        deliver(local, &id).await;
        until(local, &id, "closed", |order| order["status"] == "closed").await;
        let hook = local.payment_webhook();
        let payment = intent(local, &id).await.unwrap()["id"].as_str().unwrap().to_owned();
        // Nobody tells us of this one.
        local.partners.stripe_webhooks("http://127.0.0.1:9/nowhere", Delivery::default()).await.unwrap();
        local.partners.refund_outside(&payment, 300).await.unwrap();
        local.partners.stripe_webhooks(&hook, Delivery::default()).await.unwrap();
        let later = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_mins(1)).unwrap();
        let function = "waybill-reconcile";
        let report = local.aws.invoke(function, &json!({"to": later.to_string()})).await.unwrap();
        println!("reconcile: {report}");
        assert!(report["orders"].as_u64().is_some_and(|orders| orders > 0), "{report}");
        let found =
            until(local, &id, "the difference", |order| !order["exceptions"].as_array().unwrap().is_empty()).await;
        let reason = found["exceptions"][0]["reason"].as_str().unwrap().to_owned();
        assert!(reason.contains("refunded"), "{reason}");
    });
}

#[test]
fn a_hold_that_lapsed_is_made_anew_before_the_goods_leave() {
    run_alone(async |local| {
        let sku = item(local, 3).await;
        let mut cart = cart(&sku, 1, 1000);
        cart["payments"][0]["customer"] = json!("cus_saved");
        let id = place(local, &cart).await;
        pick_all(local, &id).await;
        let payment = intent(local, &id).await.unwrap()["id"].as_str().unwrap().to_owned();
        local.partners.advance_stripe_clock(Duration::from_hours(8 * 24)).await.unwrap();
        until_event(local, &id, "authorization_lapsed").await;
        pack(local, &id).await;
        hand_over(local, &id).await;
        deliver(local, &id).await;
        let closed = until(local, &id, "closed", |order| order["status"] == "closed").await;
        assert_eq!(closed["captured"]["minor"], 1500);
        let events = types(local, &id).await;
        assert_eq!((count(&events, "payment_authorized"), count(&events, "payment_captured")), (2, 1), "{events:?}");
        let books = local.partners.stripe_books().await.unwrap();
        let ours: Vec<_> =
            books["intents"].as_array().unwrap().iter().filter(|one| one["metadata"]["order_id"] == id).collect();
        let taken: i64 = ours.iter().map(|one| one["captured"].as_i64().unwrap()).sum();
        assert_eq!((ours.len(), taken), (2, 1500));
        assert!(ours.iter().any(|one| one["id"] == payment && one["captured"] == 0));
    });
}
