//! What the embedded DynamoDB never says: collisions, throttling, several reasons at once.

use crate::stub::{COLLIDED, FAILED, NONE, Stub, cancelled, codes, failure};
use crate::tables::STOCK;
use serde_json::{Value, json};
use waybill_aws::DynamoOrders;
use waybill_domain::order::{Order, Recorded};
use waybill_domain::ports::{Commit, Committed, Filed, HotItems, Orders, Stock, StoreError};
use waybill_domain::stock::{Body, Kind, Movement, Seen, Shelf};
use waybill_testkit::{Step, at, document, first_of, id, of_skus, receipt, story, tenant};

/// A first event. Its writes: event, head, counter of `A`, counter of `B`, reservation.
fn a_first() -> (Order, Recorded) {
    first_of(&tenant(), "k", of_skus(&[("A", 1), ("B", 1)]))
}

async fn place(orders: &DynamoOrders) -> Result<Committed, StoreError> {
    let (order, first) = a_first();
    orders.commit(Commit { before: None, after: &order, recorded: &first }).await
}

/// Commits the routing of the order. Its writes: event, head, site counters of `A` and `B`, reservation, work item.
async fn route(orders: &DynamoOrders) -> Result<Committed, StoreError> {
    let (before, _) = story(&a_first().0, Step::Authorized).pop().unwrap();
    let (after, recorded) = story(&before, Step::Routed).pop().unwrap();
    orders.commit(Commit { before: Some(&before), after: &after, recorded: &recorded }).await
}

#[tokio::test]
async fn a_collision_is_tried_again_at_once_three_times_and_then_a_conflict() {
    let (stub, orders, _) = Stub::saying(vec![codes([NONE, COLLIDED, NONE, NONE, NONE])]).await;
    assert!(matches!(place(&orders).await, Err(StoreError::Conflict)));
    assert_eq!(stub.asked(), 4);
}

#[tokio::test]
async fn a_collision_that_passes_is_not_noticed() {
    let collision = codes([NONE, NONE, COLLIDED, NONE, NONE]);
    let (stub, orders, _) = Stub::saying(vec![collision.clone(), collision.clone(), collision, json!({})]).await;
    assert_eq!(place(&orders).await.unwrap(), Committed::Stored);
    assert_eq!(stub.asked(), 4);
}

#[tokio::test]
async fn throttling_is_no_conflict_and_is_left_to_the_workflow() {
    for code in ["ThrottlingError", "ProvisionedThroughputExceeded"] {
        let (stub, orders, _) = Stub::saying(vec![codes([NONE, NONE, code, NONE, NONE])]).await;
        assert!(matches!(place(&orders).await, Err(StoreError::Unavailable(_))), "{code}");
        assert_eq!(stub.asked(), 1);
    }
    let door = [
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "InternalServerError",
        "TransactionInProgressException",
    ];
    for code in door {
        let (_, orders, _) = Stub::saying(vec![failure(code)]).await;
        assert!(matches!(place(&orders).await, Err(StoreError::Unavailable(_))), "{code}");
    }
}

#[tokio::test]
async fn what_dynamodb_finds_invalid_is_broken() {
    for code in ["ValidationError", "ItemCollectionSizeLimitExceeded"] {
        let (stub, orders, _) = Stub::saying(vec![codes([code, NONE, NONE, COLLIDED, NONE])]).await;
        assert!(matches!(place(&orders).await, Err(StoreError::Broken(_))), "{code}");
        assert_eq!(stub.asked(), 1);
    }
    for code in ["ValidationException", "ResourceNotFoundException", "AccessDeniedException"] {
        let (_, orders, _) = Stub::saying(vec![failure(code)]).await;
        assert!(matches!(place(&orders).await, Err(StoreError::Broken(_))), "{code}");
    }
}

#[tokio::test]
async fn the_first_event_is_answered_whatever_else_failed() {
    let (order, first) = a_first();
    let stored = json!({"Code": FAILED, "Item": {
        "pk": {"S": format!("T#{}#ORDER#{}", order.tenant, order.id)},
        "sk": {"S": "EVENT#000001"},
        "body": {"S": serde_json::to_string(&first).unwrap()},
    }});
    let other = |code: &str| json!({"Code": code});
    let reasons = [stored, other(FAILED), other(FAILED), other(COLLIDED), other("ThrottlingError")];
    let (_, orders, _) = Stub::saying(vec![cancelled(&reasons)]).await;
    assert_eq!(place(&orders).await.unwrap(), Committed::Exists(Box::new(first)));
}

#[tokio::test]
async fn the_orders_condition_counts_before_the_stocks() {
    let table = [
        ([NONE, FAILED, FAILED, NONE, NONE, NONE], None),
        ([FAILED, NONE, FAILED, NONE, NONE, NONE], None),
        ([NONE, NONE, NONE, FAILED, FAILED, NONE], None),
        ([NONE, NONE, FAILED, FAILED, NONE, NONE], Some(vec![id("A"), id("B")])),
        ([NONE, NONE, NONE, FAILED, COLLIDED, NONE], Some(vec![id("B")])),
    ];
    for (reasons, short) in table {
        let (_, orders, _) = Stub::saying(vec![codes(reasons)]).await;
        match (route(&orders).await, short) {
            (Ok(committed), Some(short)) => assert_eq!(committed, Committed::Short(short), "{reasons:?}"),
            (Err(StoreError::Conflict), None) => {}
            (other, expected) => panic!("{reasons:?}: {other:?}, not {expected:?}"),
        }
    }
}

#[tokio::test]
async fn levels_left_unread_are_asked_for_again() {
    let level = json!({"pk": {"S": "T#acme#SKU#A"}, "sk": {"S": "SITE#reno"}, "free": {"N": "3"}});
    let key = json!({"pk": {"S": "T#acme#SKU#A"}, "sk": {"S": "SITE#reno"}});
    let left = json!({"Responses": {}, "UnprocessedKeys": {STOCK: {"Keys": [key], "ConsistentRead": true}}});
    let all = json!({"Responses": {STOCK: [level]}, "UnprocessedKeys": {}});
    let skus = [id("A")].into();
    let (stub, _, stock) = Stub::saying(vec![left.clone(), left.clone(), all]).await;
    assert_eq!(stock.free(&tenant(), &skus, &[id("reno")]).await.unwrap(), [((id("reno"), id("A")), 3)].into());
    assert_eq!(stub.asked(), 3);
    let (_, _, stock) = Stub::saying(vec![left]).await;
    assert!(matches!(stock.free(&tenant(), &skus, &[id("reno")]).await, Err(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn plain_writes_sort_their_failures_too() {
    let table = [
        ("TransactionConflictException", "unavailable"),
        ("ProvisionedThroughputExceededException", "unavailable"),
        ("ValidationException", "broken"),
    ];
    for (code, expected) in table {
        let (_, orders, _) = Stub::saying(vec![failure(code)]).await;
        let claimed = orders.claim(&tenant(), &a_first().0.id, "authorize", at(0)).await;
        let told = match claimed.unwrap_err() {
            StoreError::Conflict => "conflict",
            StoreError::Unavailable(_) => "unavailable",
            StoreError::Broken(_) => "broken",
        };
        assert_eq!(told, expected, "{code}");
    }
}

/// Takes three units of `A` away from `reno`, where there were 10; the transaction's writes: document, `ATP`, `SITE#reno`.
async fn adjust(refusal: Value) -> Result<Filed, StoreError> {
    let (_, _, stock) = Stub::saying(vec![refusal]).await;
    let movement = Movement::at(Kind::Adjusted, id("A"), id("reno"), -3);
    let document = document(&tenant(), "k", Body::Adjustment { site: id("reno"), note: None }, vec![movement]);
    stock.file(&tenant(), &document, &[Seen { shelf: reno(), units: 10 }]).await
}

fn reno() -> Shelf {
    Shelf::site(id("A"), id("reno"))
}

/// The site's counters, as they come back from a failed condition.
fn was(on_hand: &str) -> Value {
    json!({"Code": FAILED, "Item": {
        "pk": {"S": "T#acme#SKU#A"}, "sk": {"S": "SITE#reno"}, "on_hand": {"N": on_hand}, "free": {"N": "2"},
    }})
}

#[tokio::test]
async fn units_that_moved_meanwhile_are_a_conflict_and_not_a_refusal() {
    let none = || json!({"Code": NONE});
    assert!(matches!(adjust(cancelled(&[none(), none(), was("9")])).await, Err(StoreError::Conflict)));
    let gone = adjust(codes([NONE, NONE, FAILED])).await;
    assert!(matches!(gone, Err(StoreError::Conflict)), "an item that is not there has no units: {gone:?}");
    let failed = || json!({"Code": FAILED});
    assert!(matches!(adjust(cancelled(&[none(), failed(), was("9")])).await, Err(StoreError::Conflict)));
    assert_eq!(adjust(cancelled(&[none(), none(), was("10")])).await.unwrap(), Filed::Short(vec![reno()]));
}

#[tokio::test]
async fn a_document_that_exists_is_answered_whatever_else_failed() {
    let first = receipt(&tenant(), "k", "reno", &[("A", 1)]);
    let stored = json!({"Code": FAILED, "Item": {
        "pk": {"S": "T#acme#DOCUMENT#doc"}, "sk": {"S": "DOCUMENT"},
        "body": {"S": serde_json::to_string(&first).unwrap()},
    }});
    let reasons = [stored, json!({"Code": FAILED}), was("9")];
    assert_eq!(adjust(cancelled(&reasons)).await.unwrap(), Filed::Exists(Box::new(first)));
}

#[tokio::test]
async fn a_document_sorts_its_failures_like_a_commit() {
    assert!(matches!(adjust(codes([NONE, COLLIDED, NONE])).await, Err(StoreError::Conflict)));
    assert!(matches!(adjust(codes([NONE, "ThrottlingError", NONE])).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(adjust(codes([NONE, "ValidationError", NONE])).await, Err(StoreError::Broken(_))));
}

#[tokio::test]
async fn a_list_goes_on_behind_a_page_that_dynamodb_cut_short() {
    let order = first_of(&tenant(), "k", of_skus(&[("A", 1)])).0.id;
    let key = |second: u8| format!("BACKORDER#2026-11-01T00:00:0{second}.000000000Z#{order}");
    let row = |second| json!({"pk": {"S": "T#acme#SKU#A"}, "sk": {"S": key(second)}, "units": {"N": "2"}});
    let last = json!({"pk": {"S": "T#acme#SKU#A"}, "sk": {"S": key(1)}});
    let cut = json!({"Items": [row(1)], "Count": 1, "LastEvaluatedKey": last});
    let rest = json!({"Items": [row(2)], "Count": 1});
    let (stub, _, stock) = Stub::saying(vec![cut, rest]).await;
    let waiting = stock.waiting(&tenant(), &id("A"), 9).await.unwrap();
    assert_eq!(waiting.iter().map(|one| one.units).collect::<Vec<_>>(), [2, 2]);
    assert!(waiting[0].since < waiting[1].since);
    assert_eq!(stub.asked(), 2);
}

/// An item with one empty shard is gathered; taking its number of shards off the counter says this.
async fn gather(taken_off: Value) -> (Result<bool, StoreError>, usize) {
    let counter = json!({"Item": {"pk": {"S": "T#acme#SKU#A"}, "sk": {"S": "ATP"}, "shards": {"N": "1"}}});
    let empty = json!({"Responses": {STOCK: []}, "UnprocessedKeys": {}});
    let says = vec![counter, empty.clone(), taken_off, empty, json!({})];
    let (stub, _, stock) = Stub::saying(says).await;
    (stock.gather(&tenant(), &id("A"), at(0)).await, stub.asked())
}

#[tokio::test]
async fn a_write_that_ran_into_a_transaction_has_not_been_done_by_somebody_else() {
    // Somebody has taken it off: the item is taken off the list of hot ones.
    let (gathered, asked) = gather(failure("ConditionalCheckFailedException")).await;
    assert!(matches!(gathered, Ok(true)));
    assert_eq!(asked, 5);
    // Nobody has: it stays on the list.
    let (gathered, asked) = gather(failure("TransactionConflictException")).await;
    assert!(matches!(gathered, Err(StoreError::Unavailable(_))), "{gathered:?}");
    assert_eq!(asked, 3);
}
