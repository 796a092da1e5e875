//! What partners refuse reaches the timeline, and never moves money or buys a label twice.

use crate::world::{
    cart, hand_over, intent, item, number, order, pack, pick_all, place, run, run_alone, timeline, until, until_event,
    until_part,
};
use serde_json::{Value, json};
use waybill_harness::Local;
use waybill_harness::api::Role;

/// Calls a partner's control plane or its own API past the product, as a clerk would.
async fn clerk(base: &str, path: &str, body: Value) -> Value {
    let answer = reqwest::Client::new().post(format!("{base}{path}")).json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.json().await.unwrap_or_default()
}

async fn refusal(local: &Local, id: &str) -> Value {
    until_event(local, id, "partner_refused").await;
    timeline(local, id).await.into_iter().find(|event| event["type"] == "partner_refused").unwrap()
}

#[test]
fn what_somebody_else_captured_counts_and_only_the_rest_is_taken() {
    run(async |local| {
        let sku = item(local, 4).await;
        let id = place(local, &cart(&sku, 1, 1000)).await;
        pick_all(local, &id).await;
        pack(local, &id).await;
        until_part(local, &id, "labeled").await;
        let reference = intent(local, &id).await.unwrap()["id"].as_str().unwrap().to_owned();
        let stripe = &local.partners.addresses().stripe;
        clerk(stripe, "/_control/capture", json!({"payment_intent": reference, "amount": 1200})).await;
        hand_over(local, &id).await;
        let taken = until(local, &id, "the rest", |order| order["captured"]["minor"] == 1500).await;
        assert_eq!(taken["payment_status"], "paid", "{taken}");
        let books = local.partners.stripe_books().await.unwrap();
        let ours = books["intents"].as_array().unwrap().iter().filter(|one| one["metadata"]["order_id"] == id.as_str());
        assert_eq!(ours.map(|one| one["captured"].as_i64().unwrap()).sum::<i64>(), 1500);
        let open = local.api.get(Role::Support, "/exceptions?limit=100").await.unwrap();
        let ours = open["exceptions"].as_array().unwrap().iter().filter(|row| row["order_id"] == id.as_str()).count();
        assert_eq!(ours, 1, "staff are told once: {open}");
    });
}

#[test]
fn a_reused_key_is_refused_and_reaches_the_timeline() {
    run(async |local| {
        let sku = item(local, 4).await;
        let body = cart(&sku, 1, 1000);
        // The key that the product will use is derived from the order: somebody has used it for another amount.
        let key = format!("stolen-{}", number());
        let id = waybill_domain::id::OrderId::derive(&local.tenant.parse().unwrap(), "POST /orders", &key);
        let form = "amount=999&currency=usd&payment_method=pm_card_visa&confirm=true&capture_method=manual&payment_method_types[]=card";
        let taken = reqwest::Client::new()
            .post(format!("{}/v1/payment_intents", local.partners.addresses().stripe))
            .bearer_auth("sk_test_local")
            .header("Idempotency-Key", format!("{id}-authorize-1-0"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .send()
            .await
            .unwrap();
        assert_eq!(taken.status().as_u16(), 200, "{}", taken.text().await.unwrap_or_default());
        local.api.post(Role::Store, "/orders", &key, &body).await.unwrap();
        let refused = refusal(local, id.as_str()).await;
        assert!(refused["summary"].as_str().unwrap().contains("idempotency_error"), "{refused}");
        // Another payment method is another call, under another key.
        let path = format!("/orders/{id}/payments/1/method");
        let named = json!({"method": "pm_card_mastercard"});
        local.api.post(Role::Store, &path, &format!("named-{}", number()), &named).await.unwrap();
        until_part(local, id.as_str(), "open").await;
    });
}

#[test]
fn a_second_label_is_refused_and_the_first_one_is_ours() {
    run_alone(async |local| {
        let easypost = local.partners.addresses().easypost.clone();
        let sku = item(local, 4).await;
        let id = place(local, &cart(&sku, 1, 1000)).await;
        pick_all(local, &id).await;
        clerk(&easypost, "/_control/buy_on_create", json!({"enabled": true})).await;
        pack(local, &id).await;
        let refused = refusal(local, &id).await;
        clerk(&easypost, "/_control/buy_on_create", json!({"enabled": false})).await;
        assert!(refused["summary"].as_str().unwrap().contains("POSTAGE.EXISTS"), "{refused}");
        until_part(local, &id, "labeled").await;
        let books = local.partners.easypost_books().await.unwrap();
        let ours = order(local, &id).await["fulfillments"][0]["shipment"]["tracking_code"].clone();
        assert!(books.to_string().contains(ours.as_str().unwrap()), "{ours}");
    });
}

#[test]
fn a_lost_answer_of_the_processor_holds_the_money_once() {
    run_alone(async |local| {
        let sku = item(local, 4).await;
        let fault = json!({"path": "/v1/payment_intents", "method": "POST", "fault": "lose_answer"});
        local.partners.plan_fault(&local.partners.addresses().stripe, &fault).await.unwrap();
        let id = place(local, &cart(&sku, 1, 1000)).await;
        until_part(local, &id, "open").await;
        let books = local.partners.stripe_books().await.unwrap().to_string();
        assert_eq!(books.matches(&format!("\"order_id\":\"{id}\"")).count(), 1, "one intent for the order");
    });
}
