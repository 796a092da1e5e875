//! One write of counters against what its cause moved.

use super::{Cause, Counters, Drift, Entry, Rule, Wrong};
use crate::id::TenantId;
use crate::stock::counter::{Change, Counter, Place, Shelf, changes};
use crate::stock::movement::Movement;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Counters before or after a write, and what they say moved them last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// What they say.
    pub counters: Counters,
    /// What moved them.
    pub cause: Option<String>,
    /// When, UTC.
    pub moved_at: Option<Timestamp>,
}

/// Does the item stand for all of what it is about?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spread {
    /// Yes.
    #[default]
    No,
    /// It is a hot item's network-wide counter, with shards beside it.
    Counter,
    /// It is the shard of that number. Its units are those that may be promised and those held for orders, and each is
    /// available, promisable and fillable.
    Shard(u16),
}

/// A write of an item of counters, as the table's stream tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// Whose.
    pub tenant: TenantId,
    /// Of what.
    pub shelf: Shelf,
    /// All of it?
    pub spread: Spread,
    /// Digits that grow from one write of an item to the next.
    pub sequence: String,
    /// When the table took it, UTC.
    pub at: Timestamp,
    /// As it was; absent: it was not there.
    pub before: Option<Image>,
    /// As it is; absent: it was deleted.
    pub after: Option<Image>,
}

/// What became of looking at a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    /// Its line of the statement.
    pub entry: Entry,
    /// What is wrong with it.
    pub drift: Option<Drift>,
}

impl Write {
    /// What moved the counters now; `None` where they name nothing, nothing that makes sense, or only what had moved them
    /// before.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        self.named()?.parse().ok()
    }

    /// What a counter said, and what it says, in units.
    #[must_use]
    pub fn of(&self, counter: Counter) -> (i64, i64) {
        let units = |image: &Option<Image>| image.as_ref().map_or(0, |image| count(&image.counters, counter));
        (units(&self.before), units(&self.after))
    }

    /// The shard, if it is one.
    #[must_use]
    pub fn shard(&self) -> Option<u16> {
        match self.spread {
            Spread::Shard(number) => Some(number),
            Spread::No | Spread::Counter => None,
        }
    }

    fn named(&self) -> Option<&str> {
        let now = self.after.as_ref()?.cause.as_deref()?;
        let earlier = self.before.as_ref().and_then(|image| image.cause.as_deref());
        // What is held for an order may be given back by the same name.
        (earlier != Some(now) || is_heat(now)).then_some(now)
    }

    /// Every counter that it was or is about, with what it said and says.
    fn counters(&self) -> Vec<(Counter, i64, i64)> {
        let images = self.before.iter().chain(&self.after);
        let counters: BTreeSet<Counter> = images.flat_map(|image| image.counters.keys().copied()).collect();
        let told = |counter| {
            let (before, after) = self.of(counter);
            (counter, before, after)
        };
        counters.into_iter().map(told).collect()
    }

    /// Did units go from one of a hot item's counters to another?
    fn is_within_hot_item(&self) -> bool {
        self.named().is_some_and(is_heat)
    }

    /// When its cause says it happened; without a cause, when the table took it.
    fn happened_at(&self) -> Timestamp {
        let moved_at = self.after.as_ref().and_then(|image| image.moved_at);
        moved_at.filter(|_| self.named().is_some()).unwrap_or(self.at)
    }
}

impl Audited {
    /// The same write, of which it came to light that its cause had moved these counters before, at the same time: a
    /// line of its own, and a drift.
    #[must_use]
    pub fn repeated(self, write: &Write) -> Self {
        let entry = Entry { at: write.at, cause: None, movements: Vec::new(), ..self.entry };
        let drift = drift(write, Rule::Repeated, unexplained(write, None));
        Self { drift: Some(Drift { at: write.at, ..drift }), entry }
    }
}

/// Holds a write against what its cause moved anywhere (`None`: there is no such cause). `None` for a write that moves
/// nothing: one of other attributes, or the deletion of counters that count nothing.
#[must_use]
pub fn audit(write: &Write, moved: Option<&[Movement]>) -> Option<Audited> {
    let named = write.named();
    let deltas: Vec<_> = write.counters().into_iter().filter(|(_, before, after)| before != after).collect();
    if deltas.is_empty() && named.is_none_or(is_heat) {
        return None;
    }
    let moved = moved.filter(|_| named.is_some());
    let movements = of_shelf(moved.unwrap_or_default(), &write.shelf);
    let change = change_of(&movements, &write.shelf);
    let drift = broken(write, moved.is_some(), change.as_ref()).map(|(rule, wrong)| drift(write, rule, wrong));
    let entry = Entry {
        at: write.happened_at(),
        sequence: write.sequence.clone(),
        shelf: write.shelf.clone(),
        shard: write.shard(),
        cause: named.map(str::to_owned),
        movements,
        deltas: deltas.into_iter().map(|(counter, before, after)| (counter, after - before)).collect(),
        counters: write.after.as_ref().map(|image| image.counters.clone()).unwrap_or_default(),
    };
    Some(Audited { entry, drift })
}

fn is_heat(cause: &str) -> bool {
    matches!(cause.parse(), Ok(Cause::Heat(_)))
}

/// The movements that move this shelf.
fn of_shelf(moved: &[Movement], shelf: &Shelf) -> Vec<Movement> {
    moved.iter().filter(|one| change_of(std::slice::from_ref(one), shelf).is_some()).cloned().collect()
}

pub(super) fn change_of(movements: &[Movement], shelf: &Shelf) -> Option<Change> {
    changes(movements).into_iter().find(|change| change.shelf == *shelf)
}

fn drift(write: &Write, rule: Rule, wrong: Vec<Wrong>) -> Drift {
    let cause = write.after.as_ref().and_then(|image| image.cause.clone());
    let (tenant, shelf) = (write.tenant.clone(), write.shelf.clone());
    Drift { tenant, shelf, shard: write.shard(), at: write.happened_at(), cause, rule, wrong }
}

/// The first rule that the write breaks, and where.
fn broken(write: &Write, is_known: bool, change: Option<&Change>) -> Option<(Rule, Vec<Wrong>)> {
    let wrong = unexplained(write, change);
    let says_cause = write.after.as_ref().is_some_and(|image| image.cause.is_some());
    match () {
        () if write.after.is_none() => Some((Rule::Deleted, wrong)),
        () if write.named().is_none() && says_cause => Some((Rule::Repeated, wrong)),
        () if write.named().is_none() => Some((Rule::Uncaused, wrong)),
        () if write.is_within_hot_item() => uneven(write).map(|wrong| (Rule::Uneven, wrong)),
        () if !is_known => Some((Rule::UnknownCause, wrong)),
        () if write.shard().is_some() => part(write, change).map(|wrong| (Rule::Deltas, wrong)),
        () if !wrong.is_empty() => Some((Rule::Deltas, wrong)),
        () => {
            let rules = [
                (Rule::Guard, unguarded(write, change)),
                (Rule::Equation, unequal(write)),
                (Rule::Negative, negative(write)),
            ];
            rules.into_iter().find(|(_, wrong)| !wrong.is_empty())
        }
    }
}

/// Units that go between a hot item's counters are available, promisable and fillable, here as there. That as many arrive as
/// left is proven at night, over all of them.
fn uneven(write: &Write) -> Option<Vec<Wrong>> {
    let (before, after) = write.of(Counter::Available);
    let others = [Counter::Promisable, Counter::Fillable].map(|counter| {
        let (was, found) = write.of(counter);
        Wrong { counter, expected: was.saturating_add(after - before), found }
    });
    let wrong: Vec<Wrong> = others.into_iter().filter(|one| one.expected != one.found).collect();
    (!wrong.is_empty()).then_some(wrong)
}

/// An order may take its units of several shards: each gives no more than all of them.
fn part(write: &Write, change: Option<&Change>) -> Option<Vec<Wrong>> {
    let all = change.into_iter().flat_map(|change| &change.deltas).find(|(counter, _)| *counter == Counter::Available);
    let all = all.map_or(0, |(_, delta)| *delta);
    let (before, found) = write.of(Counter::Available);
    let expected = before.saturating_add((found - before).clamp(all.min(0), all.max(0)));
    let wrong = Wrong { counter: Counter::Available, expected, found };
    if expected == found { uneven(write) } else { Some(vec![wrong]) }
}

fn count(counters: &Counters, counter: Counter) -> i64 {
    counters.get(&counter).copied().unwrap_or(0)
}

/// Counters that do not say what they said before and what was moved since.
fn unexplained(write: &Write, change: Option<&Change>) -> Vec<Wrong> {
    let deltas: Counters = change.map(|change| change.deltas.iter().copied().collect()).unwrap_or_default();
    let counters: BTreeSet<Counter> =
        write.counters().into_iter().map(|(counter, ..)| counter).chain(deltas.keys().copied()).collect();
    let wrong = counters.into_iter().map(|counter| {
        let (before, found) = write.of(counter);
        Wrong { counter, expected: before.saturating_add(count(&deltas, counter)), found }
    });
    wrong.filter(|one| one.expected != one.found).collect()
}

/// Counters that had less than was needed to take of them: a condition that did not hold, or was not asked.
fn unguarded(write: &Write, change: Option<&Change>) -> Vec<Wrong> {
    // What a hot item's counter says is not all there is of it.
    let Some(change) = change.filter(|_| write.spread == Spread::No) else { return Vec::new() };
    let short = change.guards.iter().map(|(counter, least)| (*counter, *least, write.of(*counter).0));
    let short = short.filter(|(_, least, before)| before < least);
    let mut wrong: Vec<Wrong> = short.map(|(counter, expected, found)| Wrong { counter, expected, found }).collect();
    let (found, _) = write.of(Counter::OnHand);
    if change.is_single && found != 0 {
        wrong.push(Wrong { counter: Counter::OnHand, expected: 0, found });
    }
    wrong
}

/// `on_hand` = `allocated` + `free` + `held`, broken by this write: one that was broken before is told already.
fn unequal(write: &Write) -> Vec<Wrong> {
    let has_equation = match &write.shelf.place {
        Place::Site(_) | Place::Stow(..) => true,
        Place::Network | Place::Announced(_) => false,
    };
    let sides = |which: fn((i64, i64)) -> i64| {
        let of = |counter| which(write.of(counter));
        let sum = of(Counter::Allocated).saturating_add(of(Counter::Free)).saturating_add(of(Counter::Held));
        (sum, of(Counter::OnHand))
    };
    let ((sum_before, on_hand_before), (expected, found)) = (sides(|both| both.0), sides(|both| both.1));
    let is_broken = has_equation && sum_before == on_hand_before && expected != found;
    is_broken.then_some(Wrong { counter: Counter::OnHand, expected, found }).into_iter().collect()
}

/// Counters that fell below nothing by this write and may not. Network-wide ones may: what is found missing is a fact,
/// whoever was promised it.
fn negative(write: &Write) -> Vec<Wrong> {
    if write.shelf.place == Place::Network {
        return Vec::new();
    }
    let fell = write.counters().into_iter().filter(|(_, before, after)| *before >= 0 && *after < 0);
    fell.map(|(counter, _, found)| Wrong { counter, expected: 0, found }).collect()
}
