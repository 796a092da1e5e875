//! Whole orders: delivered, cancelled at every wait, reviewed, declined, short.

use crate::world::{
    cancel, cart, deliver, fulfill, hand_over, intent, item, mails, number, order, pack, pick_all, place, run, station,
    stock, timeline, types, until, until_event, until_part,
};
use serde_json::json;
use waybill_harness::api::Role;

#[test]
fn an_order_is_delivered_its_money_captured_once_and_its_stock_moved_once() {
    run(async |local| {
        let sku = item(local, 10).await;
        let id = place(local, &cart(&sku, 2, 1000)).await;
        assert_eq!(stock(local, &sku).await, (8, 10), "reserved at the door, still on hand");
        let closed = fulfill(local, &id).await;
        assert_eq!(closed["payment_status"], "paid");
        assert_eq!(closed["fulfillment_status"], "delivered");
        assert_eq!(closed["captured"]["minor"], 2500);
        assert_eq!(stock(local, &sku).await, (8, 8), "on hand falls at dispatch");
        let books = intent(local, &id).await.expect("the processor knows the order");
        assert_eq!(books["amount_received"].as_i64().or(books["captured"].as_i64()), Some(2500), "{books}");
        let events = types(local, &id).await;
        for once in ["placed", "payment_authorized", "routed", "labeled", "dispatched", "payment_captured", "closed"] {
            assert_eq!(events.iter().filter(|kind| *kind == once).count(), 1, "{once} in {events:?}");
        }
        assert_eq!(mails(local, &id, 3).await.len(), 3);
        let bill = local.bill(&id).await.unwrap();
        println!("one order: {} transitions, {} write units", bill.cost.transitions, bill.cost.write_units);
    });
}

#[test]
fn every_posting_balances_and_a_closed_order_owes_nothing() {
    run(async |local| {
        let sku = item(local, 5).await;
        let id = place(local, &cart(&sku, 1, 1999)).await;
        fulfill(local, &id).await;
        let mut accounts = std::collections::BTreeMap::new();
        for event in timeline(local, &id).await {
            let mut sum = 0;
            for posting in event["postings"].as_array().into_iter().flatten() {
                let amount = posting["amount"]["minor"].as_i64().unwrap();
                *accounts.entry(posting["account"].as_str().unwrap().to_owned()).or_insert(0) += amount;
                sum += amount;
            }
            assert_eq!(sum, 0, "{event}");
        }
        for settled in ["customer_receivable", "unearned_revenue", "authorizations", "authorizations_held"] {
            assert_eq!(accounts.get(settled), Some(&0), "{settled} in {accounts:?}");
        }
        assert_eq!(accounts.get("cash_at_processor"), Some(&2499));
    });
}

/// Cancels at a wait and checks that everything went back.
async fn cancelled_at(local: &waybill_harness::Local, sku: &str, id: &str, labels: usize) {
    cancel(local, id).await;
    until_event(local, id, "stock_released").await;
    let order = order(local, id).await;
    assert_eq!(order["status"], "cancelled");
    assert_eq!(order["payment_status"], "voided");
    assert_eq!(stock(local, sku).await, (4, 4), "everything is back");
    let events = types(local, id).await;
    assert_eq!(events.iter().filter(|kind| *kind == "label_voided").count(), labels, "{events:?}");
    let books = intent(local, id).await.expect("the processor knows the order");
    assert_eq!(books["status"], "canceled", "{books}");
    assert_eq!(mails(local, id, 2).await.len(), 2, "confirmed and cancelled");
}

#[test]
fn cancelling_while_it_waits_for_the_pick_gives_everything_back() {
    run(async |local| {
        let sku = item(local, 4).await;
        let id = place(local, &cart(&sku, 1, 1000)).await;
        until_part(local, &id, "open").await;
        cancelled_at(local, &sku, &id, 0).await;
    });
}

#[test]
fn cancelling_while_it_waits_for_the_pack_gives_everything_back() {
    run(async |local| {
        let sku = item(local, 4).await;
        let id = place(local, &cart(&sku, 1, 1000)).await;
        pick_all(local, &id).await;
        cancelled_at(local, &sku, &id, 0).await;
    });
}

#[test]
fn cancelling_while_it_waits_for_the_driver_gives_the_label_back_too() {
    run(async |local| {
        let sku = item(local, 4).await;
        let id = place(local, &cart(&sku, 1, 1000)).await;
        pick_all(local, &id).await;
        pack(local, &id).await;
        until_part(local, &id, "labeled").await;
        cancelled_at(local, &sku, &id, 1).await;
    });
}

#[test]
fn cancelling_right_after_placing_gives_everything_back() {
    run(async |local| {
        let sku = item(local, 4).await;
        let id = place(local, &cart(&sku, 1, 1000)).await;
        cancel(local, &id).await;
        until_event(local, &id, "stock_released").await;
        assert_eq!(stock(local, &sku).await, (4, 4));
        let held = intent(local, &id).await;
        assert!(held.is_none_or(|intent| intent["status"] == "canceled"));
    });
}

#[test]
fn what_has_left_cannot_be_cancelled() {
    run(async |local| {
        let sku = item(local, 4).await;
        let id = place(local, &cart(&sku, 1, 1000)).await;
        pick_all(local, &id).await;
        pack(local, &id).await;
        hand_over(local, &id).await;
        let call = waybill_harness::api::Call::new(waybill_harness::api::Method::POST, format!("/orders/{id}/cancel"));
        let call = call.key(format!("late-{}", number())).json(&json!({"reason": "too late"}));
        let answer = local.api.send(Some(Role::Support), call).await.unwrap();
        assert_eq!(answer.status, 409, "{}", answer.text);
        deliver(local, &id).await;
        until(local, &id, "closed", |order| order["status"] == "closed").await;
    });
}

#[test]
fn a_large_order_waits_for_a_person_and_goes_on_when_approved() {
    run(async |local| {
        let sku = item(local, 10).await;
        let id = place(local, &cart(&sku, 1, 600_000)).await;
        until(local, &id, "a review", |order| order["needs_review"] == true && order["payment_status"] == "authorized")
            .await;
        let body = json!({"decision": "approve", "note": "known customer"});
        local
            .api
            .post(Role::Support, &format!("/orders/{id}/review"), &format!("r-{}", number()), &body)
            .await
            .unwrap();
        fulfill(local, &id).await;
    });
}

#[test]
fn a_rejected_order_is_voided_and_its_stock_released() {
    run(async |local| {
        let sku = item(local, 4).await;
        let id = place(local, &cart(&sku, 1, 600_000)).await;
        until(local, &id, "a review", |order| order["needs_review"] == true && order["payment_status"] == "authorized")
            .await;
        let body = json!({"decision": "reject", "note": "stolen card"});
        local
            .api
            .post(Role::Support, &format!("/orders/{id}/review"), &format!("r-{}", number()), &body)
            .await
            .unwrap();
        until_event(local, &id, "stock_released").await;
        assert_eq!(order(local, &id).await["payment_status"], "voided");
        assert_eq!(stock(local, &sku).await, (4, 4));
    });
}

#[test]
fn a_declined_card_ends_the_order_and_releases_its_stock() {
    run(async |local| {
        let sku = item(local, 4).await;
        let mut cart = cart(&sku, 1, 1000);
        cart["payments"][0]["method"] = json!("pm_card_visa_chargeDeclinedStolenCard");
        let id = place(local, &cart).await;
        let events = until_event(local, &id, "stock_released").await;
        assert!(events.contains(&"payment_declined".to_owned()), "{events:?}");
        assert_eq!(order(local, &id).await["payment_status"], "failed");
        assert_eq!(stock(local, &sku).await, (4, 4));
    });
}

#[test]
fn a_short_pick_ships_and_charges_what_was_found() {
    run(async |local| {
        let sku = item(local, 4).await;
        let id = place(local, &cart(&sku, 2, 1000)).await;
        until_part(local, &id, "open").await;
        station(local, &id, "pick", &json!({"lines": [{"sku": sku, "picked": 1}]})).await;
        pack(local, &id).await;
        hand_over(local, &id).await;
        deliver(local, &id).await;
        let closed = until(local, &id, "closed", |order| order["status"] == "closed").await;
        assert_eq!(closed["captured"]["minor"], 1250, "one of two units, half of the shipping");
        assert_eq!(closed["payment_status"], "paid");
        let (available, on_hand) = stock(local, &sku).await;
        assert_eq!((available, on_hand), (2, 3), "the unit not found is held back, not promised again");
    });
}

#[test]
fn an_order_of_which_nothing_is_found_ends_as_out_of_stock() {
    run(async |local| {
        let sku = item(local, 4).await;
        let id = place(local, &cart(&sku, 1, 1000)).await;
        until_part(local, &id, "open").await;
        station(local, &id, "pick", &json!({"lines": [{"sku": sku, "picked": 0}]})).await;
        let events = until_event(local, &id, "stock_released").await;
        assert!(!events.contains(&"payment_captured".to_owned()), "{events:?}");
        let order = order(local, &id).await;
        assert_eq!(order["cancelled"]["reason"], "out_of_stock");
        assert_eq!(order["payment_status"], "voided");
    });
}

#[test]
fn two_sites_ship_one_order_and_each_shipment_captures_its_own_share() {
    run(async |local| {
        let sku = item(local, 1).await;
        local.api.put(Role::Admin, &format!("/stock/{sku}/columbus"), &json!({"on_hand": 1})).await.unwrap();
        let id = place(local, &cart(&sku, 2, 1000)).await;
        until(local, &id, "two fulfillment orders", |order| order["fulfillments"].as_array().map(Vec::len) == Some(2))
            .await;
        for number_of_part in [1, 2] {
            let path = |step: &str| format!("/orders/{id}/fulfillments/{number_of_part}/{step}");
            let index = number_of_part - 1;
            let status = |wanted: &'static str| {
                move |order: &serde_json::Value| order["fulfillments"][index]["status"] == wanted
            };
            let post = async |step: &str, body| {
                local.api.post(Role::Warehouse, &path(step), &format!("s-{}", number()), &body).await.unwrap()
            };
            post("pick", json!({"lines": [{"sku": sku, "picked": 1}]})).await;
            post("pack", json!({"carton": "BOX-S", "weight_grams": 500})).await;
            let order = until(local, &id, "labeled", status("labeled")).await;
            let code = order["fulfillments"][index]["shipment"]["tracking_code"].as_str().unwrap().to_owned();
            post("hand-over", json!({"manifest": "M-2"})).await;
            local.partners.track(&code, "delivered").await.unwrap();
        }
        let closed = until(local, &id, "closed", |order| order["status"] == "closed").await;
        assert_eq!(closed["captured"]["minor"], 2500);
        assert_eq!(closed["payment_status"], "paid");
        let captures: Vec<_> = types(local, &id).await.into_iter().filter(|kind| kind == "payment_captured").collect();
        assert_eq!(captures.len(), 2);
    });
}
