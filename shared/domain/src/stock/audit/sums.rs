//! Counters against the sum of every movement there ever was.
//!
//! The sums are formed from the kinds of movements and not by the code that moves the counters: an error there is found
//! here.

use super::{Counted, Counters, Drift, Rule, Wrong};
use crate::id::TenantId;
use crate::stock::counter::{Counter, Place, Shelf};
use crate::stock::movement::{Kind, Movement};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Units by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    /// Came in, less what left.
    on_hand: i64,
    /// Allocated, and neither given back, nor shorted, nor shipped.
    allocated: i64,
    /// Kept out of promises.
    held: i64,
    /// In live reservations, of what is here and of what is expected.
    reserved: i64,
    /// Of those, waiting for units to come in.
    waiting: i64,
    /// Announced, and not come in.
    announced: i64,
}

impl Sums {
    fn of(kind: Kind, n: i64) -> Self {
        let zero = Self::default();
        match kind {
            Kind::Received | Kind::Returned | Kind::Adjusted => Self { on_hand: n, ..zero },
            Kind::Arrived | Kind::TransferredIn => Self { on_hand: n, announced: -n, ..zero },
            Kind::TransferredOut => Self { on_hand: -n, announced: n, ..zero },
            Kind::Expected => Self { announced: n, ..zero },
            Kind::Reserved => Self { reserved: n, ..zero },
            Kind::Backordered => Self { reserved: n, waiting: n, ..zero },
            Kind::Filled => Self { waiting: -n, ..zero },
            Kind::Unfilled => Self { waiting: n, ..zero },
            Kind::Released => Self { reserved: -n, ..zero },
            Kind::Unpromised => Self { reserved: -n, waiting: -n, ..zero },
            Kind::Allocated => Self { allocated: n, reserved: -n, ..zero },
            Kind::Deallocated => Self { allocated: -n, ..zero },
            Kind::Shorted => Self { allocated: -n, held: n, ..zero },
            Kind::Shipped => Self { allocated: -n, on_hand: -n, ..zero },
            Kind::Withheld => Self { held: n, ..zero },
            Kind::Restored => Self { held: -n, ..zero },
            Kind::WrittenOff => Self { held: -n, on_hand: -n, ..zero },
            Kind::Counted => zero,
        }
    }

    /// What happened at a site, where there is one; what an announcement brings, where one is named.
    fn of_movement(movement: &Movement) -> Self {
        let sums = Self::of(movement.kind, movement.quantity);
        let (at_site, announced) = (movement.site.is_some(), movement.announced_by.is_some());
        let only = |is: bool, units: i64| if is { units } else { 0 };
        Self {
            on_hand: only(at_site, sums.on_hand),
            allocated: only(at_site, sums.allocated),
            held: only(at_site, sums.held),
            announced: only(announced, sums.announced),
            ..sums
        }
    }

    fn add(&mut self, other: Self) {
        for (sum, more) in [
            (&mut self.on_hand, other.on_hand),
            (&mut self.allocated, other.allocated),
            (&mut self.held, other.held),
            (&mut self.reserved, other.reserved),
            (&mut self.waiting, other.waiting),
            (&mut self.announced, other.announced),
        ] {
            *sum = sum.saturating_add(more);
        }
    }

    /// What the counters of a place must say.
    fn counters(&self, place: &Place) -> Vec<(Counter, i64)> {
        let Self { on_hand, allocated, held, reserved, waiting, announced } = *self;
        match place {
            // Σ on_hand = live reservations + Σ allocated + available + Σ held
            Place::Network => {
                let available = on_hand - reserved - allocated - held;
                vec![
                    (Counter::Available, available),
                    (Counter::Promisable, available + announced),
                    (Counter::Fillable, available + waiting),
                ]
            }
            Place::Site(_) | Place::Stow(..) => vec![
                (Counter::OnHand, on_hand),
                (Counter::Allocated, allocated),
                (Counter::Free, on_hand - allocated - held),
                (Counter::Held, held),
            ],
            Place::Announced(_) => vec![(Counter::Remaining, announced)],
        }
    }
}

/// What is known of one place: what movements say, and what its counters say.
#[derive(Clone, Debug, Default)]
struct Row {
    sums: Sums,
    counters: Counters,
    /// When it was last moved, as far as either says.
    moved_at: Option<Timestamp>,
}

/// The sums of movements, and the counters as they were found. Holds one row for every place that has counters.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    rows: BTreeMap<(TenantId, Shelf), Row>,
}

/// What the counters were found to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// SKUs looked at.
    pub skus: u64,
    /// Places of them looked at.
    pub shelves: u64,
    /// Of those, the ones that were moved too recently to be judged.
    pub moving: u64,
    /// Counters that do not say what movements say.
    pub drifts: Vec<Drift>,
}

impl Tally {
    /// Adds what an event or a document of `at` moved.
    pub fn moved(&mut self, tenant: &TenantId, movements: &[Movement], at: Timestamp) {
        for movement in movements {
            let sums = Sums::of_movement(movement);
            for place in places(movement) {
                let row = self.row(tenant, Shelf { sku: movement.sku.clone(), place });
                row.sums.add(sums);
                row.moved_at = row.moved_at.max(Some(at));
            }
        }
    }

    /// Adds counters as they stand in the table. Those of a place that stands in several items are added up.
    pub fn counted(&mut self, counted: Counted) {
        let row = self.row(&counted.tenant, counted.shelf);
        row.moved_at = row.moved_at.max(counted.moved_at);
        for (counter, units) in counted.counters {
            let sum = row.counters.entry(counter).or_default();
            *sum = sum.saturating_add(units);
        }
    }

    fn row(&mut self, tenant: &TenantId, of: Shelf) -> &mut Row {
        self.rows.entry((tenant.clone(), of)).or_default()
    }

    /// Judges every place, but for those moved at `settled` or later: their last movement may have been missed by whoever
    /// read the movements before the counters.
    #[must_use]
    pub fn judge(self, settled: Timestamp, now: Timestamp) -> Judgement {
        let mut judgement = Judgement::default();
        let mut last = None;
        for ((tenant, shelf), row) in self.rows {
            judgement.shelves += 1;
            let sku = Some((tenant.clone(), shelf.sku.clone()));
            judgement.skus += u64::from(last != sku);
            last = sku;
            if row.moved_at.is_some_and(|at| at >= settled) {
                judgement.moving += 1;
                continue;
            }
            let wrong = row.wrong(&shelf.place);
            if !wrong.is_empty() {
                let (at, rule) = (row.moved_at.unwrap_or(now), Rule::Sum);
                judgement.drifts.push(Drift { tenant, shelf, shard: None, at, cause: None, rule, wrong });
            }
        }
        judgement
    }
}

impl Row {
    fn wrong(&self, place: &Place) -> Vec<Wrong> {
        let says = |counter| self.counters.get(&counter).copied().unwrap_or(0);
        let expected = self.sums.counters(place).into_iter();
        let wrong = expected.map(|(counter, expected)| Wrong { counter, expected, found: says(counter) });
        wrong.filter(|one| one.expected != one.found).collect()
    }
}

/// Every place whose counters a movement may move: all of them network-wide.
fn places(movement: &Movement) -> Vec<Place> {
    let mut places = vec![Place::Network];
    if let Some(site) = &movement.site {
        places.push(Place::Site(site.clone()));
        places.extend(movement.stow.iter().map(|stow| Place::Stow(site.clone(), stow.clone())));
    }
    places.extend(movement.announced_by.iter().map(|document| Place::Announced(document.clone())));
    places
}
