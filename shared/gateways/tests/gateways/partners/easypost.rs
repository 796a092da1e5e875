//! Labels, bought and given back at the fake label seller.

use super::{books, control, lose, partners};
use crate::easypost::easypost;
use crate::scripted::{Consignment, answering, calls, header, kind};
use serde_json::json;
use waybill_domain::order::{Label, ShipmentStatus};
use waybill_domain::ports::Labels;
use waybill_gateways::{EasyPost, Secret, webhook};
use waybill_partners::Partners;

/// (bought, refunded) in the seller's books.
async fn labels_at(partners: &Partners) -> (i64, i64) {
    let labels = &books(partners.easypost_url()).await["labels"];
    (labels["bought"].as_i64().unwrap(), labels["refunded"].as_i64().unwrap())
}

async fn buy(easypost: &EasyPost, reference: &str) -> Label {
    let quoted = easypost.quote(&Consignment::new().parcel(reference)).await.unwrap();
    let offer = quoted.offers.iter().min_by_key(|offer| offer.price.minor()).unwrap();
    let label = easypost.buy(&quoted.shipment, &offer.id).await.unwrap();
    assert_eq!((label.cost, &label.carrier, &label.service), (offer.price, &offer.carrier, &offer.service));
    label
}

#[tokio::test]
async fn a_parcel_is_quoted_and_its_label_bought() {
    let partners = partners().await;
    let easypost = easypost(partners.easypost_url());
    assert_eq!(easypost.find("ord-1-1").await.unwrap(), None);
    let quoted = easypost.quote(&Consignment::new().parcel("ord-1-1")).await.unwrap();
    assert!(!quoted.offers.is_empty() && quoted.label.is_none());
    assert_eq!(easypost.find("ord-1-1").await.unwrap().as_ref(), Some(&quoted));
    let label = buy(&easypost, "ord-1-2").await;
    for name in ["ord-1-2", &label.shipment] {
        assert_eq!(easypost.find(name).await.unwrap().unwrap().label.as_ref(), Some(&label), "{name}");
    }
    let drawn = reqwest::get(&label.label_url).await.unwrap();
    assert!(drawn.status().is_success());
    partners.stop().await;
}

#[tokio::test]
async fn a_second_label_for_one_shipment_is_refused() {
    let partners = partners().await;
    let easypost = easypost(partners.easypost_url());
    let quoted = easypost.quote(&Consignment::new().parcel("ord-1-1")).await.unwrap();
    lose(partners.easypost_url(), "/v2/shipments/*/buy").await;
    let lost = easypost.buy(&quoted.shipment, &quoted.offers[0].id).await.unwrap_err();
    assert_eq!(kind(&lost), "unavailable");
    for offer in &quoted.offers {
        let error = easypost.buy(&quoted.shipment, &offer.id).await.unwrap_err();
        assert_eq!(kind(&error), "refused SHIPMENT.POSTAGE.EXISTS");
    }
    assert!(easypost.find("ord-1-1").await.unwrap().unwrap().label.is_some());
    assert_eq!(labels_at(&partners).await, (1, 0));
    partners.stop().await;
}

#[tokio::test]
async fn a_label_is_given_back_once_however_often_it_is_asked() {
    let partners = partners().await;
    let easypost = easypost(partners.easypost_url());
    let label = buy(&easypost, "ord-1-1").await;
    for _ in 0..3 {
        easypost.refund(&label.shipment).await.unwrap();
    }
    assert_eq!(labels_at(&partners).await, (1, 1));
    assert_eq!(easypost.find("ord-1-1").await.unwrap().unwrap().label, None);
    partners.stop().await;
}

#[tokio::test]
async fn a_label_that_was_not_bought_cannot_be_given_back() {
    let partners = partners().await;
    let easypost = easypost(partners.easypost_url());
    let quoted = easypost.quote(&Consignment::new().parcel("ord-1-1")).await.unwrap();
    assert!(kind(&easypost.refund(&quoted.shipment).await.unwrap_err()).starts_with("refused "));
    assert_eq!(kind(&easypost.refund("shp_unheard_of").await.unwrap_err()), "broken");
    partners.stop().await;
}

#[tokio::test]
async fn the_sellers_webhooks_are_genuine_and_tell_the_parcels_way() {
    let partners = partners().await;
    let label = buy(&easypost(partners.easypost_url()), "ord-1-1").await;
    let receiver = answering("POST", "/hook", 200, &json!({})).await;
    let hook = json!({"url": format!("{}/hook", receiver.uri()), "secret": "s\u{e9}cret"});
    control(partners.easypost_url(), "webhook", &hook).await;
    let track = json!({"tracking_code": label.tracking_code, "status": "delivered"});
    control(partners.easypost_url(), "track", &track).await;

    let live = [Secret::new("newer".to_owned()), Secret::new("s\u{e9}cret".to_owned())];
    let mut told = Vec::new();
    for call in calls(&receiver).await {
        let signature = header(&call, webhook::HEADER).unwrap();
        webhook::verify(&live, signature, &call.body).unwrap();
        assert_eq!(webhook::verify(&live[..1], signature, &call.body), Err(webhook::BadSignature::Mismatch));
        let news = webhook::parse(&call.body).unwrap().unwrap();
        assert_eq!(news.tracking_code, label.tracking_code);
        told.push((news.seen_at, news.status));
    }
    assert_eq!(told.last().map(|(_, status)| *status), Some(ShipmentStatus::Delivered));
    assert!(told.is_sorted_by_key(|(seen_at, _)| *seen_at), "{told:?}");
    partners.stop().await;
}
