//! Leased records of calls that are done once per key.

use super::MemoryOrders;
use super::books::{Leased, broken};
use jiff::{SignedDuration, Timestamp};
use waybill_domain::id::TenantId;
use waybill_domain::ports::{Begun, Requests, StoreError};

impl Requests for MemoryOrders {
    async fn begin(
        &self,
        tenant: &TenantId,
        key: &str,
        body: &str,
        lease: SignedDuration,
        at: Timestamp,
    ) -> Result<Begun, StoreError> {
        let place = (tenant.clone(), key.to_owned());
        let work = || {
            let until = at.checked_add(lease).map_err(|error| broken(error.to_string()))?;
            let mut books = self.0.books();
            match books.requests.get(&place) {
                Some(known) if known.body != body => return Ok(Begun::Reused),
                Some(Leased { done: Some((status, answer)), .. }) => {
                    return Ok(Begun::Done { status: *status, answer: answer.clone() });
                }
                Some(known) if known.until >= at => return Ok(Begun::Running),
                Some(_) | None => {}
            }
            books.requests.insert(place, Leased { body: body.to_owned(), until, done: None });
            Ok(Begun::Ours)
        };
        self.0.faults.store("requests.begin", work).await
    }

    async fn finish(
        &self,
        tenant: &TenantId,
        key: &str,
        status: u16,
        answer: &str,
        _at: Timestamp,
    ) -> Result<(), StoreError> {
        let place = (tenant.clone(), key.to_owned());
        let work = || {
            let mut books = self.0.books();
            let known = books.requests.get_mut(&place).ok_or(StoreError::Conflict)?;
            // Two have done it, one after the other's lease: the first answer stands.
            known.done.get_or_insert_with(|| (status, answer.to_owned()));
            Ok(())
        };
        self.0.faults.store("requests.finish", work).await
    }

    async fn give_up(&self, tenant: &TenantId, key: &str) -> Result<(), StoreError> {
        let place = (tenant.clone(), key.to_owned());
        let work = || {
            let mut books = self.0.books();
            if books.requests.get(&place).is_some_and(|known| known.done.is_none()) {
                books.requests.remove(&place);
            }
            Ok(())
        };
        self.0.faults.store("requests.give_up", work).await
    }
}
