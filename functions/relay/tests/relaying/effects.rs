//! Effects, carried out over memory.

use relay::{Pace, Relay};
use serde_json::json;
use waybill_domain::order::{Order, RefundWish};
use waybill_domain::relay::{Effect, Notice, RefundMessage, effects};
use waybill_testkit::{Step, Trouble, World, at, order_at};

fn relay(
    world: &World,
) -> Relay<waybill_testkit::MemoryOrders, waybill_testkit::MemoryWorkflows, waybill_testkit::MemoryQueues> {
    let (orders, workflows, queues) = (world.orders.clone(), world.workflows.clone(), world.queues.clone());
    Relay { orders, workflows, queues, pace: Pace::new(1_000, 1) }
}

fn refunding() -> Order {
    let order = order_at(Step::Captured);
    let wish: RefundWish =
        serde_json::from_value(json!({"lines": [{"line": 1, "quantity": 1}], "reason": "chipped"})).unwrap();
    let draft = order.decide_refund(&wish, None).unwrap().unwrap();
    order.record(draft, at(100), waybill_domain::order::Actor("user:desk".to_owned()), None).0
}

#[tokio::test]
async fn a_refund_that_was_asked_for_is_queued_with_ids_only_and_again_when_it_is_repeated() {
    let (world, order) = (World::seeded(), refunding());
    let relay = relay(&world);
    let wanted = effects(&order.history().last().unwrap().event);
    assert_eq!(wanted, [Effect::Refund { number: 1, attempt: 0 }]);
    world.faults.fail_next("queues.refund", Trouble::Unavailable);
    assert!(relay.carry_out(&order.tenant, &order.id, wanted[0]).await.is_err(), "it comes again");
    relay.carry_out(&order.tenant, &order.id, wanted[0]).await.unwrap();
    let message = RefundMessage { tenant: order.tenant.clone(), order_id: order.id.clone(), refund: 1, attempt: 0 };
    assert_eq!((world.queues.refunds(), world.queues.notices().len()), (vec![message], 0));
}

#[tokio::test]
async fn a_message_to_a_customer_goes_to_its_own_queue() {
    let (world, order) = (World::seeded(), refunding());
    let notice = Notice::Refunded { refund: 1, part: 1 };
    relay(&world).carry_out(&order.tenant, &order.id, Effect::Notify(notice)).await.unwrap();
    let queued: Vec<Notice> = world.queues.notices().into_iter().map(|message| message.notice).collect();
    assert_eq!((queued, world.queues.refunds().len()), (vec![notice], 0));
}
