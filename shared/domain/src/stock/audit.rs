//! The self-audit: every write of a counter must be what its cause moved, and every counter the sum of all movements.
//! What is not is a drift, told with the movement at which it came about.

mod cause;
mod chain;
mod change;
mod crossing;
mod sums;

pub use cause::Cause;
pub use chain::first_break;
pub use change::{Audited, Image, Spread, Write, audit};
pub use crossing::{Crossing, crossings};
pub use sums::{Judgement, Tally};

use super::counter::{Counter, Place, Shelf};
use super::movement::Movement;
use crate::id::TenantId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the counters of one item say, in units; one that is absent is zero.
pub type Counters = BTreeMap<Counter, i64>;

/// An item of counters as it stands in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Whose.
    pub tenant: TenantId,
    /// Of what. A hot item's network-wide counters stand in several items, each told by itself.
    pub shelf: Shelf,
    /// What it says.
    pub counters: Counters,
    /// When it was last moved, UTC.
    pub moved_at: Option<Timestamp>,
}

/// A line of an item's statement: one change of its counters at one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it happened, UTC: as its cause says; where it has none, when the table took it.
    pub at: Timestamp,
    /// Digits that grow from one write of a place to the next: the order in which they happened.
    pub sequence: String,
    /// What was changed.
    pub shelf: Shelf,
    /// Of a hot item: which of its shards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<u16>,
    /// The event (`<order id>#<version>`) or the document that moved it; absent where nothing did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What the cause moved here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub movements: Vec<Movement>,
    /// How the counters changed, each that did.
    pub deltas: Counters,
    /// What they say since.
    pub counters: Counters,
}

impl Entry {
    /// Its name on the item's statement: by time, then by cause and place. What names no cause of its own, or one that may
    /// come again, is told apart by its number.
    #[must_use]
    pub fn name(&self) -> String {
        let place = place_name(&self.shelf.place, self.shard);
        let number = &self.sequence;
        let cause = match self.cause.as_deref().map(|cause| (cause, cause.parse())) {
            None => format!("-{number}"),
            Some((cause, Ok(Cause::Heat(_)))) => format!("{cause}-{number}"),
            Some((cause, Ok(Cause::Event { .. } | Cause::Document(_)) | Err(_))) => cause.to_owned(),
        };
        format!("{:.9}#{cause}#{place}", self.at)
    }
}

impl Drift {
    /// Its name among the tenant's drifts: by time, then by item and place.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{:.9}#{}#{}", self.at, self.shelf.sku, place_name(&self.shelf.place, self.shard))
    }
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Changed, and nothing says by what.
    Uncaused,
    /// Changed by what does not exist.
    UnknownCause,
    /// Changed a second time by what moves it once.
    Repeated,
    /// Changed otherwise than its cause moved it.
    Deltas,
    /// Units were taken that were not there to take, or a serial number came in twice.
    Guard,
    /// On hand is not allocated, free and held together.
    Equation,
    /// Fewer than no units.
    Negative,
    /// Counters that counted something were deleted.
    Deleted,
    /// Units of a hot item went from one of its counters to another, and not all of its counters say so.
    Uneven,
    /// Not the sum of all movements.
    Sum,
}

impl Rule {
    /// What is wrong, for logs and people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Uncaused => "changed, and nothing says by what",
            Self::UnknownCause => "changed by an event or document that does not exist",
            Self::Repeated => "changed a second time by what moves it once",
            Self::Deltas => "changed otherwise than its cause moved it",
            Self::Guard => "units were taken that were not there to take",
            Self::Equation => "on hand is not allocated, free and held together",
            Self::Negative => "fewer than no units",
            Self::Deleted => "counters that counted something were deleted",
            Self::Uneven => "units of a hot item went between its counters, and not all of them say so",
            Self::Sum => "not the sum of all movements",
        }
    }
}

/// A counter that does not say what it must.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// Which.
    pub counter: Counter,
    /// What it must say, in units; of `guard` and `negative`, the least it must say.
    pub expected: i64,
    /// What it says; of `guard`, what it said before.
    pub found: i64,
}

/// Counters that do not say what movements say: a case for staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// Whose.
    pub tenant: TenantId,
    /// Of what.
    pub shelf: Shelf,
    /// Of a hot item: which of its shards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<u16>,
    /// When it came about, UTC; the nightly audit says when the counters were last moved, so that it tells of them once.
    pub at: Timestamp,
    /// The event or document that it came about with, where the counters name one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What is wrong.
    pub rule: Rule,
    /// Where, counter by counter.
    pub wrong: Vec<Wrong>,
}

/// Where on a statement or among drifts a place stands: its name, and the shard.
#[must_use]
pub fn place_name(place: &Place, shard: Option<u16>) -> String {
    shard.map_or_else(|| place.to_string(), |shard| format!("{place}#SHARD#{shard:02}"))
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
