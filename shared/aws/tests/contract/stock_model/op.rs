//! What can happen to stock, and random cases of it.

use super::model::{Model, Verdict};
use proptest::prelude::*;
use std::mem::discriminant;

/// The items: all alike; may be sold before it is here; by lot and expiry; by serial number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    Plain,
    Back,
    Lots,
    Serial,
}

impl Item {
    pub const ALL: [Self; 4] = [Self::Plain, Self::Back, Self::Lots, Self::Serial];

    pub fn sku(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::Back => "BACK",
            Self::Lots => "LOTS",
            Self::Serial => "SERIAL",
        }
    }

    /// Kinds of its units that are told apart: two lots, three serial numbers.
    pub fn stows(self) -> usize {
        match self {
            Self::Plain | Self::Back => 1,
            Self::Lots => 2,
            Self::Serial => 3,
        }
    }

    /// Units that orders leave to others.
    pub fn leave(self) -> i64 {
        match self {
            Self::Plain => 1,
            Self::Back | Self::Lots | Self::Serial => 0,
        }
    }

    /// May be promised before it is here.
    pub fn waits(self) -> bool {
        match self {
            Self::Back | Self::Lots => true,
            Self::Plain | Self::Serial => false,
        }
    }
}

/// Some kind of units at one of two sites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    pub item: Item,
    pub site: usize,
    pub stow: usize,
}

/// What happens. Numbers of orders, announcements and counts count those that were stored, from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    Receive { spot: Spot, units: i64, damaged: bool },
    Announce { item: Item, site: usize, units: i64 },
    Arrive { announced: usize, stow: usize, units: i64 },
    Withdraw { announced: usize },
    Transfer { spot: Spot, units: i64 },
    Adjust { spot: Spot, units: i64 },
    Withhold { spot: Spot, units: i64 },
    Restore { spot: Spot, units: i64 },
    WriteOff { spot: Spot, units: i64 },
    Count { spot: Spot, found: i64, write_off: bool },
    Decide { count: usize, approve: bool },
    Place { lines: Vec<(Item, i64)>, waits: bool, complete: bool },
    Pay { order: usize },
    Fill { order: usize, item: Item, units: i64 },
    Lose { order: usize, line: usize, units: i64 },
    Route { order: usize, site: usize, stow: usize },
    Pick { order: usize, part: usize, missing: i64 },
    HandOver { order: usize, part: usize },
    Ship { order: usize, part: usize },
    Cancel { order: usize },
    Release { order: usize },
    Lapse { order: usize },
    Reconfirm { order: usize, waits: bool },
}

impl Op {
    /// The same about another order.
    pub fn about(&self, order: usize) -> Option<Self> {
        Some(match self {
            Self::Pay { .. } => Self::Pay { order },
            Self::Fill { item, units, .. } => Self::Fill { order, item: *item, units: *units },
            Self::Lose { line, units, .. } => Self::Lose { order, line: *line, units: *units },
            Self::Route { site, stow, .. } => Self::Route { order, site: *site, stow: *stow },
            Self::Pick { part, missing, .. } => Self::Pick { order, part: *part, missing: *missing },
            Self::HandOver { part, .. } => Self::HandOver { order, part: *part },
            Self::Ship { part, .. } => Self::Ship { order, part: *part },
            Self::Cancel { .. } => Self::Cancel { order },
            Self::Release { .. } => Self::Release { order },
            Self::Lapse { .. } => Self::Lapse { order },
            Self::Reconfirm { waits, .. } => Self::Reconfirm { order, waits: *waits },
            Self::Receive { .. }
            | Self::Announce { .. }
            | Self::Arrive { .. }
            | Self::Withdraw { .. }
            | Self::Transfer { .. }
            | Self::Adjust { .. }
            | Self::Withhold { .. }
            | Self::Restore { .. }
            | Self::WriteOff { .. }
            | Self::Count { .. }
            | Self::Decide { .. }
            | Self::Place { .. } => return None,
        })
    }

    /// The order that goes on.
    pub fn order(&self) -> Option<usize> {
        match self {
            Self::Pay { order }
            | Self::Fill { order, .. }
            | Self::Lose { order, .. }
            | Self::Route { order, .. }
            | Self::Pick { order, .. }
            | Self::HandOver { order, .. }
            | Self::Ship { order, .. }
            | Self::Cancel { order }
            | Self::Release { order }
            | Self::Lapse { order }
            | Self::Reconfirm { order, .. } => Some(*order),
            Self::Receive { .. }
            | Self::Announce { .. }
            | Self::Arrive { .. }
            | Self::Withdraw { .. }
            | Self::Transfer { .. }
            | Self::Adjust { .. }
            | Self::Withhold { .. }
            | Self::Restore { .. }
            | Self::WriteOff { .. }
            | Self::Count { .. }
            | Self::Decide { .. }
            | Self::Place { .. } => None,
        }
    }
}

fn spot() -> impl Strategy<Value = Spot> {
    (prop::sample::select(Item::ALL.to_vec()), 0..2_usize, 0..3_usize).prop_map(|(item, site, stow)| Spot {
        item,
        site,
        stow: stow % item.stows(),
    })
}

/// Whatever, whether it makes sense or not.
fn any_op(model: &Model) -> BoxedStrategy<Op> {
    let (orders, announced, counts) =
        (model.orders.len().max(1), model.announced.len().max(1), model.counts.len().max(1));
    let (item, units) = (|| prop::sample::select(Item::ALL.to_vec()), || 1..7_i64);
    let line = (item(), 1..4_i64);
    prop_oneof![
        3 => (spot(), units(), prop::bool::weighted(0.2)).prop_map(|(spot, units, damaged)| {
            Op::Receive { spot, units: if spot.item == Item::Serial { 1 } else { units }, damaged }
        }),
        2 => (item(), 0..2_usize, units()).prop_map(|(item, site, units)| Op::Announce { item, site, units }),
        2 => (0..announced, 0..3_usize, units()).prop_map(|(announced, stow, units)| Op::Arrive { announced, stow, units }),
        1 => (0..announced).prop_map(|announced| Op::Withdraw { announced }),
        2 => (spot(), units()).prop_map(|(spot, units)| Op::Transfer { spot, units }),
        2 => (spot(), -5..5_i64).prop_map(|(spot, units)| {
            Op::Adjust { spot, units: if spot.item == Item::Serial { units.signum() } else { units } }
        }),
        1 => (spot(), units()).prop_map(|(spot, units)| Op::Withhold { spot, units }),
        1 => (spot(), units()).prop_map(|(spot, units)| Op::Restore { spot, units }),
        1 => (spot(), units()).prop_map(|(spot, units)| Op::WriteOff { spot, units }),
        2 => (spot(), 0..8_i64, any::<bool>()).prop_map(|(spot, found, write_off)| {
            Op::Count { spot, found: if spot.item == Item::Serial { found % 2 } else { found }, write_off }
        }),
        2 => (0..counts, prop::bool::weighted(0.8)).prop_map(|(count, approve)| Op::Decide { count, approve }),
        6 => (prop::collection::vec(line, 1..=3), any::<bool>(), any::<bool>())
            .prop_map(|(lines, waits, complete)| Op::Place { lines, waits, complete }),
        8 => of_order(orders),
    ]
    .boxed()
}

fn of_order(orders: usize) -> BoxedStrategy<Op> {
    (0..orders, 0..12_u8, 0..4_usize, 0..4_i64, prop::sample::select(Item::ALL.to_vec()), any::<bool>())
        .prop_map(|(order, kind, index, units, item, flag)| of_kind(order, kind, index, units, item, flag))
        .boxed()
}

fn of_kind(order: usize, kind: u8, index: usize, units: i64, item: Item, flag: bool) -> Op {
    match kind {
        0 => Op::Pay { order },
        1 => Op::Fill { order, item, units: units + 1 },
        2 => Op::Lose { order, line: index % 3, units: units / 2 + 1 },
        3 | 4 => Op::Route { order, site: usize::from(flag), stow: index },
        5 => Op::Pick { order, part: index, missing: units - 1 },
        6 => Op::HandOver { order, part: index },
        7 => Op::Ship { order, part: index },
        8 => Op::Cancel { order },
        9 => Op::Release { order },
        10 => Op::Lapse { order },
        _ => Op::Reconfirm { order, waits: flag },
    }
}

/// What the orders there are can do next, by the model; and one that waits.
fn of_orders(model: &Model) -> Vec<Vec<Op>> {
    let mut ops = vec![Op::Place { lines: vec![(Item::Back, 2), (Item::Lots, 2)], waits: true, complete: false }];
    for (order, stored) in model.orders.iter().enumerate() {
        ops.extend([Op::Pay { order }, Op::Release { order }, Op::Lapse { order }]);
        ops.extend([true, false].map(|waits| Op::Reconfirm { order, waits }));
        ops.extend(Item::ALL.map(|item| Op::Fill { order, item, units: 2 }));
        ops.extend([(0, 0), (1, 0), (0, 1), (1, 1)].map(|(site, stow)| Op::Route { order, site, stow }));
        for part in 0..stored.parts.len() {
            ops.extend([0, 1].map(|missing| Op::Pick { order, part, missing }));
            ops.extend([Op::HandOver { order, part }, Op::Ship { order, part }]);
        }
    }
    by_kind(model, ops)
}

/// What would give the lines that wait all they wait for, whether it is here or not.
fn waiting(model: &Model) -> Vec<Op> {
    let lines = model.orders.iter().enumerate().flat_map(|(order, stored)| {
        let waiting = stored.lines.iter().filter(|line| line.waiting > 0);
        waiting.map(move |line| Op::Fill { order, item: line.item, units: line.waiting })
    });
    lines.collect()
}

/// What the house can do with what is there, by the model.
fn of_house(model: &Model) -> Vec<Vec<Op>> {
    let mut ops = Vec::new();
    for (spot, shelf) in model.shelves.iter().map(|(spot, shelf)| (*spot, shelf)) {
        ops.extend([Op::Restore { spot, units: shelf.held.max(1) }, Op::WriteOff { spot, units: 1 }]);
        ops.extend([Op::Transfer { spot, units: 1 }, Op::Withhold { spot, units: 1 }]);
    }
    let announced = (0..model.announced.len())
        .flat_map(|announced| [Op::Arrive { announced, stow: 0, units: 1 }, Op::Withdraw { announced }]);
    let counts = (0..model.counts.len()).map(|count| Op::Decide { count, approve: true });
    ops.extend(announced.chain(counts));
    by_kind(model, ops)
}

/// Those that the model does, each kind for itself.
fn by_kind(model: &Model, ops: Vec<Op>) -> Vec<Vec<Op>> {
    let mut kinds: Vec<Vec<Op>> = Vec::new();
    for op in ops {
        let of_kind = kinds.iter().position(|kind| discriminant(&kind[0]) == discriminant(&op));
        if of_kind.is_some_and(|kind| kinds[kind].contains(&op)) || model.clone().run(&op) != Verdict::Done {
            continue;
        }
        match of_kind {
            Some(kind) => kinds[kind].push(op),
            None => kinds.push(vec![op]),
        }
    }
    kinds
}

/// The next operation: anything, or something that leads on.
pub fn next(model: &Model) -> BoxedStrategy<Op> {
    let one_of = |kinds: Vec<Vec<Op>>| {
        if kinds.is_empty() {
            return any_op(model);
        }
        prop::sample::select(kinds).prop_flat_map(prop::sample::select).boxed()
    };
    let waiting = vec![waiting(model)].into_iter().filter(|ops| !ops.is_empty()).collect();
    prop_oneof![
        4 => any_op(model),
        5 => one_of(of_orders(model)),
        1 => one_of(of_house(model)),
        1 => one_of(waiting),
    ]
    .boxed()
}
