//! Units that are promised and not here: what orders wait for, how they get it, and what is done when units are lost.

use super::event::{Draft, Event};
use super::exceptions::{Case, CaseAction};
use super::placed::Placed;
use super::state::{Order, StockHold};
use super::{Decided, Rejection};
use crate::id::Sku;
use crate::stock::{Kind, Movement};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Lines that one event makes wait: each may touch a counter and an entry of the queue of those that wait, and a DynamoDB
/// transaction holds 100 items.
const WAIT_CHUNK: usize = 40;

/// What an order wants where not everything is here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// Everything now, or no order.
    #[default]
    FillOrKill,
    /// What is here ships now, the rest when it comes.
    FillAvailable,
    /// Nothing ships before everything is here.
    ShipComplete,
}

impl Fill {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Units of an order line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineUnits {
    /// The order line.
    pub line: u16,
    /// How many units.
    pub units: u32,
}

/// What became of the units of an order line, before sites ship them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Promised {
    /// Promised out of what is expected, and not come yet.
    pub(super) waiting: u32,
    /// Given to fulfillment orders.
    pub(super) routed: u32,
}

impl Placed {
    /// Of each line, the units that are not here are promised out of what is expected: for the items in `available`, which
    /// says how many units of each may still be promised. Items it does not name are taken to be here.
    pub fn backorder(&mut self, available: &BTreeMap<Sku, i64>) {
        let mut left = available.clone();
        for line in &mut self.lines {
            let Some(left) = left.get_mut(&line.sku) else {
                line.backordered = 0;
                continue;
            };
            let here = u32::try_from((*left - i64::from(line.leave)).max(0)).unwrap_or(u32::MAX).min(line.quantity);
            *left -= i64::from(here);
            line.backordered = line.quantity - here;
        }
    }

    /// Items of stock that reserving it touches: the counters of each SKU, and the queue of each that it waits for.
    #[must_use]
    pub fn touches(&self) -> usize {
        let skus: BTreeSet<&Sku> = self.lines.iter().map(|line| &line.sku).collect();
        let waits: BTreeSet<&Sku> =
            self.lines.iter().filter(|line| line.backordered > 0).map(|line| &line.sku).collect();
        skus.len() + waits.len()
    }

    /// The lines that are promised out of what is expected.
    #[must_use]
    pub fn backordered(&self) -> Vec<LineUnits> {
        let lines = self.lines.iter().filter(|line| line.backordered > 0);
        lines.map(|line| LineUnits { line: line.number, units: line.backordered }).collect()
    }

    /// What reserves its units: out of what is here, and out of what is expected.
    pub(super) fn reserved(&self) -> Vec<Movement> {
        let lines = self.lines.iter().flat_map(|line| {
            let (here, later) = (line.quantity - line.backordered.min(line.quantity), line.backordered);
            let of =
                |kind, units| Movement::network(kind, line.sku.clone(), i64::from(units)).leaving(line.leave.into());
            [of(Kind::Reserved, here), of(Kind::Backordered, later)]
        });
        lines.filter(|movement| movement.quantity > 0).collect()
    }
}

impl Order {
    /// Units per SKU that are promised to the order out of what is expected, not come yet and not given back.
    #[must_use]
    pub fn waits_for(&self) -> BTreeMap<Sku, i64> {
        let mut waits: BTreeMap<Sku, i64> = BTreeMap::new();
        for (line, promised) in self.placed.lines.iter().zip(&self.promised) {
            *waits.entry(line.sku.clone()).or_default() += i64::from(promised.waiting);
        }
        for movement in self.given_back().filter(|movement| movement.kind == Kind::Unpromised) {
            *waits.entry(movement.sku.clone()).or_default() -= movement.quantity;
        }
        waits.retain(|_, units| *units > 0);
        waits
    }

    /// Is a unit of it still to come?
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.promised.iter().any(|promised| promised.waiting > 0)
    }

    /// Does the order as a whole stand still until units come?
    #[must_use]
    pub fn waits_for_stock(&self) -> bool {
        let is_ready = self.screening.is_some() && self.was_authorized() && !self.needs_review();
        let nothing_to_route = self.demand().iter().all(|(_, units)| *units == 0);
        !self.is_cancelled() && is_ready && self.is_waiting() && nothing_to_route
    }

    /// Units of an item came: up to so many are given to the lines that wait for it, the first line first. `None`: none
    /// waits.
    ///
    /// # Errors
    /// `Cancelled`.
    pub fn decide_filled(&self, sku: &Sku, units: u32) -> Decided {
        self.refuse_if_cancelled()?;
        let mut left = units;
        let mut lines = Vec::new();
        for (line, promised) in self.placed.lines.iter().zip(&self.promised) {
            let given = if line.sku == *sku { promised.waiting.min(left) } else { 0 };
            left -= given;
            if given > 0 {
                lines.push(LineUnits { line: line.number, units: given });
            }
        }
        if lines.is_empty() {
            return Ok(None);
        }
        let movement = Movement::network(Kind::Filled, sku.clone(), i64::from(units - left));
        // The workflow is past the choice of sites: it is started once more, for these units.
        let attempt = (!self.fulfillments.is_empty()).then_some(self.attempt + 1);
        Ok(Some(Draft::of(Event::BackorderFilled { lines, attempt }).moving_stock(vec![movement])))
    }

    /// Units that were promised are at no site: their lines wait for others, and staff are told. Many lines take several
    /// events, each with the lines that are left.
    ///
    /// # Errors
    /// `Cancelled`; `NotAllowed` for units the order does not have.
    pub fn decide_units_lost(&self, missing: &[LineUnits]) -> Decided {
        self.refuse_if_cancelled()?;
        let lines: Vec<LineUnits> = missing.iter().copied().filter(|lost| lost.units > 0).take(WAIT_CHUNK).collect();
        if lines.is_empty() {
            return Ok(None);
        }
        let mut movements = Vec::new();
        let mut words = Vec::new();
        for lost in &lines {
            let Some(line) = self.placed.line(lost.line) else { return Err(Rejection::Unknown("such line")) };
            if lost.units > self.here(lost.line) || self.stock != StockHold::Reserved {
                let because = format!("line {} has not {} units that are promised", lost.line, lost.units);
                return Err(Rejection::NotAllowed { command: "wait for stock", because });
            }
            movements.push(Movement::network(Kind::Unfilled, line.sku.clone(), lost.units.into()));
            words.push(format!("{} of {}", lost.units, line.sku));
        }
        let reason = format!("units that were promised are at no site: {}", words.join(", "));
        let case = Case {
            number: self.next_case(),
            stage: "route".to_owned(),
            fulfillment: None,
            reason: reason.chars().take(500).collect(),
            actions: if self.has_left() {
                vec![CaseAction::Resolve]
            } else {
                vec![CaseAction::Resolve, CaseAction::Cancel]
            },
        };
        Ok(Some(Draft::of(Event::UnitsLost { lines, case }).moving_stock(movements)))
    }

    /// Units of a line that are promised, here and not given to a fulfillment order.
    fn here(&self, number: u16) -> u32 {
        let lines = self.placed.lines.iter().zip(&self.promised);
        let line = lines.into_iter().find(|(line, _)| line.number == number);
        line.map_or(0, |(line, promised)| line.quantity.saturating_sub(promised.waiting + promised.routed))
    }

    /// What an event changes in what the lines were promised.
    pub(super) fn apply_to_lines(&mut self, lines: &[LineUnits], change: impl Fn(&mut Promised, u32)) {
        for (line, promised) in self.placed.lines.iter().zip(&mut self.promised) {
            for of_line in lines.iter().filter(|one| one.line == line.number) {
                change(promised, of_line.units);
            }
        }
    }
}
