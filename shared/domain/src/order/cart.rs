//! A cart becomes an order: parsed, priced, checked against the total the caller states, and promised.

use super::placed::{Line, Placed, Shipping, Tender};
use crate::address::{Address, Customer};
use crate::catalog::{Item, Policy, Service, Site, Store};
use crate::id::{ChannelId, Sku};
use crate::money::{Currency, Money, MoneyError};
use crate::promise::{NeverShips, promise};
use crate::text::Text;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

/// Distinct stock items in an order: a DynamoDB transaction holds 100 items.
pub const MAX_ITEMS: usize = 90;
/// Lines in an order.
pub const MAX_LINES: usize = 500;

/// An order as a store sends it. Amounts are integers in minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cart {
    /// The caller's own number of the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Text<64>>,
    /// The currency of every amount.
    pub currency: Currency,
    /// Who buys.
    pub customer: Customer,
    /// Where it goes.
    pub ship_to: Address,
    /// What.
    pub lines: Vec<CartLine>,
    /// How it travels.
    pub shipping: CartShipping,
    /// Off the whole order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<Money>,
    /// What the shopper agreed to pay; must equal what the lines add up to.
    pub total: Money,
    /// How it is paid.
    pub payment: CartPayment,
}

/// A line of a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CartLine {
    /// What.
    pub sku: Sku,
    /// How many units.
    pub quantity: NonZeroU32,
    /// Each; absent: the item's list price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<Money>,
    /// Off the whole line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<Money>,
    /// On the whole line, on top of the price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Money>,
}

/// The shipping a shopper chose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CartShipping {
    /// A service of the merchant's carrier table.
    pub service: Text<32>,
    /// Charged for it.
    pub price: Money,
    /// On top of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Money>,
}

/// How the shopper pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CartPayment {
    /// The processor's id of a payment method.
    pub method: Text<128>,
}

/// What the merchant's catalog says about the cart.
#[derive(Clone, Debug)]
pub struct Seller<'a> {
    /// The store that sells.
    pub store: &'a Store,
    /// How the order came in.
    pub channel: ChannelId,
    /// The items the catalog knows, by SKU.
    pub items: &'a BTreeMap<Sku, Item>,
    /// The site the promise is made for.
    pub site: &'a Site,
    /// The service chosen, if the carrier offers it to the address.
    pub service: Option<&'a Service>,
    /// The merchant's policy.
    pub policy: &'a Policy,
}

/// Why a cart makes no order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CartError {
    /// A field breaks a rule.
    #[error("{pointer} {rule}")]
    Field {
        /// JSON pointer (RFC 6901) into the cart.
        pointer: String,
        /// The rule.
        rule: String,
    },
    /// The site never ships.
    #[error(transparent)]
    NeverShips(#[from] NeverShips),
    /// An amount could not be computed.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

fn field(pointer: impl Into<String>, rule: impl Into<String>) -> CartError {
    CartError::Field { pointer: pointer.into(), rule: rule.into() }
}

impl Cart {
    /// The SKUs in it, each once.
    #[must_use]
    pub fn skus(&self) -> BTreeSet<Sku> {
        self.lines.iter().map(|line| line.sku.clone()).collect()
    }

    /// Prices the cart and makes the promise.
    ///
    /// # Errors
    /// The first field that breaks a rule, as a JSON pointer and the rule.
    pub fn price(self, seller: &Seller<'_>, at: Timestamp) -> Result<Placed, CartError> {
        self.check_size()?;
        self.check_amounts(seller.store)?;
        let service = seller.service.ok_or_else(|| field("/shipping/service", "is not offered to this address"))?;
        let zero = Money::zero(self.currency);
        let lines = self.priced_lines(seller.items)?;
        let discount = self.discount.unwrap_or(zero);
        let shipping = Shipping {
            service: self.shipping.service,
            price: self.shipping.price,
            tax: self.shipping.tax.unwrap_or(zero),
        };
        let computed = total(&lines, &shipping, discount)?;
        if computed.is_negative() {
            return Err(field("/discount", "is more than the order"));
        }
        if computed != self.total {
            return Err(field("/total", format!("must be {computed}, what the order adds up to")));
        }
        Ok(Placed {
            store: seller.store.id.clone(),
            channel: seller.channel.clone(),
            reference: self.reference,
            customer: self.customer,
            ship_to: self.ship_to,
            lines,
            shipping,
            discount,
            adjustment: zero,
            total: computed,
            tender: Tender::Card { method: self.payment.method },
            promise: promise(seller.site, service, at)?,
        })
    }

    fn check_size(&self) -> Result<(), CartError> {
        if self.lines.is_empty() {
            return Err(field("/lines", "must not be empty"));
        }
        if self.lines.len() > MAX_LINES {
            return Err(field("/lines", format!("must be at most {MAX_LINES}")));
        }
        if self.skus().len() > MAX_ITEMS {
            return Err(field("/lines", format!("must have at most {MAX_ITEMS} distinct items")));
        }
        Ok(())
    }

    /// Every amount is in the order's currency, which the store sells in, and none is negative.
    fn check_amounts(&self, store: &Store) -> Result<(), CartError> {
        if !store.currencies.contains(&self.currency) {
            return Err(field("/currency", "is not a currency of this store"));
        }
        let line_amounts = self.lines.iter().enumerate().flat_map(|(index, line)| {
            let at = move |name: &str| format!("/lines/{index}/{name}");
            [(at("unit_price"), line.unit_price), (at("discount"), line.discount), (at("tax"), line.tax)]
        });
        let order_amounts = [
            ("/shipping/price".to_owned(), Some(self.shipping.price)),
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

    fn priced_lines(&self, items: &BTreeMap<Sku, Item>) -> Result<Vec<Line>, CartError> {
        let zero = Money::zero(self.currency);
        let priced = self.lines.iter().zip(1_u16..).map(|(line, number)| {
            let at = |name: &str| format!("/lines/{}/{name}", number - 1);
            let item = items.get(&line.sku).ok_or_else(|| field(at("sku"), "is not in the catalog"))?;
            let unit_price = line.unit_price.or_else(|| item.price(self.currency));
            let unit_price =
                unit_price.ok_or_else(|| field(at("unit_price"), "is needed: the item has no list price"))?;
            let discount = line.discount.unwrap_or(zero);
            if discount.minor() > unit_price.times(line.quantity.get())?.minor() {
                return Err(field(at("discount"), "is more than the line"));
            }
            Ok(Line {
                number,
                sku: line.sku.clone(),
                title: item.title.clone(),
                quantity: line.quantity.get(),
                unit_price,
                discount,
                tax: line.tax.unwrap_or(zero),
            })
        });
        priced.collect()
    }
}

/// Lines, shipping and taxes, less discounts.
pub(super) fn total(lines: &[Line], shipping: &Shipping, discount: Money) -> Result<Money, MoneyError> {
    let zero = Money::zero(discount.currency());
    let goods = lines.iter().try_fold(zero, |sum, line| {
        sum.plus(line.unit_price.times(line.quantity)?)?.minus(line.discount)?.plus(line.tax)
    })?;
    goods.plus(shipping.price)?.plus(shipping.tax)?.minus(discount)
}
