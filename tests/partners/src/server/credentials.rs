//! The key a caller shows.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The token of `Authorization: Bearer …`.
pub fn bearer(headers: &HeaderMap) -> Option<String> {
    Some(authorization(headers)?.strip_prefix("Bearer ")?.trim().to_owned())
}

/// The user name of `Authorization: Basic …`; the password is not looked at.
pub fn basic_user(headers: &HeaderMap) -> Option<String> {
    let encoded = authorization(headers)?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, _password) = decoded.split_once(':')?;
    Some(user.to_owned())
}

fn authorization(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::{basic_user, bearer};
    use axum::http::{HeaderMap, header};

    #[test]
    fn a_key_is_read_from_either_scheme_and_from_no_other() {
        let headers = |value: &str| HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())]);
        assert_eq!(bearer(&headers("Bearer sk_test_1")).as_deref(), Some("sk_test_1"));
        assert_eq!(basic_user(&headers("Basic RVpUSzE6")).as_deref(), Some("EZTK1"));
        assert_eq!(basic_user(&headers("Basic !!")), None);
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
