//! Partners with their own books. They refuse what the real ones refuse, in the same codes.

mod labels;
mod processor;

pub use labels::{BookedParcel, FakeLabels};
pub use processor::{BookedHold, FakeProcessor};

use waybill_domain::ports::PartnerError;

fn refused(code: &str, message: &str) -> PartnerError {
    PartnerError::Refused { code: code.to_owned(), message: message.to_owned() }
}

fn unheard_of(what: &str) -> PartnerError {
    PartnerError::Broken(format!("the partner knows no {what}").into())
}
