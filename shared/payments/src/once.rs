//! Claim, call, ask for the truth: one effect per id, whatever is lost.

use crate::Desk;
use waybill_domain::order::Order;
use waybill_domain::ports::{Claim, Orders, PartnerError, PaymentProcessor};

/// How many keys one effect may use up. Each is given up only after the processor answered it with a failure it repeats.
pub(crate) const KEYS: u8 = 4;

impl<O: Orders, P: PaymentProcessor> Desk<'_, O, P> {
    /// Has `call` done once for `effect`. It is given the Idempotency-Key to use; `truth` tells whether it has happened.
    ///
    /// # Errors
    /// The call's, or the truth's. `Unavailable`: the effect may or may not have happened, and the next run asks first.
    pub(crate) async fn once<T>(
        &self,
        order: &Order,
        effect: &str,
        truth: impl AsyncFn() -> Result<Option<T>, PartnerError>,
        call: impl AsyncFn(&str) -> Result<T, PartnerError>,
    ) -> Result<T, PartnerError> {
        for spent in 0..KEYS {
            let effect = if spent == 0 { effect.to_owned() } else { format!("{effect}.{spent}") };
            let claim = self.orders.claim(&order.tenant, &order.id, &effect, self.now).await;
            let claim = claim.map_err(|error| PartnerError::Unavailable(error.into()))?;
            if let Claim::Earlier(_) = claim
                && let Some(done) = truth().await?
            {
                return Ok(done);
            }
            match call(&format!("{}-{effect}", order.id)).await {
                Err(PartnerError::Spent(_)) => {
                    if let Some(done) = truth().await? {
                        return Ok(done);
                    }
                }
                answer => return answer,
            }
        }
        Err(PartnerError::Unavailable("every key of the effect was answered with a failure".into()))
    }
}
