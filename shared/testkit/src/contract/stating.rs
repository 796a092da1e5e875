//! Statements of items and drifts: what is entered once, and read page by page.

use super::{Auditable, Keeper, receive, stored, stores};
use crate::{at, document_id, id, of_skus, receipt};
use std::fmt::Debug;
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::ports::{Entered, Page, Stock};
use waybill_domain::stock::audit::{Cause, Counters, Drift, Entry, Rule, Wrong};
use waybill_domain::stock::{Counter, Kind, Movement, Shelf};

/// More rows than any test makes.
const MANY: usize = 100;

/// What an order's event took off the network-wide counters of an item.
fn line(sku: &str, seconds: i64, sequence: &str) -> Entry {
    Entry {
        at: at(seconds),
        sequence: sequence.to_owned(),
        shelf: Shelf::network(id(sku)),
        shard: None,
        cause: Some(format!("ord-{seconds}#1")),
        movements: vec![Movement::network(Kind::Reserved, id(sku), 1)],
        deltas: Counters::from([(Counter::Available, -1)]),
        counters: Counters::from([(Counter::Available, 9)]),
    }
}

fn drift(tenant: &TenantId, seconds: i64) -> Drift {
    Drift {
        tenant: tenant.clone(),
        shelf: Shelf::site(id("A"), id("reno")),
        shard: None,
        at: at(seconds),
        cause: Some(format!("ord-{seconds}#1")),
        rule: Rule::Deltas,
        wrong: vec![Wrong { counter: Counter::OnHand, expected: 1, found: seconds }],
    }
}

/// The second write of one name is taken for the first one's repetition only if it is that.
pub async fn a_line_is_entered_once_and_the_first_one_stands(
    _orders: &impl Keeper,
    _stock: &impl Stock,
    statements: &impl Auditable,
) {
    let tenant: TenantId = id("entering");
    let (first, other) = (line("A", 1, "100"), line("A", 1, "200"));
    assert!(!statements.is_entered(&tenant, &first).await.unwrap());
    for _ in 0..2 {
        assert_eq!(statements.enter(&tenant, &first).await.unwrap(), Entered::Kept);
    }
    assert_eq!(statements.enter(&tenant, &other).await.unwrap(), Entered::Taken);
    assert!(statements.is_entered(&tenant, &first).await.unwrap());
    assert!(!statements.is_entered(&tenant, &other).await.unwrap());
    let kept = statements.entries(&tenant, &id("A"), None, MANY).await.unwrap();
    assert_eq!(kept, Page { rows: vec![first], next: None });
}

/// Reads page by page until the end.
async fn paged<T: Debug>(limit: usize, read: impl AsyncFn(Option<String>, usize) -> Page<T>) -> Vec<T> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = read(after, limit).await;
        assert!(!page.rows.is_empty() && page.rows.len() <= limit, "{page:?}");
        found.extend(page.rows);
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
}

/// Beside counters, documents, backorders and reservations of the same item; and of a name that begins like another's.
pub async fn a_statement_is_of_one_item_newest_first_and_page_by_page(
    orders: &impl Keeper,
    stock: &impl Stock,
    statements: &impl Auditable,
) {
    let tenant: TenantId = id("stating");
    receive(stock, &tenant, &[("A", 10)]).await;
    stored(orders, &tenant, "k", of_skus(&[("A", 1)])).await;
    assert_eq!(statements.entries(&tenant, &id("A"), None, 3).await.unwrap(), Page { rows: vec![], next: None });
    for seconds in [3, 1, 7, 2, 6, 5, 4] {
        statements.enter(&tenant, &line("A", seconds, "1")).await.unwrap();
    }
    statements.enter(&tenant, &line("A-2", 8, "1")).await.unwrap();
    statements.enter(&id("stating-2"), &line("A", 9, "1")).await.unwrap();
    let expected: Vec<_> = (1..=7).rev().map(|seconds| line("A", seconds, "1")).collect();
    for limit in [1, 2, 3, 6, 7, 8] {
        let (statements, tenant) = (&statements, &tenant);
        let read = async |after: Option<String>, limit| {
            statements.entries(tenant, &id("A"), after.as_deref(), limit).await.unwrap()
        };
        assert_eq!(paged(limit, read).await, expected, "{limit} a page");
    }
}

/// A cursor comes back from outside: whatever it says, it is a place on this statement or none.
pub async fn a_made_up_cursor_reads_nothing_but_lines(
    orders: &impl Keeper,
    stock: &impl Stock,
    statements: &impl Auditable,
) {
    let tenant: TenantId = id("cursors");
    receive(stock, &tenant, &[("A", 10)]).await;
    stored(orders, &tenant, "k", of_skus(&[("A", 1)])).await;
    let lines = [line("A", 2, "1"), line("A", 1, "1")];
    for line in &lines {
        statements.enter(&tenant, line).await.unwrap();
    }
    assert!(statements.open_drift(&drift(&tenant, 1)).await.unwrap());
    let made_up = ["", "0", "2", "~", "~~", "z", "ATP", "SITE#", "SITE#~", "ENTRY#", "ENTRY#~", "#", "\u{1F375}"];
    for cursor in made_up {
        let page = statements.entries(&tenant, &id("A"), Some(cursor), MANY).await.unwrap();
        assert!(page.rows.is_empty() || page.rows == lines, "{cursor}: {page:?}");
        assert_eq!(page.next, None, "{cursor}");
        let page = statements.drifts(&tenant, Some(cursor), MANY).await.unwrap();
        assert!(page.rows.is_empty() || page.rows == [drift(&tenant, 1)], "{cursor}: {page:?}");
    }
    let later = format!("{}#x", at(1_000));
    assert_eq!(statements.entries(&tenant, &id("A"), Some(&later), MANY).await.unwrap().rows, lines);
}

/// By place and time.
pub async fn a_drift_is_opened_once(_orders: &impl Keeper, _stock: &impl Stock, statements: &impl Auditable) {
    let tenant: TenantId = id("drifting");
    let first = drift(&tenant, 1);
    let repeated = Drift { rule: Rule::Sum, ..first.clone() };
    assert!(statements.open_drift(&first).await.unwrap());
    for again in [&first, &repeated] {
        assert!(!statements.open_drift(again).await.unwrap());
    }
    assert!(statements.open_drift(&Drift { at: at(2), ..first.clone() }).await.unwrap());
    assert!(statements.open_drift(&Drift { shard: Some(3), ..first.clone() }).await.unwrap());
    let kept = statements.drifts(&tenant, None, MANY).await.unwrap();
    assert_eq!(kept.rows.len(), 3);
    assert!(kept.rows.contains(&first), "the first one stands");
}

/// And nobody sees another's.
pub async fn drifts_are_of_one_tenant_newest_first_and_page_by_page(
    _orders: &impl Keeper,
    _stock: &impl Stock,
    statements: &impl Auditable,
) {
    let (tenant, other): (TenantId, TenantId) = (id("drifts"), id("drifts-2"));
    for seconds in [4, 2, 5, 1, 3] {
        assert!(statements.open_drift(&drift(&tenant, seconds)).await.unwrap());
    }
    assert!(statements.open_drift(&drift(&other, 9)).await.unwrap());
    let expected: Vec<_> = (1..=5).rev().map(|seconds| drift(&tenant, seconds)).collect();
    for limit in [1, 2, 4, 5, 6] {
        let (statements, tenant) = (&statements, &tenant);
        let read =
            async |after: Option<String>, limit| statements.drifts(tenant, after.as_deref(), limit).await.unwrap();
        assert_eq!(paged(limit, read).await, expected, "{limit} a page");
    }
    assert_eq!(statements.drifts(&id("nobody"), None, MANY).await.unwrap().rows, []);
}

/// What names neither moved nothing.
pub async fn what_events_and_documents_moved_is_told_to_their_tenant(
    orders: &impl Keeper,
    stock: &impl Stock,
    statements: &impl Auditable,
) {
    let (tenant, stranger): (TenantId, TenantId) = (id("moving"), id("moving-2"));
    let came = receipt(&tenant, "in", "reno", &[("A", 10), ("B", 2)]);
    stores(stock, &tenant, &came).await;
    let order = stored(orders, &tenant, "k", of_skus(&[("A", 2), ("B", 1)])).await;
    let event = |order: &OrderId, version| Cause::Event { order: order.clone(), version };
    let document = Cause::Document(came.id.clone());
    let reserved = order.history()[0].movements.clone();
    assert!(!reserved.is_empty());
    for (cause, moved) in [
        (event(&order.id, 1), Some(reserved)),
        (event(&order.id, 2), None),
        (event(&id("ord-none"), 1), None),
        (document.clone(), Some(came.movements.clone())),
        (Cause::Document(document_id(&tenant, "none")), None),
        (Cause::Heat(format!("hold#{}", order.id)), None),
    ] {
        assert_eq!(statements.moved_by(&tenant, &cause).await.unwrap(), moved, "{cause}");
    }
    for cause in [event(&order.id, 1), document] {
        assert_eq!(statements.moved_by(&stranger, &cause).await.unwrap(), None, "{cause} is another's");
    }
}
