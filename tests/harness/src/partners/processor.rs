//! The payment processor's back doors: its books, its webhooks, the shopper at 3-D Secure, a customer's bank, its clock.

use super::{Partners, STRIPE_WEBHOOK_SECRETS};
use crate::error::{Error, Result};
use serde_json::{Value, json};
use std::time::Duration;

/// How the processor delivers its webhooks. It promises neither order nor once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// How long each is held back.
    pub delay: Duration,
    /// How often each is sent.
    pub times: u32,
    /// Kept until [`Partners::flush_stripe_webhooks`], then sent latest first.
    pub reordered: bool,
}

impl Default for Delivery {
    /// At once, once, in order.
    fn default() -> Self {
        Self { delay: Duration::ZERO, times: 1, reordered: false }
    }
}

impl Partners {
    /// The processor's own books.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn stripe_books(&self) -> Result<Value> {
        self.look(&self.addresses.stripe, "books").await
    }

    /// Every event the processor has to tell, oldest first, whether it was delivered or not.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn stripe_events(&self) -> Result<Value> {
        self.look(&self.addresses.stripe, "events").await
    }

    /// Tells the processor where its webhooks go and how; the last call counts.
    ///
    /// # Errors
    /// When it does not take it.
    pub async fn stripe_webhooks(&self, url: &str, delivery: Delivery) -> Result<()> {
        let Delivery { delay, times, reordered } = delivery;
        let hook = json!({
            "url": url, "secret": STRIPE_WEBHOOK_SECRETS[0], "delay_ms": delay.as_millis(), "duplicate": times,
            "reorder": reordered,
        });
        self.processor("webhooks", &hook).await.map(drop)
    }

    /// How its webhooks fared: settings, `held`, `waiting`, `deliveries` with every attempt and its answer.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn stripe_deliveries(&self) -> Result<Value> {
        self.look(&self.addresses.stripe, "webhooks").await
    }

    /// Has the processor tell one event again, and waits until it was tried once.
    ///
    /// # Errors
    /// When there is no such event.
    pub async fn replay_stripe_webhook(&self, event: &str) -> Result<Value> {
        self.processor("webhooks/replay", &json!({"event": event})).await
    }

    /// Has the processor send what it keeps back, the latest first, and waits until each was tried once.
    ///
    /// # Errors
    /// When it does not take it.
    pub async fn flush_stripe_webhooks(&self) -> Result<Value> {
        self.processor("webhooks/flush", &json!({})).await
    }

    /// The shopper comes back from 3-D Secure.
    ///
    /// # Errors
    /// When the payment does not wait for one.
    pub async fn authenticate(&self, payment: &str, passed: bool) -> Result<Value> {
        self.processor("authenticate", &json!({"payment_intent": payment, "outcome": succeeded(passed)})).await
    }

    /// Moves the processor's clock on: authorizations lapse, idempotency keys are forgotten.
    ///
    /// # Errors
    /// When it does not take it.
    pub async fn advance_stripe_clock(&self, by: Duration) -> Result<Value> {
        self.processor("clock", &json!({"advance_seconds": by.as_secs()})).await
    }

    /// A customer's bank takes money back; all of it when `amount` is `None`.
    ///
    /// # Errors
    /// When the payment took none.
    pub async fn dispute(&self, payment: &str, amount: Option<i64>) -> Result<Value> {
        let mut asked = json!({"payment_intent": payment});
        if let Some(amount) = amount {
            asked["amount"] = amount.into();
        }
        self.processor("dispute", &asked).await
    }

    /// The bank decides.
    ///
    /// # Errors
    /// When there is no such dispute.
    pub async fn close_dispute(&self, dispute: &str, won: bool) -> Result<Value> {
        self.processor("close_dispute", &json!({"dispute": dispute, "outcome": if won { "won" } else { "lost" }})).await
    }

    /// Somebody gives money back in the processor's dashboard, of which our code knows nothing.
    ///
    /// # Errors
    /// When there is not so much left of it.
    pub async fn refund_outside(&self, payment: &str, amount: i64) -> Result<Value> {
        let url = format!("{}/v1/refunds", self.addresses.stripe);
        let form = [("payment_intent", payment.to_owned()), ("amount", amount.to_string())];
        let call = self.http.post(&url).bearer_auth("sk_test_local").form(&form);
        serde_json::from_str(&crate::aws::text(&url, call).await?).map_err(Error::json(url))
    }

    /// A refund that is on its way arrives, or comes back.
    ///
    /// # Errors
    /// When there is no such refund.
    pub async fn settle_refund(&self, refund: &str, arrived: bool) -> Result<Value> {
        self.processor("settle_refund", &json!({"refund": refund, "status": succeeded(arrived)})).await
    }

    async fn processor(&self, door: &str, asked: &Value) -> Result<Value> {
        self.control(&self.addresses.stripe, door, asked).await
    }
}

fn succeeded(did: bool) -> &'static str {
    if did { "succeeded" } else { "failed" }
}
