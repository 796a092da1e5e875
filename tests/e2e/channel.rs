//! The second door: channel orders from the queue.

use crate::world::{PATIENCE, fulfill, number, run, types};
use serde_json::{Value, json};
use waybill_harness::Local;
use waybill_harness::api::{Role, poll_until};

fn shopify(id: u32) -> Value {
    let text = include_str!("../events/shopify-order.json");
    let mut order: Value = serde_json::from_str::<Value>(text).unwrap()["order"].take();
    order["id"] = json!(id);
    order["name"] = json!(format!("#S{id}"));
    order
}

async fn send(local: &Local, body: &str) {
    let queue = local.stack.output("ChannelQueueUrl").unwrap();
    local.aws.send_message(queue, body, &[]).await.unwrap();
}

fn message(local: &Local, order: &Value) -> String {
    json!({"tenant": local.tenant, "channel": "shopify-demo", "order": order}).to_string()
}

async fn found(local: &Local, reference: &str) -> String {
    let path = format!("/orders?reference={}", reference.replace('#', "%23"));
    let look = async || {
        let page = local.api.get(Role::Support, &path).await?;
        Ok(page["orders"][0]["id"].as_str().map(str::to_owned).ok_or_else(|| page.to_string()))
    };
    poll_until(PATIENCE, "the channel order", look).await.unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_shopify_order_delivered_twice_becomes_one_order_and_is_settled_by_the_channel() {
    run(async |local| {
        let id = 700_000 + number();
        let body = message(local, &shopify(id));
        send(local, &body).await;
        send(local, &body).await;
        let order = found(local, &format!("#S{id}")).await;
        let closed = fulfill(local, &order).await;
        assert_eq!(closed["payment_status"], "paid");
        assert_eq!(closed["captured"]["minor"], 4968);
        let books = local.partners.stripe_books().await.unwrap().to_string();
        assert!(!books.contains(&order), "the shopper is not charged a second time by us");
        let events = types(local, &order).await;
        assert_eq!(events.iter().filter(|kind| *kind == "placed").count(), 1);
        assert_eq!(events.iter().filter(|kind| *kind == "payment_captured").count(), 1);
    });
}

#[test]
fn a_message_that_can_never_be_an_order_is_put_away_with_the_reason() {
    run(async |local| {
        let unknown = |change: fn(&mut Value)| {
            let mut order = shopify(800_000 + number());
            change(&mut order);
            message(local, &order)
        };
        let table = [
            ("{", "no JSON"),
            (&unknown(|o| o["line_items"][0]["sku"] = json!("NOT-THERE")), "not in the catalog"),
            (&unknown(|o| o["line_items"][0]["quantity"] = json!(0)), "at least 1"),
            (&unknown(|o| o["currency"] = json!("XXQ")), "currency"),
            (&unknown(|o| o["financial_status"] = json!("pending")), "financial_status"),
        ];
        for (body, _) in &table {
            send(local, body).await;
        }
        let queue = local.stack.output("ChannelDeadLettersUrl").unwrap();
        let mut reasons: Vec<String> = Vec::new();
        let look = async || {
            for message in local.aws.receive_messages(queue).await? {
                reasons.extend(
                    message.attributes.iter().filter(|(name, _)| name == "reason").map(|(_, text)| text.clone()),
                );
                local.aws.delete_message(queue, &message.receipt).await?;
            }
            let missing = table.iter().find(|(_, wanted)| !reasons.iter().any(|reason| reason.contains(wanted)));
            Ok(missing.map_or(Ok(()), |(_, wanted)| Err(format!("no reason with `{wanted}` in {reasons:?}"))))
        };
        poll_until(PATIENCE, "the dead letters", look).await.unwrap_or_else(|error| panic!("{error}"));
    });
}
