//! The queue's messages: each is sent once, whatever fails.

use waybill_domain::order::Order;
use waybill_domain::ports::{Commit, Orders, StoreError};
use waybill_domain::relay::{Notice, NoticeMessage};
use waybill_lambda::Fault;
use waybill_testkit::{Step, Trouble, World, at, block_on, bring_to, first, tenant};

const SHIPPED: Notice = Notice::Shipped { fulfillment: 1 };

/// A world with an order in it that left the house.
fn world() -> (World, String) {
    let world = World::seeded();
    let (order, recorded) = first("k");
    let commit = Commit { before: None, after: &order, recorded: &recorded };
    block_on(world.orders.commit(commit)).unwrap();
    let order: Result<Order, StoreError> = block_on(bring_to(&world.orders, order, Step::Dispatched));
    let message = NoticeMessage { tenant: tenant(), order_id: order.unwrap().id, notice: SHIPPED };
    (world, serde_json::to_string(&message).unwrap())
}

fn send(world: &World, body: &str, seconds: i64) -> Result<Option<String>, Fault> {
    block_on(notify::handle(&world.orders, &world.catalog, &world.mailer, body, at(seconds)))
}

#[test]
fn a_message_that_is_queued_twice_is_sent_once() {
    let (world, body) = world();
    for seconds in [100, 101, 10_000] {
        assert!(send(&world, &body, seconds).is_ok());
    }
    let sent = world.mailer.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        (sent[0].to.as_str(), sent[0].subject.as_str()),
        ("ada@example.com", "Your order WEB-1001 is on its way")
    );
}

#[test]
fn a_message_the_mail_service_did_not_take_is_sent_when_it_comes_again() {
    let (world, body) = world();
    world.faults.fail_next("mailer.send", Trouble::Unavailable);
    assert!(matches!(send(&world, &body, 100), Err(Fault::Transient(_))));
    assert!(send(&world, &body, 101).is_ok());
    assert_eq!(world.mailer.sent().len(), 1);
}

#[test]
fn a_mail_that_has_left_is_written_down_although_the_table_turns_that_away_twice() {
    for trouble in [Trouble::Unavailable, Trouble::Conflict, Trouble::AnswerLost] {
        let (world, body) = world();
        // The claim is the first call of that name; each failure counts the calls from where the one before it struck.
        world.faults.fail_nth("orders.claim", 2, trouble.clone());
        world.faults.fail_nth("orders.claim", 3, trouble.clone());
        assert!(send(&world, &body, 100).is_ok(), "{trouble:?}");
        assert_eq!(world.faults.pending(), 0);
        assert!(send(&world, &body, 10_000).is_ok());
        assert_eq!(world.mailer.sent().len(), 1, "{trouble:?}");
    }
}

#[test]
fn while_another_run_may_be_sending_nobody_else_does_and_after_a_minute_somebody_else_may() {
    let (world, body) = world();
    // That run claims the message, and dies before it reads the order.
    world.faults.fail_next("orders.load", Trouble::Unavailable);
    assert!(send(&world, &body, 100).is_err());
    assert!(matches!(send(&world, &body, 159), Err(Fault::Transient(_))));
    assert!(world.mailer.sent().is_empty());
    assert!(send(&world, &body, 160).is_ok());
    assert_eq!(world.mailer.sent().len(), 1);
}

#[test]
fn a_message_that_makes_no_sense_is_malformed_and_one_about_no_order_a_defect() {
    let (world, body) = world();
    assert!(matches!(send(&world, "{}", 0), Err(Fault::Malformed(_))));
    assert!(matches!(send(&world, "", 0), Err(Fault::Malformed(_))));
    let stranger = body.replace("acme", "other");
    assert!(matches!(send(&world, &stranger, 0), Err(Fault::Defect(_))));
    assert!(world.mailer.sent().is_empty());
}
