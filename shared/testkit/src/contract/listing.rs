//! Lists and work queues.

use super::{Keeper, place, receive, stored, went_on};
use crate::{Step, at, bring_to, first_at, id, of_skus};
use jiff::SignedDuration;
use jiff::civil::date;
use waybill_domain::address::Email;
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::order::{CancelReason, FulfillmentAxis, Order, OrderAxis, PaymentAxis};
use waybill_domain::ports::{Committed, Filter, Lists, Queue, Stock, Summary};

const DAY: i64 = 86_400;

/// Orders of the tests' days.
fn around() -> Filter {
    Filter { from: date(2026, 10, 30), to: date(2026, 11, 5), ..Filter::default() }
}

/// Every page of a list, and how many there were.
async fn all(orders: &impl Lists, tenant: &TenantId, filter: &Filter, limit: usize) -> (Vec<Summary>, usize) {
    let (mut rows, mut pages, mut after) = (Vec::new(), 0, None);
    loop {
        let page = orders.orders(tenant, filter, after.as_deref(), limit).await.unwrap();
        assert!(page.rows.len() <= limit);
        rows.extend(page.rows);
        pages += 1;
        assert!(pages < 100, "a list without end");
        after = page.next;
        if after.is_none() {
            return (rows, pages);
        }
    }
}

async fn ids(orders: &impl Lists, tenant: &TenantId, filter: &Filter) -> Vec<OrderId> {
    all(orders, tenant, filter, 10).await.0.into_iter().map(|row| row.id).collect()
}

/// All of a work queue, page by page.
async fn queued(orders: &impl Lists, tenant: &TenantId, queue: &Queue, limit: usize) -> Vec<(OrderId, u16)> {
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let page = orders.work(tenant, queue, after.as_deref(), limit).await.unwrap();
        assert!(page.rows.len() <= limit && rows.len() < 100);
        rows.extend(page.rows);
        after = page.next;
        if after.is_none() {
            return rows;
        }
    }
}

/// Orders placed so many milliseconds after the epoch, in that order.
async fn placed_at(orders: &impl Keeper, stock: &impl Stock, tenant: &TenantId, millis: &[i64]) -> Vec<Order> {
    receive(stock, tenant, &[("A", 100)]).await;
    let mut placed = Vec::new();
    for (n, after) in millis.iter().enumerate() {
        let moment = at(0) + SignedDuration::from_millis(*after);
        let first = first_at(tenant, &format!("k{n}"), of_skus(&[("A", 1)]), moment);
        assert_eq!(place(orders, &first).await.unwrap(), Committed::Stored);
        placed.push(first.0);
    }
    placed
}

/// Each once, whatever the size of the page; a day outside is not in it.
pub async fn orders_of_some_days_come_newest_first_and_page_by_page(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("days");
    let seconds = [-4 * DAY, -DAY, 0, 1, 2, 3, 60, 2 * DAY, 3 * DAY, 4 * DAY];
    let placed = placed_at(orders, stock, &tenant, &seconds.map(|second| second * 1_000)).await;
    let expected: Vec<OrderId> = placed[1..9].iter().rev().map(|order| order.id.clone()).collect();
    for limit in [1, 3, 8, 50] {
        let (rows, _) = all(orders, &tenant, &around(), limit).await;
        assert_eq!(rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>(), expected, "{limit} a page");
    }
    let one_day = Filter { from: date(2026, 11, 2), to: date(2026, 11, 2), ..Filter::default() };
    assert_eq!(ids(orders, &tenant, &one_day).await, expected[2..7]);
    let no_day = Filter { from: date(2026, 11, 3), to: date(2026, 11, 2), ..Filter::default() };
    assert_eq!(ids(orders, &tenant, &no_day).await, vec![]);
    assert_eq!(ids(orders, &id("nobody"), &around()).await, vec![]);
}

/// A page may end before it is full; the list does not.
pub async fn an_order_is_found_beyond_a_long_empty_stretch(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("stretch");
    let placed = placed_at(orders, stock, &tenant, &[0, 70 * DAY * 1_000]).await;
    let expected: Vec<OrderId> = placed.iter().rev().map(|order| order.id.clone()).collect();
    let long = Filter { from: date(2026, 11, 1), to: date(2027, 1, 31), ..Filter::default() };
    assert_eq!(ids(orders, &tenant, &long).await, expected);
}

/// A time's digits are compared as text in an index.
pub async fn orders_of_one_second_keep_their_order_across_pages(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("instants");
    let placed = placed_at(orders, stock, &tenant, &[0, 5, 120, 123, 500, 1_000]).await;
    let expected: Vec<OrderId> = placed.iter().rev().map(|order| order.id.clone()).collect();
    let customer = Some(placed[0].placed.customer.email.customer_key());
    for filter in [around(), Filter { customer, ..around() }] {
        let (rows, _) = all(orders, &tenant, &filter, 1).await;
        assert_eq!(rows.into_iter().map(|row| row.id).collect::<Vec<_>>(), expected);
    }
}

/// By each axis, by the channel, and by several at once.
pub async fn lists_show_what_an_order_has_become(orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("axes");
    let placed = placed_at(orders, stock, &tenant, &[0, 1_000, 2_000]).await;
    let [new, sent, ended] = [0, 1, 2].map(|n| placed[n].clone());
    let sent = bring_to(orders, sent, Step::Captured).await.unwrap();
    let cancel = ended.decide_cancelled(CancelReason::Customer, "no".to_owned()).unwrap().unwrap();
    let ended = went_on(orders, &ended, cancel, 50).await;

    let (rows, _) = all(orders, &tenant, &around(), 10).await;
    for (row, order) in rows.iter().zip([&ended, &sent, &new]) {
        assert_eq!((&row.id, row.axes, row.total), (&order.id, order.axes(), order.placed.total));
        assert_eq!((row.placed_at, row.channel.as_str()), (order.placed_at, "api"));
        assert_eq!(row.reference.as_deref(), Some("WEB-1001"));
    }
    let order = |status| Filter { order: Some(status), ..around() };
    let payment = |status| Filter { payment: Some(status), ..around() };
    let goods = |status| Filter { fulfillment: Some(status), ..around() };
    let table = [
        (order(OrderAxis::Cancelled), vec![&ended]),
        (order(OrderAxis::Placed), vec![&sent, &new]),
        (payment(PaymentAxis::Paid), vec![&sent]),
        (payment(PaymentAxis::Voided), vec![]),
        (goods(FulfillmentAxis::Shipped), vec![&sent]),
        (goods(FulfillmentAxis::Unfulfilled), vec![&ended, &new]),
        (Filter { order: Some(OrderAxis::Placed), ..goods(FulfillmentAxis::Unfulfilled) }, vec![&new]),
        (Filter { channel: Some(id("api")), ..around() }, vec![&ended, &sent, &new]),
        (Filter { channel: Some(id("shopify-demo")), ..around() }, vec![]),
    ];
    for (filter, expected) in table {
        let expected: Vec<OrderId> = expected.into_iter().map(|order| order.id.clone()).collect();
        assert_eq!(ids(orders, &tenant, &filter).await, expected, "{filter:?}");
    }
}

/// Together with the other criteria.
pub async fn a_customers_orders_and_a_reference_are_found(orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("customers");
    receive(stock, &tenant, &[("A", 10)]).await;
    let mut placed = Vec::new();
    for (n, (email, reference)) in
        [("a@example.com", "1"), ("b@example.com", "2"), ("a@example.com", "3")].into_iter().enumerate()
    {
        let mut body = of_skus(&[("A", 1)]);
        body.customer.email = Email::try_from(email.to_owned()).unwrap();
        body.reference = Some(reference.to_owned().try_into().unwrap());
        let first = first_at(&tenant, reference, body, at(i64::try_from(n).unwrap()));
        assert_eq!(place(orders, &first).await.unwrap(), Committed::Stored);
        placed.push(first.0);
    }
    let [one, two, three] = [0, 1, 2].map(|n| placed[n].id.clone());
    let last = bring_to(orders, placed[2].clone(), Step::Authorized).await.unwrap();
    let customer = Some(last.placed.customer.email.customer_key());
    let of_customer = Filter { customer, ..around() };
    let reference = |text: &str| Filter { reference: Some(text.to_owned()), ..around() };
    let table = [
        (of_customer.clone(), vec![three.clone(), one]),
        (Filter { payment: Some(PaymentAxis::Authorized), ..of_customer.clone() }, vec![three]),
        (Filter { from: date(2026, 11, 3), ..of_customer.clone() }, vec![]),
        (reference("2"), vec![two]),
        (Filter { reference: Some("2".to_owned()), ..of_customer.clone() }, vec![]),
        (reference("4"), vec![]),
    ];
    for (filter, expected) in table {
        assert_eq!(ids(orders, &tenant, &filter).await, expected, "{filter:?}");
    }
    assert_eq!(all(orders, &tenant, &of_customer, 1).await.0.len(), 2);
}

fn site(queue: &str) -> Queue {
    Queue::Site(id("reno"), queue.to_owned())
}

/// In one queue at a time, and in none once it has left or was called off.
pub async fn work_moves_from_queue_to_queue(orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("work");
    receive(stock, &tenant, &[("A", 10)]).await;
    let mut order = stored(orders, &tenant, "k", of_skus(&[("A", 1)])).await;
    let table = [
        (Step::Authorized, None),
        (Step::Routed, Some("pick")),
        (Step::Picked, Some("pack")),
        (Step::Packed, None),
        (Step::Labeled, Some("hand_over")),
        (Step::HandedOver, None),
    ];
    for (step, stands_in) in table {
        order = bring_to(orders, order, step).await.unwrap();
        for queue in ["pick", "pack", "hand_over"] {
            let expected = if stands_in == Some(queue) { vec![(order.id.clone(), 1)] } else { vec![] };
            assert_eq!(queued(orders, &tenant, &site(queue), 10).await, expected, "{step:?}: {queue}");
        }
    }
    let other = stored(orders, &tenant, "l", of_skus(&[("A", 1)])).await;
    let other = bring_to(orders, other, Step::Routed).await.unwrap();
    assert_eq!(queued(orders, &tenant, &Queue::Site(id("columbus"), "pick".to_owned()), 10).await, vec![]);
    assert_eq!(queued(orders, &id("nobody"), &site("pick"), 10).await, vec![]);
    let cancel = other.decide_cancelled(CancelReason::Customer, "no".to_owned()).unwrap().unwrap();
    went_on(orders, &other, cancel, 50).await;
    assert_eq!(queued(orders, &tenant, &site("pick"), 10).await, vec![]);
}

/// By the time the order was placed.
pub async fn work_comes_oldest_first_and_page_by_page(orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("oldest");
    let placed = placed_at(orders, stock, &tenant, &[3_000, 1_000, 1_500, 2_000]).await;
    for order in placed.clone() {
        bring_to(orders, order, Step::Routed).await.unwrap();
    }
    let expected: Vec<(OrderId, u16)> = [1, 2, 3, 0].map(|n| (placed[n].id.clone(), 1)).to_vec();
    for limit in [1, 3, 4, 10] {
        assert_eq!(queued(orders, &tenant, &site("pick"), limit).await, expected, "{limit} a page");
    }
}

/// Each by its own number.
pub async fn exceptions_stand_in_their_queue_until_they_are_resolved(orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("cases");
    receive(stock, &tenant, &[("A", 10)]).await;
    let order = stored(orders, &tenant, "k", of_skus(&[("A", 1)])).await;
    let open = |order: &Order, reason: &str| order.decide_exception("route", None, reason, true).unwrap().unwrap();
    let order = went_on(orders, &order, open(&order, "one"), 1).await;
    let order = went_on(orders, &order, open(&order, "two"), 2).await;
    let in_queue = async || queued(orders, &tenant, &Queue::Exceptions, 10).await;
    assert_eq!(in_queue().await, vec![(order.id.clone(), 1), (order.id.clone(), 2)]);
    let order = went_on(orders, &order, order.decide_resolved(1, "seen".to_owned()).unwrap().unwrap(), 3).await;
    assert_eq!(in_queue().await, vec![(order.id.clone(), 2)]);
    let order = went_on(orders, &order, order.decide_redriven(2).unwrap().unwrap(), 4).await;
    assert_eq!(in_queue().await, vec![]);
    assert_eq!(orders.load(&tenant, &order.id).await.unwrap(), Some(order));
}
