//! What nobody may read: keys and signing secrets of partners.

use serde_json::Value;

/// A key or a signing secret. It has no `Display`, is not serialized, and its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes the secret in.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret itself, for the one place that signs or sends with it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// The partners' secrets, as the one JSON object that is kept of them.
#[derive(Clone, Debug)]
pub struct PartnerSecrets {
    /// `stripe_secret_key`.
    pub stripe_secret_key: Secret,
    /// `stripe_webhook_secrets`: every one that is live; two while they are rotated.
    pub stripe_webhook_secrets: Vec<Secret>,
    /// `easypost_api_key`.
    pub easypost_api_key: Secret,
    /// `easypost_webhook_secrets`: every one that is live; two while they are rotated.
    pub easypost_webhook_secrets: Vec<Secret>,
}

/// The partners' secrets could not be read. Says which field is at fault and nothing of what it holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSecrets {
    /// Not a JSON object.
    #[error("the partners' secrets are no JSON object")]
    NotAnObject,
    /// A field is missing, empty or of another type.
    #[error("`{0}` of the partners' secrets is missing, empty or of another type")]
    Field(&'static str),
}

impl PartnerSecrets {
    /// Reads the JSON object. Fields it does not know are left alone: later partners keep theirs beside these.
    ///
    /// # Errors
    /// A field is missing or empty: an empty signing secret would let anybody sign.
    pub fn parse(json: &str) -> Result<Self, InvalidSecrets> {
        // By hand: serde's errors quote the value they stumble over.
        let parsed: Value = serde_json::from_str(json).map_err(|_| InvalidSecrets::NotAnObject)?;
        let fields = parsed.as_object().ok_or(InvalidSecrets::NotAnObject)?;
        let one = |name| secret(fields.get(name)).ok_or(InvalidSecrets::Field(name));
        let all = |name| {
            let listed = fields.get(name).and_then(Value::as_array).filter(|listed| !listed.is_empty());
            let read = listed.and_then(|listed| listed.iter().map(|value| secret(Some(value))).collect());
            read.ok_or(InvalidSecrets::Field(name))
        };
        Ok(Self {
            stripe_secret_key: one("stripe_secret_key")?,
            stripe_webhook_secrets: all("stripe_webhook_secrets")?,
            easypost_api_key: one("easypost_api_key")?,
            easypost_webhook_secrets: all("easypost_webhook_secrets")?,
        })
    }
}

fn secret(value: Option<&Value>) -> Option<Secret> {
    let text = value?.as_str().filter(|text| !text.trim().is_empty())?;
    Some(Secret::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn complete() -> Value {
        json!({
            "stripe_secret_key": "sk_test_hush", "stripe_webhook_secrets": ["whsec_hush"], "easypost_api_key": "EZTKhush",
            "easypost_webhook_secrets": ["hush-new", "hush-old"], "shopify_secret": "hush-later",
        })
    }

    #[test]
    fn secrets_are_read_and_never_shown() {
        let secrets = PartnerSecrets::parse(&complete().to_string()).unwrap();
        assert_eq!(secrets.stripe_secret_key.reveal(), "sk_test_hush");
        assert_eq!(secrets.stripe_webhook_secrets.len(), 1);
        assert_eq!(secrets.easypost_api_key.reveal(), "EZTKhush");
        assert_eq!(secrets.easypost_webhook_secrets.len(), 2);
        let shown = format!("{secrets:?} {secrets:#?}");
        assert!(!shown.contains("hush"), "{shown}");
    }

    #[test]
    fn a_missing_empty_or_odd_field_is_named_and_its_value_is_not() {
        let fields = ["stripe_secret_key", "stripe_webhook_secrets", "easypost_api_key", "easypost_webhook_secrets"];
        let bad = [Value::Null, json!(""), json!(" "), json!(7), json!([]), json!([""]), json!([["hush"]])];
        for (field, value) in fields.iter().flat_map(|field| bad.iter().map(move |value| (field, value))) {
            let mut json = complete();
            json[field] = value.clone();
            let error = PartnerSecrets::parse(&json.to_string()).expect_err(&format!("{field} = {value}"));
            assert_eq!(error, InvalidSecrets::Field(field), "{value}");
            assert!(!error.to_string().contains("hush"));
        }
        assert_eq!(PartnerSecrets::parse("\"hush\"").unwrap_err(), InvalidSecrets::NotAnObject);
        assert_eq!(PartnerSecrets::parse("{").unwrap_err(), InvalidSecrets::NotAnObject);
    }
}
