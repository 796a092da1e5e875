//! Orders, claims and tokens; and the sweeper's list.

use super::books::Head;
use super::{MemoryOrders, commit};
use crate::faults::Sabotage;
use jiff::Timestamp;
use waybill_domain::id::{OrderId, TenantId, digest_of};
use waybill_domain::order::{Order, Wait};
use waybill_domain::ports::{Claim, Commit, Committed, Orders, StoreError, Watch};

impl Orders for MemoryOrders {
    async fn load(&self, tenant: &TenantId, id: &OrderId) -> Result<Option<Order>, StoreError> {
        self.0.faults.store("orders.load", || self.0.books().order(tenant, id)).await
    }

    async fn commit(&self, commit: Commit<'_>) -> Result<Committed, StoreError> {
        let work = || commit::commit(&mut self.0.books(), commit, &self.0.faults);
        self.0.faults.store("orders.commit", work).await
    }

    async fn tracked(&self, tenant: &TenantId, tracking_code: &str) -> Result<Option<OrderId>, StoreError> {
        let code = (tenant.clone(), tracking_code.to_owned());
        self.0.faults.store("orders.tracked", || Ok(self.0.books().tracking.get(&code).cloned())).await
    }

    async fn paid_with(&self, tenant: &TenantId, payment: &str) -> Result<Option<OrderId>, StoreError> {
        let payment = (tenant.clone(), payment.to_owned());
        self.0.faults.store("orders.paid_with", || Ok(self.0.books().payments.get(&payment).cloned())).await
    }

    async fn claim(&self, tenant: &TenantId, id: &OrderId, effect: &str, at: Timestamp) -> Result<Claim, StoreError> {
        let claim = (tenant.clone(), id.clone(), effect.to_owned());
        let work = || {
            let mut books = self.0.books();
            let known = books.claims.get(&claim).filter(|_| !self.0.faults.spares(Sabotage::Claims));
            if let Some(earlier) = known {
                return Ok(Claim::Earlier(*earlier));
            }
            books.claims.insert(claim, at);
            Ok(Claim::Ours)
        };
        self.0.faults.store("orders.claim", work).await
    }

    async fn claimed(&self, tenant: &TenantId, id: &OrderId, effect: &str) -> Result<Option<Timestamp>, StoreError> {
        let claim = (tenant.clone(), id.clone(), effect.to_owned());
        self.0.faults.store("orders.claimed", || Ok(self.0.books().claims.get(&claim).copied())).await
    }

    async fn unclaim(&self, tenant: &TenantId, id: &OrderId, effect: &str) -> Result<(), StoreError> {
        let claim = (tenant.clone(), id.clone(), effect.to_owned());
        let work = || {
            self.0.books().claims.remove(&claim);
            Ok(())
        };
        self.0.faults.store("orders.unclaim", work).await
    }

    async fn keep_token(
        &self,
        tenant: &TenantId,
        id: &OrderId,
        wait: Wait,
        token: &str,
        _at: Timestamp,
    ) -> Result<(), StoreError> {
        let key = (tenant.clone(), id.clone());
        let place = format!("{}#{}", wait.key(), &digest_of(&[token])[..8]);
        let work = || {
            self.0.books().tokens.insert((key, place), (wait, token.to_owned()));
            Ok(())
        };
        self.0.faults.store("orders.keep_token", work).await
    }

    async fn tokens(&self, tenant: &TenantId, id: &OrderId) -> Result<Vec<(Wait, String)>, StoreError> {
        self.0.faults.store("orders.tokens", || Ok(self.0.books().tokens_of(tenant, id))).await
    }
}

impl Watch for MemoryOrders {
    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<(TenantId, OrderId)>, StoreError> {
        let work = || {
            let books = self.0.books();
            let due = books.heads.iter().filter(|(_, head)| head.due.is_some_and(|due| due < now));
            Ok(due.map(|(key, _)| key.clone()).take(limit).collect())
        };
        self.0.faults.store("watch.due", work).await
    }

    async fn look_again(&self, tenant: &TenantId, id: &OrderId, at: Option<Timestamp>) -> Result<(), StoreError> {
        let key = (tenant.clone(), id.clone());
        let work = || {
            // An order that is done with has no mark and gets none; nor does one lose it that has gone on since the
            // sweeper looked.
            let may = |head: &&mut Head| head.due.is_some() && (at.is_some() || !head.reopened);
            if let Some(head) = self.0.books().heads.get_mut(&key).filter(may) {
                head.due = at;
            }
            Ok(())
        };
        self.0.faults.store("watch.look_again", work).await
    }
}
