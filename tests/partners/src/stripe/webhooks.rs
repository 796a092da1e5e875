//! Webhooks out: signed as the processor signs them, late, twice or in the wrong order if a test wants it so.

use super::events::Event;
use crate::clock::MovableClock;
use crate::kept::Kept;
use crate::server::webhook::{attempt, hmac_sha256_hex};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "Stripe-Signature";
/// A receiver has this long to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The pause after the first attempt that failed; every next one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Nobody is tried for longer than this. (The real one goes on for three days.)
const GIVE_UP_AFTER: Duration = Duration::from_secs(15);

/// Where webhooks go, and how.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The receiver; nobody, if null.
    pub url: Option<String>,
    /// The secret shared with it.
    #[serde(default)]
    secret: Option<String>,
    /// Several of them, while one replaces another.
    #[serde(default)]
    secrets: Vec<String>,
    /// How long to wait before an event is told.
    #[serde(default)]
    pub delay_ms: u64,
    /// How often to tell each event.
    #[serde(default)]
    pub duplicate: Option<u32>,
    /// Whether to hold events back until they are flushed, the latest first.
    #[serde(default)]
    pub reorder: bool,
}

impl Settings {
    /// How many copies of an event go out.
    pub fn copies(&self) -> u32 {
        if self.url.is_some() { self.duplicate.unwrap_or(1) } else { 0 }
    }

    /// Every secret that signs.
    pub fn secrets(&self) -> Vec<&str> {
        self.secret.iter().chain(&self.secrets).map(String::as_str).collect()
    }
}

/// The header for `body`, sent at `at` (seconds since 1970): `t=…,v1=…`, a `v1` for each secret.
#[must_use]
pub fn sign_event(secrets: &[&str], at: i64, body: &[u8]) -> String {
    let time = at.to_string();
    let sign = |secret: &&str| hmac_sha256_hex(secret.as_bytes(), &[time.as_bytes(), b".", body]);
    let signatures: Vec<_> = secrets.iter().map(|secret| format!("v1={}", sign(secret))).collect();
    format!("t={time},{}", signatures.join(","))
}

/// One copy of one event on its way.
#[derive(Clone, Debug)]
pub struct Dispatch {
    row: usize,
    url: String,
    secrets: Vec<String>,
    body: String,
    due: Instant,
    signed_at: Option<i64>,
}

impl Dispatch {
    /// The same, with a signature that names another time than the present.
    pub fn signed_at(self, at: Option<i64>) -> Self {
        Self { signed_at: at, ..self }
    }
}

/// One attempt to deliver.
#[derive(Clone, Debug, Serialize)]
pub struct Attempt {
    /// Seconds since 1970: the time its signature names.
    pub signed_at: i64,
    /// The receiver's answer; none, if it could not be reached.
    pub status: Option<u16>,
    /// The beginning of that answer's body, or why there is none.
    pub answer: String,
}

/// How one copy of one event fared.
#[derive(Clone, Debug, Serialize)]
pub struct Delivery {
    /// `evt_…`
    pub event: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// 1, 2, … where each event is told several times.
    pub copy: u32,
    /// Every attempt so far.
    pub attempts: Vec<Attempt>,
    /// Whether the receiver took it.
    pub delivered: bool,
    /// Whether there will be no further attempt.
    pub done: bool,
}

/// The post office: it delivers in the order things happened, and tries again what was not taken, on the side.
pub struct Post {
    client: reqwest::Client,
    clock: Arc<MovableClock>,
    deliveries: Kept<Vec<Delivery>>,
}

impl std::fmt::Debug for Post {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Post").field("deliveries", &self.deliveries).finish_non_exhaustive()
    }
}

impl Post {
    /// A post office with nothing to deliver.
    pub fn new(client: reqwest::Client, clock: Arc<MovableClock>) -> Arc<Self> {
        Arc::new(Self { client, clock, deliveries: Kept::default() })
    }

    /// Every delivery there ever was, oldest first.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.deliveries.lock().clone()
    }

    /// Takes in a copy of an event, to go where `settings` say.
    pub fn book(&self, event: &Event, copy: u32, body: &str, settings: &Settings) -> Dispatch {
        let mut deliveries = self.deliveries.lock();
        let (id, attempts) = (event.id.clone(), Vec::new());
        deliveries.push(Delivery { event: id, kind: event.kind, copy, attempts, delivered: false, done: false });
        Dispatch {
            row: deliveries.len() - 1,
            url: settings.url.clone().unwrap_or_default(),
            secrets: settings.secrets().into_iter().map(Into::into).collect(),
            body: body.to_owned(),
            due: Instant::now() + Duration::from_millis(settings.delay_ms),
            signed_at: None,
        }
    }

    /// Delivers whatever comes in, until nobody can bring anything any more.
    pub async fn run(self: Arc<Self>, mut inbox: UnboundedReceiver<Dispatch>) {
        while let Some(dispatch) = inbox.recv().await {
            self.deliver(dispatch).await;
        }
    }

    /// Sends one copy once, and goes on trying on the side if it was not taken. Says how the first attempt went.
    pub async fn deliver(self: &Arc<Self>, dispatch: Dispatch) -> Option<Delivery> {
        tokio::time::sleep_until(dispatch.due).await;
        let row = dispatch.row;
        if !self.attempt(&dispatch).await {
            tokio::spawn(Arc::clone(self).insist(dispatch));
        }
        self.deliveries.lock().get(row).cloned()
    }

    async fn insist(self: Arc<Self>, dispatch: Dispatch) {
        let deadline = Instant::now() + GIVE_UP_AFTER;
        let mut pause = FIRST_PAUSE;
        while Instant::now() + pause < deadline {
            tokio::time::sleep(pause).await;
            if self.attempt(&dispatch).await {
                return;
            }
            pause *= 2;
        }
        if let Some(delivery) = self.deliveries.lock().get_mut(dispatch.row) {
            delivery.done = true;
        }
    }

    /// One attempt; whether it was taken. Signed anew each time. Receivers live in their own time, so the signature does
    /// too, however far a test has moved this clock.
    async fn attempt(&self, dispatch: &Dispatch) -> bool {
        let at = dispatch.signed_at.unwrap_or_else(|| self.clock.unmoved().as_second());
        let secrets: Vec<_> = dispatch.secrets.iter().map(String::as_str).collect();
        let body = dispatch.body.as_bytes();
        let request = self.client.post(&dispatch.url).header(SIGNATURE_HEADER, sign_event(&secrets, at, body));
        let request = request.header("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)");
        let answered = attempt(request, body, PATIENCE).await;
        let taken = answered.taken();
        if let Some(delivery) = self.deliveries.lock().get_mut(dispatch.row) {
            delivery.attempts.push(Attempt { signed_at: at, status: answered.status, answer: answered.body });
            delivery.delivered |= taken;
            delivery.done |= taken;
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::sign_event;

    /// The key, the time and the body are ours; the signature was made with another HMAC (Python's).
    #[test]
    fn a_signature_covers_the_time_and_every_byte() {
        let header = sign_event(&["whsec_a"], 1_700_000_000, b"{}");
        let expected = "t=1700000000,v1=04339dc4f01d6541e8d3b7e4bd93cd2d4f680ccb28592270900b08e49cc09e57";
        assert_eq!(header, expected);
        assert_ne!(sign_event(&["whsec_a"], 1_700_000_001, b"{}")[13..], header[13..]);
        assert_ne!(sign_event(&["whsec_a"], 1_700_000_000, b"{} "), header);
    }

    #[test]
    fn while_a_secret_is_replaced_both_sign() {
        let both = sign_event(&["whsec_a", "whsec_b"], 1, b"{}");
        let of = |secret| sign_event(&[secret], 1, b"{}").split_once(',').unwrap().1.to_owned();
        assert_eq!(both, format!("t=1,{},{}", of("whsec_a"), of("whsec_b")));
    }
}
