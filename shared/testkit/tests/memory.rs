//! What only the in-memory stores do: show their books, and fail on demand.

use jiff::SignedDuration;
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::order::{AccountKind, CancelReason, Order, RequestRecord, Wait};
use waybill_domain::ports::{
    Accounts, Adjustment, Audit, Begun, Claim, Commit, Committed, Orders, Queues, Requests, StoreError,
};
use waybill_domain::relay::{Notice, NoticeMessage, RefundMessage};
use waybill_testkit::{Step, Trouble, World, account, at, block_on, bring_to, first, tenant, usd};

/// The order of the demo's cart, stored.
fn placed(world: &World) -> Order {
    let (order, first) = first("k");
    let committed = block_on(world.orders.commit(Commit { before: None, after: &order, recorded: &first }));
    assert!(matches!(committed, Ok(Committed::Stored)));
    order
}

async fn cancel(orders: &impl Orders, tenant: &TenantId, id: &OrderId) -> Result<Committed, StoreError> {
    let Some(before) = orders.load(tenant, id).await? else { return Err(StoreError::Conflict) };
    let draft = before.decide_cancelled(CancelReason::Customer, String::new());
    let Ok(Some(draft)) = draft else { return Err(StoreError::Conflict) };
    let (after, recorded) = before.record(draft, at(9), waybill_domain::order::Actor("test".to_owned()), None);
    orders.commit(Commit { before: Some(&before), after: &after, recorded: &recorded }).await
}

#[test]
fn the_counters_add_up_after_every_step() {
    let world = World::seeded();
    let mut order = placed(&world);
    for step in Step::ALL {
        order = block_on(bring_to(&world.orders, order, step)).unwrap();
        assert_eq!(world.memory.unbalanced(), vec![], "{step:?}");
        let reserved = world.memory.reservations().len();
        assert_eq!(reserved, usize::from(step < Step::Routed), "{step:?}");
    }
    assert_eq!(world.memory.order(&tenant(), &order.id), Some(order.clone()));
    assert_eq!(world.memory.all_orders(), vec![order]);
}

#[test]
fn a_commit_whose_answer_was_lost_is_stored() {
    let world = World::seeded();
    let (order, first) = first("k");
    let commit = Commit { before: None, after: &order, recorded: &first };
    world.faults.fail_next("orders.commit", Trouble::AnswerLost);
    assert!(matches!(block_on(world.orders.commit(commit)), Err(StoreError::Unavailable(_))));
    assert_eq!(world.memory.order(&tenant(), &order.id), Some(order.clone()));
    assert_eq!(block_on(world.orders.commit(commit)).unwrap(), Committed::Exists(Box::new(first.clone())));
}

#[test]
fn a_commit_that_failed_before_it_was_done_has_stored_nothing() {
    for trouble in [Trouble::Conflict, Trouble::Unavailable, Trouble::Refused("no".to_owned())] {
        let world = World::seeded();
        let counters = world.memory.counters();
        let (order, first) = first("k");
        world.faults.fail_next("orders.commit", trouble);
        let commit = Commit { before: None, after: &order, recorded: &first };
        assert!(block_on(world.orders.commit(commit)).is_err());
        assert_eq!((world.memory.all_orders(), world.memory.counters()), (vec![], counters));
    }
}

#[test]
fn two_tasks_of_one_thread_meet_between_reading_and_writing() {
    let world = World::seeded();
    let order = placed(&world);
    let cancel = || cancel(&world.orders, &order.tenant, &order.id);
    let (one, two) = block_on(futures::future::join(cancel(), cancel()));
    assert!(matches!(one, Ok(Committed::Stored)));
    assert!(matches!(two, Err(StoreError::Conflict)));
}

#[test]
fn claims_tokens_and_calls_are_shown() {
    let world = World::seeded();
    let order = placed(&world);
    world.faults.clear();
    assert_eq!(block_on(world.orders.claim(&tenant(), &order.id, "label-1", at(1))).unwrap(), Claim::Ours);
    block_on(world.orders.keep_token(&tenant(), &order.id, Wait::Review, "token", at(1))).unwrap();
    assert_eq!(world.memory.claims(&tenant(), &order.id), ["label-1"]);
    assert_eq!(world.memory.tokens(&tenant(), &order.id), [(Wait::Review, "token".to_owned())]);
    assert_eq!(world.faults.calls(), ["orders.claim", "orders.keep_token"]);
}

#[test]
fn every_port_of_the_money_fails_on_demand() {
    let world = World::seeded();
    let (orders, queues, lease) = (&world.orders, &world.queues, SignedDuration::from_mins(1));
    let credit = account(AccountKind::StoreCredit, "ada");
    world.memory.credit(&tenant(), &credit, usd(500));
    let order = placed(&world);
    let (tenant, order_id) = (tenant(), order.id.clone());
    let refund = RefundMessage { tenant: tenant.clone(), order_id: order_id.clone(), refund: 1, attempt: 0 };
    let notice = NoticeMessage { tenant: tenant.clone(), order_id, notice: Notice::OrderConfirmed };
    let request = RequestRecord { key: "k".to_owned(), body: "b".to_owned(), status: 200, answer: "{}".to_owned() };
    let (reason, actor) = ("sold".to_owned(), "client:staff".to_owned());
    let adjustment = Adjustment { account: credit.clone(), amount: usd(-200), reason, actor, request, at: at(0) };
    world.faults.clear();
    let calls = [
        "orders.paid_with",
        "requests.begin",
        "requests.finish",
        "requests.give_up",
        "accounts.adjust",
        "accounts.available",
        "audit.scan",
        "queues.notice",
        "queues.refund",
    ];
    for trouble in [Some(Trouble::Unavailable), Some(Trouble::AnswerLost), None] {
        for call in calls {
            if let Some(trouble) = &trouble {
                world.faults.fail_next(call, trouble.clone());
            }
        }
        let failed = [
            block_on(orders.paid_with(&tenant, "pi_1")).is_err(),
            block_on(orders.begin(&tenant, "key", "body", lease, at(0))).is_err(),
            block_on(orders.finish(&tenant, "key", 200, "done", at(0))).is_err(),
            block_on(orders.give_up(&tenant, "key")).is_err(),
            block_on(orders.adjust(&tenant, &adjustment)).is_err(),
            block_on(orders.available(&tenant, &credit)).is_err(),
            block_on(orders.scan(None)).is_err(),
            block_on(queues.notice(&notice)).is_err(),
            block_on(queues.refund(&refund)).is_err(),
        ];
        assert_eq!(failed, [trouble.is_some(); 9]);
        assert_eq!(world.faults.calls(), calls);
        world.faults.clear();
    }
    // What was answered and lost was done once; the repetition of a message is one more.
    assert_eq!(world.memory.balance(&tenant, &credit), [usd(300)]);
    let done = Begun::Done { status: 200, answer: "done".to_owned() };
    assert_eq!(block_on(orders.begin(&tenant, "key", "body", lease, at(0))).unwrap(), done);
    assert_eq!((world.queues.notices(), world.queues.refunds()), (vec![notice.clone(); 2], vec![refund.clone(); 2]));
    assert_eq!((world.queues.take_notices().len(), world.queues.take_refunds().len()), (2, 2));
    assert_eq!((world.queues.notices(), world.queues.refunds()), (vec![], vec![]));
}
