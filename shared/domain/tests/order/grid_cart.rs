//! What makes an order of a cart, and every way a cart is refused: the field and the rule.

mod bundles;
mod paying;
mod pricing;

use crate::sample::{currency, sku, start, usd};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use waybill_domain::catalog::{Carrier, Item, Policy, Site, Store};
use waybill_domain::id::Sku;
use waybill_domain::money::Money;
use waybill_domain::order::{Cart, CartError, MAX_ITEMS, MAX_LINES, Part, Placed, Seller, Tender};
use waybill_domain::promise::NeverShips;

/// The merchant: items `A` at 10.00 USD, `NOPRICE`, and `I0`, `I1`, ... at 1.00 USD each.
struct Merchant {
    store: Store,
    policy: Policy,
    carrier: Carrier,
    site: Site,
    items: BTreeMap<Sku, Item>,
}

fn item(name: &str, prices: &Value) -> (Sku, Item) {
    let size = json!({"sku": name, "title": name, "length_mm": 1, "width_mm": 1, "height_mm": 1, "weight_grams": 1, "prices": prices});
    (sku(name), serde_json::from_value(size).unwrap())
}

fn merchant() -> Merchant {
    let parsed = |value: Value| serde_json::from_value(value);
    let price = |minor: i64| json!([{"minor": minor, "currency": "USD"}]);
    let many = (0..200).map(|n| item(&format!("I{n}"), &price(100)));
    let few = [item("A", &price(1_000)), item("NOPRICE", &json!([])), item("HUGE", &price(i64::MAX))];
    let calendar = json!({"time_zone": "America/New_York", "cut_off": "14:00:00", "working_days": [1, 2, 3, 4, 5]});
    let address = json!({"name": "W", "line1": "1 Dock", "city": "Reno", "postal_code": "89501", "country": "US"});
    Merchant {
        store: serde_json::from_value(json!({"id": "demo", "name": "Demo", "currencies": ["USD", "JPY", "KWD"]}))
            .unwrap(),
        policy: serde_json::from_value(json!({"id": "default", "carrier": "parcel"})).unwrap(),
        carrier: serde_json::from_value(json!({"id": "parcel", "services": [
            {"name": "standard", "carrier_services": ["Ground"], "transit_days": 2, "countries": ["US"]}]}))
        .unwrap(),
        site: parsed(json!({"id": "reno", "address": address, "calendar": calendar})).unwrap(),
        items: few.into_iter().chain(many).collect(),
    }
}

impl Merchant {
    fn price(&self, cart: &Value) -> Result<Placed, CartError> {
        let cart: Cart = serde_json::from_value(cart.clone()).unwrap();
        let service = self.carrier.service(cart.shipping.service.as_str(), &cart.ship_to.country);
        let (store, items, site, policy) = (&self.store, &self.items, &self.site, &self.policy);
        let (tenant, channel) = (&"acme".parse().unwrap(), "api".parse().unwrap());
        let seller = Seller { tenant, store, channel, items, site, service, policy };
        cart.price(&seller, start())
    }
}

fn money(minor: i64) -> Value {
    json!({"minor": minor, "currency": "USD"})
}

/// Two of `A` with tax, shipping, and a discount of the whole: 20.00 + 1.20 + 5.00 + 0.30 − 2.00 = 24.50 USD.
fn cart() -> Value {
    json!({
        "reference": "WEB-1", "currency": "USD",
        "customer": {"email": "ada@example.com", "name": "Ada Example"},
        "ship_to": {"name": "Ada Example", "line1": "92 Chestnut Street", "city": "Louisville", "postal_code": "40202", "country": "US"},
        "lines": [{"sku": "A", "quantity": 2, "tax": money(120)}],
        "shipping": {"service": "standard", "price": money(500), "tax": money(30)},
        "discount": money(200), "total": money(2_450), "payments": [{"method": "pm_card_visa"}],
    })
}

/// The cart with `value` at the JSON pointer `at`; an object's missing last step is added.
fn with(at: &str, value: &Value) -> Value {
    let mut cart = cart();
    set(&mut cart, at, value);
    cart
}

fn set(cart: &mut Value, at: &str, value: &Value) {
    let (parent, name) = at.rsplit_once('/').unwrap();
    let parent = cart.pointer_mut(parent).unwrap();
    match parent.as_array_mut() {
        Some(list) => list[name.parse::<usize>().unwrap()] = value.clone(),
        None => parent[name] = value.clone(),
    }
}

fn refused(pointer: &str, rule: &str) -> Result<Placed, CartError> {
    Err(CartError::Field { pointer: pointer.to_owned(), rule: rule.to_owned() })
}

fn tax(of: &Value) -> Value {
    json!([of])
}

fn lines(names: impl Iterator<Item = String>) -> Value {
    names.map(|sku| json!({"sku": sku, "quantity": 1})).collect()
}

#[test]
fn a_cart_becomes_an_order_priced_and_promised() {
    let placed = merchant().price(&cart()).unwrap();
    assert_eq!((placed.total, placed.computed_total()), (usd(2_450), Ok(usd(2_450))));
    assert_eq!((placed.adjustment, placed.discount), (usd(0), usd(200)));
    assert_eq!((placed.lines[0].unit_price, placed.lines[0].number), (usd(1_000), 1));
    let [Part { number: 1, amount, tender: Tender::Card { method, customer: None, return_url: None } }] =
        &placed.tenders[..]
    else {
        panic!("paid with {:?}", placed.tenders)
    };
    assert_eq!((*amount, method.as_str()), (usd(2_450), "pm_card_visa"));
    // Monday noon UTC is before the cut-off in New York; two business days on.
    assert_eq!(placed.promise.ship_by.to_string(), "2026-11-23");
    assert_eq!(placed.promise.deliver_by.to_string(), "2026-11-25");
}

#[test]
fn each_broken_rule_is_named_with_its_field() {
    let eur = json!({"minor": 100, "currency": "EUR"});
    let at_limit = lines((0..=MAX_ITEMS).map(|n| format!("I{n}")));
    #[rustfmt::skip]
    let table: Vec<(&str, Value, &str, &str)> = vec![
        ("/lines",                json!([]),                "/lines",                    "must not be empty"),
        ("/lines",                lines((0..=MAX_LINES).map(|_| "A".to_owned())), "/lines", "must be at most 500"),
        ("/lines",                at_limit,                 "/lines",                    "must have at most 90 distinct items"),
        ("/lines/0/sku",          json!("NOSUCH"),          "/lines/0/sku",              "is not in the catalog"),
        ("/lines/0/sku",          json!("NOPRICE"),         "/lines/0/unit_price",       "is needed: the item has no list price"),
        ("/lines/0/unit_price",   eur.clone(),              "/lines/0/unit_price/currency", "must be the order's currency"),
        ("/lines/0/tax",          eur.clone(),              "/lines/0/tax/currency",     "must be the order's currency"),
        ("/lines/0/discount",     eur.clone(),              "/lines/0/discount/currency", "must be the order's currency"),
        ("/shipping/price",       eur.clone(),              "/shipping/price/currency",  "must be the order's currency"),
        ("/shipping/tax",         eur.clone(),              "/shipping/tax/currency",    "must be the order's currency"),
        ("/discount",             eur.clone(),              "/discount/currency",        "must be the order's currency"),
        ("/total",                eur,                      "/total/currency",           "must be the order's currency"),
        ("/lines/0/unit_price",   money(-1),                "/lines/0/unit_price/minor", "must not be negative"),
        ("/lines/0/discount",     money(-1),                "/lines/0/discount/minor",   "must not be negative"),
        ("/lines/0/tax",          money(-1),                "/lines/0/tax/minor",        "must not be negative"),
        ("/shipping/price",       money(-1),                "/shipping/price/minor",     "must not be negative"),
        ("/shipping/tax",         money(-1),                "/shipping/tax/minor",       "must not be negative"),
        ("/discount",             money(-1),                "/discount/minor",           "must not be negative"),
        ("/total",                money(-1),                "/total/minor",              "must not be negative"),
        ("/lines/0/discount",     money(2_001),             "/lines/0/discount",         "is more than the line"),
        ("/discount",             money(2_651),             "/discount",                 "is more than the order"),
        ("/total",                money(2_449),             "/total",                    "must be 24.50 USD, what the order adds up to"),
        ("/total",                money(2_451),             "/total",                    "must be 24.50 USD, what the order adds up to"),
        ("/currency",             json!("EUR"),             "/currency",                 "is not a currency of this store"),
        ("/currency",             json!("JPY"),             "/lines/0/tax/currency",     "must be the order's currency"),
        ("/shipping/service",     json!("overnight"),       "/shipping/service",         "is not offered to this address"),
        ("/ship_to/country",      json!("CA"),              "/shipping/service",         "is not offered to this address"),
    ];
    let merchant = merchant();
    for (at, value, pointer, rule) in table {
        assert_eq!(merchant.price(&with(at, &value)), refused(pointer, rule), "{at}");
    }
}

#[test]
fn a_list_price_in_another_currency_is_no_price() {
    let mut cart = with("/currency", &json!("JPY"));
    cart["lines"] = json!([{"sku": "A", "quantity": 1}]);
    cart["shipping"] = json!({"service": "standard", "price": {"minor": 0, "currency": "JPY"}});
    cart["discount"] = Value::Null;
    cart["total"] = json!({"minor": 1000, "currency": "JPY"});
    let CartError::Field { pointer, .. } = merchant().price(&cart).unwrap_err() else { panic!("no field") };
    assert_eq!(pointer, "/lines/0/unit_price");
    cart["lines"][0]["unit_price"] = json!({"minor": 1000, "currency": "JPY"});
    assert_eq!(merchant().price(&cart).unwrap().total, Money::new(1000, currency("JPY")));
}

#[test]
fn as_many_lines_and_items_as_are_allowed_are_taken() {
    let mut cart = with("/lines", &lines((0..MAX_LINES).map(|n| format!("I{}", n % MAX_ITEMS))));
    cart["total"] = money(100 * 500 + 500 + 30 - 200);
    let placed = merchant().price(&cart).unwrap();
    assert_eq!((placed.lines.len(), placed.lines[499].number), (500, 500));
}

#[test]
fn a_cart_may_be_discounted_to_nothing() {
    let mut cart = with("/discount", &money(2_650));
    cart["total"] = money(0);
    assert_eq!(merchant().price(&cart).unwrap().total, usd(0));
}

#[test]
fn a_site_that_never_works_promises_nothing() {
    let mut merchant = merchant();
    let holidays: Vec<String> = start()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
        .series(jiff::Span::new().days(1))
        .take(900)
        .map(|day| day.to_string())
        .collect();
    let calendar =
        json!({"time_zone": "America/New_York", "cut_off": "14:00:00", "working_days": [1], "holidays": holidays});
    merchant.site.calendar = serde_json::from_value(calendar).unwrap();
    assert_eq!(merchant.price(&cart()), Err(CartError::NeverShips(NeverShips)));
}

#[test]
fn what_is_no_cart_does_not_even_parse() {
    #[rustfmt::skip]
    let table = [
        ("/lines/0/quantity", json!(0)), ("/lines/0/quantity", json!(-1)), ("/lines/0/quantity", json!(1.5)), ("/lines/0/quantity", json!("2")),
        ("/lines/0/sku", json!("")), ("/lines/0/sku", json!("A B")), ("/lines/0/sku", json!("x".repeat(65))), ("/lines/0/surprise", json!(1)),
        ("/currency", json!("usd")), ("/currency", json!("XXQ")), ("/currency", json!("US")), ("/total", json!({"minor": 24.5, "currency": "USD"})),
        ("/total", json!({"minor": 1, "currency": "USD", "more": 1})), ("/total", json!({"minor": 9_223_372_036_854_775_808_u64, "currency": "USD"})),
        ("/customer/email", json!("ada")), ("/customer/name", json!(" ")), ("/customer/name", json!("x".repeat(101))), ("/customer/name", json!("a\nb")),
        ("/ship_to/country", json!("us")), ("/ship_to/country", json!("ZZ")), ("/ship_to/postal_code", Value::Null), ("/ship_to/line1", json!("")),
        ("/lines/0/tax_included", json!("yes")), ("/lines/0/taxes", Value::Null), ("/lines/0/taxes", tax(&json!({"name": "VAT", "rate": 0.2}))),
        ("/lines/0/taxes", tax(&json!({"name": "VAT", "rate": 1}))), ("/lines/0/taxes", tax(&json!({"name": "VAT", "rate": "20%"}))),
        ("/lines/0/taxes", tax(&json!({"name": "VAT", "rate": "-0.2"}))), ("/lines/0/taxes", tax(&json!({"name": "VAT", "rate": "0.0000001"}))),
        ("/lines/0/taxes", tax(&json!({"name": "VAT", "rate": "10.1"}))), ("/lines/0/taxes", tax(&json!({"name": "", "rate": "0.2"}))),
        ("/lines/0/taxes", tax(&json!({"name": "x".repeat(41), "rate": "0.2"}))), ("/lines/0/taxes", tax(&json!({"rate": "0.2"}))),
        ("/shipping/taxes", tax(&json!({"name": "VAT", "rate": "0.2", "amount": 1}))), ("/shipping/discount", json!(100)),
        ("/reference", json!("x".repeat(65))), ("/payments/0/method", json!("")), ("/payments", json!(null)), ("/surprise", json!(1)),
    ];
    assert!(serde_json::from_value::<Cart>(cart()).is_ok());
    assert!(
        serde_json::from_value::<Cart>(with("/lines/0/taxes", &tax(&json!({"name": "VAT", "rate": "0.2"})))).is_ok()
    );
    for (at, value) in table {
        assert!(serde_json::from_value::<Cart>(with(at, &value)).is_err(), "{at} = {value}");
    }
}
