//! An order's money, the processor and the clock in one hand.

use jiff::Timestamp;
use waybill_domain::order::{Decided, Order};
use waybill_domain::ports::{Orders, PaymentProcessor};
use waybill_lambda::{Advanced, Halt, advance, try_advance};

/// What the flows work with.
#[derive(Debug)]
pub struct Desk<'a, O, P> {
    /// Where orders are kept.
    pub orders: &'a O,
    /// Who holds and takes money.
    pub processor: &'a P,
    /// Who is recorded as the cause.
    pub actor: String,
    /// Now, UTC.
    pub now: Timestamp,
}

impl<O: Orders, P: PaymentProcessor> Desk<'_, O, P> {
    /// Records what `decide` leads to.
    pub(crate) async fn record(&self, order: Order, decide: impl Fn(&Order) -> Decided) -> Result<Order, Halt> {
        advance(self.orders, order, &self.actor, self.now, decide).await
    }

    /// Records what `decide` leads to, or answers why it cannot be.
    pub(crate) async fn try_record(&self, order: Order, decide: impl Fn(&Order) -> Decided) -> Result<Advanced, Halt> {
        try_advance(self.orders, order, &self.actor, self.now, decide).await
    }

    /// Tells staff, once per reason.
    pub(crate) async fn tell_staff(&self, order: Order, reason: &str, retry: bool) -> Result<Order, Halt> {
        self.record(order, |order| order.decide_exception("payment", None, reason, retry)).await
    }

    /// A refusal by the processor, on the timeline.
    pub(crate) async fn refused(&self, order: Order, effect: &str, code: &str, message: &str) -> Result<Order, Halt> {
        self.record(order, |order| order.decide_partner_refused("payment", effect, code, message)).await
    }
}
