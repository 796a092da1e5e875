//! Laws of sharing out: for any order, any cut of its units, in any currency, no minor unit is lost or invented.

use super::*;
use crate::order::placed::Line;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Per line: units, price of each, discount and tax in thousandths, tax included?
type AnyLine = (u32, i64, i64, i64, bool);

fn any_line() -> impl Strategy<Value = AnyLine> {
    let thousandths = prop_oneof![2 => Just(0_i64), 3 => 0_i64..=1000, 1 => Just(1000)];
    (1_u32..8, 0_i64..5_000, thousandths.clone(), thousandths, any::<bool>())
}

/// The amounts of an order of these lines; everything else of it does not matter here.
fn order(currency: &str, lines: &[AnyLine], shipping: AnyLine, level: (i64, i64)) -> Placed {
    let money = |minor: i64| json!({"minor": minor, "currency": currency});
    let priced = |number: usize, (quantity, price, discount, tax, included): AnyLine| {
        let gross = i64::from(quantity) * price;
        let discount = gross * discount / 1000;
        json!({
            "number": number, "sku": "A", "title": "A", "quantity": quantity, "unit_price": money(price), "discount": money(discount),
            "tax": money((gross - discount) * tax / 1000), "tax_included": included,
            "service": "standard", "price": money(gross),
        })
    };
    let lines: Vec<Value> = lines.iter().enumerate().map(|(index, line)| priced(index + 1, *line)).collect();
    let (discount, channel) = level;
    let body = json!({
        "store": "demo", "channel": "api", "customer": {"email": "ada@example.com", "name": "Ada"},
        "ship_to": {"name": "Ada", "line1": "1 Road", "city": "Reno", "postal_code": "89501", "country": "US"},
        "lines": lines, "shipping": priced(0, shipping), "discount": money(0), "adjustment": money(0), "total": money(0),
        "tenders": [], "promise": {"ship_by": "2026-11-23", "deliver_by": "2026-11-30"},
    });
    let mut placed: Placed = serde_json::from_value(body).unwrap();
    let of = |amount: Money, thousandths: i64| Money::new(amount.minor() * thousandths / 1000, amount.currency());
    placed.discount = of(placed.computed_total().unwrap(), discount);
    let computed = placed.computed_total().unwrap();
    placed.total = of(computed, channel);
    placed.adjustment = placed.total.minus(computed).unwrap();
    placed
}

fn any_order() -> impl Strategy<Value = Placed> {
    let currency = prop::sample::select(vec!["USD", "JPY", "KWD"]);
    let discount = prop_oneof![2 => Just(0_i64), 3 => 0_i64..=1000, 1 => Just(1000)];
    let channel = prop_oneof![3 => Just(1000_i64), 2 => 0_i64..2_000];
    let amounts = (prop::collection::vec(any_line(), 1..=6), any_line(), (discount, channel));
    (currency, amounts).prop_map(|(currency, (lines, shipping, level))| order(currency, &lines, shipping, level))
}

fn add(sum: Earned, part: Result<Earned, MoneyError>) -> Earned {
    sum.plus(part.unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn all_units_of_all_lines_earn_the_total_and_each_account_its_own(placed in any_order()) {
        let (shares, zero) = (Shares::of(&placed).unwrap(), Money::zero(placed.currency()));
        let mut earned = Earned::nothing(zero);
        for line in &placed.lines {
            for unit in 0..line.quantity {
                let unit = shares.earned(line.number, unit, unit + 1);
                prop_assert!(!unit.clone().unwrap().total().unwrap().is_negative(), "a unit costs less than nothing");
                earned = add(earned, unit);
            }
        }
        prop_assert_eq!(earned.total().unwrap(), placed.total);
        let sum = |amount: fn(&Line) -> Money| placed.lines.iter().map(|line| amount(line).minor()).sum::<i64>();
        prop_assert_eq!(earned.goods.minor(), sum(|line| line.goods().unwrap()));
        prop_assert_eq!(earned.tax.minor(), sum(|line| line.tax) + placed.shipping.tax.minor());
        let level = placed.adjustment.minus(placed.discount).unwrap();
        prop_assert_eq!(earned.extra, placed.shipping.net().unwrap().plus(level).unwrap());
    }

    #[test]
    fn what_is_refundable_of_all_lines_and_the_shipping_are_what_is_earned(placed in any_order(), cut in 0_u32..8) {
        let (shares, zero) = (Shares::of(&placed).unwrap(), Money::zero(placed.currency()));
        let (mut refundable, mut earned) = (placed.shipping_earned().unwrap(), Earned::nothing(zero));
        prop_assert!(!refundable.total().unwrap().is_negative(), "the shipping costs less than nothing");
        for line in &placed.lines {
            let cut = cut.min(line.quantity);
            for (from, to) in [(0, cut), (cut, line.quantity)] {
                let (back, paid) = (shares.refundable(line.number, from, to), shares.earned(line.number, from, to));
                let (of_back, of_paid) = (back.clone().unwrap().total().unwrap(), paid.clone().unwrap().total().unwrap());
                prop_assert!(0 <= of_back.minor() && of_back.minor() <= of_paid.minor(), "{of_back} of {of_paid}");
                refundable = add(refundable, back);
                earned = add(earned, paid);
            }
        }
        prop_assert_eq!(refundable, earned);
        prop_assert_eq!(refundable.total().unwrap(), placed.total);
    }
}

#[test]
fn shipping_is_as_stated_unless_the_discount_takes_more_than_the_lines() {
    // 10.00 goods; shipping 6.00 with 1.00 off and 0.50 tax on top.
    let line = (1, 1_000, 0, 0, false);
    let mut placed = order("USD", &[line], (1, 600, 0, 0, false), (0, 1000));
    let currency = placed.currency();
    let usd = |minor| Money::new(minor, currency);
    (placed.shipping.discount, placed.shipping.tax) = (usd(100), usd(50));
    for (off, lines, extra) in [(0, 1_000, 500), (400, 600, 500), (1_000, 0, 500), (1_200, 0, 300), (1_550, 0, -50)] {
        placed.discount = usd(off);
        placed.total = placed.computed_total().unwrap();
        let expected = Earned { goods: usd(0), tax: usd(50), extra: usd(extra) };
        assert_eq!(placed.shipping_earned(), Ok(expected), "{off} off");
        let refundable = Shares::of(&placed).unwrap().refundable(1, 0, 1).unwrap();
        assert_eq!(refundable.total(), Ok(usd(lines)), "{off} off");
    }
}

#[test]
fn a_line_that_does_not_exist_earns_nothing() {
    let placed = order("KWD", &[(2, 5, 0, 0, false)], (1, 0, 0, 0, false), (0, 1000));
    let shares = Shares::of(&placed).unwrap();
    let nothing = Ok(Earned::nothing(Money::zero(placed.currency())));
    assert_eq!((shares.earned(2, 0, 1), shares.refundable(0, 0, 1)), (nothing.clone(), nothing));
}

#[test]
fn the_published_shares_are_what_is_computed() {
    let document = include_str!("../../../../../docs/pricing.md");
    let rows = document.lines().filter(|line| line.starts_with("| 1 |") || line.starts_with("| 2 |"));
    let rows: Vec<&str> = rows.collect();
    // 3 x 10.00 with 10 % on top, 5.00 with 25 % in it, shipping 4.99 less 0.99 with 0.40 on top, 3.00 off.
    let mut placed =
        order("USD", &[(3, 1_000, 0, 100, false), (1, 500, 0, 200, true)], (1, 499, 0, 0, false), (0, 1000));
    let currency = placed.currency();
    let usd = |minor| Money::new(minor, currency);
    (placed.shipping.discount, placed.shipping.tax, placed.discount) = (usd(99), usd(40), usd(300));
    placed.total = placed.computed_total().unwrap();
    assert!(document.contains(&format!("Total {}.", placed.total)));
    let shares = Shares::of(&placed).unwrap();
    let row = |(line, from, to): (u16, u32, u32)| {
        let (back, paid) = (shares.refundable(line, from, to).unwrap(), shares.earned(line, from, to).unwrap());
        let (refundable, earned) = (back.total().unwrap(), paid.total().unwrap());
        let amounts = [back.goods, back.tax, back.extra, refundable, earned.minus(refundable).unwrap(), earned];
        let amounts = amounts.map(|amount| amount.to_string().trim_end_matches(" USD").to_owned());
        format!("| {line} | {from} to {to} | {} |", amounts.join(" | "))
    };
    let expected = [(1, 0, 1), (1, 1, 2), (1, 2, 3), (1, 0, 3), (2, 0, 1)].map(row);
    assert_eq!(rows, expected, "should be\n{}", expected.join("\n"));
}
