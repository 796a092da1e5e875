//! Queues.

use crate::classify::{broken, classify};
use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::MessageAttributeValue;
use waybill_domain::ports::{Queues, StoreError};
use waybill_domain::relay::{NoticeMessage, RefundMessage};

/// The queues the relay feeds.
#[derive(Clone, Debug)]
pub struct SqsQueues {
    client: Client,
    notices: String,
    refunds: String,
}

impl SqsQueues {
    /// Messages to customers at the queue `notices_url`, refunds at `refunds_url`.
    #[must_use]
    pub fn new(config: &SdkConfig, notices_url: impl Into<String>, refunds_url: impl Into<String>) -> Self {
        Self { client: Client::new(config), notices: notices_url.into(), refunds: refunds_url.into() }
    }

    async fn send(&self, url: &str, message: &impl serde::Serialize) -> Result<(), StoreError> {
        let body = serde_json::to_string(message).map_err(|error| broken(error.to_string()))?;
        self.client.send_message().queue_url(url).message_body(body).send().await.map_err(classify)?;
        Ok(())
    }
}

impl Queues for SqsQueues {
    async fn notice(&self, message: &NoticeMessage) -> Result<(), StoreError> {
        self.send(&self.notices, message).await
    }

    async fn refund(&self, message: &RefundMessage) -> Result<(), StoreError> {
        self.send(&self.refunds, message).await
    }
}

/// Where a message goes that can never succeed, with the reason on it.
#[derive(Clone, Debug)]
pub struct DeadLetters {
    client: Client,
    url: String,
}

impl DeadLetters {
    /// The dead-letter queue at `url`.
    #[must_use]
    pub fn new(config: &SdkConfig, url: impl Into<String>) -> Self {
        Self { client: Client::new(config), url: url.into() }
    }

    /// Puts a message away, with the reason as its attribute `reason`.
    ///
    /// # Errors
    /// The queue is not available, or will not have it.
    pub async fn bury(&self, body: &str, reason: &str) -> Result<(), StoreError> {
        let reason: String = reason.chars().filter(|c| !c.is_control()).take(500).collect();
        let attribute = MessageAttributeValue::builder().data_type("String").string_value(reason).build();
        let attribute = attribute.map_err(|error| broken(error.to_string()))?;
        let send = self.client.send_message().queue_url(&self.url).message_body(body);
        send.message_attributes("reason", attribute).send().await.map_err(classify)?;
        Ok(())
    }
}
