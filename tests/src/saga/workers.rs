//! Who works off the queues, and the sweeper, who comes by the clock.

use super::execution::Surroundings as _;
use super::run::{Run, TRIES};
use waybill_domain::relay::{NoticeMessage, RefundMessage};
use waybill_testkit::{World, at, block_on};

/// A queue's visibility timeout: a message that failed comes again after it.
const AGAIN: i64 = 180;

impl Run<'_> {
    /// Sends what is queued; a message that fails comes again, and is given up after some tries.
    pub(super) fn notify(&mut self) -> bool {
        let messages = self.ground.world.queues.take_notices();
        for message in &messages {
            if !(0..TRIES).any(|_| self.send(message)) {
                self.complaints.push(format!("a customer is never told: {:?}", message.notice));
            }
        }
        !messages.is_empty()
    }

    pub(super) fn send(&mut self, message: &NoticeMessage) -> bool {
        let World { orders, catalog, mailer, faults, .. } = &self.ground.world;
        let body = serde_json::to_string(message).unwrap_or_default();
        let pending = faults.pending();
        let sent = block_on(notify::handle(orders, catalog, mailer, &body, at(self.ground.clock))).is_ok();
        self.mail_in_doubt |= faults.pending() != pending;
        if !sent {
            self.ground.pass(AGAIN);
        }
        sent
    }

    /// Gives back what is queued; a message that fails comes again, and is given up after some tries.
    pub(super) fn give_back(&mut self) -> bool {
        let messages = self.ground.world.queues.take_refunds();
        for message in &messages {
            if !(0..TRIES).any(|_| self.refund(message)) {
                self.complaints.push(format!("refund {} is never given back", message.refund));
            }
        }
        !messages.is_empty()
    }

    pub(super) fn refund(&mut self, message: &RefundMessage) -> bool {
        let World { orders, processor, .. } = &self.ground.world;
        let body = serde_json::to_string(message).unwrap_or_default();
        let done = block_on(refund::handle(orders, processor, &body, at(self.ground.clock))).is_ok();
        if !done {
            self.ground.pass(AGAIN);
        }
        done
    }

    /// Nothing moves, but a payment that is waited for has its next time or its last, or the reservation its end: it comes,
    /// and with it the sweeper. Where no payment is waited for something was lost, and the sweeper comes sooner.
    pub(super) fn wait_for_the_clock(&mut self) -> bool {
        let pending = self.ground.stored().filter(|order| order.payment.is_pending());
        let timer = pending.and_then(|order| order.timer());
        let left = timer.map_or(0, |timer| timer.duration_since(at(self.ground.clock)).as_secs());
        if left > 0 {
            self.ground.pass(left + 1);
            self.look();
        }
        left > 0
    }

    /// The sweeper comes: soon while something should be moving, a day later once nothing can, for the longer an order has
    /// stood still, the later it is looked at again.
    pub(super) fn sweep(&mut self, times: u32) {
        let finished = self.ground.stored().is_some_and(|order| order.is_finished());
        self.ground.pass(if finished { 86_400 } else { 600 * 3_i64.pow(times) });
        self.look();
    }

    fn look(&mut self) {
        for _ in 0..TRIES {
            let swept =
                self.runtime.block_on(sweep::handle(&self.relay, &self.ground.world.stock, at(self.ground.clock)));
            if swept.is_ok_and(|swept| swept.failed == 0) {
                return;
            }
        }
        self.complaints.push("the sweeper fails".to_owned());
    }
}
