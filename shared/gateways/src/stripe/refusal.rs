//! What Stripe says when it says no.

use crate::http::{Failure, plain};
use serde::Deserialize;
use waybill_domain::ports::PartnerError;

/// The body of a refusal.
#[derive(Debug, Deserialize)]
pub struct Refusal {
    pub error: ErrorBody,
}

/// What went wrong, in Stripe's words.
#[derive(Debug, Deserialize)]
pub struct ErrorBody {
    #[serde(rename = "type")]
    kind: Option<String>,
    code: Option<String>,
    decline_code: Option<String>,
    message: Option<String>,
}

impl Refusal {
    /// The card was declined, as opposed to our request.
    pub fn is_decline(&self) -> bool {
        self.error.is("card_error")
    }
}

impl ErrorBody {
    fn is(&self, kind: &str) -> bool {
        self.kind.as_deref() == Some(kind)
    }

    /// Why a card was declined.
    pub fn decline(&self) -> String {
        let code = self.decline_code.as_deref().or(self.code.as_deref());
        plain(code.unwrap_or("card_declined"), 64)
    }

    /// Why a request was refused; a reused idempotency key has a type and no code.
    fn code(&self) -> String {
        let kind = self.kind.as_deref();
        let code = if self.is("idempotency_error") { kind } else { self.code.as_deref().or(kind) };
        plain(code.unwrap_or("unknown"), 64)
    }
}

/// A failure in the caller's words. Stripe is sent no personal data, so its words can hold none.
pub fn sorted(failure: Failure<Refusal>) -> PartnerError {
    match failure {
        Failure::Missing(error) | Failure::Other(error) => error,
        Failure::Refused { error: Refusal { error }, request, .. } => {
            let message = format!("{}{request}", plain(error.message.as_deref().unwrap_or("no reason given"), 300));
            PartnerError::Refused { code: error.code(), message }
        }
    }
}
