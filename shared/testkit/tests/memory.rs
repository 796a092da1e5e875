//! What only the in-memory stores do: show their books, and fail on demand.

use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::order::{CancelReason, Order, Wait};
use waybill_domain::ports::{Claim, Commit, Committed, Orders, StoreError};
use waybill_testkit::{Step, Trouble, World, at, block_on, bring_to, first, tenant};

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
