//! Hot items: how they become so, what holds on them come to, and that no unit is lost on the way.

#![expect(clippy::unwrap_used, reason = "a call that fails here has failed the test")]

mod tamper;

use jiff::{SignedDuration, Timestamp};
use std::sync::mpsc;
use tamper::{Colliding, Pausing};
use waybill_aws::{DynamoOrders, DynamoStock};
use waybill_domain::id::{DocumentId, Sku, TenantId};
use waybill_domain::order::Actor;
use waybill_domain::ports::{Commit, Committed, Filed, HotItems, Orders, Stock};
use waybill_domain::stock::hot::{COLLISIONS, SHARDS};
use waybill_domain::stock::{Body, Document, Kind, Movement, Reason};
use waybill_flash::{Database, ORDERS, Reach, STOCK};
use waybill_testkit::{first_at, id, of_skus, tenant};

fn sku() -> Sku {
    id("A")
}

fn now() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

fn later(seconds: i64) -> Timestamp {
    now().checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

fn document(key: &str, movement: Movement) -> Document {
    let body = Body::Adjustment { site: id("reno"), note: None };
    let (id, actor) = (DocumentId::derive(&tenant(), "test", key), Actor("test".to_owned()));
    Document { id, at: now(), actor, body, movements: vec![movement], request: None }
}

fn adjusted(units: i64) -> Movement {
    Movement::at(Kind::Adjusted, sku(), id("reno"), units).because(Reason::Loss)
}

/// A database with so many units, spread over shards if any.
async fn opened(units: i64, shards: u16) -> (Database, DynamoStock) {
    let database = Database::start(Reach::Http).await.unwrap();
    let stock = DynamoStock::new(database.client(None, false), STOCK);
    let receipt = document("receipt", Movement::at(Kind::Received, sku(), id("reno"), units));
    assert_eq!(stock.file(&tenant(), &receipt, &[]).await.unwrap(), Filed::Stored);
    if shards > 0 {
        assert!(stock.spread(&tenant(), &sku(), shards, now()).await.unwrap());
    }
    (database, stock)
}

async fn available(stock: &DynamoStock) -> i64 {
    stock.levels(&tenant(), &sku()).await.unwrap().network.available
}

/// Units on the item's own counter, and on all its shards.
async fn split(stock: &DynamoStock) -> (i64, i64) {
    let mut on_shards = 0;
    for hot in stock.hot().await.unwrap() {
        on_shards +=
            stock.shards(&hot.tenant, &hot.sku, hot.shards).await.unwrap().values().map(|s| s.available).sum::<i64>();
    }
    (available(stock).await - on_shards, on_shards)
}

async fn place(orders: &DynamoOrders, key: &str, units: u32) -> Committed {
    let (order, first) = first_at(&tenant(), key, of_skus(&[("A", units)]), now());
    orders.commit(Commit { before: None, after: &order, recorded: &first }).await.unwrap()
}

fn orders(database: &Database) -> DynamoOrders {
    DynamoOrders::new(database.client(None, false), ORDERS, STOCK)
}

#[tokio::test]
async fn an_item_whose_transactions_collide_is_spread_and_sold_all_the_same() {
    let (database, stock) = opened(50, 0).await;
    let colliding = Colliding::times(4 * COLLISIONS).await;
    let client = colliding.client(&database);
    let busy = DynamoOrders::new(client, ORDERS, STOCK);
    let mut outcomes = Vec::new();
    for n in 0..COLLISIONS {
        let (order, first) = first_at(&tenant(), &format!("k{n}"), of_skus(&[("A", 1)]), now());
        outcomes.push(busy.commit(Commit { before: None, after: &order, recorded: &first }).await.is_ok());
    }
    assert_eq!(outcomes, [false, false, true]);
    let hot = stock.hot().await.unwrap();
    assert_eq!(hot.iter().map(|item| (item.sku.clone(), item.shards)).collect::<Vec<_>>(), [(sku(), SHARDS)]);
    assert_eq!(split(&stock).await, (0, 49));
}

#[tokio::test]
async fn a_process_that_knows_nothing_of_the_heat_learns_of_it_and_sells() {
    let (database, stock) = opened(20, 4).await;
    for n in 0..20 {
        assert_eq!(place(&orders(&database), &format!("k{n}"), 1).await, Committed::Stored);
    }
    assert_eq!(place(&orders(&database), "late", 1).await, Committed::Short(vec![sku()]));
    assert_eq!(split(&stock).await, (0, 0));
}

#[tokio::test]
async fn several_shards_give_together_what_no_single_one_has() {
    let (database, stock) = opened(10, 5).await;
    assert_eq!(place(&orders(&database), "k", 7).await, Committed::Stored);
    assert_eq!(place(&orders(&database), "l", 4).await, Committed::Short(vec![sku()]));
    assert_eq!(place(&orders(&database), "m", 3).await, Committed::Stored);
    assert_eq!(available(&stock).await, 0);
}

#[tokio::test]
async fn the_same_call_again_takes_no_second_unit_hot_or_sold_out() {
    let (database, stock) = opened(1, 4).await;
    let orders = orders(&database).remembering_sold_out(SignedDuration::from_mins(5));
    assert_eq!(place(&orders, "k", 1).await, Committed::Stored);
    assert_eq!(place(&orders, "other", 1).await, Committed::Short(vec![sku()]));
    for _ in 0..3 {
        assert!(matches!(place(&orders, "k", 1).await, Committed::Exists(_)));
    }
    assert_eq!(available(&stock).await, 0);
}

#[tokio::test]
async fn a_sold_out_answer_is_kept_only_for_its_age() {
    let (database, stock) = opened(0, 0).await;
    let forgetful = orders(&database);
    let keeping = orders(&database).remembering_sold_out(SignedDuration::from_mins(5));
    for orders in [&forgetful, &keeping] {
        assert_eq!(place(orders, "k", 1).await, Committed::Short(vec![sku()]));
    }
    assert_eq!(stock.file(&tenant(), &document("more", adjusted(2)), &[]).await.unwrap(), Filed::Stored);
    assert_eq!(place(&keeping, "k", 1).await, Committed::Short(vec![sku()]));
    assert_eq!(place(&forgetful, "k", 1).await, Committed::Stored);
}

#[tokio::test]
async fn units_given_back_while_an_item_is_hot_are_found_on_its_counter() {
    let (database, stock) = opened(1, 4).await;
    assert_eq!(place(&orders(&database), "k", 1).await, Committed::Stored);
    assert_eq!(stock.file(&tenant(), &document("more", adjusted(1)), &[]).await.unwrap(), Filed::Stored);
    assert_eq!(split(&stock).await, (1, 0));
    assert_eq!(place(&orders(&database), "l", 1).await, Committed::Stored);
}

#[tokio::test]
async fn a_loss_on_a_hot_item_is_checked_against_all_units_there_are() {
    let (database, stock) = opened(10, 5).await;
    assert_eq!(stock.file(&tenant(), &document("loss", adjusted(-8)), &[]).await.unwrap(), Filed::Stored);
    assert_eq!(split(&stock).await, (2, 0));
    assert_eq!(place(&orders(&database), "k", 3).await, Committed::Short(vec![sku()]));
    assert_eq!(place(&orders(&database), "l", 2).await, Committed::Stored);
}

#[tokio::test]
async fn an_item_cools_when_little_is_taken_and_not_before() {
    let (_database, stock) = opened(10, 5).await;
    let cooled = async |seconds| cool::handle(&stock, later(seconds)).await.unwrap().gathered;
    assert_eq!(cooled(0).await, 0);
    assert_eq!(cooled(599).await, 0);
    assert_eq!(cooled(600).await, 1);
    assert_eq!((split(&stock).await, stock.hot().await.unwrap()), ((10, 0), vec![]));
    assert!(stock.spread(&tenant(), &sku(), 3, later(700)).await.unwrap(), "it may become hot again");
    assert_eq!(split(&stock).await, (0, 10));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn an_order_whose_hold_was_given_back_meanwhile_takes_another() {
    let (database, stock) = opened(3, 3).await;
    // The second transaction is the one after the hold: the first tells that the item is hot.
    let (pausing, reached, go) = Pausing::at(2);
    let slow = DynamoOrders::new(pausing.client(&database), ORDERS, STOCK);
    let placing = tokio::spawn(async move { place(&slow, "k", 1).await });
    wait(reached).await;
    assert_eq!(cool::handle(&stock, later(59)).await.unwrap().given_back, 0);
    assert_eq!(cool::handle(&stock, later(60)).await.unwrap().given_back, 1);
    assert_eq!(available(&stock).await, 3);
    go.send(()).unwrap();
    assert_eq!(placing.await.unwrap(), Committed::Stored);
    assert_eq!(available(&stock).await, 2);
    assert_eq!(cool::handle(&stock, later(3_600)).await.unwrap().given_back, 0);
}

async fn wait(reached: mpsc::Receiver<()>) {
    tokio::task::spawn_blocking(move || reached.recv().unwrap()).await.unwrap();
}

/// Spread and gathered again and again while sixty buyers buy forty units.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_unit_is_lost_or_doubled_while_the_item_heats_and_cools() {
    let (database, stock) = opened(40, 3).await;
    let mut buyers = tokio::task::JoinSet::new();
    for n in 0..60 {
        let orders = orders(&database);
        buyers.spawn(async move {
            let (order, first) = first_at(&tenant(), &format!("k{n}"), of_skus(&[("A", 1)]), now());
            for _ in 0..50 {
                // Where there is none, there may be again: units are on their way from one counter to another.
                let stored = orders.commit(Commit { before: None, after: &order, recorded: &first }).await;
                if matches!(stored, Ok(Committed::Stored | Committed::Exists(_))) {
                    return true;
                }
            }
            false
        });
    }
    let turning = async {
        for seconds in 0..30 {
            let tenant: TenantId = tenant();
            stock.gather(&tenant, &sku(), later(seconds)).await.unwrap();
            // A counter that never stood still stays as it is.
            let _spread = stock.spread(&tenant, &sku(), 2, later(seconds)).await;
        }
    };
    let (sold, ()) = tokio::join!(buyers.join_all(), turning);
    assert_eq!(sold.iter().filter(|sold| **sold).count(), 40);
    assert_eq!(available(&stock).await, 0);
}
