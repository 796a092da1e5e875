//! The signature over an event's time and raw bytes.

use crate::Secret;
use crate::signed::{Digest, is_genuine};
use jiff::Timestamp;

/// The header that carries the signature. HTTP does not mind its case.
pub const HEADER: &str = "Stripe-Signature";
/// How far, in seconds, the time of signing may lie from ours, before or after it.
pub const TOLERANCE_SECONDS: u64 = 300;
const TIME: &str = "t";
/// The only scheme there is. Others are passed over: Stripe adds a false `v0` in test mode to see that they are.
const SCHEME: &str = "v1";

/// The event was not signed by the partner, or not now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// Not one `t` in seconds since 1970 and at least one `v1` of 64 hexadecimal digits.
    #[error("the signature has another form")]
    Form,
    /// Genuine, but signed more than [`TOLERANCE_SECONDS`] from now: perhaps recorded and played again.
    #[error("the signature is not of this time")]
    Stale,
    /// None of the live secrets makes one of these signatures of this body.
    #[error("the signature does not belong to this body")]
    Mismatch,
}

/// Checks the value of [`HEADER`] (`t=…,v1=…`, in a rotation with several `v1`) against the body's raw bytes, as
/// they came: decoded from base64 where the gateway encoded them, and with nothing added or trimmed. Every live
/// secret is tried with every `v1`, in constant time, so that a secret can be replaced without losing an event.
///
/// # Errors
/// The signature has another form, no live secret makes it, or it was made too long before or after `now`.
pub fn verify(secrets: &[Secret], header: &str, body: &[u8], now: Timestamp) -> Result<(), BadSignature> {
    let (time, given) = read(header).ok_or(BadSignature::Form)?;
    let seconds = seconds(time).ok_or(BadSignature::Form)?;
    let keys = secrets.iter().map(Secret::reveal);
    if !is_genuine(keys, &[time.as_bytes(), b".", body], &given) {
        return Err(BadSignature::Mismatch);
    }
    if now.as_second().abs_diff(seconds) > TOLERANCE_SECONDS { Err(BadSignature::Stale) } else { Ok(()) }
}

/// The time as it was written, since that is what was signed, and every `v1` that can be one.
fn read(header: &str) -> Option<(&str, Vec<Digest>)> {
    let mut time = None;
    let mut given = Vec::new();
    for item in header.split(',') {
        match item.trim().split_once('=')? {
            (TIME, _) if time.is_some() => return None,
            (TIME, value) => time = Some(value),
            (SCHEME, value) => given.extend(Digest::from_hex(value)),
            (_, _) => (),
        }
    }
    Some((time?, given)).filter(|(_, given)| !given.is_empty())
}

fn seconds(time: &str) -> Option<i64> {
    // Without this `parse` would take a sign.
    time.bytes().all(|digit| digit.is_ascii_digit()).then(|| time.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stripe's own example, from the tests of its .NET library (stripe/stripe-dotnet, Apache-2.0, `EventUtilityTest.cs`
    /// and `event_test_signature.json`), under the secret `webhook_secret`.
    const STRIPES: (&str, &str) = (
        r#"{
  "id": "evt_123",
  "object": "event",
  "account": "acct_123",
  "api_version": "2017-05-25",
  "created": 1533204620,
  "data": {
    "object": {
      "id": "cus_123",
      "object": "customer",
      "created": 123456789,
      "email": "test@stripe.com",
      "livemode": false,
      "metadata": {}
    }
  },
  "livemode": false,
  "pending_webhooks": 1,
  "request": {
    "id": "req_123",
    "idempotency_key": "idempotency-key-123"
  },
  "type": "customer.created"
}
"#,
        "t=1533204620,v1=2220f87ef101a04665f11cdf770523143f875572008577fa0f20882ddb9cc3c7,\
         v0=63f3a72374a733066c4be69ed7f8e5ac85c22c9f0a6a612ab9a025a9e4ee7eef",
    );
    const SIGNED_AT: i64 = 1_533_204_620;
    const V1: &str = "v1=2220f87ef101a04665f11cdf770523143f875572008577fa0f20882ddb9cc3c7";
    const OTHER: &str = "v1=deadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeef";

    fn secrets(texts: &[&str]) -> Vec<Secret> {
        texts.iter().map(|text| Secret::new((*text).to_owned())).collect()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn check(live: &[&str], header: &str, body: &str) -> Result<(), BadSignature> {
        verify(&secrets(live), header, body.as_bytes(), at(SIGNED_AT))
    }

    #[test]
    fn stripes_own_example_is_genuine() {
        let (body, header) = STRIPES;
        assert_eq!(verify(&secrets(&["webhook_secret"]), header, body.as_bytes(), at(SIGNED_AT + 100)), Ok(()));
        // printf '1700000000.{"a":"\xff"}' | openssl dgst -sha256 -hmac whsec_one
        let header = "t=1700000000,v1=d348a45ba7a8c54d83dcaecb0b7578bc140be54052f8fac7baca9ee99b8cf2df";
        let body = b"{\"a\":\"\xff\"}";
        assert_eq!(verify(&secrets(&["whsec_one"]), header, body, at(1_700_000_000)), Ok(()));
        // printf '1700000000.' | openssl dgst -sha256 -hmac whsec_one
        let header = "t=1700000000,v1=2bdfe1e99000c40e8036c905f2b5ab9e4e5acb946b2fa0d2e27ff96b7bd91b55";
        assert_eq!(verify(&secrets(&["whsec_one"]), header, b"", at(1_700_000_000)), Ok(()));
    }

    #[test]
    fn any_live_secret_and_any_signature_will_do_while_they_are_rotated() {
        let (body, header) = STRIPES;
        for live in [&["webhook_secret"][..], &["new", "webhook_secret"], &["webhook_secret", "old"]] {
            assert_eq!(check(live, header, body), Ok(()), "{live:?}");
        }
        let (first, last) = (format!("t=1533204620,{V1},{OTHER}"), format!("t=1533204620, {OTHER}, {V1}"));
        for header in [&first, &last, &format!("{V1},v1=short,t=1533204620,later=x")] {
            assert_eq!(check(&["webhook_secret"], header, body), Ok(()), "{header}");
        }
        assert_eq!(check(&["new", "old"], header, body), Err(BadSignature::Mismatch));
        assert_eq!(check(&[], header, body), Err(BadSignature::Mismatch));
    }

    #[test]
    fn a_changed_body_time_or_signature_breaks_it() {
        let (body, header) = STRIPES;
        let live = &["webhook_secret"];
        assert_eq!(check(live, header, body.trim_end()), Err(BadSignature::Mismatch));
        assert_eq!(check(live, &header.replace("620", "621"), body), Err(BadSignature::Mismatch));
        assert_eq!(check(live, &header.replacen("1533204620", "01533204620", 1), body), Err(BadSignature::Mismatch));
        assert_eq!(check(live, &format!("t=1533204620,{OTHER}"), body), Err(BadSignature::Mismatch));
    }

    #[test]
    fn a_signature_five_minutes_from_now_is_the_last_that_counts() {
        let (body, header) = STRIPES;
        #[rustfmt::skip]
        let table = [(0, Ok(())), (300, Ok(())), (-300, Ok(())), (301, Err(BadSignature::Stale)), (-301, Err(BadSignature::Stale))];
        for (late, expected) in table {
            let now = at(SIGNED_AT + late);
            assert_eq!(verify(&secrets(&["webhook_secret"]), header, body.as_bytes(), now), expected, "{late} s");
        }
        // What is both forged and old says nothing of its age.
        let forged = verify(&secrets(&["other"]), header, body.as_bytes(), at(0));
        assert_eq!(forged, Err(BadSignature::Mismatch));
    }

    #[test]
    fn a_signature_of_another_form_is_none() {
        let forms = [
            String::new(),
            "t=1533204620".to_owned(),
            V1.to_owned(),
            format!("t=1533204620,{}", V1.replace("v1", "v0")),
            format!("t=1533204620,{}", &V1[..66]),
            format!("t=,{V1}"),
            format!("t,{V1}"),
            format!("t=soon,{V1}"),
            format!("t=+1533204620,{V1}"),
            format!("t=-1533204620,{V1}"),
            format!("t=99999999999999999999,{V1}"),
            format!("t=1533204620,t=1533204620,{V1}"),
            format!("t=1533204620,{V1},"),
        ];
        for form in forms {
            assert_eq!(check(&["webhook_secret"], &form, STRIPES.0), Err(BadSignature::Form), "{form}");
        }
    }
}
