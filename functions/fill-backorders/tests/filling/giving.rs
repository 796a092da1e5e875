//! First come, first served; nobody gets more than there is, or what is another's.

use crate::scene::scene;
use waybill_domain::order::{CancelReason, Order, Wait};
use waybill_domain::relay::{Effect, effects};
use waybill_lambda::{Fault, Halt, advance};
use waybill_testkit::{Step, Trouble, at, block_on, bring_to};

#[test]
fn the_order_that_waits_longest_is_first() {
    let scene = scene();
    let (second, first, third) = (scene.waits("b", 20, 2), scene.waits("a", 10, 3), scene.waits("c", 30, 4));
    scene.come("four", 4);
    assert_eq!(scene.run(vec![scene.record()]).unwrap(), [first.id.to_string(), second.id.to_string()]);
    assert_eq!([&first, &second, &third].map(|order| scene.left(order)), [0, 1, 4]);
    scene.come("three", 3);
    assert_eq!(scene.run(vec![scene.record()]).unwrap(), [second.id.to_string(), third.id.to_string()]);
    assert_eq!([&first, &second, &third].map(|order| scene.left(order)), [0, 0, 2]);
    assert_eq!(scene.available(), -2);
}

#[test]
fn a_record_that_comes_twice_late_or_in_one_batch_gives_nothing_twice() {
    let scene = scene();
    let order = scene.waits("a", 10, 5);
    scene.come("two", 2);
    let early = scene.record();
    assert_eq!(scene.run(vec![early.clone(), early.clone()]).unwrap().len(), 1);
    assert_eq!(scene.left(&order), 3);
    assert_eq!(scene.run(vec![early]).unwrap(), Vec::<String>::new());
    assert_eq!((scene.left(&order), scene.available()), (3, -3));
    let stored = scene.world.memory.order(&order.tenant, &order.id).unwrap();
    assert_eq!(stored.history().len(), 2);
}

#[test]
fn what_is_left_when_nobody_waits_any_more_may_be_promised_to_anybody() {
    let scene = scene();
    let order = scene.waits("a", 10, 2);
    scene.come("five", 5);
    scene.run(vec![scene.record()]).unwrap();
    assert_eq!((scene.left(&order), scene.available()), (0, 3));
}

#[test]
fn an_order_that_was_called_off_is_passed_over_and_the_next_gets_its_units() {
    let scene = scene();
    let (off, next) = (scene.waits("a", 10, 2), scene.waits("b", 20, 2));
    let cancel = |order: &Order| order.decide_cancelled(CancelReason::Customer, "no".to_owned());
    let off = block_on(advance(&scene.world.orders, off, "client:store", at(30), cancel)).unwrap();
    scene.come("two", 2);
    assert_eq!(scene.run(vec![scene.record()]).unwrap(), [next.id.to_string()]);
    assert_eq!(scene.left(&next), 0);
    let release = |order: &Order| order.decide_stock_released();
    block_on(advance(&scene.world.orders, off, "stage:test", at(31), release)).unwrap();
    assert_eq!(scene.available(), 0);
}

#[test]
fn units_that_are_gone_again_are_given_to_nobody() {
    let scene = scene();
    let order = scene.waits("a", 10, 2);
    scene.come("two", 2);
    let shown = scene.record();
    scene.lose(2);
    assert_eq!(scene.run(vec![shown]).unwrap(), Vec::<String>::new());
    assert_eq!((scene.left(&order), scene.available()), (2, -2));
}

#[test]
fn an_order_whose_other_parts_are_under_way_goes_through_its_workflow_once_more() {
    let scene = scene();
    scene.come("one", 1);
    let order = scene.ordered("a", 10, (3, 2));
    let routed = block_on(bring_to(&scene.world.orders, order, Step::Routed)).unwrap();
    scene.come("two", 2);
    scene.run(vec![scene.record()]).unwrap();
    let filled = scene.world.memory.order(&routed.tenant, &routed.id).unwrap();
    assert_eq!((scene.left(&filled), filled.attempt), (0, routed.attempt + 1));
    let asked = effects(&filled.history().last().unwrap().event);
    assert!(asked.contains(&Effect::Start { attempt: filled.attempt }), "{asked:?}");
}

#[test]
fn an_order_that_waits_as_a_whole_is_answered_where_it_waits() {
    let scene = scene();
    let order = scene.waits("a", 10, 2);
    scene.come("two", 2);
    scene.run(vec![scene.record()]).unwrap();
    let filled = scene.world.memory.order(&order.tenant, &order.id).unwrap();
    let asked = effects(&filled.history().last().unwrap().event);
    assert_eq!(asked, [Effect::Answer(Wait::Stock)]);
}

#[test]
fn a_failure_on_the_way_gives_the_rest_at_the_next_try_and_nothing_twice() {
    for (nth, trouble) in
        [(1, Trouble::Unavailable), (2, Trouble::Unavailable), (1, Trouble::AnswerLost), (2, Trouble::AnswerLost)]
    {
        let scene = scene();
        let (first, second) = (scene.waits("a", 10, 2), scene.waits("b", 20, 2));
        scene.come("three", 3);
        scene.world.faults.fail_nth("orders.commit", nth, trouble.clone());
        let failed = scene.run(vec![scene.record()]);
        assert!(matches!(failed, Err(Halt::Fault(Fault::Transient(_)))), "{failed:?}");
        scene.run(vec![scene.record()]).unwrap();
        assert_eq!((scene.left(&first), scene.left(&second), scene.available()), (0, 1, -1), "{nth} {trouble:?}");
    }
}
