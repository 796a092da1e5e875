//! Refusals in the processor's shape: `{"error": {type, code, decline_code?, message, param?, payment_intent?}}`.

use super::currency::Currency;
use super::declines::Decline;
use super::states::Illegal;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

/// Marks an answer which is not saved under an idempotency key, because nothing began to run.
#[derive(Clone, Copy, Debug)]
pub struct Unsaved;

/// A refusal, and whether an idempotency key remembers it.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: StatusCode,
    /// `invalid_request_error`, `card_error`, `idempotency_error` or `api_error`.
    pub kind: &'static str,
    /// The machine-readable reason, where the processor gives one.
    pub code: Option<&'static str>,
    /// Why the issuer declined.
    pub decline_code: Option<&'static str>,
    /// For people.
    pub message: String,
    /// The parameter at fault.
    pub param: Option<String>,
    about: Option<Box<About>>,
    saved: bool,
}

/// What a refusal is about, as it stands now.
#[derive(Clone, Debug, PartialEq)]
struct About {
    charge: Option<String>,
    payment_intent: Value,
}

impl Refusal {
    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, kind, code: None, decline_code: None, message, param: None, about: None, saved: true }
    }

    fn request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    fn code(self, code: &'static str) -> Self {
        Self { code: Some(code), ..self }
    }

    fn param(self, param: &str) -> Self {
        Self { param: Some(param.to_owned()), ..self }
    }

    fn unsaved(self) -> Self {
        Self { saved: false, ..self }
    }

    /// A parameter that has to be there.
    pub fn missing(param: &str) -> Self {
        Self::request(format!("Missing required param: {param}.")).code("parameter_missing").param(param).unsaved()
    }

    /// A parameter nobody knows.
    pub fn unknown(param: &str) -> Self {
        Self::request(format!("Received unknown parameter: {param}")).code("parameter_unknown").param(param).unsaved()
    }

    /// An empty value for what cannot be unset.
    pub fn empty(param: &str) -> Self {
        let message = format!(
            "You passed an empty string for '{param}'. We assume empty values are an attempt to unset a parameter; \
             however '{param}' cannot be unset. You should remove '{param}' from your request or supply a non-empty value."
        );
        Self::request(message).code("parameter_invalid_empty").param(param).unsaved()
    }

    /// A number that is none.
    pub fn not_an_integer(param: &str, text: &str) -> Self {
        Self::request(format!("Invalid integer: {text}")).code("parameter_invalid_integer").param(param).unsaved()
    }

    /// A number below its least value.
    pub fn too_low(param: &str, least: i64) -> Self {
        let message = format!("This value must be greater than or equal to {least}.");
        Self::request(message).code("parameter_invalid_integer").param(param).unsaved()
    }

    /// A value that is not acceptable, in the words of `message`.
    pub fn invalid(param: &str, message: impl Into<String>) -> Self {
        Self::request(message).param(param).unsaved()
    }

    /// An amount below what the currency allows.
    pub fn amount_too_small(currency: &Currency) -> Self {
        let message = format!("Amount must be at least {} {}", currency.format(currency.minimum), currency.code);
        Self::request(message).code("amount_too_small").param("amount")
    }

    /// An amount above what the currency allows.
    pub fn amount_too_large(currency: &Currency) -> Self {
        let message = format!("Amount must be no more than {} {}", currency.format(currency.maximum), currency.code);
        Self::request(message).code("amount_too_large").param("amount")
    }

    /// Something named in the path that does not exist.
    pub fn no_such(what: &str, id: &str, param: &str) -> Self {
        let message = format!("No such {what}: '{id}'");
        let refusal = Self::new(StatusCode::NOT_FOUND, "invalid_request_error", message);
        refusal.code("resource_missing").param(param)
    }

    /// Something named in a parameter that does not exist.
    pub fn no_such_param(what: &str, id: &str, param: &str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, ..Self::no_such(what, id, param) }
    }

    /// The card was declined; `intent` is the intent as the decline left it.
    pub fn declined(decline: Decline, charge: Option<&str>, intent: Value) -> Self {
        let refusal = Self::new(StatusCode::PAYMENT_REQUIRED, "card_error", decline.message).code(decline.code);
        let about = About { charge: charge.map(Into::into), payment_intent: intent };
        Self { decline_code: decline.reason, about: Some(Box::new(about)), ..refusal }
    }

    /// The intent does not allow it. `intent` is the intent as it stands.
    pub fn illegal(illegal: &Illegal, intent: Value) -> Self {
        let refusal = Self::request(illegal.to_string());
        let refusal = Self { param: illegal.param().map(Into::into), code: illegal.code(), ..refusal };
        let about = illegal.shows_intent().then(|| Box::new(About { charge: None, payment_intent: intent }));
        Self { about, ..refusal }
    }

    /// The key was used for something else.
    pub fn key_reused(key: &str, first_path: &str, path: &str) -> Self {
        let rule = if first_path == path {
            "with the same parameters they were first used with".to_owned()
        } else {
            format!("for the same endpoint they were first used for ('{first_path}')")
        };
        let message = format!(
            "Keys for idempotent requests can only be used {rule}. Try using a key other than '{key}' if you meant to \
             execute a different request."
        );
        Self::new(StatusCode::BAD_REQUEST, "idempotency_error", message).unsaved()
    }

    /// The key's first request is still running.
    pub fn key_in_use(key: &str) -> Self {
        let message = format!(
            "There is currently another in-progress request using this Idempotent Key (that probably means you submitted \
             twice, and the other request is still going through): {key}. Please try again later."
        );
        Self::new(StatusCode::CONFLICT, "idempotency_error", message).code("idempotency_key_in_use").unsaved()
    }

    /// No secret key, or one that is none.
    pub fn unauthorized(key: Option<&str>) -> Self {
        let hidden = |key: &str| format!("{}***", key.chars().take(8).collect::<String>());
        let message = key.map_or_else(
            || {
                "You did not provide an API key. You need to provide your API key in the Authorization header, using \
                 Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
                    .to_owned()
            },
            |key| format!("Invalid API Key provided: {}", hidden(key)),
        );
        Self::new(StatusCode::UNAUTHORIZED, "invalid_request_error", message).unsaved()
    }

    /// A failure of the processor itself: 429, 500, 503, or a route that does not exist.
    pub fn failure(status: StatusCode) -> Self {
        let (kind, message) = match status {
            StatusCode::TOO_MANY_REQUESTS => ("invalid_request_error", "Request rate limit exceeded."),
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
                ("invalid_request_error", "Unrecognized request URL or method.")
            }
            _ => ("api_error", "An error occurred with our connection. Please try again."),
        };
        let refusal = Self::new(status, kind, message);
        let code = (status == StatusCode::TOO_MANY_REQUESTS).then_some("rate_limit");
        Self { code, saved: status == StatusCode::INTERNAL_SERVER_ERROR, ..refusal }
    }

    /// The body.
    pub fn to_json(&self) -> Value {
        let mut error = Map::new();
        error.insert("type".into(), self.kind.into());
        error.insert("message".into(), self.message.clone().into());
        let mut put = |name: &str, value: Option<Value>| value.map(|value| error.insert(name.into(), value));
        put("code", self.code.map(Into::into));
        put("decline_code", self.decline_code.map(Into::into));
        put("param", self.param.clone().map(Into::into));
        put("charge", self.about.as_ref().and_then(|about| about.charge.clone()).map(Into::into));
        put("payment_intent", self.about.as_ref().map(|about| about.payment_intent.clone()));
        put(
            "doc_url",
            self.code.map(|code| format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-")).into()),
        );
        json!({ "error": error })
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.to_json())).into_response();
        if !self.saved {
            response.extensions_mut().insert(Unsaved);
        }
        response
    }
}
