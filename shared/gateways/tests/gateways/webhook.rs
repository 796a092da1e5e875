//! The webhook as it comes: a real body with its real signature.

use crate::fixtures::fixture;
use serde_json::Value;
use waybill_domain::order::ShipmentStatus;
use waybill_gateways::{Secret, webhook};

#[test]
fn the_sample_event_is_genuine_and_read() {
    let Some(body) = fixture("easypost/event-body.json") else { return };
    let Some(library) = fixture("easypost/client-library-fixtures.json") else { return };
    let library: Value = serde_json::from_slice(&library).unwrap();
    let of = |name: &str| library["webhooks"][name].as_str().unwrap().to_owned();
    let (signature, live) = (of("hmac_signature"), [Secret::new("newer".to_owned()), Secret::new(of("secret"))]);

    // What was signed is the file without the newline at its end.
    let body = body.strip_suffix(b"\n").unwrap_or(&body);
    assert_eq!(webhook::verify(&live, &signature, body), Ok(()));
    assert_eq!(webhook::verify(&live[..1], &signature, body), Err(webhook::BadSignature::Mismatch));

    let news = webhook::parse(body).unwrap().unwrap();
    assert_eq!((news.event_id.as_str(), news.tracking_code.as_str()), ("evt_1", "1"));
    assert_eq!(news.status, ShipmentStatus::InTransit);
    assert_eq!(news.seen_at.to_string(), "2024-08-02T18:50:00Z");
}
