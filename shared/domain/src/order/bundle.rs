//! Bundles: what a shopper buys as one is ordered as its parts. Price, discount and taxes are divided over them; the rule
//! is published in docs/pricing.md.

use super::cart::{MAX_ITEMS, MAX_LINES};
use super::placed::{BundleRef, Line};
use super::tax::Tax;
use crate::catalog::Item;
use crate::id::{ChannelId, Sku};
use crate::money::{Money, MoneyError};
use std::collections::{BTreeMap, BTreeSet};

/// Why lines cannot be ordered as the parts of their bundles.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule}")]
pub struct BundleError {
    /// Which line of those given, counted from 0; absent: all of them together.
    pub line: Option<usize>,
    /// Its field that breaks the rule; absent: the line as a whole.
    pub field: Option<&'static str>,
    /// The rule.
    pub rule: String,
}

fn all(rule: String) -> BundleError {
    BundleError { line: None, field: None, rule }
}

fn at(line: usize, field: &'static str, rule: impl Into<String>) -> BundleError {
    BundleError { line: Some(line), field: Some(field), rule: rule.into() }
}

/// The order lines of priced lines: the parts of a bundle in its place, each with the units it leaves to others of
/// `channel`; numbered 1, 2, 3, ... They come to what the lines given come to, to the minor unit.
///
/// # Errors
/// A component that is unknown or a bundle itself; too many lines, items or units; an amount beyond 64 bits.
pub fn unbundled(lines: Vec<Line>, channel: &ChannelId, items: &BTreeMap<Sku, Item>) -> Result<Vec<Line>, BundleError> {
    check_size(&lines, items)?;
    let mut ordered = Vec::with_capacity(lines.len());
    for (index, line) in lines.into_iter().enumerate() {
        let item = items.get(&line.sku).ok_or_else(|| at(index, "sku", "is not in the catalog"))?;
        if item.is_bundle() {
            let parts = parts(&line, index, item, items)?;
            let too_large = |_| format!("comes to more than {} minor units", i64::MAX);
            let too_large = |error| BundleError { line: Some(index), field: None, rule: too_large(error) };
            ordered.extend(divided(&line, &parts).map_err(too_large)?);
        } else {
            ordered.push(line);
        }
    }
    for (line, number) in ordered.iter_mut().zip(1_u16..) {
        let left = items.get(&line.sku).map_or(0, |item| item.left_by(channel));
        (line.number, line.leave) = (number, u32::try_from(left).unwrap_or(u32::MAX));
    }
    Ok(ordered)
}

/// Before any component is looked at: what is too much is refused for that.
fn check_size(lines: &[Line], items: &BTreeMap<Sku, Item>) -> Result<(), BundleError> {
    let mut count = 0;
    let mut distinct: BTreeSet<&Sku> = BTreeSet::new();
    for line in lines {
        if let Some(bundle) = items.get(&line.sku).filter(|item| item.is_bundle()) {
            count += bundle.components.len();
            distinct.extend(bundle.components.iter().map(|component| &component.sku));
        } else {
            count += 1;
            distinct.insert(&line.sku);
        }
    }
    if count > MAX_LINES {
        return Err(all(format!("must be at most {MAX_LINES}, the components of bundles counted")));
    }
    if distinct.len() > MAX_ITEMS {
        return Err(all(format!("must have at most {MAX_ITEMS} distinct items, the components of bundles counted")));
    }
    Ok(())
}

/// Units of an item that a line of a bundle comes to.
struct Part<'a> {
    item: &'a Item,
    /// In one unit of the bundle.
    each: u32,
    /// In the line.
    quantity: u32,
}

fn parts<'a>(
    line: &Line,
    index: usize,
    bundle: &Item,
    items: &'a BTreeMap<Sku, Item>,
) -> Result<Vec<Part<'a>>, BundleError> {
    let part = |component: &crate::catalog::Component| {
        let sku = &component.sku;
        let unknown = || at(index, "sku", format!("its component {sku} is not in the catalog"));
        let item = items.get(sku).ok_or_else(unknown)?;
        if item.is_bundle() {
            return Err(at(index, "sku", format!("its component {sku} is a bundle")));
        }
        let each = component.quantity.get();
        let too_many = || at(index, "quantity", format!("comes to more than {} units of {sku}", u32::MAX));
        let quantity = line.quantity.checked_mul(each).ok_or_else(too_many)?;
        Ok(Part { item, each, quantity })
    };
    bundle.components.iter().map(part).collect()
}

/// The lines of the parts. Prices before the discount fall on them by weight, the discount by those, the taxes by what is
/// left.
fn divided(line: &Line, parts: &[Part<'_>]) -> Result<Vec<Line>, MoneyError> {
    let weights = weights(parts, line.unit_price);
    let gross = line.unit_price.times(line.quantity)?.allocate(&weights);
    let discounts = line.discount.allocate(&minors(&gross));
    let prices = gross.iter().zip(&discounts).map(|(gross, off)| gross.minus(*off)).collect::<Result<Vec<_>, _>>()?;
    let taxes = divided_taxes(line, &prices, &weights)?;
    let shares = gross.into_iter().zip(discounts).zip(taxes);
    parts.iter().zip(shares).map(|(part, ((gross, off), taxes))| part_line(line, part, gross, off, &taxes)).collect()
}

/// What a part weighs: its list price times its units. All weigh the same where one has no list price, or none to speak of.
fn weights(parts: &[Part<'_>], like: Money) -> Vec<u64> {
    let weight = |part: &Part<'_>| {
        let price = part.item.price(like.currency())?;
        let price = u64::try_from(price.minor()).ok().filter(|minor| *minor > 0)?;
        Some(price.saturating_mul(part.each.into()))
    };
    parts.iter().map(weight).collect::<Option<_>>().unwrap_or_else(|| vec![1; parts.len()])
}

fn minors(amounts: &[Money]) -> Vec<u64> {
    amounts.iter().map(|amount| u64::try_from(amount.minor()).unwrap_or(0)).collect()
}

/// The taxes of each part, in the order of the line's; of a line whose tax the caller stated, that one.
fn divided_taxes(line: &Line, prices: &[Money], weights: &[u64]) -> Result<Vec<Vec<Money>>, MoneyError> {
    let taxes: Vec<Money> = match &line.taxes[..] {
        [] => vec![line.tax],
        named => named.iter().map(|tax| tax.amount).collect(),
    };
    if line.tax_included {
        return contained(line.goods()?, &taxes, prices);
    }
    let own = minors(prices);
    let by = if own.iter().all(|minor| *minor == 0) { weights } else { &own[..] };
    let columns: Vec<Vec<Money>> = taxes.iter().map(|tax| tax.allocate(by)).collect();
    Ok((0..prices.len()).map(|part| columns.iter().map(|column| column[part]).collect()).collect())
}

/// Taxes contained in prices. Each part's price is split into goods and taxes as what is left of the whole line's is, so
/// that neither a part's taxes exceed its price nor a tax's parts that tax.
fn contained(goods: Money, taxes: &[Money], prices: &[Money]) -> Result<Vec<Vec<Money>>, MoneyError> {
    let mut left: Vec<Money> = std::iter::once(goods).chain(taxes.iter().copied()).collect();
    let mut divided = Vec::with_capacity(prices.len());
    for price in prices {
        let split = price.allocate(&minors(&left));
        for (left, share) in left.iter_mut().zip(&split) {
            *left = left.minus(*share)?;
        }
        divided.push(split[1..].to_vec());
    }
    Ok(divided)
}

/// The unit price is rounded up, and what that is too much goes into the discount.
fn part_line(line: &Line, part: &Part<'_>, gross: Money, off: Money, taxes: &[Money]) -> Result<Line, MoneyError> {
    let down = gross.share(0, 1, part.quantity);
    let is_exact = down.times(part.quantity)? == gross;
    let unit_price = if is_exact { down } else { down.plus(Money::new(1, gross.currency()))? };
    let too_much = unit_price.times(part.quantity)?.minus(gross)?;
    let tax = taxes.iter().try_fold(Money::zero(gross.currency()), |sum, tax| sum.plus(*tax))?;
    let named = line.taxes.iter().zip(taxes).map(|(tax, amount)| Tax { amount: *amount, ..tax.clone() });
    Ok(Line {
        sku: part.item.sku.clone(),
        title: part.item.title.clone(),
        quantity: part.quantity,
        unit_price,
        discount: off.plus(too_much)?,
        tax,
        taxes: named.collect(),
        part_of: Some(BundleRef { line: line.number, sku: line.sku.clone() }),
        ..line.clone()
    })
}
