//! An event's news of a parcel.

use crate::event::MalformedEvent;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use waybill_domain::order::ShipmentStatus;

/// What the carrier says of a parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarrierNews {
    /// The number on the label.
    pub tracking_code: String,
    /// Where the parcel is.
    pub status: ShipmentStatus,
    /// When the carrier last saw it: what puts news that arrive in any order into theirs.
    pub seen_at: Timestamp,
    /// The partner's id of the event: the same when it is sent again.
    pub event_id: String,
}

#[derive(Deserialize)]
struct Event {
    id: Option<String>,
    description: String,
    created_at: Option<String>,
    #[serde(default)]
    result: Value,
}

#[derive(Deserialize)]
struct Tracker {
    tracking_code: Option<String>,
    status: Option<String>,
    updated_at: Option<String>,
    #[serde(default)]
    tracking_details: Vec<Detail>,
}

#[derive(Deserialize)]
struct Detail {
    datetime: Option<String>,
}

/// Reads an event. `None` is one that is not about a parcel's way (a batch, a refund, a scan form),
/// or whose status is not one of EasyPost's today.
///
/// # Errors
/// Not an event, or a tracker's event without what makes it news.
pub fn parse(body: &[u8]) -> Result<Option<CarrierNews>, MalformedEvent> {
    let event: Event = serde_json::from_slice(body)?;
    if !event.description.starts_with("tracker.") {
        return Ok(None);
    }
    let tracker: Tracker = serde_json::from_value(event.result)?;
    let need = |text: Option<String>, what| text.filter(|text| !text.is_empty()).ok_or(MalformedEvent::Without(what));
    let seen = tracker.tracking_details.iter().filter_map(|detail| moment(detail.datetime.as_deref())).max();
    let told = moment(tracker.updated_at.as_deref()).or_else(|| moment(event.created_at.as_deref()));
    let Some(status) = status(&need(tracker.status, "result.status")?) else { return Ok(None) };
    Ok(Some(CarrierNews {
        tracking_code: need(tracker.tracking_code, "result.tracking_code")?,
        status,
        seen_at: seen.or(told).ok_or(MalformedEvent::Without("tracking_details.datetime"))?,
        event_id: need(event.id, "id")?,
    }))
}

/// A time that cannot be read counts as one that was not given: carriers write all sorts.
fn moment(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}

/// A status that is not EasyPost's today says nothing we could record.
fn status(name: &str) -> Option<ShipmentStatus> {
    match name {
        "unknown" | "pre_transit" => Some(ShipmentStatus::PreTransit),
        "in_transit" => Some(ShipmentStatus::InTransit),
        // Waiting at a counter: the last step is the recipient's.
        "out_for_delivery" | "available_for_pickup" => Some(ShipmentStatus::OutForDelivery),
        "delivered" => Some(ShipmentStatus::Delivered),
        "return_to_sender" => Some(ShipmentStatus::ReturnToSender),
        "failure" | "error" | "cancelled" => Some(ShipmentStatus::Exception),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event() -> Value {
        json!({
            "id": "evt_1", "object": "Event", "description": "tracker.updated", "created_at": "2026-01-03T00:00:00Z",
            "surprise": [1],
            "result": {
                "object": "Tracker", "tracking_code": "EZ1", "status": "in_transit", "updated_at": "2026-01-02T00:00:00Z",
                "tracking_details": [
                    {"datetime": "2026-01-01T09:00:00Z", "message": "Picked up"}, {"datetime": "2026-01-01T08:00:00Z"},
                    {"datetime": null}, {"datetime": "yesterday"},
                ],
            },
        })
    }

    fn read(event: &Value) -> Result<Option<CarrierNews>, MalformedEvent> {
        parse(event.to_string().as_bytes())
    }

    #[test]
    fn news_carry_the_moment_the_carrier_last_saw_the_parcel() {
        let mut event = event();
        let news = read(&event).unwrap().unwrap();
        assert_eq!((news.tracking_code.as_str(), news.event_id.as_str()), ("EZ1", "evt_1"));
        assert_eq!(
            (news.status, news.seen_at.to_string().as_str()),
            (ShipmentStatus::InTransit, "2026-01-01T09:00:00Z")
        );
        for (place, left) in
            [("/result/tracking_details", "2026-01-02T00:00:00Z"), ("/result/updated_at", "2026-01-03T00:00:00Z")]
        {
            *event.pointer_mut(place).unwrap() = if place.ends_with('s') { json!([]) } else { Value::Null };
            assert_eq!(read(&event).unwrap().unwrap().seen_at.to_string(), left, "without {place}");
        }
        event["created_at"] = Value::Null;
        assert_eq!(read(&event), Err(MalformedEvent::Without("tracking_details.datetime")));
    }

    #[test]
    fn every_status_of_the_partner_has_its_place() {
        use ShipmentStatus::{Delivered, Exception, InTransit, OutForDelivery, PreTransit, ReturnToSender};
        #[rustfmt::skip]
        let table = [
            ("unknown", PreTransit), ("pre_transit", PreTransit), ("in_transit", InTransit),
            ("out_for_delivery", OutForDelivery), ("available_for_pickup", OutForDelivery), ("delivered", Delivered),
            ("return_to_sender", ReturnToSender), ("failure", Exception), ("error", Exception), ("cancelled", Exception),
        ];
        for (name, expected) in table {
            let mut event = event();
            event["result"]["status"] = name.into();
            assert_eq!(read(&event).unwrap().unwrap().status, expected, "{name}");
        }
        let mut event = event();
        event["result"]["status"] = "teleported".into();
        assert_eq!(read(&event), Ok(None));
    }

    #[test]
    fn other_events_are_no_news() {
        for description in ["batch.updated", "refund.successful", "scan_form.created", "insurance.purchased"] {
            let event = json!({"id": "evt_2", "description": description, "result": {"object": "Batch"}});
            assert_eq!(read(&event), Ok(None), "{description}");
        }
    }

    #[test]
    fn a_malformed_event_is_refused_without_being_quoted() {
        for (place, without) in
            [("/id", "id"), ("/result/tracking_code", "result.tracking_code"), ("/result/status", "result.status")]
        {
            let mut event = event();
            *event.pointer_mut(place).unwrap() = Value::Null;
            assert_eq!(read(&event), Err(MalformedEvent::Without(without)));
        }
        for body in
            ["", "{", "[]", "null", r#"{"description":7}"#, r#"{"description":"tracker.updated","result":"Jane Doe"}"#]
        {
            let error = parse(body.as_bytes()).unwrap_err();
            assert!(matches!(error, MalformedEvent::Form(..)), "{body}: {error}");
            assert!(!error.to_string().contains("Jane"), "{error}");
        }
        assert!(parse(b"{\"description\":\"\xff\"}").is_err());
    }
}
