//! Giving money back.

use crate::Desk;
use waybill_domain::order::{Order, RefundPart, RefundWish, Rejection};
use waybill_domain::ports::{Orders, PartnerError, PaymentProcessor, Return, ReturnStatus, Returned};
use waybill_lambda::{Fault, Halt};

impl<O: Orders, P: PaymentProcessor> Desk<'_, O, P> {
    /// Gives back every part of a refund that is asked for. What the processor refuses is recorded as failed, and staff
    /// are told.
    ///
    /// # Errors
    /// The processor or the store did not do what was asked; what is not given back stays asked for.
    pub async fn refund(&self, order: Order, number: u16) -> Result<Order, Halt> {
        let known = order.payment.refunds.iter().find(|known| known.refund.number == number);
        let known = known.ok_or_else(|| Fault::defect(format!("the order has no refund {number}")))?;
        let parts: Vec<_> = known.requested().map(|part| (part.clone(), known.effect(part.number))).collect();
        let mut order = order;
        for (part, effect) in parts {
            order = self.give_back(order, number, &part, &effect).await?;
        }
        Ok(order)
    }

    async fn give_back(&self, order: Order, number: u16, part: &RefundPart, effect: &str) -> Result<Order, Halt> {
        let is_processed = order.payment.tender(part.tender).is_some_and(|state| state.tender.is_processed());
        if !is_processed {
            let reference = part.payment.clone();
            return self.record(order, |order| order.decide_refunded(number, part.number, reference.clone())).await;
        }
        let payment = &part.payment;
        let truth = async || {
            let refunds = self.processor.refunds(payment).await?;
            Ok(refunds.into_iter().find(|refund| refund.effect.as_deref() == Some(effect)))
        };
        let call = async |key: &str| {
            let wish = Return { reference: payment, amount: part.amount, effect, key };
            self.processor.refund(&wish).await
        };
        match self.once(&order, effect, truth, call).await {
            Ok(returned) => self.returned(order, number, part, &returned).await,
            Err(PartnerError::Refused { code, message }) => {
                let order = self.refused(order, effect, &code, &message).await?;
                self.failed(order, number, part, "", &code).await
            }
            Err(error @ (PartnerError::Unavailable(_) | PartnerError::Spent(_) | PartnerError::Broken(_))) => {
                Err(error.into())
            }
        }
    }

    /// What the processor says of a part of a refund, recorded. On its way counts as given back: the money has left us,
    /// and a failure brings it back.
    pub(crate) async fn returned(
        &self,
        order: Order,
        number: u16,
        part: &RefundPart,
        returned: &Returned,
    ) -> Result<Order, Halt> {
        let reference = &returned.reference;
        match &returned.status {
            ReturnStatus::Pending | ReturnStatus::Succeeded => {
                self.record(order, |order| order.decide_refunded(number, part.number, reference.clone())).await
            }
            ReturnStatus::Failed { code } => self.failed(order, number, part, reference, code).await,
        }
    }

    async fn failed(
        &self,
        order: Order,
        number: u16,
        part: &RefundPart,
        reference: &str,
        code: &str,
    ) -> Result<Order, Halt> {
        let decide =
            |order: &Order| order.decide_refund_failed(number, part.number, reference.to_owned(), code.to_owned());
        let order = self.record(order, decide).await?;
        let reason = format!("refund {number} of {} failed ({code}): it is still owed", part.amount);
        self.tell_staff(order, &reason, false).await
    }

    /// Asks for what was taken and is not owed to be given back; where a channel took it, tells staff.
    ///
    /// # Errors
    /// The store did not do what was asked.
    pub async fn return_overcharge(&self, order: Order) -> Result<Order, Halt> {
        let overcharge = order.overcharge()?;
        if overcharge.is_zero() {
            return Ok(order);
        }
        let Ok(reason) = "taken and not owed".to_owned().try_into() else { return Ok(order) };
        let wish = RefundWish { lines: Vec::new(), shipping: None, goodwill: None, overcharge: true, reason };
        match order.quote_refund(&wish) {
            Ok(_) => {
                let decide = |order: &Order| {
                    if order.overcharge()?.is_zero() { Ok(None) } else { order.decide_refund(&wish, None) }
                };
                self.record(order, decide).await
            }
            Err(Rejection::NotAllowed { .. }) => {
                let reason =
                    format!("{overcharge} was taken and is not owed: it has to be given back where it was taken");
                self.tell_staff(order, &reason, false).await
            }
            Err(other) => Err(other.into()),
        }
    }
}
