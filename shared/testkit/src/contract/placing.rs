//! The first event.

use super::{Keeper, counters, place, receive, stored};
use crate::{first_of, id, of_skus, placed};
use waybill_domain::id::Sku;
use waybill_domain::ports::{Committed, Levels, Stock};

/// Its repetition, whatever it says, brings back what was stored, with the request and its answer.
pub async fn a_first_event_is_stored_once_and_answered_with_itself_afterwards(
    orders: &impl Keeper,
    stock: &impl Stock,
) {
    let tenant = id("first");
    receive(stock, &tenant, &[("MUG-BLUE", 9), ("TEE-M-BLACK", 9)]).await;
    let (order, first) = first_of(&tenant, "k", placed());
    assert_eq!(orders.load(&tenant, &order.id).await.unwrap(), None);
    assert_eq!(place(orders, &(order.clone(), first.clone())).await.unwrap(), Committed::Stored);
    assert_eq!(orders.load(&tenant, &order.id).await.unwrap().as_ref(), Some(&order));

    let other = first_of(&tenant, "k", of_skus(&[("MUG-BLUE", 1)]));
    for again in [(order, first.clone()), other] {
        assert_eq!(place(orders, &again).await.unwrap(), Committed::Exists(Box::new(first.clone())));
    }
    assert_eq!(counters(stock, &tenant, "MUG-BLUE").await, (7, [9, 0, 9, 0]));
    assert_eq!(counters(stock, &tenant, "TEE-M-BLACK").await, (8, [9, 0, 9, 0]));
}

/// The order's own condition counts before the stock's.
pub async fn an_order_that_exists_is_found_though_the_stock_is_gone(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("replay");
    receive(stock, &tenant, &[("LAST-ONE", 1)]).await;
    let first = first_of(&tenant, "k", of_skus(&[("LAST-ONE", 1)]));
    assert_eq!(place(orders, &first).await.unwrap(), Committed::Stored);
    assert_eq!(place(orders, &first).await.unwrap(), Committed::Exists(Box::new(first.1)));
}

/// Every item that is short is named, also one nobody has ever counted; the others keep their units.
pub async fn out_of_stock_names_the_items_and_stores_nothing(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("short");
    receive(stock, &tenant, &[("A", 5), ("B", 1), ("C", 5)]).await;
    let first = first_of(&tenant, "k", of_skus(&[("A", 5), ("B", 2), ("C", 1), ("UNCOUNTED", 1)]));
    let short: Vec<Sku> = vec![id("B"), id("UNCOUNTED")];
    assert_eq!(place(orders, &first).await.unwrap(), Committed::Short(short));
    assert_eq!(orders.load(&tenant, &first.0.id).await.unwrap(), None);
    for (item, units) in [("A", 5), ("B", 1), ("C", 5)] {
        assert_eq!(counters(stock, &tenant, item).await, (units, [units, 0, units, 0]), "{item}");
    }
    // Nothing of the refused order stands in the way of the same key.
    let smaller = first_of(&tenant, "k", of_skus(&[("A", 5)]));
    assert_eq!(place(orders, &smaller).await.unwrap(), Committed::Stored);
}

/// DynamoDB refuses two writes of one item in a transaction; and the sum is what must be there.
pub async fn two_lines_of_one_item_move_one_counter_once(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("twice");
    receive(stock, &tenant, &[("A", 4)]).await;
    let too_many = first_of(&tenant, "k", of_skus(&[("A", 2), ("A", 3)]));
    assert_eq!(place(orders, &too_many).await.unwrap(), Committed::Short(vec![id("A")]));
    stored(orders, &tenant, "l", of_skus(&[("A", 3), ("A", 1)])).await;
    assert_eq!(counters(stock, &tenant, "A").await.0, 0);
}

/// At once, for the last units.
pub async fn thirty_orders_of_ten_units_sell_ten(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("rush");
    receive(stock, &tenant, &[("A", 10)]).await;
    let firsts: Vec<_> = (0..30).map(|n| first_of(&tenant, &format!("k{n}"), of_skus(&[("A", 1)]))).collect();
    let outcomes = futures::future::join_all(firsts.iter().map(|first| place(orders, first))).await;
    let sold = outcomes.iter().filter(|outcome| matches!(outcome, Ok(Committed::Stored))).count();
    let short = Committed::Short(vec![id("A")]);
    let refused = outcomes.iter().filter(|outcome| outcome.as_ref().is_ok_and(|outcome| *outcome == short)).count();
    assert_eq!((sold, refused), (10, 20));
    assert_eq!(counters(stock, &tenant, "A").await, (0, [10, 0, 10, 0]));
}

/// The same key and the same items of two merchants have nothing to do with each other.
pub async fn nobody_sees_another_tenants_orders_or_stock(orders: &impl Keeper, stock: &impl Stock) {
    let (ours, theirs) = (id("ours"), id("theirs"));
    receive(stock, &ours, &[("A", 1)]).await;
    let order = stored(orders, &ours, "k", of_skus(&[("A", 1)])).await;
    assert_eq!(orders.load(&theirs, &order.id).await.unwrap(), None);
    assert_eq!(stock.levels(&theirs, &id("A")).await.unwrap(), Levels::default());
    let theirs = first_of(&theirs, "k", of_skus(&[("A", 1)]));
    assert_eq!(place(orders, &theirs).await.unwrap(), Committed::Short(vec![id("A")]));
}
