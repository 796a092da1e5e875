//! What the embedded DynamoDB never says: collisions, throttling, several reasons at once.

use crate::stub::{COLLIDED, FAILED, NONE, Stub, cancelled, codes, failure};
use crate::tables::STOCK;
use serde_json::{Value, json};
use waybill_aws::DynamoOrders;
use waybill_domain::order::{Order, Recorded};
use waybill_domain::ports::{Commit, Committed, Orders, Stock, StoreError};
use waybill_testkit::{Step, at, first_of, id, of_skus, story, tenant};

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
        ("TransactionConflictException", "conflict"),
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

/// Sets `A` at `reno` to `on_hand`, where the stub has 10; the transaction's writes: movement, `ATP`, `SITE#reno`.
async fn adjust(on_hand: i64, refusal: Value) -> Result<Option<i64>, StoreError> {
    let level = json!({"Items": [{"pk": {"S": "T#acme#SKU#A"}, "sk": {"S": "SITE#reno"},
        "on_hand": {"N": "10"}, "free": {"N": "10"}}], "Count": 1});
    let (_, _, stock) = Stub::saying(vec![json!({"Items": [], "Count": 0}), level, refusal]).await;
    let set = stock.set_on_hand(&tenant(), &id("A"), &id("reno"), on_hand, "count", at(0)).await?;
    Ok(set.map(|level| level.on_hand))
}

#[tokio::test]
async fn a_level_that_moved_meanwhile_is_a_conflict_and_not_a_refusal() {
    let was = |on_hand: &str| {
        json!({"Code": FAILED, "Item": {
            "pk": {"S": "T#acme#SKU#A"}, "sk": {"S": "SITE#reno"}, "on_hand": {"N": on_hand}, "free": {"N": "3"},
        }})
    };
    let none = || json!({"Code": NONE});
    let (moved, same) = (was("9"), was("10"));
    for on_hand in [4, 12] {
        let answer = adjust(on_hand, cancelled(&[none(), none(), moved.clone()])).await;
        assert!(matches!(answer, Err(StoreError::Conflict)), "{on_hand}");
    }
    assert!(matches!(adjust(4, cancelled(&[none(), none(), same])).await, Ok(None)));
    assert!(matches!(adjust(4, codes([NONE, FAILED, NONE])).await, Ok(None)));
    assert!(matches!(adjust(4, cancelled(&[none(), json!({"Code": FAILED}), moved])).await, Err(StoreError::Conflict)));
    assert!(matches!(adjust(4, codes([FAILED, FAILED, NONE])).await, Ok(Some(10))));
}

#[tokio::test]
async fn an_adjustment_sorts_its_failures_like_a_commit() {
    assert!(matches!(adjust(4, codes([NONE, COLLIDED, NONE])).await, Err(StoreError::Conflict)));
    assert!(matches!(adjust(4, codes([NONE, "ThrottlingError", NONE])).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(adjust(4, codes([NONE, "ValidationError", NONE])).await, Err(StoreError::Broken(_))));
}
