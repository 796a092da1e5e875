//! What stores, staff, shoppers and carriers do with an order of ours.

use crate::world::{PATIENCE, key};
use serde_json::{Value, json};
use waybill_harness::Local;
use waybill_harness::api::{Answer, Call, Method, Role, poll_until};

/// Posts under a key of its own, whatever comes of it.
pub async fn post(local: &Local, role: Role, path: &str, body: &Value) -> Answer {
    local.api.send(Some(role), Call::new(Method::POST, path).key(key()).json(body)).await.unwrap()
}

/// Posts what must be taken.
pub async fn done(local: &Local, role: Role, path: &str, body: &Value) -> Value {
    let answer = post(local, role, path, body).await;
    assert!((200..300).contains(&answer.status), "{path}: {} {}", answer.status, answer.text);
    answer.json()
}

/// Places an order; its id.
pub async fn place(local: &Local, cart: &Value) -> String {
    done(local, Role::Store, "/orders", cart).await["id"].as_str().unwrap().to_owned()
}

pub async fn order(local: &Local, id: &str) -> Value {
    local.api.get(Role::Support, &format!("/orders/{id}")).await.unwrap()
}

/// Waits until the order is as wanted.
pub async fn until(local: &Local, id: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let look = async || {
        let order = local.api.get(Role::Support, &format!("/orders/{id}")).await?;
        Ok(if wanted(&order) { Ok(order) } else { Err(order.to_string()) })
    };
    poll_until(PATIENCE, what, look).await.unwrap_or_else(|error| panic!("{error}"))
}

/// Waits until fulfillment order `part` has `status`.
pub async fn until_part(local: &Local, id: &str, part: usize, status: &str) -> Value {
    until(local, id, status, |order| order["fulfillments"][part - 1]["status"] == status).await
}

/// Waits until the timeline has an event of that type.
pub async fn until_event(local: &Local, id: &str, kind: &str) {
    let look = async || {
        let timeline = local.api.get(Role::Support, &format!("/orders/{id}/timeline")).await?;
        let seen: Vec<&str> =
            timeline["events"].as_array().unwrap().iter().filter_map(|event| event["type"].as_str()).collect();
        Ok(if seen.contains(&kind) { Ok(()) } else { Err(seen.join(", ")) })
    };
    poll_until(PATIENCE, &format!("{kind} of {id}"), look).await.unwrap_or_else(|error| panic!("{error}"));
}

/// Waits for an exception of the order.
pub async fn until_exception(local: &Local, id: &str) -> Value {
    until(local, id, "an exception", |order| order["exceptions"].as_array().is_some_and(|all| !all.is_empty())).await
}

/// Staff do something to fulfillment order `part`.
pub async fn station(local: &Local, id: &str, part: usize, step: &str, body: &Value) {
    done(local, Role::Warehouse, &format!("/orders/{id}/fulfillments/{part}/{step}"), body).await;
}

/// Picks everything of fulfillment order `part`.
pub async fn pick(local: &Local, id: &str, part: usize) {
    let order = until_part(local, id, part, "open").await;
    let lines = order["fulfillments"][part - 1]["lines"].as_array().unwrap();
    let found: Vec<Value> =
        lines.iter().map(|line| json!({"line": line["line"], "picked": line["quantity"]})).collect();
    station(local, id, part, "pick", &json!({"lines": found})).await;
}

pub async fn pack(local: &Local, id: &str, part: usize) {
    until_part(local, id, part, "picked").await;
    station(local, id, part, "pack", &json!({"carton": "BOX-S", "weight_grams": 900})).await;
}

pub async fn hand_over(local: &Local, id: &str, part: usize) {
    until_part(local, id, part, "labeled").await;
    station(local, id, part, "hand-over", &json!({"manifest": "M-1"})).await;
}

/// From the open pick to the driver.
pub async fn send_off(local: &Local, id: &str, part: usize) {
    pick(local, id, part).await;
    pack(local, id, part).await;
    hand_over(local, id, part).await;
    until_event(local, id, "dispatched").await;
}

/// The number on the label.
pub async fn code(local: &Local, id: &str, part: usize) -> String {
    order(local, id).await["fulfillments"][part - 1]["shipment"]["tracking_code"].as_str().unwrap().to_owned()
}

/// From the open pick to the door, of an order with one fulfillment order.
pub async fn fulfill(local: &Local, id: &str) {
    send_off(local, id, 1).await;
    local.partners.track(&code(local, id, 1).await, "delivered").await.unwrap();
    until(local, id, "closed", |order| order["status"] == "closed").await;
}

/// The processor's id of the order's payment.
pub async fn intent(local: &Local, id: &str) -> String {
    let books = local.partners.stripe_books().await.unwrap();
    let ours = books["intents"].as_array().unwrap().iter().find(|intent| intent["metadata"]["order_id"] == id);
    ours.unwrap_or_else(|| panic!("no payment of {id}"))["id"].as_str().unwrap().to_owned()
}

/// Calls the order off, and waits until everything is back.
pub async fn cancel(local: &Local, id: &str) {
    done(local, Role::Support, &format!("/orders/{id}/cancel"), &json!({"reason": "zqcanarycancel"})).await;
    until_event(local, id, "stock_released").await;
}
