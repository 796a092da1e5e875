//! Refusals in the carrier API's shape: `{"error": {code, message, errors: [{field, message, suggestion}]}}`.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// One field at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The field's path.
    pub field: String,
    /// The flaw's own code, where it has one.
    pub code: Option<&'static str>,
    /// For people.
    pub message: &'static str,
}

impl Flaw {
    /// A field that has to be there.
    pub fn missing(field: impl Into<String>) -> Self {
        Self { field: field.into(), code: None, message: "Required and missing." }
    }

    /// A field whose value cannot be used.
    pub fn invalid(field: impl Into<String>) -> Self {
        Self { field: field.into(), code: None, message: "Invalid value." }
    }

    /// An address nobody lives at.
    pub fn not_found(field: impl Into<String>) -> Self {
        Self { field: field.into(), code: Some("E.ADDRESS.NOT_FOUND"), message: "Address not found" }
    }
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: StatusCode,
    /// The machine-readable reason.
    pub code: &'static str,
    /// For people.
    pub message: String,
    /// The fields at fault.
    pub flaws: Vec<Flaw>,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), flaws: Vec::new() }
    }

    /// The request was understood, and cannot be done.
    pub fn unprocessable(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
    }

    /// A shipment described wrongly or not enough.
    pub fn invalid_shipment(flaws: Vec<Flaw>) -> Self {
        let message = "Unable to create shipment, one or more parameters were invalid.";
        Self { flaws, ..Self::unprocessable("SHIPMENT.INVALID_PARAMS", message) }
    }

    /// An address that does not exist.
    pub fn unverified(flaws: Vec<Flaw>) -> Self {
        Self { flaws, ..Self::unprocessable("ADDRESS.VERIFY.FAILURE", "Unable to verify address.") }
    }

    /// Nothing has this id.
    pub fn not_found() -> Self {
        Self::failure(StatusCode::NOT_FOUND)
    }

    /// No key, or one that is none.
    pub fn key(shown: bool) -> Self {
        if shown {
            let message = "This api key is no longer active. Please use a different api key or reactivate this key.";
            return Self::new(StatusCode::FORBIDDEN, "APIKEY.INACTIVE", message);
        }
        Self::failure(StatusCode::UNAUTHORIZED)
    }

    /// A failure that has nothing to do with what was asked.
    pub fn failure(status: StatusCode) -> Self {
        let (code, message) = match status {
            StatusCode::BAD_REQUEST => ("BAD_REQUEST", "The request could not be understood by the server."),
            StatusCode::UNAUTHORIZED => ("UNAUTHORIZED", "Authentication credentials are required."),
            StatusCode::NOT_FOUND => ("NOT_FOUND", "The requested resource could not be found."),
            StatusCode::METHOD_NOT_ALLOWED => ("METHOD_NOT_ALLOWED", "The requested method is not allowed."),
            StatusCode::TOO_MANY_REQUESTS => ("RATE_LIMITED", "You are making requests too quickly. Please slow down."),
            StatusCode::SERVICE_UNAVAILABLE => ("SERVICE_UNAVAILABLE", "The service is unavailable. Please try again."),
            _ => ("INTERNAL_SERVER_ERROR", "We're sorry, something went wrong. Please try again."),
        };
        Self::new(status, code, message)
    }

    /// The body.
    pub fn to_json(&self) -> Value {
        let flaws = self
            .flaws
            .iter()
            .map(|flaw| json!({"code": flaw.code, "field": flaw.field, "message": flaw.message, "suggestion": null}));
        let flaws: Vec<_> = flaws.collect();
        json!({"error": {"code": self.code, "message": self.message, "errors": flaws}})
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(self.to_json())).into_response()
    }
}
