//! The four faults, sorted by what the workflow can do about them, and the outcomes that are no faults.

use lambda_runtime::Diagnostic;
use waybill_domain::money::MoneyError;
use waybill_domain::order::Rejection;
use waybill_domain::ports::{Cause, PartnerError, StoreError};

/// Something nobody chose.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Not now: the workflow retries.
    #[error("not available now")]
    Transient(#[source] Cause),
    /// Somebody else was first: the workflow retries, and the stage decides anew.
    #[error("somebody else was first")]
    Conflict(#[source] Cause),
    /// The input is not what was agreed: retrying will not help.
    #[error("malformed input")]
    Malformed(#[source] Cause),
    /// Our own mistake, or damaged data: a person must look.
    #[error("defect")]
    Defect(#[source] Cause),
}

impl Fault {
    /// The error names the workflow retries.
    pub const RETRIED: [&'static str; 2] = ["Transient", "Conflict"];

    /// The error name Step Functions sees.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Transient(_) => "Transient",
            Self::Conflict(_) => "Conflict",
            Self::Malformed(_) => "Malformed",
            Self::Defect(_) => "Defect",
        }
    }

    /// A defect in words.
    pub fn defect(what: impl Into<String>) -> Self {
        Self::Defect(what.into().into())
    }

    /// The fault and its causes in one line.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut line = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            line.push_str(": ");
            line.push_str(&error.to_string());
            cause = error.source();
        }
        line
    }
}

/// Why a stage has no output.
#[derive(Debug, thiserror::Error)]
pub enum Halt {
    /// Nobody chose this.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The order ends here; it is recorded. No error for alarms.
    #[error("refused: {0}")]
    Refused(String),
    /// A person must look before the order goes on; it is recorded. No error for alarms.
    #[error("a person must review the order")]
    ReviewRequired,
    /// A payment waits for the customer or for its next time; it is recorded. No error for alarms.
    #[error("a payment is pending")]
    PaymentPending,
    /// The order waits for units that were promised to it; it is recorded. No error for alarms.
    #[error("units are still to come")]
    StockPending,
}

impl Halt {
    /// The error names a stage may raise besides its faults.
    pub const OUTCOMES: [&'static str; 4] = ["Refused", "ReviewRequired", "PaymentPending", "StockPending"];

    /// The error name Step Functions sees.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Fault(fault) => fault.name(),
            Self::Refused(_) => "Refused",
            Self::ReviewRequired => "ReviewRequired",
            Self::PaymentPending => "PaymentPending",
            Self::StockPending => "StockPending",
        }
    }

    /// What happened, in one line.
    #[must_use]
    pub fn chain(&self) -> String {
        match self {
            Self::Fault(fault) => fault.chain(),
            Self::Refused(_) | Self::ReviewRequired | Self::PaymentPending | Self::StockPending => self.to_string(),
        }
    }
}

impl From<Halt> for Diagnostic {
    fn from(halt: Halt) -> Self {
        Self { error_type: halt.name().to_owned(), error_message: halt.chain() }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict(error.into()),
            StoreError::Unavailable(_) => Self::Transient(error.into()),
            StoreError::Broken(_) => Self::Defect(error.into()),
        }
    }
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<PartnerError> for Fault {
    /// A refusal a stage has not dealt with is a defect: it asked for what the partner cannot give.
    fn from(error: PartnerError) -> Self {
        match error {
            PartnerError::Unavailable(_) | PartnerError::Spent(_) => Self::Transient(error.into()),
            PartnerError::Refused { .. } | PartnerError::Broken(_) => Self::Defect(error.into()),
        }
    }
}

impl From<PartnerError> for Halt {
    fn from(error: PartnerError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<Rejection> for Halt {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::Cancelled => Self::Refused(rejection.to_string()),
            Rejection::Unknown(_) | Rejection::NotAllowed { .. } | Rejection::Invalid { .. } | Rejection::Money(_) => {
                Self::Fault(Fault::Defect(rejection.into()))
            }
        }
    }
}

impl From<MoneyError> for Halt {
    fn from(error: MoneyError) -> Self {
        Self::Fault(Fault::Defect(error.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_tells_its_name_and_its_causes_in_one_line() {
        let fault = Fault::from(StoreError::Unavailable("connection reset".into()));
        assert_eq!(fault.name(), "Transient");
        assert_eq!(fault.chain(), "not available now: not available now: connection reset");
        let diagnostic = Diagnostic::from(Halt::Refused("declined".to_owned()));
        assert_eq!(diagnostic.error_type, "Refused");
    }
}
