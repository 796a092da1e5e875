//! What is left of an order's reservation.

use super::Order;
use crate::id::Sku;
use std::collections::BTreeMap;

impl Order {
    /// Units per item that are promised to the order and neither allocated nor given back, whether they are here or still
    /// expected. None of zero.
    #[must_use]
    pub fn reserved_units(&self) -> BTreeMap<Sku, i64> {
        let mut units: BTreeMap<Sku, i64> = BTreeMap::new();
        for movement in self.history().iter().flat_map(|recorded| &recorded.movements) {
            *units.entry(movement.sku.clone()).or_default() += movement.kind.of_reservations() * movement.quantity;
        }
        units.retain(|_, units| *units != 0);
        units
    }
}
