//! Prices of carts: discounts and taxes of lines and shipping, every rule of them, and the published examples.

use super::{cart, merchant, money, refused, set, tax, with};
use crate::sample::{currency, usd};
use proptest::prelude::*;
use serde_json::{Value, json};
use waybill_domain::money::Money;
use waybill_domain::order::{CartError, MAX_TAXES, Placed};

/// What is changed in the cart, the field the refusal names, and its rule.
type Case<'a> = (Vec<(&'a str, Value)>, &'a str, &'a str);

fn rate(rate: &str, included: bool) -> Value {
    json!({"name": "VAT", "rate": rate, "included": included})
}

/// The cart with all of these.
fn with_all(changes: &[(&str, Value)]) -> Value {
    let mut cart = cart();
    for (at, value) in changes {
        set(&mut cart, at, value);
    }
    cart
}

#[test]
fn each_rule_of_discounts_and_taxes_is_named_with_its_field() {
    let many: Value = (0..=MAX_TAXES).map(|_| rate("0.1", false)).collect();
    let both = "must not stand beside tax: state the one or the other";
    let mixed = json!([rate("0.1", true), rate("0.1", false)]);
    let eur = json!({"minor": 100, "currency": "EUR"});
    let foreign = "must be the order's currency";
    let (too_much, off) = ("is more than the price that includes it", "/shipping/discount");
    #[rustfmt::skip]
    let table: Vec<Case<'_>> = vec![
        (vec![("/lines/0/tax", money(2_001)), ("/lines/0/tax_included", json!(true))], "/lines/0/tax", too_much),
        (vec![("/lines/0/discount", money(1_881)), ("/lines/0/tax_included", json!(true))], "/lines/0/tax", too_much),
        (vec![("/lines/0/taxes", tax(&rate("0.1", false)))], "/lines/0/taxes", both),
        (vec![("/lines/0/taxes", tax(&rate("0.1", true))), ("/lines/0/tax", money(0))], "/lines/0/taxes", both),
        (vec![("/lines/0/taxes", mixed.clone()), ("/lines/0/tax", Value::Null)], "/lines/0/taxes", "must be all included in the price or all on top of it"),
        (vec![("/lines/0/taxes", many.clone()), ("/lines/0/tax", Value::Null)], "/lines/0/taxes", "must be at most 6"),
        (vec![("/lines/0/taxes", tax(&rate("0.1", false))), ("/lines/0/tax", Value::Null), ("/lines/0/tax_included", json!(true))],
            "/lines/0/tax_included", "is about tax: each of taxes says it for itself"),
        (vec![(off, money(501))],      off,                           "is more than the shipping"),
        (vec![(off, money(-1))],       "/shipping/discount/minor",    "must not be negative"),
        (vec![(off, eur.clone())],     "/shipping/discount/currency", foreign),
        (vec![("/shipping/tax", eur)], "/shipping/tax/currency",      foreign),
        (vec![("/shipping/tax", money(501)), ("/shipping/tax_included", json!(true))], "/shipping/tax", too_much),
        (vec![(off, money(471)), ("/shipping/tax_included", json!(true))],             "/shipping/tax", too_much),
        (vec![("/shipping/taxes", tax(&rate("0.1", false)))],                          "/shipping/taxes", both),
        (vec![("/shipping/taxes", mixed), ("/shipping/tax", Value::Null)],             "/shipping/taxes", "must be all included in the price or all on top of it"),
        (vec![("/shipping/taxes", many), ("/shipping/tax", Value::Null)],              "/shipping/taxes", "must be at most 6"),
        (vec![("/shipping/taxes", tax(&rate("0", false))), ("/shipping/tax", Value::Null), ("/shipping/tax_included", json!(true))],
            "/shipping/tax_included", "is about tax: each of taxes says it for itself"),
    ];
    let merchant = merchant();
    for (changes, pointer, rule) in table {
        assert_eq!(merchant.price(&with_all(&changes)), refused(pointer, rule), "{changes:?}");
    }
}

#[test]
fn amounts_beyond_64_bits_are_errors_and_not_other_amounts() {
    let too_much = "comes to more than 9223372036854775807 minor units";
    let most = money(i64::MAX);
    let rates = |rate_of: &str| tax(&rate(rate_of, false));
    #[rustfmt::skip]
    let table: Vec<(Vec<(&str, Value)>, &str)> = vec![
        (vec![("/lines/0/sku", json!("HUGE"))], "/lines/0"),
        (vec![("/lines/0/unit_price", most.clone()), ("/lines/0/quantity", json!(u32::MAX))], "/lines/0"),
        (vec![("/lines/0/tax", most.clone())], "/lines/0"),
        (vec![("/lines/0/unit_price", most.clone()), ("/lines/0/quantity", json!(1)), ("/lines/0/tax", Value::Null), ("/lines/0/taxes", rates("10"))], "/lines/0"),
        (vec![("/lines/0/unit_price", most.clone()), ("/lines/0/quantity", json!(1)), ("/lines/0/tax", Value::Null), ("/lines/0/taxes", rates("0.000001"))], "/lines/0"),
        (vec![("/lines/0/unit_price", most.clone()), ("/lines/0/quantity", json!(1)), ("/lines/0/tax", money(0))], "/total"),
        (vec![("/shipping/price", most.clone())], "/shipping"),
        (vec![("/shipping/price", most.clone()), ("/shipping/tax", money(0))], "/total"),
        (vec![("/shipping/tax", Value::Null), ("/shipping/price", most), ("/shipping/taxes", rates("2"))], "/shipping"),
    ];
    let merchant = merchant();
    for (changes, pointer) in table {
        assert_eq!(merchant.price(&with_all(&changes)), refused(pointer, too_much), "{changes:?}");
    }
    // Many units of a small price are only more than what the shopper agreed to.
    let refused = merchant.price(&with("/lines/0/quantity", &json!(u32::MAX))).unwrap_err();
    assert!(matches!(refused, CartError::Field { pointer, .. } if pointer == "/total"));
}

#[test]
fn included_taxes_are_kept_and_not_charged_again() {
    let changes = [
        ("/lines/0/tax_included", json!(true)),
        ("/shipping/tax", Value::Null),
        ("/shipping/discount", money(200)),
        ("/shipping/taxes", json!([{"name": "VAT", "rate": "0.2", "included": true}])),
        ("/total", money(2_000 + 300 - 200)),
    ];
    let placed = merchant().price(&with_all(&changes)).unwrap();
    let line = &placed.lines[0];
    assert_eq!((line.tax, line.tax_included, line.taxes.len()), (usd(120), true, 0));
    assert_eq!((line.goods(), line.charged()), (Ok(usd(1_880)), Ok(usd(2_000))));
    let shipping = &placed.shipping;
    assert_eq!((shipping.net(), shipping.tax, shipping.charged()), (Ok(usd(250)), usd(50), Ok(usd(300))));
    let named = &shipping.taxes[0];
    assert_eq!((named.name.as_str(), named.rate.to_string().as_str(), named.amount), ("VAT", "0.2", usd(50)));
}

#[test]
fn what_no_tax_is_said_of_takes_no_room_in_the_record() {
    let placed = serde_json::to_value(merchant().price(&cart()).unwrap()).unwrap();
    for at in ["/lines/0/taxes", "/lines/0/tax_included", "/shipping/taxes", "/shipping/tax_included"] {
        assert_eq!(placed.pointer(at), None, "{at}");
    }
}

/// `19.99 USD`, as [`Money`] shows it.
fn parsed(text: &str) -> Money {
    let (amount, code) = text.split_once(' ').unwrap();
    let money = Money::new(amount.replace('.', "").parse().unwrap(), currency(code));
    assert_eq!(money.to_string(), text, "not how it is written");
    money
}

#[test]
fn the_published_examples_are_what_is_computed() {
    let document = include_str!("../../../../../docs/pricing.md");
    let rows = document.lines().filter(|line| line.ends_with("in the price |") || line.ends_with("on top |"));
    let rows: Vec<Vec<&str>> = rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect();
    assert!(rows.len() >= 9 && ["USD", "JPY", "KWD"].iter().all(|code| document.contains(code)), "the table is gone");
    for row in rows {
        let [price, units, off, rates, taxes, pays, included] = row[..] else { panic!("{row:?} is no example") };
        let (price, off, pays) = (parsed(price), parsed(off), parsed(pays));
        let rates: Vec<Value> = rates.split(" + ").map(|text| rate(text, included == "in the price")).collect();
        let units: u32 = units.parse().unwrap();
        let line = json!({"sku": "A", "quantity": units, "unit_price": price, "discount": off, "taxes": rates});
        let nothing = Money::zero(price.currency());
        let mut cart =
            with_all(&[("/currency", json!(price.currency())), ("/lines", json!([line])), ("/total", json!(pays))]);
        (cart["shipping"], cart["discount"]) = (json!({"service": "standard", "price": nothing}), Value::Null);
        let placed = merchant().price(&cart).unwrap_or_else(|error| panic!("{row:?}: {error}"));
        let named: Vec<Money> = placed.lines[0].taxes.iter().map(|tax| tax.amount).collect();
        assert_eq!(named, taxes.split(" + ").map(parsed).collect::<Vec<_>>(), "{row:?}");
    }
}

/// What a cart says of taxes on a price: nothing, an amount, or rates; on top or contained.
fn any_taxation() -> impl Strategy<Value = Value> {
    let rates = prop::collection::vec(0_u32..400_000, 1..=MAX_TAXES);
    let of_rates = |(rates, included): (Vec<u32>, bool)| {
        let taxes: Value = rates.iter().map(|millionths| rate(&format!("0.{millionths:06}"), included)).collect();
        json!({"taxes": taxes})
    };
    prop_oneof![
        Just(json!({})),
        (rates, any::<bool>()).prop_map(of_rates),
        (0_i64..=1000, any::<bool>())
            .prop_map(|(thousandths, included)| json!({"tax": thousandths, "tax_included": included})),
    ]
}

/// Any cart that adds up but for its total.
fn any_cart() -> impl Strategy<Value = Value> {
    let line = (1_u32..9, 0_i64..100_000, 0_i64..=1000, any_taxation());
    let lines = prop::collection::vec(line, 1..6);
    let shipping = (0_i64..2_000, 0_i64..=1000, any_taxation());
    (prop::sample::select(vec!["USD", "JPY", "KWD"]), lines, shipping).prop_map(|(code, lines, shipping)| {
        let money = |minor: i64| json!({"minor": minor, "currency": code});
        let line = |(quantity, price, off, taxes): &(u32, i64, i64, Value)| {
            let (mut line, gross) = (taxes.clone(), i64::from(*quantity) * price);
            let discount = gross * off / 1000;
            line["tax"] = taxes["tax"].as_i64().map_or(Value::Null, |tax| money((gross - discount) * tax / 1000));
            (line["sku"], line["quantity"]) = (json!("A"), json!(quantity));
            (line["unit_price"], line["discount"]) = (money(*price), money(discount));
            line
        };
        let (price, off, taxes) = shipping;
        let mut shipping = line(&(1, price, off, taxes));
        for name in ["sku", "quantity", "unit_price"] {
            shipping.as_object_mut().unwrap().remove(name);
        }
        (shipping["service"], shipping["price"]) = (json!("standard"), money(price));
        let lines = lines.iter().map(line).collect();
        let changes =
            [("/currency", json!(code)), ("/lines", lines), ("/shipping", shipping), ("/discount", Value::Null)];
        let mut cart = with_all(&changes);
        cart["total"] = money(i64::MAX);
        cart
    })
}

/// What the refusal of a wrong total says that it should be.
fn told(refused: Result<Placed, CartError>) -> Money {
    let Err(CartError::Field { pointer, rule }) = refused else { panic!("not refused") };
    assert_eq!(pointer, "/total");
    parsed(rule.strip_prefix("must be ").unwrap().strip_suffix(", what the order adds up to").unwrap())
}

proptest! {
    #[test]
    fn the_total_a_refusal_names_is_taken_and_no_other_is(cart in any_cart(), off in prop_oneof![Just(-1_i64), Just(1), -900_i64..0]) {
        let (merchant, mut cart) = (merchant(), cart);
        let total = told(merchant.price(&cart));
        cart["total"] = json!(total);
        let placed = merchant.price(&cart).unwrap();
        prop_assert_eq!(placed.computed_total(), Ok(total));
        for line in &placed.lines {
            let (price, goods, charged) = (line.price().unwrap(), line.goods().unwrap(), line.charged().unwrap());
            prop_assert_eq!(if line.tax_included { charged } else { goods }, price);
            prop_assert!(!goods.is_negative() && goods.plus(line.tax) == Ok(charged));
            let named: i64 = line.taxes.iter().map(|tax| tax.amount.minor()).sum();
            prop_assert!(line.taxes.is_empty() || named == line.tax.minor());
        }
        let again: Placed = serde_json::from_str(&serde_json::to_string(&placed).unwrap()).unwrap();
        prop_assert_eq!(again, placed);
        if let Some(other) = total.minor().checked_add(off).filter(|minor| *minor >= 0) {
            cart["total"]["minor"] = json!(other);
            prop_assert_eq!(told(merchant.price(&cart)), total);
        }
    }
}
