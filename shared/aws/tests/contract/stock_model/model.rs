//! The reference: plain numbers on shelves and plain promises, after the words of the rules. It knows of no counters, no
//! guards and no merged changes: an operation is carried out on a copy, and refused where the copy is impossible.

use super::op::{Item, Op, Spot};
use std::collections::BTreeMap;

/// Units of one kind at one site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shelf {
    pub on_hand: i64,
    pub allocated: i64,
    pub held: i64,
}

impl Shelf {
    pub fn free(self) -> i64 {
        self.on_hand - self.allocated - self.held
    }
}

/// What became of the units of a line, before sites have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    pub item: Item,
    pub ordered: i64,
    /// Promised, and here.
    pub here: i64,
    /// Promised, and still to come.
    pub waiting: i64,
}

/// Where a parcel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    Shelves,
    Picked,
    HandedOver,
    Gone,
    Nothing,
    CalledOff,
}

/// What a site ships of an order: spots, with units that are spoken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub at: At,
    pub lines: Vec<(Spot, i64)>,
}

/// Does an order hold its promise?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    Promised,
    Lapsed,
    GivenBack,
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub lines: Vec<Line>,
    pub parts: Vec<Part>,
    pub hold: Hold,
    pub is_paid: bool,
    pub is_cancelled: bool,
    /// Nothing ships before everything is here.
    pub complete: bool,
    /// Events so far.
    pub version: u32,
}

/// Units that will come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announced {
    pub item: Item,
    pub site: usize,
    pub remaining: i64,
}

/// A count, and what it proposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    pub spot: Spot,
    pub more: i64,
    pub restored: i64,
    pub gone: i64,
    /// It disagrees, and somebody is to decide.
    pub opened: bool,
    pub is_open: bool,
}

/// All there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    pub shelves: BTreeMap<Spot, Shelf>,
    pub orders: Vec<Order>,
    pub announced: Vec<Announced>,
    pub counts: Vec<Count>,
    /// What became of the last operation.
    pub last: Option<Verdict>,
}

/// What becomes of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// All of it happened.
    Done,
    /// It makes no sense as things stand: nothing was tried.
    Refused,
    /// It was decided on, and came too late or had not the units: nothing of it happened.
    Lost,
}

/// Something that an operation changes.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Shelf(Spot, Shelf),
    Remaining(usize, i64),
    Announce(Announced),
    Begin(Order),
    Go(usize, Order),
    Count(Count),
    Close(usize),
}

/// What must be true afterwards.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Need {
    /// Units here and promised to nobody, if those that wait do not count.
    Here(Item, i64),
    /// Units here or announced, and promised to nobody.
    Expected(Item, i64),
    /// Units here that no promise of units that are here claims.
    Unclaimed(Item),
}

/// Something that was looked at to decide, and must be the same when it is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Spot(Spot),
    Site(Item, usize),
    Remaining(usize),
    Version(usize),
    Open(usize),
}

/// What was decided on what was seen.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub(crate) changes: Vec<Change>,
    pub(crate) needs: Vec<Need>,
    pub(crate) seen: Vec<(Look, i64)>,
}

impl Model {
    pub fn shelf(&self, spot: Spot) -> Shelf {
        self.shelves.get(&spot).copied().unwrap_or_default()
    }

    fn unspoken(&self, item: Item) -> i64 {
        self.shelves.iter().filter(|(spot, _)| spot.item == item).map(|(_, shelf)| shelf.free()).sum()
    }

    fn promised(&self, item: Item, units: impl Fn(&Line) -> i64) -> i64 {
        self.orders.iter().flat_map(|order| &order.lines).filter(|line| line.item == item).map(units).sum()
    }

    /// Here and promised to nobody.
    pub fn available(&self, item: Item) -> i64 {
        self.fillable(item) - self.promised(item, |line| line.waiting)
    }

    /// With what is announced.
    pub fn promisable(&self, item: Item) -> i64 {
        let announced = self.announced.iter().filter(|one| one.item == item).map(|one| one.remaining);
        self.available(item) + announced.sum::<i64>()
    }

    /// Here, and claimed by nobody whose units are here.
    pub fn fillable(&self, item: Item) -> i64 {
        self.unspoken(item) - self.promised(item, |line| line.here)
    }

    pub(crate) fn look(&self, look: Look) -> i64 {
        match look {
            Look::Spot(spot) => self.shelf(spot).on_hand,
            Look::Site(item, site) => {
                let there = self.shelves.iter().filter(|(spot, _)| (spot.item, spot.site) == (item, site));
                there.map(|(_, shelf)| shelf.on_hand).sum()
            }
            Look::Remaining(announced) => self.announced[announced].remaining,
            Look::Version(order) => i64::from(self.orders[order].version),
            Look::Open(count) => i64::from(self.counts[count].is_open),
        }
    }

    /// Carries a plan out, all of it or nothing.
    pub fn carry_out(&mut self, plan: &Plan) -> Verdict {
        if plan.seen.iter().any(|(look, units)| self.look(*look) != *units) {
            return Verdict::Lost;
        }
        let mut next = self.clone();
        plan.changes.iter().for_each(|change| next.change(change));
        if !next.is_possible() || !plan.needs.iter().all(|need| next.has(*need)) {
            return Verdict::Lost;
        }
        *self = next;
        Verdict::Done
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::Shelf(spot, by) => {
                let there = self.shelves.entry(*spot).or_default();
                there.on_hand += by.on_hand;
                there.allocated += by.allocated;
                there.held += by.held;
            }
            Change::Remaining(announced, by) => self.announced[*announced].remaining += by,
            Change::Announce(announced) => self.announced.push(*announced),
            Change::Begin(order) => self.orders.push(order.clone()),
            Change::Go(order, next) => {
                let version = self.orders[*order].version;
                self.orders[*order] = Order { version: version + 1, ..next.clone() };
            }
            Change::Count(count) => self.counts.push(*count),
            Change::Close(count) => self.counts[*count].is_open = false,
        }
    }

    /// No shelf has less than nothing of anything, nothing that comes in is less than nothing, and no serial number is
    /// there twice.
    fn is_possible(&self) -> bool {
        let fits = |one: &Shelf| [one.on_hand, one.allocated, one.held, one.free()].iter().all(|n| *n >= 0);
        let once = |stow: usize| {
            let alike = self.shelves.iter().filter(|(spot, _)| spot.item == Item::Serial && spot.stow == stow);
            alike.map(|(_, one)| one.on_hand).sum::<i64>() <= 1
        };
        self.shelves.values().all(fits)
            && self.announced.iter().all(|one| one.remaining >= 0)
            && (0..Item::Serial.stows()).all(once)
    }

    fn has(&self, need: Need) -> bool {
        match need {
            Need::Here(item, least) => self.available(item) >= least,
            Need::Expected(item, least) => self.promisable(item) >= least,
            Need::Unclaimed(item) => self.fillable(item) >= 0,
        }
    }

    /// Plans and carries out.
    pub fn run(&mut self, op: &Op) -> Verdict {
        match self.plan(op) {
            None => Verdict::Refused,
            Some(plan) => self.carry_out(&plan),
        }
    }
}
