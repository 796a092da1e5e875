//! S3, by path.

use super::{Aws, credential, text};
use crate::error::{Error, Result};

impl Aws {
    /// Makes a bucket; one that is there already is left as it is.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn create_bucket(&self, bucket: &str) -> Result<()> {
        let request = self.object(reqwest::Method::PUT, bucket, "");
        text("S3 CreateBucket", request).await.map(drop)
    }

    /// Stores an object.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn put_object(&self, bucket: &str, key: &str, body: Vec<u8>) -> Result<()> {
        let request = self.object(reqwest::Method::PUT, bucket, key).body(body);
        text("S3 PutObject", request).await.map(drop)
    }

    /// Reads an object, or `None` when there is none.
    ///
    /// # Errors
    /// When it is refused for another reason.
    pub async fn object_bytes(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>> {
        let what = format!("S3 GetObject {key}");
        let answer = self.object(reqwest::Method::GET, bucket, key).send().await;
        let answer = answer.map_err(Error::http(&what))?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(Error::http(&what))?.to_vec();
        match status.as_u16() {
            200 => Ok(Some(body)),
            404 => Ok(None),
            status => {
                let body = String::from_utf8_lossy(&body).into_owned();
                Err(Error::Refused { what, status, body })
            }
        }
    }

    fn object(&self, method: reqwest::Method, bucket: &str, key: &str) -> reqwest::RequestBuilder {
        let address = if key.is_empty() {
            format!("{}/{bucket}", self.endpoint)
        } else {
            format!("{}/{bucket}/{key}", self.endpoint)
        };
        self.http.request(method, address).header("authorization", credential("s3"))
    }
}
