//! What the API shows of documents, cases and levels.

use serde::Serialize;
use utoipa::ToSchema;
use waybill_domain::ports::{Announced, Levels, SiteStock};
use waybill_domain::stock::{Body, CountLine, Document, Kind, Level, Movement, Stow};

/// A stock document.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DocumentView {
    id: String,
    /// When, UTC.
    at: String,
    /// By whom.
    actor: String,
    /// What it is about: `type` is `announcement`, `withdrawal`, `receipt`, `transfer`, `adjustment`, `count` or
    /// `decision`; the other fields are those it was asked with.
    #[schema(value_type = Object)]
    document: Body,
    /// The units it moved.
    #[schema(value_type = Vec<StockMovement>)]
    movements: Vec<Movement>,
    /// Of a count: it disagreed, and a person decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    disagrees: Option<bool>,
}

/// Units that moved.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documentation only")]
pub struct StockMovement {
    /// Of documents: `received`, `expected`, `arrived`, `transferred_out`, `transferred_in`, `adjusted`, `withheld`,
    /// `restored`, `written_off` or `counted`; of orders, on statements: `reserved`, `allocated`, `shipped` and their like.
    kind: String,
    /// Which item.
    sku: String,
    /// Where; absent network-wide.
    site: Option<String>,
    /// Units; negative only of `adjusted` and `expected`.
    quantity: i64,
    /// Which units exactly.
    #[schema(value_type = Option<StowView>)]
    stow: Option<Stow>,
    /// The document that announced them.
    announced_by: Option<String>,
    /// Why.
    reason: Option<String>,
}

/// What tells units from others.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documentation only")]
pub struct StowView {
    /// They are not sold from this day on.
    expires: Option<String>,
    lot: Option<String>,
    serial: Option<String>,
    bin: Option<String>,
}

impl From<&Document> for DocumentView {
    fn from(document: &Document) -> Self {
        let is_count = matches!(document.body, Body::Count { .. });
        Self {
            id: document.id.to_string(),
            at: document.at.to_string(),
            actor: document.actor.0.clone(),
            document: document.body.clone(),
            movements: document.movements.clone(),
            disagrees: is_count.then(|| document.opens_case()),
        }
    }
}

/// A count that disagrees and waits for a decision.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseView {
    /// The count.
    count: String,
    /// When, UTC.
    at: String,
    /// Who counted.
    actor: String,
    site: String,
    /// What disagrees.
    lines: Vec<CaseLine>,
    /// What happens if it is approved.
    #[schema(value_type = Vec<StockMovement>)]
    proposal: Vec<Movement>,
}

/// Units that disagree.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseLine {
    sku: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<StowView>)]
    stow: Option<Stow>,
    /// On the shelf by the counters, when it was counted.
    expected: i64,
    /// On the shelf by the person.
    counted: i64,
    /// `counted` less `expected`.
    difference: i64,
    /// How much of the difference the proposal makes up for.
    proposed: i64,
    /// Units that are missing and spoken for: nothing is proposed for them, the picker reports them short.
    missing_of_orders: i64,
}

impl CaseView {
    /// The case, of a count that opens one.
    pub fn of(document: &Document) -> Option<Self> {
        let (site, lines, proposal) = match &document.body {
            Body::Count { site, lines, proposal } if document.opens_case() => (site, lines, proposal),
            Body::Count { .. }
            | Body::Announcement { .. }
            | Body::Withdrawal { .. }
            | Body::Receipt { .. }
            | Body::Transfer { .. }
            | Body::Adjustment { .. }
            | Body::Decision { .. } => return None,
        };
        let of = |line: &CountLine| proposal.iter().any(|one| one.sku == line.sku && one.stow == line.stow);
        let odd = lines.iter().filter(|line| line.counted != line.expected || of(line));
        Some(Self {
            count: document.id.to_string(),
            at: document.at.to_string(),
            actor: document.actor.0.clone(),
            site: site.to_string(),
            lines: odd.map(|line| CaseLine::of(line, proposal)).collect(),
            proposal: proposal.clone(),
        })
    }
}

impl CaseLine {
    fn of(line: &CountLine, proposal: &[Movement]) -> Self {
        let own = proposal.iter().filter(|one| one.sku == line.sku && one.stow == line.stow);
        // What is written off was not expected on the shelf.
        let proposed = own.filter(|one| one.kind != Kind::WrittenOff).map(|one| one.quantity).sum();
        let difference = line.counted - line.expected;
        Self {
            sku: line.sku.to_string(),
            stow: line.stow.clone(),
            expected: line.expected,
            counted: line.counted,
            difference,
            proposed,
            missing_of_orders: (proposed - difference).max(0),
        }
    }
}

/// An item's stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StockLevels {
    /// Which item.
    sku: String,
    /// Units that are here and promised to nobody, network-wide; never less than 0.
    available: i64,
    /// Units that are promised and not here.
    backordered: i64,
    /// Units that may be promised, those announced included; never less than 0.
    promisable: i64,
    /// What each site holds.
    sites: Vec<SiteLevel>,
    /// What is to come in, what is due first first.
    announcements: Vec<AnnouncedView>,
}

/// What a site holds of an item, in units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SiteLevel {
    site: String,
    on_hand: i64,
    allocated: i64,
    free: i64,
    held: i64,
    /// When it was last counted, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    counted_at: Option<String>,
    /// Which units, where the item is kept by bin, lot, serial number or expiry.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stows: Vec<StowLevel>,
}

/// Units of an item at a site that differ from others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StowLevel {
    #[serde(flatten)]
    #[schema(value_type = StowView)]
    stow: Stow,
    on_hand: i64,
    allocated: i64,
    free: i64,
    held: i64,
}

/// Units of an item that are to come in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AnnouncedView {
    /// The announcement or transfer.
    document: String,
    site: String,
    /// The day they are due.
    due: String,
    /// Units that have not come in.
    remaining: i64,
}

impl StockLevels {
    /// The stock of `sku`.
    pub fn new(sku: String, levels: Levels, announced: Vec<Announced>) -> Self {
        let network = levels.network;
        let coming = |one: Announced| AnnouncedView {
            document: one.document.to_string(),
            site: one.site.to_string(),
            due: one.due.to_string(),
            remaining: one.remaining,
        };
        Self {
            sku,
            available: network.available.max(0),
            backordered: network.waited_for(),
            promisable: network.promisable.max(0),
            sites: levels.sites.into_iter().map(SiteLevel::from).collect(),
            announcements: announced.into_iter().map(coming).collect(),
        }
    }
}

impl From<SiteStock> for SiteLevel {
    fn from(stock: SiteStock) -> Self {
        let Level { on_hand, allocated, free, held } = stock.level;
        let of = |(stow, level): (Stow, Level)| {
            let Level { on_hand, allocated, free, held } = level;
            StowLevel { stow, on_hand, allocated, free, held }
        };
        Self {
            site: stock.site.to_string(),
            on_hand,
            allocated,
            free,
            held,
            counted_at: stock.counted_at.map(|at| at.to_string()),
            stows: stock.stows.into_iter().map(of).collect(),
        }
    }
}
