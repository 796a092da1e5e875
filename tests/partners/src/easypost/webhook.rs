//! Webhooks out: signed over the very bytes that are sent, tried a few times.

use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt::Write as _;
use std::time::Duration;
use unicode_normalization::UnicodeNormalization as _;

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "X-Hmac-Signature";
/// Waits between attempts; one attempt more than there are waits.
const WAITS: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];
/// A receiver has this long to answer.
const PATIENCE: Duration = Duration::from_secs(7);
/// So much of the receiver's answer is passed on, for whoever reads a failing test.
const QUOTED: usize = 500;

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
    // HMAC takes keys of any length; the error type exists for other MACs.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else {
        return String::new();
    };
    mac.update(body);
    let mut signature = String::from("hmac-sha256-hex=");
    for byte in mac.finalize().into_bytes() {
        // Writing into a `String` cannot fail.
        let _infallible = write!(signature, "{byte:02x}");
    }
    signature
}

/// Sends one event until the receiver takes it, at most three times; the same bytes each time.
pub async fn deliver(client: &reqwest::Client, hook: &Hook, delivery: Delivery, body: &[u8]) -> Delivery {
    let mut delivery = delivery;
    let signature = sign(&hook.secret, body);
    for wait in WAITS.into_iter().map(Some).chain([None]) {
        delivery.attempts += 1;
        let request = client.post(&hook.url).timeout(PATIENCE).header(SIGNATURE_HEADER, &signature);
        let request = request.header("Content-Type", "application/json").header("User-Agent", "EasyPost Webhook");
        match request.body(body.to_vec()).send().await {
            Ok(answer) => {
                delivery.receiver_status = Some(answer.status().as_u16());
                delivery.delivered = answer.status().is_success();
                delivery.receiver_body = answer.text().await.unwrap_or_default().chars().take(QUOTED).collect();
            }
            Err(error) => {
                delivery.receiver_status = None;
                delivery.receiver_body = error.to_string();
            }
        }
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
