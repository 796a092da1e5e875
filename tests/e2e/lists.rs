//! Lists and queues.

use crate::world::{PATIENCE, cancel, cart, item, number, place, run, until_event, until_part};
use serde_json::Value;
use waybill_harness::Local;
use waybill_harness::api::{Call, Method, Role, poll_until};

fn ids(page: &Value, list: &str, field: &str) -> Vec<String> {
    let rows = page[list].as_array().unwrap_or_else(|| panic!("{page}"));
    rows.iter().map(|row| row[field].as_str().unwrap().to_owned()).collect()
}

/// Waits until a list shows the order: indexes lag.
async fn listed(local: &Local, path: &str, list: &str, field: &str, id: &str) {
    let look = async || {
        let page = local.api.get(Role::Support, path).await?;
        Ok(if ids(&page, list, field).iter().any(|row| row == id) { Ok(()) } else { Err(page.to_string()) })
    };
    poll_until(PATIENCE, path, look).await.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn orders_are_found_by_status_channel_customer_and_reference() {
    run(async |local| {
        let sku = item(local, 5).await;
        let cart = cart(&sku, 1, 1000);
        let id = place(local, &cart).await;
        let customer = cart["customer"]["email"].as_str().unwrap();
        let reference = cart["reference"].as_str().unwrap();
        for query in [
            "status=placed&limit=100".to_owned(),
            "channel=api&limit=100".to_owned(),
            format!("customer={customer}"),
            format!("reference={reference}"),
        ] {
            listed(local, &format!("/orders?{query}"), "orders", "id", &id).await;
        }
        cancel(local, &id).await;
        until_event(local, &id, "stock_released").await;
        listed(local, "/orders?status=cancelled&limit=100", "orders", "id", &id).await;
        let none = local.api.get(Role::Support, &format!("/orders?customer={customer}&status=closed")).await.unwrap();
        assert!(ids(&none, "orders", "id").is_empty(), "{none}");
    });
}

#[test]
fn a_cursor_walks_over_every_order_once() {
    run(async |local| {
        let sku = item(local, 50).await;
        let mut placed = Vec::new();
        for _ in 0..5 {
            placed.push(place(local, &cart(&sku, 1, 1000)).await);
        }
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = local.api.get(Role::Support, &format!("/orders?limit=2{cursor}")).await.unwrap();
            seen.extend(ids(&page, "orders", "id"));
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={}", next.replace('#', "%23").replace(':', "%3A"));
        }
        for id in &placed {
            assert_eq!(seen.iter().filter(|row| *row == id).count(), 1, "{id}");
        }
    });
}

#[test]
fn a_fulfillment_order_stands_in_its_sites_queue_until_it_is_done() {
    run(async |local| {
        let sku = item(local, 5).await;
        let id = place(local, &cart(&sku, 1, 1000)).await;
        until_part(local, &id, "open").await;
        listed(local, "/fulfillment-orders?site=reno&queue=pick&limit=100", "fulfillment_orders", "order_id", &id)
            .await;
        crate::world::pick_all(local, &id).await;
        listed(local, "/fulfillment-orders?site=reno&queue=pack&limit=100", "fulfillment_orders", "order_id", &id)
            .await;
    });
}

#[test]
fn a_query_that_makes_no_sense_is_refused() {
    run(async |local| {
        let _ = number();
        for path in [
            "/orders?status=eaten",
            "/orders?limit=0",
            "/orders?limit=101",
            "/orders?from=yesterday",
            "/orders?x=1",
            "/fulfillment-orders?site=reno&queue=sleep",
            "/fulfillment-orders",
        ] {
            let answer = local.api.send(Some(Role::Support), Call::new(Method::GET, path)).await.unwrap();
            assert_eq!(answer.status, 400, "{path}: {}", answer.text);
            assert_eq!(answer.content_type, "application/problem+json", "{path}");
        }
    });
}
