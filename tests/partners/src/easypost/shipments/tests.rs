//! The shipment's rules, without HTTP.

use super::{Ids, Illegal, Refusal, Shipment, Status, Timestamp, Value};
use serde_json::json;

fn sent() -> Value {
    let address = json!({"street1": "1 Main St", "city": "Louisville", "state": "KY", "zip": "40202", "country": "US"});
    json!({
        "to_address": address, "from_address": address,
        "parcel": {"length": 8, "width": 6.5, "height": 2, "weight": 20.5}, "reference": "ord-1-1",
    })
}

fn read(sent: &Value) -> Result<Shipment, Refusal> {
    Shipment::read(sent, &mut Ids::default(), Timestamp::UNIX_EPOCH)
}

fn buy(shipment: &mut Shipment, rate: &str) -> Result<String, Illegal> {
    let label = shipment.buy(rate, &mut Ids::default(), Timestamp::UNIX_EPOCH)?;
    Ok(label.tracking_code.clone())
}

fn refund(shipment: &mut Shipment, travelled: Status) -> Result<(), Illegal> {
    shipment.refund(travelled, Timestamp::UNIX_EPOCH)
}

#[test]
fn a_shipment_is_rated_by_its_weight() {
    let shipment = read(&sent()).unwrap();
    let prices: Vec<_> = shipment.rates.iter().map(|rate| (rate.quote.service.name, rate.quote.cents)).collect();
    assert_eq!(prices, [("GroundAdvantage", 650), ("Priority", 1_000), ("Express", 3_230), ("Ground", 1_070)]);
}

#[test]
fn a_second_label_is_not_sold() {
    let mut shipment = read(&sent()).unwrap();
    let rate = shipment.rates[0].id.clone();
    assert_eq!(buy(&mut shipment, &rate).unwrap(), "9400000000000000000001");
    let label = shipment.label.clone();
    assert_eq!(buy(&mut shipment, &rate), Err(Illegal::PostageExists));
    assert_eq!(shipment.label, label);
}

#[test]
fn a_rate_of_another_shipment_buys_nothing() {
    let mut shipment = read(&sent()).unwrap();
    assert_eq!(buy(&mut shipment, "rate_000000000099"), Err(Illegal::UnknownRate));
    assert_eq!(shipment.label, None);
}

#[test]
fn abroad_needs_customs_papers() {
    let mut sent = sent();
    sent["to_address"] = json!({"street1": "10 Downing St", "city": "London", "zip": "SW1A 2AA", "country": "GB"});
    let mut shipment = read(&sent).unwrap();
    let rate = shipment.rates[0].id.clone();
    assert_eq!(buy(&mut shipment, &rate), Err(Illegal::CustomsRequired));
    sent["customs_info"] = json!({"customs_items": []});
    assert!(buy(&mut read(&sent).unwrap(), &rate).is_ok());
}

#[test]
fn a_label_is_refunded_once_and_only_before_it_travels() {
    let mut shipment = read(&sent()).unwrap();
    assert_eq!(refund(&mut shipment, Status::Unknown), Err(Illegal::NoPostage));
    let rate = shipment.rates[3].id.clone();
    assert_eq!(buy(&mut shipment, &rate).unwrap(), "1Z0000000000000001");
    assert_eq!(refund(&mut shipment, Status::InTransit), Err(Illegal::Shipped));
    assert_eq!(refund(&mut shipment, Status::PreTransit), Ok(()));
    assert_eq!(refund(&mut shipment, Status::PreTransit), Err(Illegal::RefundRequested));
    assert_eq!(buy(&mut shipment, &rate), Err(Illegal::PostageExists));
}

#[test]
fn what_is_too_heavy_has_no_rates() {
    let mut sent = sent();
    sent["parcel"]["weight"] = json!(1_120.1);
    assert_eq!(read(&sent).unwrap().rates, []);
}

#[test]
fn a_shipment_is_refused_for_what_it_lacks() {
    for (path, value) in [
        ("/to_address", Value::Null),
        ("/from_address", json!("home")),
        ("/parcel", Value::Null),
        ("/parcel/weight", json!(0)),
        ("/parcel/width", json!(-1)),
    ] {
        let mut sent = sent();
        *sent.pointer_mut(path).unwrap() = value;
        let refusal = read(&sent).unwrap_err();
        assert_eq!((refusal.code, refusal.flaws.len()), ("SHIPMENT.INVALID_PARAMS", 1), "{path}");
    }
}
