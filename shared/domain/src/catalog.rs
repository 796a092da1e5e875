//! Master data: what the stages look up. Each record is legal by existing; `Kind` names its collection.

mod item;
mod logistics;
mod selling;

pub use item::{Backorder, Buffer, Component, CountClass, Gtin, IllegalItem, Item, MAX_COMPONENTS, MAX_LEFT};
pub use logistics::{Calendar, Carrier, Carton, Rate, RawCalendar, Service, Site};
pub use selling::{Channel, Client, Format, Policy, ReservationMinutes, Role, Settlement, Store};

use serde::{Serialize, de::DeserializeOwned};

/// A collection of master data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// What is sold.
    Item,
    /// Where it is kept and shipped from.
    Site,
    /// What it is packed in.
    Carton,
    /// Who moves it, and for how much.
    Carrier,
    /// Where it is bought.
    Store,
    /// Where orders come from besides our own API.
    Channel,
    /// How a merchant wants its orders handled.
    Policy,
    /// Which app client acts for which tenant and store.
    Client,
}

impl Kind {
    /// Every kind a tenant's staff may read and write. Clients are not among them: they decide who the tenant is.
    pub const STAFF: [Self; 7] =
        [Self::Item, Self::Site, Self::Carton, Self::Carrier, Self::Store, Self::Channel, Self::Policy];

    /// The name in URLs, import files and keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Item => "items",
            Self::Site => "sites",
            Self::Carton => "cartons",
            Self::Carrier => "carriers",
            Self::Store => "stores",
            Self::Channel => "channels",
            Self::Policy => "policies",
            Self::Client => "clients",
        }
    }

    /// The field of a record that holds its id.
    #[must_use]
    pub fn id_field(self) -> &'static str {
        match self {
            Self::Item => "sku",
            Self::Site | Self::Carton | Self::Carrier | Self::Store | Self::Channel | Self::Policy | Self::Client => {
                "id"
            }
        }
    }

    /// The kind of that name, if staff may use it.
    #[must_use]
    pub fn of_staff(name: &str) -> Option<Self> {
        Self::STAFF.into_iter().find(|kind| kind.name() == name)
    }
}

/// A record of the catalog.
pub trait Record: Clone + Send + Sync + Serialize + DeserializeOwned + 'static {
    /// Its collection.
    const KIND: Kind;
}

/// Declares the collections of the record types.
macro_rules! records {
    ($($record:ty => $kind:ident),+ $(,)?) => {
        $(impl Record for $record { const KIND: Kind = Kind::$kind; })+
    };
}

records! {
    Item => Item, Site => Site, Carton => Carton, Carrier => Carrier,
    Store => Store, Channel => Channel, Policy => Policy, Client => Client,
}
