//! The queues the relay feeds.

use crate::faults::{Faults, copied, locked};
use std::sync::{Arc, Mutex};
use waybill_domain::ports::{Queues, StoreError};
use waybill_domain::relay::{NoticeMessage, RefundMessage};

#[derive(Clone, Debug, Default)]
struct Queued {
    notices: Vec<NoticeMessage>,
    refunds: Vec<RefundMessage>,
}

/// The queues of messages to customers and of refunds.
#[derive(Clone, Debug, Default)]
pub struct MemoryQueues {
    queued: Arc<Mutex<Queued>>,
    faults: Faults,
}

impl MemoryQueues {
    /// Empty queues.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Empty queues that fail when `faults` say so.
    #[must_use]
    pub fn failing(faults: Faults) -> Self {
        Self { queued: Arc::default(), faults }
    }

    pub(crate) fn copy(&self, faults: &Faults) -> Self {
        Self { queued: copied(&self.queued), faults: faults.clone() }
    }

    /// The messages to customers, oldest first.
    #[must_use]
    pub fn notices(&self) -> Vec<NoticeMessage> {
        locked(&self.queued).notices.clone()
    }

    /// The refunds, oldest first.
    #[must_use]
    pub fn refunds(&self) -> Vec<RefundMessage> {
        locked(&self.queued).refunds.clone()
    }

    /// Takes every message to customers off its queue.
    #[must_use]
    pub fn take_notices(&self) -> Vec<NoticeMessage> {
        std::mem::take(&mut locked(&self.queued).notices)
    }

    /// Takes every refund off its queue.
    #[must_use]
    pub fn take_refunds(&self) -> Vec<RefundMessage> {
        std::mem::take(&mut locked(&self.queued).refunds)
    }
}

impl Queues for MemoryQueues {
    async fn notice(&self, message: &NoticeMessage) -> Result<(), StoreError> {
        let work = || {
            locked(&self.queued).notices.push(message.clone());
            Ok(())
        };
        self.faults.store("queues.notice", work).await
    }

    async fn refund(&self, message: &RefundMessage) -> Result<(), StoreError> {
        let work = || {
            locked(&self.queued).refunds.push(message.clone());
            Ok(())
        };
        self.faults.store("queues.refund", work).await
    }
}
