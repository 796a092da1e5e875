//! The signature over an event's raw bytes.

use crate::Secret;
use crate::signed::{Digest, is_genuine};
use unicode_normalization::UnicodeNormalization;

/// The header that carries the signature. HTTP does not mind its case.
pub const HEADER: &str = "X-Hmac-Signature";
const PREFIX: &str = "hmac-sha256-hex=";

/// The event was not signed by the partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// Not `hmac-sha256-hex=` and 64 hexadecimal digits.
    #[error("the signature has another form")]
    Form,
    /// None of the live secrets makes this signature of this body.
    #[error("the signature does not belong to this body")]
    Mismatch,
}

/// Checks the value of [`HEADER`] against the body's raw bytes, as they came: decoded from base64 where the
/// gateway encoded them, and with nothing added or trimmed. Every live secret is tried, in constant time, so
/// that a secret can be replaced without losing an event.
///
/// # Errors
/// The signature has another form, or no live secret makes it.
pub fn verify(secrets: &[Secret], signature: &str, body: &[u8]) -> Result<(), BadSignature> {
    let given = signature.trim().strip_prefix(PREFIX).and_then(Digest::from_hex).ok_or(BadSignature::Form)?;
    // EasyPost normalizes, so that a secret typed on two systems is one secret.
    let keys = secrets.iter().map(|secret| secret.reveal().nfkd().collect::<String>());
    if is_genuine(keys, &[body], &[given]) { Ok(()) } else { Err(BadSignature::Mismatch) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(texts: &[&str]) -> Vec<Secret> {
        texts.iter().map(|text| Secret::new((*text).to_owned())).collect()
    }

    /// RFC 4231, test case 2.
    const SIGNED: (&str, &str) = (
        "what do ya want for nothing?",
        "hmac-sha256-hex=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );

    #[test]
    fn any_live_secret_will_do_while_they_are_rotated() {
        let (body, signature) = SIGNED;
        for live in [&["Jefe"][..], &["new", "Jefe"], &["Jefe", "old"]] {
            assert_eq!(verify(&secrets(live), signature, body.as_bytes()), Ok(()), "{live:?}");
        }
        let shouted = signature.replace("5bdcc146bf60754e", "5BDCC146BF60754E");
        assert_eq!(verify(&secrets(&["Jefe"]), &shouted, body.as_bytes()), Ok(()));
        assert_eq!(verify(&secrets(&["new", "old"]), signature, body.as_bytes()), Err(BadSignature::Mismatch));
        assert_eq!(verify(&[], signature, body.as_bytes()), Err(BadSignature::Mismatch));
    }

    #[test]
    fn one_changed_byte_breaks_the_signature() {
        let (body, signature) = SIGNED;
        let live = secrets(&["Jefe"]);
        assert_eq!(verify(&live, signature, format!("{body}\n").as_bytes()), Err(BadSignature::Mismatch));
        let forged = signature.replace("843", "842");
        assert_eq!(verify(&live, &forged, body.as_bytes()), Err(BadSignature::Mismatch));
    }

    #[test]
    fn a_signature_of_another_form_is_none() {
        let (body, signature) = SIGNED;
        let hex = signature.strip_prefix(PREFIX).unwrap();
        let long = format!("{signature}00");
        let foreign = format!("{PREFIX}{}", "é".repeat(32));
        let forms = [
            "",
            hex,
            PREFIX,
            &signature[..79],
            &long,
            &foreign,
            "hmac-sha256-hex=+5dcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ];
        for form in forms {
            assert_eq!(verify(&secrets(&["Jefe"]), form, body.as_bytes()), Err(BadSignature::Form), "{form}");
        }
    }

    #[test]
    fn a_secret_is_the_same_however_its_accents_were_typed() {
        // printf 'body' | openssl dgst -sha256 -hmac "$(printf 'se\xcc\x81cret')"
        let signature = "hmac-sha256-hex=2ffc89963b95c71e1a872230f5b8cf4786073e634d502798330bbf17a391d1f6";
        for typed in ["s\u{e9}cret", "se\u{301}cret"] {
            assert_eq!(verify(&secrets(&[typed]), signature, b"body"), Ok(()), "{typed}");
        }
    }
}
