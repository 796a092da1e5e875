//! What was ordered: the body of the first event.

use super::backorder::Fill;
use super::tax::Tax;
use super::tender::Part;
use crate::address::{Address, Customer};
use crate::catalog::ReservationMinutes;
use crate::id::{ChannelId, Sku, StoreId};
use crate::money::{Currency, Money, MoneyError};
use crate::promise::Promise;
use crate::text::Text;
use serde::{Deserialize, Serialize};

/// One line, priced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// 1, 2, 3, ... within the order.
    pub number: u16,
    /// What.
    pub sku: Sku,
    /// What people call it.
    pub title: Text<200>,
    /// How many units, at least 1.
    pub quantity: u32,
    /// Each.
    pub unit_price: Money,
    /// Off the whole line.
    pub discount: Money,
    /// On the whole line, all taxes together.
    pub tax: Money,
    /// Contained in the price, rather than on top of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tax_included: bool,
    /// The taxes one by one, where we computed them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<Tax>,
    /// The bundle it is a part of, which the shopper bought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<BundleRef>,
    /// Units of the item that the order leaves to others: its safety stock and its buffer for the channel.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub leave: u32,
    /// Units of it promised out of what is expected: nothing of them is here yet.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub backordered: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(units: &u32) -> bool {
    *units == 0
}

/// The line of a cart that bought a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleRef {
    /// Its number in the cart: 1, 2, 3, ...
    pub line: u16,
    /// The bundle.
    pub sku: Sku,
}

impl Line {
    /// The units at their price, less the line's discount: with the tax, if the price includes it.
    ///
    /// # Errors
    /// Beyond 64 bits.
    pub fn price(&self) -> Result<Money, MoneyError> {
        self.unit_price.times(self.quantity)?.minus(self.discount)
    }

    /// The goods without any tax.
    ///
    /// # Errors
    /// Beyond 64 bits.
    pub fn goods(&self) -> Result<Money, MoneyError> {
        net(self.price()?, self.tax, self.tax_included)
    }

    /// What the customer pays for the line: goods and tax.
    ///
    /// # Errors
    /// Beyond 64 bits.
    pub fn charged(&self) -> Result<Money, MoneyError> {
        self.goods()?.plus(self.tax)
    }
}

/// How it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipping {
    /// The service of the carrier's table.
    pub service: Text<32>,
    /// Charged for it.
    pub price: Money,
    /// Off that.
    pub discount: Money,
    /// On it, all taxes together.
    pub tax: Money,
    /// Contained in the price, rather than on top of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tax_included: bool,
    /// The taxes one by one, where we computed them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<Tax>,
}

impl Shipping {
    /// The shipping less its discount, without any tax.
    ///
    /// # Errors
    /// Beyond 64 bits.
    pub fn net(&self) -> Result<Money, MoneyError> {
        net(self.price.minus(self.discount)?, self.tax, self.tax_included)
    }

    /// What the customer pays for it, with tax.
    ///
    /// # Errors
    /// Beyond 64 bits.
    pub fn charged(&self) -> Result<Money, MoneyError> {
        self.net()?.plus(self.tax)
    }
}

fn net(price: Money, tax: Money, included: bool) -> Result<Money, MoneyError> {
    if included { price.minus(tax) } else { Ok(price) }
}

/// What was ordered, by whom, for how much, and what was promised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// The store it was bought from.
    pub store: StoreId,
    /// How it came in.
    pub channel: ChannelId,
    /// The caller's own number of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Text<64>>,
    /// Who bought.
    pub customer: Customer,
    /// Where it goes.
    pub ship_to: Address,
    /// What.
    pub lines: Vec<Line>,
    /// How it travels.
    pub shipping: Shipping,
    /// Off the whole order.
    pub discount: Money,
    /// What a channel's own total adds to (or takes off) its lines; zero for our own API.
    pub adjustment: Money,
    /// What the customer pays: lines, shipping and taxes, less discounts, plus the adjustment.
    pub total: Money,
    /// How it is paid: together the total.
    pub tenders: Vec<Part>,
    /// What the shopper was told.
    pub promise: Promise,
    /// What it wants where not everything is here.
    #[serde(default, skip_serializing_if = "Fill::is_default")]
    pub fill: Fill,
    /// How long its units are kept while it is not paid; absent: for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve_minutes: Option<ReservationMinutes>,
}

impl Placed {
    /// The currency of every amount in it.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.total.currency()
    }

    /// What lines, shipping and taxes add up to, less discounts, without the adjustment.
    ///
    /// # Errors
    /// Mixed currencies, or beyond 64 bits.
    pub fn computed_total(&self) -> Result<Money, MoneyError> {
        super::price::total(&self.lines, &self.shipping, self.discount)
    }

    /// The line of that number.
    #[must_use]
    pub fn line(&self, number: u16) -> Option<&Line> {
        self.lines.iter().find(|line| line.number == number)
    }
}
