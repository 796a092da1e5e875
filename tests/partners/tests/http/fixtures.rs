//! Our answers beside recorded ones of the real partners. Skipped, and said so, where the recordings are not there.

use crate::world::{AUTHORIZE, World, shipment};
use serde_json::{Value, json};
use std::path::PathBuf;
use waybill_partners::sign_webhook;

/// Beside the checkout, not in it: the recordings are not ours to publish.
fn fixture(name: &str) -> Option<Vec<u8>> {
    let checkout = PathBuf::from(env!("CARGO_MANIFEST_DIR")).canonicalize().ok()?;
    let path = checkout.ancestors().nth(3)?.join("shared/fixtures").join(name);
    let read = std::fs::read(&path).ok();
    if read.is_none() {
        println!("skipped: no fixture at {}", path.display());
    }
    read
}

fn json_fixture(name: &str) -> Option<Value> {
    Some(serde_json::from_slice(&fixture(name)?).unwrap())
}

/// Every field of `real` which `ours` lacks, objects in objects included. Where either says null there is nothing to
/// compare; of arrays the first items are compared.
fn lacking(real: &Value, ours: &Value, path: &str) -> Vec<String> {
    match (real, ours) {
        (Value::Object(real), Value::Object(ours)) => {
            let deeper = |(name, real): (&String, &Value)| match ours.get(name) {
                // Only an address whose verification was asked for has any.
                Some(_) if name == "verifications" => Vec::new(),
                Some(ours) => lacking(real, ours, &format!("{path}.{name}")),
                None => vec![format!("{path}.{name}")],
            };
            real.iter().flat_map(deeper).collect()
        }
        (Value::Array(real), Value::Array(ours)) => match (real.first(), ours.first()) {
            (Some(real), Some(ours)) => lacking(real, ours, &format!("{path}[0]")),
            (Some(_) | None, _) => Vec::new(),
        },
        (real, ours) => {
            let same_kind = std::mem::discriminant(real) == std::mem::discriminant(ours);
            if same_kind || real.is_null() || ours.is_null() { Vec::new() } else { vec![format!("{path} (its kind)")] }
        }
    }
}

#[test]
fn our_signature_is_the_one_the_carrier_makes() {
    let (Some(body), Some(known)) =
        (fixture("easypost/event-body.json"), json_fixture("easypost/client-library-fixtures.json"))
    else {
        return;
    };
    let body = body.strip_suffix(b"\n").unwrap_or(&body);
    let secret = known["webhooks"]["secret"].as_str().unwrap();
    assert_eq!(sign_webhook(secret, body), known["webhooks"]["hmac_signature"].as_str().unwrap());
}

#[tokio::test]
async fn the_processors_answers_have_every_field_of_the_real_ones() {
    let Some(real) = json_fixture("stripe/resources.json") else { return };
    let world = World::new().await;
    let form: Vec<_> = AUTHORIZE.into_iter().chain([("expand[]", "latest_charge")]).collect();
    let intent = world.stripe_post("/v1/payment_intents", &form).await;
    let path = format!("/v1/payment_intents/{}/capture", intent.text("/id"));
    world.stripe_post(&path, &[]).await;
    let refund = world.stripe_post("/v1/refunds", &[("payment_intent", intent.text("/id"))]).await;
    let none: [String; 0] = [];
    for (name, ours) in [("charge", &intent.body["latest_charge"]), ("refund", &refund.body)] {
        assert_eq!(lacking(&real[name], ours, name), none);
    }
    // Asked for in full, the charge is no longer an id.
    let plain = world.stripe_get(&format!("/v1/payment_intents/{}", intent.text("/id"))).await;
    assert_eq!(lacking(&real["payment_intent"], &plain.body, "payment_intent"), none);
}

#[tokio::test]
async fn the_processors_disputes_and_events_have_every_field_of_the_real_ones() {
    let Some(real) = json_fixture("stripe/resources.json") else { return };
    let world = World::new().await;
    let intent = world.captured("pm_card_visa").await;
    let dispute = world.control("dispute", &json!({"payment_intent": intent})).await;
    let events = world.stripe_get("/v1/events").await;
    let failed = world.captured("pm_card_visa").await;
    let refund = world.stripe_post("/v1/refunds", &[("payment_intent", &failed)]).await;
    let refund = world.control("settle_refund", &json!({"refund": refund.text("/id"), "status": "failed"})).await;
    let mut event = real["event"].clone();
    // The recorded event tells of a plan; what ours tells of is compared by itself.
    event["data"]["object"] = json!({});
    let none: [String; 0] = [];
    for (name, real, ours) in [
        ("dispute", &real["dispute"], &dispute.body),
        ("balance_transaction", &real["balance_transaction"], &dispute.body["balance_transactions"][0]),
        ("event", &event, &events.body["data"][0]),
        ("told dispute", &real["dispute"], &events.body["data"][0]["data"]["object"]),
        ("refund", &real["refund"], &refund.body),
    ] {
        assert_eq!(lacking(real, ours, name), none);
    }
}

#[tokio::test]
async fn the_carriers_answers_have_every_field_of_the_real_ones() {
    let Some(created) = json_fixture("easypost/responses/shipments/shipments-create.json") else { return };
    let Some(bought) = json_fixture("easypost/responses/shipments/shipments-buy.json") else { return };
    let Some(event) = json_fixture("easypost/event-body.json") else { return };
    let world = World::new().await;
    let none: [String; 0] = [];
    let ours = world.easypost_post("/v2/shipments", &shipment()).await;
    assert_eq!(lacking(&created, &ours.body, "shipment"), none);
    let rate = json!({"rate": {"id": ours.text("/rates/0/id")}});
    let ours = world.easypost_post(&format!("/v2/shipments/{}/buy", ours.text("/id")), &rate).await;
    assert_eq!(lacking(&bought, &ours.body, "shipment"), none);

    let moved = json!({"tracking_code": ours.text("/tracking_code"), "status": "in_transit"});
    world.easypost_post("/_control/track", &moved).await;
    let tracker = world.easypost_get(&format!("/v2/trackers/{}", ours.text("/tracker/id"))).await;
    assert_eq!(lacking(&event["result"], &tracker.body, "tracker"), none);
    if let Some(real) = json_fixture("easypost/responses/trackers/trackers-retrieve.json") {
        assert_eq!(lacking(&real, &tracker.body, "tracker"), none);
    }
}
