//! The API as its callers use it: with a role's token, JSON in and out.

use crate::aws::{Aws, COGNITO};
use crate::error::{Error, Result};
use crate::stack::Stack;
pub use reqwest::Method;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

/// Who calls: each role has an app client with one scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Places orders.
    Store,
    /// Picks, packs, hands over.
    Warehouse,
    /// Reviews, cancels, resolves.
    Support,
    /// Keeps the master data.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Store, Self::Warehouse, Self::Support, Self::Admin];

    /// Its name, which is its scope's too.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Warehouse => "warehouse",
            Self::Support => "support",
            Self::Admin => "admin",
        }
    }

    /// The template's output with its app client's id.
    const fn output(self) -> &'static str {
        match self {
            Self::Store => "StoreClientId",
            Self::Warehouse => "WarehouseClientId",
            Self::Support => "SupportClientId",
            Self::Admin => "AdminClientId",
        }
    }

    /// Its app client's id in `stack`.
    ///
    /// # Errors
    /// When the template does not tell.
    pub fn client(self, stack: &Stack) -> Result<&str> {
        stack.output(self.output())
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// An access token for each role.
pub type Tokens = BTreeMap<Role, String>;

/// Asks the user pool for a token of each role, as the callers themselves would.
///
/// # Errors
/// When a client or its token is refused.
pub async fn tokens(aws: &Aws, stack: &Stack) -> Result<Tokens> {
    let mut tokens = Tokens::new();
    for role in Role::ALL {
        tokens.insert(role, token(aws, stack, role, role.client(stack)?).await?);
    }
    Ok(tokens)
}

/// Asks the user pool for a token of `client`, an app client with the scope of `role`.
///
/// # Errors
/// When the client or its token is refused.
pub async fn token(aws: &Aws, stack: &Stack, role: Role, client: &str) -> Result<String> {
    let asked = json!({"UserPoolId": stack.output("UserPoolId")?, "ClientId": client});
    let described = aws.call(COGNITO, "DescribeUserPoolClient", &asked).await?;
    let secret = described["UserPoolClient"]["ClientSecret"].as_str().unwrap_or_default();
    let scope = format!("waybill/{role}");
    let form = [("grant_type", "client_credentials"), ("scope", &scope)];
    let request = aws.http().post(format!("{}/oauth2/token", aws.endpoint()));
    let request = request.basic_auth(client, Some(secret)).form(&form);
    let text = crate::aws::text("/oauth2/token", request).await?;
    let answer: Value = serde_json::from_str(&text).map_err(Error::json("/oauth2/token"))?;
    let token = answer["access_token"].as_str();
    token.map(str::to_owned).ok_or_else(|| Error::Setup(format!("no token for {role}: {text}")))
}

/// An answer of the API, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The content type, empty when none was sent.
    pub content_type: String,
    /// The body as it came.
    pub text: String,
}

impl Answer {
    /// The body as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

/// A request that is not sent yet.
#[derive(Clone, Debug)]
pub struct Call {
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Call {
    /// A request of `path`, which begins with a slash.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), headers: Vec::new(), body: Vec::new() }
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    /// With a body of any bytes.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// With an idempotency key.
    #[must_use]
    pub fn key(self, key: impl Into<String>) -> Self {
        self.header("idempotency-key", key)
    }
}

/// A client of the deployed API.
#[derive(Clone, Debug)]
pub struct Api {
    base: String,
    tokens: Tokens,
    http: reqwest::Client,
}

impl Api {
    /// The API of `stack` on the local AWS.
    ///
    /// # Errors
    /// When the template does not tell the API's id.
    pub fn new(aws: &Aws, stack: &Stack, tokens: Tokens) -> Result<Self> {
        let id = stack.output("ApiId")?;
        let base = format!("{}/_aws/execute-api/{id}/$default", aws.endpoint());
        Ok(Self { base, tokens, http: aws.http().clone() })
    }

    /// Where it answers.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The roles' tokens.
    #[must_use]
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// Sends a request with a role's token, or without any, and answers whatever comes back.
    ///
    /// # Errors
    /// When nothing comes back.
    pub async fn send(&self, role: Option<Role>, call: Call) -> Result<Answer> {
        let Call { method, path, headers, body } = call;
        let what = format!("{method} {path}");
        let mut request = self.http.request(method, format!("{}{path}", self.base)).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if let Some(token) = role.and_then(|role| self.tokens.get(&role)) {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.map_err(Error::http(&what))?;
        let status = answer.status().as_u16();
        let content_type = answer.headers().get("content-type").and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        let text = answer.text().await.map_err(Error::http(&what))?;
        Ok(Answer { status, content_type, text })
    }

    /// Reads a document.
    ///
    /// # Errors
    /// When the answer is no success.
    pub async fn get(&self, role: Role, path: &str) -> Result<Value> {
        self.expect(role, Call::new(Method::GET, path)).await
    }

    /// Posts a document under an idempotency key.
    ///
    /// # Errors
    /// When the answer is no success.
    pub async fn post(&self, role: Role, path: &str, key: &str, body: &Value) -> Result<Value> {
        self.expect(role, Call::new(Method::POST, path).key(key).json(body)).await
    }

    /// Puts a document.
    ///
    /// # Errors
    /// When the answer is no success.
    pub async fn put(&self, role: Role, path: &str, body: &Value) -> Result<Value> {
        self.expect(role, Call::new(Method::PUT, path).json(body)).await
    }

    async fn expect(&self, role: Role, call: Call) -> Result<Value> {
        let what = format!("{} {} as {role}", call.method, call.path);
        let answer = self.send(Some(role), call).await?;
        if (200..300).contains(&answer.status) {
            return Ok(answer.json());
        }
        Err(Error::Refused { what, status: answer.status, body: answer.text })
    }
}

/// Looks again and again until `look` finds what it wants: `Ok(Found)` ends it, `Err(seen)` says
/// what is there so far.
///
/// # Errors
/// When the patience ends first, with what was last seen; or when a look itself fails.
pub async fn poll_until<T>(
    patience: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Result<std::result::Result<T, String>>,
) -> Result<T> {
    let deadline = Instant::now() + patience;
    loop {
        let last = match look().await? {
            Ok(found) => return Ok(found),
            Err(seen) => seen,
        };
        if Instant::now() > deadline {
            return Err(Error::Late { what: what.to_owned(), seconds: patience.as_secs(), last });
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
