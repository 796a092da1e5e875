//! Secrets, read once per process: a rotated secret is seen by the next process, and webhooks accept two at a time.

use crate::classify::{broken, classify};
use aws_config::SdkConfig;
use waybill_domain::ports::StoreError;

/// The text of the secret `id` (name or ARN).
///
/// # Errors
/// It cannot be read, or is no text.
pub async fn secret(config: &SdkConfig, id: &str) -> Result<String, StoreError> {
    let client = aws_sdk_secretsmanager::Client::new(config);
    let got = client.get_secret_value().secret_id(id).send().await.map_err(classify)?;
    got.secret_string.ok_or_else(|| broken("the secret is no text"))
}
