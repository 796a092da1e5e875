//! Items, stores, channels, policies and clients.

use crate::address::Country;
use crate::id::{ChannelId, Sku, StoreId, TenantId};
use crate::money::{Currency, Money};
use crate::text::Text;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// Something a merchant sells and ships.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its stock keeping unit.
    pub sku: Sku,
    /// What people call it.
    pub title: Text<200>,
    /// GS1 trade item number, 8 to 14 digits with a valid check digit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gtin: Option<Gtin>,
    /// Millimetres.
    pub length_mm: NonZeroU32,
    /// Millimetres.
    pub width_mm: NonZeroU32,
    /// Millimetres.
    pub height_mm: NonZeroU32,
    /// Grams.
    pub weight_grams: NonZeroU32,
    /// May be packed with others?
    #[serde(default)]
    pub ships_alone: bool,
    /// Must not be tipped, stacked or dropped.
    #[serde(default)]
    pub fragile: bool,
    /// List price per currency, used where an order states none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<Money>,
}

impl Item {
    /// The list price in `currency`.
    #[must_use]
    pub fn price(&self, currency: Currency) -> Option<Money> {
        self.prices.iter().copied().find(|price| price.currency() == currency)
    }
}

/// A GS1 Global Trade Item Number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Gtin(String);

/// Not a GTIN.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no GTIN: 8, 12, 13 or 14 digits, the last a GS1 check digit")]
pub struct InvalidGtin;

impl TryFrom<String> for Gtin {
    type Error = InvalidGtin;

    /// GS1 General Specifications 7.9: weights 3 and 1 from the right.
    fn try_from(text: String) -> Result<Self, InvalidGtin> {
        let digits = matches!(text.len(), 8 | 12 | 13 | 14) && text.bytes().all(|b| b.is_ascii_digit());
        let weighted = text.bytes().rev().enumerate().map(|(index, b)| {
            let weight = if index % 2 == 1 { 3 } else { 1 };
            u32::from(b - b'0') * weight
        });
        if digits && weighted.sum::<u32>() % 10 == 0 { Ok(Self(text)) } else { Err(InvalidGtin) }
    }
}

impl From<Gtin> for String {
    fn from(gtin: Gtin) -> Self {
        gtin.0
    }
}

/// A store: where shoppers buy, and what its messages say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    /// Its id.
    pub id: StoreId,
    /// As the shopper knows it.
    pub name: Text<100>,
    /// The currencies it sells in; orders in others are refused.
    pub currencies: Vec<Currency>,
}

/// Who holds the shopper's money for a channel's orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settlement {
    /// The channel collects and settles with the merchant; we never charge the shopper.
    Channel,
}

/// A marketplace or shop system whose orders arrive on the channel queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// Its id, unique for the tenant.
    pub id: ChannelId,
    /// The store its orders belong to.
    pub store: StoreId,
    /// The format of its orders.
    pub format: Format,
    /// Who collects the money.
    pub settlement: Settlement,
    /// The shipping service its orders get.
    pub service: Text<32>,
}

/// A format of channel orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Shopify Admin REST `order`.
    Shopify,
}

/// How a merchant wants its orders handled. One per tenant, id `default`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Always `default`.
    pub id: Text<32>,
    /// Orders of at least this much, in the same currency, wait for a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub review_from: Vec<Money>,
    /// A line of more units than this waits for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_quantity_over: Option<NonZeroU32>,
    /// Orders to these countries are refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocked_countries: Vec<Country>,
    /// The carrier whose rates and services promises are made with.
    pub carrier: Text<32>,
}

/// What an app client may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Places and reads orders.
    Store,
    /// Works the warehouse.
    Warehouse,
    /// Reviews, cancels, resolves exceptions.
    Support,
    /// Keeps master data.
    Admin,
}

/// An OAuth2 app client: who it acts for. Only the operator writes these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// The OAuth2 client id.
    pub id: Text<128>,
    /// Whose data it sees.
    pub tenant: TenantId,
    /// The store it places orders for, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreId>,
    /// What it is.
    pub role: Role,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gtin_has_a_valid_check_digit() {
        // 4006381333931 and 00012345600012 are GS1's own examples of a GTIN-13 and a GTIN-14.
        for good in ["4006381333931", "00012345600012", "96385074"] {
            assert!(Gtin::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in ["4006381333932", "1", "40063813339x1", ""] {
            assert!(Gtin::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_item_without_weight_is_refused() {
        let item = serde_json::json!({"sku":"A","title":"A","length_mm":1,"width_mm":1,"height_mm":1,"weight_grams":0});
        assert!(serde_json::from_value::<Item>(item).is_err());
    }
}
