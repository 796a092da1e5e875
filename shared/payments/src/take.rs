//! Taking held money, shipment by shipment.

use crate::Desk;
use waybill_domain::money::Money;
use waybill_domain::order::{Authorization, Order};
use waybill_domain::ports::{Authorized, Held, Orders, PartnerError, PaymentProcessor};
use waybill_lambda::{Fault, Halt};

/// The effect of taking a shipment's money of a tender, noted at the processor with the capture.
#[must_use]
pub(crate) fn effect(fulfillment: u16, tender: u16) -> String {
    format!("capture-{fulfillment}-{tender}")
}

/// The fulfillment order and the tender of such an effect.
pub(crate) fn parts_of(effect: &str) -> Option<(u16, u16)> {
    let (fulfillment, tender) = effect.strip_prefix("capture-")?.split_once('-')?;
    Some((fulfillment.parse().ok()?, tender.parse().ok()?))
}

/// What is to be taken.
struct Taking<'a> {
    fulfillment: u16,
    tender: u16,
    amount: Money,
    hold: &'a Authorization,
    others: Vec<&'a str>,
}

impl<O: Orders, P: PaymentProcessor> Desk<'_, O, P> {
    /// Takes the money of a shipment, of each tender its share. A hold that lapsed is made anew first.
    ///
    /// # Errors
    /// `Defect` when it cannot be taken (it is on the timeline): the goods have left, so staff decide. `Conflict` when a
    /// hold turns out to be gone: the next run makes it anew.
    pub async fn capture(&self, order: Order, fulfillment: u16) -> Result<Order, Halt> {
        let lapsed: Vec<String> = order.lapsed_holds(self.now).map(|hold| hold.reference.clone()).collect();
        let mut order = order;
        for reference in lapsed {
            order = self.hear_payment(order, &reference).await?;
        }
        if order.captures_wanted(fulfillment)?.is_empty() {
            return Ok(order);
        }
        order = self.authorize(order).await?;
        for (tender, amount) in order.captures_wanted(fulfillment)? {
            order = self.take(order, fulfillment, tender, amount).await?;
        }
        Ok(order)
    }

    async fn take(&self, order: Order, fulfillment: u16, tender: u16, amount: Money) -> Result<Order, Halt> {
        let nothing = || Fault::defect(format!("nothing is held to take {amount} of tender {tender}"));
        let state = order.payment.tender(tender).ok_or_else(nothing)?;
        let hold = state.hold().cloned().ok_or_else(nothing)?;
        if !state.tender.is_processed() {
            let last = order.is_last_capture(fulfillment, tender);
            let reference = hold.reference;
            let decide = |order: &Order| order.decide_captured(tender, Some(fulfillment), amount, &reference, last);
            return self.record(order, decide).await;
        }
        let others = state.holds.iter().map(|hold| hold.reference.as_str()).collect();
        match self.ask_to_capture(&order, Taking { fulfillment, tender, amount, hold: &hold, others }).await {
            Ok(seen) => self.hear_captures(order, &seen).await,
            Err(PartnerError::Refused { code, message }) => {
                let order = self.refused(order, &effect(fulfillment, tender), &code, &message).await?;
                let order = self.hear_payment(order, &hold.reference).await?;
                let gone = order.payment.tender(tender).and_then(|state| state.hold());
                if gone.is_none_or(|now| now.reference != hold.reference) {
                    return Err(Fault::Conflict(format!("the hold is gone: {code}").into()).into());
                }
                Err(Fault::defect(format!("the processor refused to capture {amount}: {code}")).into())
            }
            Err(error @ (PartnerError::Unavailable(_) | PartnerError::Spent(_) | PartnerError::Broken(_))) => {
                Err(error.into())
            }
        }
    }

    /// The truth is what is noted with the capture itself, on any hold of the tender. A card that does not keep the rest
    /// of a hold is captured for the last time: the rest is held anew when it is needed.
    async fn ask_to_capture(&self, order: &Order, taking: Taking<'_>) -> Result<Held, PartnerError> {
        let Taking { fulfillment, tender, amount, hold, others } = taking;
        let noted = effect(fulfillment, tender);
        let claim = format!("{noted}-{}", hold.reference);
        let truth = async || {
            for reference in &others {
                if let Authorized::Held(held) = self.processor.look_up(reference).await?
                    && held.captures.contains_key(&noted)
                {
                    return Ok(Some(held));
                }
            }
            Ok(None)
        };
        let last = order.is_last_capture(fulfillment, tender);
        let call = async |key: &str| {
            let key = if last { format!("{key}-last") } else { key.to_owned() };
            self.processor.capture(&hold.reference, amount, last, &noted, &key).await
        };
        let held = self.once(order, &claim, truth, call).await;
        if let Err(PartnerError::Refused { .. }) = held
            && !last
        {
            let claim = format!("{claim}-whole");
            let call = async |key: &str| self.processor.capture(&hold.reference, amount, true, &noted, key).await;
            return self.once(order, &claim, truth, call).await;
        }
        held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effect_names_its_shipment_and_its_tender() {
        assert_eq!(parts_of(&effect(3, 2)), Some((3, 2)));
        assert_eq!(parts_of("refund-1-2"), None);
        assert_eq!(parts_of("capture-1"), None);
    }
}
