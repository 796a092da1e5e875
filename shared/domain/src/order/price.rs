//! Prices: every amount of a cart is checked, every line and the shipping priced and taxed, and the whole added up.

use super::bundle::{BundleError, unbundled};
use super::cart::{Cart, CartError, CartLine, field, too_large};
use super::placed::{Line, Shipping};
use super::tax::Taxation;
use crate::catalog::{Item, Store};
use crate::id::{ChannelId, Sku};
use crate::money::{Money, MoneyError};
use std::collections::BTreeMap;

impl Cart {
    /// Every amount is in the order's currency, which the store sells in, and none is negative.
    pub(super) fn check_amounts(&self, store: &Store) -> Result<(), CartError> {
        if !store.currencies.contains(&self.currency) {
            return Err(field("/currency", "is not a currency of this store"));
        }
        let line_amounts = self.lines.iter().enumerate().flat_map(|(index, line)| {
            let at = move |name: &str| format!("/lines/{index}/{name}");
            [(at("unit_price"), line.unit_price), (at("discount"), line.discount), (at("tax"), line.tax)]
        });
        let order_amounts = [
            ("/shipping/price".to_owned(), Some(self.shipping.price)),
            ("/shipping/discount".to_owned(), self.shipping.discount),
            ("/shipping/tax".to_owned(), self.shipping.tax),
            ("/discount".to_owned(), self.discount),
            ("/total".to_owned(), Some(self.total)),
        ];
        for (pointer, amount) in line_amounts.chain(order_amounts) {
            let Some(amount) = amount else { continue };
            if amount.currency() != self.currency {
                return Err(field(format!("{pointer}/currency"), "must be the order's currency"));
            }
            if amount.is_negative() {
                return Err(field(format!("{pointer}/minor"), "must not be negative"));
            }
        }
        Ok(())
    }

    /// The lines, priced and taxed, with the parts of bundles in their places, numbered 1, 2, 3, ...
    pub(super) fn priced_lines(
        &self,
        items: &BTreeMap<Sku, Item>,
        channel: &ChannelId,
    ) -> Result<Vec<Line>, CartError> {
        let numbered = self.lines.iter().zip(1_u16..);
        let lines = numbered.map(|(line, number)| self.priced_line(line, number, items)).collect::<Result<_, _>>()?;
        unbundled(lines, channel, items).map_err(|BundleError { line, field: name, rule }| {
            let steps = line.map(|index| index.to_string()).into_iter().chain(name.map(str::to_owned));
            field(steps.fold("/lines".to_owned(), |at, step| at + "/" + &step), rule)
        })
    }

    fn priced_line(&self, line: &CartLine, number: u16, items: &BTreeMap<Sku, Item>) -> Result<Line, CartError> {
        let at = format!("/lines/{}", number - 1);
        let item = items.get(&line.sku).ok_or_else(|| field(format!("{at}/sku"), "is not in the catalog"))?;
        let unit_price = line
            .unit_price
            .or_else(|| item.price(self.currency))
            .ok_or_else(|| field(format!("{at}/unit_price"), "is needed: the item has no list price"))?;
        let zero = Money::zero(self.currency);
        let mut priced = Line {
            number,
            sku: line.sku.clone(),
            title: item.title.clone(),
            quantity: line.quantity.get(),
            unit_price,
            discount: line.discount.unwrap_or(zero),
            tax: zero,
            tax_included: false,
            taxes: Vec::new(),
            part_of: None,
            leave: 0,
            backordered: 0,
        };
        let price = priced.price().map_err(|_| too_large(&at))?;
        if price.is_negative() {
            return Err(field(format!("{at}/discount"), "is more than the line"));
        }
        let asked = Taxation { tax: line.tax, tax_included: line.tax_included, taxes: &line.taxes };
        let taxed = asked.on(price, &at)?;
        (priced.tax, priced.tax_included, priced.taxes) = (taxed.tax, taxed.included, taxed.taxes);
        priced.charged().map_err(|_| too_large(&at))?;
        Ok(priced)
    }

    /// The shipping, taxed.
    pub(super) fn priced_shipping(&self) -> Result<Shipping, CartError> {
        let (asked, zero) = (&self.shipping, Money::zero(self.currency));
        let discount = asked.discount.unwrap_or(zero);
        let price = asked.price.minus(discount)?;
        if price.is_negative() {
            return Err(field("/shipping/discount", "is more than the shipping"));
        }
        let taxation = Taxation { tax: asked.tax, tax_included: asked.tax_included, taxes: &asked.taxes };
        let taxed = taxation.on(price, "/shipping")?;
        let priced = Shipping {
            service: asked.service.clone(),
            price: asked.price,
            discount,
            tax: taxed.tax,
            tax_included: taxed.included,
            taxes: taxed.taxes,
        };
        priced.charged().map_err(|_| too_large("/shipping"))?;
        Ok(priced)
    }
}

/// What the customer pays for lines and shipping, less the discount of the whole order.
pub(super) fn total(lines: &[Line], shipping: &Shipping, discount: Money) -> Result<Money, MoneyError> {
    let zero = Money::zero(discount.currency());
    let charged = lines.iter().try_fold(zero, |sum, line| sum.plus(line.charged()?))?;
    charged.plus(shipping.charged()?)?.minus(discount)
}
