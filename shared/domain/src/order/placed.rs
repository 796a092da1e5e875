//! What was ordered: the body of the first event.

use crate::address::{Address, Customer};
use crate::id::{ChannelId, Sku, StoreId};
use crate::money::{Currency, Money, MoneyError};
use crate::promise::Promise;
use crate::text::Text;
use serde::{Deserialize, Serialize};

/// How an order is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Tender {
    /// A payment method at our processor, authorized and captured by us.
    Card {
        /// The processor's id of the payment method.
        method: Text<128>,
    },
    /// The channel holds or has collected the money and settles with the merchant.
    Channel {
        /// The channel's own id of the order.
        reference: Text<64>,
        /// Collected already, rather than authorized.
        collected: bool,
    },
}

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
    /// On the whole line, added to the price.
    pub tax: Money,
}

/// How it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipping {
    /// The service of the carrier's table.
    pub service: Text<32>,
    /// Charged for it.
    pub price: Money,
    /// On top of that.
    pub tax: Money,
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
    /// How it is paid.
    pub tender: Tender,
    /// What the shopper was told.
    pub promise: Promise,
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
        super::cart::total(&self.lines, &self.shipping, self.discount)
    }

    /// The line of that number.
    #[must_use]
    pub fn line(&self, number: u16) -> Option<&Line> {
        self.lines.iter().find(|line| line.number == number)
    }
}
