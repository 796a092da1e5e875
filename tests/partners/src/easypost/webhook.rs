//! Webhooks out: signed over the very bytes that are sent, tried a few times.

use crate::server::webhook::{attempt, hmac_sha256_hex};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use unicode_normalization::UnicodeNormalization as _;

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "X-Hmac-Signature";
/// Waits between attempts; one attempt more than there are waits.
const WAITS: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];
/// A receiver has this long to answer.
const PATIENCE: Duration = Duration::from_secs(7);

/// Where webhooks go.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hook {
    /// The receiver.
    pub url: String,
    /// The secret shared with it.
    pub secret: String,
}

/// How one webhook fared.
#[derive(Clone, Debug, Serialize)]
pub struct Delivery {
    /// `evt_…`
    pub event: String,
    /// What it told.
    pub status: &'static str,
    /// How often it was sent; 0 where nobody is to be told.
    pub attempts: usize,
    /// The receiver's last answer; none, if it could not be reached.
    pub receiver_status: Option<u16>,
    /// The beginning of that answer's body.
    pub receiver_body: String,
    /// Whether the receiver took it.
    pub delivered: bool,
}

/// The signature of `body` under `secret`: HMAC-SHA-256, the key being the secret's NFKD form in UTF-8.
#[must_use]
pub fn sign(secret: &str, body: &[u8]) -> String {
    let key: String = secret.nfkd().collect();
    format!("hmac-sha256-hex={}", hmac_sha256_hex(key.as_bytes(), &[body]))
}

/// Sends one event until the receiver takes it, at most three times; the same bytes each time.
pub async fn deliver(client: &reqwest::Client, hook: &Hook, delivery: Delivery, body: &[u8]) -> Delivery {
    let mut delivery = delivery;
    let signature = sign(&hook.secret, body);
    for wait in WAITS.into_iter().map(Some).chain([None]) {
        delivery.attempts += 1;
        let request = client.post(&hook.url).header(SIGNATURE_HEADER, &signature);
        let answered = attempt(request.header("User-Agent", "EasyPost Webhook"), body, PATIENCE).await;
        delivery.delivered = answered.taken();
        delivery.receiver_status = answered.status;
        delivery.receiver_body = answered.body;
        match wait {
            Some(wait) if !delivery.delivered => tokio::time::sleep(wait).await,
            Some(_) | None => break,
        }
    }
    delivery
}

#[cfg(test)]
mod tests {
    use super::sign;

    #[test]
    fn the_secret_is_normalized_before_it_signs() {
        assert_eq!(sign("s\u{e9}cret", b"{}"), sign("se\u{301}cret", b"{}"));
        assert_ne!(sign("secret", b"{}"), sign("se\u{301}cret", b"{}"));
    }

    #[test]
    fn every_byte_counts() {
        assert_ne!(sign("secret", b"{}"), sign("secret", b"{} "));
    }
}
