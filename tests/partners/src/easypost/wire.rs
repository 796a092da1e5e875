//! The carrier API's resources as JSON, with every field the real ones have.

use super::address::Address;
use super::shipments::{Label, Parcel, Rate, Shipment};
use super::trackers::{Status, Tracker};
use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use serde_json::{Value, json};

const MODE: &str = "test";

/// To the second, as the API writes its times.
fn time(at: Timestamp) -> String {
    DateTimePrinter::new().precision(Some(0)).timestamp_to_string(&at)
}

/// Cents as the API writes money.
fn dollars(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// A shipment, with its label's tracker. `base` is where labels can be fetched.
pub fn shipment(shipment: &Shipment, tracked: Option<&Tracker>, base: &str) -> Value {
    let label = shipment.label.as_ref();
    let (from, to) = (address(&shipment.from, shipment.created), address(&shipment.to, shipment.created));
    json!({
        "id": shipment.id, "object": "Shipment", "mode": MODE,
        "created_at": time(shipment.created), "updated_at": time(shipment.updated),
        "reference": shipment.reference, "is_return": false,
        "status": tracked.map_or(Status::Unknown, |tracked| tracked.status).as_str(),
        "tracking_code": label.map(|label| &label.tracking_code),
        "from_address": from, "to_address": to, "return_address": from, "buyer_address": to,
        "parcel": parcel(&shipment.parcel, shipment.created),
        "customs_info": shipment.customs,
        "options": {"currency": "USD", "date_advance": 0, "payment": {"type": "SENDER"}},
        "rates": shipment.rates.iter().map(|own| rate(own, shipment)).collect::<Vec<_>>(),
        "messages": messages(shipment),
        "selected_rate": label.map(|label| rate(&label.rate, shipment)),
        "postage_label": label.map(|label| postage_label(label, shipment, base)),
        "tracker": tracked.map(tracker),
        "refund_status": label.filter(|label| label.refunded).map(|_| "submitted"),
        "fees": label.map(|label| vec![fee(label)]).unwrap_or_default(),
        "usps_zone": 4, "insurance": null, "order_id": null, "scan_form": null, "forms": [],
        "batch_id": null, "batch_status": null, "batch_message": null,
    })
}

fn address(address: &Address, created: Timestamp) -> Value {
    let mut value = json!({
        "id": address.id, "object": "Address", "mode": MODE, "created_at": time(created), "updated_at": time(created),
        "carrier_facility": null, "residential": null, "federal_tax_id": null, "state_tax_id": null, "verifications": {},
    });
    for (field, text) in &address.fields {
        value[*field] = json!(text);
    }
    value
}

fn parcel(parcel: &Parcel, created: Timestamp) -> Value {
    json!({
        "id": parcel.id, "object": "Parcel", "mode": MODE, "created_at": time(created), "updated_at": time(created),
        "length": parcel.sides.get("length"), "width": parcel.sides.get("width"), "height": parcel.sides.get("height"),
        "predefined_package": null, "weight": parcel.weight,
    })
}

fn rate(rate: &Rate, shipment: &Shipment) -> Value {
    let (service, cents) = (rate.quote.service, rate.quote.cents);
    json!({
        "id": rate.id, "object": "Rate", "mode": MODE, "shipment_id": shipment.id,
        "created_at": time(shipment.created), "updated_at": time(shipment.created),
        "carrier": service.carrier, "service": service.name, "carrier_account_id": service.account,
        "rate": dollars(cents), "currency": "USD",
        "list_rate": dollars(cents), "list_currency": "USD",
        "retail_rate": dollars(cents + cents / 4), "retail_currency": "USD", "billing_type": "easypost",
        "delivery_days": service.days, "est_delivery_days": service.days,
        "delivery_date": null, "delivery_date_guaranteed": false,
    })
}

/// Why there are no rates.
fn messages(shipment: &Shipment) -> Vec<Value> {
    let refused = |carrier: &str| {
        json!({
            "carrier": carrier, "carrier_account_id": null, "type": "rate_error",
            "message": "The parcel exceeds the maximum weight of 70 pounds.",
        })
    };
    if shipment.rates.is_empty() { vec![refused("USPS"), refused("UPS")] } else { Vec::new() }
}

fn postage_label(label: &Label, shipment: &Shipment, base: &str) -> Value {
    let format = shipment.format;
    json!({
        "id": label.id, "object": "PostageLabel", "created_at": time(label.bought), "updated_at": time(label.bought),
        "label_url": format!("{base}/labels/{}.{}", label.id, format.ending()), "label_file_type": format.media_type(),
        "label_date": time(label.bought), "label_resolution": 300, "label_size": "4x6", "label_type": "default",
        "date_advance": 0, "integrated_form": "none",
        "label_pdf_url": null, "label_zpl_url": null, "label_epl2_url": null, "label_file": null,
    })
}

fn fee(label: &Label) -> Value {
    json!({
        "object": "Fee", "type": "PostageFee", "amount": format!("{}000", dollars(label.rate.quote.cents)),
        "charged": true, "refunded": label.refunded,
    })
}

/// A tracker.
pub fn tracker(tracker: &Tracker) -> Value {
    let details: Vec<_> = tracker.details.iter().map(|(status, at)| tracking_detail(tracker, *status, *at)).collect();
    let delivered = tracker.status == Status::Delivered;
    json!({
        "id": tracker.id, "object": "Tracker", "mode": MODE, "tracking_code": tracker.tracking_code,
        "status": tracker.status.as_str(), "status_detail": tracker.status.detail().0,
        "created_at": time(tracker.created), "updated_at": time(tracker.updated),
        "shipment_id": tracker.shipment, "carrier": tracker.carrier.0, "weight": tracker.weight,
        "est_delivery_date": time(tracker.due), "signed_by": delivered.then_some("RESIDENT"),
        "tracking_details": details,
        "carrier_detail": {
            "object": "CarrierDetail", "service": tracker.carrier.1, "container_type": null,
            "est_delivery_date_local": null, "est_delivery_time_local": null,
            "origin_location": null, "origin_tracking_location": null,
            "destination_location": null, "destination_tracking_location": location(tracker),
            "guaranteed_delivery_date": null, "alternate_identifier": null, "initial_delivery_attempt": null,
        },
        "fees": [], "finalized": delivered, "is_return": false,
        "public_url": format!("https://track.easypost.com/{}", tracker.id),
    })
}

fn tracking_detail(tracker: &Tracker, status: Status, at: Timestamp) -> Value {
    let (status_detail, message) = status.detail();
    json!({
        "object": "TrackingDetail", "message": message, "description": message,
        "status": status.as_str(), "status_detail": status_detail, "datetime": time(at),
        "source": tracker.carrier.0, "carrier_code": "", "tracking_location": location(tracker),
        "est_delivery_date": null,
    })
}

fn location(tracker: &Tracker) -> Value {
    let [city, state, country, zip] = &tracker.destination;
    json!({"object": "TrackingLocation", "city": city, "state": state, "country": country, "zip": zip})
}

/// What a webhook says: the tracker as it is now, and the status it had before.
pub fn event(id: &str, tracked: &Tracker, before: Status, url: &str) -> Value {
    json!({
        "id": id, "object": "Event", "mode": MODE, "description": "tracker.updated", "status": "pending",
        "created_at": time(tracked.updated), "updated_at": time(tracked.updated), "user_id": "user_waybill",
        "pending_urls": [url], "completed_urls": [],
        "previous_attributes": {"status": before.as_str()}, "result": tracker(tracked),
    })
}
