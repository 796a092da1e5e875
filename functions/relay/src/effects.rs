//! Effects, carried out.

use crate::pace::Pace;
use std::time::Instant;
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::order::{Answer, Wait};
use waybill_domain::ports::{Orders, Queues, StoreError, Workflows};
use waybill_domain::relay::{Effect, NoticeMessage, RefundMessage};

/// What effects are carried out with.
#[derive(Debug)]
pub struct Relay<O, W, Q> {
    /// Where orders and their tokens are kept.
    pub orders: O,
    /// The workflow service.
    pub workflows: W,
    /// The queues of messages to customers and of refunds.
    pub queues: Q,
    /// How fast workflows may be started.
    pub pace: Pace,
}

impl<O: Orders, W: Workflows, Q: Queues> Relay<O, W, Q> {
    /// Carries out one effect of an order. Safe to repeat.
    ///
    /// # Errors
    /// The outside did not take it; nothing is lost, the same effect is to be tried again.
    pub async fn carry_out(&self, tenant: &TenantId, id: &OrderId, effect: Effect) -> Result<(), StoreError> {
        match effect {
            Effect::Start { attempt } => {
                let pause = self.pace.take(Instant::now());
                if !pause.is_zero() {
                    tokio::time::sleep(pause).await;
                }
                self.workflows.start(tenant, id, attempt).await
            }
            Effect::Answer(wait) => self.answer(tenant, id, |kept| kept == wait).await,
            Effect::AnswerAll => self.answer(tenant, id, |_| true).await,
            Effect::Notify(notice) => {
                let message = NoticeMessage { tenant: tenant.clone(), order_id: id.clone(), notice };
                self.queues.notice(&message).await
            }
            Effect::Refund { number, attempt } => {
                let (tenant, order_id) = (tenant.clone(), id.clone());
                self.queues.refund(&RefundMessage { tenant, order_id, refund: number, attempt }).await
            }
        }
    }

    /// Answers the waits whose tokens are kept and that the order has an answer to.
    async fn answer(&self, tenant: &TenantId, id: &OrderId, which: impl Fn(Wait) -> bool) -> Result<(), StoreError> {
        let mut tokens = self.orders.tokens(tenant, id).await?;
        tokens.retain(|(wait, _)| which(*wait));
        if tokens.is_empty() {
            return Ok(());
        }
        let Some(order) = self.orders.load(tenant, id).await? else { return Ok(()) };
        for (wait, token) in tokens {
            match order.answer(wait) {
                Some(Answer::Success) => self.workflows.succeed(&token).await?,
                Some(Answer::Refused) => self.workflows.refuse(&token).await?,
                None => {}
            }
        }
        Ok(())
    }
}
