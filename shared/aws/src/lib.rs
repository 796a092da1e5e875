#![doc = include_str!("../README.md")]

mod batch;
mod bus;
mod catalog;
mod classify;
mod counters;
mod files;
mod hot;
mod keys;
mod mailer;
mod orders;
mod queues;
mod secrets;
mod statements;
mod stock;
mod transaction;
mod workflows;

pub use bus::EventBridge;
pub use catalog::DynamoCatalog;
pub use files::Files;
pub use mailer::SesMailer;
pub use orders::{DynamoOrders, order_of_key};
pub use queues::{DeadLetters, SqsQueues};
pub use secrets::secret;
pub use statements::DynamoStatements;
pub use stock::DynamoStock;
pub use stock::shelf::shelf_of_key;
pub use workflows::StepFunctions;

use aws_config::SdkConfig;
use aws_config::timeout::TimeoutConfig;
use std::time::Duration;

/// How old a sold-out answer of a store's call may be: a buyer who asks again after it is not refused by old knowledge.
pub const SOLD_OUT_FOR: jiff::SignedDuration = jiff::SignedDuration::from_millis(500);

/// The SDK's configuration from the function's environment, with time-outs: a call without an answer is `Unavailable`
/// while its function still has time to say so.
pub async fn config() -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(10))
        .operation_timeout(Duration::from_secs(25))
        .build();
    aws_config::from_env().timeout_config(timeouts).load().await
}

/// A DynamoDB client, for the `main.rs` of functions, which need not depend on the SDK for it.
#[must_use]
pub fn dynamodb(config: &SdkConfig) -> aws_sdk_dynamodb::Client {
    aws_sdk_dynamodb::Client::new(config)
}
