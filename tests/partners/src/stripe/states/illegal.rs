//! What an intent refuses, in the processor's words.

use super::Status;
use crate::stripe::wishes::NEEDS_RETURN_URL;
use thiserror::Error;

/// What an intent refuses.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Illegal {
    /// A capture where all has been captured or released.
    #[error("This PaymentIntent could not be captured because it has already been captured.")]
    AlreadyCaptured,
    /// A capture where nothing is held. So it is with a hold that has lapsed, too: the intent was canceled then
    /// (`charge_expired_for_capture` is what the older Charges API says).
    #[error(
        "This PaymentIntent could not be captured because it has a status of {}. Only a PaymentIntent with one of the \
         following statuses may be captured: requires_capture.",
        .0.as_str()
    )]
    NotCapturable(Status),
    /// A capture of more than is held.
    #[error(
        "The payment could not be captured because the requested capture amount is greater than the authorized amount."
    )]
    OverCapture,
    /// A capture of 0 which is not the last one of several.
    #[error("This value must be greater than or equal to 1.")]
    CaptureOfNothing,
    /// A capture that is to leave a remainder, without multicapture.
    #[error("`final_capture` can only be false when multicapture is available for this PaymentIntent.")]
    NoMulticapture,
    /// One capture more than the processor allows.
    #[error("This PaymentIntent could not be captured because it has been captured 50 times, which is the maximum.")]
    TooManyCaptures,
    /// A cancel where money has moved, or nothing is left to cancel.
    #[error(
        "You cannot cancel this PaymentIntent because it has a status of {}. Only a PaymentIntent with one of the \
         following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, \
         requires_action, processing.",
        .0.as_str()
    )]
    NotCancelable(Status),
    /// A confirmation of what has been confirmed, or is over.
    #[error(
        "You cannot confirm this PaymentIntent because it has a status of {}. Only a PaymentIntent with one of the \
         following statuses may be confirmed: requires_confirmation, requires_action, requires_payment_method.",
        .0.as_str()
    )]
    NotConfirmable(Status),
    /// A confirmation without anything to charge.
    #[error(
        "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the \
         PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment \
         method or ConfirmationToken."
    )]
    NoPaymentMethod,
    /// A confirmation without an address to come back to.
    #[error("{NEEDS_RETURN_URL}")]
    NoReturnUrl,
    /// A change of what can no longer be changed.
    #[error(
        "This PaymentIntent's {0} could not be updated because it has a status of {status}. You may only update the {0} \
         of a PaymentIntent with one of the following statuses: requires_payment_method, requires_confirmation, \
         requires_action.",
        status = .1.as_str()
    )]
    NotUpdatable(&'static str, Status),
    /// A shopper who comes back from nowhere.
    #[error("This PaymentIntent waits for no authentication: it has a status of {}.", .0.as_str())]
    NothingToAuthenticate(Status),
    /// A refund where nothing was captured.
    #[error("This PaymentIntent ({0}) does not have a successful charge to refund.")]
    NothingToRefund(String),
    /// A refund where all has been given back.
    #[error("Charge {0} has already been refunded.")]
    AlreadyRefunded(String),
    /// A refund of what the issuer has taken back.
    #[error("Charge {0} has been charged back; cannot issue a refund.")]
    ChargedBack(String),
    /// A refund of more than is left.
    #[error("Refund amount ({asked}) is greater than unrefunded amount on charge ({left})")]
    OverRefund {
        /// What was asked, for people.
        asked: String,
        /// What is left, for people.
        left: String,
    },
}

impl Illegal {
    /// The machine-readable reason, where there is one.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::AlreadyCaptured
            | Self::NotCapturable(_)
            | Self::NotCancelable(_)
            | Self::NotConfirmable(_)
            | Self::NoPaymentMethod
            | Self::NotUpdatable(..)
            | Self::NothingToAuthenticate(_) => Some("payment_intent_unexpected_state"),
            Self::OverCapture => Some("amount_too_large"),
            Self::CaptureOfNothing => Some("parameter_invalid_integer"),
            Self::AlreadyRefunded(_) => Some("charge_already_refunded"),
            Self::ChargedBack(_) => Some("charge_disputed"),
            Self::NoMulticapture
            | Self::TooManyCaptures
            | Self::NoReturnUrl
            | Self::NothingToRefund(_)
            | Self::OverRefund { .. } => None,
        }
    }

    /// The parameter at fault.
    pub const fn param(&self) -> Option<&'static str> {
        match self {
            Self::OverCapture | Self::CaptureOfNothing => Some("amount_to_capture"),
            Self::NoMulticapture => Some("final_capture"),
            Self::NoReturnUrl => Some("return_url"),
            Self::NothingToRefund(_) => Some("payment_intent"),
            Self::OverRefund { .. } => Some("amount"),
            Self::NotUpdatable(name, _) => Some(*name),
            Self::AlreadyCaptured
            | Self::NotCapturable(_)
            | Self::TooManyCaptures
            | Self::NotCancelable(_)
            | Self::NotConfirmable(_)
            | Self::NoPaymentMethod
            | Self::NothingToAuthenticate(_)
            | Self::AlreadyRefunded(_)
            | Self::ChargedBack(_) => None,
        }
    }

    /// Whether the answer carries the intent.
    pub fn shows_intent(&self) -> bool {
        self.code() == Some("payment_intent_unexpected_state")
    }
}
