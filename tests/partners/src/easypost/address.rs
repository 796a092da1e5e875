//! Addresses: what the carriers need to find one.

use super::refusal::{Flaw, Refusal};
use serde_json::Value;
use std::collections::BTreeMap;

const FIELDS: [&str; 10] =
    ["name", "company", "street1", "street2", "city", "state", "zip", "country", "phone", "email"];
const REQUIRED: [&str; 3] = ["street1", "city", "country"];
/// Countries that deliver without a postal code.
const NO_ZIP: [&str; 4] = ["AE", "HK", "PA", "QA"];

/// An address that can be shipped to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// `adr_…`
    pub id: String,
    /// What was sent, field by field; what was not is `None`.
    pub fields: BTreeMap<&'static str, Option<String>>,
}

impl Address {
    /// The ISO code of its country.
    pub fn country(&self) -> &str {
        self.field("country")
    }

    /// A field, or nothing.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).and_then(Option::as_deref).unwrap_or_default()
    }

    /// Reads the address sent as `name`.
    pub fn read(name: &str, sent: Option<&Value>, id: String) -> Result<Self, Refusal> {
        let Some(Value::Object(sent)) = sent else {
            return Err(Refusal::invalid_shipment(vec![Flaw::missing(name)]));
        };
        let text = |field: &str| sent.get(field).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        let fields: BTreeMap<_, _> = FIELDS.iter().map(|field| (*field, text(field).map(str::to_owned))).collect();
        let address = Self { id, fields };
        let needs_zip = !NO_ZIP.contains(&address.country());
        let required = REQUIRED.iter().copied().chain(needs_zip.then_some("zip"));
        let missing = required.filter(|field| address.field(field).is_empty());
        let mut flaws: Vec<_> = missing.map(|field| Flaw::missing(format!("{name}.{field}"))).collect();
        if !address.country().is_empty() && !is_country(address.country()) {
            flaws.push(Flaw::invalid(format!("{name}.country")));
        }
        if !flaws.is_empty() {
            return Err(Refusal::invalid_shipment(flaws));
        }
        if address.country() == "US" && !is_us_zip(address.field("zip")) {
            return Err(Refusal::unverified(vec![Flaw::not_found(format!("{name}.zip"))]));
        }
        Ok(address)
    }
}

fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// `90277` or `90277-2506`; no place has the number 00000.
fn is_us_zip(zip: &str) -> bool {
    let (five, four) = zip.split_once('-').unwrap_or((zip, "0000"));
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(five, 5) && digits(four, 4) && five != "00000"
}

#[cfg(test)]
mod tests {
    use super::Address;
    use serde_json::{Value, json};

    fn read(change: &[(&str, Value)]) -> Result<Address, &'static str> {
        let mut sent = json!({
            "name": "A", "street1": "1 Main St", "city": "Louisville", "state": "KY", "zip": "40202", "country": "US",
        });
        for (field, value) in change {
            sent[*field] = value.clone();
        }
        Address::read("to_address", Some(&sent), "adr_1".into()).map_err(|refusal| refusal.code)
    }

    #[test]
    fn an_address_is_refused_for_what_it_lacks() {
        #[rustfmt::skip]
        let table = [
            (vec![("zip", json!("40202-1234"))],                        None),
            (vec![("zip", Value::Null)],                                Some("SHIPMENT.INVALID_PARAMS")),
            (vec![("zip", Value::Null), ("country", json!("HK"))],      None),
            (vec![("country", json!(""))],                              Some("SHIPMENT.INVALID_PARAMS")),
            (vec![("country", json!("USA"))],                           Some("SHIPMENT.INVALID_PARAMS")),
            (vec![("street1", json!("  "))],                            Some("SHIPMENT.INVALID_PARAMS")),
            (vec![("city", json!(7))],                                  Some("SHIPMENT.INVALID_PARAMS")),
            (vec![("zip", json!("4020"))],                              Some("ADDRESS.VERIFY.FAILURE")),
            (vec![("zip", json!("00000"))],                             Some("ADDRESS.VERIFY.FAILURE")),
            (vec![("zip", json!("SW1A 1AA")), ("country", json!("GB"))], None),
        ];
        for (change, expected) in table {
            assert_eq!(read(&change).err(), expected, "{change:?}");
        }
    }
}
