//! Accounts that orders draw on, payments that belong to one order, and the bounds of the money.

use super::{Keeper, go_on, next, receive, stored, went_on};
use crate::{Step, account, at, bring_to, card, id, of_skus, payment, usd, with_tenders};
use futures::future::join_all;
use waybill_domain::id::TenantId;
use waybill_domain::money::Money;
use waybill_domain::order::{
    Account, AccountKind, CancelReason, Draft, Draw, Event, NewHold, Order, PaymentEvent, Recorded, RefundWish, Tender,
};
use waybill_domain::ports::{Accounts, Adjusted, Adjustment, Committed, Stock, StoreError};

fn credit() -> Account {
    account(AccountKind::StoreCredit, "ada")
}

/// Makes so much available on an account.
async fn fund(orders: &impl Accounts, tenant: &TenantId, account: &Account, amount: Money) {
    let request = waybill_domain::order::RequestRecord {
        key: format!("fund-{amount}"),
        body: "body".to_owned(),
        status: 200,
        answer: "{}".to_owned(),
    };
    let (reason, actor) = ("goodwill".to_owned(), "client:staff".to_owned());
    let adjustment = Adjustment { account: account.clone(), amount, reason, actor, request, at: at(0) };
    assert_eq!(orders.adjust(tenant, &adjustment).await.unwrap(), Adjusted::Stored);
}

async fn available(orders: &impl Accounts, tenant: &TenantId) -> Vec<Money> {
    orders.available(tenant, &credit()).await.unwrap()
}

/// A screened order of one unit, 10.00 USD, paid with these.
async fn paid_by(
    orders: &impl Keeper,
    stock: &impl Stock,
    tenant: &TenantId,
    key: &str,
    tenders: Vec<(Tender, i64)>,
) -> Order {
    receive(stock, tenant, &[("A", 100)]).await;
    let placed = with_tenders(of_skus(&[("A", 1)]), tenders);
    let order = stored(orders, tenant, key, placed).await;
    bring_to(orders, order, Step::Screened).await.unwrap()
}

async fn on_credit(orders: &impl Keeper, stock: &impl Stock, tenant: &TenantId, key: &str) -> Order {
    paid_by(orders, stock, tenant, key, vec![(Tender::Account(credit()), 1_000)]).await
}

/// The next authorization of an order.
fn authorized(order: &Order) -> (Order, Recorded) {
    let wanted = order.to_authorize(order.changed_at).unwrap().unwrap();
    hold(order, wanted.tender, wanted.amount, &payment(order, wanted.tender))
}

fn hold(order: &Order, tender: u16, amount: Money, reference: &str) -> (Order, Recorded) {
    let hold = NewHold { amount, reference: reference.to_owned(), elevated_risk: false, expires_at: None };
    next(order, order.decide_authorized(tender, hold).unwrap().unwrap(), 20)
}

/// At once; also one that is only short in its own currency, and one that nobody opened.
pub async fn an_account_is_never_overdrawn_by_twenty_orders_at_once(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("overdrawn");
    fund(orders, &tenant, &credit(), usd(5_999)).await;
    let mut placed = Vec::new();
    for n in 0..20 {
        let order = on_credit(orders, stock, &tenant, &format!("k{n}")).await;
        placed.push((authorized(&order), order));
    }
    let outcomes = join_all(placed.iter().map(|(step, order)| go_on(orders, order, step))).await;
    let stored = outcomes.iter().filter(|outcome| matches!(outcome, Ok(Committed::Stored))).count();
    let overdrawn = Committed::Overdrawn(credit());
    let refused = outcomes.iter().filter(|outcome| outcome.as_ref().is_ok_and(|told| *told == overdrawn)).count();
    assert_eq!((stored, refused), (5, 15));
    assert_eq!(available(orders, &tenant).await, [usd(999)]);
    for ((step, order), outcome) in placed.iter().zip(&outcomes) {
        let expected = if matches!(outcome, Ok(Committed::Stored)) { &step.0 } else { order };
        assert_eq!(orders.load(&tenant, &order.id).await.unwrap().as_ref(), Some(expected));
    }
    let elsewhere = id("nobodys-account");
    let order = on_credit(orders, stock, &elsewhere, "k").await;
    assert_eq!(go_on(orders, &order, &authorized(&order)).await.unwrap(), overdrawn);
    assert_eq!(available(orders, &elsewhere).await, []);
}

/// By letting a hold go, by a capture that takes less than was held, and by a refund.
pub async fn what_an_order_does_not_use_is_available_again(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("returned");
    fund(orders, &tenant, &credit(), usd(1_000)).await;
    let order = on_credit(orders, stock, &tenant, "k").await;
    let order = bring_to(orders, order, Step::Authorized).await.unwrap();
    assert_eq!(available(orders, &tenant).await, [usd(0)]);
    let cancel = order.decide_cancelled(CancelReason::Customer, "no".to_owned()).unwrap().unwrap();
    let order = went_on(orders, &order, cancel, 100).await;
    went_on(orders, &order, order.decide_voided(&payment(&order, 1)).unwrap().unwrap(), 101).await;
    assert_eq!(available(orders, &tenant).await, [usd(1_000)]);

    let order = on_credit(orders, stock, &tenant, "l").await;
    let order = bring_to(orders, order, Step::Captured).await.unwrap();
    assert_eq!(available(orders, &tenant).await, [usd(0)]);
    let order = went_on(orders, &order, goodwill(&order, 400), 200).await;
    let refunded = order.decide_refunded(1, 1, "back-1".to_owned()).unwrap().unwrap();
    went_on(orders, &order, refunded, 201).await;
    assert_eq!(available(orders, &tenant).await, [usd(400)]);
}

/// DynamoDB refuses two writes of one item in a transaction; and the sum is what must be there.
pub async fn draws_of_one_event_on_one_account_are_one(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("merged");
    fund(orders, &tenant, &credit(), usd(1_000)).await;
    let order = on_credit(orders, stock, &tenant, "k").await;
    let draw = |minor| Draw { account: credit(), amount: usd(minor) };
    let draws =
        |draws: &[i64]| next(&order, Draft::of(Event::StockReleased).drawing(draws.iter().copied().map(draw)), 9);
    let too_much = draws(&[-600, -401]);
    assert_eq!(go_on(orders, &order, &too_much).await.unwrap(), Committed::Overdrawn(credit()));
    assert_eq!(go_on(orders, &order, &draws(&[-600, -1_400, 1_000])).await.unwrap(), Committed::Stored);
    assert_eq!(available(orders, &tenant).await, [usd(0)]);
}

/// Found by it, for its own tenant; the same order may say so twice. An account's hold is no payment of the processor.
pub async fn a_payment_belongs_to_one_order(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("payments");
    let both = || vec![(card(), 400), (card(), 600)];
    let first = paid_by(orders, stock, &tenant, "k", both()).await;
    let second = paid_by(orders, stock, &tenant, "l", both()).await;
    assert_eq!(orders.paid_with(&tenant, "pi_1").await.unwrap(), None);
    let held = hold(&first, 1, usd(400), "pi_1");
    assert_eq!(go_on(orders, &first, &held).await.unwrap(), Committed::Stored);
    assert_eq!(orders.paid_with(&tenant, "pi_1").await.unwrap(), Some(first.id.clone()));
    assert_eq!(orders.paid_with(&id("others"), "pi_1").await.unwrap(), None);

    let stolen = hold(&second, 1, usd(400), "pi_1");
    assert_eq!(go_on(orders, &second, &stolen).await.unwrap(), Committed::Taken);
    assert_eq!(orders.load(&tenant, &second.id).await.unwrap().as_ref(), Some(&second));
    assert_eq!(orders.paid_with(&tenant, "pi_1").await.unwrap(), Some(first.id.clone()));
    // Somebody else's event counts before that.
    went_on(orders, &second, hold_draft(&second, "pi_2"), 30).await;
    assert!(matches!(go_on(orders, &second, &stolen).await, Err(StoreError::Conflict)));

    let lapsed = went_on(orders, &held.0, held.0.decide_lapsed("pi_1").unwrap().unwrap(), 40).await;
    let event = PaymentEvent::Authorized {
        tender: 1,
        amount: usd(400),
        reference: "pi_1".to_owned(),
        elevated_risk: false,
        expires_at: None,
    };
    went_on(orders, &lapsed, Draft::of_payment(event, Vec::new()), 41).await;

    fund(orders, &tenant, &credit(), usd(1_000)).await;
    let credited = on_credit(orders, stock, &tenant, "m").await;
    bring_to(orders, credited.clone(), Step::Authorized).await.unwrap();
    assert_eq!(orders.paid_with(&tenant, &payment(&credited, 1)).await.unwrap(), None);
}

fn hold_draft(order: &Order, reference: &str) -> Draft {
    let hold = NewHold { amount: usd(400), reference: reference.to_owned(), elevated_risk: false, expires_at: None };
    order.decide_authorized(1, hold).unwrap().unwrap()
}

/// A second run of a draw finds neither the version nor the money: it is told to decide again.
pub async fn somebody_elses_event_counts_before_a_missing_balance(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("late-draw");
    fund(orders, &tenant, &credit(), usd(1_000)).await;
    let order = on_credit(orders, stock, &tenant, "k").await;
    let step = authorized(&order);
    assert_eq!(go_on(orders, &order, &step).await.unwrap(), Committed::Stored);
    assert!(matches!(go_on(orders, &order, &step).await, Err(StoreError::Conflict)));
    assert_eq!(available(orders, &tenant).await, [usd(0)]);
}

/// The refund of so much, for goodwill.
fn goodwill(order: &Order, minor: i64) -> Draft {
    let reason = "late".to_owned().try_into().unwrap();
    let goodwill = Some(usd(minor));
    let wish = RefundWish { lines: Vec::new(), shipping: None, goodwill, overcharge: false, reason };
    order.decide_refund(&wish, None).unwrap().unwrap()
}

/// A refund that was decided as if there were more to give back.
fn beyond(mut draft: Draft, minor: i64) -> Draft {
    if let Event::Payment(PaymentEvent::RefundRequested(refund)) = &mut draft.event {
        refund.parts.iter_mut().for_each(|part| part.amount = usd(minor));
    }
    draft
}

fn capture(order: &Order, minor: i64) -> Draft {
    let (reference, amount) = (payment(order, 1), usd(minor));
    Draft::of_payment(
        PaymentEvent::Captured { tender: 1, fulfillment: Some(1), amount, reference, last: false },
        Vec::new(),
    )
}

/// The store's own condition, should the decision be bypassed: nothing is stored.
async fn is_refused(orders: &impl Keeper, order: &Order, draft: Draft) {
    let event = draft.event.name();
    assert!(matches!(go_on(orders, order, &next(order, draft, 90)).await, Err(StoreError::Broken(_))), "{event}");
    assert_eq!(orders.load(&order.tenant, &order.id).await.unwrap().as_ref(), Some(order), "{event}");
}

/// More than is held, or anything once all is taken; per tender.
pub async fn no_more_is_taken_than_is_held(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("capturable");
    let order = paid_by(orders, stock, &tenant, "k", vec![(card(), 400), (card(), 600)]).await;
    is_refused(orders, &order, capture(&order, 1)).await;
    let order = bring_to(orders, order, Step::Dispatched).await.unwrap();
    is_refused(orders, &order, capture(&order, 401)).await;
    let order = went_on(orders, &order, capture(&order, 399), 91).await;
    is_refused(orders, &order, capture(&order, 2)).await;
    let order = went_on(orders, &order, capture(&order, 1), 92).await;
    is_refused(orders, &order, capture(&order, 1)).await;
    // Somebody else's event counts before the bound.
    let late = next(&order, capture(&order, 1), 93);
    let order = went_on(orders, &order, order.decide_lapsed(&payment(&order, 2)).unwrap().unwrap(), 94).await;
    assert!(matches!(go_on(orders, &order_before(&order), &late).await, Err(StoreError::Conflict)));
}

/// The order without its last event.
fn order_before(order: &Order) -> Order {
    let mut history = order.history().to_vec();
    history.pop();
    Order::replay(order.tenant.clone(), order.id.clone(), history).unwrap()
}

/// Requested or retried; what has failed can be given back again.
pub async fn no_more_is_given_back_than_was_taken(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("refundable");
    let order = paid_by(orders, stock, &tenant, "k", vec![(card(), 1_000)]).await;
    let order = bring_to(orders, order, Step::Captured).await.unwrap();
    is_refused(orders, &order, beyond(goodwill(&order, 1_000), 1_001)).await;
    let asked = goodwill(&order, 700);
    let order = went_on(orders, &order, asked.clone(), 60).await;
    is_refused(orders, &order, asked).await;
    let failed = order.decide_refund_failed(1, 1, String::new(), "lost".to_owned()).unwrap().unwrap();
    let order = went_on(orders, &order, failed, 61).await;
    let retry = || Draft::of_payment(PaymentEvent::RefundRetried { refund: 1, attempt: 1 }, Vec::new());
    let other = goodwill(&order, 400);
    let crowded = went_on(orders, &order, other, 62).await;
    is_refused(orders, &crowded, retry()).await;
    let failed = crowded.decide_refund_failed(2, 1, String::new(), "lost".to_owned()).unwrap().unwrap();
    let order = went_on(orders, &crowded, failed, 63).await;
    let order = went_on(orders, &order, retry(), 64).await;
    is_refused(orders, &order, beyond(goodwill(&order, 300), 301)).await;
}

/// What has happened is recorded, whatever it breaks.
pub async fn facts_from_outside_know_no_bounds(orders: &impl Keeper, stock: &impl Stock) {
    let tenant = id("outside");
    let order = paid_by(orders, stock, &tenant, "k", vec![(card(), 1_000)]).await;
    let order = bring_to(orders, order, Step::Captured).await.unwrap();
    let payment = payment(&order, 1);
    let more = order.decide_captured_outside(&payment, usd(1_500)).unwrap().unwrap();
    let order = went_on(orders, &order, more, 70).await;
    let back = order.decide_refunded_outside(&payment, usd(9_000), "re_1").unwrap().unwrap();
    let order = went_on(orders, &order, back, 71).await;
    assert_eq!(orders.load(&tenant, &order.id).await.unwrap(), Some(order));
}
