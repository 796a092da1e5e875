//! Problem details for HTTP APIs (RFC 9457).

use crate::fault::{Fault, Halt};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header::CONTENT_TYPE};
use serde::Serialize;
use utoipa::ToSchema;
use waybill_domain::order::{AccountKind, Rejection};
use waybill_domain::ports::StoreError;
use waybill_domain::stock::filing::Refusal;

/// A field of the request that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the body; empty for the body as a whole, or `header/…`, `query/…`, `path/…`.
    #[schema(examples("/lines/0/quantity"))]
    pub pointer: String,
    /// The rule it breaks.
    pub rule: String,
}

/// A problem: `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// A stable name of the kind of problem.
    #[serde(rename = "type")]
    #[schema(examples("urn:waybill:problem:invalid-request"))]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// This occurrence in words; never personal data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The fields that break a rule.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    fn new(status: StatusCode, kind: &str, title: &str) -> Self {
        let kind = format!("urn:waybill:problem:{kind}");
        Self { kind, title: title.to_owned(), status: status.as_u16(), detail: None, errors: Vec::new() }
    }

    fn because(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// 400: the body cannot be read at all.
    pub fn unreadable(rule: impl Into<String>) -> Self {
        let mut problem = Self::new(StatusCode::BAD_REQUEST, "unreadable-body", "The body is not readable JSON");
        problem.errors.push(FieldError { pointer: String::new(), rule: rule.into() });
        problem
    }

    /// 400 for headers and queries: a field outside the body breaks a rule.
    pub fn bad_request(pointer: impl Into<String>, rule: impl Into<String>) -> Self {
        let mut problem = Self::new(StatusCode::BAD_REQUEST, "invalid-request", "The request breaks a rule");
        problem.errors.push(FieldError { pointer: pointer.into(), rule: rule.into() });
        problem
    }

    /// 413: the body is too large.
    #[must_use]
    pub fn too_large(limit: usize) -> Self {
        let mut problem = Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "The body is too large");
        problem.errors.push(FieldError { pointer: String::new(), rule: format!("must have at most {limit} bytes") });
        problem
    }

    /// 422: a field of the body breaks a rule.
    pub fn invalid(pointer: impl Into<String>, rule: impl Into<String>) -> Self {
        let title = "A field breaks a rule";
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-field", title);
        problem.errors.push(FieldError { pointer: pointer.into(), rule: rule.into() });
        problem
    }

    /// 422: the key was used for another body.
    #[must_use]
    pub fn key_reused() -> Self {
        let title = "The Idempotency-Key was used with another body";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused", title)
    }

    /// 401: no caller, or an unknown one.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "The caller is not known")
    }

    /// 403: the caller may not do this.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "The caller may not do this").because(detail)
    }

    /// 404. Another tenant's order is as unknown as one that does not exist.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found").because(format!("no such {what}"))
    }

    /// 405: the path has other methods.
    #[must_use]
    pub fn wrong_method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "wrong-method", "The path does not know the method")
    }

    /// 409: not in the present state.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "not-allowed-now", "Not allowed in the present state").because(detail)
    }

    /// 409: not enough units.
    #[must_use]
    pub fn out_of_stock(skus: &[String]) -> Self {
        let mut problem = Self::new(StatusCode::CONFLICT, "out-of-stock", "Not enough units are available");
        let rule = |sku: &String| FieldError { pointer: "/lines".to_owned(), rule: format!("{sku} is out of stock") };
        problem.errors.extend(skus.iter().map(rule));
        problem
    }

    /// 409: units are missing: each with where it is named, and the rule.
    #[must_use]
    pub fn short(missing: Vec<(String, String)>) -> Self {
        let mut problem = Self::new(StatusCode::CONFLICT, "not-enough-units", "Units are missing");
        problem.errors.extend(missing.into_iter().map(|(pointer, rule)| FieldError { pointer, rule }));
        problem
    }

    /// 409: not enough is available on an account.
    #[must_use]
    pub fn overdrawn(kind: AccountKind) -> Self {
        let title = "Not enough is available on the account";
        let detail = format!("the {} account has less available than that", kind.name());
        Self::new(StatusCode::CONFLICT, "account-overdrawn", title).because(detail)
    }

    /// 409: the payment at the processor belongs to another order.
    #[must_use]
    pub fn payment_taken() -> Self {
        Self::new(StatusCode::CONFLICT, "payment-taken", "The payment belongs to another order")
    }

    /// 409: the same call is being carried out.
    #[must_use]
    pub fn in_flight() -> Self {
        let title = "The same call is being carried out; repeat it for its answer";
        Self::new(StatusCode::CONFLICT, "in-flight", title)
    }

    /// 503 with the fault's name; the cause goes to the log, not to the caller.
    #[must_use]
    pub fn unavailable() -> Self {
        let title = "Not available now; the same call may be repeated";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", title)
    }

    fn defect() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "defect", "Our mistake; it has been logged")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        (status, [(CONTENT_TYPE, "application/problem+json")], body).into_response()
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        tracing::error!(fault = fault.name(), "{}", fault.chain());
        match fault {
            Fault::Transient(_) => Self::unavailable(),
            Fault::Conflict(_) => Self::conflict("it is changing right now; repeat the call"),
            Fault::Malformed(_) | Fault::Defect(_) => Self::defect(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Fault::from(error).into()
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::Cancelled | Rejection::NotAllowed { .. } => Self::conflict(rejection.to_string()),
            Rejection::Unknown(what) => Self::not_found(what.trim_start_matches("such ")),
            Rejection::Invalid { pointer, rule } => Self::invalid(pointer, rule),
            Rejection::Money(error) => Self::invalid("", error.to_string()),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Invalid { pointer, rule } => Self::invalid(pointer, rule),
            Refusal::Unknown(what) => Self::not_found(what),
            Refusal::NotNow(because) => Self::conflict(because),
        }
    }
}

impl From<Halt> for Problem {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::Fault(fault) => fault.into(),
            Halt::Refused(_) | Halt::ReviewRequired | Halt::PaymentPending | Halt::StockPending => {
                Self::conflict(halt.to_string())
            }
        }
    }
}
