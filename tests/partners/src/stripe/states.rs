//! Where a payment intent can stand, and what it refuses there.

mod illegal;

pub use illegal::Illegal;

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
