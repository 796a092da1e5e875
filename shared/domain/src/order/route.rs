//! Routing: reservations become allocations, one fulfillment order per site and parcel.

use super::event::{Draft, Event};
use super::fulfillment::{Fulfillment, FulfillmentLine, FulfillmentStatus};
use super::state::{Order, StockHold};
use super::{Decided, Fill, Rejection};
use crate::id::{SiteId, Sku};
use crate::money::MoneyError;
use crate::routing::Share;
use crate::stock::Kind;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Counters that one fulfillment order may touch, at its site and of its stows: all of them move when it leaves, and a
/// DynamoDB transaction holds 100 items.
const MOST_SHELVES: usize = 90;

/// A fulfillment order as routing decided it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// 1, 2, 3, ... within the order. One that exists gets these lines as well.
    pub number: u16,
    /// Who ships.
    pub site: SiteId,
    /// What.
    pub lines: Vec<FulfillmentLine>,
}

impl Planned {
    fn open(&self, at: Timestamp) -> Fulfillment {
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
    /// What has to be routed, and can be: SKU and units per order line, in line order. Nothing of an order that is to ship
    /// complete, while it waits for a unit.
    #[must_use]
    pub fn demand(&self) -> Vec<(Sku, u32)> {
        let is_held_back = match self.placed.fill {
            Fill::FillAvailable => false,
            Fill::FillOrKill | Fill::ShipComplete => self.is_waiting(),
        };
        let none = is_held_back || self.stock != StockHold::Reserved;
        let lines = self.placed.lines.iter().zip(&self.promised);
        let units = lines.map(|(line, promised)| {
            let here = line.quantity.saturating_sub(promised.waiting + promised.routed);
            (line.sku.clone(), if none { 0 } else { here })
        });
        units.collect()
    }

    /// Are units left that no fulfillment order has?
    #[must_use]
    pub fn has_unrouted(&self) -> bool {
        let lines = self.placed.lines.iter().zip(&self.promised);
        lines.into_iter().any(|(line, promised)| promised.routed < line.quantity)
    }

    /// Did it end before sites were chosen? One that ended later still goes through the workflow to each of its parts, so
    /// that a second run, too, gives back what was bought for them.
    #[must_use]
    pub fn ended_unrouted(&self) -> bool {
        self.is_cancelled() && self.fulfillments.is_empty()
    }

    /// Sites were chosen, for all that can be routed or a part of it: [`crate::routing::chunk`] says how much of it fits
    /// one event.
    ///
    /// # Errors
    /// `Cancelled`; `NotAllowed` before screening, payment and review are settled, or when the shares are not what is to be
    /// routed; `Money` beyond 64 bits.
    pub fn decide_routed(&self, shares: &[Share]) -> Decided {
        self.refuse_if_cancelled()?;
        if !self.has_unrouted() {
            return Ok(None);
        }
        let not_allowed = |because: &str| Rejection::NotAllowed { command: "route", because: because.to_owned() };
        if self.screening.is_none() || !self.is_covered()? || self.needs_review() {
            return Err(not_allowed("screening, payment or review is open"));
        }
        if !self.are_wanted(shares) {
            return Err(not_allowed("the shares are not what is to be routed"));
        }
        let fulfillments = self.plan(shares);
        let allocated = |part: &Planned| {
            let lines = part.lines.iter();
            lines.flat_map(|line| line.moved(Kind::Allocated, &part.site, 0, line.quantity)).collect::<Vec<_>>()
        };
        let movements = fulfillments.iter().flat_map(allocated).collect();
        Ok(Some(Draft::of(Event::Routed { fulfillments }).moving_stock(movements)))
    }

    /// Is all of the money held, or taken? What costs nothing more needs no hold any more.
    fn is_covered(&self) -> Result<bool, MoneyError> {
        for tender in self.payment.tenders.iter().filter(|tender| !tender.is_authorized()) {
            if tender.holds.is_empty() || !self.still_to_take(tender)?.is_zero() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Is no unit given out that is not to be routed?
    fn are_wanted(&self, shares: &[Share]) -> bool {
        let given = |line: usize| -> u64 {
            shares.iter().filter(|share| share.line == line).map(|share| u64::from(share.quantity)).sum()
        };
        let demand = self.demand();
        let within = demand.iter().enumerate().all(|(index, (_, units))| given(index) <= u64::from(*units));
        let whole = |share: &Share| {
            let stowed: u64 = share.stows.iter().map(|picked| u64::from(picked.quantity)).sum();
            share.line < demand.len()
                && share.quantity > 0
                && (share.stows.is_empty() || stowed == u64::from(share.quantity))
        };
        within && !shares.is_empty() && shares.iter().all(whole)
    }

    /// One fulfillment order per site, in the order the sites first appear, and another where it grows too large; units of
    /// a line are numbered as they are given out, so that each unit earns its own cents.
    fn plan(&self, shares: &[Share]) -> Vec<Planned> {
        let mut given: Vec<u32> = self.promised.iter().map(|promised| promised.routed).collect();
        let mut next = self.fulfillments.iter().map(|part| part.number).max().unwrap_or(0);
        // Each with what it has already.
        let begun = self.just_begun().into_iter().map(|part| {
            let plan = Planned { number: part.number, site: part.site.clone(), lines: Vec::new() };
            (plan, part.lines.clone())
        });
        let mut plans: Vec<(Planned, Vec<FulfillmentLine>)> = begun.collect();
        for share in shares {
            let Some(line) = self.placed.lines.get(share.line) else { continue };
            let (quantity, stows) = (share.quantity, share.stows.clone());
            let (first_unit, sku) = (given[share.line], line.sku.clone());
            given[share.line] += share.quantity;
            let part = FulfillmentLine { line: line.number, sku, quantity, first_unit, picked: None, stows };
            let mut fitting = plans.iter_mut().rev().filter(|(plan, _)| plan.site == share.site);
            if let Some((plan, all)) = fitting.find(|(_, all)| takes_in(all, &part)) {
                join(all, &part);
                join(&mut plan.lines, &part);
                continue;
            }
            next += 1;
            let plan = Planned { number: next, site: share.site.clone(), lines: vec![part.clone()] };
            plans.push((plan, vec![part]));
        }
        plans.into_iter().map(|(plan, _)| plan).filter(|plan| !plan.lines.is_empty()).collect()
    }

    /// Fulfillment orders that the same run has begun and nobody has seen yet: nothing but routing happened since.
    fn just_begun(&self) -> Vec<&Fulfillment> {
        let mut numbers = BTreeSet::new();
        for recorded in self.history().iter().rev() {
            let Event::Routed { fulfillments } = &recorded.event else { break };
            numbers.extend(fulfillments.iter().map(|plan| plan.number));
        }
        self.fulfillments.iter().filter(|part| numbers.contains(&part.number)).collect()
    }

    /// What a `Routed` changes.
    pub(super) fn apply_routed(&mut self, plans: &[Planned], at: Timestamp) {
        for plan in plans {
            for line in &plan.lines {
                let lines = self.placed.lines.iter().zip(&mut self.promised);
                let of_line = lines.into_iter().filter(|(placed, _)| placed.number == line.line);
                of_line.for_each(|(_, promised)| promised.routed += line.quantity);
            }
            match self.fulfillments.iter_mut().find(|part| part.number == plan.number) {
                Some(part) => plan.lines.iter().for_each(|line| join(&mut part.lines, line)),
                None => self.fulfillments.push(plan.open(at)),
            }
        }
        if !self.has_unrouted() {
            self.stock = StockHold::Allocated;
        }
    }
}

/// Is there room for it, and does it continue what is there of its line?
fn takes_in(lines: &[FulfillmentLine], more: &FulfillmentLine) -> bool {
    let skus: BTreeSet<&Sku> = lines.iter().chain([more]).map(|line| &line.sku).collect();
    let stows: usize = lines.iter().chain([more]).map(|line| line.stows.len()).sum();
    let own = lines.iter().find(|line| line.line == more.line);
    let continues = own.is_none_or(|own| own.first_unit + own.quantity == more.first_unit);
    continues && skus.len() + stows <= MOST_SHELVES
}

fn join(lines: &mut Vec<FulfillmentLine>, more: &FulfillmentLine) {
    match lines.iter_mut().find(|line| line.line == more.line) {
        Some(line) => {
            line.quantity += more.quantity;
            line.stows.extend(more.stows.iter().cloned());
        }
        None => lines.push(more.clone()),
    }
}
