//! Where a parcel goes and who bought it.

use crate::text::Text;
use serde::{Deserialize, Serialize};

/// An ISO 3166-1 alpha-2 country.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country(String);

/// Why an address was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// Not in ISO 3166-1.
    #[error("`{0}` is no ISO 3166-1 alpha-2 country code")]
    Country(String),
    /// The country uses postal codes and none was given.
    #[error("{0} needs a postal code")]
    PostalCode(String),
    /// Not an e-mail address (RFC 5321).
    #[error("is no e-mail address")]
    Email,
}

impl Country {
    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn uses_postal_codes(&self) -> bool {
        keshvar::Alpha2::try_from(self.0.as_str()).is_ok_and(|code| code.to_country().postal_code())
    }
}

impl TryFrom<String> for Country {
    type Error = InvalidAddress;

    fn try_from(code: String) -> Result<Self, InvalidAddress> {
        let upper = code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
        if upper && keshvar::Alpha2::try_from(code.as_str()).is_ok() {
            return Ok(Self(code));
        }
        Err(InvalidAddress::Country(code.chars().filter(|c| !c.is_control()).take(8).collect()))
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.0
    }
}

/// An e-mail address, lower-cased.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands for the customer in keys and indexes, so that no key carries personal data.
    #[must_use]
    pub fn customer_key(&self) -> String {
        crate::id::digest_of(&["customer", &self.0])[..32].to_owned()
    }
}

impl TryFrom<String> for Email {
    type Error = InvalidAddress;

    fn try_from(text: String) -> Result<Self, InvalidAddress> {
        let text = text.trim().to_lowercase();
        if text.len() <= 254 && email_address::EmailAddress::is_valid(&text) {
            return Ok(Self(text));
        }
        Err(InvalidAddress::Email)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

/// Who bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// Where confirmations go.
    pub email: Email,
    /// As they wrote it.
    pub name: Text<100>,
    /// For the carrier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Text<32>>,
}

/// A postal address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawAddress", into = "RawAddress")]
pub struct Address(RawAddress);

/// An address as written, before the rule that spans its fields is checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawAddress {
    /// Recipient or company.
    pub name: Text<100>,
    /// Street and number.
    pub line1: Text<100>,
    /// Flat, floor, building.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line2: Option<Text<100>>,
    /// Town.
    pub city: Text<100>,
    /// State or province.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Text<50>>,
    /// Required where the country uses postal codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<Text<16>>,
    /// ISO 3166-1 alpha-2.
    pub country: Country,
}

impl TryFrom<RawAddress> for Address {
    type Error = InvalidAddress;

    fn try_from(raw: RawAddress) -> Result<Self, InvalidAddress> {
        if raw.postal_code.is_none() && raw.country.uses_postal_codes() {
            return Err(InvalidAddress::PostalCode(raw.country.0));
        }
        Ok(Self(raw))
    }
}

impl From<Address> for RawAddress {
    fn from(address: Address) -> Self {
        address.0
    }
}

impl std::ops::Deref for Address {
    type Target = RawAddress;

    fn deref(&self) -> &RawAddress {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_country_with_postal_codes_needs_one() {
        let with = json!({"name":"A","line1":"1 Road","city":"Louisville","postal_code":"40202","country":"US"});
        assert!(serde_json::from_value::<Address>(with).is_ok());
        let without = json!({"name":"A","line1":"1 Road","city":"Louisville","country":"US"});
        let error = serde_json::from_value::<Address>(without).unwrap_err();
        assert!(error.to_string().contains("postal code"), "{error}");
        let none_there = json!({"name":"A","line1":"1 Road","city":"Hong Kong","country":"HK"});
        assert!(serde_json::from_value::<Address>(none_there).is_ok());
    }

    #[test]
    fn the_same_customer_has_one_key_however_it_is_typed() {
        let key = |text: &str| Email::try_from(text.to_owned()).unwrap().customer_key();
        assert_eq!(key("Bob@Example.com"), key("bob@example.com "));
        assert!(Email::try_from("bob".to_owned()).is_err());
        assert!(Country::try_from("us".to_owned()).is_err());
        assert!(Country::try_from("ZZ".to_owned()).is_err());
    }
}
