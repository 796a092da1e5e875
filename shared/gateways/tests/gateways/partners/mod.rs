//! The adapters against the fake partners, whose books say what really happened.

mod easypost;
mod stripe;

use serde_json::{Value, json};
use waybill_partners::Partners;

pub async fn partners() -> Partners {
    Partners::start(0, 0).await.unwrap()
}

/// The partner's own books.
pub async fn books(url: &str) -> Value {
    let answer = reqwest::get(format!("{url}/_control/books")).await.unwrap();
    answer.json().await.unwrap()
}

/// Tells the partner something behind the adapter's back.
pub async fn control(url: &str, what: &str, body: &Value) -> Value {
    let sent = reqwest::Client::new().post(format!("{url}/_control/{what}")).json(body).send().await.unwrap();
    assert!(sent.status().is_success(), "{what}: {}", sent.status());
    sent.json().await.unwrap()
}

/// Lets the answer to the next such call get lost after the work is done.
pub async fn lose(url: &str, path: &str) {
    control(url, "next", &json!({"path": path, "method": "POST", "fault": "lose_answer"})).await;
}
