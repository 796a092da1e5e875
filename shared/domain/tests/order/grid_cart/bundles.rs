//! Bundles in carts: what their parts cost, what they leave to others, and every way a bundle is refused.

use super::{Merchant, cart, item, merchant, money, refused};
use crate::sample::{currency, sku};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use waybill_domain::catalog::{Item, MAX_COMPONENTS};
use waybill_domain::id::Sku;
use waybill_domain::money::Money;
use waybill_domain::order::{Actor, BundleRef, Line, Placed, unbundled};
use waybill_domain::stock::{Counter, changes};

fn bundle(name: &str, price: i64, components: &[(&str, u32)]) -> (Sku, Item) {
    let (id, mut bundle) = item(name, &json!([money(price)]));
    let list: Value = components.iter().map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity})).collect();
    bundle.components = serde_json::from_value(list).unwrap();
    (id, bundle)
}

/// The merchant of the grid, with bundles of its items.
fn bundler() -> Merchant {
    let mut merchant = merchant();
    let many: Vec<String> = (0..20).map(|n| format!("I{n}")).collect();
    let many: Vec<(&str, u32)> = many.iter().map(|name| (name.as_str(), 1)).collect();
    merchant.items.extend([
        bundle("SET", 1_000, &[("A", 1), ("I0", 2)]),
        bundle("GIFT", 1_000, &[("NOPRICE", 4), ("A", 1), ("I0", 1)]),
        bundle("NESTED", 1_000, &[("A", 1), ("SET", 1)]),
        bundle("LOST", 1_000, &[("A", 1), ("NOSUCH", 1)]),
        bundle("BULK", 1_000, &[("A", u32::MAX)]),
        bundle("TWENTY", 1_000, &many),
    ]);
    merchant
}

/// The cart with these lines, which come to so much with the rest of it: 3.30 USD.
fn with_lines(lines: &Value, minor: i64) -> Value {
    let mut cart = cart();
    cart["lines"] = lines.clone();
    cart["total"] = money(minor + 330);
    cart
}

fn shown(placed: &Placed) -> Vec<(u16, &str, u32, i64, i64, i64)> {
    let line = |line: &'_ Line| (line.number, line.quantity, line.unit_price, line.discount, line.tax);
    let of = |one: (u16, u32, Money, Money, Money)| (one.0, one.1, one.2.minor(), one.3.minor(), one.4.minor());
    let all = placed.lines.iter().map(|one| (one.sku.as_str(), of(line(one))));
    all.map(|(sku, (number, quantity, each, off, tax))| (number, sku, quantity, each, off, tax)).collect()
}

#[test]
fn a_bundle_is_ordered_as_its_parts_for_what_it_costs() {
    let lines = json!([
        {"sku": "I1", "quantity": 1},
        {"sku": "SET", "quantity": 3, "discount": money(100), "tax": money(50)},
        {"sku": "A", "quantity": 1},
    ]);
    let placed = bundler().price(&with_lines(&lines, 100 + 2_900 + 50 + 1_000)).unwrap();
    // 30.00 at 10.00 to 2 x 1.00: 25.00 and 5.00; the discount 0.83 and 0.17; the tax 0.42 and 0.08.
    #[rustfmt::skip]
    assert_eq!(shown(&placed), [
        (1, "I1", 1, 100, 0, 0),
        (2, "A", 3, 834, 83 + 2, 42),
        (3, "I0", 6, 84, 17 + 4, 8),
        (4, "A", 1, 1_000, 0, 0),
    ]);
    let set = Some(BundleRef { line: 2, sku: sku("SET") });
    let part_of: Vec<_> = placed.lines.iter().map(|line| line.part_of.clone()).collect();
    assert_eq!(part_of, [None, set.clone(), set, None]);
    assert_eq!(placed.lines[1].title.as_str(), "A");
    assert_eq!(placed.computed_total(), Ok(placed.total));
    let published = include_str!("../../../../../docs/pricing.md");
    for part in placed.lines.iter().filter(|line| line.part_of.is_some()) {
        let Line { quantity, unit_price, discount, tax, .. } = part;
        let row = format!("| {quantity} | {unit_price} | {discount} | {tax} | {} |", part.charged().unwrap());
        assert!(published.contains(&row), "not as published: {row}");
    }
}

#[test]
fn parts_weigh_the_same_where_one_of_them_has_no_list_price() {
    let placed = bundler().price(&with_lines(&json!([{"sku": "GIFT", "quantity": 1}]), 1_000)).unwrap();
    assert_eq!(shown(&placed), [(1, "NOPRICE", 4, 84, 2, 0), (2, "A", 1, 333, 0, 0), (3, "I0", 1, 333, 0, 0)]);
}

#[test]
fn a_bundle_and_a_line_of_one_of_its_parts_are_one_check_of_stock() {
    let lines = json!([{"sku": "SET", "quantity": 2}, {"sku": "A", "quantity": 3}]);
    let mut merchant = bundler();
    merchant.items.get_mut(&sku("A")).unwrap().safety_stock = 4;
    let placed = merchant.price(&with_lines(&lines, 2_000 + 3_000)).unwrap();
    assert_eq!(placed.lines.iter().map(|line| line.leave).collect::<Vec<_>>(), [4, 0, 4]);
    let first = placed.record(crate::sample::start(), Actor("client:store".to_owned()), None).unwrap();
    let changes = changes(&first.movements);
    assert_eq!(changes.len(), 2);
    let of_a = changes.iter().find(|change| change.shelf.sku == sku("A")).unwrap();
    assert!(of_a.deltas.contains(&(Counter::Available, -5)), "{of_a:?}");
}

#[test]
fn each_line_says_what_it_leaves_to_the_other_channels() {
    let mut merchant = bundler();
    let a = merchant.items.get_mut(&sku("A")).unwrap();
    a.safety_stock = 2;
    a.buffers =
        serde_json::from_value(json!([{"channel": "api", "units": 5}, {"channel": "other", "units": 9}])).unwrap();
    let placed = merchant.price(&cart()).unwrap();
    assert_eq!(placed.lines[0].leave, 7);
    assert_eq!(serde_json::to_value(&placed).unwrap().pointer("/lines/0/leave"), Some(&json!(7)));
}

#[test]
fn each_broken_rule_of_bundles_is_named_with_its_field() {
    let one = |sku: &str, quantity: u32| json!([{"sku": "A", "quantity": 1}, {"sku": sku, "quantity": quantity}]);
    let many = |n: usize| -> Value { (0..n).map(|_| json!({"sku": "TWENTY", "quantity": 1})).collect() };
    let distinct: Value = (15..86)
        .chain([0])
        .map(|n| json!({"sku": format!("I{n}"), "quantity": 1}))
        .chain([many(1)[0].clone()])
        .collect();
    #[rustfmt::skip]
    let table = [
        (one("NESTED", 1), "/lines/1/sku", "its component SET is a bundle"),
        (one("LOST", 1), "/lines/1/sku", "its component NOSUCH is not in the catalog"),
        (one("BULK", 2), "/lines/1/quantity", "comes to more than 4294967295 units of A"),
        (many(26), "/lines", "must be at most 500, the components of bundles counted"),
    ];
    let merchant = bundler();
    for (lines, pointer, rule) in table {
        assert_eq!(merchant.price(&with_lines(&lines, 0)), refused(pointer, rule), "{pointer}");
    }
    assert!(merchant.price(&with_lines(&many(25), 25_000)).is_ok());
    // 86 distinct lines are 86 distinct items of the cart, and with the bundle's twenty 86 of stock: 15 to 19 twice.
    assert!(matches!(merchant.price(&with_lines(&distinct, 0)), Err(error) if error.to_string().contains("/total")));
    let over: Value =
        (20..91).map(|n| json!({"sku": format!("I{n}"), "quantity": 1})).chain([many(1)[0].clone()]).collect();
    let rule = "must have at most 90 distinct items, the components of bundles counted";
    assert_eq!(merchant.price(&with_lines(&over, 0)), refused("/lines", rule));
}

#[test]
fn the_total_a_caller_states_for_a_bundle_is_verified() {
    let lines = json!([{"sku": "SET", "quantity": 1, "unit_price": money(999)}]);
    let merchant = bundler();
    assert_eq!(merchant.price(&with_lines(&lines, 999)).unwrap().lines.len(), 2);
    let rule = "must be 13.29 USD, what the order adds up to";
    assert_eq!(merchant.price(&with_lines(&lines, 1_000)), refused("/total", rule));
}

#[test]
fn an_item_breaks_no_rule_about_several_of_its_fields() {
    let base = || json!({"sku": "B", "title": "B", "length_mm": 1, "width_mm": 1, "height_mm": 1, "weight_grams": 1});
    let part = |sku: &str| json!({"sku": sku, "quantity": 1});
    let parts = |n: usize| -> Value { (0..n).map(|n| part(&format!("I{n}"))).collect() };
    let own = "must be absent: a bundle has no stock of its own, its components have";
    let limit = "must be at most 1000000000";
    let a_bundle = || json!([part("A")]);
    let buffer = |channel: &str, units: u32| json!({"channel": channel, "units": units});
    #[rustfmt::skip]
    let table = [
        (json!({"components": a_bundle(), "tracking": {"lot": true}}), "/tracking", own),
        (json!({"components": a_bundle(), "safety_stock": 1}), "/safety_stock", own),
        (json!({"components": a_bundle(), "buffers": [buffer("api", 1)]}), "/buffers", own),
        (json!({"components": a_bundle(), "backorder": "preorder"}), "/backorder", own),
        (json!({"components": a_bundle(), "low_stock": 0}), "/low_stock", own),
        (json!({"components": a_bundle(), "count_class": "A"}), "/count_class", own),
        (json!({"components": parts(MAX_COMPONENTS + 1)}), "/components", "must be at most 20"),
        (json!({"components": [part("A"), part("A")]}), "/components/1/sku", "is a component already"),
        (json!({"components": [part("A"), part("B")]}), "/components/1/sku", "is the bundle itself"),
        (json!({"buffers": [buffer("api", 1), buffer("web", 1), buffer("api", 2)]}), "/buffers/2/channel", "has a buffer already"),
        (json!({"buffers": [buffer("api", 1_000_000_001)]}), "/buffers/0/units", limit),
        (json!({"safety_stock": 1_000_000_001}), "/safety_stock", limit),
    ];
    let with = |more: &Value| {
        let mut record = base();
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value::<Item>(record).unwrap().check()
    };
    for (more, pointer, rule) in table {
        let broken = with(&more).unwrap_err();
        assert_eq!((broken.pointer.as_str(), broken.rule.as_str()), (pointer, rule));
    }
    let tracking = json!({"bin": true, "lot": true, "serial": true, "expiry": true});
    let legal = [
        json!({"components": parts(MAX_COMPONENTS)}),
        json!({"components": []}),
        json!({"tracking": tracking, "safety_stock": 1_000_000_000, "backorder": "backorder", "count_class": "A",
            "low_stock": 5, "buffers": [buffer("api", 1_000_000_000), buffer("web", 1)]}),
    ];
    for more in legal {
        assert_eq!(with(&more), Ok(()), "{more}");
    }
}

#[test]
fn a_component_of_nothing_at_all_is_refused() {
    let component = json!({"sku": "A", "quantity": 0});
    assert!(serde_json::from_value::<waybill_domain::catalog::Component>(component).is_err());
}

/// A line of a bundle, its amounts, and the list prices and units of its components.
#[derive(Clone, Debug)]
struct Sold {
    code: &'static str,
    quantity: u32,
    each: i64,
    /// In thousandths of the line, and of what is left of it.
    off: i64,
    taxes: Vec<i64>,
    included: bool,
    named: bool,
    components: Vec<(Option<i64>, u32)>,
}

fn sold() -> impl Strategy<Value = Sold> {
    let amount = prop_oneof![3 => 0_i64..50, 3 => 0_i64..1_000_000, 1 => 0_i64..1_000_000_000_000];
    let price = prop_oneof![1 => Just(None), 6 => (1_i64..100_000).prop_map(Some), 1 => Just(Some(0)), 1 => Just(Some(i64::MAX))];
    let components = prop_oneof![
        1 => prop::collection::vec((price, 1_u32..50), 1..=MAX_COMPONENTS),
        1 => prop::collection::vec(((1_i64..9_999).prop_map(Some), 1_u32..4), 2..=6),
    ];
    let line = (prop::sample::select(vec!["USD", "JPY", "KWD"]), 1_u32..1_000, amount, 0_i64..=1_000);
    let taxes = (prop::collection::vec(0_i64..=1_000, 1..=6), any::<bool>(), any::<bool>());
    (line, taxes, components).prop_map(|((code, quantity, each, off), (taxes, included, named), components)| {
        let taxes = if named { taxes } else { taxes[..1].to_vec() };
        Sold { code, quantity, each, off, taxes, included, named, components }
    })
}

/// The line, and the catalog.
fn line_of(sold: &Sold) -> (Line, BTreeMap<Sku, Item>) {
    let money = |minor: i64| Money::new(minor, currency(sold.code));
    let gross = sold.each * i64::from(sold.quantity);
    let off = gross / 1_000 * sold.off;
    let mut left = gross - off;
    let taxes = sold.taxes.iter().map(|part| {
        let tax = if sold.included { left * part / 1_000 } else { (gross - off) / 1_000 * part };
        left -= tax;
        tax
    });
    let taxes: Vec<i64> = taxes.collect();
    let mut line = crate::sample::line(7, "SET", sold.quantity, money(sold.each));
    (line.discount, line.tax, line.tax_included) = (money(off), money(taxes.iter().sum()), sold.included);
    if sold.named {
        let tax = |minor: &i64| json!({"name": "VAT", "rate": "0.2", "amount": money(*minor)});
        line.taxes = serde_json::from_value(taxes.iter().map(tax).collect()).unwrap();
    }
    let names: Vec<String> = (0..sold.components.len()).map(|n| format!("C{n}")).collect();
    let parts = names.iter().zip(&sold.components);
    let of: Vec<(&str, u32)> = parts.clone().map(|(name, (_, each))| (name.as_str(), *each)).collect();
    let list = |price: &Option<i64>| price.map_or(json!([]), |minor| json!([money(minor)]));
    let parts = parts.map(|(name, (price, _))| item(name, &list(price)));
    (line, parts.chain([bundle("SET", 1, &of)]).collect())
}

fn sum(lines: &[Line], amount: impl Fn(&Line) -> Money) -> i64 {
    lines.iter().map(|line| amount(line).minor()).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_minor_unit_of_a_bundle_is_lost_or_invented(sold in sold()) {
        let (line, items) = line_of(&sold);
        let parts = unbundled(vec![line.clone()], &"api".parse().unwrap(), &items).unwrap();
        prop_assert_eq!(parts.len(), sold.components.len());
        prop_assert_eq!(sum(&parts, |part| part.price().unwrap()), line.price().unwrap().minor());
        prop_assert_eq!(sum(&parts, |part| part.charged().unwrap()), line.charged().unwrap().minor());
        prop_assert_eq!(sum(&parts, |part| part.goods().unwrap()), line.goods().unwrap().minor());
        prop_assert_eq!(sum(&parts, |part| part.tax), line.tax.minor());
        for (index, tax) in line.taxes.iter().enumerate() {
            prop_assert_eq!(sum(&parts, |part| part.taxes[index].amount), tax.amount.minor());
        }
        for (part, (_, each)) in parts.iter().zip(&sold.components) {
            prop_assert_eq!(part.quantity, sold.quantity * each);
            prop_assert_eq!((part.taxes.len(), part.tax_included), (line.taxes.len(), line.tax_included));
            prop_assert!(sold.taxes.len() > 1 || !sold.named || part.taxes[0].amount == part.tax);
            let amounts = [part.unit_price, part.discount, part.tax, part.price().unwrap(), part.goods().unwrap()];
            let named = part.taxes.iter().map(|tax| tax.amount);
            prop_assert!(amounts.into_iter().chain(named).all(|amount| !amount.is_negative()), "{part:?}");
        }
        let discounts = sum(&parts, |part| part.discount);
        let rounded: i64 = parts.iter().map(|part| i64::from(part.quantity) - 1).sum();
        prop_assert!((line.discount.minor()..=line.discount.minor() + rounded).contains(&discounts));
    }
}

#[test]
fn an_amount_of_a_part_beyond_64_bits_is_refused_and_not_another_amount() {
    let sold = Sold {
        code: "USD",
        quantity: 1,
        each: i64::MAX,
        off: 0,
        taxes: vec![0],
        included: false,
        named: false,
        components: vec![(None, 3)],
    };
    // Three units of a third each, rounded up, are more than the whole.
    let (line, items) = line_of(&sold);
    let error = unbundled(vec![line], &"api".parse().unwrap(), &items).unwrap_err();
    assert_eq!((error.line, error.field), (Some(0), None));
    assert_eq!(error.rule, "comes to more than 9223372036854775807 minor units");
}
