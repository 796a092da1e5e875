//! What the stream of the stock table shows: every item of counters tells its last change.

use crate::tables::{self, ORDERS, STOCK};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::{BTreeMap, HashMap};
use waybill_aws::{DynamoOrders, DynamoStock, shelf_of_key};
use waybill_domain::ports::{Commit, Committed, Filed, Orders, Stock};
use waybill_domain::stock::{Body, Kind, Movement, Place, Shelf, Stow};
use waybill_testkit::{Step, at, bring_to, document, document_id, first_of, id, of_skus, receipt, tenant};

type Item = HashMap<String, AttributeValue>;

fn says<'a>(item: &'a Item, name: &str) -> &'a str {
    item[name].as_s().unwrap()
}

async fn items(client: &Client) -> Vec<Item> {
    client.scan().table_name(STOCK).send().await.unwrap().items.unwrap_or_default()
}

/// Cause and time of every item of counters.
async fn causes(client: &Client) -> BTreeMap<Shelf, (String, String)> {
    let of = |item: &Item| {
        let (whose, shelf) = shelf_of_key(says(item, "pk"), says(item, "sk"))?;
        assert_eq!(whose, tenant());
        Some((shelf, (says(item, "cause").to_owned(), says(item, "moved_at").to_owned())))
    };
    items(client).await.iter().filter_map(of).collect()
}

#[tokio::test]
async fn every_item_of_counters_tells_its_last_change() {
    let client = tables::database().await;
    let (orders, stock) = (DynamoOrders::new(client.clone(), ORDERS, STOCK), DynamoStock::new(client.clone(), STOCK));
    let (network, reno) = (Shelf::network(id("A")), Shelf::site(id("A"), id("reno")));
    let by = |cause: &str, seconds| (cause.to_owned(), at(seconds).to_string());

    let came = receipt(&tenant(), "in", "reno", &[("A", 5)]);
    assert_eq!(stock.file(&tenant(), &came, &[]).await.unwrap(), Filed::Stored);
    let receipt = by(came.id.as_str(), 0);
    let expected = [(network.clone(), receipt.clone()), (reno.clone(), receipt.clone())];
    assert_eq!(causes(&client).await, expected.into());

    let (order, first) = first_of(&tenant(), "k", of_skus(&[("A", 2)]));
    let commit = Commit { before: None, after: &order, recorded: &first };
    assert_eq!(orders.commit(commit).await.unwrap(), Committed::Stored);
    let placed = by(&format!("{}#1", order.id), 0);
    assert_eq!(causes(&client).await, [(network.clone(), placed.clone()), (reno.clone(), receipt)].into());
    let order = bring_to(&orders, order, Step::Routed).await.unwrap();
    let routed = by(&format!("{}#{}", order.id, order.version), order.changed_at.as_second() - at(0).as_second());
    assert_eq!(causes(&client).await, [(network.clone(), placed.clone()), (reno.clone(), routed)].into());

    let mut counted = document(&tenant(), "count", Body::Adjustment { site: id("reno"), note: None }, vec![]);
    counted.movements = vec![Movement::at(Kind::Counted, id("A"), id("reno"), 5)];
    assert_eq!(stock.file(&tenant(), &counted, &[]).await.unwrap(), Filed::Stored);
    let expected = [(network, placed), (reno, by(counted.id.as_str(), 0))];
    assert_eq!(causes(&client).await, expected.into());
}

#[tokio::test]
async fn every_kind_of_counters_is_found_by_its_key() {
    let client = tables::database().await;
    let stock = DynamoStock::new(client.clone(), STOCK);
    let own = document_id(&tenant(), "announced");
    let stow = Stow {
        expires: Some("2027-01-31".parse().unwrap()),
        lot: Some(id("L-1")),
        serial: Some(id("S.1")),
        bin: Some(id("A_01")),
    };
    let bin = Stow { bin: Some(id("A_01")), ..Stow::default() };
    let at_reno = |stow: &Stow| Movement::at(Kind::Received, id("A"), id("reno"), 1).of(Some(stow.clone()));
    let expected = Movement::network(Kind::Expected, id("A"), 3).announced(own.clone());
    let body = Body::Announcement { site: id("reno"), due: "2026-12-24".parse().unwrap(), reference: None };
    let filed = document(&tenant(), "announced", body, vec![expected, at_reno(&stow), at_reno(&bin)]);
    assert_eq!(stock.file(&tenant(), &filed, &[]).await.unwrap(), Filed::Stored);
    let places = [
        Place::Network,
        Place::Site(id("reno")),
        Place::Stow(id("reno"), stow),
        Place::Stow(id("reno"), bin),
        Place::Announced(own),
    ];
    let shelves: Vec<Shelf> = causes(&client).await.into_keys().collect();
    let mut wanted = places.map(|place| Shelf { sku: id("A"), place }).to_vec();
    wanted.sort();
    assert_eq!(shelves, wanted);
    let shard = shelf_of_key("T#acme#SKU#A#SHARD#07", "ATP");
    assert_eq!(shard, Some((tenant(), Shelf::network(id("A")))));
    let others = [
        ("T#acme#DOCUMENT#doc-1", "DOCUMENT"),
        ("T#acme#SKU#A", "BACKORDER#2026-11-01T00:00:00.000000000Z#ord-1"),
        ("T#acme#SKU#A", "ENTRY#2026-11-01T00:00:00.000000000Z#doc-1#ATP"),
        ("T#acme#RESERVATION#ord-1", "HOLD"),
        ("T#acme#SKU#A", "SITE#reno#STOW#2027-13-01#-#-#-"),
        ("T#acme#SKU#A", "SITE#reno#STOW#2027-01-01#-#-"),
    ];
    for (pk, sk) in others {
        assert_eq!(shelf_of_key(pk, sk), None, "{pk} {sk}");
    }
}

#[tokio::test]
async fn a_reservation_says_what_is_held() {
    let client = tables::database().await;
    let (orders, stock) = (DynamoOrders::new(client.clone(), ORDERS, STOCK), DynamoStock::new(client.clone(), STOCK));
    let units = receipt(&tenant(), "in", "reno", &[("A", 5), ("B", 5)]);
    assert_eq!(stock.file(&tenant(), &units, &[]).await.unwrap(), Filed::Stored);
    let (order, first) = first_of(&tenant(), "k", of_skus(&[("A", 2), ("B", 1), ("A", 1)]));
    let commit = Commit { before: None, after: &order, recorded: &first };
    assert_eq!(orders.commit(commit).await.unwrap(), Committed::Stored);
    let hold = async || items(&client).await.into_iter().find(|item| says(item, "sk") == "HOLD");
    let kept = hold().await.unwrap();
    assert_eq!(says(&kept, "lines"), r#"[["A",3],["B",1]]"#);
    let order = bring_to(&orders, order, Step::Authorized).await.unwrap();
    assert_eq!(hold().await, Some(kept), "an event that holds no more and no less does not touch it");
    bring_to(&orders, order, Step::Routed).await.unwrap();
    assert_eq!(hold().await, None);
}
