//! Routing: reservations become allocations, one fulfillment order per site.

use super::event::{Draft, Event};
use super::fulfillment::{Fulfillment, FulfillmentLine, FulfillmentStatus};
use super::state::Order;
use super::{Decided, Rejection};
use crate::id::{SiteId, Sku};
use crate::routing::Share;
use crate::stock::{Kind, Movement};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A fulfillment order as routing decided it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// 1, 2, 3, ... within the order.
    pub number: u16,
    /// Who ships.
    pub site: SiteId,
    /// What.
    pub lines: Vec<FulfillmentLine>,
}

impl Planned {
    pub(super) fn open(&self, at: Timestamp) -> Fulfillment {
        Fulfillment {
            number: self.number,
            site: self.site.clone(),
            lines: self.lines.clone(),
            status: FulfillmentStatus::Open,
            packing: None,
            shipment: None,
            manifest: None,
            dispatched: false,
            changed_at: at,
        }
    }
}

impl Order {
    /// What has to be routed: SKU and units per order line, in line order.
    #[must_use]
    pub fn demand(&self) -> Vec<(Sku, u32)> {
        self.placed.lines.iter().map(|line| (line.sku.clone(), line.quantity)).collect()
    }

    /// Did it end before sites were chosen? One that ended later still goes through the workflow to each of its parts, so
    /// that a second run, too, gives back what was bought for them.
    #[must_use]
    pub fn ended_unrouted(&self) -> bool {
        self.is_cancelled() && self.fulfillments.is_empty()
    }

    /// Sites were chosen.
    ///
    /// # Errors
    /// `Cancelled`; `NotAllowed` before screening, payment and review are settled, or when the shares are not what was
    /// ordered.
    pub fn decide_routed(&self, shares: &[Share]) -> Decided {
        self.refuse_if_cancelled()?;
        if !self.fulfillments.is_empty() {
            return Ok(None);
        }
        let not_allowed = |because: &str| Rejection::NotAllowed { command: "route", because: because.to_owned() };
        if self.screening.is_none() || !self.payment.is_authorized() || self.needs_review() {
            return Err(not_allowed("screening, payment or review is open"));
        }
        if !self.covers(shares) {
            return Err(not_allowed("the shares are not what was ordered"));
        }
        let fulfillments = self.plan(shares);
        let allocated = |part: &Planned| {
            let site = part.site.clone();
            part.lines
                .iter()
                .map(move |line| movement(Kind::Allocated, &line.sku, Some(&site), line.quantity))
                .collect::<Vec<_>>()
        };
        let movements = fulfillments.iter().flat_map(allocated).collect();
        Ok(Some(Draft::of(Event::Routed { fulfillments }).moving_stock(movements)))
    }

    /// Is every unit ordered given out, and no other? Then what was reserved is what is allocated.
    fn covers(&self, shares: &[Share]) -> bool {
        let given = |line: usize| -> u64 {
            shares.iter().filter(|share| share.line == line).map(|share| u64::from(share.quantity)).sum()
        };
        let lines = &self.placed.lines;
        let all = lines.iter().enumerate().all(|(index, line)| given(index) == u64::from(line.quantity));
        all && shares.iter().all(|share| share.line < lines.len() && share.quantity > 0)
    }

    /// One fulfillment order per site, in the order the sites first appear; units of a line are numbered
    /// as they are given out, so that each unit earns its own cents.
    fn plan(&self, shares: &[Share]) -> Vec<Planned> {
        let mut given = vec![0_u32; self.placed.lines.len()];
        let mut plans: Vec<Planned> = Vec::new();
        for share in shares {
            let Some(line) = self.placed.lines.get(share.line) else { continue };
            let first_unit = given[share.line];
            given[share.line] += share.quantity;
            let part = FulfillmentLine {
                line: line.number,
                sku: line.sku.clone(),
                quantity: share.quantity,
                first_unit,
                picked: None,
            };
            match plans.iter_mut().find(|plan| plan.site == share.site) {
                Some(plan) => plan.lines.push(part),
                None => plans.push(Planned { number: 0, site: share.site.clone(), lines: vec![part] }),
            }
        }
        for (plan, number) in plans.iter_mut().zip(1_u16..) {
            plan.number = number;
        }
        plans
    }
}

pub(super) fn movement(kind: Kind, sku: &Sku, site: Option<&SiteId>, units: u32) -> Movement {
    Movement { kind, sku: sku.clone(), site: site.cloned(), quantity: i64::from(units) }
}
