//! EasyPost: request shapes and the meaning of every answer.

use crate::scripted::{Consignment, answer, answering, calls, header, kind, money, rude_server};
use serde_json::{Value, json};
use waybill_domain::order::Label;
use waybill_domain::ports::{Labels, Offer, Quoted};
use waybill_gateways::{EasyPost, Secret};

const SHIPMENTS: &str = "/v2/shipments";
const SHIPMENT: &str = "/v2/shipments/shp_1";
const BUY: &str = "/v2/shipments/shp_1/buy";
const REFUND: &str = "/v2/shipments/shp_1/refund";

pub fn easypost(url: &str) -> EasyPost {
    EasyPost::new(url, Secret::new("EZTKhush".to_owned())).unwrap()
}

fn rate(id: &str, price: &str, days: Option<u32>) -> Value {
    json!({
        "id": id, "carrier": "USPS", "service": "Priority", "rate": price, "currency": "USD", "delivery_days": null,
        "est_delivery_days": days,
    })
}

fn announced() -> Value {
    json!({
        "id": "shp_1", "rates": [rate("rate_1", "7.58", Some(2)), rate("rate_2", "51.2", None)], "selected_rate": null,
        "postage_label": null, "tracking_code": null, "refund_status": null,
    })
}

fn bought() -> Value {
    let mut shipment = announced();
    shipment["selected_rate"] = rate("rate_1", "7.58", Some(2));
    shipment["postage_label"] = json!({"label_url": "https://labels.example/1.png"});
    shipment["tracking_code"] = "9400".into();
    shipment
}

fn with_refund(status: &str) -> Value {
    let mut shipment = bought();
    shipment["refund_status"] = status.into();
    shipment
}

fn label() -> Label {
    Label {
        shipment: "shp_1".to_owned(),
        carrier: "USPS".to_owned(),
        service: "Priority".to_owned(),
        tracking_code: "9400".to_owned(),
        label_url: "https://labels.example/1.png".to_owned(),
        cost: money(758, "USD"),
    }
}

fn refusal(code: &str) -> Value {
    let errors = json!([{"field": "street1", "message": "no 179 N Harbor Dr"}, "Jane Roe"]);
    json!({"error": {"code": code, "message": "Jane Roe is unknown at 90277", "errors": errors}})
}

#[tokio::test]
async fn a_quote_says_where_from_where_to_and_how_large_in_inches_and_ounces() {
    let server = answering("POST", SHIPMENTS, 201, &announced()).await;
    let quoted = easypost(&server.uri()).quote(&Consignment::new().parcel("ord-1-1")).await.unwrap();
    let offer = |id: &str, minor, days| {
        let (carrier, service) = ("USPS".to_owned(), "Priority".to_owned());
        Offer { id: id.to_owned(), carrier, service, price: money(minor, "USD"), days }
    };
    let offers = vec![offer("rate_1", 758, Some(2)), offer("rate_2", 5120, None)];
    assert_eq!(quoted, Quoted { shipment: "shp_1".to_owned(), offers, label: None });
    let [request] = calls(&server).await.try_into().unwrap();
    // `EZTKhush:`
    assert_eq!(header(&request, "Authorization"), Some("Basic RVpUS2h1c2g6"));
    let expected = json!({"shipment": {
        "reference": "ord-1-1",
        "from_address": {
            "name": "Acme Warehouse", "street1": "417 Montgomery Street", "street2": "5th Floor", "city": "San Francisco",
            "state": "CA", "zip": "94104", "country": "US", "phone": "4153334445",
        },
        "to_address": {
            "name": "Jane Roe", "street1": "179 N Harbor Dr", "city": "Redondo Beach", "state": "CA", "zip": "90277",
            "country": "US",
        },
        "parcel": {"length": 11.9, "width": 7.9, "height": 4, "weight": 35.3},
    }});
    assert_eq!(request.body_json::<Value>().unwrap(), expected);
}

#[tokio::test]
async fn a_parcel_nobody_knows_is_found_to_be_none() {
    let server = answering("GET", "/v2/shipments/ord-1-1", 404, &refusal("NOT_FOUND")).await;
    assert_eq!(easypost(&server.uri()).find("ord-1-1").await.unwrap(), None);
}

#[tokio::test]
async fn a_parcel_is_found_with_the_label_it_still_has() {
    #[rustfmt::skip]
    let table = [
        (announced(),                   None),
        (bought(),                      Some(label())),
        (with_refund("rejected"),       Some(label())),
        (with_refund("submitted"),      None),
        (with_refund("refunded"),       None),
        (with_refund("not_applicable"), None),
    ];
    for (body, expected) in table {
        let server = answering("GET", SHIPMENT, 200, &body).await;
        let found = easypost(&server.uri()).find("shp_1").await.unwrap().unwrap();
        assert_eq!((found.shipment.as_str(), found.label), ("shp_1", expected), "{}", body["refund_status"]);
    }
}

#[tokio::test]
async fn buying_names_the_rate_and_brings_the_label() {
    let server = answering("POST", BUY, 200, &bought()).await;
    assert_eq!(easypost(&server.uri()).buy("shp_1", "rate_1").await.unwrap(), label());
    let calls = calls(&server).await;
    assert_eq!(calls[0].body_json::<Value>().unwrap(), json!({"rate": {"id": "rate_1"}}));
}

#[tokio::test]
async fn a_purchase_without_all_of_a_label_is_broken() {
    let mut bodies = vec![announced()];
    for field in ["tracking_code", "selected_rate", "postage_label"] {
        let mut body = bought();
        body[field] = if field == "postage_label" { json!({"label_url": null}) } else { Value::Null };
        bodies.push(body);
    }
    let mut odd = bought();
    odd["selected_rate"]["rate"] = "7.585".into();
    bodies.push(odd);
    for body in bodies {
        let server = answering("POST", BUY, 200, &body).await;
        assert_eq!(kind(&easypost(&server.uri()).buy("shp_1", "rate_1").await.unwrap_err()), "broken", "{body}");
    }
}

#[tokio::test]
async fn every_status_code_has_its_meaning() {
    let nothing = json!("<html>");
    #[rustfmt::skip]
    let table = [
        (422, refusal("SHIPMENT.POSTAGE.EXISTS"),           "refused SHIPMENT.POSTAGE.EXISTS"),
        (422, refusal("SHIPMENT.POSTAGE.FAILURE"),          "refused SHIPMENT.POSTAGE.FAILURE"),
        (402, refusal("INSUFFICIENT_FUNDS"),                "refused INSUFFICIENT_FUNDS"),
        (400, refusal("BAD_REQUEST"),                       "refused BAD_REQUEST"),
        (422, refusal("SHIPMENT.POSTAGE.TIMED_OUT"),        "unavailable"),
        (422, refusal("SHIPMENT.POSTAGE.NO_RESPONSE"),      "unavailable"),
        (422, refusal("SHIPMENT.PURCHASE.IN_PROGRESS"),     "unavailable"),
        (408, nothing.clone(),                              "unavailable"),
        (409, refusal("CONFLICT"),                          "unavailable"),
        (429, refusal("RATE_LIMITED"),                      "unavailable"),
        (500, refusal("INTERNAL_SERVER_ERROR"),             "unavailable"),
        (504, nothing.clone(),                              "unavailable"),
        (401, refusal("APIKEY.INACTIVE"),                   "broken"),
        (403, refusal("FORBIDDEN"),                         "broken"),
        (404, refusal("NOT_FOUND"),                         "broken"),
        (422, json!({"error": "Jane Roe"}),                 "broken"),
        (307, nothing.clone(),                              "broken"),
        (200, nothing,                                      "broken"),
    ];
    for (status, body, expected) in table {
        let mut body = body;
        if body["error"]["code"] == "SHIPMENT.POSTAGE.EXISTS" {
            body["error"]["message"] = "Postage already exists for this shipment".into();
        }
        let server = answering("POST", BUY, status, &body).await;
        let error = easypost(&server.uri()).buy("shp_1", "rate_1").await.expect_err(expected);
        assert_eq!(kind(&error), expected, "{status} {body}");
    }
    assert_eq!(kind(&easypost(&rude_server().await).buy("shp_1", "rate_1").await.unwrap_err()), "unavailable");
}

#[tokio::test]
async fn a_refusal_names_fields_and_never_people() {
    let server = answering("POST", SHIPMENTS, 422, &refusal("ADDRESS.VERIFY.FAILURE")).await;
    let error = easypost(&server.uri()).quote(&Consignment::new().parcel("ord-1-1")).await.unwrap_err();
    assert_eq!(kind(&error), "refused ADDRESS.VERIFY.FAILURE");
    let words = "withheld because it may name a person; about street1 (request req_1)";
    assert_eq!(error.to_string(), format!("refused: ADDRESS.VERIFY.FAILURE: {words}"));
}

#[tokio::test]
async fn a_label_given_back_before_is_done() {
    for status in ["submitted", "refunded", "not_applicable"] {
        let server = answering("POST", REFUND, 422, &refusal("SHIPMENT.REFUND.EXISTS_OR_SO")).await;
        answer(&server, "GET", SHIPMENT, 200, &with_refund(status)).await;
        easypost(&server.uri()).refund("shp_1").await.unwrap();
        let server = answering("POST", REFUND, 200, &with_refund(status)).await;
        easypost(&server.uri()).refund("shp_1").await.unwrap();
        assert_eq!(calls(&server).await.len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_label_that_is_not_taken_back_is_refused() {
    #[rustfmt::skip]
    let table = [
        (422, refusal("NO_POSTAGE"),     announced(),             "refused NO_POSTAGE"),
        (422, refusal("SCANNED"),        with_refund("rejected"), "refused SCANNED"),
        (200, with_refund("rejected"),   announced(),             "refused REFUND.REJECTED"),
        (200, bought(),                  announced(),             "broken"),
        (503, refusal("UNAVAILABLE"),    announced(),             "unavailable"),
    ];
    for (status, body, truth, expected) in table {
        let server = answering("POST", REFUND, status, &body).await;
        answer(&server, "GET", SHIPMENT, 200, &truth).await;
        let error = easypost(&server.uri()).refund("shp_1").await.expect_err(expected);
        assert_eq!(kind(&error), expected, "{status} {body}");
    }
}
