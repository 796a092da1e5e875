//! Documents of stock: stored with what they move, on the condition that the counters are as they were seen.

use super::{Keeper, counters, file, receive, stores};
use crate::{at, document, document_id, id, receipt};
use waybill_domain::id::{DocumentId, TenantId};
use waybill_domain::ports::{Announced, Filed, Page, Stock, StoreError};
use waybill_domain::stock::{Body, CountLine, Document, Kind, Level, Movement, Network, Place, Reason, Seen, Shelf};

fn reno(sku: &str) -> Shelf {
    Shelf::site(id(sku), id("reno"))
}

fn adjustment(tenant: &TenantId, key: &str, units: &[(&str, i64)]) -> Document {
    let moved = units.iter().map(|(sku, units)| Movement::at(Kind::Adjusted, id(sku), id("reno"), *units));
    let movements = moved.map(|movement| movement.because(Reason::Correction)).collect();
    document(tenant, key, Body::Adjustment { site: id("reno"), note: None }, movements)
}

/// Whether it moves what was seen or not, and whether the item was there or not.
pub async fn a_document_decided_on_counters_that_moved_is_a_conflict(_orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("moved");
    receive(stock, &tenant, &[("A", 10), ("B", 1)]).await;
    let seen = |a, b, c| [("A", a), ("B", b), ("C", c)].map(|(sku, units)| Seen { shelf: reno(sku), units });
    let document = adjustment(&tenant, "one", &[("A", -4)]);
    for old in [seen(9, 1, 0), seen(10, 0, 0), seen(10, 1, 1), seen(0, 1, 0)] {
        let filed = stock.file(&tenant, &document, &old).await;
        assert!(matches!(filed, Err(StoreError::Conflict)), "{old:?}: {filed:?}");
    }
    // That it is decided on what moved counts before what it has not enough of.
    let too_many = adjustment(&tenant, "many", &[("A", -11)]);
    assert!(matches!(stock.file(&tenant, &too_many, &seen(9, 1, 0)).await, Err(StoreError::Conflict)));
    assert_eq!(stock.file(&tenant, &too_many, &seen(10, 1, 0)).await.unwrap(), Filed::Short(vec![reno("A")]));
    assert_eq!(counters(stock, &tenant, "A").await, (10, [10, 0, 10, 0]));

    assert_eq!(stock.file(&tenant, &document, &seen(10, 1, 0)).await.unwrap(), Filed::Stored);
    // That it is stored already counts before everything.
    let again = stock.file(&tenant, &document, &seen(9, 9, 9)).await.unwrap();
    assert_eq!(again, Filed::Exists(Box::new(document)));
    assert_eq!(counters(stock, &tenant, "A").await, (6, [6, 0, 6, 0]));
}

/// Every item that is short is named.
pub async fn nothing_is_stored_when_one_of_several_movements_is_short(_orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("several");
    receive(stock, &tenant, &[("A", 10), ("B", 1)]).await;
    let document = adjustment(&tenant, "one", &[("A", -4), ("B", -2), ("C", -1), ("D", 5)]);
    assert_eq!(file(stock, &tenant, &document).await, Filed::Short(vec![reno("B"), reno("C")]));
    assert_eq!(stock.document(&tenant, &document.id).await.unwrap(), None);
    for (sku, units) in [("A", 10), ("B", 1), ("C", 0), ("D", 0)] {
        assert_eq!(counters(stock, &tenant, sku).await, (units, [units, 0, units, 0]), "{sku}");
    }
    // The refused one has not used its id up.
    stores(stock, &tenant, &adjustment(&tenant, "one", &[("A", -4)])).await;
}

/// An announcement of units of `A` at `reno`, that come in on that day.
fn announcement(tenant: &TenantId, key: &str, units: i64, day: &str) -> Document {
    let own = document_id(tenant, key);
    let expected = Movement::network(Kind::Expected, id("A"), units).announced(own);
    let body = Body::Announcement { site: id("reno"), due: day.parse().unwrap(), reference: None };
    document(tenant, key, body, vec![expected])
}

/// Units that came in as announced.
fn arrival(tenant: &TenantId, key: &str, announcement: &DocumentId, units: i64) -> Document {
    let arrived = Movement::at(Kind::Arrived, id("A"), id("reno"), units).announced(announcement.clone());
    let body = Body::Receipt { site: id("reno"), announcement: Some(announcement.clone()), reference: None };
    document(tenant, key, body, vec![arrived])
}

async fn network(stock: &impl Stock, tenant: &TenantId) -> [i64; 3] {
    let Network { available, promisable, fillable } = stock.levels(tenant, &id("A")).await.unwrap().network;
    [available, promisable, fillable]
}

/// Not more; what exceeds it comes in unannounced.
pub async fn what_was_announced_comes_in_once(_orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("announced");
    let (late, soon) =
        (announcement(&tenant, "late", 3, "2026-12-24"), announcement(&tenant, "soon", 10, "2026-12-01"));
    stores(stock, &tenant, &late).await;
    stores(stock, &tenant, &soon).await;
    let told = |document: &Document, day: &str, remaining| Announced {
        document: document.id.clone(),
        site: id("reno"),
        due: day.parse().unwrap(),
        remaining,
    };
    let waiting = async || stock.announced(&tenant, &id("A")).await.unwrap();
    assert_eq!(waiting().await, [told(&soon, "2026-12-01", 10), told(&late, "2026-12-24", 3)]);
    assert_eq!(network(stock, &tenant).await, [0, 13, 0]);

    stores(stock, &tenant, &arrival(&tenant, "first", &soon.id, 4)).await;
    assert_eq!(network(stock, &tenant).await, [4, 13, 4]);
    let over = arrival(&tenant, "rest", &soon.id, 7);
    let shelf = Shelf { sku: id("A"), place: Place::Announced(soon.id.clone()) };
    assert_eq!(file(stock, &tenant, &over).await, Filed::Short(vec![shelf.clone()]));
    let seen = |units| [Seen { shelf: shelf.clone(), units }];
    assert!(matches!(stock.file(&tenant, &over, &seen(10)).await, Err(StoreError::Conflict)));
    let mut rest = arrival(&tenant, "rest", &soon.id, 6);
    rest.movements.push(Movement::at(Kind::Received, id("A"), id("reno"), 1));
    assert_eq!(stock.file(&tenant, &rest, &seen(6)).await.unwrap(), Filed::Stored);
    assert_eq!(waiting().await, [told(&late, "2026-12-24", 3)]);
    assert_eq!(network(stock, &tenant).await, [11, 14, 11]);

    let note = "cancelled".to_owned().try_into().unwrap();
    let never = Movement::network(Kind::Expected, id("A"), -3).announced(late.id.clone());
    let body = Body::Withdrawal { announcement: late.id.clone(), note };
    stores(stock, &tenant, &document(&tenant, "never", body, vec![never])).await;
    assert_eq!((waiting().await, network(stock, &tenant).await), (vec![], [11, 11, 11]));
}

/// What left a site is nowhere, and expected at the other one.
pub async fn a_transfer_is_expected_where_it_goes(_orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("transfer");
    receive(stock, &tenant, &[("A", 10)]).await;
    let own = document_id(&tenant, "transfer");
    let out = Movement::at(Kind::TransferredOut, id("A"), id("reno"), 4).announced(own.clone());
    let due = "2026-12-01".parse().unwrap();
    let body = Body::Transfer { from: id("reno"), to: id("columbus"), due, reference: None };
    stores(stock, &tenant, &document(&tenant, "transfer", body, vec![out])).await;
    assert_eq!((counters(stock, &tenant, "A").await, network(stock, &tenant).await), ((6, [6, 0, 6, 0]), [6, 10, 6]));
    let announced = stock.announced(&tenant, &id("A")).await.unwrap();
    assert_eq!(announced, [Announced { document: own.clone(), site: id("columbus"), due, remaining: 4 }]);

    let back = Movement::at(Kind::TransferredIn, id("A"), id("columbus"), 4).announced(own.clone());
    let body = Body::Receipt { site: id("columbus"), announcement: Some(own), reference: None };
    stores(stock, &tenant, &document(&tenant, "in", body, vec![back])).await;
    assert_eq!(network(stock, &tenant).await, [10, 10, 10]);
    let sites = stock.levels(&tenant, &id("A")).await.unwrap().sites;
    assert_eq!(sites.iter().map(|site| site.level.on_hand).collect::<Vec<_>>(), [4, 6]);
    assert_eq!(stock.announced(&tenant, &id("A")).await.unwrap(), []);
}

/// A count of `A` at `reno`, made so many seconds after the beginning, that found `counted` where `expected` were to be.
fn count(tenant: &TenantId, key: &str, seconds: i64, (expected, counted): (i64, i64)) -> Document {
    let lines = vec![CountLine { sku: id("A"), stow: None, expected, counted }];
    let differs = Movement::at(Kind::Adjusted, id("A"), id("reno"), counted - expected).because(Reason::Count);
    let proposal = if counted == expected { vec![] } else { vec![differs] };
    let body = Body::Count { site: id("reno"), lines, proposal };
    let dated = Movement::at(Kind::Counted, id("A"), id("reno"), counted);
    Document { at: at(seconds), ..document(tenant, key, body, vec![dated]) }
}

fn decision(tenant: &TenantId, key: &str, count: &Document, approved: bool) -> Document {
    let Body::Count { proposal, .. } = &count.body else { unreachable!("a count is decided on") };
    let movements = if approved { proposal.clone() } else { vec![] };
    let note = "looked again".to_owned().try_into().unwrap();
    document(tenant, key, Body::Decision { count: count.id.clone(), approved, note }, movements)
}

async fn counted_at(stock: &impl Stock, tenant: &TenantId) -> Option<jiff::Timestamp> {
    stock.levels(tenant, &id("A")).await.unwrap().sites[0].counted_at
}

/// Also an item that nobody knew of.
pub async fn a_count_dates_the_item_and_moves_nothing(_orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("dated");
    stores(stock, &tenant, &count(&tenant, "none", 5, (0, 0))).await;
    assert_eq!(counted_at(stock, &tenant).await, Some(at(5)));
    receive(stock, &tenant, &[("A", 10)]).await;
    let right = count(&tenant, "right", 7, (10, 10));
    let seen = [Seen { shelf: reno("A"), units: 10 }];
    assert_eq!(stock.file(&tenant, &right, &seen).await.unwrap(), Filed::Stored);
    assert_eq!(counted_at(stock, &tenant).await, Some(at(7)));
    assert_eq!(counters(stock, &tenant, "A").await, (10, [10, 0, 10, 0]));
    assert_eq!(stock.cases(&tenant, None, 9).await.unwrap(), Page { rows: vec![], next: None });
}

/// Whoever decides second, also with another decision, is told so.
pub async fn a_count_that_disagrees_is_decided_once(_orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("decided");
    receive(stock, &tenant, &[("A", 10)]).await;
    let wrong = count(&tenant, "wrong", 1, (10, 8));
    stores(stock, &tenant, &wrong).await;
    assert_eq!(counters(stock, &tenant, "A").await, (10, [10, 0, 10, 0]));
    assert_eq!(stock.cases(&tenant, None, 9).await.unwrap().rows, std::slice::from_ref(&wrong.id));

    let (one, two) = (decision(&tenant, "one", &wrong, true), decision(&tenant, "two", &wrong, true));
    let (first, second) = futures::future::join(file(stock, &tenant, &one), file(stock, &tenant, &two)).await;
    let stored = [&first, &second].into_iter().filter(|filed| **filed == Filed::Stored).count();
    let closed = [&first, &second].into_iter().filter(|filed| **filed == Filed::Closed).count();
    assert_eq!((stored, closed), (1, 1));
    assert_eq!(counters(stock, &tenant, "A").await, (8, [8, 0, 8, 0]));
    assert_eq!(stock.cases(&tenant, None, 9).await.unwrap().rows, []);
    assert_eq!(file(stock, &tenant, &decision(&tenant, "three", &wrong, false)).await, Filed::Closed);
    let unknown = count(&tenant, "unknown", 1, (8, 1));
    assert_eq!(file(stock, &tenant, &decision(&tenant, "four", &unknown, true)).await, Filed::Closed);
    assert_eq!(counters(stock, &tenant, "A").await, (8, [8, 0, 8, 0]));
}

/// What was seen counts before the case, and the case before the units.
pub async fn a_decision_on_counters_that_moved_leaves_its_case_open(_orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("meanwhile");
    receive(stock, &tenant, &[("A", 3)]).await;
    let wrong = count(&tenant, "wrong", 1, (3, 0));
    stores(stock, &tenant, &wrong).await;
    stores(stock, &tenant, &adjustment(&tenant, "meanwhile", &[("A", -2)])).await;
    let approved = decision(&tenant, "approved", &wrong, true);
    let seen = |units| [Seen { shelf: reno("A"), units }];
    assert!(matches!(stock.file(&tenant, &approved, &seen(3)).await, Err(StoreError::Conflict)));
    assert_eq!(stock.file(&tenant, &approved, &seen(1)).await.unwrap(), Filed::Short(vec![reno("A")]));
    assert_eq!(stock.cases(&tenant, None, 9).await.unwrap().rows, std::slice::from_ref(&wrong.id));
    stores(stock, &tenant, &decision(&tenant, "dropped", &wrong, false)).await;
    assert!(matches!(stock.file(&tenant, &approved, &seen(3)).await, Err(StoreError::Conflict)));
    assert_eq!(stock.file(&tenant, &approved, &seen(1)).await.unwrap(), Filed::Closed);
    assert_eq!(counters(stock, &tenant, "A").await, (1, [1, 0, 1, 0]));
}

/// Whatever order they were made known in.
pub async fn cases_come_oldest_first_and_page_by_page(_orders: &impl Keeper, stock: &impl Stock) {
    let (tenant, others): (TenantId, TenantId) = (id("pages"), id("others"));
    let counts: Vec<Document> = (0..5).map(|n| count(&tenant, &format!("k{n}"), n, (0, 1))).collect();
    for count in [&counts[3], &counts[0], &counts[4], &counts[2], &counts[1]] {
        stores(stock, &tenant, count).await;
    }
    stores(stock, &others, &count(&others, "k", 2, (0, 1))).await;
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = stock.cases(&tenant, after.as_deref(), 2).await.unwrap();
        assert!(page.rows.len() <= 2);
        found.extend(page.rows);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found, counts.into_iter().map(|count| count.id).collect::<Vec<_>>());
}

/// As many as a transaction holds: document, and two items of counters of each item.
pub async fn a_document_of_more_than_a_hundred_writes_is_broken_and_stores_nothing(
    _orders: &impl Keeper,
    stock: &impl Stock,
) {
    let tenant: TenantId = id("large");
    let names: Vec<String> = (0..50).map(|n| format!("ITEM-{n}")).collect();
    let units: Vec<(&str, i64)> = names.iter().map(|name| (name.as_str(), 1)).collect();
    let over = receipt(&tenant, "over", "reno", &units);
    assert!(matches!(stock.file(&tenant, &over, &[]).await, Err(StoreError::Broken(_))));
    assert_eq!(stock.document(&tenant, &over.id).await.unwrap(), None);
    assert_eq!(counters(stock, &tenant, "ITEM-0").await.0, 0);
    let most = receipt(&tenant, "over", "reno", &units[..49]);
    let seen = Seen { shelf: Shelf::site(id("ELSE"), id("reno")), units: 0 };
    assert_eq!(stock.file(&tenant, &most, &[seen]).await.unwrap(), Filed::Stored);
    assert_eq!(counters(stock, &tenant, "ITEM-48").await, (1, [1, 0, 1, 0]));
}

/// Nobody else's documents, levels and lists.
pub async fn nobody_sees_another_tenants_documents(_orders: &impl Keeper, stock: &impl Stock) {
    let (ours, theirs): (TenantId, TenantId) = (id("ours"), id("theirs"));
    let announced = announcement(&ours, "k", 3, "2026-12-24");
    stores(stock, &ours, &announced).await;
    stores(stock, &ours, &count(&ours, "count", 1, (0, 3))).await;
    assert_eq!(stock.document(&theirs, &announced.id).await.unwrap(), None);
    assert_eq!(stock.announced(&theirs, &id("A")).await.unwrap(), []);
    assert_eq!(stock.cases(&theirs, None, 9).await.unwrap().rows, []);
    assert_eq!(stock.networks(&theirs, &[id("A")].into()).await.unwrap(), [].into());
    let level = stock.levels(&ours, &id("A")).await.unwrap().sites[0].level;
    assert_eq!(level, Level::default());
}
