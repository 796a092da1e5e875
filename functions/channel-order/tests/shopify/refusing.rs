//! What can never be an order: refused with a reason, and nothing stored.

use crate::payload::{message, of_lines, sample, set, with, without};
use channel_order::{MAX_BYTES, Refusal, handle};
use serde_json::{Value, json};
use waybill_domain::order::{MAX_ITEMS, MAX_LINES};
use waybill_testkit::{World, at, block_on};

/// What of the sample is a person's.
const PERSONAL: [&str; 10] =
    ["grace", "Grace", "Example", "example.com", "Main Street", "43004", "614-555", "0142", "Columbus", "OH"];

/// The reason `body` is refused for; nothing was stored, and nobody is named.
fn reason(body: &str) -> String {
    let world = World::seeded();
    let before = world.memory.counters();
    let refused = block_on(handle(&world.orders, &world.catalog, body, at(0)));
    let Err(Refusal::Never(reason)) = refused else { panic!("not refused: {refused:?}\n{body}") };
    assert!(world.memory.all_orders().is_empty());
    assert_eq!(world.memory.counters(), before, "{reason}");
    for personal in PERSONAL {
        assert!(!reason.contains(personal), "`{personal}` in: {reason}");
    }
    reason
}

fn line(at: &str, value: Value) -> Value {
    with(&format!("/order/line_items/1/{at}"), value)
}

#[test]
fn each_payload_that_is_no_order_is_refused_with_the_field_and_the_rule() {
    let order = |at: &str, value: Value| with(&format!("/order/{at}"), value);
    #[rustfmt::skip]
    let table = [
        (order("currency", json!("XXQ")),               "currency is no ISO 4217 currency"),
        (order("currency", json!("usd")),               "currency is no ISO 4217 currency"),
        (order("currency", json!("grace@example.com")), "currency is no ISO 4217 currency"),
        (order("currency", json!("JPY")),               "currency is not a currency of this store"),
        (order("cancelled_at", json!("2026-11-02")),    "cancelled_at is set: the order is cancelled"),
        (order("financial_status", json!("pending")),   "financial_status must be authorized or paid"),
        (order("financial_status", json!("refunded")),  "financial_status must be authorized or paid"),
        (order("total_price", json!("-1.00")),          "total_price must not be negative"),
        (order("total_price", json!("1.005")),          "total_price is no amount of USD"),
        (order("total_price", json!("99999999999999999999")), "total_price is no amount of USD"),
        (order("total_price", json!("a lot, says Grace")), "order.total_price is of another shape"),
        (order("total_tax", json!("-0.01")),            "total_tax must not be negative"),
        (order("total_discounts", json!("0.001")),      "total_discounts is no amount of USD"),
        (order("email", Value::Null),                   "email is missing"),
        (order("email", json!("Grace Example")),        "email is no e-mail address"),
        (order("id", json!("Grace Example")),           "order.id is of another shape"),
        (order("id", json!(-1)),                        "order.id is of another shape"),
        (order("line_items", json!([])),                "line_items must be 1 to 500"),
        (order("line_items", json!("Grace Example")),   "order.line_items is of another shape"),
        (order("shipping_lines", json!([{"price": "0.001"}])), "shipping_lines is no amount of USD"),
        (order("shipping_lines", json!([{"price": "-4.80"}, {"price": "4.80"}])), "shipping_lines must not be negative"),
        (order("shipping_address", Value::Null),        "shipping_address is missing"),
        (order("shipping_address/city", Value::Null),   "shipping_address (city) is missing or not legal"),
        (order("shipping_address/name", json!(" ")),    "shipping_address (name) is missing or not legal"),
        (order("shipping_address/address1", json!("1 Main Street ".repeat(20))), "shipping_address (line1) is missing or not legal"),
        (order("shipping_address/country_code", json!("ZZ")), "shipping_address (country) is missing or not legal"),
        (order("shipping_address/country_code", json!("CA")), "shipping_address is not served by the channel's service"),
        (order("shipping_address/zip", json!("")),      "shipping_address (postal_code) is missing or not legal"),
        (line("quantity", json!(0)),                    "line_items[1].quantity must be at least 1"),
        (line("quantity", json!(-1)),                   "line_items[1].quantity must be at least 1"),
        (line("quantity", json!(4_294_967_296_u64)),    "line_items[1].quantity must be at least 1"),
        (line("quantity", json!(1.5)),                  "order.line_items[1].quantity is of another shape"),
        (line("sku", Value::Null),                      "line_items[1].sku is missing"),
        (line("sku", json!("")),                        "line_items[1].sku is no SKU"),
        (line("sku", json!("for Grace Example")),       "line_items[1].sku is no SKU"),
        (line("sku", json!("NOSUCH")),                  "line_items[1].sku is not in the catalog"),
        (line("price", json!("-24.00")),                "line_items[1].price must not be negative"),
        (line("price", json!("24.001")),                "line_items[1].price is no amount of USD"),
        (line("price", json!("free for Grace")),        "order.line_items[1].price is of another shape"),
        (without("/order/id"),                          "order lacks `id`"),
        (without("/order/currency"),                    "order lacks `currency`"),
        (without("/order/total_price"),                 "order lacks `total_price`"),
        (without("/order/line_items/1/price"),          "order.line_items[1] lacks `price`"),
        (json!("Grace Example"),                        "order is of another shape"),
    ];
    let mut wrong = Vec::new();
    for (payload, expected) in table {
        let found = reason(&message(&payload));
        if found != expected {
            wrong.push((found, expected));
        }
    }
    assert_eq!(wrong, []);
}

#[test]
fn an_order_of_too_many_lines_or_items_is_refused() {
    let many = of_lines((0..=MAX_ITEMS).map(|n| format!("I{n}")));
    assert_eq!(reason(&message(&many)), "line_items must have at most 90 distinct items");
    let long = of_lines((0..=MAX_LINES).map(|_| "MUG-BLUE".to_owned()));
    assert_eq!(reason(&message(&long)), "line_items must be 1 to 500");
}

#[test]
fn more_than_there_is_reserves_nothing() {
    let mut payload = line("quantity", json!(1_000_000));
    set(&mut payload, "/order/total_price", json!("24000000.00"));
    assert_eq!(reason(&message(&payload)), "line_items are out of stock: TEE-M-BLACK");
}

#[test]
fn amounts_beyond_64_bits_are_refused_and_break_nothing() {
    let huge = "79228162514264337593543950335"; // the largest the decimal type holds
    let large = "92233720368547758.07"; // the largest of our own
    #[rustfmt::skip]
    let table = [
        ("shipping_lines", json!([{"price": huge}, {"price": huge}]), "shipping_lines is no amount of USD"),
        ("shipping_lines", json!([{"price": large}, {"price": large}]), "shipping_lines the amount is too large"),
        ("total_tax", json!(huge), "total_tax is no amount of USD"),
        ("total_tax", json!(large), "line_items the amount is too large"),
    ];
    for (at, value, expected) in table {
        assert_eq!(reason(&message(&with(&format!("/order/{at}"), value))), expected, "{at}");
    }
    let priced = line("price", json!(large));
    let mut many = priced.clone();
    set(&mut many, "/order/line_items/1/quantity", json!(4_000_000_000_u32));
    assert_eq!(reason(&message(&many)), "line_items the amount is too large");
}

#[test]
fn what_is_no_message_is_refused_without_its_words() {
    let envelope = |field: &str, value: Value| {
        let mut message = json!({"tenant": "acme", "channel": "shopify-demo", "order": sample()});
        message[field] = value;
        message.to_string()
    };
    #[rustfmt::skip]
    let table = [
        ("Dear Grace Example".to_owned(),              "the message is no JSON (line 1, column 1)"),
        (String::new(),                                "the message is no JSON (line 1, column 0)"),
        (envelope("channel", json!("nowhere")),        "channel is not in the catalog"),
        (envelope("tenant", json!("other")),           "channel is not in the catalog"),
        (" ".repeat(MAX_BYTES + 1),                    "the message must have at most 262144 bytes"),
    ];
    for (body, expected) in table {
        assert_eq!(reason(&body), expected);
    }
    for field in ["tenant", "channel", "Grace Example"] {
        let found = reason(&envelope(field, json!("Grace Example")));
        assert!(found.starts_with("the message has a field of another shape (line 1, column "), "{found}");
    }
}
