//! Stock documents: what moves units for another reason than an order. Each is immutable, moves its counters in one
//! transaction, and is stored once per id.

use super::counter::Shelf;
use super::movement::Movement;
use super::stow::Stow;
use crate::id::{DocumentId, SiteId, Sku};
use crate::order::{Actor, RequestRecord};
use crate::text::Text;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What a document is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Body {
    /// Units will come in.
    Announcement {
        /// Where.
        site: SiteId,
        /// On this day.
        due: Date,
        /// The supplier's or the merchant's number of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<Text<64>>,
    },
    /// What has not come in of an announcement never will.
    Withdrawal {
        /// Of this announcement or transfer.
        announcement: DocumentId,
        /// Why, in words.
        note: Text<300>,
    },
    /// Units came in.
    Receipt {
        /// Where.
        site: SiteId,
        /// As announced by this announcement or transfer; what exceeds it came in unannounced.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        announcement: Option<DocumentId>,
        /// The delivery's number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<Text<64>>,
    },
    /// Units left a site for another one, and are announced there.
    Transfer {
        /// From where.
        from: SiteId,
        /// To where.
        to: SiteId,
        /// They come in on this day.
        due: Date,
        /// The merchant's number of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<Text<64>>,
    },
    /// Staff changed what is there.
    Adjustment {
        /// Where.
        site: SiteId,
        /// Why, in words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Text<300>>,
    },
    /// Units were counted. Moves nothing; where it disagrees it proposes what would, and waits for a decision.
    Count {
        /// Where.
        site: SiteId,
        /// What was found.
        lines: Vec<CountLine>,
        /// What would make the counters agree, as far as units are not spoken for.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        proposal: Vec<Movement>,
    },
    /// A person decided on a count that disagreed.
    Decision {
        /// On this count.
        count: DocumentId,
        /// The proposal was carried out, or dropped.
        approved: bool,
        /// What they wrote.
        note: Text<300>,
    },
}

/// What was counted of an item, and what the counters said then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountLine {
    /// Which item.
    pub sku: Sku,
    /// Which units of it, where it is kept by stow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stow: Option<Stow>,
    /// On the shelf, by the counters: on hand, less what is held back because it was not found.
    pub expected: i64,
    /// On the shelf, by the person.
    pub counted: i64,
}

/// A document, as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Which.
    pub id: DocumentId,
    /// When, UTC.
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// What it is about.
    pub body: Body,
    /// The units it moves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub movements: Vec<Movement>,
    /// The call that made it, and the answer it gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestRecord>,
}

impl Document {
    /// Does it wait for a person to decide? A count that disagrees does, even where it proposes nothing because what is
    /// missing is spoken for.
    #[must_use]
    pub fn opens_case(&self) -> bool {
        match &self.body {
            Body::Count { lines, proposal, .. } => {
                !proposal.is_empty() || lines.iter().any(|line| line.counted != line.expected)
            }
            Body::Announcement { .. }
            | Body::Withdrawal { .. }
            | Body::Receipt { .. }
            | Body::Transfer { .. }
            | Body::Adjustment { .. }
            | Body::Decision { .. } => false,
        }
    }

    /// What it proposes.
    #[must_use]
    pub fn proposed(&self) -> &[Movement] {
        match &self.body {
            Body::Count { proposal, .. } => proposal,
            Body::Announcement { .. }
            | Body::Withdrawal { .. }
            | Body::Receipt { .. }
            | Body::Transfer { .. }
            | Body::Adjustment { .. }
            | Body::Decision { .. } => &[],
        }
    }

    /// The count it decides on.
    #[must_use]
    pub fn closes_case(&self) -> Option<&DocumentId> {
        match &self.body {
            Body::Decision { count, .. } => Some(count),
            Body::Announcement { .. }
            | Body::Withdrawal { .. }
            | Body::Receipt { .. }
            | Body::Transfer { .. }
            | Body::Adjustment { .. }
            | Body::Count { .. } => None,
        }
    }
}

/// A counter that a document was decided by: it is stored only if it still says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Which item of counters.
    pub shelf: Shelf,
    /// Its counter `on_hand`, or `remaining` of an announcement; 0 where the item does not exist.
    pub units: i64,
}
