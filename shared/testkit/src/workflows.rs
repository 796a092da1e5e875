//! The workflow service, which remembers what it was told.

use crate::faults::{Faults, Sabotage, copied, locked};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::order::Answer;
use waybill_domain::ports::{StoreError, Workflows};

/// A workflow that was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// Whose order.
    pub tenant: TenantId,
    /// Which order.
    pub id: OrderId,
    /// Which start of it.
    pub attempt: u32,
}

impl Started {
    /// The execution's name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}-{}", self.id, self.attempt)
    }
}

#[derive(Clone, Debug, Default)]
struct Books {
    started: Vec<Started>,
    answers: BTreeMap<String, Answer>,
}

/// The workflow service.
#[derive(Clone, Debug, Default)]
pub struct MemoryWorkflows {
    books: Arc<Mutex<Books>>,
    faults: Faults,
}

impl MemoryWorkflows {
    /// Nothing started.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing started; fails when `faults` say so.
    #[must_use]
    pub fn failing(faults: Faults) -> Self {
        Self { books: Arc::default(), faults }
    }

    pub(crate) fn copy(&self, faults: &Faults) -> Self {
        Self { books: copied(&self.books), faults: faults.clone() }
    }

    /// What was started, each name once, in order.
    #[must_use]
    pub fn started(&self) -> Vec<Started> {
        locked(&self.books).started.clone()
    }

    /// What a token's wait was answered with; the first answer stands.
    #[must_use]
    pub fn answer(&self, token: &str) -> Option<Answer> {
        locked(&self.books).answers.get(token).copied()
    }

    /// Every token answered, and with what.
    #[must_use]
    pub fn answers(&self) -> BTreeMap<String, Answer> {
        locked(&self.books).answers.clone()
    }

    fn settle(&self, token: &str, answer: Answer) {
        locked(&self.books).answers.entry(token.to_owned()).or_insert(answer);
    }
}

impl Workflows for MemoryWorkflows {
    async fn start(&self, tenant: &TenantId, id: &OrderId, attempt: u32) -> Result<(), StoreError> {
        let start = Started { tenant: tenant.clone(), id: id.clone(), attempt };
        let work = || {
            let started = &mut locked(&self.books).started;
            let is_new = started.iter().all(|earlier| earlier.name() != start.name());
            if is_new || self.faults.spares(Sabotage::Names) {
                started.push(start);
            }
            Ok(())
        };
        self.faults.store("workflows.start", work).await
    }

    async fn succeed(&self, token: &str) -> Result<(), StoreError> {
        let work = || {
            self.settle(token, Answer::Success);
            Ok(())
        };
        self.faults.store("workflows.succeed", work).await
    }

    async fn refuse(&self, token: &str) -> Result<(), StoreError> {
        let work = || {
            self.settle(token, Answer::Refused);
            Ok(())
        };
        self.faults.store("workflows.refuse", work).await
    }
}
