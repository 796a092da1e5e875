//! What both partners' webhooks share: a signature in hexadecimal, and one attempt to deliver.

use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use std::fmt::Write as _;
use std::time::Duration;

/// So much of the receiver's answer is passed on, for whoever reads a failing test.
const QUOTED: usize = 500;

/// HMAC-SHA-256 of `parts`, one after the other, in lower-case hexadecimal.
pub fn hmac_sha256_hex(key: &[u8], parts: &[&[u8]]) -> String {
    // HMAC takes keys of any length; the error type exists for other MACs.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return String::new();
    };
    for part in parts {
        mac.update(part);
    }
    let mut hex = String::new();
    for byte in mac.finalize().into_bytes() {
        // Writing into a `String` cannot fail.
        let _infallible = write!(hex, "{byte:02x}");
    }
    hex
}

/// What came of one attempt.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The receiver's status; none, if it could not be reached.
    pub status: Option<u16>,
    /// The beginning of its answer, or why there is none.
    pub body: String,
}

impl Answered {
    /// Whether the receiver took it.
    pub fn taken(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Sends `request`, a JSON body, once; a receiver has `patience` to answer.
pub async fn attempt(request: reqwest::RequestBuilder, body: &[u8], patience: Duration) -> Answered {
    let request = request.header("Content-Type", "application/json").timeout(patience);
    match request.body(body.to_vec()).send().await {
        Ok(answer) => {
            let status = Some(answer.status().as_u16());
            Answered { status, body: answer.text().await.unwrap_or_default().chars().take(QUOTED).collect() }
        }
        Err(error) => Answered { status: None, body: error.to_string() },
    }
}
