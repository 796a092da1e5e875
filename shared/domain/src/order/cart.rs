//! A cart becomes an order: parsed, priced, checked against the total the caller states, and promised.

use super::backorder::Fill;
use super::payments::parts;
use super::placed::Placed;
use super::price::total;
use super::tax::CartTax;
use super::tender::Account;
use crate::address::{Address, Customer};
use crate::catalog::{Item, Policy, Service, Site, Store};
use crate::id::{ChannelId, Sku, TenantId};
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
    /// How it is paid: one to four tenders, used up in this order.
    pub payments: Vec<CartPayment>,
    /// What it wants where not everything is here.
    #[serde(default, skip_serializing_if = "Fill::is_default")]
    pub fill: Fill,
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
    /// On the whole line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Money>,
    /// `tax` is contained in the price, rather than on top of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tax_included: bool,
    /// Instead of `tax`: the rates, applied by us.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<CartTax>,
}

/// The shipping a shopper chose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CartShipping {
    /// A service of the merchant's carrier table.
    pub service: Text<32>,
    /// Charged for it.
    pub price: Money,
    /// Off that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<Money>,
    /// On it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Money>,
    /// `tax` is contained in the price, rather than on top of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tax_included: bool,
    /// Instead of `tax`: the rates, applied by us.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<CartTax>,
}

/// How the shopper pays, or a part of it. Exactly one of `method`, `intent`, `account` and `gift_card`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CartPayment {
    /// How much of the total; absent, of one payment at most: the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The processor's id of a payment method, which is confirmed by us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Text<128>>,
    /// With `method`: the processor's id of the customer it is saved for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Text<128>>,
    /// With `method`: where the shopper comes back to after 3-D Secure, an https address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_url: Option<Text<500>>,
    /// The processor's id of a payment the storefront has confirmed, with manual capture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<Text<128>>,
    /// An account the merchant keeps: net terms or store credit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// The code of a gift card; only a digest of it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gift_card: Option<Text<64>>,
}

/// What the merchant's catalog says about the cart.
#[derive(Clone, Debug)]
pub struct Seller<'a> {
    /// Who sells.
    pub tenant: &'a TenantId,
    /// The store that sells.
    pub store: &'a Store,
    /// How the order came in.
    pub channel: ChannelId,
    /// The items the catalog knows, by SKU: those of the cart, and the components of the bundles among them.
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

pub(super) fn field(pointer: impl Into<String>, rule: impl Into<String>) -> CartError {
    CartError::Field { pointer: pointer.into(), rule: rule.into() }
}

/// What `pointer` comes to is beyond 64 bits.
pub(super) fn too_large(pointer: &str) -> CartError {
    field(pointer, format!("comes to more than {} minor units", i64::MAX))
}

impl Cart {
    /// The SKUs in it, each once; of bundles, their own.
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
        let lines = self.priced_lines(seller.items, &seller.channel)?;
        let discount = self.discount.unwrap_or(zero);
        let shipping = self.priced_shipping()?;
        let computed = total(&lines, &shipping, discount).map_err(|_| too_large("/total"))?;
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
            tenders: parts(&self.payments, seller.tenant, computed)?,
            promise: promise(seller.site, service, at)?,
            fill: self.fill,
            reserve_minutes: Some(seller.policy.reservation_minutes),
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
}
