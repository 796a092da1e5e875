//! Files in S3.

use crate::classify::{broken, classify};
use aws_sdk_s3::Client;
use waybill_domain::ports::StoreError;

/// One bucket.
#[derive(Clone, Debug)]
pub struct Files {
    client: Client,
    bucket: String,
}

impl Files {
    /// The bucket `bucket`. Path-style addresses work on AWS and locally alike.
    #[must_use]
    pub fn new(config: &aws_config::SdkConfig, bucket: impl Into<String>) -> Self {
        let config = aws_sdk_s3::config::Builder::from(config).force_path_style(true).build();
        Self { client: Client::from_conf(config), bucket: bucket.into() }
    }
}

impl waybill_domain::ports::Files for Files {
    async fn read(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        let got = self.client.get_object().bucket(&self.bucket).key(name).send().await.map_err(classify)?;
        let bytes = got.body.collect().await.map_err(|error| broken(error.to_string()))?;
        Ok(bytes.into_bytes().to_vec())
    }

    async fn write_json(&self, name: &str, body: String) -> Result<(), StoreError> {
        let put = self.client.put_object().bucket(&self.bucket).key(name).content_type("application/json");
        put.body(body.into_bytes().into()).send().await.map_err(classify)?;
        Ok(())
    }
}
