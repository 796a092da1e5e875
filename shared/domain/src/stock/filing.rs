//! What people and files ask of stock, decided into documents: pure, so that the same question on the same facts is
//! always the same document.

pub(super) mod check;
mod moving;

use super::counter::{Level, Place, Shelf};
use super::document::{Body, Document, Seen};
use super::movement::{Movement, Reason};
use super::stow::Stow;
use crate::catalog::Item;
use crate::id::{DocumentId, SiteId, Sku};
use crate::order::Actor;
use crate::text::Text;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The most units a line may name.
pub const MAX_UNITS: i64 = 1_000_000;
/// The most items of counters a document may touch: a DynamoDB transaction holds 100 items, and the document and its case
/// are among them.
pub const MAX_TOUCHED: usize = 90;

/// Units of an item, as asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which item.
    pub sku: Sku,
    /// How many; of a count, how many were found; of an adjustment, how many more, or fewer.
    pub quantity: i64,
    /// Which units, where the item is kept by stow. Not of an announcement: nobody knows yet.
    pub stow: Stow,
    /// Of an adjustment: why.
    pub reason: Option<Reason>,
    /// Of a receipt: they came in broken, and are held back at once.
    pub is_damaged: bool,
}

impl Line {
    /// So many units, whole ones, all alike.
    #[must_use]
    pub fn new(sku: Sku, quantity: i64) -> Self {
        Self { sku, quantity, stow: Stow::default(), reason: None, is_damaged: false }
    }
}

/// What an adjustment does with its units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// There are more, or fewer, than the counters say.
    #[default]
    Adjust,
    /// They are there and must not be promised.
    Withhold,
    /// They were held back and may be promised after all.
    Restore,
    /// They were held back and are gone.
    WriteOff,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Units will come in.
    Announce {
        /// Where.
        site: SiteId,
        /// On this day.
        due: Date,
        /// The supplier's number.
        reference: Option<Text<64>>,
        /// Which.
        lines: Vec<Line>,
    },
    /// What has not come in of an announcement or a transfer never will.
    Withdraw {
        /// Which.
        announcement: DocumentId,
        /// Why.
        note: Text<300>,
    },
    /// Units came in.
    Receive {
        /// Where.
        site: SiteId,
        /// As announced by this.
        announcement: Option<DocumentId>,
        /// The delivery's number.
        reference: Option<Text<64>>,
        /// Which.
        lines: Vec<Line>,
    },
    /// Units leave for another site.
    Transfer {
        /// From where.
        from: SiteId,
        /// To where.
        to: SiteId,
        /// They come in on this day.
        due: Date,
        /// The merchant's number.
        reference: Option<Text<64>>,
        /// Which.
        lines: Vec<Line>,
    },
    /// Staff change what is there.
    Adjust {
        /// Where.
        site: SiteId,
        /// What is done with the units.
        action: Action,
        /// Why, in words.
        note: Option<Text<300>>,
        /// Which.
        lines: Vec<Line>,
    },
    /// Units were counted.
    Count {
        /// Where.
        site: SiteId,
        /// What was found.
        lines: Vec<Line>,
        /// What is held back and was not found is to be written off.
        write_off_held: bool,
    },
    /// A person decides on a count that disagreed.
    Decide {
        /// On this count.
        count: DocumentId,
        /// The proposal is carried out, or dropped.
        approved: bool,
        /// What they write.
        note: Text<300>,
        /// They may approve what they counted themselves.
        is_admin: bool,
    },
    /// So many are on hand at a site, of an item whose units are all alike.
    SetOnHand {
        /// Which item.
        sku: Sku,
        /// Where.
        site: SiteId,
        /// How many.
        on_hand: u32,
    },
}

/// Which document it becomes, when, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The same on every retry.
    pub id: DocumentId,
    /// When, UTC.
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
}

/// What catalog and counters say of what is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The items named that exist.
    pub items: BTreeMap<Sku, Item>,
    /// The sites named that exist; all there are where serial numbers may come in.
    pub sites: BTreeSet<SiteId>,
    /// The announcement, transfer or count that is referred to, if it exists.
    pub document: Option<Document>,
    /// What sites, and stows there, have of the items; needed where [`Ask::weighs`] says so.
    pub levels: BTreeMap<Shelf, Level>,
    /// Units per item that have not come in of the announcement referred to.
    pub remaining: BTreeMap<Sku, i64>,
}

/// Why nothing was decided.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// What was asked breaks a rule.
    #[error("{pointer} {rule}")]
    Invalid {
        /// JSON pointer (RFC 6901) into what was asked.
        pointer: String,
        /// The rule.
        rule: String,
    },
    /// What is referred to does not exist.
    #[error("no such {0}")]
    Unknown(&'static str),
    /// Not as things stand.
    #[error("{0}")]
    NotNow(&'static str),
}

impl Refusal {
    /// A rule broken at `pointer`.
    pub(super) fn invalid(pointer: impl Into<String>, rule: impl Into<String>) -> Self {
        Self::Invalid { pointer: pointer.into(), rule: rule.into() }
    }
}

impl Ask {
    /// Its lines.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        match self {
            Self::Announce { lines, .. }
            | Self::Receive { lines, .. }
            | Self::Transfer { lines, .. }
            | Self::Adjust { lines, .. }
            | Self::Count { lines, .. } => lines,
            Self::Withdraw { .. } | Self::Decide { .. } | Self::SetOnHand { .. } => &[],
        }
    }

    /// The items it names.
    #[must_use]
    pub fn skus(&self) -> BTreeSet<Sku> {
        match self {
            Self::SetOnHand { sku, .. } => BTreeSet::from([sku.clone()]),
            Self::Announce { .. }
            | Self::Withdraw { .. }
            | Self::Receive { .. }
            | Self::Transfer { .. }
            | Self::Adjust { .. }
            | Self::Count { .. }
            | Self::Decide { .. } => self.lines().iter().map(|line| line.sku.clone()).collect(),
        }
    }

    /// The sites it names, each with the field that does.
    #[must_use]
    pub fn sites(&self) -> Vec<(&'static str, &SiteId)> {
        match self {
            Self::Announce { site, .. }
            | Self::Receive { site, .. }
            | Self::Adjust { site, .. }
            | Self::Count { site, .. }
            | Self::SetOnHand { site, .. } => vec![("/site", site)],
            Self::Transfer { from, to, .. } => vec![("/from", from), ("/to", to)],
            Self::Withdraw { .. } | Self::Decide { .. } => vec![],
        }
    }

    /// The document it refers to.
    #[must_use]
    pub fn refers_to(&self) -> Option<&DocumentId> {
        match self {
            Self::Receive { announcement, .. } => announcement.as_ref(),
            Self::Withdraw { announcement, .. } => Some(announcement),
            Self::Decide { count, .. } => Some(count),
            Self::Announce { .. }
            | Self::Transfer { .. }
            | Self::Adjust { .. }
            | Self::Count { .. }
            | Self::SetOnHand { .. } => None,
        }
    }

    /// Is it decided by what is there of the item? Where units are told apart by serial number, so is what comes in: one
    /// number is nowhere twice.
    #[must_use]
    pub fn weighs(&self, item: &Item) -> bool {
        match self {
            Self::Count { .. } | Self::SetOnHand { .. } => true,
            Self::Receive { .. } | Self::Adjust { .. } | Self::Decide { .. } => item.tracking.serial,
            Self::Announce { .. } | Self::Withdraw { .. } | Self::Transfer { .. } => false,
        }
    }

    /// The document it becomes, and the counters it was decided by.
    ///
    /// # Errors
    /// The field and the rule it breaks; what it refers to does not exist; or not as things stand.
    pub fn decide(&self, origin: Origin, facts: &Facts) -> Result<(Document, Vec<Seen>), Refusal> {
        check::sites(self, facts)?;
        let (body, movements, seen) = match self {
            Self::Announce { site, due, reference, lines } => {
                moving::announce((site, *due, reference), lines, &origin.id, facts)
            }
            Self::Withdraw { announcement, note } => moving::withdraw(announcement, note, facts),
            Self::Receive { site, announcement, reference, lines } => {
                moving::receive((site, announcement.as_ref(), reference), lines, facts)
            }
            Self::Transfer { from, to, due, reference, lines } => {
                moving::transfer((from, to, *due, reference), lines, &origin.id, facts)
            }
            Self::Adjust { site, action, note, lines } => moving::adjust((site, *action, note), lines, facts),
            Self::Count { site, lines, write_off_held } => super::counting::count(site, lines, *write_off_held, facts),
            Self::Decide { count, approved, note, is_admin } => {
                super::counting::decide((count, *approved, note), *is_admin, &origin.actor, facts)
            }
            Self::SetOnHand { sku, site, on_hand } => moving::set_on_hand(sku, site, *on_hand, facts),
        }?;
        check::limits(&body, &movements, &seen)?;
        let Origin { id, at, actor } = origin;
        Ok((Document { id, at, actor, body, movements, request: None }, seen))
    }

    /// Where the units are named that `lacking` has not got, and the rule.
    #[must_use]
    pub fn missing(&self, lacking: &Shelf) -> (String, String) {
        let of_stow = |line: &Line| match &lacking.place {
            Place::Stow(_, stow) => line.stow == *stow,
            Place::Network | Place::Site(_) | Place::Announced(_) => true,
        };
        let line = self.lines().iter().position(|line| line.sku == lacking.sku && of_stow(line));
        let pointer = line.map_or_else(String::new, |line| format!("/lines/{line}/quantity"));
        let sku = &lacking.sku;
        let rule = match &lacking.place {
            Place::Network => format!("{sku}: so many are not free of promises to orders"),
            Place::Site(site) => format!("{sku}: so many are not there, or not free, at {site}"),
            Place::Stow(site, Stow { serial: Some(serial), .. }) => {
                format!("{sku}: serial number {serial} is not there, or not free, or there already, at {site}")
            }
            Place::Stow(site, _) => format!("{sku}: so many of these units are not there, or not free, at {site}"),
            Place::Announced(_) => format!("{sku}: so many are not announced any more"),
        };
        (pointer, rule)
    }
}

/// What a document says, moves, and was decided by.
pub(super) type Decided = Result<(Body, Vec<Movement>, Vec<Seen>), Refusal>;

#[cfg(test)]
mod tests;
