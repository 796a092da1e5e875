//! Random histories: after every operation the stores say what the model says.

use super::model::{Model, Verdict};
use super::op::{self, Item, Op, Spot};
use super::world::World;
use crate::tables::database;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::runtime::Runtime;
use waybill_aws::{DynamoOrders, DynamoStock};
use waybill_domain::ports::Stock;
use waybill_testkit::contract::Keeper;
use waybill_testkit::{Memory, MemoryOrders, MemoryStock, id};

/// What is there at the beginning.
fn given() -> [Op; 5] {
    let receive = |item, site, stow, units| Op::Receive { spot: Spot { item, site, stow }, units, damaged: false };
    [
        receive(Item::Plain, 0, 0, 6),
        receive(Item::Back, 0, 0, 3),
        receive(Item::Lots, 0, 0, 3),
        receive(Item::Lots, 1, 1, 3),
        receive(Item::Serial, 0, 0, 1),
    ]
}

struct Reference;

impl ReferenceStateMachine for Reference {
    type State = Model;
    type Transition = Op;

    fn init_state() -> BoxedStrategy<Model> {
        let mut model = Model::default();
        assert!(given().iter().all(|op| model.run(op) == Verdict::Done));
        Just(model).boxed()
    }

    fn transitions(model: &Model) -> BoxedStrategy<Op> {
        op::next(model)
    }

    fn apply(mut model: Model, op: &Op) -> Model {
        model.last = Some(model.run(op));
        model
    }
}

/// A number of its own for each tenant.
pub fn next_case() -> u32 {
    static CASES: AtomicU32 = AtomicU32::new(0);
    CASES.fetch_add(1, Ordering::Relaxed)
}

/// Stores to be held against the model.
pub trait Stores {
    type Orders: Keeper;
    type Stock: Stock;

    fn open() -> (Self::Orders, Self::Stock);
}

pub struct InMemory;

impl Stores for InMemory {
    type Orders = MemoryOrders;
    type Stock = MemoryStock;

    fn open() -> (MemoryOrders, MemoryStock) {
        let memory = Memory::new();
        (memory.orders(), memory.stock())
    }
}

pub struct OnDynamo;

pub static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
static CLIENT: LazyLock<aws_sdk_dynamodb::Client> = LazyLock::new(|| RUNTIME.block_on(database()));

impl Stores for OnDynamo {
    type Orders = DynamoOrders;
    type Stock = DynamoStock;

    fn open() -> (DynamoOrders, DynamoStock) {
        use crate::tables::{ORDERS, STOCK};
        (DynamoOrders::new(CLIENT.clone(), ORDERS, STOCK), DynamoStock::new(CLIENT.clone(), STOCK))
    }
}

struct Against<T>(PhantomData<T>);

impl<T: Stores> StateMachineTest for Against<T> {
    type SystemUnderTest = World<T::Orders, T::Stock>;
    type Reference = Reference;

    fn init_test(model: &Model) -> Self::SystemUnderTest {
        let (orders, stock) = T::open();
        let mut world = World::new(orders, stock, id(&format!("case-{}", next_case())));
        RUNTIME.block_on(async {
            for op in given() {
                assert_eq!(world.run(&op).await, Verdict::Done, "{op:?}");
            }
            world.agrees_with(model, "the beginning").await;
        });
        world
    }

    fn apply(mut world: Self::SystemUnderTest, model: &Model, op: Op) -> Self::SystemUnderTest {
        RUNTIME.block_on(async {
            let verdict = world.run(&op).await;
            assert_eq!(Some(verdict), model.last, "{op:?}: the stores, and the model");
            world.agrees_with(model, &format!("{op:?}")).await;
        });
        world
    }
}

fn config(cases: u32) -> Config {
    let failure_persistence = None;
    Config { cases, max_shrink_iters: 4_000, failure_persistence, ..Config::default() }
}

prop_state_machine! {
    #![proptest_config(config(250))]
    #[test]
    fn any_history_in_memory_is_what_the_model_says(sequential 1..60 => Against<InMemory>);
}

prop_state_machine! {
    #![proptest_config(config(6))]
    #[test]
    fn any_history_on_dynamodb_is_what_the_model_says(sequential 1..40 => Against<OnDynamo>);
}

/// The name of an operation's kind.
fn kind(op: &Op) -> String {
    format!("{op:?}").split(' ').next().unwrap_or_default().to_owned()
}

#[test]
fn the_histories_do_everything_and_lose_where_units_are_missing() {
    let mut runner = TestRunner::new_with_rng(config(1), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let mut tally: BTreeMap<(String, Verdict), u32> = BTreeMap::new();
    for _ in 0..200 {
        let (mut model, ops, _) = Reference::sequential_strategy(1..60).new_tree(&mut runner).unwrap().current();
        for op in ops {
            *tally.entry((kind(&op), model.run(&op))).or_default() += 1;
        }
    }
    let times = |kind: &str, verdict| tally.get(&(kind.to_owned(), verdict)).copied().unwrap_or(0);
    println!("{tally:?}");
    for kind in [
        "Receive",
        "Announce",
        "Arrive",
        "Withdraw",
        "Transfer",
        "Adjust",
        "Withhold",
        "Restore",
        "WriteOff",
        "Count",
        "Decide",
        "Place",
        "Pay",
        "Fill",
        "Lose",
        "Route",
        "Pick",
        "HandOver",
        "Ship",
        "Cancel",
        "Release",
        "Lapse",
        "Reconfirm",
    ] {
        assert!(times(kind, Verdict::Done) >= 10, "{kind} hardly ever happens");
    }
    for kind in ["Transfer", "Adjust", "Withhold", "Restore", "WriteOff", "Decide", "Place", "Route", "Fill"] {
        assert!(times(kind, Verdict::Lost) >= 2, "{kind} hardly ever lacks units");
    }
}
