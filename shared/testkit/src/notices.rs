//! The queue of messages to customers.

use crate::faults::{Faults, locked};
use std::sync::{Arc, Mutex};
use waybill_domain::ports::{Notices, StoreError};
use waybill_domain::relay::NoticeMessage;

/// The queue of messages to customers.
#[derive(Clone, Debug, Default)]
pub struct MemoryNotices {
    queue: Arc<Mutex<Vec<NoticeMessage>>>,
    faults: Faults,
}

impl MemoryNotices {
    /// An empty queue.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty queue that fails when `faults` say so.
    #[must_use]
    pub fn failing(faults: Faults) -> Self {
        Self { queue: Arc::default(), faults }
    }

    /// What is queued, oldest first.
    #[must_use]
    pub fn queued(&self) -> Vec<NoticeMessage> {
        locked(&self.queue).clone()
    }

    /// Takes everything off the queue.
    #[must_use]
    pub fn take(&self) -> Vec<NoticeMessage> {
        std::mem::take(&mut *locked(&self.queue))
    }
}

impl Notices for MemoryNotices {
    async fn queue(&self, message: &NoticeMessage) -> Result<(), StoreError> {
        let work = || {
            locked(&self.queue).push(message.clone());
            Ok(())
        };
        self.faults.store("notices.queue", work).await
    }
}
