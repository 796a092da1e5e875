//! Every ordered pair of operations, both decided on the same read and stored one after the other: the second is stored as
//! it was decided, or it loses and nothing of it happens; the numbers add up either way.

use super::histories::{InMemory, OnDynamo, RUNTIME, Stores};
use super::model::{At, Hold, Model, Verdict};
use super::op::{Item, Op, Spot};
use super::world::World;
use std::collections::BTreeMap;
use waybill_domain::ports::Stock;
use waybill_testkit::contract::Keeper;
use waybill_testkit::id;

/// Orders of the scene, by what they can do next.
const FRESH: usize = 0;
const WAITING: usize = 1;
const PAID: usize = 2;
const ROUTED: usize = 3;
const HANDED_OVER: usize = 4;
const CANCELLED: usize = 5;
const LAPSED: usize = 6;

const HERE: Spot = Spot { item: Item::Back, site: 0, stow: 0 };
const SERIAL: Spot = Spot { item: Item::Serial, site: 0, stow: 0 };

fn place(units: i64) -> Op {
    Op::Place { lines: vec![(Item::Back, units)], waits: true, complete: false }
}

/// Two units of an item are free of promises in the end, one unit is held back, two are announced and two orders wait.
fn scene() -> Vec<Op> {
    let routed = |order| [Op::Pay { order }, Op::Route { order, site: 0, stow: 0 }];
    let mut scene = vec![Op::Receive { spot: HERE, units: 11, damaged: false }];
    scene.extend([place(1), Op::Announce { item: Item::Back, site: 0, units: 5 }]);
    // All but what waits is here: six units for six orders, and the rest is promised to one more for a while.
    scene.extend([Op::Withhold { spot: HERE, units: 10 }, place(2), Op::Restore { spot: HERE, units: 9 }]);
    scene.extend([place(1), place(2), place(1), place(1), place(1)]);
    scene.push(Op::Pay { order: PAID });
    scene.extend(routed(ROUTED));
    scene.extend(routed(HANDED_OVER));
    scene.extend([Op::Pick { order: HANDED_OVER, part: 0, missing: 0 }, Op::HandOver { order: HANDED_OVER, part: 0 }]);
    scene.extend([Op::Cancel { order: CANCELLED }, Op::Lapse { order: LAPSED }, Op::Pay { order: WAITING }]);
    scene.push(Op::Count { spot: HERE, found: 8, write_off: true });
    scene
}

/// Each kind of operation, as it can be done in the scene.
fn operations() -> Vec<(&'static str, Op)> {
    let count = |found| Op::Count { spot: HERE, found, write_off: false };
    vec![
        ("receive", Op::Receive { spot: HERE, units: 2, damaged: false }),
        ("receive broken", Op::Receive { spot: HERE, units: 2, damaged: true }),
        ("receive a serial number", Op::Receive { spot: SERIAL, units: 1, damaged: false }),
        ("receive it elsewhere", Op::Receive { spot: Spot { site: 1, ..SERIAL }, units: 1, damaged: false }),
        ("announce", Op::Announce { item: Item::Back, site: 1, units: 3 }),
        ("arrive", Op::Arrive { announced: 0, stow: 0, units: 2 }),
        ("arrive with more", Op::Arrive { announced: 0, stow: 0, units: 9 }),
        ("withdraw", Op::Withdraw { announced: 0 }),
        ("transfer", Op::Transfer { spot: HERE, units: 2 }),
        ("adjust up", Op::Adjust { spot: HERE, units: 1 }),
        ("adjust down", Op::Adjust { spot: HERE, units: -4 }),
        ("withhold", Op::Withhold { spot: HERE, units: 4 }),
        ("restore", Op::Restore { spot: HERE, units: 1 }),
        ("write off", Op::WriteOff { spot: HERE, units: 1 }),
        ("count", count(7)),
        ("approve a count", Op::Decide { count: 0, approve: true }),
        ("drop a count", Op::Decide { count: 0, approve: false }),
        ("place", Op::Place { lines: vec![(Item::Back, 2)], waits: false, complete: false }),
        ("place to wait", place(5)),
        ("fill", Op::Fill { order: WAITING, item: Item::Back, units: 2 }),
        ("lose", Op::Lose { order: PAID, line: 0, units: 1 }),
        ("route", Op::Route { order: PAID, site: 0, stow: 0 }),
        ("pick short", Op::Pick { order: ROUTED, part: 0, missing: 1 }),
        ("ship", Op::Ship { order: HANDED_OVER, part: 0 }),
        ("cancel", Op::Cancel { order: FRESH }),
        ("release", Op::Release { order: CANCELLED }),
        ("lapse", Op::Lapse { order: FRESH }),
        ("confirm again", Op::Reconfirm { order: LAPSED, waits: false }),
        ("confirm again to wait", Op::Reconfirm { order: LAPSED, waits: true }),
    ]
}

fn staged() -> Model {
    let mut model = Model::default();
    for op in scene() {
        assert_eq!(model.run(&op), Verdict::Done, "{op:?} of the scene");
    }
    model
}

/// The pair as it is, and, where that makes sense, about one order: the first one's, and the second one's.
fn variants(model: &Model, first: &Op, second: &Op) -> Vec<(Op, Op)> {
    let about = |op: &Op, other: &Op| {
        let same = other.order().and_then(|order| op.about(order));
        same.filter(|same| same != op && model.plan(same).is_some())
    };
    let firsts = about(second, first).map(|second| (first.clone(), second));
    let seconds = about(first, second).map(|first| (first, second.clone()));
    std::iter::once((first.clone(), second.clone())).chain(firsts).chain(seconds).collect()
}

/// What became of a pair.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    runs: usize,
    both: usize,
    lost: usize,
}

async fn pair<O: Keeper, S: Stock>(mut world: World<O, S>, staged: &Model, (first, second): (&Op, &Op)) -> bool {
    let mut model = staged.clone();
    for op in scene() {
        assert_eq!(world.run(&op).await, Verdict::Done, "{op:?} of the scene");
    }
    let plans = (model.plan(first).unwrap(), model.plan(second).unwrap());
    let ready = (world.prepare(first).await.unwrap(), world.prepare(second).await.unwrap());
    let said = model.carry_out(&plans.0);
    assert_eq!((world.store(first, ready.0).await, said), (Verdict::Done, Verdict::Done), "{first:?} comes first");
    let said = model.carry_out(&plans.1);
    let verdict = world.store(second, ready.1).await;
    assert_eq!(verdict, said, "{second:?} decided before {first:?} and stored after it: the stores, and the model");
    world.agrees_with(&model, &format!("{first:?} and then {second:?}")).await;
    verdict == Verdict::Done
}

/// Those whose writes have conditions of different kinds.
const DIFFERENT: [&str; 10] = [
    "arrive",
    "transfer",
    "adjust down",
    "count",
    "approve a count",
    "place",
    "place to wait",
    "fill",
    "route",
    "release",
];

async fn every_pair<T: Stores>(operations: &[(&'static str, Op)]) -> BTreeMap<(&'static str, &'static str), Tally> {
    let staged = staged();
    let mut tallies: BTreeMap<_, Tally> = BTreeMap::new();
    for (first_name, first) in operations {
        for (second_name, second) in operations {
            let tally = tallies.entry((*first_name, *second_name)).or_default();
            for (first, second) in variants(&staged, first, second) {
                let (orders, stock) = T::open();
                let tenant = id(&format!("pair-{}", super::histories::next_case()));
                let both = pair(World::new(orders, stock, tenant), &staged, (&first, &second)).await;
                tally.runs += 1;
                if both { tally.both += 1 } else { tally.lost += 1 }
            }
        }
    }
    tallies
}

fn report(store: &str, kinds: usize, tallies: &BTreeMap<(&'static str, &'static str), Tally>) {
    for ((first, second), Tally { runs, both, lost }) in tallies {
        println!("{store}: {first}, then {second}: {runs} runs, both stored {both}, the second lost {lost}");
    }
    assert_eq!(tallies.len(), kinds * kinds, "every ordered pair");
    assert!(tallies.values().all(|tally| tally.runs > 0));
    let sum = |units: fn(&Tally) -> usize| tallies.values().map(units).sum::<usize>();
    println!("{store}: {} ordered pairs, {} runs, {} lost", tallies.len(), sum(|one| one.runs), sum(|one| one.lost));
    assert!(sum(|one| one.both) > kinds && sum(|one| one.lost) > kinds, "a scene in which nothing collides");
}

#[test]
fn every_operation_makes_sense_in_the_scene() {
    let model = staged();
    for (name, op) in operations() {
        assert_eq!(model.clone().run(&op), Verdict::Done, "{name}");
    }
    assert_eq!((model.orders[WAITING].lines[0].waiting, model.shelf(HERE).held), (2, 1));
    assert_eq!((model.orders[LAPSED].hold, model.orders[ROUTED].parts[0].at), (Hold::Lapsed, At::Shelves));
}

#[test]
fn every_pair_of_operations_in_memory_is_both_or_the_first_alone() {
    let all = operations();
    report("memory", all.len(), &RUNTIME.block_on(every_pair::<InMemory>(&all)));
}

#[test]
fn every_pair_of_different_writes_on_dynamodb_is_both_or_the_first_alone() {
    let mut some = operations();
    some.retain(|(name, _)| DIFFERENT.contains(name));
    assert_eq!(some.len(), DIFFERENT.len());
    report("DynamoDB", some.len(), &RUNTIME.block_on(every_pair::<OnDynamo>(&some)));
}
