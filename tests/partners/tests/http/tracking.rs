//! Parcels that move, and the webhooks that tell of it.

use crate::world::World;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use waybill_partners::sign_webhook;

const SECRET: &str = "s\u{e9}cret";

/// Keeps what it is sent, and answers as told, then 200.
#[derive(Clone, Default)]
struct Receiver {
    heard: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    answers: Arc<Mutex<Vec<u16>>>,
}

impl Receiver {
    async fn listen(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks", listener.local_addr().unwrap());
        let router = Router::new().route("/webhooks", post(hear)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }

    fn events(&self) -> Vec<Value> {
        self.heard.lock().unwrap().iter().map(|(_, body)| serde_json::from_slice(body).unwrap()).collect()
    }

    /// What each event told: the status before and after.
    fn moves(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let told = |event: &Value| (text(&event["previous_attributes"]["status"]), text(&event["result"]["status"]));
        self.events().iter().map(told).collect()
    }
}

async fn hear(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> (StatusCode, &'static str) {
    receiver.heard.lock().unwrap().push((headers, body));
    let answer = receiver.answers.lock().unwrap().pop().unwrap_or(200);
    (StatusCode::from_u16(answer).unwrap(), "heard")
}

async fn world(receiver: &Receiver) -> (World, String) {
    let world = World::new().await;
    let hook = json!({"url": receiver.listen().await, "secret": SECRET});
    assert_eq!(world.easypost_post("/_control/webhook", &hook).await.status, 200);
    let (_, tracking_code) = world.labeled().await;
    (world, tracking_code)
}

#[tokio::test]
async fn every_step_of_a_parcel_is_told_and_signed() {
    let receiver = Receiver::default();
    let (world, tracking_code) = world(&receiver).await;
    for status in ["pre_transit", "delivered"] {
        let moved = json!({"tracking_code": tracking_code, "status": status});
        let answer = world.easypost_post("/_control/track", &moved).await;
        assert_eq!((answer.status, answer.text("/status")), (200, status));
        assert_eq!(answer.body["deliveries"][0]["receiver_status"], 200);
    }
    let way = ["unknown", "pre_transit", "in_transit", "out_for_delivery", "delivered"].map(String::from);
    let expected: Vec<_> = way.windows(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
    assert_eq!(receiver.moves(), expected);
    for (headers, body) in receiver.heard.lock().unwrap().iter() {
        assert_eq!(headers["x-hmac-signature"].to_str().unwrap(), sign_webhook(SECRET, body));
    }
    let last = receiver.events().pop().unwrap();
    assert_eq!(last["description"], "tracker.updated");
    assert_eq!(last["result"]["tracking_details"].as_array().map(Vec::len), Some(4));
    let tracker = world.easypost_get(&format!("/v2/trackers/{}", last["result"]["id"].as_str().unwrap())).await;
    assert_eq!(tracker.body, last["result"]);
}

#[tokio::test]
async fn a_webhook_is_tried_again_with_the_same_bytes() {
    let receiver = Receiver::default();
    let (world, tracking_code) = world(&receiver).await;
    *receiver.answers.lock().unwrap() = vec![500, 503];
    let moved = json!({"tracking_code": tracking_code, "status": "pre_transit"});
    let answer = world.easypost_post("/_control/track", &moved).await;
    assert_eq!((answer.status, &answer.body["deliveries"][0]["attempts"]), (200, &json!(3)));
    let heard = receiver.heard.lock().unwrap();
    assert!(heard.iter().all(|(_, body)| *body == heard[0].1), "an attempt told something else");
}

#[tokio::test]
async fn a_receiver_who_refuses_is_given_up_and_reported() {
    let receiver = Receiver::default();
    let (world, tracking_code) = world(&receiver).await;
    *receiver.answers.lock().unwrap() = vec![401; 3];
    let moved = json!({"tracking_code": tracking_code, "status": "delivered"});
    let answer = world.easypost_post("/_control/track", &moved).await;
    let delivery = json!({
        "event": "evt_000000000001", "status": "pre_transit", "attempts": 3,
        "receiver_status": 401, "receiver_body": "heard", "delivered": false,
    });
    assert_eq!((answer.status, answer.text("/status")), (502, "pre_transit"));
    assert_eq!(answer.body["deliveries"], json!([delivery]));
    assert_eq!(receiver.moves().len(), 3);
}

#[tokio::test]
async fn a_status_can_be_skipped_repeated_or_taken_back_if_said_so() {
    let receiver = Receiver::default();
    let (world, tracking_code) = world(&receiver).await;
    let track = |body: Value| {
        let world = &world;
        async move { world.easypost_post("/_control/track", &body).await }
    };
    for status in ["delivered", "delivered", "in_transit", "return_to_sender"] {
        let only = json!({"tracking_code": tracking_code, "status": status, "only": true});
        assert_eq!(track(only).await.status, 200, "{status}");
    }
    assert_eq!(receiver.moves().len(), 4);
    let repeated = json!({"tracking_code": tracking_code, "status": "delivered", "only": true});
    track(repeated).await;
    let backward = json!({"tracking_code": tracking_code, "status": "in_transit"});
    assert_eq!(track(backward).await.status, 409);
    assert_eq!(track(json!({"tracking_code": "9400", "status": "delivered"})).await.status, 404);
    assert_eq!(track(json!({"tracking_code": tracking_code, "status": "teleported"})).await.status, 422);
}

#[tokio::test]
async fn a_parcel_moves_even_if_nobody_listens() {
    let world = World::new().await;
    let (_, tracking_code) = world.labeled().await;
    let moved = json!({"tracking_code": tracking_code, "status": "delivered"});
    let answer = world.easypost_post("/_control/track", &moved).await;
    assert_eq!((answer.status, answer.text("/status")), (200, "delivered"));
    assert_eq!(answer.body["deliveries"][3]["attempts"], 0);
}
