//! What happened to units.

use super::counter::{Counter, Place};
use super::stow::Stow;
use crate::id::{DocumentId, SiteId, Sku};
use serde::{Deserialize, Serialize};

/// What happened to some units of one SKU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Promised to an order, network-wide, out of what is here; no site yet.
    Reserved,
    /// Promised to an order out of what is expected: a backorder or preorder.
    Backordered,
    /// Units that arrived were given to a backorder: from now on it is like a reservation.
    Filled,
    /// A reservation whose units were found missing waits like a backorder from now on.
    Unfilled,
    /// A reservation given back.
    Released,
    /// A backorder given back before it was filled.
    Unpromised,
    /// The reservation became units at a site.
    Allocated,
    /// An allocation given back before it left.
    Deallocated,
    /// Allocated, but not found on the shelf: kept out of promises until it is counted.
    Shorted,
    /// Left the site for a customer.
    Shipped,
    /// Came in, announced by nobody.
    Received,
    /// Announced: will come in. Negative where the announcement is withdrawn or falls short.
    Expected,
    /// Came in as announced.
    Arrived,
    /// Came back from a customer, fit to be sold.
    Returned,
    /// Left the site for another one; announced there.
    TransferredOut,
    /// Came in from another site.
    TransferredIn,
    /// Changed by a person, with a reason. May be negative.
    Adjusted,
    /// Kept out of promises: damaged, under investigation.
    Withheld,
    /// Was kept out of promises and may be sold after all.
    Restored,
    /// Was kept out of promises and is gone.
    WrittenOff,
    /// Counted by a person; moves nothing by itself.
    Counted,
}

/// Why units were adjusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Set up, or brought over from another system.
    Opening,
    /// A count found more or fewer.
    Count,
    /// Broken.
    Damage,
    /// Not there any more.
    Loss,
    /// Stolen.
    Theft,
    /// Past its date.
    Expiry,
    /// There after all.
    Found,
    /// Used within the house, or given away.
    Use,
    /// An earlier record was wrong.
    Correction,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::Opening,
        Self::Count,
        Self::Damage,
        Self::Loss,
        Self::Theft,
        Self::Expiry,
        Self::Found,
        Self::Use,
        Self::Correction,
    ];
}

/// An immutable record of units moving.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// What happened.
    pub kind: Kind,
    /// To which item.
    pub sku: Sku,
    /// Where; absent for what happens network-wide: promises and announcements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteId>,
    /// How many units; negative only for `Adjusted` and `Expected`.
    pub quantity: i64,
    /// Which units exactly, where the item is kept by bin, lot, serial number or expiry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stow: Option<Stow>,
    /// Of `Expected` and `Arrived`, and of `TransferredOut` and `TransferredIn`: the document that announced the units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced_by: Option<DocumentId>,
    /// Of `Reserved` and `Backordered`: units left to others (safety stock, channel buffers), which must remain.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub leave: i64,
    /// Of `Adjusted`, `Withheld` and `WrittenOff`: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(units: &i64) -> bool {
    *units == 0
}

/// A counter, its change, and whether the change needs the units to be there.
pub(super) type Effect = (Place, Counter, i64, bool);

impl Movement {
    /// Units moving network-wide.
    #[must_use]
    pub fn network(kind: Kind, sku: Sku, quantity: i64) -> Self {
        Self { kind, sku, site: None, quantity, stow: None, announced_by: None, leave: 0, reason: None }
    }

    /// Units moving at a site.
    #[must_use]
    pub fn at(kind: Kind, sku: Sku, site: SiteId, quantity: i64) -> Self {
        Self { site: Some(site), ..Self::network(kind, sku, quantity) }
    }

    /// Just these units of the item.
    #[must_use]
    pub fn of(self, stow: Option<Stow>) -> Self {
        Self { stow, ..self }
    }

    /// For this reason.
    #[must_use]
    pub fn because(self, reason: Reason) -> Self {
        Self { reason: Some(reason), ..self }
    }

    /// As announced by `document`.
    #[must_use]
    pub fn announced(self, document: DocumentId) -> Self {
        Self { announced_by: Some(document), ..self }
    }

    /// With these units left to others.
    #[must_use]
    pub fn leaving(self, units: i64) -> Self {
        Self { leave: units, ..self }
    }

    /// Every counter it moves. The equations hold before and after each movement.
    pub(super) fn effects(&self) -> Vec<Effect> {
        let mut effects: Vec<Effect> = Vec::new();
        for (counter, delta) in self.kind.at_site(self.quantity) {
            let Some(site) = &self.site else { break };
            let is_guarded = delta < 0;
            effects.push((Place::Site(site.clone()), counter, delta, is_guarded));
            if let Some(stow) = &self.stow {
                effects.push((Place::Stow(site.clone(), stow.clone()), counter, delta, is_guarded));
            }
        }
        for (counter, delta, is_guarded) in self.kind.in_network(self.quantity) {
            effects.push((Place::Network, counter, delta, is_guarded));
        }
        if let (Some(document), delta) = (&self.announced_by, self.kind.of_announced(self.quantity)) {
            effects.push((Place::Announced(document.clone()), Counter::Remaining, delta, delta < 0));
        }
        effects
    }
}

impl Kind {
    fn at_site(self, n: i64) -> Vec<(Counter, i64)> {
        use Counter::{Allocated, Free, Held, OnHand};
        match self {
            Self::Received | Self::Arrived | Self::Returned | Self::TransferredIn | Self::Adjusted => {
                vec![(OnHand, n), (Free, n)]
            }
            Self::TransferredOut => vec![(OnHand, -n), (Free, -n)],
            Self::Allocated => vec![(Free, -n), (Allocated, n)],
            Self::Deallocated => vec![(Allocated, -n), (Free, n)],
            Self::Shorted => vec![(Allocated, -n), (Held, n)],
            Self::Shipped => vec![(Allocated, -n), (OnHand, -n)],
            Self::Withheld => vec![(Free, -n), (Held, n)],
            Self::Restored => vec![(Held, -n), (Free, n)],
            Self::WrittenOff => vec![(Held, -n), (OnHand, -n)],
            Self::Reserved
            | Self::Backordered
            | Self::Filled
            | Self::Unfilled
            | Self::Released
            | Self::Unpromised
            | Self::Expected
            | Self::Counted => vec![],
        }
    }

    /// What is found missing or broken is a fact: `available` may fall below nothing by it. What we promise is bounded.
    fn in_network(self, n: i64) -> Vec<(Counter, i64, bool)> {
        use Counter::{Available, Fillable, Promisable};
        let all = |n: i64, is_guarded| vec![(Available, n, is_guarded), (Promisable, n, false), (Fillable, n, false)];
        match self {
            Self::Reserved => all(-n, true),
            Self::Backordered => vec![(Available, -n, false), (Promisable, -n, true)],
            Self::Filled => vec![(Fillable, -n, true)],
            Self::Unfilled => vec![(Fillable, n, false)],
            Self::Unpromised => vec![(Available, n, false), (Promisable, n, false)],
            Self::Released | Self::Deallocated | Self::Received | Self::Returned | Self::Restored | Self::Adjusted => {
                all(n, false)
            }
            Self::Arrived | Self::TransferredIn => vec![(Available, n, false), (Fillable, n, false)],
            Self::TransferredOut => vec![(Available, -n, true), (Fillable, -n, false)],
            Self::Withheld => all(-n, false),
            Self::Expected => vec![(Promisable, n, false)],
            Self::Allocated | Self::Shorted | Self::Shipped | Self::WrittenOff | Self::Counted => vec![],
        }
    }

    fn of_announced(self, n: i64) -> i64 {
        match self {
            Self::Expected | Self::TransferredOut => n,
            Self::Arrived | Self::TransferredIn => -n,
            Self::Reserved
            | Self::Backordered
            | Self::Filled
            | Self::Unfilled
            | Self::Released
            | Self::Unpromised
            | Self::Allocated
            | Self::Deallocated
            | Self::Shorted
            | Self::Shipped
            | Self::Received
            | Self::Returned
            | Self::Adjusted
            | Self::Withheld
            | Self::Restored
            | Self::WrittenOff
            | Self::Counted => 0,
        }
    }

    /// How the movement changes the units of live reservations.
    #[must_use]
    pub fn of_reservations(self) -> i64 {
        match self {
            Self::Reserved | Self::Backordered => 1,
            Self::Released | Self::Unpromised | Self::Allocated => -1,
            Self::Filled
            | Self::Unfilled
            | Self::Deallocated
            | Self::Shorted
            | Self::Shipped
            | Self::Received
            | Self::Expected
            | Self::Arrived
            | Self::Returned
            | Self::TransferredOut
            | Self::TransferredIn
            | Self::Adjusted
            | Self::Withheld
            | Self::Restored
            | Self::WrittenOff
            | Self::Counted => 0,
        }
    }
}
