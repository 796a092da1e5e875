//! Stock: no counter below zero, the equation after every event, and nothing kept by an order that is over.

use crate::life::life;
use proptest::prelude::*;
use std::collections::BTreeMap;
use waybill_domain::id::Sku;
use waybill_domain::order::{Event, FulfillmentLine, Order};
use waybill_domain::stock::{Counter, Kind, Movement, Shelf, changes};

/// Units of every item at each of the three sites, before the order.
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
                let (kind, sku, site) = (Kind::Adjusted, sku.parse().unwrap(), Some(site.parse().unwrap()));
                books.apply(&[Movement { kind, sku, site, quantity: ON_HAND }]).unwrap();
            }
        }
        books
    }

    fn apply(&mut self, movements: &[Movement]) -> Result<(), TestCaseError> {
        for change in changes(movements) {
            for (counter, delta) in change.deltas {
                let value = self.counters.entry((change.shelf.clone(), counter)).or_default();
                *value += delta;
                prop_assert!(*value >= 0, "{counter:?} of {:?} is {value}", change.shelf);
            }
        }
        for movement in movements {
            let reserved = self.reserved.entry(movement.sku.clone()).or_default();
            *reserved += match movement.kind {
                Kind::Reserved => movement.quantity,
                Kind::Released | Kind::Allocated => -movement.quantity,
                Kind::Deallocated | Kind::Shorted | Kind::Shipped | Kind::Adjusted => 0,
            };
            prop_assert!(*reserved >= 0, "{reserved} reserved of {}", movement.sku);
        }
        self.check()
    }

    fn sum(&self, sku: &Sku, wanted: Counter) -> i64 {
        let ours = self.counters.iter().filter(|((shelf, counter), _)| shelf.sku == *sku && *counter == wanted);
        ours.map(|(_, value)| value).sum()
    }

    /// Σ on hand = reserved + allocated + available + held.
    fn check(&self) -> Result<(), TestCaseError> {
        for (sku, reserved) in &self.reserved {
            let spoken_for = self.sum(sku, Counter::Allocated) + self.sum(sku, Counter::Available);
            prop_assert_eq!(self.sum(sku, Counter::OnHand), reserved + spoken_for + self.sum(sku, Counter::Held));
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
