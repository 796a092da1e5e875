//! A small client for the local AWS: its wire protocols over plain HTTP.
//!
//! The AWS SDK would make this crate the slowest one to build; the local AWS accepts the root
//! credential with any signature, so none is computed. It is of no use against AWS itself.

mod objects;
mod xml;

use crate::error::{Error, Result};
use serde_json::Value;
pub use xml::{element, elements};

/// The account that the local AWS gives its root credential.
pub const ACCOUNT: &str = "000000000000";
/// The only region used locally.
pub const REGION: &str = "us-east-1";

/// A service that speaks JSON: its signing name, its target prefix and its protocol's version.
#[derive(Clone, Copy, Debug)]
pub struct Service(&'static str, &'static str, &'static str);

/// `DynamoDB`.
pub const DYNAMODB: Service = Service("dynamodb", "DynamoDB_20120810", "1.0");
/// SQS.
pub const SQS: Service = Service("sqs", "AmazonSQS", "1.0");
/// Step Functions.
pub const STEP_FUNCTIONS: Service = Service("states", "AWSStepFunctions", "1.0");
/// Secrets Manager.
pub const SECRETS: Service = Service("secretsmanager", "secretsmanager", "1.1");
/// `CloudWatch` Logs.
pub const LOGS: Service = Service("logs", "Logs_20140328", "1.1");
/// Cognito's user pools.
pub const COGNITO: Service = Service("cognito-idp", "AWSCognitoIdentityProviderService", "1.1");

/// `EventBridge`.
pub const EVENTS: Service = Service("events", "AWSEvents", "1.1");

/// The local AWS, as its account's root.
#[derive(Clone, Debug)]
pub struct Aws {
    endpoint: String,
    http: reqwest::Client,
}

impl Aws {
    /// A client of the local AWS at `endpoint`.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(endpoint: impl Into<String>) -> Result<Self> {
        Ok(Self { endpoint: endpoint.into(), http: client()? })
    }

    /// The address of the local AWS.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The HTTP client.
    #[must_use]
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// One operation of a service that speaks JSON.
    ///
    /// # Errors
    /// When it is not answered, or refused.
    pub async fn call(&self, service: Service, operation: &str, body: &Value) -> Result<Value> {
        let Service(name, prefix, version) = service;
        let request = self
            .http
            .post(format!("{}/", self.endpoint))
            .header("authorization", credential(name))
            .header("content-type", format!("application/x-amz-json-{version}"))
            .header("x-amz-target", format!("{prefix}.{operation}"))
            .body(body.to_string());
        let what = format!("{name} {operation}");
        let text = text(&what, request).await?;
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).map_err(Error::json(what))
    }

    /// Every page of a listing: `list` names the field with the items, `token` the one that links
    /// the pages.
    ///
    /// # Errors
    /// As [`Aws::call`].
    pub async fn pages(&self, service: Service, operation: &str, body: Value, paging: Paging) -> Result<Vec<Value>> {
        let mut body = body;
        let mut found = Vec::new();
        loop {
            let mut page = self.call(service, operation, &body).await?;
            if let Value::Array(items) = page[paging.list].take() {
                found.extend(items);
            }
            let token = page[paging.answered].take();
            if token.is_null() {
                return Ok(found);
            }
            body[paging.asked] = token;
        }
    }

    /// One action of a service that speaks the query protocol; answers XML.
    ///
    /// # Errors
    /// As [`Aws::call`].
    pub async fn action(&self, service: &str, form: &[(String, String)]) -> Result<String> {
        let what = form.iter().find(|(key, _)| key == "Action").map_or(service, |(_, value)| value);
        let request =
            self.http.post(format!("{}/", self.endpoint)).header("authorization", credential(service)).form(form);
        text(what, request).await
    }

    /// One request of a service that speaks REST and JSON.
    ///
    /// # Errors
    /// As [`Aws::call`].
    pub async fn rest(&self, service: &str, method: reqwest::Method, path: &str, body: &Value) -> Result<Value> {
        let what = format!("{service} {method} {path}");
        let request =
            self.http.request(method, format!("{}{path}", self.endpoint)).header("authorization", credential(service));
        let request = if body.is_null() { request } else { request.json(body) };
        let text = text(&what, request).await?;
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).map_err(Error::json(what))
    }
}

/// The names that a listing gives its parts.
#[derive(Clone, Copy, Debug)]
pub struct Paging {
    /// The field with the items.
    pub list: &'static str,
    /// The request's field for the next page's token.
    pub asked: &'static str,
    /// The answer's field with the next page's token.
    pub answered: &'static str,
}

/// The HTTP client of the harness.
///
/// Connections are not kept: tests share one stack but each has a runtime of its own, and a kept
/// connection dies with the runtime that opened it.
pub(crate) fn client() -> Result<reqwest::Client> {
    reqwest::Client::builder()
        .pool_max_idle_per_host(0)
        .timeout(std::time::Duration::from_mins(1))
        .no_proxy()
        .build()
        .map_err(Error::http("make an HTTP client"))
}

/// Names the root credential and the service; the local AWS routes by it.
pub(crate) fn credential(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/{service}/aws4_request, \
         SignedHeaders=host, Signature=unchecked"
    )
}

/// The body of a request's answer, when it is a success.
pub(crate) async fn text(what: &str, request: reqwest::RequestBuilder) -> Result<String> {
    let answer = request.send().await.map_err(Error::http(what))?;
    let status = answer.status();
    let body = answer.text().await.map_err(Error::http(what))?;
    if status.is_success() {
        return Ok(body);
    }
    Err(Error::Refused { what: what.to_owned(), status: status.as_u16(), body })
}
