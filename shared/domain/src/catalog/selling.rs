//! Stores, channels, policies and clients.

use crate::address::Country;
use crate::id::{ChannelId, StoreId, TenantId};
use crate::money::{Currency, Money};
use crate::text::Text;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

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
    /// How long the units of an order are kept for it while it is not paid.
    #[serde(default, skip_serializing_if = "ReservationMinutes::is_default")]
    pub reservation_minutes: ReservationMinutes,
}

/// How long a reservation lasts: 5 minutes to a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct ReservationMinutes(u32);

/// Too short or too long for a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 5 to 10080")]
pub struct InvalidReservation;

impl TryFrom<u32> for ReservationMinutes {
    type Error = InvalidReservation;

    fn try_from(minutes: u32) -> Result<Self, InvalidReservation> {
        if (5..=10_080).contains(&minutes) { Ok(Self(minutes)) } else { Err(InvalidReservation) }
    }
}

impl From<ReservationMinutes> for u32 {
    fn from(minutes: ReservationMinutes) -> Self {
        minutes.0
    }
}

impl Default for ReservationMinutes {
    fn default() -> Self {
        Self(60)
    }
}

impl ReservationMinutes {
    /// As a length of time.
    #[must_use]
    pub fn duration(self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.0))
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
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
