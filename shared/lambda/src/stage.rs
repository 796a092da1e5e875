//! The workflow's tasks.

/// A stage: one Lambda, one folder, one package, one binary of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Applies the merchant's policy.
    Screen,
    /// Has the money held.
    Authorize,
    /// Waits until a payment may be tried again.
    AwaitPayment,
    /// Waits for a person to approve.
    Review,
    /// Chooses sites.
    Route,
    /// Waits until units come that were promised.
    AwaitStock,
    /// Waits for a pick.
    Pick,
    /// Waits for a pack.
    Pack,
    /// Buys the label.
    Ship,
    /// Waits for the hand-over.
    HandOver,
    /// Takes stock out and money in.
    Dispatch,
    /// Waits for delivery.
    Complete,
    /// Tells staff.
    OpenException,
    /// Ends an order the system cannot go on with.
    Abandon,
    /// Gives a label back.
    VoidLabel,
    /// Lets held money go.
    VoidPayment,
    /// Gives stock back.
    ReleaseStock,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 17] = [
        Self::Screen,
        Self::Authorize,
        Self::AwaitPayment,
        Self::Review,
        Self::Route,
        Self::AwaitStock,
        Self::Pick,
        Self::Pack,
        Self::Ship,
        Self::HandOver,
        Self::Dispatch,
        Self::Complete,
        Self::OpenException,
        Self::Abandon,
        Self::VoidLabel,
        Self::VoidPayment,
        Self::ReleaseStock,
    ];

    /// The name of its folder, package and binary.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Screen => "screen",
            Self::Authorize => "authorize",
            Self::AwaitPayment => "await-payment",
            Self::Review => "review",
            Self::Route => "route",
            Self::AwaitStock => "await-stock",
            Self::Pick => "pick",
            Self::Pack => "pack",
            Self::Ship => "ship",
            Self::HandOver => "hand-over",
            Self::Dispatch => "dispatch",
            Self::Complete => "complete",
            Self::OpenException => "open-exception",
            Self::Abandon => "abandon",
            Self::VoidLabel => "void-label",
            Self::VoidPayment => "void-payment",
            Self::ReleaseStock => "release-stock",
        }
    }

    /// Who it is on timelines: `stage:` and its name.
    #[must_use]
    pub fn actor(self) -> String {
        format!("stage:{}", self.name())
    }

    /// Does the workflow hand it a task token and stand still?
    #[must_use]
    pub fn waits(self) -> bool {
        match self {
            Self::AwaitPayment
            | Self::Review
            | Self::AwaitStock
            | Self::Pick
            | Self::Pack
            | Self::HandOver
            | Self::Complete => true,
            Self::Screen
            | Self::Authorize
            | Self::Route
            | Self::Ship
            | Self::Dispatch
            | Self::OpenException
            | Self::Abandon
            | Self::VoidLabel
            | Self::VoidPayment
            | Self::ReleaseStock => false,
        }
    }

    /// The stage that undoes its effect before hand-over; `None` where there is nothing to undo, or (`Dispatch`)
    /// where the goods have left and staff decide.
    #[must_use]
    pub fn undone_by(self) -> Option<Self> {
        match self {
            Self::Authorize => Some(Self::VoidPayment),
            Self::Route => Some(Self::ReleaseStock),
            Self::Ship => Some(Self::VoidLabel),
            Self::Screen
            | Self::AwaitPayment
            | Self::Review
            | Self::AwaitStock
            | Self::Pick
            | Self::Pack
            | Self::HandOver
            | Self::Dispatch
            | Self::Complete
            | Self::OpenException
            | Self::Abandon
            | Self::VoidLabel
            | Self::VoidPayment
            | Self::ReleaseStock => None,
        }
    }
}
