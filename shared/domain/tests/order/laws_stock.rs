//! Stock: no counter below zero, the equations after every event, and nothing kept by an order that is over.

use crate::life::{KEPT_BY_LOT, life, lot};
use proptest::prelude::*;
use std::collections::BTreeMap;
use waybill_domain::id::Sku;
use waybill_domain::order::{Event, Fill, FulfillmentLine, Order, StockHold};
use waybill_domain::stock::{Counter, Kind, Movement, Place, Shelf, changes};

/// Units of every item at each of the three sites, before the order: of the item kept by lot, half in each of two.
const ON_HAND: i64 = 1_000;

/// All counters, as an adapter keeps them, and the reservations that only the movements tell of.
#[derive(Default)]
struct Books {
    counters: BTreeMap<(Shelf, Counter), i64>,
    reserved: BTreeMap<Sku, i64>,
}

impl Books {
    fn opened() -> Self {
        let mut books = Self::default();
        for sku in ["A", "B", "C"] {
            for site in ["east", "west", "north"] {
                let stows = if sku == KEPT_BY_LOT { vec![Some(lot("L1")), Some(lot("L2"))] } else { vec![None] };
                let each = ON_HAND / i64::try_from(stows.len()).unwrap();
                let opened = |stow| {
                    let (sku, site) = (sku.parse().unwrap(), site.parse().unwrap());
                    Movement::at(Kind::Received, sku, site, each).of(stow)
                };
                books.apply(&stows.into_iter().map(opened).collect::<Vec<_>>()).unwrap();
            }
        }
        books
    }

    fn apply(&mut self, movements: &[Movement]) -> Result<(), TestCaseError> {
        for change in changes(movements) {
            for (counter, least) in &change.guards {
                let there = self.counters.get(&(change.shelf.clone(), *counter)).copied().unwrap_or(0);
                // What comes in for those that wait is not an order's to tell.
                let comes = *counter == Counter::Fillable;
                prop_assert!(comes || there >= *least, "{counter:?} of {:?} is {there}, not {least}", change.shelf);
            }
            for (counter, delta) in change.deltas {
                let value = self.counters.entry((change.shelf.clone(), counter)).or_default();
                *value += delta;
                prop_assert!(*value >= 0, "{counter:?} of {:?} is {value}", change.shelf);
            }
        }
        for movement in movements {
            let reserved = self.reserved.entry(movement.sku.clone()).or_default();
            *reserved += movement.kind.of_reservations() * movement.quantity;
            prop_assert!(*reserved >= 0, "{reserved} reserved of {}", movement.sku);
        }
        self.check()
    }

    fn sum(&self, sku: &Sku, wanted: Counter) -> i64 {
        let ours = self.counters.iter().filter(|((shelf, counter), _)| {
            shelf.sku == *sku && *counter == wanted && !matches!(shelf.place, Place::Stow(..))
        });
        ours.map(|(_, value)| value).sum()
    }

    /// Σ on hand = reserved + allocated + available + held; and of each site and stow, on hand = allocated + free + held.
    fn check(&self) -> Result<(), TestCaseError> {
        for (sku, reserved) in &self.reserved {
            let spoken_for = self.sum(sku, Counter::Allocated) + self.sum(sku, Counter::Available);
            prop_assert_eq!(self.sum(sku, Counter::OnHand), reserved + spoken_for + self.sum(sku, Counter::Held));
        }
        for ((shelf, counter), on_hand) in &self.counters {
            let of = |counter| self.counters.get(&(shelf.clone(), counter)).copied().unwrap_or(0);
            let rest = of(Counter::Allocated) + of(Counter::Free) + of(Counter::Held);
            prop_assert!(*counter != Counter::OnHand || *on_hand == rest, "{shelf:?}: {on_hand} on hand, {rest} known");
        }
        Ok(())
    }

    /// What waits is what is here and claimed by nobody who has it, less what may be promised.
    fn waits(&self, order: &Order) -> Result<(), TestCaseError> {
        let waits = order.waits_for();
        for sku in self.reserved.keys() {
            let waited_for = self.sum(sku, Counter::Fillable) - self.sum(sku, Counter::Available);
            prop_assert_eq!(waits.get(sku).copied().unwrap_or(0), waited_for, "of {}", sku);
        }
        Ok(())
    }
}

fn books_of(order: &Order) -> Result<Books, TestCaseError> {
    let mut books = Books::opened();
    order.history().iter().try_for_each(|event| books.apply(&event.movements))?;
    Ok(books)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_equation_of_the_stock_holds_after_every_event_and_no_counter_falls_below_zero(life in life()) {
        books_of(&life.order)?;
    }

    #[test]
    fn an_order_waits_for_what_was_promised_to_it_and_has_not_come_at_every_moment(life in life()) {
        let mut books = Books::opened();
        books.apply(&life.begun.history()[0].movements)?;
        books.waits(&life.begun)?;
        for tried in life.recorded() {
            books.apply(&tried.after.history().last().unwrap().movements)?;
            books.waits(&tried.after)?;
        }
    }

    #[test]
    fn every_unit_ordered_is_reserved_allocated_or_gone_and_none_of_it_twice(life in life()) {
        let mut books = Books::opened();
        books.apply(&life.begun.history()[0].movements)?;
        for tried in life.recorded() {
            let order = &tried.after;
            books.apply(&order.history().last().unwrap().movements)?;
            let planned = order.fulfillments.iter().flat_map(|part| &part.lines);
            let planned: i64 = planned.map(|line| i64::from(line.quantity)).sum();
            let ordered: i64 = order.placed.lines.iter().map(|line| i64::from(line.quantity)).sum();
            let reserved: i64 = books.reserved.values().sum();
            let given_back = order.stock == StockHold::Lapsed || order.is_cancelled();
            prop_assert!(reserved + planned == ordered || given_back, "{reserved} + {planned} of {ordered}");
            prop_assert!(order.stock != StockHold::Lapsed || reserved + planned == 0);
            prop_assert_eq!(order.stock == StockHold::Allocated, planned == ordered && order.stock != StockHold::Released);
        }
    }

    #[test]
    fn an_order_to_ship_complete_has_every_unit_before_the_first_is_routed(life in life()) {
        for tried in life.recorded().filter(|tried| matches!(tried.after.history().last().unwrap().event, Event::Routed { .. })) {
            prop_assert!(tried.before.placed.fill == Fill::FillAvailable || !tried.before.is_waiting());
        }
    }

    #[test]
    fn an_order_that_is_over_keeps_no_unit_for_itself(life in life()) {
        if !life.order.is_finished() {
            return Ok(());
        }
        let books = books_of(&life.order)?;
        for (sku, reserved) in &books.reserved {
            prop_assert_eq!(*reserved, 0, "reserved of {}", sku);
            prop_assert_eq!(books.sum(sku, Counter::Allocated), 0, "allocated of {}", sku);
        }
    }

    #[test]
    fn what_left_the_shelves_is_what_was_dispatched(life in life()) {
        let order = &life.order;
        let books = books_of(order)?;
        for sku in books.reserved.keys() {
            let dispatched = order.fulfillments.iter().filter(|part| part.dispatched).flat_map(|part| &part.lines);
            let units: u32 = dispatched.filter(|line| line.sku == *sku).map(FulfillmentLine::shipping).sum();
            prop_assert_eq!(books.sum(sku, Counter::OnHand), 3 * ON_HAND - i64::from(units));
        }
        let events = order.history().iter().filter(|event| matches!(event.event, Event::Dispatched { .. })).count();
        prop_assert_eq!(events, order.fulfillments.iter().filter(|part| part.dispatched).count());
    }
}
