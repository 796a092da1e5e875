//! One call to a partner, and what its failure means to the caller.

use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, StatusCode, Url};
use serde::de::DeserializeOwned;
use std::time::Duration;
use waybill_domain::ports::PartnerError;

/// How long a partner is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For the whole answer. A carrier that sells a label takes seconds, not tens of them; whoever hangs up
    /// earlier only has to ask for the truth more often.
    pub total: Duration,
}

/// What both partners get.
pub const PATIENCE: Patience = Patience { connect: Duration::from_secs(3), total: Duration::from_secs(20) };

/// How long a connection is kept for the next call: the calls of one stage follow each other closely.
const IDLE: Duration = Duration::from_secs(5);

/// An adapter could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The partner's address is none.
    #[error("`{0}` is no base address of a partner")]
    BaseUrl(String),
    /// No TLS here.
    #[error("no HTTP client could be made")]
    Client(#[source] reqwest::Error),
}

/// A way to a partner: one client, hence one pool of connections, for all calls.
#[derive(Clone, Debug)]
pub struct Wire {
    partner: &'static str,
    client: Client,
    base: Url,
}

/// Why a call did not do what was asked. `E` is the partner's own shape of a refusal.
#[derive(Debug)]
pub enum Failure<E> {
    /// 404.
    Missing(PartnerError),
    /// The partner understood and said no.
    Refused {
        /// The HTTP status.
        status: StatusCode,
        /// What the partner says.
        error: E,
        /// The partner's id of the call.
        request: RequestId,
    },
    /// Everything else, sorted.
    Other(PartnerError),
}

/// The partner's id of a call, if it gave one: what its support asks for.
#[derive(Clone, Debug, Default)]
pub struct RequestId(Option<String>);

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.as_ref().map_or(Ok(()), |id| write!(f, " (request {id})"))
    }
}

/// What is known of a failed call. Never what was sent or answered: that may name people.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// No answer came, or not all of it.
    #[error("no answer from {0}")]
    NoAnswer(&'static str, #[source] reqwest::Error),
    /// The call could not even be made.
    #[error("{0} cannot be called like this")]
    Uncallable(&'static str, #[source] Option<reqwest::Error>),
    /// The status says it all.
    #[error("{0} answered {1}{2}")]
    Status(&'static str, StatusCode, RequestId),
    /// The answer is not what its interface promises.
    #[error("{0} answered {1} with a body that cannot be read{2}: {3}")]
    Unreadable(&'static str, StatusCode, RequestId, String),
    /// The answer is well formed and makes no sense here.
    #[error("{0} answered nonsense: {1}")]
    Nonsense(&'static str, &'static str),
}

impl Trouble {
    /// As a failure that asking again will not cure.
    pub fn broken(self) -> PartnerError {
        PartnerError::Broken(Box::new(self))
    }

    /// As a failure after which the truth is unknown.
    pub fn unavailable(self) -> PartnerError {
        PartnerError::Unavailable(Box::new(self))
    }

    /// As a failure that is repeated for as long as the partner keeps the call's key.
    fn spent(self) -> PartnerError {
        PartnerError::Spent(Box::new(self))
    }
}

impl Wire {
    /// A way to the partner at `base`, which may end in a slash or have a path.
    pub fn new(partner: &'static str, base: &str, patience: Patience) -> Result<Self, SetupError> {
        let usable = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
        let parsed = Url::parse(base).ok().filter(usable).ok_or_else(|| SetupError::BaseUrl(base.to_owned()))?;
        let client = Client::builder()
            .user_agent(concat!("waybill/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(patience.connect)
            .timeout(patience.total)
            // A function sleeps between two orders; a connection that did not survive it would look like a lost answer.
            .pool_idle_timeout(IDLE)
            // Neither partner redirects; whoever does must not be sent our key.
            .redirect(Policy::none())
            .build()
            .map_err(SetupError::Client)?;
        Ok(Self { partner, client, base: parsed })
    }

    /// A request to the path of these segments, which are escaped, with these query parameters.
    pub fn request(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<RequestBuilder, PartnerError> {
        let mut url = self.base.clone();
        let mut segments = url.path_segments_mut().map_err(|()| Trouble::Uncallable(self.partner, None).broken())?;
        segments.pop_if_empty().extend(path);
        drop(segments);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(self.client.request(method, url))
    }

    /// Sends, and reads the answer.
    pub async fn call<T, E>(&self, request: RequestBuilder) -> Result<T, Failure<E>>
    where
        T: DeserializeOwned,
        E: DeserializeOwned,
    {
        let response = request.send().await.map_err(|error| Failure::Other(self.silence(error)))?;
        let status = response.status();
        let id = request_id(&response);
        let replayed = is_replayed(&response);
        let body = response.bytes().await.map_err(|error| Failure::Other(self.silence(error)))?;
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(|error| Failure::Other(self.unreadable(status, id, &error)));
        }
        let trouble = Trouble::Status(self.partner, status, id.clone());
        if status == StatusCode::NOT_FOUND {
            return Err(Failure::Missing(trouble.broken()));
        }
        if status.is_server_error() && replayed {
            return Err(Failure::Other(trouble.spent()));
        }
        if may_pass(status) {
            return Err(Failure::Other(trouble.unavailable()));
        }
        if !status.is_client_error() || matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Err(Failure::Other(trouble.broken()));
        }
        match serde_json::from_slice(&body) {
            Ok(error) => Err(Failure::Refused { status, error, request: id }),
            Err(error) => Err(Failure::Other(self.unreadable(status, id, &error))),
        }
    }

    fn silence(&self, error: reqwest::Error) -> PartnerError {
        let error = error.without_url();
        if error.is_builder() {
            return Trouble::Uncallable(self.partner, Some(error)).broken();
        }
        Trouble::NoAnswer(self.partner, error).unavailable()
    }

    fn unreadable(&self, status: StatusCode, id: RequestId, error: &serde_json::Error) -> PartnerError {
        // The error's own text quotes what it stumbled over.
        let place = format!("{:?} error at line {} column {}", error.classify(), error.line(), error.column());
        Trouble::Unreadable(self.partner, status, id, place).broken()
    }
}

/// Whether the same call may go through later. 409 is a call still in flight under the same key.
fn may_pass(status: StatusCode) -> bool {
    let later =
        [StatusCode::REQUEST_TIMEOUT, StatusCode::CONFLICT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS];
    status.is_server_error() || later.contains(&status)
}

/// Whether the answer is the first one under the call's key, repeated.
fn is_replayed(response: &reqwest::Response) -> bool {
    response.headers().get("idempotent-replayed").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"))
}

fn request_id(response: &reqwest::Response) -> RequestId {
    let header = ["request-id", "x-request-id"].iter().find_map(|name| response.headers().get(*name));
    let text = header.and_then(|value| value.to_str().ok());
    RequestId(text.map(|text| plain(text, 64)).filter(|text| !text.is_empty()))
}

/// A partner's words, bounded and on one line.
pub fn plain(text: &str, most: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use wiremock::matchers::path;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    #[tokio::test]
    async fn a_partner_that_keeps_us_waiting_is_unavailable() {
        let server = MockServer::start().await;
        let late = ResponseTemplate::new(200).set_body_string("{}").set_delay(Duration::from_secs(5));
        Mock::given(path("/a/slow%2Fone")).respond_with(late).mount(&server).await;
        let patience = Patience { total: Duration::from_millis(100), ..PATIENCE };
        let wire = Wire::new("acme", &format!("{}/a/", server.uri()), patience).unwrap();
        let request = wire.request(Method::GET, &["slow/one"], &[]).unwrap();
        let failure = wire.call::<Value, Value>(request).await.unwrap_err();
        let Failure::Other(PartnerError::Unavailable(cause)) = failure else { panic!("{failure:?}") };
        assert_eq!(cause.to_string(), "no answer from acme");
        let asked = server.received_requests().await.unwrap();
        assert_eq!(asked[0].url.path(), "/a/slow%2Fone");
    }

    #[test]
    fn a_base_that_is_no_web_address_is_refused_at_once() {
        for base in ["", "api.stripe.com", "ftp://api.stripe.com", "data:text/plain,x"] {
            assert!(matches!(Wire::new("acme", base, PATIENCE), Err(SetupError::BaseUrl(_))), "{base}");
        }
    }

    #[test]
    fn a_partners_words_stay_on_one_line() {
        assert_eq!(plain("no\nway\u{1b}[1m", 8), "no way [");
    }
}
