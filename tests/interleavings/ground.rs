//! What a pair begins with: a world, the order it is about, and how an order comes to any point of its life by the
//! functions' own doings.

use crate::calls;
use crate::schedule::{Call, Said};
use jiff::Timestamp;
use serde_json::{Value, json};
use waybill_domain::catalog::Kind;
use waybill_domain::id::{DocumentId, OrderId};
use waybill_domain::order::{Order, ShipmentStatus};
use waybill_domain::ports::{Filed, Stock as _};
use waybill_domain::stock::{Body, Document, Kind as Moved, Movement};
use waybill_lambda::Stage;
use waybill_testkit::{World, at, block_on, document, id, tenant};

/// A world, the time, and the order that matters there.
pub struct Ground {
    pub world: World,
    pub now: Timestamp,
    pub order: OrderId,
}

/// The key of the order that matters.
pub const KEY: &str = "K-1";

/// The id of the order placed under a key.
pub fn order_of(key: &str) -> OrderId {
    OrderId::derive(&tenant(), place_order::ROUTE, key)
}

/// A body of `POST /orders`: SKUs, units and prices in cents; 4.99 USD of shipping.
pub fn cart(lines: &[(&str, i64, i64)], method: &str) -> Value {
    let usd = |minor: i64| json!({"minor": minor, "currency": "USD"});
    let goods: i64 = lines.iter().map(|(_, units, price)| units * price).sum();
    let line =
        |(sku, units, price): &(&str, i64, i64)| json!({"sku": sku, "quantity": units, "unit_price": usd(*price)});
    json!({
        "reference": "WEB-1001",
        "currency": "USD",
        "customer": {"email": "ada@example.com", "name": "Ada Lovelace"},
        "ship_to": {
            "name": "Ada Lovelace", "line1": "12 River Road", "city": "Louisville", "region": "KY",
            "postal_code": "40202", "country": "US",
        },
        "lines": lines.iter().map(line).collect::<Vec<_>>(),
        "shipping": {"service": "standard", "price": usd(499)},
        "total": usd(goods + 499),
        "payments": [{"method": method}],
    })
}

/// Two mugs, by a card that has the money.
pub fn mugs() -> Value {
    cart(&[("MUG-BLUE", 2, 1_800)], "pm_card_visa")
}

/// The last unit of an item.
pub fn last_one() -> Value {
    cart(&[("LAST-ONE", 1, 5_000)], "pm_card_visa")
}

/// So many lamps, which may be waited for: nothing ships before all are here.
pub fn lamps(units: i64) -> Value {
    let mut body = cart(&[("LAMP", units, 100)], "pm_card_visa");
    body["fill"] = json!("ship_complete");
    body
}

/// Two items from two sites.
pub fn two_sites() -> Value {
    cart(&[("IPOD2008GREEN", 2, 19_900), ("POSTER-A2", 3, 1_500)], "pm_card_visa")
}

impl Ground {
    /// The demo's store.
    pub fn new() -> Self {
        Self { world: World::seeded(), now: at(0), order: order_of(KEY) }
    }

    /// The demo's store, with an order in it.
    pub fn with(body: &Value) -> Self {
        let ground = Self::new();
        Ground::must(calls::place(&ground, KEY, body.clone()));
        ground
    }

    /// The demo's store with one lamp, and five announced.
    pub fn with_lamps() -> Self {
        let ground = Self::new();
        let lamp = json!({"sku": "LAMP", "title": "Lamp", "length_mm": 50, "width_mm": 50, "height_mm": 20,
            "weight_grams": 100, "prices": [{"minor": 100, "currency": "USD"}], "backorder": "backorder"});
        ground.world.catalog.keep(&tenant(), Kind::Item, "LAMP", lamp);
        ground.world.memory.receive(&tenant(), &id("LAMP"), &id("reno"), 1);
        let due = at(20 * 86_400).to_zoned(jiff::tz::TimeZone::UTC).date();
        let body = Body::Announcement { site: id("columbus"), due, reference: None };
        let expected = Movement::network(Moved::Expected, id("LAMP"), 5).announced(announcement());
        ground.file(&document(&tenant(), "announced LAMP", body, vec![expected]));
        ground
    }

    /// A document is filed.
    pub fn file(&self, document: &Document) {
        assert_eq!(block_on(self.world.stock.file(&tenant(), document, &[])).ok(), Some(Filed::Stored));
    }

    /// A world of its own, the same.
    pub fn copy(&self) -> Self {
        Self { world: self.world.copy(), now: self.now, order: self.order.clone() }
    }

    /// Does it at once; it has to succeed.
    pub fn must(call: Call<'_>) {
        let said = block_on(call);
        assert!(said.done, "given: {said:?}");
    }

    /// Does it at once, whatever is said.
    pub fn does(call: Call<'_>) -> Said {
        block_on(call)
    }

    /// The order that matters.
    pub fn stored(&self) -> Order {
        self.world.memory.order(&tenant(), &self.order).expect("the order is there")
    }

    /// The processor's id of its payment.
    pub fn payment(&self) -> String {
        self.world.processor.holds_of(&self.order)[0].held.reference.clone()
    }

    /// Screened.
    pub fn screened(self) -> Self {
        Ground::must(calls::stage(&self, Stage::Screen, 0));
        self
    }

    /// Its money is held.
    pub fn authorized(self) -> Self {
        let ground = self.screened();
        Ground::must(calls::stage(&ground, Stage::Authorize, 0));
        ground
    }

    /// Sites are chosen.
    pub fn routed(self) -> Self {
        let ground = self.authorized();
        Ground::must(calls::stage(&ground, Stage::Route, 0));
        ground
    }

    /// All of its parts, found.
    pub fn picked(self) -> Self {
        let ground = self.routed();
        ground.each(|ground, part| calls::pick(ground, "given", part, 0));
        ground
    }

    /// Packed.
    pub fn packed(self) -> Self {
        let ground = self.picked();
        ground.each(|ground, part| calls::pack(ground, "given", part));
        ground
    }

    /// Labeled.
    pub fn labeled(self) -> Self {
        let ground = self.packed();
        ground.each(|ground, part| calls::stage(ground, Stage::Ship, part));
        ground
    }

    /// With the carrier.
    pub fn handed_over(self) -> Self {
        let ground = self.labeled();
        ground.each(|ground, part| calls::hand_over(ground, "given", part));
        ground
    }

    /// Out of the stock, and paid.
    pub fn dispatched(self) -> Self {
        let ground = self.handed_over();
        ground.each(|ground, part| calls::stage(ground, Stage::Dispatch, part));
        ground
    }

    /// At the door, and closed.
    pub fn delivered(self) -> Self {
        let ground = self.dispatched();
        ground.each(|ground, part| calls::carrier(ground, part, ShipmentStatus::Delivered));
        ground
    }

    fn each(&self, call: impl for<'w> Fn(&'w Self, u16) -> Call<'w>) {
        for part in self.stored().fulfillments {
            Ground::must(call(self, part.number));
        }
    }
}

/// The announcement of five lamps.
pub fn announcement() -> DocumentId {
    waybill_testkit::document_id(&tenant(), "announced LAMP")
}
