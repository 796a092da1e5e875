//! What goes wrong in a run.

use super::execution::Failure;
use waybill_lambda::Stage;
use waybill_testkit::Trouble;

/// One thing that goes wrong. Invocations of stages, calls of ports, records of the stream and waits are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disturbance {
    /// Nothing.
    None,
    /// This invocation fails before it does anything.
    Before(usize),
    /// This invocation does everything, and its answer is lost.
    After(usize),
    /// This invocation is made twice.
    Twice(usize),
    /// Every invocation is made twice.
    AllTwice,
    /// Every record of the stream is relayed twice.
    RelayedTwice,
    /// Every record of a stream, message of a queue and webhook is delivered several times, in an order made from this seed,
    /// and people go on meanwhile.
    Shuffled(u64),
    /// This record of the stream never reaches the relay.
    Lost(usize),
    /// This call of a port fails, as the testkit has it.
    Call(usize, Trouble),
    /// The order is called off right before this invocation.
    CancelledBefore(usize),
    /// Nobody comes to this wait before its deadline.
    Late(usize),
    /// Every invocation of the stage fails with this error, until it is mended.
    Stage(Stage, &'static str),
    /// Every call of that name is refused by the partner, until it is mended.
    Partner(&'static str),
}

impl Disturbance {
    /// Is it gone by itself after it has struck?
    #[must_use]
    pub fn passes(&self) -> bool {
        !matches!(self, Self::Stage(..) | Self::Partner(_))
    }

    /// The failure this invocation ends with before it does anything.
    pub(super) fn stops(&self, stage: Stage, number: usize) -> Option<Failure> {
        if *self == Self::Before(number) {
            return Some(Failure::new("Transient", "injected"));
        }
        if let Self::Stage(bad, error) = self
            && *bad == stage
        {
            return Some(Failure::new(*error, "injected"));
        }
        None
    }
}
