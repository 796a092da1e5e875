//! Where a payment intent can stand, and what it refuses there.

use thiserror::Error;

/// Where an intent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing to charge yet, or the last try was declined.
    RequiresPaymentMethod,
    /// A payment method is named, but not yet charged.
    RequiresConfirmation,
    /// The shopper must act.
    RequiresAction,
    /// An amount is held.
    RequiresCapture,
    /// Money has moved and nothing is held any more.
    Succeeded,
    /// Nothing is held, and nothing will be.
    Canceled,
}

impl Status {
    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::RequiresAction => "requires_action",
            Self::RequiresCapture => "requires_capture",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }
}

/// What an intent refuses.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Illegal {
    /// A capture where all has been captured or released.
    #[error("This PaymentIntent could not be captured because it has already been captured.")]
    AlreadyCaptured,
    /// A capture where nothing is held.
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
    /// A capture that is to leave a remainder, without multicapture.
    #[error("`final_capture` can only be false when multicapture is available for this PaymentIntent.")]
    NoMulticapture,
    /// A cancel where money has moved, or nothing is left to cancel.
    #[error(
        "You cannot cancel this PaymentIntent because it has a status of {}. Only a PaymentIntent with one of the \
         following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, \
         requires_action, processing.",
        .0.as_str()
    )]
    NotCancelable(Status),
    /// A refund where nothing was captured.
    #[error("This PaymentIntent ({0}) does not have a successful charge to refund.")]
    NothingToRefund(String),
    /// A refund where all has been given back.
    #[error("Charge {0} has already been refunded.")]
    AlreadyRefunded(String),
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
            Self::AlreadyCaptured | Self::NotCapturable(_) | Self::NotCancelable(_) => {
                Some("payment_intent_unexpected_state")
            }
            Self::OverCapture => Some("amount_too_large"),
            Self::AlreadyRefunded(_) => Some("charge_already_refunded"),
            Self::NoMulticapture | Self::NothingToRefund(_) | Self::OverRefund { .. } => None,
        }
    }

    /// The parameter at fault.
    pub const fn param(&self) -> Option<&'static str> {
        match self {
            Self::OverCapture => Some("amount_to_capture"),
            Self::NoMulticapture => Some("final_capture"),
            Self::NothingToRefund(_) => Some("payment_intent"),
            Self::OverRefund { .. } => Some("amount"),
            Self::AlreadyCaptured | Self::NotCapturable(_) | Self::NotCancelable(_) | Self::AlreadyRefunded(_) => None,
        }
    }

    /// Whether the answer carries the intent.
    pub fn shows_intent(&self) -> bool {
        self.code() == Some("payment_intent_unexpected_state")
    }
}
