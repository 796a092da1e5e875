//! Made-up data that is legal.

use crate::at;
use jiff::Timestamp;
use serde_json::json;
use std::fmt::Debug;
use std::str::FromStr;
use waybill_domain::id::{OrderId, Sku, TenantId, digest_of};
use waybill_domain::money::{Currency, Money};
use waybill_domain::order::{
    Account, AccountKind, Actor, Cart, Line, Order, Part, Placed, Recorded, RequestRecord, Tender,
};

/// An identifier a test writes down.
///
/// # Panics
/// It is illegal.
#[must_use]
#[expect(clippy::expect_used, reason = "a test's own literal")]
pub fn id<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().expect("a legal identifier")
}

/// The tests' merchant.
#[must_use]
pub fn tenant() -> TenantId {
    id("acme")
}

/// US cents.
///
/// # Panics
/// Never: the dollar exists.
#[must_use]
#[expect(clippy::expect_used, reason = "the dollar exists")]
pub fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::try_from("USD".to_owned()).expect("the dollar exists"))
}

/// A cart the seeded catalog accepts: two mugs and a T-shirt, standard shipping, 64.99 USD in all.
///
/// # Panics
/// Never: the cart is legal.
#[must_use]
#[expect(clippy::expect_used, reason = "a literal of ours")]
pub fn a_cart() -> Cart {
    let usd = |minor: i64| json!({"minor": minor, "currency": "USD"});
    let cart = json!({
        "reference": "WEB-1001",
        "currency": "USD",
        "customer": {"email": "ada@example.com", "name": "Ada Lovelace", "phone": "502-555-0101"},
        "ship_to": {
            "name": "Ada Lovelace", "line1": "12 River Road", "city": "Louisville", "region": "KY",
            "postal_code": "40202", "country": "US",
        },
        "lines": [{"sku": "MUG-BLUE", "quantity": 2}, {"sku": "TEE-M-BLACK", "quantity": 1}],
        "shipping": {"service": "standard", "price": usd(499)},
        "total": usd(6499),
        "payments": [{"method": "pm_card_visa"}],
    });
    serde_json::from_value(cart).expect("a legal cart")
}

/// What [`a_cart`] comes to: lines, total and promise.
///
/// # Panics
/// Never: the order is legal.
#[must_use]
#[expect(clippy::expect_used, reason = "a literal of ours")]
pub fn placed() -> Placed {
    let cart = a_cart();
    let zero = usd(0);
    let line = |number: u16, sku: &str, title: &str, quantity: u32, price: i64| {
        json!({
            "number": number, "sku": sku, "title": title, "quantity": quantity,
            "unit_price": usd(price), "discount": zero, "tax": zero,
        })
    };
    let placed = json!({
        "store": "demo",
        "channel": "api",
        "reference": cart.reference,
        "customer": cart.customer,
        "ship_to": cart.ship_to,
        "lines": [
            line(1, "MUG-BLUE", "Enamel mug, blue", 2, 1800),
            line(2, "TEE-M-BLACK", "T-shirt, black, M", 1, 2400),
        ],
        "shipping": {"service": "standard", "price": usd(499), "discount": zero, "tax": zero},
        "discount": zero,
        "adjustment": zero,
        "total": cart.total,
        "tenders": [{"number": 1, "amount": cart.total, "kind": "card", "method": "pm_card_visa"}],
        "promise": {"ship_by": "2026-11-02", "deliver_by": "2026-11-09"},
        "reserve_minutes": 60,
    });
    serde_json::from_value(placed).expect("a legal order")
}

/// A card that has the money.
///
/// # Panics
/// Never: the payment method is legal.
#[must_use]
#[expect(clippy::expect_used, reason = "a literal of ours")]
pub fn card() -> Tender {
    let method = "pm_card_visa".to_owned().try_into().expect("a short text");
    Tender::Card { method, customer: None, return_url: None }
}

/// An account of the merchant's customer.
///
/// # Panics
/// The id is illegal.
#[must_use]
pub fn account(kind: AccountKind, name: &str) -> Account {
    Account { account: kind, id: id(name) }
}

/// The same order, paid with these: each with its amount in minor units.
#[must_use]
pub fn with_tenders(mut placed: Placed, tenders: Vec<(Tender, i64)>) -> Placed {
    let currency = placed.currency();
    let part = |(number, (tender, minor))| Part { number, amount: Money::new(minor, currency), tender };
    placed.tenders = (1_u16..).zip(tenders).map(part).collect();
    placed
}

/// The order of [`placed`] with these lines instead, 10.00 USD a unit, and no shipping charge.
#[must_use]
pub fn of_skus(lines: &[(&str, u32)]) -> Placed {
    let mut placed = placed();
    placed.shipping.price = usd(0);
    placed.total = usd(lines.iter().map(|(_, quantity)| i64::from(*quantity) * 1_000).sum());
    let model = placed.lines[0].clone();
    let numbered = (1_u16..).zip(lines);
    let line = |(number, (sku, quantity)): (u16, &(&str, u32))| {
        let sku: Sku = id(sku);
        Line { number, sku, quantity: *quantity, unit_price: usd(1_000), ..model.clone() }
    };
    placed.lines = numbered.map(line).collect();
    let total = placed.total.minor();
    with_tenders(placed, vec![(card(), total)])
}

/// The order of [`placed`], placed under `key`, with its first event.
#[must_use]
pub fn first(key: &str) -> (Order, Recorded) {
    first_of(&tenant(), key, placed())
}

/// An order placed under `key` at [`at`]`(0)`, with its first event.
#[must_use]
pub fn first_of(tenant: &TenantId, key: &str, placed: Placed) -> (Order, Recorded) {
    first_at(tenant, key, placed, at(0))
}

/// An order placed under `key` at that time, with its first event.
///
/// # Panics
/// The amounts are beyond 64 bits.
#[must_use]
#[expect(clippy::expect_used, reason = "a test's own order")]
pub fn first_at(tenant: &TenantId, key: &str, placed: Placed, at: Timestamp) -> (Order, Recorded) {
    let route = "POST /orders";
    let order = OrderId::derive(tenant, route, key);
    let answer = json!({"id": order, "total": placed.total}).to_string();
    let body = digest_of(&[&serde_json::to_string(&placed).unwrap_or_default()]);
    let request = RequestRecord { key: digest_of(&[route, key]), body, status: 201, answer };
    let recorded = placed.record(at, Actor("client:store".to_owned()), Some(request)).expect("small amounts");
    let order = Order::begin(tenant.clone(), order, recorded.clone()).expect("a first event");
    (order, recorded)
}

/// The first event of an order whose stored answer alone has `bytes` bytes.
///
/// # Panics
/// Never: the order is legal.
#[must_use]
#[expect(clippy::expect_used, reason = "a first event of ours")]
pub fn bulky(tenant: &TenantId, key: &str, placed: Placed, bytes: usize) -> (Order, Recorded) {
    let (order, mut recorded) = first_of(tenant, key, placed);
    if let Some(request) = &mut recorded.request {
        request.answer = "x".repeat(bytes);
    }
    let order = Order::begin(tenant.clone(), order.id, recorded.clone()).expect("a first event");
    (order, recorded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryCatalog;
    use crate::block_on;
    use std::collections::BTreeMap;
    use waybill_domain::catalog::{Carrier, Item, Policy, Site, Store};
    use waybill_domain::order::Seller;
    use waybill_domain::ports::Catalog;

    #[test]
    fn the_cart_comes_to_the_order_beside_it() {
        let catalog = MemoryCatalog::seeded(&tenant());
        let items: BTreeMap<Sku, Item> = block_on(catalog.all::<Item>(&tenant()))
            .unwrap()
            .into_iter()
            .map(|item| (item.sku.clone(), item))
            .collect();
        let carrier = block_on(catalog.find::<Carrier>(&tenant(), "parcel")).unwrap().unwrap();
        let seller = Seller {
            tenant: &tenant(),
            store: &block_on(catalog.find::<Store>(&tenant(), "demo")).unwrap().unwrap(),
            channel: id("api"),
            items: &items,
            site: &block_on(catalog.find::<Site>(&tenant(), "reno")).unwrap().unwrap(),
            service: carrier.service("standard", &a_cart().ship_to.country),
            policy: &block_on(catalog.find::<Policy>(&tenant(), "default")).unwrap().unwrap(),
        };
        assert_eq!(a_cart().price(&seller, at(0)).unwrap(), placed());
    }

    #[test]
    fn the_same_key_is_the_same_order() {
        assert_eq!(first("k"), first("k"));
        assert_ne!(first("k").0.id, first("l").0.id);
    }
}
