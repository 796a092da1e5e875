//! Signing again what the proxy has changed, in the name of the function that sent it.
//!
//! Signature Version 4 (AWS General Reference, "Create a signed AWS API request"). The functions' SDK signs the body's hash
//! and its length, so a body with one more field needs a new signature; the local AWS derives the functions' secrets
//! from their ARNs, so whoever runs it can make one.

use axum::http::{HeaderMap, HeaderValue, header};
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn mac(key: &[u8], text: &str) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(text.as_bytes());
    Some(mac.finalize().into_bytes().to_vec())
}

/// Replaces the signature of a `POST /` with the one its present headers and `body` need; the same headers stay signed.
/// `None`, and nothing changed, where there is no signature to replace.
pub(crate) fn sign_again(headers: &mut HeaderMap, body: &[u8], secret: &str) -> Option<()> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let authorization = text("authorization")?;
    let field =
        |name: &str| authorization.split([',', ' ']).find_map(|part| part.strip_prefix(name)).map(str::to_owned);
    let (credential, signed) = (field("Credential=")?, field("SignedHeaders=")?);
    let (_, scope) = credential.split_once('/')?;
    let mut canonical = "POST\n/\n\n".to_owned();
    for name in signed.split(';') {
        let _ = writeln!(canonical, "{name}:{}", text(name).unwrap_or_default().trim());
    }
    let _ = write!(canonical, "\n{signed}\n{}", hex(&Sha256::digest(body)));
    let hash = hex(&Sha256::digest(canonical));
    let to_sign = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{hash}", text("x-amz-date")?);
    let key = scope.split('/').try_fold(format!("AWS4{secret}").into_bytes(), |key, part| mac(&key, part))?;
    let signature = hex(&mac(&key, &to_sign)?);
    let value = format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={signed}, Signature={signature}");
    headers.insert(header::AUTHORIZATION, HeaderValue::from_str(&value).ok()?);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AWS Signature Version 4 test suite, case `post-vanilla`: its published signature.
    #[test]
    fn the_published_example_gets_its_published_signature() {
        let mut headers = HeaderMap::new();
        let unsigned = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                        SignedHeaders=host;x-amz-date, Signature=0";
        headers.insert("authorization", HeaderValue::from_static(unsigned));
        headers.insert("host", HeaderValue::from_static("example.amazonaws.com"));
        headers.insert("x-amz-date", HeaderValue::from_static("20150830T123600Z"));
        sign_again(&mut headers, b"", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").unwrap();
        let signed = headers["authorization"].to_str().unwrap();
        let expected = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b";
        assert!(signed.ends_with(&format!("Signature={expected}")), "{signed}");
    }
}
