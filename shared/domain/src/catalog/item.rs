//! Items: what a merchant sells and ships, by itself or as a bundle.

use crate::id::{ChannelId, Sku};
use crate::money::{Currency, Money};
use crate::stock::Tracking;
use crate::text::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::num::NonZeroU32;

/// Components of a bundle.
pub const MAX_COMPONENTS: usize = 20;
/// Units that an item, or a buffer of it, may keep from being promised.
pub const MAX_LEFT: u32 = 1_000_000_000;

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
    /// What its units are told apart by.
    #[serde(default, skip_serializing_if = "Tracking::is_none")]
    pub tracking: Tracking,
    /// Units that are promised to nobody, network-wide.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub safety_stock: u32,
    /// Units that orders of a channel leave to the others, beyond the safety stock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buffers: Vec<Buffer>,
    /// May it be sold before it is here, up to what is announced? Absent: no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backorder: Option<Backorder>,
    /// Staff are told when fewer units than this may be promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low_stock: Option<u32>,
    /// How often it is counted.
    #[serde(default, skip_serializing_if = "CountClass::is_default")]
    pub count_class: CountClass,
    /// A bundle: what one unit of it is made of. It has no stock of its own; its parts are ordered, and checked, as one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Component>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(units: &u32) -> bool {
    *units == 0
}

/// Units that orders of a channel leave to the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Buffer {
    /// Which channel.
    pub channel: ChannelId,
    /// How many units, network-wide.
    pub units: u32,
}

/// How an item is sold before it is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Backorder {
    /// It was here and comes again.
    Backorder,
    /// It was never here.
    Preorder,
}

/// How often an item is counted: the classes of an ABC analysis, by what the units that move are worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CountClass {
    /// Every 30 days.
    A,
    /// Every 90 days.
    B,
    /// Every 180 days.
    #[default]
    C,
}

impl CountClass {
    /// Days from one count to the next.
    #[must_use]
    pub fn days(self) -> i64 {
        match self {
            Self::A => 30,
            Self::B => 90,
            Self::C => 180,
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A part of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// An item that is no bundle itself.
    pub sku: Sku,
    /// Units of it in one unit of the bundle.
    pub quantity: NonZeroU32,
}

/// A rule that an item breaks as a whole, though each of its fields is legal by itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pointer} {rule}")]
pub struct IllegalItem {
    /// JSON pointer (RFC 6901) into the record.
    pub pointer: String,
    /// The rule.
    pub rule: String,
}

fn illegal(pointer: impl Into<String>, rule: impl Into<String>) -> IllegalItem {
    IllegalItem { pointer: pointer.into(), rule: rule.into() }
}

impl Item {
    /// Is it sold as one, and ordered and stocked as its components?
    #[must_use]
    pub fn is_bundle(&self) -> bool {
        !self.components.is_empty()
    }

    /// Checks the rules about several fields, which its type alone does not keep.
    ///
    /// # Errors
    /// The first field that breaks one, and the rule.
    pub fn check(&self) -> Result<(), IllegalItem> {
        if self.is_bundle() {
            self.check_bundle()?;
        }
        let too_many = || format!("must be at most {MAX_LEFT}");
        if self.safety_stock > MAX_LEFT {
            return Err(illegal("/safety_stock", too_many()));
        }
        let mut channels = BTreeSet::new();
        for (index, buffer) in self.buffers.iter().enumerate() {
            if !channels.insert(&buffer.channel) {
                return Err(illegal(format!("/buffers/{index}/channel"), "has a buffer already"));
            }
            if buffer.units > MAX_LEFT {
                return Err(illegal(format!("/buffers/{index}/units"), too_many()));
            }
        }
        Ok(())
    }

    fn check_bundle(&self) -> Result<(), IllegalItem> {
        let of_stock = [
            ("/tracking", !self.tracking.is_none()),
            ("/safety_stock", self.safety_stock > 0),
            ("/buffers", !self.buffers.is_empty()),
            ("/backorder", self.backorder.is_some()),
            ("/low_stock", self.low_stock.is_some()),
            ("/count_class", !self.count_class.is_default()),
        ];
        if let Some((pointer, _)) = of_stock.into_iter().find(|(_, is_set)| *is_set) {
            return Err(illegal(pointer, "must be absent: a bundle has no stock of its own, its components have"));
        }
        if self.components.len() > MAX_COMPONENTS {
            return Err(illegal("/components", format!("must be at most {MAX_COMPONENTS}")));
        }
        let mut known = BTreeSet::from([&self.sku]);
        for (index, component) in self.components.iter().enumerate() {
            if !known.insert(&component.sku) {
                let rule = if component.sku == self.sku { "is the bundle itself" } else { "is a component already" };
                return Err(illegal(format!("/components/{index}/sku"), rule));
            }
        }
        Ok(())
    }

    /// Units that an order of `channel` leaves to others: the safety stock and the channel's buffer.
    #[must_use]
    pub fn left_by(&self, channel: &ChannelId) -> i64 {
        let buffer = self.buffers.iter().find(|buffer| buffer.channel == *channel).map_or(0, |buffer| buffer.units);
        i64::from(self.safety_stock) + i64::from(buffer)
    }

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
