//! Real sample payloads, where their folder is present; here EasyPost's.

mod stripe;

use crate::easypost::easypost;
use crate::scripted::answering;
use serde_json::{Value, json};
use std::path::PathBuf;
use waybill_domain::ports::Labels;
use waybill_gateways::webhook;

/// The bytes of a sample; says so where there is none.
pub fn fixture(name: &str) -> Option<Vec<u8>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures").join(name);
    let read = std::fs::read(path).ok();
    if read.is_none() {
        println!("SKIPPED: no sample {name}");
    }
    read
}

fn json_of(name: &str) -> Option<Value> {
    fixture(name).map(|bytes| serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn every_sample_shipment_is_read() {
    #[rustfmt::skip]
    let table = [
        ("create", 3, None), ("retrieve", 3, None), ("label", 3, Some(820)), ("buy", 3, Some(820)), ("one-call-buy", 3, Some(1101)),
    ];
    for (name, offers, cost) in table {
        let Some(sample) = json_of(&format!("easypost/responses/shipments/shipments-{name}.json")) else { return };
        let server = answering("GET", "/v2/shipments/ord-1-1", 200, &sample).await;
        let found = easypost(&server.uri()).find("ord-1-1").await.unwrap().unwrap();
        assert_eq!((found.shipment.as_str(), found.offers.len()), (sample["id"].as_str().unwrap(), offers), "{name}");
        assert_eq!(found.label.as_ref().map(|label| label.cost.minor()), cost, "{name}");
        if let Some(label) = found.label {
            assert_eq!(label.tracking_code, sample["tracking_code"].as_str().unwrap(), "{name}");
            assert!(label.label_url.starts_with("https://"), "{name}");
        }
    }
}

#[tokio::test]
async fn every_listed_sample_shipment_is_read() {
    let Some(sample) = json_of("easypost/responses/shipments/shipments-list.json") else { return };
    for shipment in sample["shipments"].as_array().unwrap() {
        let server = answering("GET", "/v2/shipments/x", 200, shipment).await;
        easypost(&server.uri()).find("x").await.unwrap().unwrap();
    }
}

#[test]
fn every_sample_tracker_is_news() {
    for name in ["create", "retrieve"] {
        let Some(tracker) = json_of(&format!("easypost/responses/trackers/trackers-{name}.json")) else { return };
        let event = json!({"id": "evt_1", "description": "tracker.created", "result": tracker});
        let news = webhook::parse(event.to_string().as_bytes()).unwrap().unwrap();
        assert_eq!(news.tracking_code, tracker["tracking_code"].as_str().unwrap(), "{name}");
    }
}
