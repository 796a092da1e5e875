//! What operations count on: costs, the sweeper, signed webhooks.

use crate::world::{PATIENCE, cart, item, number, order, place, run, run_alone, types, until_part};
use serde_json::json;
use waybill_harness::api::{Call, Method, Role, poll_until};

#[test]
fn a_warm_post_makes_one_dynamodb_request_the_write() {
    run(async |local| {
        let sku = item(local, 100).await;
        // Several instances may be warming up: sooner or later a call meets one that knows client, store and item.
        let mut requests = Vec::new();
        for _ in 0..12 {
            let id = place(local, &cart(&sku, 1, 1000)).await;
            let calls = local.meter.calls();
            let placing = calls.iter().filter(|call| call.function == "place-order" && call.orders.contains(&id));
            requests.push(placing.map(|call| call.operation.clone()).collect::<Vec<_>>());
        }
        assert!(requests.contains(&vec!["TransactWriteItems".to_owned()]), "requests of twelve calls: {requests:?}");
    });
}

#[test]
fn a_webhook_without_a_good_signature_changes_nothing() {
    run(async |local| {
        let sku = item(local, 3).await;
        let id = place(local, &cart(&sku, 1, 1000)).await;
        crate::world::pick_all(local, &id).await;
        crate::world::pack(local, &id).await;
        let code = until_part(local, &id, "labeled").await["fulfillments"][0]["shipment"]["tracking_code"].clone();
        let event = json!({"object": "Event", "id": "evt_1", "description": "tracker.updated", "result":
            {"object": "Tracker", "tracking_code": code, "status": "delivered", "updated_at": "2026-11-22T00:00:00Z"}});
        let path = format!("/webhooks/carrier/{}", local.tenant);
        let before = types(local, &id).await;
        for signature in [None, Some("hmac-sha256-hex=00"), Some("nonsense"), Some("")] {
            let mut call = Call::new(Method::POST, &path).json(&event);
            if let Some(signature) = signature {
                call = call.header("X-Hmac-Signature", signature);
            }
            let answer = local.api.send(None, call).await.unwrap();
            assert_eq!(answer.status, 401, "{signature:?}: {}", answer.text);
        }
        assert_eq!(types(local, &id).await, before);
    });
}

#[test]
fn the_sweeper_finds_an_order_that_was_never_relayed() {
    run_alone(async |local| {
        let sku = item(local, 3).await;
        local.aws.switch_source("waybill-relay", false).await.unwrap();
        let id = place(local, &cart(&sku, 1, 1000)).await;
        let table = local.stack.output("OrdersTableName").unwrap();
        let pk = format!("T#{}#ORDER#{id}", local.tenant);
        let key = json!({"pk": {"S": pk}, "sk": {"S": "STATE"}});
        let due = json!({"TableName": table, "Key": key, "UpdateExpression": "SET due_sk = :past",
            "ExpressionAttributeValues": {":past": {"S": format!("2020-01-01T00:00:00Z#{pk}")}}});
        local.aws.call(waybill_harness::aws::DYNAMODB, "UpdateItem", &due).await.unwrap();
        let path = "/2015-03-31/functions/waybill-sweep/invocations";
        local.aws.rest("lambda", Method::POST, path, &json!({})).await.unwrap();
        let machine = local.stack.output("StateMachineArn").unwrap();
        let look = async || {
            let started = local.aws.executions(machine).await?;
            let ours = started.iter().any(|execution| execution["name"].as_str() == Some(&format!("{id}-0")));
            Ok(if ours { Ok(()) } else { Err(format!("{} executions", started.len())) })
        };
        let found = poll_until(PATIENCE, "the execution", look).await;
        local.aws.switch_source("waybill-relay", true).await.unwrap();
        found.unwrap_or_else(|error| panic!("{error}"));
        until_part(local, &id, "open").await;
    });
}

#[test]
fn a_capture_whose_answer_was_an_error_is_looked_up_and_not_repeated() {
    run_alone(async |local| {
        let sku = item(local, 3).await;
        let id = place(local, &cart(&sku, 1, 1000)).await;
        crate::world::pick_all(local, &id).await;
        crate::world::pack(local, &id).await;
        until_part(local, &id, "labeled").await;
        let lost = json!({"path": "/v1/payment_intents/{id}/capture", "method": "POST", "fault": "500_done"});
        local.partners.plan_fault(&local.partners.addresses().stripe, &lost).await.unwrap();
        crate::world::hand_over(local, &id).await;
        crate::world::deliver(local, &id).await;
        let closed = crate::world::until(local, &id, "closed", |order| order["status"] == "closed").await;
        assert_eq!(closed["captured"]["minor"], 1500, "captured once, though its answer was lost");
    });
}

#[test]
fn the_timeline_names_who_did_what() {
    run(async |local| {
        let sku = item(local, 3).await;
        let id = place(local, &cart(&sku, 1, 1000)).await;
        crate::world::pick_all(local, &id).await;
        let events = crate::world::timeline(local, &id).await;
        let actor = |kind: &str| {
            events.iter().find(|event| event["type"] == kind).unwrap()["actor"].as_str().unwrap().to_owned()
        };
        let store = Role::Store.client(&local.stack).unwrap();
        assert_eq!(actor("placed"), format!("client:{store}"));
        assert_eq!(actor("screened"), "stage:screen");
        let staff = Role::Warehouse.client(&local.stack).unwrap();
        assert_eq!(actor("picked"), format!("client:{staff}"));
        let again = json!({"lines": [{"sku": sku, "picked": 1}]});
        crate::world::station(local, &id, "pick", &again).await;
        assert_eq!(order(local, &id).await["version"].as_u64().map(|_| ()), Some(()), "{}", number());
        let picks = types(local, &id).await.into_iter().filter(|kind| kind == "picked").count();
        assert_eq!(picks, 1, "the same pick under another key is no second pick");
    });
}
