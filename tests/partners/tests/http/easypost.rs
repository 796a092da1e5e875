//! The carrier's endpoints and refusals.

use crate::world::{World, send, shipment};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_label_is_bought_at_a_rate_of_its_shipment() {
    let world = World::new().await;
    let shipment = world.easypost_post("/v2/shipments", &shipment()).await;
    assert_eq!(shipment.status, 201);
    let rates: Vec<_> = shipment.body["rates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rate| {
            (rate["carrier"].as_str().unwrap(), rate["service"].as_str().unwrap(), rate["rate"].as_str().unwrap())
        })
        .collect();
    #[rustfmt::skip]
    assert_eq!(rates, [
        ("USPS", "GroundAdvantage", "6.50"), ("USPS", "Priority", "10.00"),
        ("USPS", "Express", "32.30"),        ("UPS", "Ground", "10.70"),
    ]);
    let path = format!("/v2/shipments/{}", shipment.text("/id"));
    let rate = json!({"rate": {"id": shipment.text("/rates/1/id")}});
    let bought = world.easypost_post(&format!("{path}/buy"), &rate).await;
    assert_eq!((bought.status, bought.text("/selected_rate/service")), (200, "Priority"));
    assert_eq!(bought.text("/tracker/tracking_code"), bought.text("/tracking_code"));
    assert_eq!(world.easypost_get(&path).await.body, bought.body);
    assert_eq!(world.easypost_get("/v2/shipments/ord-1-1").await.body, bought.body);

    let tracker = world.easypost_get(&format!("/v2/trackers/{}", bought.text("/tracker/id"))).await;
    assert_eq!((tracker.text("/status"), tracker.text("/shipment_id")), ("unknown", shipment.text("/id")));
    let label = world.http.get(bought.text("/postage_label/label_url")).send().await.unwrap();
    assert_eq!(label.headers()["content-type"], "image/png");
    assert!(label.bytes().await.unwrap().starts_with(b"\x89PNG"));
}

#[tokio::test]
async fn a_label_can_be_drawn_for_a_label_printer() {
    let world = World::new().await;
    let mut wanted = shipment();
    wanted["shipment"]["options"] = json!({"label_format": "ZPL"});
    let shipment = world.easypost_post("/v2/shipments", &wanted).await;
    let rate = json!({"rate": {"id": shipment.text("/rates/0/id")}});
    let bought = world.easypost_post(&format!("/v2/shipments/{}/buy", shipment.text("/id")), &rate).await;
    assert_eq!(bought.text("/postage_label/label_file_type"), "application/zpl");
    let label = world.http.get(bought.text("/postage_label/label_url")).send().await.unwrap();
    assert!(label.text().await.unwrap().contains(bought.text("/tracking_code")));
}

#[tokio::test]
async fn a_second_label_is_not_sold() {
    let world = World::new().await;
    let (id, rate) = world.shipped().await;
    let buy =
        || async { world.easypost_post(&format!("/v2/shipments/{id}/buy"), &json!({"rate": {"id": rate}})).await };
    assert_eq!(buy().await.status, 200);
    assert_eq!(buy().await.easypost_error(), (422, "SHIPMENT.POSTAGE.EXISTS"));
    let books = world.easypost_get("/_control/books").await;
    assert_eq!(books.body["labels"], json!({"bought": 1, "refunded": 0, "spent_cents": 650}));
}

#[tokio::test]
async fn a_rate_that_is_not_the_shipments_own_buys_nothing() {
    let world = World::new().await;
    let (id, _) = world.shipped().await;
    let (_, other) = world.shipped().await;
    let path = format!("/v2/shipments/{id}/buy");
    let refused = world.easypost_post(&path, &json!({"rate": {"id": other}})).await;
    assert_eq!(refused.easypost_error(), (422, "SHIPMENT.MISSING_RATE"));
    let refused = world.easypost_post(&path, &json!({})).await;
    assert_eq!(refused.easypost_error(), (422, "SHIPMENT.INVALID_PARAMS"));
    assert_eq!(world.easypost_get("/_control/books").await.body["labels"]["bought"], 0);
}

#[tokio::test]
async fn a_shipment_with_a_flaw_is_refused_by_field() {
    let world = World::new().await;
    #[rustfmt::skip]
    let table = [
        ("/shipment/to_address",          Value::Null,    "SHIPMENT.INVALID_PARAMS",  "to_address"),
        ("/shipment/to_address/zip",      Value::Null,    "SHIPMENT.INVALID_PARAMS",  "to_address.zip"),
        ("/shipment/to_address/country",  json!(""),      "SHIPMENT.INVALID_PARAMS",  "to_address.country"),
        ("/shipment/from_address/city",   json!(""),      "SHIPMENT.INVALID_PARAMS",  "from_address.city"),
        ("/shipment/to_address/zip",      json!("ABCDE"), "ADDRESS.VERIFY.FAILURE",   "to_address.zip"),
        ("/shipment/parcel",              Value::Null,    "SHIPMENT.INVALID_PARAMS",  "parcel"),
        ("/shipment/parcel/weight",       json!(-1),      "SHIPMENT.INVALID_PARAMS",  "parcel.weight"),
    ];
    for (path, value, code, field) in table {
        let mut body = shipment();
        *body.pointer_mut(path).unwrap() = value;
        let refused = world.easypost_post("/v2/shipments", &body).await;
        assert_eq!(refused.easypost_error(), (422, code), "{path}");
        assert_eq!(refused.text("/error/errors/0/field"), field, "{path}");
    }
    let empty = world.easypost_post("/v2/shipments", &json!({})).await;
    assert_eq!(empty.easypost_error(), (422, "SHIPMENT.INVALID_PARAMS"));
    let broken = send(world.easypost(Method::POST, "/v2/shipments").body("{")).await;
    assert_eq!(broken.easypost_error(), (400, "BAD_REQUEST"));
}

#[tokio::test]
async fn what_is_too_heavy_gets_no_rates_and_is_told_why() {
    let world = World::new().await;
    let mut body = shipment();
    body["shipment"]["parcel"]["weight"] = json!(1_121);
    let answer = world.easypost_post("/v2/shipments", &body).await;
    assert_eq!((answer.status, &answer.body["rates"]), (201, &json!([])));
    assert_eq!(answer.text("/messages/0/type"), "rate_error");
}

#[tokio::test]
async fn a_label_is_refunded_once_and_only_if_it_was_bought_and_not_used() {
    let world = World::new().await;
    let (bare, _) = world.shipped().await;
    let ask = |id: &str| {
        let path = format!("/v2/shipments/{id}/refund");
        let world = &world;
        async move { world.easypost_post(&path, &json!({})).await }
    };
    assert_eq!(ask(&bare).await.easypost_error(), (422, "SHIPMENT.POSTAGE.REQUIRED"));

    let (unused, _) = world.labeled().await;
    let refunded = ask(&unused).await;
    assert_eq!((refunded.status, refunded.text("/refund_status")), (200, "submitted"));
    assert_eq!(ask(&unused).await.easypost_error(), (422, "SHIPMENT.REFUND.UNAVAILABLE"));

    let (used, tracking_code) = world.labeled().await;
    let moved = json!({"tracking_code": tracking_code, "status": "in_transit"});
    assert_eq!(world.easypost_post("/_control/track", &moved).await.status, 200);
    assert_eq!(ask(&used).await.easypost_error(), (422, "SHIPMENT.REFUND.UNAVAILABLE"));
    let books = world.easypost_get("/_control/books").await;
    assert_eq!(books.body["labels"], json!({"bought": 2, "refunded": 1, "spent_cents": 650}));
}

#[tokio::test]
async fn only_an_api_key_opens_the_door() {
    let world = World::new().await;
    let url = format!("{}/v2/shipments/ord-1-1", world.partners.easypost_url());
    let ask = |user: Option<&'static str>| {
        let request = world.http.get(&url);
        send(match user {
            Some(user) => request.basic_auth(user, Some("")),
            None => request,
        })
    };
    assert_eq!(ask(None).await.easypost_error(), (401, "UNAUTHORIZED"));
    assert_eq!(ask(Some("")).await.easypost_error(), (401, "UNAUTHORIZED"));
    assert_eq!(ask(Some("sk_test_wrong")).await.easypost_error(), (403, "APIKEY.INACTIVE"));
    assert_eq!(ask(Some("EZTKwaybill")).await.easypost_error(), (404, "NOT_FOUND"));
}

#[tokio::test]
async fn what_does_not_exist_is_a_404() {
    let world = World::new().await;
    for path in ["/v2/shipments/shp_0", "/v2/trackers/trk_0", "/v2/nothing"] {
        assert_eq!(world.easypost_get(path).await.easypost_error(), (404, "NOT_FOUND"), "{path}");
    }
    let buy = world.easypost_post("/v2/shipments/shp_0/buy", &json!({"rate": {"id": "rate_0"}})).await;
    assert_eq!(buy.easypost_error(), (404, "NOT_FOUND"));
}
