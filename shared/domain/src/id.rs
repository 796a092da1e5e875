//! Identifiers: distinct types, one door in, the same on every retry.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// An identifier had the wrong shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {what}: {rule}")]
pub struct InvalidId {
    what: &'static str,
    rule: &'static str,
    text: String,
}

/// Declares an identifier over a `String` with one rule for its characters and length.
macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $what:literal, $max:literal, $rule:literal, $legal:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                let legal: fn(u8) -> bool = $legal;
                if (1..=$max).contains(&text.len()) && text.bytes().all(legal) {
                    return Ok(Self(text));
                }
                let text = text.chars().take($max).collect();
                Err(InvalidId { what: $what, rule: $rule, text })
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

fn slug(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'
}

fn code(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')
}

identifier!(
    /// A merchant. Every partition key begins with it.
    TenantId, "tenant", 32, "1 to 32 of a-z, 0-9 and -", slug
);
identifier!(
    /// A store of a merchant: the front the shopper bought from.
    StoreId, "store", 32, "1 to 32 of a-z, 0-9 and -", slug
);
identifier!(
    /// A place that holds stock and ships.
    SiteId, "site", 32, "1 to 32 of a-z, 0-9 and -", slug
);
identifier!(
    /// A sales channel: `api` for a store's own calls, or a configured marketplace.
    ChannelId, "channel", 32, "1 to 32 of a-z, 0-9 and -", slug
);
identifier!(
    /// A stock keeping unit.
    Sku, "SKU", 64, "1 to 64 of A-Z, a-z, 0-9, -, _ and .", code
);
identifier!(
    /// A carton of the packing catalog.
    CartonId, "carton", 32, "1 to 32 of A-Z, a-z, 0-9, -, _ and .", code
);
identifier!(
    /// An account the merchant keeps for a customer.
    AccountId, "account", 64, "1 to 64 of A-Z, a-z, 0-9, -, _ and .", code
);
identifier!(
    /// An order: `ord-` and 32 hexadecimal digits, derived and never drawn.
    OrderId, "order id", 36, "ord- and 32 hexadecimal digits", code
);

identifier!(
    /// A stock document: a receipt, a transfer, an adjustment, a count. `doc-` and 32 hexadecimal digits, derived and never
    /// drawn.
    DocumentId, "document id", 36, "doc- and 32 hexadecimal digits", code
);
identifier!(
    /// A place within a site that holds units: a shelf, a pallet position.
    BinId, "bin", 32, "1 to 32 of A-Z, a-z, 0-9, -, _ and .", code
);
identifier!(
    /// What the maker calls units made together, or one unit by its serial number.
    LotId, "lot", 40, "1 to 40 of A-Z, a-z, 0-9, -, _ and .", code
);

impl DocumentId {
    /// The one document that a tenant's key on a route can make: the same on every retry.
    #[must_use]
    pub fn derive(tenant: &TenantId, route: &str, key: &str) -> Self {
        let digest = digest_of(&[tenant.as_str(), route, key]);
        Self(format!("doc-{}", &digest[..32]))
    }
}

impl OrderId {
    /// The one order that a tenant's key on a route can make: the same on every retry,
    /// which is what makes the order its own idempotency record.
    #[must_use]
    pub fn derive(tenant: &TenantId, route: &str, key: &str) -> Self {
        let digest = digest_of(&[tenant.as_str(), route, key]);
        Self(format!("ord-{}", &digest[..32]))
    }
}

/// SHA-256 over length-prefixed parts, in hexadecimal: `("a","bc")` and `("ab","c")` differ.
#[must_use]
pub fn digest_of(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let hex = |byte: &u8| [byte >> 4, byte & 15].map(|half| char::from_digit(u32::from(half), 16).unwrap_or('0'));
    hash.finalize().iter().flat_map(hex).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_id_is_the_same_on_every_retry_and_another_for_another_tenant() {
        let tenant = |t: &str| TenantId::try_from(t.to_owned()).unwrap();
        let id = OrderId::derive(&tenant("acme"), "POST /orders", "k1");
        assert_eq!(id, OrderId::derive(&tenant("acme"), "POST /orders", "k1"));
        assert_ne!(id, OrderId::derive(&tenant("other"), "POST /orders", "k1"));
        assert_ne!(id, OrderId::derive(&tenant("acme"), "POST /order", "sk1"));
        assert_eq!(id.as_str().len(), 36);
    }

    #[test]
    fn identifiers_refuse_what_would_break_a_key() {
        assert!(TenantId::try_from("a#b".to_owned()).is_err());
        assert!(Sku::try_from(String::new()).is_err());
        assert!(Sku::try_from("x".repeat(65)).is_err());
        assert!(Sku::try_from("IPOD2008GREEN".to_owned()).is_ok());
    }
}
