//! The processor's truth, recorded: what webhooks, returning shoppers and lost answers have in common. The order of
//! arrival does not matter: the processor is asked how things stand, and what is known already is no news.

use crate::Desk;
use crate::hold::new_hold;
use crate::take::parts_of;
use waybill_domain::order::{Order, Tender};
use waybill_domain::ports::{Authorized, Held, Orders, PaymentProcessor, ReturnStatus, Returned};
use waybill_lambda::{Advanced, Halt};

impl<O: Orders, P: PaymentProcessor> Desk<'_, O, P> {
    /// How a payment stands at the processor, recorded: held, taken, lapsed, or given up.
    ///
    /// # Errors
    /// The processor or the store did not do what was asked.
    pub async fn hear_payment(&self, order: Order, payment: &str) -> Result<Order, Halt> {
        let held = match self.processor.look_up(payment).await? {
            Authorized::Held(held) => held,
            Authorized::Declined { code } => {
                return self.record(order, |order| order.decide_action_failed(payment, code.clone(), self.now)).await;
            }
            Authorized::ActionRequired { .. } => return Ok(order),
        };
        let order = self.adopt(order, &held).await?;
        let order = self.hear_captures(order, &held).await?;
        let order = self.hear_outside_captures(order, &held).await?;
        self.hear_end(order, &held).await
    }

    /// A hold of this order that we learn of now is recorded.
    async fn adopt(&self, order: Order, held: &Held) -> Result<Order, Halt> {
        let ours = held.owner.as_ref().filter(|owner| owner.tenant == order.tenant && owner.order == order.id);
        let Some(owner) = ours.filter(|_| !held.voided) else { return Ok(order) };
        match self.try_record(order, |order| order.decide_authorized(owner.tender, new_hold(held))).await? {
            Advanced::Order(order)
            | Advanced::Taken(order)
            | Advanced::Overdrawn(order)
            | Advanced::Short(order, _) => Ok(order),
        }
    }

    /// Our own captures, each noted with its effect: also those whose answer we have not heard.
    pub(crate) async fn hear_captures(&self, order: Order, held: &Held) -> Result<Order, Halt> {
        let mut order = order;
        for (effect, amount) in &held.captures {
            let Some((fulfillment, tender)) = parts_of(effect) else { continue };
            let decide = |order: &Order| {
                let known = order.payment.tender(tender).is_some_and(|state| {
                    let ours = state.holds.iter().find(|hold| hold.reference == held.reference);
                    // Closed only when everything taken of it is in our books.
                    ours.is_some_and(|ours| ours.captured.plus(*amount).is_ok_and(|all| all == held.captured))
                });
                let last = known && held.capturable.is_zero();
                order.decide_captured(tender, Some(fulfillment), *amount, &held.reference, last)
            };
            order = self.record(order, decide).await?;
        }
        self.hear_prepaid(order, held).await
    }

    /// A storefront's payment that was taken at once: ahead of all shipments.
    async fn hear_prepaid(&self, order: Order, held: &Held) -> Result<Order, Halt> {
        let Some(state) = order.payment.tender_of(&held.reference) else { return Ok(order) };
        let at_once = matches!(state.tender, Tender::Confirmed { .. }) && held.captured == held.amount;
        if !at_once || state.captured.minor() > 0 {
            return Ok(order);
        }
        let tender = state.number;
        self.record(order, |order| order.decide_captured(tender, None, held.captured, &held.reference, true)).await
    }

    /// What somebody else took.
    async fn hear_outside_captures(&self, order: Order, held: &Held) -> Result<Order, Halt> {
        let before = order.version;
        let order = self.record(order, |order| order.decide_captured_outside(&held.reference, held.captured)).await?;
        if order.version == before {
            return Ok(order);
        }
        let reason = format!("money of payment {} was taken by somebody else", held.reference);
        let order = self.tell_staff(order, &reason, false).await?;
        self.tell_of_broken_bounds(order).await
    }

    /// Nothing more can be taken of it: let go by us, by somebody else, or lapsed.
    async fn hear_end(&self, order: Order, held: &Held) -> Result<Order, Halt> {
        let known = order
            .payment
            .tender_of(&held.reference)
            .and_then(|state| state.holds.iter().find(|hold| hold.reference == held.reference));
        let is_open = known.is_some_and(|hold| hold.open && hold.captured == held.captured && !hold.amount.is_zero());
        if !is_open || (!held.voided && held.capturable.minor() > 0) {
            return Ok(order);
        }
        let unneeded = order.unneeded_holds()?.iter().any(|unneeded| unneeded.reference == held.reference);
        let decide = |order: &Order| {
            if unneeded { order.decide_voided(&held.reference) } else { order.decide_lapsed(&held.reference) }
        };
        self.record(order, decide).await
    }

    /// How a payment's refunds stand at the processor, recorded.
    ///
    /// # Errors
    /// The processor or the store did not do what was asked.
    pub async fn hear_refunds(&self, order: Order, payment: &str) -> Result<Order, Halt> {
        let mut order = order;
        for returned in self.processor.refunds(payment).await? {
            order = self.hear_refund(order, payment, &returned).await?;
        }
        self.tell_of_broken_bounds(order).await
    }

    async fn hear_refund(&self, order: Order, payment: &str, returned: &Returned) -> Result<Order, Halt> {
        let part = order.payment.refunds.iter().find_map(|known| {
            let ours = known.parts.iter().find(|(part, _)| {
                returned.effect.as_deref() == Some(known.effect(part.number).as_str()) && part.payment == payment
            });
            ours.map(|(part, _)| (known.refund.number, part.clone()))
        });
        if let Some((number, part)) = part {
            return self.returned(order, number, &part, returned).await;
        }
        let reference = &returned.reference;
        let before = order.version;
        let order = match &returned.status {
            ReturnStatus::Pending | ReturnStatus::Succeeded => {
                let amount = returned.amount;
                self.record(order, |order| order.decide_refunded_outside(payment, amount, reference)).await?
            }
            ReturnStatus::Failed { code } => {
                self.record(order, |order| order.decide_refund_failed_outside(reference, code.clone())).await?
            }
        };
        if order.version == before {
            return Ok(order);
        }
        let reason = format!("refund {reference} of {} was made by somebody else", returned.amount);
        self.tell_staff(order, &reason, false).await
    }

    /// How a dispute stands at the processor, recorded; staff are told when it opens.
    ///
    /// # Errors
    /// The processor or the store did not do what was asked.
    pub async fn hear_dispute(&self, order: Order, dispute: &str) -> Result<Order, Halt> {
        let seen = self.processor.dispute(dispute).await?;
        let before = order.version;
        // Opened, then closed: each once.
        let order = self.record(order, |order| order.decide_disputed(&seen)).await?;
        let order = self.record(order, |order| order.decide_disputed(&seen)).await?;
        if order.version == before {
            return Ok(order);
        }
        let due = seen.evidence_due.map(|due| format!(", evidence is taken until {due}")).unwrap_or_default();
        let reason = format!("{} is disputed ({}){due}", seen.amount, seen.reason);
        let order = self.tell_staff(order, &reason, false).await?;
        self.tell_of_broken_bounds(order).await
    }

    async fn tell_of_broken_bounds(&self, order: Order) -> Result<Order, Halt> {
        let mut order = order;
        for broken in order.broken_bounds() {
            order = self.tell_staff(order, &broken, false).await?;
        }
        Ok(order)
    }
}
